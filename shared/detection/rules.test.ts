import { describe, expect, it } from 'vitest';
import { dayMs, minuteMs, secondMs } from '../domain/time.ts';
import type { SignalFacts } from './engine.ts';
import {
  certificateRuleStart,
  judgeCertificate,
  judgeProbe,
  judgeSilence,
  type ProbeRuleState,
  probeRuleStart,
  silenceLimitMs,
} from './rules.ts';

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
    let state: ProbeRuleState = probeRuleStart;
    return values.flatMap((value, index) => {
      const judged = judgeProbe(of, state, { timeMs: startMs + index * of.stepMs, value });
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

describe('name resolution', () => {
  const probe: SignalFacts = {
    ...facts,
    stage: 'client',
    measure: 'resolution',
    unit: '%',
    name: 'Name resolution',
  };

  it('opens when three look-ups in a row find nothing, and closes when it is found again', () => {
    let state: ProbeRuleState = probeRuleStart;
    const told = [100, 0, 0, 0, 0, 100, 100, 100].flatMap((value, index) => {
      const judged = judgeProbe(probe, state, { timeMs: startMs + index * 15 * secondMs, value });
      state = judged.state;
      return judged.finding === null ? [] : [{ index, finding: judged.finding }];
    });
    expect(told).toMatchObject([
      {
        index: 3,
        finding: {
          kind: 'name-resolution',
          lane: 'actionable',
          startMs: startMs + 15 * secondMs,
          sentence: 'The name is not found: Name resolution at 0% since 02:00:15.',
        },
      },
      {
        index: 7,
        finding: { state: 'closed', sentence: 'The name was not found for 1 min 30 s and is found again.' },
      },
    ]);
  });
});

describe('certificate', () => {
  const served: SignalFacts = {
    ...facts,
    stage: 'edge',
    measure: 'certificate',
    unit: 'd',
    name: 'Certificate of shop.example',
  };
  /** Values half a day apart. */
  function told(days: readonly (number | null)[]) {
    let state = certificateRuleStart;
    return days.flatMap((value, index) => {
      const judged = judgeCertificate(served, state, { timeMs: startMs + (index * dayMs) / 2, value });
      state = judged.state;
      return judged.finding === null
        ? []
        : [
            {
              value,
              change: judged.findingChange,
              lane: judged.finding.lane,
              sentence: judged.finding.sentence,
            },
          ];
    });
  }
  const falling = (from: number, to: number) =>
    Array.from({ length: Math.round((from - to) * 2) + 1 }, (_, index) => from - index / 2);

  it('is late with two weeks left, urgent with three days, told once a day, and good again when renewed', () => {
    expect(told(falling(89.7, 14.2))).toEqual([]);
    const late = told([...falling(14.7, 12.7), 89.9]);
    expect(late.map(({ change, lane }) => `${change} ${lane}`)).toEqual([
      'opened informational',
      'updated informational',
      'closed informational',
    ]);
    expect(late[0]?.sentence).toBe('Certificate of shop.example: it expires in 13 days.');
    expect(late.at(-1)?.sentence).toBe('Certificate of shop.example: renewed, it expires in 89 days.');
    const urgent = told(falling(4.7, -0.8));
    expect(urgent.find(({ change }) => change === 'escalated')).toMatchObject({
      value: 2.7,
      lane: 'actionable',
    });
    expect(urgent.at(-1)?.sentence).toBe('Certificate of shop.example: it has expired.');
  });

  it('knows that short-lived certificates are renewed late by habit', () => {
    const habit = [...falling(6, 3), ...falling(6, 3), ...falling(6, 3), ...falling(6, 3)];
    // Until the first renewal nothing is known of the habit.
    const [first, ...later] = told(habit);
    expect(first).toMatchObject({ change: 'opened', lane: 'informational' });
    expect(later.filter(({ change }) => change === 'opened')).toEqual([]);
    const overdue = told([...habit, ...falling(6, 0.5)]).filter(({ change }) => change !== 'updated');
    expect(overdue.at(-1)).toMatchObject({ value: 0.5, change: 'escalated', lane: 'actionable' });
  });

  it('takes a gap for a gap', () => {
    expect(told([null, Number.NaN, 20, null, 19])).toEqual([]);
  });
});
