import { expect, test } from 'vitest';
import { median, missedGoals, rounded } from './bench.ts';

test('median takes the middle, or the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7]), median([])]).toEqual([2, 2.5, 7, Number.NaN]);
});

test('missedGoals names figures beyond their goal, missing ones and those that are no number', () => {
  expect(
    missedGoals({
      figures: { fastMs: 10, slowMs: 90, rate: 5, broken: Number.NaN },
      goals: {
        fastMs: { max: 10 },
        slowMs: { max: 50 },
        rate: { min: 6 },
        broken: { max: 1 },
        absent: { min: 0 },
      },
    }),
  ).toEqual(['slowMs', 'rate', 'broken', 'absent']);
});

test('rounded keeps four digits', () => {
  expect(rounded({ a: 12_345.678, b: 0.123_456, c: 3 })).toEqual({ a: 12_346, b: 0.1235, c: 3 });
});
