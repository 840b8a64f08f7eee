import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../domain/time.ts';
import { type BurnRateState, budgetOf, burnRateStart, isAvailability, judgeBurnRate } from './burn-rate.ts';
import type { SignalFacts } from './engine.ts';

const facts: SignalFacts = {
  id: 'availability',
  customerId: 'customer',
  serviceId: 'shop',
  name: 'Origin availability',
  unit: '%',
  stage: 'origin',
  layer: 'L7',
  measure: 'availability',
  stepMs: minuteMs,
};
const startMs = Date.UTC(2026, 2, 3);

/** Feeds `[duration, value]` parts a minute at a time. */
function feed(parts: readonly (readonly [number, number | null])[], from: BurnRateState = burnRateStart) {
  let state = from;
  let timeMs = from.lastMs ?? startMs;
  const changes: { change: string | null; lane: string | undefined; afterMs: number; sentence: string }[] =
    [];
  for (const [durationMs, value] of parts) {
    const beganMs = timeMs;
    for (let passedMs = 0; passedMs < durationMs; passedMs += minuteMs) {
      timeMs += minuteMs;
      const judged = judgeBurnRate(facts, state, { timeMs, value });
      state = judged.state;
      if (judged.finding !== null) {
        const { lane, sentence } = judged.finding;
        changes.push({ change: judged.findingChange, lane, afterMs: timeMs - beganMs, sentence });
      }
    }
  }
  return { state, changes };
}

describe('the error budget', () => {
  it('is learned from what usually fails, within bounds', () => {
    expect(budgetOf(feed([[2 * dayMs, 99.9]]).state)).toBeCloseTo(0.003, 5);
    expect(budgetOf(feed([[2 * dayMs, 100]]).state)).toBe(1e-4);
    expect(budgetOf(feed([[2 * dayMs, 90]]).state)).toBe(1e-2);
  });

  it('burns fast: a tenth of all failing calls a person within the hour, and it ends when it ends', () => {
    const { changes } = feed([
      [4 * dayMs, 99.9],
      [hourMs, 90],
      [2 * hourMs, 99.95],
    ]);
    expect(changes.map(({ change, lane }) => [change, lane])).toEqual([
      ['opened', 'actionable'],
      ['closed', 'actionable'],
    ]);
    expect(changes[0]?.afterMs).toBeLessThanOrEqual(30 * minuteMs);
    expect(changes[0]?.sentence).toMatch(
      /^Origin availability burns its error budget \d+\.\dx as fast as it may/,
    );
    expect(changes[1]?.afterMs).toBeLessThanOrEqual(45 * minuteMs);
  });

  it('burns slowly for days: that is told and calls nobody', () => {
    const { changes } = feed([
      [15 * dayMs, 99.95],
      [3 * dayMs, 99.6],
    ]);
    expect(changes[0]).toMatchObject({ change: 'opened', lane: 'informational' });
    expect(changes.some(({ lane }) => lane === 'actionable')).toBe(false);
  });

  it('a few bad minutes are within it, and so is not knowing', () => {
    expect(
      feed([
        [4 * dayMs, 99.9],
        [2 * minuteMs, 50],
        [hourMs, 99.9],
        [6 * hourMs, null],
        [hourMs, 99.9],
      ]).changes,
    ).toEqual([]);
  });

  it('says nothing on its first day', () => {
    expect(feed([[20 * hourMs, 60]]).changes).toEqual([]);
  });

  it('what burns does not become usual, and the state stays small', () => {
    const calm = feed([[4 * dayMs, 99.9]]).state;
    const after = feed([[5 * dayMs, 80]], calm).state;
    expect(after.usualBad).toBeLessThan(calm.usualBad * 8);
    expect(JSON.stringify(after).length).toBeLessThan(16_000);
  });

  it('goes on from a stored state as if nothing had been', () => {
    const whole = feed([
      [4 * dayMs, 99.9],
      [hourMs, 90],
    ]);
    const half = feed([
      [4 * dayMs, 99.9],
      [10 * minuteMs, 90],
    ]);
    const rest = feed([[50 * minuteMs, 90]], JSON.parse(JSON.stringify(half.state)));
    expect(rest.state).toEqual(whole.state);
  });

  it('is only for shares of good answers', () => {
    expect(isAvailability(facts)).toBe(true);
    expect(isAvailability({ ...facts, measure: 'reachability' })).toBe(false);
    expect(isAvailability({ ...facts, unit: 'requests/s' })).toBe(false);
  });
});
