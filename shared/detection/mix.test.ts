import { describe, expect, test } from 'vitest';
import type { BreakdownSummary } from '../domain/incident.ts';
import { entitiesOf, isOrdinaryMix, mixOf } from './mix.ts';
import { vectorWords } from './vector.ts';

function clients(counts: Readonly<Record<string, number>>, usualTotal: number | null): BreakdownSummary {
  const rows = Object.entries(counts).map(([value, count]) => ({
    value,
    count,
    usual: null,
    mitigated: null,
  }));
  return {
    dimension: 'source.ip',
    total: rows.reduce((sum, row) => sum + row.count, 0),
    usualTotal,
    rows,
    sourceName: 'edge',
  };
}

const ordinary = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`198.51.100.${index + 1}`, 40]),
);

describe('a source whose past is not known yet', () => {
  test('one client beyond all that is usual is named, the ordinary ones are not', () => {
    const mix = mixOf([clients({ ...ordinary, '203.0.113.9': 4_500 }, 480)]);
    expect(entitiesOf(mix, ['source.ip'])).toEqual([{ kind: 'ip', value: '203.0.113.9', role: 'source' }]);
    expect(vectorWords(mix)).toBe('89% of the excess comes from 203.0.113.9');
    expect(isOrdinaryMix(mix)).toBe(false);
  });

  test('many clients, each within what is usual of all, are nothing known rather than a crowd', () => {
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`192.0.2.${index + 1}`, 50]));
    const mix = mixOf([clients({ ...ordinary, ...many }, 480)]);
    expect(entitiesOf(mix, ['source.ip'])).toEqual([]);
    expect(vectorWords(mix)).toBe(null);
    expect(isOrdinaryMix(mix)).toBe(null);
  });

  test('without a usual total nothing is said', () => {
    const mix = mixOf([clients({ ...ordinary, '203.0.113.9': 4_500 }, null)]);
    expect({ entities: entitiesOf(mix, ['source.ip']), ordinary: isOrdinaryMix(mix) }).toEqual({
      entities: [],
      ordinary: null,
    });
  });
});
