import { z } from 'zod';

/**
 * How far the deviations of one view usually go. The tail is taken as exponential above its own 95th percentile, so
 * that a limit can be given for probabilities that the history is too short to have shown.
 */
export interface Tail {
  /** Mean absolute deviation, what is flagged cut to what is believable. */
  scale: number;
  count: number;
  /** 95th percentile of deviations in scales. */
  quantile: number;
  /** Mean excess over it, in scales. */
  excess: number;
}

export const tailSchema = z.object({
  scale: z.number(),
  count: z.number(),
  quantile: z.number(),
  excess: z.number(),
});

/** Bins before a tail is believed. */
export const binsToKnow = 48;
/** Deviations are learned up to this many scales: what is flagged must not become usual. */
export const believableScales = 3;
/** Young scales may jump up to this many bins. */
const binsToSettle = 12;
/** Memory of a scale, in bins: two days of five minutes. */
const scaleMemory = 576;
/** No single bin tells more of the excess than this. */
const mostExcess = 2;
const leastExcess = 0.3;
const quantileUp = 0.0475;
const quantileDown = 0.0025;
const leastQuantile = 1.5;

/** A normal series in mean absolute deviations: 95 % lie under 2.5, the mean beyond is half of one. */
export function newTail(): Tail {
  return { scale: 0, count: 0, quantile: 2.5, excess: 0.6 };
}

/**
 * Learns one deviation.
 * @param weight less than 1 where it is suspicious
 * @param floor smallest scale believed
 * @param ratio how many scales out it was by all that it was judged by; by the tail's own scale where not given
 */
export function learnTail(
  tail: Tail,
  deviation: number,
  weight: number,
  floor: number,
  ratio: number = Math.abs(deviation) / Math.max(tail.scale, floor),
): void {
  const size = Math.abs(deviation);
  if (tail.count === 0) {
    tail.scale = size;
    tail.count = 1;
    return;
  }
  const scale = Math.max(tail.scale, floor);
  tail.count += 1;
  const believable = tail.count < binsToSettle ? size : Math.min(size, believableScales * scale);
  tail.scale += ((believable - tail.scale) * weight) / Math.min(tail.count, scaleMemory);
  if (tail.count < binsToKnow) return;
  // Stochastic approximation of a quantile: however far out a bin is, it moves it by no more than the next one.
  tail.quantile = Math.max(
    leastQuantile,
    tail.quantile + weight * (ratio > tail.quantile ? quantileUp : -quantileDown),
  );
  if (ratio > tail.quantile) {
    tail.excess += weight * 0.03 * (Math.min(ratio - tail.quantile, mostExcess) - tail.excess);
  }
}

/** -log10 of how often a deviation of this many scales would come by itself. */
export function surpriseOf(tail: Tail, ratio: number): number {
  if (ratio <= tail.quantile) return (1.3 * ratio) / tail.quantile;
  return 1.3 + ((ratio - tail.quantile) / Math.max(tail.excess, leastExcess)) * Math.LOG10E;
}

/** How many scales out a deviation of this probability is, between `least` and four times that. */
export function limitOf(tail: Tail, probability: number, least: number): number {
  const limit = tail.quantile + Math.max(tail.excess, leastExcess) * Math.log(0.05 / probability);
  return Math.min(Math.max(limit, least), 4 * least);
}
