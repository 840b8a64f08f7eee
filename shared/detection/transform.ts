import type { SignalFacts } from './engine.ts';

/** How a signal's values become the numbers in which deviations are judged, and back. */
export interface Transform {
  /** From the signal's unit. Logarithmic for what multiplies (rates, times), linear for shares. */
  readonly forward: (value: number) => number;
  readonly inverse: (transformed: number) => number;
  /** Smallest typical deviation believed, in transformed units: below it a series counts as constant. */
  readonly scaleFloor: number;
  /** Deviations below this are never worth a finding, in transformed units. */
  readonly leastEffect: number;
  /** Deviations below this never need a person. */
  readonly materialEffect: number;
  /** What the unit allows. */
  readonly lowest: number;
  readonly highest: number;
  /** Standard deviation that counting alone gives to the mean over `durationMs`, in the signal's unit. */
  readonly countingSpread: (value: number, durationMs: number) => number;
  /** True where ratios ("14x") say it best; false for shares, where points do. */
  readonly multiplicative: boolean;
}

const countedMeasures = new Set(['rate', 'errors', 'packets', 'connections', 'mitigated']);

function rateSeconds(unit: string): number | null {
  if (unit.endsWith('/s')) return 1;
  if (unit.endsWith('/min')) return 60;
  if (unit.endsWith('/h')) return 3600;
  return null;
}

function noSpread(): number {
  return 0;
}

/** The spread of independent arrivals (Poisson) for what is counted, else that of rounding. */
function spreadOfCounts(
  facts: Pick<SignalFacts, 'measure' | 'unit'>,
  grain: number | null,
): Transform['countingSpread'] {
  const perSeconds = rateSeconds(facts.unit);
  if (countedMeasures.has(facts.measure) && perSeconds !== null) {
    return (value, durationMs) => {
      // The variance of a rate over n intervals is value / n.
      const intervals = Math.max(durationMs / 1000 / perSeconds, 1e-9);
      return Math.sqrt(Math.max(value, 1 / intervals) / intervals);
    };
  }
  if (grain === null) return noSpread;
  return isTally(facts) ? (value) => Math.sqrt(grain * Math.max(value, grain)) : () => grain / 2;
}

/** A typical value this many times the reference is judged by ratio; far below the reference, by difference. */
const typicalOverReference = 20;

/**
 * The reference of a signal whose first values have this mean size: 1, or less for signals that live below 20 (a
 * small service's requests, a crash rate), so that ratios count for them too.
 * @param typical mean of the values' sizes, in the signal's unit
 * @param grain smallest step between two of its values, null where they never differed: one more of what is counted
 *   singly is no ratio
 */
export function referenceFor(
  facts: Pick<SignalFacts, 'unit' | 'measure'>,
  typical: number,
  grain: number | null,
): number {
  const factor = unitFactor(facts.unit);
  const scaled = typical * factor;
  const least = grain === null || !isTally(facts) ? 0 : grain * factor;
  return scaled > 0 && scaled < typicalOverReference
    ? Math.min(1, Math.max(scaled / typicalOverReference, least))
    : 1;
}

/** Counts that are not rates: open sessions, entries in a queue, events an hour without a unit. */
function isTally({ measure, unit }: Pick<SignalFacts, 'unit' | 'measure'>): boolean {
  return rateSeconds(unit) === null && (countedMeasures.has(measure) || measure === 'saturation');
}

/** Beyond this a number only says that it is enormous; sums and squares of logarithms stay finite. */
const largest = 1e300;
const largestLog = 690;

/** Seconds are counted in milliseconds, so that 1 is small beside them. */
function unitFactor(unit: string): number {
  return unit === 's' ? 1000 : 1;
}

/**
 * Chooses the transform for a signal from its measure and unit. Shares (`%`, `ratio`, reachability, availability)
 * stay linear since they sit near their limit; everything else is judged on log(1 + value / reference).
 */
export function transformFor(
  facts: Pick<SignalFacts, 'measure' | 'unit'>,
  reference: number,
  grain: number | null = null,
): Transform {
  const { measure, unit } = facts;
  const isPercent = unit === '%';
  const isShare = isPercent || unit === 'ratio' || measure === 'reachability' || measure === 'availability';
  if (isShare) {
    const point = isPercent ? 1 : 0.01;
    const bounded = measure !== 'other' && measure !== 'saturation';
    return {
      forward: (value) => Math.max(-largest, Math.min(value / point, largest)),
      inverse: (transformed) => transformed * point,
      scaleFloor: 0.25,
      leastEffect: 1,
      materialEffect: 2.5,
      lowest: 0,
      highest: bounded || isPercent || unit === 'ratio' ? 100 * point : Number.POSITIVE_INFINITY,
      countingSpread: noSpread,
      multiplicative: false,
    };
  }
  const factor = unitFactor(unit) / reference;
  return {
    forward: (value) => Math.sign(value) * Math.log1p(Math.min(Math.abs(value) * factor, largest)),
    inverse: (transformed) =>
      Math.sign(transformed) *
      Math.min(Math.expm1(Math.min(Math.abs(transformed), largestLog)) / factor, largest),
    scaleFloor: 0.015,
    leastEffect: Math.log(1.2),
    materialEffect: Math.log(1.35),
    lowest: measure === 'other' ? Number.NEGATIVE_INFINITY : 0,
    highest: Number.POSITIVE_INFINITY,
    countingSpread: spreadOfCounts(facts, grain),
    multiplicative: true,
  };
}
