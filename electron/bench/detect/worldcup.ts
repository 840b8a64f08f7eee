import { readFileSync } from 'node:fs';
import { dayMs, minuteMs } from '../../../shared/domain/time.ts';
import { uniform } from '../../../shared/testing/random.ts';
import { parseCsvSeries } from '../../csv-series.ts';

/** Requests a minute of real web traffic, as means of bins, in time order. */
export interface Traffic {
  readonly binMs: number;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** What a detector did at one sample; the two lanes apart. */
export interface LaneVerdict {
  readonly isActionableRaised: boolean;
  /** An event is actionable here for the first time, as opposed to one that got worse or came back within hours. */
  readonly isActionableOpened: boolean;
}

/** A detector as this measurement needs it. */
export interface MeasuredDetector {
  step(timeMs: number, value: number): LaneVerdict;
  serialize(): unknown;
}

export interface DetectorFactory {
  create(stepMs: number): MeasuredDetector;
  restore(stepMs: number, state: unknown): MeasuredDetector;
}

/** What is put into the traffic and for how long. */
export const faults = {
  outage: { change: () => 0, durationMs: 15 * minuteMs },
  fall70: { change: (value: number) => value * 0.3, durationMs: 30 * minuteMs },
  times10: { change: (value: number) => value * 10, durationMs: 10 * minuteMs },
  times3: { change: (value: number) => value * 3, durationMs: 30 * minuteMs },
  plus50: { change: (value: number) => value * 1.5, durationMs: 60 * minuteMs },
} as const;
export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];

const learningDays = 7;

/** Reads the fixture's `timestamp,requests_per_minute` lines (UTC) into means of `binMs`. */
export function readTraffic(path: string, binMs: number): Traffic {
  const { timesMs: minutesMs, values: counts } = parseCsvSeries(readFileSync(path, 'utf8'));
  const timesMs: number[] = [];
  const values: number[] = [];
  const each = binMs / minuteMs;
  for (let index = 0; index + each <= counts.length; index += each) {
    let sum = 0;
    for (let offset = 0; offset < each; offset += 1) sum += counts[index + offset] ?? 0;
    timesMs.push(minutesMs[index] ?? 0);
    values.push(sum / each);
  }
  return { binMs, timesMs, values };
}

/** How the faults were found, and what was raised with none put in. */
export interface TrafficMeasure {
  readonly caughtPercent: Readonly<Record<FaultName, number>>;
  /** Samples from the fault's first to the one that raises, of those caught: 1 is the first. */
  readonly medianDelaySamples: Readonly<Record<FaultName, number>>;
  /** Actionable notifications a day on the series as it is: real surges count as false. */
  readonly falseRaisedPerDay: number;
  /** Of these, incidents that began. */
  readonly falseIncidentsPerDay: number;
  /** When. */
  readonly falseTimesMs: readonly number[];
}

function medianOf(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/**
 * Runs a detector over the traffic as it is, then again with each fault at `injections` moments drawn at any hour
 * after the first week, one fault a run. A fault is caught when the actionable lane notifies while it lasts.
 */
export function measureTraffic(
  traffic: Traffic,
  factory: DetectorFactory,
  injections: number,
  seed: number,
): TrafficMeasure {
  const { timesMs, values, binMs } = traffic;
  const firstMs = (timesMs[0] ?? 0) + learningDays * dayMs;
  const first = timesMs.findIndex((timeMs) => timeMs >= firstMs);
  const longest = Math.max(...faultNames.map((name) => faults[name].durationMs)) / binMs;
  const momentsOf = (fault: number) =>
    Array.from({ length: injections }, (_, draw) =>
      Math.floor(first + uniform(seed, fault, draw) * (timesMs.length - first - longest)),
    );
  const moments = faultNames.map((_name, fault) => momentsOf(fault));
  const wanted = new Set(moments.flat());
  const states = new Map<number, unknown>();
  const detector = factory.create(binMs);
  const falseTimesMs: number[] = [];
  let incidents = 0;
  for (let index = 0; index < timesMs.length; index += 1) {
    if (wanted.has(index)) states.set(index, detector.serialize());
    const verdict = detector.step(timesMs[index] ?? 0, values[index] ?? 0);
    if (index < first || !verdict.isActionableRaised) continue;
    falseTimesMs.push(timesMs[index] ?? 0);
    if (verdict.isActionableOpened) incidents += 1;
  }
  const days = (timesMs.length - first) / (dayMs / binMs);
  const caughtPercent = {} as Record<FaultName, number>;
  const medianDelaySamples = {} as Record<FaultName, number>;
  for (const [at, name] of faultNames.entries()) {
    const { change, durationMs } = faults[name];
    const delays: number[] = [];
    for (const moment of moments[at] ?? []) {
      const resumed = factory.restore(binMs, states.get(moment));
      for (let offset = 0; offset < durationMs / binMs; offset += 1) {
        const index = moment + offset;
        const verdict = resumed.step(timesMs[index] ?? 0, change(values[index] ?? 0));
        if (!verdict.isActionableRaised) continue;
        delays.push(offset + 1);
        break;
      }
    }
    caughtPercent[name] = (delays.length / injections) * 100;
    medianDelaySamples[name] = medianOf(delays);
  }
  return {
    caughtPercent,
    medianDelaySamples,
    falseRaisedPerDay: falseTimesMs.length / days,
    falseIncidentsPerDay: incidents / days,
    falseTimesMs,
  };
}
