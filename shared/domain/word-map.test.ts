import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWordMap, type WordMap, withMeaning, wordMapProblem, wordMapRows } from './word-map.ts';

const map: WordMap = {
  wordLabel: 'Severity at the source',
  meaningLabel: 'Severity here',
  meanings: ['low', 'medium', 'high'].map((value) => ({ value, label: value })),
  defaults: [
    { words: ['error', 'p2'], meaning: 'high' },
    { words: ['warn'], meaning: 'medium' },
  ],
  otherwise: 'medium',
  isOpen: true,
};

describe('a mapping of words', () => {
  it('is its defaults, and over them what a person set', () => {
    expect(Object.fromEntries(readWordMap(map, '# ours\nGold = HIGH\n p2=low \na = b = medium'))).toEqual({
      error: 'high',
      p2: 'low',
      warn: 'medium',
      gold: 'high',
      'a = b': 'medium',
    });
  });

  it('says which line is not understood', () => {
    expect(wordMapProblem(map, 'gold = high\n\n# gone')).toBeNull();
    const problem = 'line 2: write word = one of low, medium, high.';
    for (const wrong of ['gold', 'gold = dear', '= high', ' = ']) {
      expect(wordMapProblem(map, `x = low\n${wrong}`)).toBe(problem);
    }
  });

  it('is a table: what nothing names, what a person named, defaults, changed ones apart', () => {
    expect(wordMapRows(map, 'gold = high\np2 = low', ['Platinum ', 'GOLD', 'warn', 'platinum', ''])).toEqual([
      { words: ['platinum'], meaning: 'medium', kind: 'unmapped', before: null },
      { words: ['gold'], meaning: 'high', kind: 'own', before: null },
      { words: ['error'], meaning: 'high', kind: 'default', before: null },
      { words: ['p2'], meaning: 'low', kind: 'changed', before: 'high' },
      { words: ['warn'], meaning: 'medium', kind: 'default', before: null },
    ]);
  });

  it('holds only what differs from the defaults', () => {
    const changed = withMeaning(map, 'gold = high', ['error', 'p2'], 'low');
    expect(changed).toBe('gold = high\nerror = low\np2 = low');
    expect(withMeaning(map, changed, ['error', 'P2'], 'high')).toBe('gold = high');
    expect(withMeaning(map, changed, ['gold', 'p2'], null)).toBe('error = low');
  });

  it('keeps whatever word it is given, and takes it back', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(word, fc.constantFrom('low', 'medium', 'high'), (name, meaning) => {
        const text = withMeaning(map, 'gold = low', [name], meaning);
        expect(wordMapProblem(map, text)).toBeNull();
        const [row] = wordMapRows(map, text, [name]).filter((each) => each.kind === 'unmapped');
        expect(row).toBeUndefined();
        expect(withMeaning(map, text, [name, 'gold'], null)).toBe('');
      }),
    );
  });
});
