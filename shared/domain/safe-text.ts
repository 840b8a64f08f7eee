/**
 * Text that comes from outside (alert titles, user agents, paths, notes of others) made harmless to look at: nothing
 * in it can hide, reorder its surroundings, move a cursor or fill the screen. What was hidden becomes visible as the
 * escapes that engineers know, `\x1b`, `\u202e`, `\u{e0041}`. Markup is not touched here: a page shows text as text.
 */

/** A stretch of a text from outside: as it is, or characters that are shown as their escapes. */
export interface SafeSegment {
  readonly kind: 'text' | 'escape';
  readonly text: string;
}

/**
 * Controls (NUL, escape sequences), lone surrogates, private use (any glyph could be theirs), line and paragraph
 * separators, everything that Unicode calls ignorable by default (bidi controls, zero-width and filler characters,
 * soft hyphens, tags, variation selectors), annotation marks, non-characters, the blank Braille pattern, and
 * combining marks beyond four on one character, which would paint over the neighbouring rows.
 */
const hidden =
  /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u{fff9}-\u{fffb}\u{2800}]|\p{M}(?<=\p{M}{5})/gu;

/**
 * Zero-width joiners and variation selectors are part of ordinary Persian, Hindi and emoji: they stay where they
 * stand between (or after) characters beyond Latin 1's controls, and nowhere else.
 */
function belongs(text: string, index: number, codePoint: number): boolean {
  const before = index > 0 ? text.charCodeAt(index - 1) : 0;
  if (codePoint >= 0xfe00 && codePoint <= 0xfe0f) {
    return isVisibleNonAscii(before);
  }
  if (codePoint === 0x200c || codePoint === 0x200d) {
    return isVisibleNonAscii(before) && isVisibleNonAscii(text.charCodeAt(index + 1));
  }
  return false;
}

/** @param unit a UTF-16 unit, NaN beyond the end; U+2000 to U+206F holds the invisible and the bidi controls */
function isVisibleNonAscii(unit: number): boolean {
  return unit > 0xa0 && !(unit >= 0x2000 && unit <= 0x206f);
}

/** The visible escape of a character: `\x00`, `\u202e`, `\u{e0001}`. */
function escapeOf(codePoint: number): string {
  if (codePoint === 0x0a) return '\\n';
  if (codePoint === 0x0d) return '\\r';
  if (codePoint === 0x09) return '\\t';
  if (codePoint <= 0xff) return `\\x${codePoint.toString(16).padStart(2, '0')}`;
  if (codePoint <= 0xffff) return `\\u${codePoint.toString(16).padStart(4, '0')}`;
  return `\\u{${codePoint.toString(16)}}`;
}

/**
 * Splits a text from outside into what can be shown as it is and what is shown as visible escapes. Neighbours of one
 * kind are one segment. With `keep`, tabs and line feeds stay and a carriage return before a line feed goes; with
 * `escape` they are shown, for one-line places.
 */
export function toSafeSegments(text: string, lines: 'keep' | 'escape' = 'keep'): readonly SafeSegment[] {
  const plain = lines === 'keep' ? text.replaceAll('\r\n', '\n') : text;
  const segments: { kind: SafeSegment['kind']; text: string }[] = [];
  const push = (kind: SafeSegment['kind'], piece: string) => {
    const last = segments.at(-1);
    if (piece === '') return;
    if (last?.kind === kind) last.text += piece;
    else segments.push({ kind, text: piece });
  };
  let from = 0;
  for (const match of plain.matchAll(hidden)) {
    const codePoint = match[0].codePointAt(0) ?? 0;
    const isKeptLine = lines === 'keep' && (codePoint === 0x0a || codePoint === 0x09);
    if (isKeptLine || belongs(plain, match.index, codePoint)) continue;
    push('text', plain.slice(from, match.index));
    push('escape', escapeOf(codePoint));
    from = match.index + match[0].length;
  }
  push('text', plain.slice(from));
  return segments;
}

function joined(segments: readonly SafeSegment[]): string {
  return segments.map((segment) => segment.text).join('');
}

/** The same as one string, for notes and records: tabs and line feeds stay. */
export function toSafeText(text: string): string {
  return joined(toSafeSegments(text, 'keep'));
}

/** The same on one line, for titles, file names, accessible names: line feeds and tabs become visible escapes, too. */
export function toSafeLine(text: string): string {
  return joined(toSafeSegments(text, 'escape'));
}

/**
 * Cuts a text to so many signs without splitting one (a surrogate pair stays whole).
 * @returns the cut text, and how many signs (UTF-16 units) were left out
 */
export function cutText(text: string, most: number): { readonly text: string; readonly leftOut: number } {
  if (text.length <= most) return { text, leftOut: 0 };
  const last = text.charCodeAt(most - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? most - 1 : most;
  return { text: text.slice(0, end), leftOut: text.length - end };
}

/**
 * A text of any length as a harmless string of a bounded one, for reports and logs: where it was cut, it says by how
 * much. Work is bounded by `most` whatever the text's own length.
 */
export function toSafeExcerpt(text: string, most: number, lines: 'keep' | 'escape' = 'escape'): string {
  const cut = cutText(text, most);
  const shown = joined(toSafeSegments(cut.text, lines));
  return cut.leftOut === 0 ? shown : `${shown} … (${groupDigits(cut.leftOut)} more characters)`;
}

/** `1048576` as `1,048,576`, the same on every machine. */
function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
