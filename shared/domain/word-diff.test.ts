import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DiffPart, diffWords } from './word-diff.ts';

const marked = (parts: readonly DiffPart[]) =>
  parts.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text)).join('');
const shown = (left: string, right: string) => {
  const diff = diffWords(left, right);
  return [marked(diff.left), marked(diff.right)];
};

it('marks the words that only one of two texts has', () => {
  expect(shown('It came from AS64496, at 02:14.', 'It came from AS64511, after 02:14.')).toEqual([
    'It came from [AS64496], [at] 02:14.',
    'It came from [AS64511], [after] 02:14.',
  ]);
  expect(shown('one two', 'one new two')).toEqual(['one two', 'one [new ]two']);
  expect([shown('', ''), shown('', 'a'), shown('same', 'same')]).toEqual([
    ['', ''],
    ['', '[a]'],
    ['same', 'same'],
  ]);
});

it('loses nothing, and what is not marked is the same in both', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'été', ' ', '\n', '.', '😀', '\u202e'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, text, (left, right) => {
      const diff = diffWords(left, right);
      const all = (parts: readonly DiffPart[]) => parts.map((part) => part.text).join('');
      const kept = (parts: readonly DiffPart[]) => all(parts.filter((part) => !part.isChanged));
      expect([all(diff.left), all(diff.right)]).toEqual([left, right]);
      expect(kept(diff.left)).toBe(kept(diff.right));
    }),
  );
});

it('compares what is very long by line, and marks all of it where that is too much', () => {
  const lines = (count: number, word: string) =>
    Array.from({ length: count }, (_, index) => `${word} ${index} and so on\n`).join('');
  const long = `first\n${lines(900, 'old')}middle\n${lines(900, 'old')}`;
  const other = `first\n${lines(900, 'new')}middle\n${lines(900, 'new')}`;
  expect(diffWords(long, other).left.map(({ isChanged }) => isChanged)).toEqual([false, true, false, true]);
  const [left, right] = [lines(9_000, 'old'), lines(9_000, 'new')];
  expect(diffWords(left, right)).toEqual({
    left: [{ text: left, isChanged: true }],
    right: [{ text: right, isChanged: true }],
  });
});
