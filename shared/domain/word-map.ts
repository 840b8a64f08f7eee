import { z } from 'zod';

/** How words of a source are read: what each means without a change, and what a person may choose. */
export const wordMapSchema = z.object({
  /** What the words are, e.g. `Severity at the source`, and what they become, e.g. `Severity here`. */
  wordLabel: z.string(),
  meaningLabel: z.string(),
  meanings: z.array(z.object({ value: z.string(), label: z.string() })).min(1),
  /** Words in lower case, none of them twice. */
  defaults: z.array(z.object({ words: z.array(z.string()).min(1), meaning: z.string() })),
  /** What a word means that nothing names. */
  otherwise: z.string(),
  /** Whether there can be words beyond the defaults. */
  isOpen: z.boolean(),
});
export type WordMap = z.infer<typeof wordMapSchema>;

const mostWordCharacters = 200;

/** Words are the same when they differ only in case or in white space. */
export function normalWord(word: string): string {
  return word.replaceAll(/\s+/g, ' ').trim().toLowerCase().slice(0, mostWordCharacters);
}

type Line = { readonly word: string; readonly meaning: string } | { readonly problem: string };

/** Every line that says something, by its number from 1: `word = meaning`; one that begins with # is a remark. */
function linesOf(map: WordMap, text: string): Map<number, Line> {
  const lines = new Map<number, Line>();
  for (const [index, line] of text.split('\n').entries()) {
    const at = line.lastIndexOf('=');
    const word = normalWord(line.slice(0, Math.max(0, at)));
    const meaning = line
      .slice(at + 1)
      .trim()
      .toLowerCase();
    if (at > 0 && word !== '' && map.meanings.some(({ value }) => value === meaning)) {
      lines.set(index + 1, { word, meaning });
    } else if (line.trim() !== '' && !line.trim().startsWith('#')) {
      const known = map.meanings.map(({ value }) => value).join(', ');
      lines.set(index + 1, { problem: `line ${index + 1}: write word = one of ${known}.` });
    }
  }
  return lines;
}

/** What a person set beside the defaults, by word; the last line counts. */
function ownMeanings(map: WordMap, text: string): Map<string, string> {
  const own = new Map<string, string>();
  for (const line of linesOf(map, text).values()) {
    if ('word' in line) own.set(line.word, line.meaning);
  }
  return own;
}

/** The first line that is not understood, in words; null when all are. */
export function wordMapProblem(map: WordMap, text: string): string | null {
  for (const line of linesOf(map, text).values()) if ('problem' in line) return line.problem;
  return null;
}

/** What each word means: the defaults, and over them what a person set. */
export function readWordMap(map: WordMap, text: string): ReadonlyMap<string, string> {
  const defaults = map.defaults.flatMap(({ words, meaning }) =>
    words.map((word) => [word, meaning] as const),
  );
  return new Map([...defaults, ...ownMeanings(map, text)]);
}

/** The setting's text after some words were given a meaning; null gives them back the one that they have by default. */
export function withMeaning(
  map: WordMap,
  text: string,
  words: readonly string[],
  meaning: string | null,
): string {
  const own = ownMeanings(map, text);
  const defaults = readWordMap(map, '');
  for (const word of words.map(normalWord)) {
    if (meaning === null || defaults.get(word) === meaning) own.delete(word);
    else if (word !== '') own.set(word, meaning);
  }
  return [...own].map(([word, of]) => `${word} = ${of}`).join('\n');
}

/** Words that mean the same, for a reader. */
export interface WordMapRow {
  readonly words: readonly string[];
  readonly meaning: string;
  /** `changed`: a default that a person changed from `before`; `own`: named by a person alone; `unmapped`: named by nothing. */
  readonly kind: 'default' | 'changed' | 'own' | 'unmapped';
  readonly before: string | null;
}

/**
 * The mapping as a table: first words that came and that nothing names, then those that a person named, then the
 * defaults, a changed word in a row of its own.
 * @param unmapped words that came
 */
export function wordMapRows(map: WordMap, text: string, unmapped: readonly string[]): WordMapRow[] {
  const own = ownMeanings(map, text);
  const defaults = readWordMap(map, '');
  const loose = [...new Set(unmapped.map(normalWord))].filter(
    (word) => word !== '' && !own.has(word) && !defaults.has(word),
  );
  const rows: WordMapRow[] = loose.map((word) => ({
    words: [word],
    meaning: map.otherwise,
    kind: 'unmapped',
    before: null,
  }));
  for (const [word, meaning] of own) {
    if (!defaults.has(word)) rows.push({ words: [word], meaning, kind: 'own', before: null });
  }
  for (const { words, meaning } of map.defaults) {
    const kept = words.filter((word) => !own.has(word));
    if (kept.length > 0) rows.push({ words: kept, meaning, kind: 'default', before: null });
    for (const word of words) {
      const changed = own.get(word);
      if (changed !== undefined)
        rows.push({ words: [word], meaning: changed, kind: 'changed', before: meaning });
    }
  }
  return rows;
}
