import { dayMs, hourMs, minuteMs, secondMs } from './time.ts';

/** Lengths that a person reads at once, ms. */
const bucketLengths = [
  secondMs,
  2 * secondMs,
  5 * secondMs,
  10 * secondMs,
  30 * secondMs,
  minuteMs,
  2 * minuteMs,
  5 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  6 * hourMs,
  12 * hourMs,
  dayMs,
];

/**
 * Equal buckets that hold every moment from `firstMs` to `lastMs`: the shortest length of a round number of which at
 * most `most` are needed, the first one starting at a multiple of it.
 */
export function bucketsOver(
  firstMs: number,
  lastMs: number,
  most: number,
): { readonly fromMs: number; readonly bucketMs: number; readonly buckets: number } {
  const over = (bucketMs: number) => {
    const fromMs = Math.floor(firstMs / bucketMs) * bucketMs;
    return { fromMs, bucketMs, buckets: Math.floor((lastMs - fromMs) / bucketMs) + 1 };
  };
  const fitting = bucketLengths.map(over).find(({ buckets }) => buckets <= most);
  if (fitting !== undefined) return fitting;
  const days = Math.ceil((lastMs - firstMs) / dayMs / (most - 1));
  return over(days * dayMs);
}
