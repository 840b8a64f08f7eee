import { describe, expect, it } from 'vitest';
import { minuteMs } from '../domain/time.ts';
import { type DeviationFacts, deviationSentence, formatHalfHour } from './sentence.ts';

const facts: DeviationFacts = {
  name: 'HTTP requests',
  unit: 'requests/s',
  multiplicative: true,
  observed: 8_100,
  expected: 570,
  low: 540,
  high: 620,
  timeMs: Date.UTC(2026, 2, 3, 2, 14),
  lastedMs: 3 * minuteMs,
  baselineState: 'seasonal',
};

describe('deviationSentence', () => {
  it.each([
    [
      {},
      'HTTP requests 14.2x above the usual Tuesday 02:00, 8.1 k requests/s where 540 to 620 is usual, for 3 min.',
    ],
    [
      { observed: 95 },
      'HTTP requests 83% below the usual Tuesday 02:00, 95 requests/s where 540 to 620 is usual, for 3 min.',
    ],
    [
      { observed: 800, baselineState: 'warm' },
      'HTTP requests 40% above the usual 02:00, 800 requests/s where 540 to 620 is usual, for 3 min.',
    ],
    [
      { expected: 0, low: 0, high: 0.4, lastedMs: 0 },
      'HTTP requests far above the usual Tuesday 02:00, 8.1 k requests/s where 0 to 0.4 is usual.',
    ],
    [
      {
        name: 'Reachability',
        unit: '%',
        multiplicative: false,
        observed: 29.4,
        expected: 99.9,
        low: 99.1,
        high: 100,
        baselineState: 'learning',
      },
      'Reachability 71 points below the last hours (still learning), 29.4% where 99.1% to 100% is usual, for 3 min.',
    ],
    [
      { unit: 'bit/s', observed: 1.21e9, expected: 2e8, low: 1.5e8, high: 2.6e8 },
      'HTTP requests 6.0x above the usual Tuesday 02:00, 1.21 Gbit/s where 150 Mbit/s to 260 Mbit/s is usual, for 3 min.',
    ],
  ] satisfies [Partial<DeviationFacts>, string][])('%j', (change, sentence) => {
    expect(deviationSentence({ ...facts, ...change })).toBe(sentence);
  });
});

describe('formatHalfHour', () => {
  it('names weekday and half hour in UTC, before 1970 too', () => {
    expect([
      formatHalfHour(Date.UTC(2026, 2, 3, 2, 14)),
      formatHalfHour(Date.UTC(2026, 2, 8, 23, 59)),
      formatHalfHour(Date.UTC(1969, 11, 31, 0, 31)),
    ]).toEqual(['Tuesday 02:00', 'Sunday 23:30', 'Wednesday 00:30']);
  });
});
