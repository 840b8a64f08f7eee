import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostParts, type SplitBy, type SplitOccurrence, splitParts } from './alert-split.ts';

const minuteMs = 60_000;
const at = (id: number, minute: number, ...values: readonly string[]): SplitOccurrence => ({
  id,
  occurredMs: minute * minuteMs,
  entities: values.map((value) => ({ kind: 'ip', value, role: 'source' })),
});
const byAddress: SplitBy = { kind: 'entity', entity: 'ip', role: 'source' };
const shown = (occurrences: readonly SplitOccurrence[], by: SplitBy) =>
  splitParts(occurrences, by).map(({ label, occurrences: own }) => [label, own.map(({ id }) => id)]);

describe('splitting', () => {
  it('cuts where nothing came for longer than a gap', () => {
    expect(shown([at(3, 8), at(1, 0), at(2, 3), at(4, 30)], { kind: 'gap', gapMs: 5 * minuteMs })).toEqual([
      ['the first of it', [1, 2, 3]],
      ['after a silence of 22 min', [4]],
    ]);
  });

  it('makes a part for each address, the most first, and one for what has none', () => {
    expect(
      shown([at(1, 0, 'b'), at(2, 1, 'a'), at(3, 2), at(4, 3, 'b'), at(5, 4, 'b', 'a')], byAddress),
    ).toEqual([
      ['from b', [1, 4]],
      ['without a source address', [3]],
      ['from a', [2]],
      ['from a, b', [5]],
    ]);
  });

  it('puts the rarest of very many together', () => {
    const many = Array.from({ length: 150 }, (_, index) => at(index, index * 10, `10.0.0.${index}`));
    const parts = splitParts([at(999, 0, '10.0.0.0'), ...many], byAddress);
    expect(parts).toHaveLength(mostParts);
    expect(parts[0]?.label).toBe('from 10.0.0.0');
    expect([parts.at(-1)?.label, parts.at(-1)?.occurrences.length]).toEqual(['from 51 others', 51]);
    const runs = splitParts(many, { kind: 'gap', gapMs: minuteMs });
    expect([runs.length, runs.at(-1)?.label]).toEqual([mostParts, 'all after the first 99 parts']);
  });

  it('gives every occurrence to exactly one part, the same in any order', () => {
    const occurrences = fc.array(
      fc.record({
        minute: fc.nat({ max: 300 }),
        values: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
      }),
      { maxLength: 200, size: 'max' },
    );
    const by = fc.constantFrom<SplitBy>(
      byAddress,
      { kind: 'gap', gapMs: minuteMs },
      { kind: 'gap', gapMs: 7 * minuteMs },
    );
    let several = 0;
    fc.assert(
      fc.property(
        occurrences.chain((made) => {
          const all = made.map(({ minute, values }, index) => at(index, minute, ...values));
          return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), by);
        }),
        ([all, shuffled, how]) => {
          const parts = splitParts(all, how);
          expect(splitParts(shuffled, how)).toEqual(parts);
          if (parts.length > 1) several += 1;
          expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length);
          const ids = parts.flatMap((part) => part.occurrences.map(({ id }) => id));
          expect(ids.sort((left, right) => left - right)).toEqual(all.map(({ id }) => id));
        },
      ),
    );
    expect(several).toBeGreaterThan(10);
  });
});
