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
  /** Variance of the transformed value that counting alone gives, for the mean over `durationMs`. */
  readonly countingVariance: (value: number, durationMs: number) => number;
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

function noVariance(): number {
  return 0;
}

/** A typical value this many times the reference is judged by ratio; far below the reference, by difference. */
const typicalOverReference = 20;

/**
 * The reference of a signal whose first values have this mean size: 1, or less for signals that live below 20 (a
 * small service's requests, a crash rate), so that ratios count for them too.
 * @param typical mean of the values' sizes, in the signal's unit
 */
export function referenceFor(facts: Pick<SignalFacts, 'unit'>, typical: number): number {
  const scaled = typical * unitFactor(facts.unit);
  return scaled > 0 && scaled < typicalOverReference ? scaled / typicalOverReference : 1;
}

/** Seconds are counted in milliseconds, so that 1 is small beside them. */
function unitFactor(unit: string): number {
  return unit === 's' ? 1000 : 1;
}

/**
 * Chooses the transform for a signal from its measure and unit. Shares (`%`, `ratio`, reachability, availability)
 * stay linear since they sit near their limit; everything else is judged on log(1 + value / reference).
 */
export function transformFor(facts: Pick<SignalFacts, 'measure' | 'unit'>, reference: number): Transform {
  const { measure, unit } = facts;
  const isPercent = unit === '%';
  const isShare = isPercent || unit === 'ratio' || measure === 'reachability' || measure === 'availability';
  if (isShare) {
    const point = isPercent ? 1 : 0.01;
    const bounded = measure !== 'other' && measure !== 'saturation';
    return {
      forward: (value) => value / point,
      inverse: (transformed) => transformed * point,
      scaleFloor: 0.25,
      leastEffect: 1,
      materialEffect: 2.5,
      lowest: 0,
      highest: bounded || isPercent || unit === 'ratio' ? 100 * point : Number.POSITIVE_INFINITY,
      countingVariance: noVariance,
      multiplicative: false,
    };
  }
  const factor = unitFactor(unit) / reference;
  const perSeconds = rateSeconds(unit);
  const counted = countedMeasures.has(measure);
  return {
    forward: (value) => Math.sign(value) * Math.log1p(Math.abs(value) * factor),
    inverse: (transformed) => (Math.sign(transformed) * Math.expm1(Math.abs(transformed))) / factor,
    scaleFloor: 0.015,
    leastEffect: Math.log(1.2),
    materialEffect: Math.log(1.35),
    lowest: measure === 'other' ? Number.NEGATIVE_INFINITY : 0,
    highest: Number.POSITIVE_INFINITY,
    countingVariance:
      counted && perSeconds !== null
        ? (value, durationMs) => {
            // Poisson: the variance of a rate over n intervals is value / n; the logarithm's slope here is
            // 1 / (reference + value).
            const intervals = Math.max(durationMs / 1000 / perSeconds, 1e-9);
            const rate = Math.max(value, 1 / intervals);
            return rate / intervals / (reference + rate) ** 2;
          }
        : noVariance,
    multiplicative: true,
  };
}
