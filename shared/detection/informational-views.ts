import { z } from 'zod';
import { dayMs } from '../domain/time.ts';
import { emptyRarity, type RarityState, rarityOf, raritySchema } from './rarity.ts';

/** What is looked at; each has its own history of how unusual it gets. */
export const viewNames = ['season', 'novelty', 'level', 'spread', 'distribution', 'pattern', 'day'] as const;
export type ViewName = (typeof viewNames)[number];

/** Samples over which level and spread are taken, and the distribution. */
export const levelSamples = 40;
export const distributionSamples = 100;
const spreadSamples = levelSamples;
const distributionBins = 16;
/** A distribution is compared every few samples and kept for comparison less often. */
const compareEvery = 5;
const keepEvery = 50;
const keptDistributions = 80;
const momentMemory = 3000;

const slotsADay = 48;
const slotMs = dayMs / slotsADay;
const slotMemory = 60;
const leastInSlot = 2;
/** Samples before a new extreme is one. */
const leastForNovelty = 30;

/** Stretches that are compared with all before: blocks of so many samples, so many of them, out of so many kept. */
const patternShape = { samples: 3, blocks: 8, kept: 700 } as const;
const dayShape = { samples: 12, blocks: 24, kept: 350 } as const;
type StretchShape = typeof patternShape | typeof dayShape;

interface Stretch {
  blocks: number[];
  sum: number;
  count: number;
}

/** What the views remember; JSON-safe and bounded. */
export interface ViewsState {
  samples: number;
  lowest: number;
  highest: number;
  /** Of weekday and weekend half-hours: mean of the scaled and of the logarithmic value, and how many. */
  slotMean: number[];
  slotLog: number[];
  slotCount: number[];
  /** The last samples, scaled; and how far their logarithm was from its half-hour's. */
  recent: number[];
  recentLog: number[];
  mean: number;
  variance: number;
  /** Bin of each of the last samples, and the distributions kept. */
  bins: number[];
  distributions: number[][];
  pattern: Stretch;
  day: Stretch;
  rarity: Record<ViewName, RarityState>;
}

const numbers = z.array(z.number());
const stretchSchema = z.object({ blocks: numbers, sum: z.number(), count: z.number() });
export const viewsSchema = z.object({
  samples: z.number(),
  lowest: z.number(),
  highest: z.number(),
  slotMean: numbers.length(slotsADay * 2),
  slotLog: numbers.length(slotsADay * 2),
  slotCount: numbers.length(slotsADay * 2),
  recent: numbers,
  recentLog: numbers,
  mean: z.number(),
  variance: z.number(),
  bins: numbers,
  distributions: z.array(numbers.length(distributionBins)),
  pattern: stretchSchema,
  day: stretchSchema,
  rarity: z.record(z.enum(viewNames), raritySchema),
});

export function emptyViews(): ViewsState {
  const slots = () => new Array<number>(slotsADay * 2).fill(0);
  return {
    samples: 0,
    lowest: 0,
    highest: 0,
    slotMean: slots(),
    slotLog: slots(),
    slotCount: slots(),
    recent: [],
    recentLog: [],
    mean: 0,
    variance: 0,
    bins: [],
    distributions: [],
    pattern: { blocks: [], sum: 0, count: 0 },
    day: { blocks: [], sum: 0, count: 0 },
    rarity: {
      season: emptyRarity(),
      novelty: emptyRarity(),
      level: emptyRarity(),
      spread: emptyRarity(),
      distribution: emptyRarity(),
      pattern: emptyRarity(),
      day: emptyRarity(),
    },
  };
}

/** Kept numbers are cut: the state stays small as text and still resumes exactly. */
function short(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

function push(list: number[], value: number, most: number): void {
  list.push(value);
  if (list.length > most) list.shift();
}

function meanOf(list: readonly number[]): number {
  let sum = 0;
  for (const value of list) sum += value;
  return sum / list.length;
}

function slotOf(timeMs: number): { readonly own: number; readonly other: number } {
  const slot = Math.floor((((timeMs % dayMs) + dayMs) % dayMs) / slotMs);
  // 1970-01-01 was a Thursday.
  const weekday = (((Math.floor(timeMs / dayMs) + 4) % 7) + 7) % 7;
  const isWeekend = weekday === 0 || weekday === 6;
  return { own: slot + (isWeekend ? slotsADay : 0), other: slot + (isWeekend ? 0 : slotsADay) };
}

/** Distance of the last stretch of blocks to the nearest before it (left discord); null while there are too few. */
function discordOf(stretch: Stretch, shape: StretchShape, x: number): number | null {
  stretch.sum += x;
  stretch.count += 1;
  if (stretch.count < shape.samples) return null;
  const { blocks } = stretch;
  push(blocks, short(stretch.sum / shape.samples), shape.kept);
  stretch.sum = 0;
  stretch.count = 0;
  const length = shape.blocks;
  const last = blocks.length - length;
  if (last < 2 * length) return null;
  let nearest = Number.POSITIVE_INFINITY;
  for (let from = 0; from + length <= last; from += 1) {
    let distance = 0;
    for (let index = 0; index < length && distance < nearest; index += 1) {
      const gap = (blocks[last + index] ?? 0) - (blocks[from + index] ?? 0);
      distance += gap * gap;
    }
    if (distance < nearest) nearest = distance;
  }
  return Math.sqrt(nearest / length);
}

function distributionDistance(state: ViewsState, x: number): number | null {
  const share = 1 / Math.min(state.samples, momentMemory);
  const gap = x - state.mean;
  state.mean += share * gap;
  state.variance = (1 - share) * (state.variance + share * gap * gap);
  const deviation = Math.sqrt(state.variance) + 1e-12;
  const half = distributionBins / 2;
  const bin = Math.floor(((x - state.mean) / deviation) * 2 + half);
  push(state.bins, Math.max(0, Math.min(distributionBins - 1, bin)), distributionSamples);
  if (state.bins.length < distributionSamples || state.samples % compareEvery !== 0) return null;
  const counts = new Array<number>(distributionBins).fill(0);
  for (const each of state.bins) counts[each] = (counts[each] ?? 0) + 1;
  let nearest = Number.POSITIVE_INFINITY;
  for (const kept of state.distributions) {
    let distance = 0;
    for (let index = 0; index < distributionBins; index += 1) {
      distance += Math.abs((kept[index] ?? 0) - (counts[index] ?? 0));
    }
    nearest = Math.min(nearest, distance);
  }
  const isCompared = state.distributions.length > 2;
  if (state.samples % keepEvery === 0) {
    state.distributions.push(counts);
    if (state.distributions.length > keptDistributions) state.distributions.shift();
  }
  return isCompared ? nearest / distributionSamples / 2 : null;
}

/** How far beyond all before, in parts of the range before: rarer the further, from a single one on. */
function noveltyOf(state: ViewsState, logarithm: number): number {
  const { lowest, highest, samples } = state;
  const beyond = Math.max(logarithm - highest, lowest - logarithm, 0);
  if (samples <= leastForNovelty || highest <= lowest || beyond === 0) return 0;
  return Math.min(6, Math.log10(samples) / 2 + 4 * Math.log10(1 + (10 * beyond) / (highest - lowest)));
}

/** What one sample is like in each view, as -log10 of how often that was so before. */
export type ViewRarities = Record<ViewName, number>;

/**
 * Judges one sample in every view and learns it. `into` is filled and given back.
 * @param x the value over the signal's reference, within 1e9
 * @param logarithm of 1 + its size, with its sign
 */
export function judgeViews(
  state: ViewsState,
  timeMs: number,
  x: number,
  logarithm: number,
  into: ViewRarities,
): ViewRarities {
  const { rarity } = state;
  state.samples += 1;
  into.novelty = noveltyOf(state, logarithm);
  if (state.samples === 1 || logarithm < state.lowest) state.lowest = logarithm;
  if (state.samples === 1 || logarithm > state.highest) state.highest = logarithm;

  const { own, other } = slotOf(timeMs);
  const { slotCount, slotMean, slotLog } = state;
  const known =
    (slotCount[own] ?? 0) > leastInSlot ? own : (slotCount[other] ?? 0) > leastInSlot ? other : null;
  into.season = known === null ? 0 : rarityOf(rarity.season, Math.abs(x - (slotMean[known] ?? 0)));
  push(state.recentLog, known === null ? 0 : short(logarithm - (slotLog[known] ?? 0)), levelSamples);
  into.level =
    state.samples < 2 * levelSamples ? 0 : rarityOf(rarity.level, Math.abs(meanOf(state.recentLog)));
  const count = Math.min(slotMemory, (slotCount[own] ?? 0) + 1);
  slotCount[own] = count;
  slotMean[own] = short((slotMean[own] ?? 0) + (x - (slotMean[own] ?? 0)) / count);
  slotLog[own] = short((slotLog[own] ?? 0) + (logarithm - (slotLog[own] ?? 0)) / count);

  push(state.recent, short(x), spreadSamples);
  into.spread = 0;
  if (state.recent.length === spreadSamples) {
    const mean = meanOf(state.recent);
    let squares = 0;
    for (const value of state.recent) squares += (value - mean) ** 2;
    into.spread = rarityOf(rarity.spread, Math.sqrt(squares / spreadSamples));
  }
  const distance = distributionDistance(state, x);
  into.distribution = distance === null ? 0 : rarityOf(rarity.distribution, distance);
  const pattern = discordOf(state.pattern, patternShape, x);
  into.pattern = pattern === null ? 0 : rarityOf(rarity.pattern, pattern);
  const day = discordOf(state.day, dayShape, x);
  into.day = day === null ? 0 : rarityOf(rarity.day, day);
  return into;
}
