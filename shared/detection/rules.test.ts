import { describe, expect, it } from 'vitest';
import { minuteMs, secondMs } from '../domain/time.ts';
import type { SignalFacts } from './engine.ts';
import { judgeOrigin, judgeSilence, type OriginRuleState, originRuleStart, silenceLimitMs } from './rules.ts';

const startMs = Date.UTC(2026, 2, 3, 2);
const facts: SignalFacts = {
  id: 'signal-1',
  customerId: 'customer-1',
  serviceId: 'service-1',
  name: 'Origin answers',
  unit: 'ratio',
  stage: 'origin',
  layer: 'L7',
  measure: 'availability',
  stepMs: 15 * secondMs,
};

describe('source silent', () => {
  const seen = (silentMs: number, lastSampleMs: number | null = startMs) => ({
    sourceName: 'prom-eu',
    lastSampleMs,
    nowMs: startMs + silentMs,
  });

  it('waits for several missed steps, at least a minute', () => {
    expect([silenceLimitMs(secondMs), silenceLimitMs(5 * minuteMs)]).toEqual([minuteMs, 25 * minuteMs]);
    expect(judgeSilence(facts, seen(75 * secondMs), null).finding).toBeNull();
    expect(judgeSilence(facts, seen(10 * minuteMs, null), null).finding).toBeNull();
  });

  it('opens once, in words, and closes when the source sends again', () => {
    const opened = judgeSilence(facts, seen(4 * minuteMs), null);
    expect(opened).toMatchObject({
      findingChange: 'opened',
      finding: {
        kind: 'source-silent',
        lane: 'actionable',
        state: 'open',
        startMs: startMs + 15 * secondMs,
        sentence:
          'prom-eu has sent nothing since 02:00:00 (4 min), usually every 15 s: what it watches is not known meanwhile.',
      },
    });
    expect(judgeSilence(facts, seen(5 * minuteMs), opened.finding).finding).toBeNull();
    const back = {
      sourceName: 'prom-eu',
      lastSampleMs: startMs + 6 * minuteMs,
      nowMs: startMs + 6 * minuteMs,
    };
    expect(judgeSilence(facts, back, opened.finding)).toMatchObject({
      findingChange: 'closed',
      finding: {
        id: opened.finding?.id,
        state: 'closed',
        endMs: startMs + 6 * minuteMs,
        sentence: 'prom-eu was silent for 5 min 45 s and sends again.',
      },
    });
  });
});

describe('origin unreachable', () => {
  function run(values: readonly (number | null)[], of: SignalFacts = facts) {
    let state: OriginRuleState = originRuleStart;
    return values.flatMap((value, index) => {
      const judged = judgeOrigin(of, state, { timeMs: startMs + index * of.stepMs, value });
      state = judged.state;
      return judged.finding === null
        ? []
        : [{ at: index, change: judged.findingChange, finding: judged.finding }];
    });
  }

  it('opens at the third dead answer from the very first samples, closes at the third live one', () => {
    const changes = run([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(changes.map(({ at, change }) => [at, change])).toEqual([
      [2, 'opened'],
      [6, 'closed'],
    ]);
    expect(changes[0]?.finding.sentence).toBe(
      'The origin answers nothing: Origin answers at 0% since 02:00:00.',
    );
    expect(changes[1]?.finding.sentence).toBe(
      'The origin answered nothing for 1 min 30 s and answers again.',
    );
  });

  it('is not raised by a hiccup, a gap, or a probe that only half fails', () => {
    expect(run([1, 0, 0, 1, 0, null, Number.NaN, 1, 0.5, 0.5, 0.5, 0.5])).toEqual([]);
  });

  it('needs a few seconds, however fast the samples come', () => {
    const fast = { ...facts, stepMs: secondMs };
    expect(run([0, 0, 0, 0, 0, 0, 0], fast).map(({ at }) => at)).toEqual([5]);
  });

  it('judges probes of the origin alone', () => {
    expect(run([0, 0, 0, 0], { ...facts, stage: 'edge' })).toEqual([]);
    expect(run([0, 0, 0, 0], { ...facts, measure: 'rate' })).toEqual([]);
  });
});
