/**
 * Text that comes from outside (alert titles, user agents, paths, notes of others) made harmless to look at: nothing
 * in it can hide, reorder its surroundings, move a cursor or fill the screen. What was hidden becomes visible as the
 * escapes that engineers know, `\x1b`, `\u202e`, `\u{e0041}`. Markup is not touched here: a page shows text as text.
 */

/** A piece of what is shown: the text itself, or an escape that stands for a character that cannot be shown. */
export interface SafeSegment {
  readonly kind: 'text' | 'escape';
  readonly text: string;
}

export interface SafeTextOptions {
  /** How much of the text is looked at and shown, UTF-16 units. */
  readonly maxLength?: number;
  /** `keep` leaves line breaks and tabs as they are; `escape` (the default) shows them, for one-line places. */
  readonly lines?: 'keep' | 'escape';
}

export interface SafeParts {
  readonly segments: readonly SafeSegment[];
  /** How much was left out at the end, UTF-16 units. */
  readonly cutLength: number;
}

/** What fits a row, a title, a cell. */
export const defaultSafeLength = 2_000;

/**
 * Controls (NUL, escape sequences), lone surrogates, private use (any glyph could be theirs), line and paragraph
 * separators, everything that Unicode calls ignorable by default (bidi controls, zero-width and filler characters,
 * soft hyphens, tags, variation selectors), annotation marks, non-characters, the blank Braille pattern, and
 * combining marks beyond four on one character, which would paint over the neighbouring rows.
 */
const hidden =
  /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u{fff9}-\u{fffb}\u{2800}]|\p{M}(?<=\p{M}{5})/gu;

const firstNonAscii = 0x80;

/**
 * Zero-width joiners and variation selectors are part of ordinary Persian, Hindi and emoji: they stay where they
 * stand between (or after) characters beyond ASCII, and nowhere else.
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
  return unit > firstNonAscii + 0x20 && !(unit >= 0x2000 && unit <= 0x206f);
}

function escapeOf(codePoint: number): string {
  if (codePoint === 0x0a) return '\\n';
  if (codePoint === 0x0d) return '\\r';
  if (codePoint === 0x09) return '\\t';
  if (codePoint <= 0xff) return `\\x${codePoint.toString(16).padStart(2, '0')}`;
  if (codePoint <= 0xffff) return `\\u${codePoint.toString(16).padStart(4, '0')}`;
  return `\\u{${codePoint.toString(16)}}`;
}

/** Cuts at a length without breaking a surrogate pair. */
function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength);
}

/**
 * Takes a text from outside apart into what can be shown as it is and escapes for what cannot. Adjoining segments of
 * one kind are one. Work is bounded by `maxLength` whatever the text's own length.
 */
export function safeParts(text: string, options: SafeTextOptions = {}): SafeParts {
  const kept = cutText(text, options.maxLength ?? defaultSafeLength);
  const shown = options.lines === 'keep' ? kept.replaceAll('\r\n', '\n') : kept;
  const segments: { kind: SafeSegment['kind']; text: string }[] = [];
  const push = (kind: SafeSegment['kind'], piece: string) => {
    const last = segments.at(-1);
    if (last?.kind === kind) {
      last.text += piece;
    } else if (piece !== '') {
      segments.push({ kind, text: piece });
    }
  };
  let from = 0;
  for (const match of shown.matchAll(hidden)) {
    const character = match[0];
    const codePoint = character.codePointAt(0) ?? 0;
    const isKeptLine = options.lines === 'keep' && (codePoint === 0x0a || codePoint === 0x09);
    if (isKeptLine || belongs(shown, match.index, codePoint)) continue;
    push('text', shown.slice(from, match.index));
    push('escape', escapeOf(codePoint));
    from = match.index + character.length;
  }
  push('text', shown.slice(from));
  return { segments, cutLength: text.length - kept.length };
}

/**
 * A text from outside as one harmless string, for places without a style for escapes: logs, reports, accessible
 * names, window titles. Where it was cut, it says by how much.
 */
export function safeText(text: string, options: SafeTextOptions = {}): string {
  const { segments, cutLength } = safeParts(text, options);
  const shown = segments.map((segment) => segment.text).join('');
  return cutLength === 0 ? shown : `${shown} … (${groupDigits(cutLength)} more characters)`;
}

/** `1048576` as `1,048,576`, the same on every machine. */
function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
