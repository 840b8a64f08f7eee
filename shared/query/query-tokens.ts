import type { QueryProblem } from './query-node.ts';

/** A sign or term of a query, with where it stands. */
export type Token =
  | { readonly kind: 'open' | 'close' | 'or' | 'and' | 'not'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'term';
      readonly from: number;
      readonly to: number;
      readonly field: { readonly name: string; readonly operator: string } | null;
      readonly values: readonly Value[];
    };

/** A value as it was typed, without its quotes. */
export interface Value {
  readonly text: string;
  readonly quoted: boolean;
  readonly from: number;
  readonly to: number;
}

const isSpace = (character: string | undefined) => character !== undefined && /\s/u.test(character);

const fieldPattern = /([A-Za-z][A-Za-z-]*)(:?(?:>=|<=|=|>|<)|:)/y;

function readValue(text: string, start: number, inList: boolean, problems: QueryProblem[]): Value {
  if (text[start] === '"') {
    let value = '';
    let at = start + 1;
    while (at < text.length && text[at] !== '"') {
      const next = text[at + 1];
      if (text[at] === '\\' && (next === '"' || next === '\\')) {
        value += next;
        at += 2;
      } else {
        value += text[at];
        at += 1;
      }
    }
    if (at >= text.length) {
      problems.push({
        position: start,
        length: text.length - start,
        message: 'This quote has no end; everything after it is taken as one text.',
      });
      return { text: value, quoted: true, from: start, to: text.length };
    }
    return { text: value, quoted: true, from: start, to: at + 1 };
  }
  let at = start;
  while (at < text.length && !isSpace(text[at]) && text[at] !== ')' && !(inList && text[at] === ',')) at += 1;
  return { text: text.slice(start, at), quoted: false, from: start, to: at };
}

/** Cuts a query into signs and terms. Never throws: what cannot be read goes to `problems`. */
export function tokenize(text: string, problems: QueryProblem[]): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text[at])) {
      at += 1;
      continue;
    }
    const from = at;
    const character = text[at];
    if (character === '(' || character === ')') {
      at += 1;
      tokens.push({ kind: character === '(' ? 'open' : 'close', from, to: at });
      continue;
    }
    const next = text[at + 1];
    if (character === '-' && next !== undefined && !isSpace(next)) {
      at += 1;
      tokens.push({ kind: 'not', from, to: at });
      continue;
    }
    fieldPattern.lastIndex = at;
    const field = fieldPattern.exec(text);
    // `http://…` is something to look for, not a field called http.
    if (field !== null && !text.startsWith('//', fieldPattern.lastIndex)) {
      const values: Value[] = [];
      let end = fieldPattern.lastIndex;
      for (;;) {
        const value = readValue(text, end, true, problems);
        if (value.to > value.from) values.push(value);
        end = value.to;
        if (text[end] !== ',') break;
        end += 1;
      }
      tokens.push({
        kind: 'term',
        from,
        to: end,
        field: { name: (field[1] ?? '').toLowerCase(), operator: field[2] ?? ':' },
        values,
      });
      at = end;
      continue;
    }
    const value = readValue(text, at, false, problems);
    at = Math.max(value.to, at + 1);
    if (!value.quoted && (value.text === 'OR' || value.text === 'AND' || value.text === 'NOT')) {
      tokens.push({ kind: value.text === 'OR' ? 'or' : value.text === 'AND' ? 'and' : 'not', from, to: at });
    } else {
      tokens.push({ kind: 'term', from, to: at, field: null, values: [value] });
    }
  }
  return tokens;
}
