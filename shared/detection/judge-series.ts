import { createDetector } from './detector.ts';
import type { Band, Detector, SignalFacts } from './engine.ts';

/** What both lanes made of one sample of a series. */
export interface JudgedSample {
  readonly band: Band | null;
  readonly actionableScore: number;
  readonly informationalScore: number;
  /** The lane notifies here: a finding of it opens or escalates. */
  readonly isActionableRaised: boolean;
  readonly isInformationalRaised: boolean;
}

/** The facts of a series of which only its numbers are known. */
export function factsOfSeries(name: string, timesMs: readonly number[]): SignalFacts {
  return {
    id: name,
    customerId: '',
    serviceId: '',
    name,
    unit: '',
    stage: 'edge',
    layer: 'L7',
    measure: 'rate',
    stepMs: usualStepMs(timesMs),
  };
}

const stepsLookedAt = 1_000;
const minuteStepMs = 60_000;

/** The middle distance of the first samples, ms; a minute where there are none. */
export function usualStepMs(timesMs: readonly number[]): number {
  const steps = timesMs
    .slice(1, stepsLookedAt)
    .map((timeMs, index) => timeMs - (timesMs[index] ?? timeMs))
    .filter((step) => step > 0)
    .sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? minuteStepMs;
}

/** Judges one more sample of a series. */
export function judgeSample(detector: Detector, timeMs: number, value: number | null): JudgedSample {
  const { band, changes, actionableScore, informationalScore } = detector.step(timeMs, value);
  const isRaised = (lane: 'actionable' | 'informational') =>
    changes.some(
      ({ change, finding }) => (change === 'opened' || change === 'escalated') && finding.lane === lane,
    );
  return {
    band,
    actionableScore,
    informationalScore,
    isActionableRaised: isRaised('actionable'),
    isInformationalRaised: isRaised('informational'),
  };
}

/** Judges a whole series, sample by sample, as it would have come. Same length as what is given. */
export function judgeSeries(
  timesMs: readonly number[],
  values: readonly (number | null)[],
  name = 'series',
): readonly JudgedSample[] {
  const detector = createDetector(factsOfSeries(name, timesMs));
  return timesMs.map((timeMs, index) => judgeSample(detector, timeMs, values[index] ?? null));
}
