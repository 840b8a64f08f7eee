import { expect, test } from 'vitest';
import { integrateExcess, joinIntervals } from './impact.ts';

const window = {
  signalId: 'si',
  stepMs: 1_000,
  rolledUp: false,
  timesMs: [1_000, 2_000, 3_000, 6_000, 7_000],
  values: [10, 30, null, 50, 10],
  expected: [10, 10, 10, 10, 10],
  low: [8, 8, 8, 8, 8],
  high: [12, 12, 12, 12, 12],
  gaps: [{ fromMs: 2_000, toMs: 5_000 }],
  findings: [],
};

test('integrateExcess takes each sample for the time before it, without gaps', () => {
  expect(integrateExcess(window, [{ fromMs: 0, toMs: 7_000 }])).toEqual({
    // 1 s at +20, then 1 s (5 s to 6 s, after the gap) at +40.
    sum: 1_000 * 20 + 1_000 * 40,
    coveredMs: 4_000,
    missingMs: 3_000,
  });
});

test('integrateExcess takes only the part of a sample that lies within an interval', () => {
  expect(integrateExcess(window, [{ fromMs: 1_500, toMs: 2_000 }])).toEqual({
    sum: 500 * 20,
    coveredMs: 500,
    missingMs: 0,
  });
});

test('joinIntervals joins what overlaps or touches and drops what is empty', () => {
  expect(
    joinIntervals([
      { fromMs: 5, toMs: 9 },
      { fromMs: 1, toMs: 3 },
      { fromMs: 3, toMs: 4 },
      { fromMs: 8, toMs: 8 },
    ]),
  ).toEqual([
    { fromMs: 1, toMs: 4 },
    { fromMs: 5, toMs: 9 },
  ]);
});
