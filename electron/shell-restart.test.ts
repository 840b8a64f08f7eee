import { expect, it } from 'vitest';
import { crashDelayMs, noCrashes, recordCrash } from './shell-restart.ts';

function delaysOfCrashesAt(timesMs: readonly number[]): readonly (number | null)[] {
  let history = noCrashes;
  return timesMs.map((timeMs) => {
    history = recordCrash(history, timeMs);
    return crashDelayMs(history);
  });
}

it('waits longer after each crash and gives up after the sixth in a row', () => {
  expect(delaysOfCrashesAt([0, 1_000, 2_000, 4_000, 6_000, 10_000])).toEqual([
    200,
    400,
    800,
    1_600,
    3_200,
    null,
  ]);
});

it('starts afresh when the core had been well for a minute', () => {
  expect(delaysOfCrashesAt([0, 1_000, 61_000, 121_001])).toEqual([200, 400, 200, 200]);
});
