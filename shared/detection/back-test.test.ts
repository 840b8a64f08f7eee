import { describe, expect, test } from 'vitest';
import type { Finding } from '../domain/signal.ts';
import { dayMs, hourMs, minuteMs } from '../domain/time.ts';
import { makeSeries } from '../testing/series.ts';
import { compareFindings, findingsOf, outcomeOf, replaySignal, shippedChoices } from './back-test.ts';
import type { SignalFacts } from './engine.ts';

const fromMs = Date.UTC(2026, 2, 18);
const facts: SignalFacts = {
  id: 'requests',
  customerId: 'customer',
  serviceId: 'shop',
  name: 'HTTP requests',
  unit: 'requests/s',
  stage: 'edge',
  layer: 'L7',
  measure: 'rate',
  stepMs: 5 * minuteMs,
};

const finding = (startMs: number, change: Partial<Finding> = {}): Finding => ({
  id: `requests@${startMs}`,
  signalId: 'requests',
  customerId: 'customer',
  serviceId: 'shop',
  stage: 'edge',
  kind: 'deviation',
  direction: 'up',
  lane: 'actionable',
  state: 'closed',
  startMs,
  peakMs: startMs,
  endMs: startMs + 5 * minuteMs,
  observed: 10,
  expected: 1,
  low: 0,
  high: 2,
  surprise: 8,
  historyMs: dayMs,
  sentence: 'It rose.',
  ...change,
});

/** Sixteen days of an ordinary course; on the last one requests are six times as many for half an hour. */
function replay(choices: Parameters<typeof replaySignal>[1]) {
  const surgeMs = fromMs + 14 * hourMs;
  const replayed = replaySignal(facts, choices, fromMs);
  for (const { timeMs, value } of makeSeries({
    seed: 4,
    fromMs: fromMs - 15 * dayMs,
    toMs: fromMs + dayMs,
    stepMs: 5 * minuteMs,
    level: 600,
    swing: 0.5,
    noise: 0.04,
  })) {
    const isSurge = timeMs >= surgeMs && timeMs < surgeMs + hourMs / 2;
    replayed.step(timeMs, value === null ? null : value * (isSurge ? 6 : 1));
  }
  return { surgeMs, changes: replayed.changes };
}

describe('a replay', () => {
  test('raises what the engine raises live, from the start of the range on, as findings and as an incident', () => {
    const { surgeMs, changes } = replay(shippedChoices);
    const outcome = outcomeOf(changes, { fromMs, toMs: fromMs + dayMs });
    const actionable = findingsOf(changes).filter(({ lane }) => lane === 'actionable');
    expect(actionable).toHaveLength(1);
    expect(Math.abs((actionable[0]?.startMs ?? 0) - surgeMs)).toBeLessThanOrEqual(10 * minuteMs);
    expect(outcome.findings.actionable).toBe(1);
    expect(outcome.days.map(({ dayMs: day, actionable: count }) => [day, count])).toEqual([[fromMs, 1]]);
    expect(outcome.incidents.actionable + outcome.incidents.informational).toBeGreaterThan(0);
  });

  test('leaves out what opened before the range', () => {
    const { surgeMs } = replay(shippedChoices);
    const late = replaySignal(facts, shippedChoices, surgeMs + 10 * hourMs);
    for (const { timeMs, value } of makeSeries({
      seed: 4,
      fromMs: fromMs - 15 * dayMs,
      toMs: surgeMs + 9 * hourMs,
      stepMs: 5 * minuteMs,
      level: 600,
      swing: 0.5,
      noise: 0.04,
    })) {
      late.step(timeMs, value);
    }
    expect(late.changes).toEqual([]);
  });

  test('a setting that asks for more raises no more', () => {
    const shipped = findingsOf(replay(shippedChoices).changes).length;
    const strict = findingsOf(
      replay({ ...shippedChoices, probability: 1e-6, noveltyThreshold: 20 }).changes,
    ).length;
    expect(strict).toBeLessThanOrEqual(shipped);
  });
});

describe('two settings side by side', () => {
  const at = Date.UTC(2026, 2, 18, 12);

  test('findings of one moment are a pair, whatever opened first', () => {
    const a = finding(at);
    const b = finding(at + 3 * minuteMs);
    expect(compareFindings([a], [b])).toEqual([{ signalId: 'requests', startMs: at, a, b }]);
  });

  test('each is paired once, with the nearest; the rest stand alone, newest first', () => {
    const a = finding(at);
    const near = finding(at + minuteMs);
    const far = finding(at + 8 * minuteMs);
    const later = finding(at + hourMs);
    expect(compareFindings([a, later], [far, near])).toEqual([
      { signalId: 'requests', startMs: at + hourMs, a: later, b: null },
      { signalId: 'requests', startMs: at + 8 * minuteMs, a: null, b: far },
      { signalId: 'requests', startMs: at, a, b: near },
    ]);
  });

  test.each([
    ['another signal', { signalId: 'latency' }],
    ['the other direction', { direction: 'down' as const }],
    ['the other lane', { lane: 'informational' as const }],
    ['an hour later', { startMs: at + hourMs, endMs: at + 2 * hourMs }],
  ])('no pair: %s', (_, change) => {
    const moments = compareFindings([finding(at)], [finding(at, change)]);
    expect(moments.map(({ a, b }) => [a !== null, b !== null]).sort()).toEqual([
      [false, true],
      [true, false],
    ]);
  });

  test('an open finding overlaps whatever comes after it', () => {
    const open = finding(at, { state: 'open', endMs: null });
    expect(compareFindings([open], [finding(at + 5 * hourMs)])).toHaveLength(1);
  });
});
