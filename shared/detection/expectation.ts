import { z } from 'zod';
import { dayMs, hourMs, minuteMs } from '../domain/time.ts';
import type { Band } from './engine.ts';
import {
  dayTypeAt,
  emptySeason,
  Season,
  type SeasonState,
  seasonSchema,
  slotMs,
  slotsADay,
} from './season.ts';
import {
  believableScales,
  binsToKnow,
  learnTail,
  limitOf,
  newTail,
  surpriseOf,
  type Tail,
  tailSchema,
} from './tail.ts';
import type { Transform } from './transform.ts';

/** What of an expectation may be chosen. */
export interface ExpectationChoices {
  /** Memory of the local level, ms: how fast the expectation follows the series. */
  readonly levelMs: number;
  /** Tail probability of one five-minute bin at which a deviation counts. */
  readonly probability: number;
  /** Least deviations, in scales, whatever a calm history says. */
  readonly leastLocal: number;
  readonly leastSeasonal: number;
}

const fiveMinutesMs = 5 * minuteMs;
/** Bins before anything is expected. */
export const binsToExpect = 12;
/** History before anything is learned of the day's shape, ms: a service that only just starts has none yet. */
const shapeFromMs = 2 * hourMs;
/** Memory of the roughness of the last hours, ms: calm and rough come in clusters. */
const recentMs = 3 * hourMs;
/** How much of the scale is that of the last hours. */
const recentShare = 0.4;
/** How many times longer a level remembers what is suspicious. */
const suspiciousLevels = 6;
/** Memory of a level while it is out, ms. */
const frozenLevelMs = 8 * hourMs;
/** Memory of a level since the last gap that a silence may outdate, ms. */
const driftMs = 6 * hourMs;
/** Memory of the trend that the season stands on, ms. */
const trendMs = 3 * dayMs;
/** Sums of deviations: how long they remember, how far one bin counts, how improbable they must be, how far out at least. */
const sustainedBins = 3;
const sustainedClip = 5;
const sustainedProbability = 1e-4;
const leastSustained = 1.9;
const sustainedFloor = 0.2;
/** Fine bins are many a day, and their sums are tried as often. */
const fineSustained = 1.4;

/** Fine (under two minutes), five-minute and hourly bins behave differently and keep their own tails. */
export type Resolution = 0 | 1 | 2;

export function resolutionOf(durationMs: number): Resolution {
  if (durationMs < 2 * minuteMs) return 0;
  return durationMs < 30 * minuteMs ? 1 : 2;
}

/** A resolution not met before starts from the one that is best known. */
function bestKnown(tails: readonly [Tail, Tail, Tail], kind: Resolution): Tail {
  const own = tails[kind];
  if (own.count >= binsToKnow) return own;
  return tails.reduce((best, tail) => (tail.count > best.count ? tail : best), own);
}

/** What one signal's expectation remembers; JSON-safe. */
export interface ExpectationState {
  bins: number;
  levelAtMs: number;
  level: number;
  /** The season's value when the level was set, before that bin was learned, as a weekday and as one of a weekend. */
  levelSeason: [number, number] | null;
  recent: number;
  trend: number;
  /** Whether the season's levels have been given a mean of zero, after the first day. */
  centred: boolean;
  /** Length of the last bin, ms: what the next band is drawn for. */
  binLengthMs: number;
  local: [Tail, Tail, Tail];
  seasonal: Tail;
  sustained: [Tail, Tail, Tail];
  /** Mean absolute deviation of the last hours, transformed. */
  recentScale: number;
  /** Moving mean of deviations in scales: what lasts adds up. */
  sum: number;
  season: SeasonState;
}

const tails = z.tuple([tailSchema, tailSchema, tailSchema]);
export const expectationSchema = z.object({
  bins: z.number(),
  levelAtMs: z.number(),
  level: z.number(),
  levelSeason: z.tuple([z.number(), z.number()]).nullable(),
  recent: z.number(),
  trend: z.number(),
  centred: z.boolean(),
  binLengthMs: z.number(),
  local: tails,
  seasonal: tailSchema,
  sustained: tails,
  recentScale: z.number(),
  sum: z.number(),
  season: seasonSchema,
});

export function emptyExpectation(): ExpectationState {
  return {
    bins: 0,
    levelAtMs: 0,
    level: 0,
    levelSeason: null,
    recent: 0,
    trend: 0,
    centred: false,
    binLengthMs: 0,
    local: [newTail(), newTail(), newTail()],
    seasonal: newTail(),
    sustained: [newTail(), newTail(), newTail()],
    recentScale: 0,
    sum: 0,
    season: emptySeason(),
  };
}

/** One look at a bin: what was expected, how far it may go, and how far out it is in units of that. */
export interface View {
  readonly expected: number;
  /** How far below and above is usual, transformed. */
  readonly down: number;
  readonly up: number;
  /** Below -1 and above 1 is outside. */
  readonly ratio: number;
  /** The same in units of noise alone: a calm signal's small change is below notice and yet clear. */
  readonly clearness: number;
  /** -log10 of how often a deviation this large would come by itself. */
  readonly surprise: number;
  /** One typical deviation on the side of the bin, transformed. */
  readonly scale: number;
}

/** The views of one bin: the furthest out, the one from the local level, and how far its sum with those before is. */
export interface Views {
  readonly furthest: View;
  readonly local: View;
  /** In its own limits, 0 where it does not count. */
  readonly sustained: number;
  readonly sustainedSurprise: number;
  /** The view that its finding is told by: as far from the level as the mean of the last bins may be. */
  readonly lasting: View;
}

/**
 * What one signal is expected to do: a local level moved by the season's own steps, with a scale that knows the
 * half-hour, the last hours and the noise of counting; and the season by itself.
 */
export class Expectation {
  readonly state: ExpectationState;
  private readonly choices: ExpectationChoices;
  private transform: Transform;
  private readonly season: Season;

  constructor(choices: ExpectationChoices, transform: Transform, state: ExpectationState) {
    this.choices = choices;
    this.transform = transform;
    this.state = state;
    this.season = new Season(state.season);
  }

  /** The same expectation for a signal whose smallest step has become smaller. */
  takeTransform(transform: Transform): void {
    this.transform = transform;
  }

  get isSeasonKnown(): boolean {
    return this.season.known;
  }

  /** The first bin of all. */
  begin(timeMs: number, x: number, spanMs: number): void {
    Object.assign(this.state, {
      level: x,
      recent: x,
      trend: x,
      levelAtMs: timeMs,
      binLengthMs: spanMs,
      bins: 1,
    });
  }

  /** What the season says of a moment, as a weekday and as one of a weekend; null while it is not known. */
  private seasonNow(timeMs: number): [number, number] | null {
    return this.season.known ? [this.season.at(timeMs, 0), this.season.at(timeMs, 1)] : null;
  }

  /** What is expected at a moment: the local level moved by the season's own step since then. */
  private at(timeMs: number): number {
    const { state } = this;
    const then = state.levelSeason;
    if (then === null) return state.level;
    const gapMs = timeMs - state.levelAtMs;
    // Steps are taken within one type of day: its night is its own, and no level jumps at midnight.
    const type = dayTypeAt(timeMs);
    const now = this.season.at(timeMs, type);
    // After a long silence what was special about the level is no longer known: fall back to the season.
    const keep = gapMs > hourMs ? Math.exp(-gapMs / driftMs) : 1;
    return now + state.trend + (state.level - then[type] - state.trend) * keep;
  }

  private scaleOf(timeMs: number, tail: Tail): number {
    const { recentScale } = this.state;
    const slow = Math.max(tail.scale, this.transform.scaleFloor);
    const mixed =
      tail.count < binsToKnow || recentScale <= 0
        ? slow
        : Math.sqrt((1 - recentShare) * slow * slow + recentShare * recentScale * recentScale);
    return Math.max(this.transform.scaleFloor, mixed) * this.season.roughnessAt(timeMs);
  }

  /** How far counting alone takes `limit` deviations, down and up, transformed. What reaches zero proves nothing. */
  private countingReach(expected: number, durationMs: number, limit: number): { down: number; up: number } {
    const { forward, inverse, countingSpread } = this.transform;
    const value = Math.max(inverse(expected), 0);
    const reach = limit * countingSpread(value, Math.max(durationMs, 1000));
    if (reach === 0) return { down: 0, up: 0 };
    const from = forward(value);
    const down = value > reach ? from - forward(value - reach) : 2 * Math.max(from, forward(reach));
    return { down, up: forward(value + reach) - from };
  }

  private viewOf(
    expected: number,
    x: number | null,
    base: number,
    durationMs: number,
    limit: number,
    tail: Tail,
    leastHalf: number,
  ): View {
    const counting = this.countingReach(expected, durationMs, limit);
    const noiseDown = Math.sqrt((limit * base) ** 2 + counting.down ** 2);
    const noiseUp = Math.sqrt((limit * base) ** 2 + counting.up ** 2);
    const down = Math.max(noiseDown, leastHalf);
    const up = Math.max(noiseUp, leastHalf);
    const deviation = x === null ? 0 : x - expected;
    const noise = deviation < 0 ? noiseDown : noiseUp;
    const scale = Math.max(base, noise / limit);
    return {
      expected,
      down,
      up,
      ratio: deviation / (deviation < 0 ? down : up),
      clearness: Math.abs(deviation) / noise,
      surprise: surpriseOf(tail, Math.abs(deviation) / scale),
      scale,
    };
  }

  /**
   * The view from the local level.
   * @param x transformed mean of the bin; null for the band alone
   * @param caution how many times further out than the tail says it must be
   */
  local(timeMs: number, x: number | null, durationMs: number, caution: number): View {
    const tail = bestKnown(this.state.local, resolutionOf(durationMs));
    // Finer bins are more tries a day: each must be rarer.
    const probability = this.choices.probability * Math.min(1, Math.max(durationMs, 15_000) / fiveMinutesMs);
    const limit = limitOf(tail, probability, this.choices.leastLocal) * caution;
    const base = this.scaleOf(timeMs, tail);
    return this.viewOf(this.at(timeMs), x, base, durationMs, limit, tail, this.transform.leastEffect);
  }

  private seasonal(timeMs: number, x: number, durationMs: number, caution: number): View | null {
    const { seasonal, trend } = this.state;
    const usual = this.season.at(timeMs);
    if (Number.isNaN(usual) || seasonal.count < 2 * 288) return null;
    const limit = limitOf(seasonal, this.choices.probability, this.choices.leastSeasonal) * caution;
    const base = Math.max(seasonal.scale, this.transform.scaleFloor) * this.season.roughnessAt(timeMs);
    return this.viewOf(usual + trend, x, base, durationMs, limit, seasonal, this.transform.materialEffect);
  }

  private nextSum(x: number, spanMs: number, local: View): number {
    const relative = Math.max(-sustainedClip, Math.min(sustainedClip, (x - local.expected) / local.scale));
    const memoryMs = Math.max(fiveMinutesMs, sustainedBins * spanMs);
    return this.state.sum + (relative - this.state.sum) * (1 - Math.exp(-spanMs / memoryMs));
  }

  /** All views of a bin, before it is learned. */
  views(timeMs: number, x: number, spanMs: number, caution: number): Views {
    const local = this.local(timeMs, x, spanMs, caution);
    const seasonal = this.seasonal(timeMs, x, spanMs, caution);
    const furthest =
      seasonal !== null && Math.abs(seasonal.ratio) > Math.abs(local.ratio) && Math.abs(seasonal.ratio) >= 1
        ? seasonal
        : local;
    const kind = resolutionOf(spanMs);
    const tail = bestKnown(this.state.sustained, kind);
    const sum = this.nextSum(x, spanMs, local);
    const scale = Math.max(tail.scale, sustainedFloor);
    const limit =
      Math.max(leastSustained, limitOf(tail, sustainedProbability, 1e-9 + leastSustained) * scale) *
      (kind === 0 ? fineSustained : 1) *
      caution;
    const counts =
      tail.count >= binsToKnow &&
      Math.abs(x - local.expected) >= this.transform.leastEffect &&
      sum * (x - local.expected) > 0;
    const half = Math.max(limit * local.scale, this.transform.leastEffect);
    return {
      furthest,
      local,
      lasting: { ...local, down: half, up: half, ratio: (x - local.expected) / half },
      sustained: counts ? Math.abs(sum) / limit : 0,
      sustainedSurprise: counts ? surpriseOf(tail, Math.abs(sum) / scale) : 0,
    };
  }

  bandOf(view: View): Band {
    const { inverse, lowest, highest } = this.transform;
    const within = (value: number) => Math.min(highest, Math.max(lowest, value));
    return {
      expected: within(inverse(view.expected)),
      low: within(inverse(view.expected - view.down)),
      high: within(inverse(view.expected + view.up)),
    };
  }

  /**
   * Learns a bin.
   * @param local the view of it from the local level
   * @param isOut whether a finding is open: then little is learned
   * @param historyMs history before it, ms
   */
  learn(timeMs: number, x: number, spanMs: number, local: View, isOut: boolean, historyMs: number): void {
    const { state, transform } = this;
    const kind = resolutionOf(spanMs);
    const isSuspicious = isOut || Math.abs(local.ratio) >= 1;
    const isYoung = state.bins < binsToKnow;
    const deviation = x - local.expected;
    const floor = transform.scaleFloor;
    const tail = state.local[kind];
    if (tail.count === 0) {
      const known = bestKnown(state.local, kind);
      if (known.count >= binsToKnow) Object.assign(tail, known, { count: Math.min(known.count, 240) });
    }
    if (!isOut)
      learnTail(
        state.sustained[kind],
        this.nextSum(x, spanMs, local),
        isSuspicious ? 0.2 : 1,
        sustainedFloor,
      );
    state.sum = this.nextSum(x, spanMs, local);
    const { scale } = local;
    const believable = isYoung
      ? deviation
      : Math.min(Math.max(deviation, -believableScales * scale), believableScales * scale);
    const { levelMs } = this.choices;
    const memoryMs = isOut ? frozenLevelMs : isSuspicious ? suspiciousLevels * levelMs : levelMs;
    const share = Math.max(1 - Math.exp(-spanMs / memoryMs), isYoung ? 1 / (state.bins + 1) : 0);
    state.level = local.expected + believable * share;
    state.recent += (x - state.recent) * (1 - Math.exp(-spanMs / hourMs));
    state.levelAtMs = timeMs;
    state.levelSeason = this.seasonNow(timeMs);
    state.binLengthMs = spanMs;
    state.bins += 1;
    const nearby = Math.max(
      (1 - Math.exp(-spanMs / recentMs)) * (isSuspicious ? 0.5 : 1),
      isYoung ? 1 / (state.bins + 1) : 0,
    );
    // What counting explains is added anew for each expectation and length: only the rest is the signal's own.
    const counting = this.countingReach(local.expected, spanMs, 1);
    const explained = deviation < 0 ? counting.down : counting.up;
    const own = Math.sqrt(Math.max(0, deviation * deviation - explained * explained));
    state.recentScale += (Math.min(own, 4 * scale) - state.recentScale) * nearby;
    if (!isOut) learnTail(tail, own, isSuspicious ? 0.2 : 1, floor, Math.abs(deviation) / scale);
    if (historyMs < shapeFromMs) return;
    const trust = isOut ? 0.2 : isSuspicious ? 0.5 : 1;
    this.learnSeason(
      timeMs,
      x,
      spanMs,
      trust,
      isOut ? null : deviation / Math.max(tail.scale, floor),
      historyMs,
    );
  }

  /**
   * Even what is flagged is learned a little: a shape that comes every day is no incident every day.
   * @param relative deviation in scales, null where it must not count
   */
  private learnSeason(
    timeMs: number,
    x: number,
    spanMs: number,
    trust: number,
    relative: number | null,
    historyMs: number,
  ): void {
    const { state, season } = this;
    const floor = this.transform.scaleFloor;
    const usual = season.at(timeMs);
    const isKnown = !Number.isNaN(usual);
    const gap = x - state.trend - (isKnown ? usual : 0);
    const reach = believableScales * Math.max(state.seasonal.scale, floor);
    if (isKnown) learnTail(state.seasonal, gap, trust * Math.min(1, spanMs / fiveMinutesMs), floor);
    const roughness = relative === null ? 1 : Math.min(believableScales, Math.abs(relative));
    const offset = x - state.trend;
    // An hourly sample stands for both its half-hours.
    const slots = Math.max(1, Math.min(slotsADay, Math.round(spanMs / slotMs)));
    const weight = (spanMs / fiveMinutesMs / slots) * trust;
    let hasTurned = false;
    for (let slot = 0; slot < slots; slot += 1) {
      const isNew = season.learn(timeMs - slot * slotMs, offset, reach, roughness, weight);
      hasTurned = hasTurned || isNew;
    }
    if (state.centred) {
      const step = isKnown ? Math.min(Math.max(gap, -reach), reach) : gap;
      state.trend += step * (1 - Math.exp((-spanMs / trendMs) * trust));
    } else if (historyMs >= dayMs) {
      // The first day's shape stands on its first value; now its mean is known.
      state.trend += season.centre();
      state.centred = true;
    }
    if (hasTurned || (state.centred && !isKnown)) {
      state.levelSeason = this.seasonNow(timeMs);
    }
  }

  /** Takes what the last hour was as the level from now on. */
  acceptRecent(timeMs: number): void {
    const { state } = this;
    const usual = this.season.at(timeMs);
    state.level = state.recent;
    state.levelAtMs = timeMs;
    state.levelSeason = this.seasonNow(timeMs);
    state.trend = state.recent - (Number.isNaN(usual) ? 0 : usual);
  }
}
