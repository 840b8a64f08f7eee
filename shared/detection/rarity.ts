import { z } from 'zod';

const bins = 160;
const binsAnOctave = 4;
const middle = bins / 2;
/** Observations that are remembered; past half as many again, all counts are halved. */
const memory = 3000;
/** Observations before anything is called rare. */
const leastCount = 40;
/** Beyond the largest ever seen, ten times as large is this many powers of ten rarer. */
const beyond = 4;
const mostRare = 6;

/** How often each size of a statistic was seen: counts by quarter octaves; JSON-safe. */
export interface RarityState {
  counts: number[];
  total: number;
  /** The largest so far, in the statistic's own unit. */
  largest: number;
}

export const raritySchema = z.object({
  counts: z.array(z.number()).length(bins),
  total: z.number(),
  largest: z.number(),
});

export function emptyRarity(): RarityState {
  return { counts: new Array<number>(bins).fill(0), total: 0, largest: 0 };
}

function binOf(size: number): number {
  if (!(size > 1e-12)) return 0;
  return Math.max(1, Math.min(bins - 1, Math.round(middle + Math.log2(size) * binsAnOctave)));
}

/**
 * -log10 of the share of what was seen before that was at least as large, then learns it: a tail probability from the
 * statistic's own history alone, whatever its distribution.
 * @param size 0 or more; what is no number gives 0 and is not learned
 */
export function rarityOf(state: RarityState, size: number): number {
  if (!(size >= 0)) return 0;
  const { counts } = state;
  const bin = binOf(size);
  let rarity = 0;
  if (state.total >= leastCount) {
    let tail = (counts[bin] ?? 0) * 0.5;
    // Nothing that a tenth of all exceeded is rare: no need to count on.
    const plain = state.total * 0.2;
    for (let above = bin + 1; above < bins && tail <= plain; above += 1) tail += counts[above] ?? 0;
    if (tail <= plain) {
      rarity = Math.log10((state.total + 1) / (tail + 0.5));
      if (size > state.largest && state.largest > 0) rarity += beyond * Math.log10(size / state.largest);
      rarity = Math.min(mostRare, rarity);
    }
  }
  counts[bin] = (counts[bin] ?? 0) + 1;
  state.total += 1;
  state.largest = Math.max(state.largest, size);
  if (state.total >= memory * 1.5) {
    state.total = 0;
    for (let index = 0; index < bins; index += 1) {
      counts[index] = Math.floor((counts[index] ?? 0) / 2);
      state.total += counts[index] ?? 0;
    }
  }
  return rarity;
}
