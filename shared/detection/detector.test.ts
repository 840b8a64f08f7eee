import { describe, expect, it } from 'vitest';
import type { Finding, Measure } from '../domain/signal.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../domain/time.ts';
import { uniform } from '../testing/random.ts';
import { makeSeries, type Point, type SeriesShape, valueOfShape } from '../testing/series.ts';
import { createDetector, restoreDetector } from './detector.ts';
import type { Detector, Judgement, SignalFacts } from './engine.ts';
import { eventIdOf } from './finding-track.ts';

/** A Tuesday. */
const startMs = Date.UTC(2026, 2, 3);
const fiveMinutesMs = 5 * minuteMs;

function factsOf(measure: Measure, unit: string): SignalFacts {
  return {
    id: 'signal-1',
    customerId: 'customer-1',
    serviceId: 'service-1',
    name: 'HTTP requests',
    unit,
    stage: 'edge',
    layer: 'L7',
    measure,
    stepMs: fiveMinutesMs,
  };
}

const rate = factsOf('rate', 'requests/s');

const ordinary: SeriesShape = {
  seed: 5,
  fromMs: startMs,
  toMs: startMs + 14 * dayMs,
  stepMs: fiveMinutesMs,
  level: 600,
  swing: 0.6,
  noise: 0.05,
};

function feed(detector: Detector, points: readonly Point[]): readonly Judgement[] {
  return points.map(({ timeMs, value }) => detector.step(timeMs, value));
}

function changesOf(judgements: readonly Judgement[]) {
  return judgements.flatMap(({ changes }) => changes.filter(({ finding }) => finding.kind === 'deviation'));
}

function opened(judgements: readonly Judgement[]): readonly Finding[] {
  return changesOf(judgements).flatMap(({ change, finding }) => (change === 'opened' ? [finding] : []));
}

/** A detector that has seen two weeks of the ordinary series, and what comes after. */
function trained(facts: SignalFacts = rate, shape: SeriesShape = ordinary) {
  const detector = createDetector({ ...facts });
  feed(detector, makeSeries(shape));
  return {
    detector,
    goOn: (count: number, stepMs: number, change: (value: number, index: number) => number | null) =>
      feed(
        detector,
        Array.from({ length: count }, (_, index) => {
          const timeMs = shape.toMs + (index + 1) * stepMs;
          return { timeMs, value: change(valueOfShape(shape, timeMs), index) };
        }),
      ),
  };
}

describe('a detector that learns', () => {
  it('expects nothing at first, then learns, warms up and knows the season', () => {
    const detector = createDetector(rate);
    const states = makeSeries({ ...ordinary, toMs: startMs + 8 * dayMs }).map(({ timeMs, value }) => {
      const { band } = detector.step(timeMs, value);
      return { state: detector.baselineState, hasBand: band !== null };
    });
    expect(states[5]).toEqual({ state: 'learning', hasBand: false });
    expect(states[40]).toEqual({ state: 'learning', hasBand: true });
    expect(states[2 * 288]).toEqual({ state: 'warm', hasBand: true });
    expect(states.at(-1)).toEqual({ state: 'seasonal', hasBand: true });
    expect(detector.historyMs).toBe(8 * dayMs + fiveMinutesMs);
  });

  it('finds nothing in two ordinary weeks', () => {
    for (const seed of [1, 2, 3, 4]) {
      expect(changesOf(feed(createDetector(rate), makeSeries({ ...ordinary, seed })))).toEqual([]);
    }
  });

  it('raises nothing actionable while it learns', () => {
    const detector = createDetector(rate);
    const points = makeSeries({ ...ordinary, toMs: startMs + 10 * hourMs }).map((point, index) => ({
      ...point,
      value: index > 100 ? (point.value ?? 0) * 20 : point.value,
    }));
    const findings = opened(feed(detector, points));
    expect(findings.map(({ lane }) => lane)).toEqual(['informational']);
    expect(findings[0]?.sentence).toContain('still learning');
  });
});

describe('what is out of the ordinary', () => {
  it.each([
    ['an outage', () => 0, 'down', 1],
    ['a fall by 70%', (value: number) => value * 0.3, 'down', 2],
    ['ten times', (value: number) => value * 10, 'up', 1],
    ['three times', (value: number) => value * 3, 'up', 1],
    ['half as much again', (value: number) => value * 1.5, 'up', 3],
  ] as const)('%s at five minutes is found', (_name, change, direction, withinSamples) => {
    const { goOn } = trained();
    const changes = changesOf(goOn(6, fiveMinutesMs, change).slice(0, withinSamples));
    expect(new Set(changes.map(({ finding }) => finding.id)).size).toBe(1);
    expect(changes.at(-1)?.finding).toMatchObject({
      direction,
      lane: 'actionable',
      state: 'open',
      kind: 'deviation',
    });
  });

  /** Four times as rough: what one bin says there proves little. */
  const rough = { ...ordinary, noise: 0.2 };

  it.each([
    ['four times for five minutes', [4], 'quiet'],
    ['three times for half an hour', [3, 3, 3, 3, 3, 3], 'called'],
    ['ten times for ten minutes', [10, 10], 'called'],
    ['an outage of five minutes', [0], 'called'],
  ] as const)('in rough traffic %s leaves a person %s', (_name, script, outcome) => {
    const { goOn } = trained(rate, rough);
    const changes = changesOf(
      goOn(script.length + 3, fiveMinutesMs, (value, index) => value * (script[index] ?? 1)),
    );
    expect(changes.some(({ finding }) => finding.lane === 'actionable')).toBe(outcome === 'called');
  });

  it.each([
    ['a lost minute', 1, false],
    ['two minutes without anything', 2, true],
  ] as const)('at one minute %s', (_name, minutes, isCalled) => {
    const minutely = { ...ordinary, stepMs: minuteMs, noise: 0.1, toMs: startMs + 8 * dayMs };
    const { goOn } = trained({ ...rate, stepMs: minuteMs }, minutely);
    const changes = changesOf(goOn(6, minuteMs, (value, index) => (index < minutes ? value * 0.02 : value)));
    expect(changes.some(({ finding }) => finding.lane === 'actionable')).toBe(isCalled);
  });

  it('a flood that comes out of an outage is told as something of its own, at once', () => {
    const { goOn } = trained();
    const changes = changesOf(goOn(10, fiveMinutesMs, (value, index) => (index < 5 ? 0 : value * 10)));
    const told = changes.flatMap(({ change, finding }) =>
      change === 'opened'
        ? [[finding.direction, Math.round((finding.startMs - ordinary.toMs) / fiveMinutesMs)]]
        : [],
    );
    expect(told).toEqual([
      ['down', 1],
      ['up', 6],
    ]);
  });

  it.each([
    ['an outage', () => 0, 10],
    ['ten times', (value: number) => value * 10, 10],
    ['three times', (value: number) => value * 3, 15],
    ['half as much again', (value: number) => value * 1.5, 120],
  ] as const)('%s live is found within seconds', (_name, change, withinSeconds) => {
    const { goOn } = trained();
    expect(changesOf(goOn(600, secondMs, (value) => value))).toEqual([]);
    const { detector } = trained();
    const quietUntilMs = ordinary.toMs + 300 * secondMs;
    const judgements = feed(
      detector,
      Array.from({ length: 300 + withinSeconds }, (_, index) => {
        const timeMs = ordinary.toMs + (index + 1) * secondMs;
        const value = valueOfShape(ordinary, timeMs);
        return { timeMs, value: timeMs > quietUntilMs ? change(value) : value };
      }),
    );
    const [finding] = opened(judgements);
    expect(finding?.startMs).toBeGreaterThan(quietUntilMs - 2 * secondMs);
    expect(finding?.startMs).toBeLessThanOrEqual(quietUntilMs + 5 * secondMs);
  });

  it('one mad second is nothing', () => {
    const { goOn } = trained();
    expect(
      changesOf(goOn(900, secondMs, (value, index) => (index % 300 === 299 ? value * 100 : value))),
    ).toEqual([]);
  });

  it('is told in a sentence with numbers, the usual hour and how long', () => {
    const { goOn } = trained();
    const changes = changesOf(goOn(4, fiveMinutesMs, (value) => value * 14.2));
    expect(changes.at(-1)?.finding.sentence).toMatch(
      /^HTTP requests 1[2-6]\.\dx above the usual Tuesday 00:(00|30), \d+(\.\d+)? k requests\/s where \d+(\.\d)? to \d+(\.\d)? is usual, for \d+ min\.$/,
    );
  });

  it.each([
    ['an hour and a half later, as large: told again, a finding of the same event', 18, 8, ['opened'], 2],
    ['an hour and a half later, a lesser echo: a finding that calls nobody', 18, 1.9, ['opened'], 2],
    ['half a day later, as small: a new one', 144, 1.9, ['opened'], 2],
  ] as const)(
    'opens once, escalates when it is clearly worse, closes when it is calm; %s',
    (_name, calm, factor, again, findings) => {
      const { goOn } = trained();
      const script = [
        ...Array<number>(4).fill(3),
        ...Array<number>(4).fill(12),
        ...Array<number>(calm).fill(1),
        ...Array<number>(4).fill(factor),
      ];
      const changes = changesOf(
        goOn(script.length, fiveMinutesMs, (value, index) => value * (script[index] ?? 1)),
      );
      const told = changes.flatMap(({ change }) => (change === 'updated' ? [] : [change]));
      expect(told).toEqual(['opened', 'escalated', 'closed', ...again]);
      expect(changes.at(-1)?.finding.lane).toBe(calm === 18 && factor < 2 ? 'informational' : 'actionable');
      const closed = changes.find(({ change }) => change === 'closed')?.finding;
      expect(closed?.startMs).toBe(ordinary.toMs + fiveMinutesMs);
      expect((closed?.endMs ?? 0) - (closed?.startMs ?? 0)).toBe(8 * fiveMinutesMs - fiveMinutesMs);
      expect(new Set(changes.map(({ finding }) => finding.id)).size).toBe(findings);
      expect(new Set(changes.map(({ finding }) => eventIdOf(finding.id))).size).toBe(factor === 8 ? 1 : 2);
    },
  );

  it('is not learned: after a day of flood by the hour, an hour of flood is still a finding', () => {
    const { goOn } = trained();
    const judgements = goOn(288, fiveMinutesMs, (value, index) =>
      Math.floor(index / 12) % 4 === 3 ? value * 8 : value,
    );
    const told = changesOf(judgements).filter(({ change }) => change === 'opened' || change === 'escalated');
    expect(told.length).toBe(6);
  });

  it('that stays for more than a day is the new usual, and what comes back to it is no finding', () => {
    const { goOn } = trained();
    const changes = changesOf(goOn(3 * 288, fiveMinutesMs, (value) => value * 3));
    const told = changes.filter(({ change }) => change !== 'updated' && change !== 'escalated');
    expect(told.map(({ change }) => change)).toEqual(['opened', 'closed']);
    const closed = told[1]?.finding;
    expect((closed?.endMs ?? 0) - (closed?.startMs ?? 0)).toBeGreaterThan(dayMs - hourMs);
  });
});

describe('direction and measure', () => {
  it.each([
    ['latency', 'ms', 4, 'actionable'],
    ['latency', 'ms', 0.2, 'informational'],
    ['errors', 'errors/s', 6, 'actionable'],
    ['errors', 'errors/s', 0.1, 'informational'],
    ['mitigated', 'requests/s', 6, 'informational'],
    ['bits', 'bit/s', 6, 'actionable'],
    ['rate', 'requests/s', 0.6, 'informational'],
    ['rate', 'requests/s', 0.2, 'actionable'],
  ] as const)('%s (%s) times %d is %s', (measure, unit, factor, lane) => {
    const { goOn } = trained(factsOf(measure, unit));
    expect(opened(goOn(8, fiveMinutesMs, (value) => value * factor)).map((finding) => finding.lane)).toEqual([
      lane,
    ]);
  });

  it.each([
    ['reachability', '%', 100, 60],
    ['availability', 'ratio', 1, 0.9],
    ['reachability', '', 1, 0],
  ] as const)(
    '%s in "%s" is judged in points, its band never beyond what is possible',
    (measure, unit, full, fallen) => {
      const shape = { ...ordinary, level: full, swing: 0, noise: 0 };
      const { detector, goOn } = trained(factsOf(measure, unit), shape);
      expect(detector.bandAt(shape.toMs + fiveMinutesMs)?.high).toBe(full);
      const findings = opened(goOn(3, fiveMinutesMs, () => fallen));
      expect(findings).toMatchObject([
        { direction: 'down', lane: 'actionable', observed: fallen, expected: full },
      ]);
      expect(findings[0]?.sentence).toMatch(/points below/);
    },
  );

  it('seconds are judged like milliseconds', () => {
    const inSeconds = { ...ordinary, level: 0.2 };
    const { goOn } = trained(factsOf('latency', 's'), inSeconds);
    expect(opened(goOn(3, fiveMinutesMs, (value) => value * 3))).toMatchObject([
      { direction: 'up', lane: 'actionable' },
    ]);
  });
});

describe('odd series', () => {
  it.each([
    ['errors', '', 0.002],
    ['rate', 'jobs/min', 3],
    ['latency', 's', 0.0004],
    ['other', 'degrees', 0.5],
  ] as const)(
    'a series of %s that lives far below one ("%s", %d) is judged by ratio too',
    (measure, unit, level) => {
      const small = { ...ordinary, level };
      const { goOn } = trained(factsOf(measure, unit), small);
      expect(opened(goOn(6, fiveMinutesMs, (value) => value * 6))).toMatchObject([{ direction: 'up' }]);
      expect(changesOf(feed(createDetector(factsOf(measure, unit)), makeSeries(small)))).toEqual([]);
    },
  );

  it('all zeros stay quiet, and a few events do too; many are found', () => {
    const zeros = { ...ordinary, level: 0, swing: 0, noise: 0 };
    const { goOn } = trained(factsOf('errors', 'errors/s'), zeros);
    const judgements = goOn(40, fiveMinutesMs, (_value, index) =>
      index === 10 ? 2 / 300 : index >= 30 ? 4 : 0,
    );
    expect(opened(judgements)).toMatchObject([{ startMs: zeros.toMs + 31 * fiveMinutesMs, direction: 'up' }]);
  });

  it('a constant series is no excuse for tiny changes', () => {
    const flat = { ...ordinary, level: 500, swing: 0, noise: 0 };
    const { goOn } = trained(rate, flat);
    expect(
      changesOf(goOn(50, fiveMinutesMs, (value, index) => value * (index % 2 === 0 ? 1.05 : 0.95))),
    ).toEqual([]);
  });

  it('sparse counts are noise, not incidents', () => {
    const detector = createDetector(factsOf('rate', 'requests/min'));
    const points = makeSeries({ ...ordinary, level: 1, swing: 0, noise: 0 }).map(({ timeMs }) => ({
      timeMs,
      value: Math.floor(-Math.log(1 - uniform(9, timeMs / 1000)) * 2) / 5,
    }));
    expect(opened(feed(detector, points)).length).toBeLessThanOrEqual(1);
  });

  it('gaps, what is no number, late and repeated samples change nothing', () => {
    const clean = createDetector(rate);
    const dirty = createDetector(rate);
    const points = makeSeries({ ...ordinary, toMs: startMs + 3 * dayMs });
    feed(clean, points);
    for (const [index, { timeMs, value }] of points.entries()) {
      dirty.step(timeMs, value);
      if (index % 5 === 0) dirty.step(timeMs, 1e9);
      if (index % 7 === 0) dirty.step(timeMs - hourMs, 0);
      if (index % 11 === 0) dirty.step(timeMs + secondMs, Number.NaN);
      if (index % 13 === 0) dirty.step(timeMs + secondMs, null);
      if (index % 17 === 0) dirty.step(Number.NaN, 5);
    }
    expect(dirty.serialize()).toEqual(clean.serialize());
  });

  it('a silence of hours raises nothing when the series comes back as usual', () => {
    const { detector } = trained();
    const fromMs = ordinary.toMs + 9 * hourMs;
    const points = makeSeries({ ...ordinary, fromMs, toMs: fromMs + 6 * hourMs });
    expect(changesOf(feed(detector, points))).toEqual([]);
  });

  it('history at five minutes and live at seconds, one after the other, raise nothing', () => {
    for (const stepMs of [secondMs, 5 * secondMs, 15 * secondMs, minuteMs]) {
      const { goOn } = trained();
      expect(changesOf(goOn((6 * hourMs) / stepMs, stepMs, (value) => value))).toEqual([]);
    }
  });

  it('hourly samples alone are enough', () => {
    const hourly = { ...ordinary, stepMs: hourMs, toMs: startMs + 28 * dayMs };
    const { goOn } = trained({ ...rate, stepMs: hourMs }, hourly);
    expect(opened(goOn(2, hourMs, (value) => value * 6))).toMatchObject([
      { direction: 'up', lane: 'actionable' },
    ]);
  });
});

describe('the band', () => {
  it('is ordered, within the unit, smooth, and holds nearly all ordinary samples', () => {
    const { detector } = trained();
    const points = makeSeries({
      ...ordinary,
      fromMs: ordinary.toMs + fiveMinutesMs,
      toMs: ordinary.toMs + 3 * dayMs,
    });
    const judged = points.map(({ timeMs, value }) => ({
      value: value ?? 0,
      band: detector.step(timeMs, value).band,
    }));
    const outside = judged.filter(
      ({ value, band }) => band === null || value < band.low || value > band.high,
    );
    const disordered = judged.filter(
      ({ band }) =>
        band === null || !(0 <= band.low && band.low <= band.expected && band.expected <= band.high),
    );
    const jumps = judged.filter(({ band }, index) => {
      const before = judged[index - 1]?.band;
      return (
        before !== null &&
        before !== undefined &&
        band !== null &&
        Math.abs(band.expected / before.expected - 1) > 0.08
      );
    });
    expect(outside.length / judged.length).toBeLessThan(0.005);
    expect(disordered).toEqual([]);
    expect(jumps).toEqual([]);
  });

  it('looks ahead with the season', () => {
    const { detector } = trained();
    const noonMs = ordinary.toMs + 6 * hourMs;
    const band = detector.bandAt(noonMs);
    const truth = valueOfShape({ ...ordinary, noise: 0 }, noonMs);
    expect((band?.expected ?? 0) / truth).toBeGreaterThan(0.85);
    expect((band?.expected ?? 0) / truth).toBeLessThan(1.15);
  });

  it('asking for it changes nothing', () => {
    const asked = createDetector(rate);
    const unasked = createDetector(rate);
    for (const { timeMs, value } of makeSeries({ ...ordinary, toMs: startMs + 2 * dayMs })) {
      asked.bandAt(timeMs + hourMs);
      expect(asked.step(timeMs, value)).toEqual(unasked.step(timeMs, value));
    }
  });
});

describe('stopping and going on', () => {
  const script = (index: number) => (index % 700 > 660 ? 9 : index % 900 > 880 ? 0.05 : 1);
  const points = [
    ...makeSeries({ ...ordinary, toMs: startMs + 9 * dayMs }),
    ...makeSeries({
      ...ordinary,
      fromMs: startMs + 9 * dayMs + secondMs,
      toMs: startMs + 9 * dayMs + 40 * minuteMs,
      stepMs: secondMs,
    }),
  ].map((point, index) => ({ ...point, value: (point.value ?? 0) * script(index) }));
  const whole = feed(createDetector(rate), points);

  it.each([1, 2, 3])('gives the same judgements however it is cut (%d)', (seed) => {
    let detector = createDetector(rate);
    const judged = points.map(({ timeMs, value }, index) => {
      if (uniform(seed, index) < 0.01) {
        detector = restoreDetector(rate, JSON.parse(JSON.stringify(detector.serialize())));
      }
      return detector.step(timeMs, value);
    });
    expect(judged).toEqual(whole);
    expect(changesOf(whole).length).toBeGreaterThan(4);
  });

  it('keeps a state of some kilobytes', () => {
    const { detector } = trained();
    expect(JSON.stringify(detector.serialize()).length).toBeLessThan(24_000);
  });

  it('a state stands by itself: going on does not change it', () => {
    const { detector, goOn } = trained();
    const state = detector.serialize();
    const copy = structuredClone(state);
    goOn(20, fiveMinutesMs, (value) => value * 5);
    expect(state).toEqual(copy);
  });

  it('refuses a state that is not its own, in words', () => {
    expect(() => restoreDetector(rate, { version: 99 })).toThrow(
      'The stored baseline of HTTP requests cannot be read. It is learned anew from the stored samples.',
    );
  });
});
