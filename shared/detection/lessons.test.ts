import { describe, expect, it } from 'vitest';
import type { Finding } from '../domain/signal.ts';
import {
  firedBefore,
  isLike,
  lessonEffects,
  lessonFor,
  lessonLookBackMs,
  type Verdict,
  wouldHaveMoved,
} from './lessons.ts';

const judged: Finding = {
  id: 'rps@1000',
  signalId: 'rps',
  customerId: 'customer',
  serviceId: 'shop',
  stage: 'edge',
  kind: 'deviation',
  direction: 'up',
  lane: 'actionable',
  state: 'closed',
  startMs: 1_000,
  peakMs: 2_000,
  endMs: 3_000,
  observed: 300,
  expected: 100,
  low: 80,
  high: 120,
  surprise: 9,
  historyMs: 14 * 86_400_000,
  sentence: 'HTTP requests 3.0x above the usual.',
};
const later: Finding = { ...judged, id: 'rps@9000', startMs: 9_000 };
const verdict: Verdict = {
  alertId: 'al_1',
  disposition: 'false-positive',
  actor: 'Ada Okonkwo',
  timeMs: Date.UTC(2026, 2, 4, 5),
  findings: [judged],
};

describe('what is like something that was judged', () => {
  it.each([
    ['the same again', {}, true],
    ['a little further out', { observed: 440, surprise: 11.9 }, true],
    ['clearly further out', { observed: 460 }, false],
    ['far rarer', { surprise: 12.1 }, false],
    ['the other way', { direction: 'down', observed: 40 }, false],
    ['another signal', { signalId: 'latency' }, false],
    ['what a rule says', { kind: 'origin-unreachable' }, false],
    ['something only new', { kind: 'spread' }, false],
  ] as const)('%s', (_name, change, expected) => {
    expect(isLike({ ...later, ...change }, judged)).toBe(expected);
  });

  it('a fall is measured the other way round, to nothing too', () => {
    const fall: Finding = { ...judged, direction: 'down', observed: 40 };
    expect(isLike({ ...later, direction: 'down', observed: 30 }, fall)).toBe(true);
    expect(isLike({ ...later, direction: 'down', observed: 0 }, fall)).toBe(false);
  });
});

describe('a lesson', () => {
  it('says who judged what, and when', () => {
    expect(lessonFor(later, [verdict])).toEqual({
      alertId: 'al_1',
      sentence: 'like one that Ada Okonkwo judged a false positive on 2026-03-04',
    });
  });

  it('is the newest of several, and none where nothing is alike', () => {
    const newer: Verdict = {
      ...verdict,
      alertId: 'al_2',
      disposition: 'benign-positive',
      timeMs: verdict.timeMs + 1,
    };
    expect(lessonFor(later, [verdict, newer])?.alertId).toBe('al_2');
    expect(lessonFor({ ...later, observed: 900 }, [verdict])).toBeNull();
    expect(lessonFor(later, [])).toBeNull();
  });

  it('does not judge the finding that was judged by itself', () => {
    expect(lessonFor(judged, [verdict])).toBeNull();
  });
});

describe('the last thirty days', () => {
  const weak: Finding = { ...later, id: 'rps@5000', surprise: 4 };
  const strong: Finding = { ...later, id: 'rps@7000', surprise: 20, observed: 900 };
  it('would have fired where it was at least as improbable', () => {
    expect(firedBefore([judged, weak, strong], [later])).toEqual([judged, strong]);
  });
  it('would have been moved where it was alike', () => {
    expect(
      wouldHaveMoved([judged, weak, strong, { ...weak, id: 'x', lane: 'informational' }], [judged]),
    ).toEqual([weak]);
  });
});

describe('what came of verdicts', () => {
  const at = (id: string, startMs: number, change: Partial<Finding> = {}): Finding => ({
    ...judged,
    id,
    startMs,
    ...change,
  });
  const { timeMs } = verdict;

  it('counts what each covers, moved since, and would have moved before', () => {
    const own = { ...judged, startMs: timeMs - 60_000 };
    const effects = lessonEffects(
      [{ ...verdict, findings: [own, { ...own, id: 'burn', kind: 'burn-rate', signalId: 'slo' }] }],
      [
        own,
        at('long before', timeMs - lessonLookBackMs - 1),
        at('before', timeMs - 5_000_000),
        at('after', timeMs + 1_000),
        at('later', timeMs + 9_000),
        at('clearly worse', timeMs + 20_000, { observed: 900 }),
        at('the other way', timeMs + 30_000, { direction: 'down', observed: 30 }),
      ],
    );
    expect(effects).toEqual([
      {
        alertId: 'al_1',
        covers: [{ signalId: 'rps', direction: 'up' }],
        hidden: 2,
        lastHiddenMs: timeMs + 9_000,
        wouldHaveHidden: 1,
      },
    ]);
  });

  it('gives a finding to the newest verdict that there was when it began', () => {
    const second: Verdict = {
      ...verdict,
      alertId: 'al_2',
      timeMs: timeMs + 10_000,
      findings: [at('second', timeMs + 2_000)],
    };
    const effects = lessonEffects(
      [verdict, second],
      [at('second', timeMs + 2_000), at('third', timeMs + 20_000)],
    );
    // The second was itself moved by the first, and then judged too.
    expect(effects.map(({ alertId, hidden }) => [alertId, hidden])).toEqual([
      ['al_1', 1],
      ['al_2', 1],
    ]);
  });

  it('leaves out a verdict on what a rule says: it teaches nothing', () => {
    const rule: Verdict = { ...verdict, findings: [{ ...judged, kind: 'origin-unreachable' }] };
    expect(lessonEffects([rule], [later])).toEqual([]);
  });
});
