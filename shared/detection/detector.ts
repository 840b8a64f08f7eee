import { z } from 'zod';
import { WatchfloorError } from '../domain/result.ts';
import type { BaselineState, Finding } from '../domain/signal.ts';
import { dayMs, hourMs, minuteMs } from '../domain/time.ts';
import type { Band, Detector, Judgement, SignalFacts } from './engine.ts';
import { emptySeason, Season, type SeasonState, slotMs, slotsADay } from './season.ts';
import { deviationSentence } from './sentence.ts';
import { referenceFor, type Transform, transformFor } from './transform.ts';

/** What of the detector may be chosen. The defaults are what the measurements in the tests rest on. */
export interface DetectorChoices {
  /** Samples closer than this are gathered into bins of this length before they are judged, ms. */
  readonly binMs: number;
  /** Memory of the local level, ms: how fast the expectation follows the series. */
  readonly levelMs: number;
  /** Tail probability of one five-minute bin at which a deviation opens a finding. */
  readonly probability: number;
  /** Least deviations, in mean absolute deviations, whatever a calm history says. */
  readonly leastLocal: number;
  readonly leastSeasonal: number;
  /** An incident that lasts longer than this is the new normal, ms. */
  readonly acceptMs: number;
}

/** The choices that every signal gets: there is nothing for an analyst to set. */
export const defaultChoices: DetectorChoices = {
  binMs: 30_000,
  levelMs: 840_000,
  probability: 1.2e-3,
  leastLocal: 4.5,
  leastSeasonal: 7,
  acceptMs: dayMs,
};

const version = 1;
const fiveMinutesMs = 300_000;
/** Bins before anything is expected, and before anything is found. */
const binsToExpect = 12;
const binsToFind = 48;
/** Deviations are learned up to this many scales: what is flagged must not become usual. */
const clip = 3;
/** Memory of the scales, in bins. */
const scaleMemory = 2016;
/** Memory of a level while it is out, ms. */
const frozenLevelMs = 8 * hourMs;
/** Memory of a level since the last gap that a silence may outdate, ms. */
const driftMs = 6 * hourMs;
/** Memory of the trend that the season stands on, ms. */
const trendMs = 3 * dayMs;

/** How far one view's deviations usually go: the tail is taken as exponential above its own 95th percentile. */
interface Tail {
  scale: number;
  count: number;
  quantile: number;
  excess: number;
}

interface Bin {
  startMs: number;
  endMs: number;
  sum: number;
  count: number;
}

interface Pending {
  direction: 1 | -1;
  startMs: number;
  bins: number;
  spanMs: number;
}

interface OpenFinding {
  direction: 1 | -1;
  startMs: number;
  peakMs: number;
  peakRatio: number;
  observed: number;
  expected: number;
  low: number;
  high: number;
  surprise: number;
  lane: 'actionable' | 'informational';
  toldRatio: number;
  toldMs: number;
  lastOutMs: number;
  calmBins: number;
  calmMs: number;
  baselineState: BaselineState;
}

/** One bin of the first ones, kept until the reference of the transform is chosen from them. */
interface EarlyBin {
  timeMs: number;
  spanMs: number;
  value: number;
}

interface State {
  version: number;
  /** What counts as small for this signal, in its unit (milliseconds for seconds). */
  reference: number;
  /** null once the reference is chosen. */
  early: EarlyBin[] | null;
  /** null before the first sample. */
  lastMs: number | null;
  historyMs: number;
  bins: number;
  levelAtMs: number;
  level: number;
  /** The season's value when the level was set, before that bin was learned; null where none was known. */
  levelSeason: number | null;
  recent: number;
  trend: number;
  /** Whether the season's levels have been given a mean of zero, after the first day. */
  centred: boolean;
  /** Length of the last bin, ms: what the next band is drawn for. */
  binLengthMs: number;
  /** Fine (under two minutes), five-minute and hourly bins keep their own tail. */
  local: [Tail, Tail, Tail];
  seasonal: Tail;
  season: SeasonState;
  bin: Bin | null;
  /** Since when samples have been outside without a pause, for exact start times. */
  outsideMs: number | null;
  outsideSide: number;
  pending: Pending | null;
  open: OpenFinding | null;
}

const tailSchema = z.object({
  scale: z.number(),
  count: z.number(),
  quantile: z.number(),
  excess: z.number(),
});
const directionSchema = z.union([z.literal(1), z.literal(-1)]);
const slotsSchema = z.array(z.number()).length(slotsADay * 2);
const stateSchema = z.object({
  version: z.literal(version),
  reference: z.number().positive(),
  early: z.array(z.object({ timeMs: z.number(), spanMs: z.number(), value: z.number() })).nullable(),
  lastMs: z.number().nullable(),
  historyMs: z.number(),
  bins: z.number(),
  levelAtMs: z.number(),
  level: z.number(),
  levelSeason: z.number().nullable(),
  recent: z.number(),
  trend: z.number(),
  centred: z.boolean(),
  binLengthMs: z.number(),
  local: z.tuple([tailSchema, tailSchema, tailSchema]),
  seasonal: tailSchema,
  season: z.object({ level: slotsSchema, count: slotsSchema, roughness: slotsSchema }),
  bin: z.object({ startMs: z.number(), endMs: z.number(), sum: z.number(), count: z.number() }).nullable(),
  outsideMs: z.number().nullable(),
  outsideSide: z.number(),
  pending: z
    .object({ direction: directionSchema, startMs: z.number(), bins: z.number(), spanMs: z.number() })
    .nullable(),
  open: z
    .object({
      direction: directionSchema,
      startMs: z.number(),
      peakMs: z.number(),
      peakRatio: z.number(),
      observed: z.number(),
      expected: z.number(),
      low: z.number(),
      high: z.number(),
      surprise: z.number(),
      lane: z.enum(['actionable', 'informational']),
      toldRatio: z.number(),
      toldMs: z.number(),
      lastOutMs: z.number(),
      calmBins: z.number(),
      calmMs: z.number(),
      baselineState: z.enum(['learning', 'warm', 'seasonal']),
    })
    .nullable(),
});

function newTail(): Tail {
  // A normal series in mean absolute deviations: 95% lie under 2.5, the mean beyond is half of one.
  return { scale: 0, count: 0, quantile: 2.5, excess: 0.6 };
}

function emptyState(): State {
  return {
    version,
    reference: 1,
    early: [],
    lastMs: null,
    historyMs: 0,
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
    season: emptySeason(),
    bin: null,
    outsideMs: null,
    outsideSide: 0,
    pending: null,
    open: null,
  };
}

function learnTail(tail: Tail, deviation: number, weight: number, floor: number): void {
  const size = Math.abs(deviation);
  if (tail.count === 0) {
    tail.scale = size;
    tail.count = 1;
    return;
  }
  const scale = Math.max(tail.scale, floor);
  tail.count += 1;
  const share = weight / Math.min(tail.count, scaleMemory);
  // Young scales may jump: only later is a large deviation cut to what is believable.
  const believable = tail.count < binsToExpect ? size : Math.min(size, clip * scale);
  tail.scale += (believable - tail.scale) * share;
  if (tail.count < binsToFind) return;
  const ratio = size / scale;
  tail.quantile = Math.max(1.5, tail.quantile + weight * (ratio > tail.quantile ? 0.0475 : -0.0025));
  if (ratio > tail.quantile) {
    tail.excess += weight * 0.03 * (Math.min(ratio - tail.quantile, 6) - tail.excess);
  }
}

/** -log10 of how often a deviation this large would come by itself. */
function surpriseOf(tail: Tail, ratio: number): number {
  const excess = Math.max(tail.excess, 0.3);
  return ratio <= tail.quantile ? 1.3 : 1.3 + ((ratio - tail.quantile) / excess) * Math.LOG10E;
}

function limitOf(tail: Tail, probability: number, least: number): number {
  const limit = tail.quantile + Math.max(tail.excess, 0.3) * Math.log(0.05 / probability);
  return Math.min(Math.max(limit, least), 4 * least);
}

function classOf(durationMs: number): 0 | 1 | 2 {
  if (durationMs < 2 * minuteMs) return 0;
  return durationMs < 30 * minuteMs ? 1 : 2;
}

/** One look at the series: how far out, in units of its own limit. */
interface View {
  readonly expected: number;
  readonly half: number;
  readonly ratio: number;
  readonly surprise: number;
}

class SignalDetector implements Detector {
  private readonly facts: SignalFacts;
  private readonly choices: DetectorChoices;
  private transform: Transform;
  private readonly state: State;
  private season: Season;

  constructor(facts: SignalFacts, choices: DetectorChoices, state: State) {
    this.facts = facts;
    this.choices = choices;
    this.transform = transformFor(facts, state.reference);
    this.state = state;
    this.season = new Season(state.season);
  }

  get baselineState(): BaselineState {
    const { historyMs } = this.state;
    if (historyMs < dayMs || this.state.bins < 96) return 'learning';
    return historyMs >= 7 * dayMs && this.season.known ? 'seasonal' : 'warm';
  }

  get historyMs(): number {
    return this.state.historyMs;
  }

  serialize(): unknown {
    // A deep copy; the state is JSON-safe by construction.
    return JSON.parse(JSON.stringify(this.state));
  }

  bandAt(timeMs: number): Band | null {
    if (this.state.bins < binsToExpect) return null;
    const duration = this.state.binLengthMs;
    return this.bandOf(this.localView(timeMs, null, duration));
  }

  step(timeMs: number, value: number | null): Judgement {
    const state = this.state;
    if (!Number.isFinite(timeMs) || (state.lastMs !== null && timeMs <= state.lastMs)) return nothing;
    const sinceLastMs = state.lastMs === null ? this.facts.stepMs : timeMs - state.lastMs;
    if (value === null || !Number.isFinite(value)) {
      return { band: this.bandAt(timeMs), finding: null, findingChange: null };
    }
    state.lastMs = timeMs;
    state.historyMs += Math.min(sinceLastMs, 2 * hourMs);
    const band = this.bandAt(timeMs);
    const x = this.transform.forward(value);
    this.noteOutside(timeMs, x);

    const bin = state.bin;
    if (bin !== null && timeMs - bin.endMs <= this.choices.binMs) {
      bin.sum += x;
      bin.count += 1;
      bin.endMs = timeMs;
    } else {
      // A sample stands for the time since the one before it, after a silence for one usual step.
      const spanMs = Math.min(sinceLastMs, Math.max(this.facts.stepMs, fiveMinutesMs));
      state.bin = { startMs: timeMs - spanMs, endMs: timeMs, sum: x, count: 1 };
    }
    const current = state.bin;
    if (current === null) return { band, finding: null, findingChange: null };
    const spanMs = current.endMs - current.startMs;
    const complete = spanMs + sinceLastMs / 2 >= this.choices.binMs;
    const mean = current.sum / current.count;
    const peaked = this.notePeak(timeMs, value, band);
    if (!complete) {
      const early = this.judgeEarly(timeMs, mean, spanMs, current.count);
      return { band, ...(early.finding === null ? this.tellPeak(timeMs, peaked) : early) };
    }
    state.bin = null;
    const judged = this.judge(timeMs, mean, spanMs);
    this.gatherEarly(timeMs, mean, spanMs);
    const change = judged.finding === null ? this.tellPeak(timeMs, peaked) : judged;
    return { band: judged.band ?? band, finding: change.finding, findingChange: change.findingChange };
  }

  /** What an open finding says it saw is the furthest sample, not the mean of a bin: people compare it with the chart. */
  private notePeak(timeMs: number, value: number, band: Band | null): boolean {
    const open = this.state.open;
    if (open === null || (value - open.observed) * open.direction <= 0) return false;
    open.observed = value;
    open.peakMs = timeMs;
    // The band of this moment says it only where the sample is outside it: another view may have opened the finding.
    const isOutside = band !== null && (open.direction > 0 ? value > band.high : value < band.low);
    if (isOutside) Object.assign(open, band);
    return true;
  }

  /** While a surge still climbs, its finding is told anew every few seconds. */
  private tellPeak(timeMs: number, peaked: boolean): Change {
    const open = this.state.open;
    if (open === null || !peaked || timeMs - open.toldMs < peakToldMs) return unchanged;
    open.toldMs = timeMs;
    open.lastOutMs = Math.max(open.lastOutMs, timeMs);
    return { finding: this.findingOf(open, null), findingChange: 'updated' };
  }

  /** Keeps the moment at which samples left the inner half of the band: the start of what may become a finding. */
  private noteOutside(timeMs: number, x: number): void {
    const state = this.state;
    if (state.bins < binsToExpect) return;
    const view = this.localView(timeMs, null, Math.max(state.binLengthMs, 1));
    const deviation = x - view.expected;
    const side = Math.abs(deviation) > view.half * 0.6 ? Math.sign(deviation) : 0;
    if (side !== 0 && side === state.outsideSide && state.outsideMs !== null) return;
    state.outsideMs = side === 0 ? null : timeMs;
    state.outsideSide = side;
  }

  /** What is expected at a moment: the local level moved by the season's own step since then. */
  private expectedAt(timeMs: number): number {
    const state = this.state;
    const gapMs = timeMs - state.levelAtMs;
    const then = state.levelSeason;
    if (then === null) return state.level;
    const now = this.season.at(timeMs);
    // After a long silence what was special about the level is no longer known: fall back to the season.
    const keep = gapMs > hourMs ? Math.exp(-gapMs / driftMs) : 1;
    return now + state.trend + (state.level - then - state.trend) * keep;
  }

  private scaleAt(timeMs: number, tail: Tail, expected: number, durationMs: number): number {
    const base = Math.max(tail.scale, this.transform.scaleFloor) * this.season.roughnessAt(timeMs);
    const value = Math.max(this.transform.inverse(expected), 0);
    return Math.sqrt(base * base + this.transform.countingVariance(value, Math.max(durationMs, 1000)));
  }

  private localView(timeMs: number, x: number | null, durationMs: number): View {
    const state = this.state;
    const kind = classOf(durationMs);
    const own = state.local[kind];
    const tail = own.count >= binsToFind || kind === 1 ? own : this.borrowed(kind);
    const expected = this.expectedAt(timeMs);
    const scale = this.scaleAt(timeMs, tail, expected, durationMs);
    // Finer bins are more tries a day: each must be rarer.
    const probability = this.choices.probability * Math.min(1, Math.max(durationMs, 15_000) / fiveMinutesMs);
    const limit = limitOf(tail, probability, this.choices.leastLocal);
    const half = Math.max(limit * scale, this.transform.leastEffect);
    const deviation = x === null ? 0 : x - expected;
    return {
      expected,
      half,
      ratio: deviation / half,
      surprise: surpriseOf(tail, Math.abs(deviation) / scale),
    };
  }

  /** A resolution not met before starts from the one that is best known. */
  private borrowed(kind: 0 | 1 | 2): Tail {
    const { local } = this.state;
    const known = [...local].sort((a, b) => b.count - a.count)[0] ?? local[1];
    return known.count > local[kind].count ? known : local[kind];
  }

  private seasonalView(timeMs: number, x: number, durationMs: number): View | null {
    const state = this.state;
    const usual = this.season.at(timeMs);
    if (Number.isNaN(usual) || state.seasonal.count < 2 * 288) return null;
    const expected = usual + state.trend;
    const scale = this.scaleAt(timeMs, state.seasonal, expected, durationMs);
    const limit = limitOf(state.seasonal, this.choices.probability, this.choices.leastSeasonal);
    const half = Math.max(limit * scale, this.transform.materialEffect);
    return {
      expected,
      half,
      ratio: (x - expected) / half,
      surprise: surpriseOf(state.seasonal, Math.abs(x - expected) / scale),
    };
  }

  private bandOf(view: View): Band {
    const { inverse, lowest, highest } = this.transform;
    const limit = (value: number) => Math.min(highest, Math.max(lowest, value));
    return {
      expected: limit(inverse(view.expected)),
      low: limit(inverse(view.expected - view.half)),
      high: limit(inverse(view.expected + view.half)),
    };
  }

  private views(timeMs: number, x: number, durationMs: number): View {
    const local = this.localView(timeMs, x, durationMs);
    const seasonal = this.seasonalView(timeMs, x, durationMs);
    if (seasonal === null || Math.abs(seasonal.ratio) <= Math.abs(local.ratio)) return local;
    return Math.abs(seasonal.ratio) >= 1 ? seasonal : local;
  }

  /** A bin that is not full yet opens a finding only when it is far out. */
  private judgeEarly(timeMs: number, mean: number, spanMs: number, count: number): Change {
    const state = this.state;
    if (state.bins < binsToFind || state.open !== null || count < 4 || spanMs < 3000) return unchanged;
    const view = this.localView(timeMs, mean, this.choices.binMs);
    const needed = 1.5 * Math.sqrt(Math.min(4, this.choices.binMs / spanMs));
    if (Math.abs(view.ratio) < needed || state.outsideMs === null) return unchanged;
    return this.open(timeMs, mean, view, state.outsideMs);
  }

  private judge(timeMs: number, x: number, spanMs: number): Change & { readonly band: Band | null } {
    const state = this.state;
    if (state.bins === 0) {
      state.level = x;
      state.recent = x;
      state.trend = x;
      state.levelAtMs = timeMs;
      state.binLengthMs = spanMs;
      state.bins = 1;
      this.season.learn(timeMs, 0, 0, 1, spanMs / fiveMinutesMs);
      return { band: null, ...unchanged };
    }
    const view = this.views(timeMs, x, spanMs);
    const band = state.bins < binsToExpect ? null : this.bandOf(view);
    const change = state.bins < binsToFind ? unchanged : this.decide(timeMs, x, spanMs, view);
    this.learn(timeMs, x, spanMs, this.localView(timeMs, x, spanMs));
    return { band, ...change };
  }

  /** Keeps the first bins and, when there are enough, chooses from them what counts as small, then learns them anew. */
  private gatherEarly(timeMs: number, x: number, spanMs: number): void {
    const { state } = this;
    if (state.early === null) return;
    state.early.push({ timeMs, spanMs, value: this.transform.inverse(x) });
    if (state.early.length < binsToFind) return;
    const { early, lastMs, historyMs } = state;
    const typical = early.reduce((sum, { value }) => sum + Math.abs(value), 0) / early.length;
    const reference = this.transform.multiplicative ? referenceFor(this.facts, typical) : 1;
    if (reference === state.reference) {
      state.early = null;
      return;
    }
    Object.assign(state, emptyState(), { reference, early: null, lastMs });
    this.season = new Season(state.season);
    this.transform = transformFor(this.facts, reference);
    for (const bin of early) {
      state.historyMs += bin.spanMs;
      this.judge(bin.timeMs, this.transform.forward(bin.value), bin.spanMs);
    }
    state.historyMs = historyMs;
  }

  private decide(timeMs: number, x: number, spanMs: number, view: View): Change {
    const state = this.state;
    const open = state.open;
    if (open !== null) return this.follow(timeMs, x, spanMs, view, open);
    if (Math.abs(view.ratio) < 1) {
      state.pending = null;
      return unchanged;
    }
    const direction = view.ratio > 0 ? 1 : -1;
    const pending = state.pending;
    const start = state.outsideSide === direction ? state.outsideMs : null;
    const next: Pending =
      pending !== null && pending.direction === direction
        ? { ...pending, bins: pending.bins + 1, spanMs: pending.spanMs + spanMs }
        : { direction, startMs: start ?? timeMs - spanMs, bins: 1, spanMs };
    state.pending = next;
    const enough = next.bins >= 2 && next.spanMs >= minuteMs;
    const farOut = Math.abs(view.ratio) >= (classOf(spanMs) === 0 ? 1.8 : 1.15);
    return enough || farOut ? this.open(timeMs, x, view, next.startMs) : unchanged;
  }

  private laneOf(direction: 1 | -1, x: number, view: View): 'actionable' | 'informational' {
    if (this.baselineState === 'learning') return 'informational';
    const size = Math.abs(x - view.expected);
    if (size < this.transform.materialEffect) return 'informational';
    switch (this.facts.measure) {
      case 'rate':
      case 'packets':
      case 'bits':
      case 'connections':
        // A fall to less than half is an outage to somebody.
        return direction > 0 || size >= Math.LN2 ? 'actionable' : 'informational';
      case 'latency':
      case 'errors':
      case 'saturation':
        return direction > 0 ? 'actionable' : 'informational';
      case 'reachability':
      case 'availability':
        return direction < 0 ? 'actionable' : 'informational';
      case 'mitigated':
      case 'other':
        return 'informational';
    }
  }

  private open(timeMs: number, x: number, view: View, startMs: number): Change {
    const state = this.state;
    const direction = view.ratio > 0 ? 1 : -1;
    const band = this.bandOf(view);
    const ratio = Math.abs(view.ratio);
    state.pending = null;
    state.open = {
      direction,
      startMs,
      peakMs: timeMs,
      peakRatio: ratio,
      observed: this.transform.inverse(x),
      ...band,
      surprise: view.surprise,
      lane: this.laneOf(direction, x, view),
      toldRatio: ratio,
      toldMs: timeMs,
      lastOutMs: timeMs,
      calmBins: 0,
      calmMs: timeMs,
      baselineState: this.baselineState,
    };
    return { finding: this.findingOf(state.open, null), findingChange: 'opened' };
  }

  private follow(timeMs: number, x: number, spanMs: number, view: View, open: OpenFinding): Change {
    const ratio = view.ratio * open.direction;
    if (ratio >= 0.7) {
      open.lastOutMs = timeMs;
      open.calmBins = 0;
    } else {
      if (open.calmBins === 0) open.calmMs = timeMs - spanMs;
      open.calmBins += 1;
    }
    const calmNeeded = classOf(spanMs) === 0 ? 4 : 2;
    if (open.calmBins >= calmNeeded) {
      const endMs = Math.max(open.calmMs, open.peakMs);
      this.state.open = null;
      return { finding: this.findingOf(open, endMs), findingChange: 'closed' };
    }
    if (timeMs - open.startMs > this.choices.acceptMs) {
      // It has been so for a day: this is the level now.
      const usual = this.season.at(timeMs);
      this.state.level = this.state.recent;
      this.state.levelAtMs = timeMs;
      this.state.levelSeason = Number.isNaN(usual) ? null : usual;
      this.state.trend = this.state.recent - (Number.isNaN(usual) ? 0 : usual);
      this.state.open = null;
      return { finding: this.findingOf(open, timeMs), findingChange: 'closed' };
    }
    if (ratio > open.peakRatio) {
      open.peakRatio = ratio;
      const mean = this.transform.inverse(x);
      if ((mean - open.observed) * open.direction > 0) {
        open.peakMs = timeMs;
        open.observed = mean;
        Object.assign(open, this.bandOf(view));
      }
      open.surprise = Math.max(open.surprise, view.surprise);
    }
    const lane = this.laneOf(open.direction, x, view);
    const worseLane = lane === 'actionable' && open.lane === 'informational';
    if (worseLane || open.peakRatio >= 1.6 * open.toldRatio) {
      if (worseLane) open.lane = 'actionable';
      open.toldRatio = open.peakRatio;
      open.toldMs = timeMs;
      return { finding: this.findingOf(open, null), findingChange: 'escalated' };
    }
    if (timeMs - open.toldMs >= minuteMs) {
      open.toldMs = timeMs;
      return { finding: this.findingOf(open, null), findingChange: 'updated' };
    }
    return unchanged;
  }

  private learn(timeMs: number, x: number, spanMs: number, local: View): void {
    const state = this.state;
    const kind = classOf(spanMs);
    const out = state.open !== null;
    const suspicious = out || Math.abs(local.ratio) >= 1;
    const deviation = x - local.expected;
    const floor = this.transform.scaleFloor;
    const tail = state.local[kind];
    if (tail.count === 0) {
      const known = this.borrowed(kind);
      if (known.count >= binsToFind) Object.assign(tail, known, { count: Math.min(known.count, 240) });
    }
    const scale = this.scaleAt(timeMs, tail.count > 0 ? tail : this.borrowed(kind), local.expected, spanMs);
    const young = state.bins < binsToFind;
    const believable = young ? deviation : Math.min(Math.max(deviation, -clip * scale), clip * scale);
    const memoryMs = out ? frozenLevelMs : suspicious ? 3 * this.choices.levelMs : this.choices.levelMs;
    const share = Math.max(1 - Math.exp(-spanMs / memoryMs), young ? 1 / (state.bins + 1) : 0);
    state.level = local.expected + believable * share;
    state.recent += (x - state.recent) * (1 - Math.exp(-spanMs / hourMs));
    const usual = this.season.at(timeMs);
    state.levelAtMs = timeMs;
    state.levelSeason = Number.isNaN(usual) ? null : usual;
    state.binLengthMs = spanMs;
    state.bins += 1;
    if (!out) learnTail(tail, deviation, suspicious ? 0.2 : 1, floor);
    this.learnSeason(
      timeMs,
      x,
      spanMs,
      out ? 0.2 : suspicious ? 0.5 : 1,
      out ? null : deviation / Math.max(tail.scale, floor),
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
  ): void {
    const { state, season } = this;
    const usual = season.at(timeMs);
    const known = !Number.isNaN(usual);
    const gap = x - state.trend - (known ? usual : 0);
    const reach = clip * Math.max(state.seasonal.scale, this.transform.scaleFloor);
    if (known)
      learnTail(state.seasonal, gap, trust * Math.min(1, spanMs / fiveMinutesMs), this.transform.scaleFloor);
    const roughness = relative === null ? 1 : Math.min(clip, Math.abs(relative));
    const offset = x - state.trend;
    // An hourly sample stands for both its half-hours.
    const slots = Math.max(1, Math.min(slotsADay, Math.round(spanMs / slotMs)));
    const weight = (spanMs / fiveMinutesMs / slots) * trust;
    let turned = false;
    for (let slot = 0; slot < slots; slot += 1) {
      const isNew = season.learn(timeMs - slot * slotMs, offset, reach, roughness, weight);
      turned = turned || isNew;
    }
    if (state.centred) {
      const step = known ? Math.min(Math.max(gap, -reach), reach) : gap;
      state.trend += step * (1 - Math.exp((-spanMs / trendMs) * trust));
    } else if (state.historyMs >= dayMs) {
      // The first day's shape stands on its first value; now its mean is known.
      state.trend += season.centre();
      state.centred = true;
    }
    if (turned || (state.centred && !known)) {
      const now = season.at(timeMs);
      state.levelSeason = Number.isNaN(now) ? null : now;
    }
  }

  private findingOf(open: OpenFinding, endMs: number | null): Finding {
    const { facts } = this;
    return {
      id: `${facts.id}@${Math.round(open.startMs)}`,
      signalId: facts.id,
      customerId: facts.customerId,
      serviceId: facts.serviceId,
      stage: facts.stage,
      kind: 'deviation',
      direction: open.direction > 0 ? 'up' : 'down',
      lane: open.lane,
      state: endMs === null ? 'open' : 'closed',
      startMs: open.startMs,
      peakMs: open.peakMs,
      endMs,
      observed: open.observed,
      expected: open.expected,
      low: open.low,
      high: open.high,
      surprise: Math.round(Math.min(open.surprise, 99) * 10) / 10,
      historyMs: this.state.historyMs,
      sentence: deviationSentence({
        name: facts.name,
        unit: facts.unit,
        multiplicative: this.transform.multiplicative,
        observed: open.observed,
        expected: open.expected,
        low: open.low,
        high: open.high,
        timeMs: open.peakMs,
        lastedMs: (endMs ?? open.lastOutMs) - open.startMs,
        baselineState: open.baselineState,
      }),
    };
  }
}

/** How often a peak that moves is told, ms of sample time. */
const peakToldMs = 5_000;

interface Change {
  readonly finding: Finding | null;
  readonly findingChange: Judgement['findingChange'];
}

const unchanged: Change = { finding: null, findingChange: null };
const nothing: Judgement = { band: null, finding: null, findingChange: null };

/** A detector for a signal of which nothing is known yet. */
export function createDetector(facts: SignalFacts, choices: Partial<DetectorChoices> = {}): Detector {
  return new SignalDetector(facts, { ...defaultChoices, ...choices }, emptyState());
}

/**
 * A detector that goes on exactly where `serialize` left off.
 * @throws WatchfloorError `bad-input` when the state is not one of this version's; start a new one then
 */
export function restoreDetector(
  facts: SignalFacts,
  serialized: unknown,
  choices: Partial<DetectorChoices> = {},
): Detector {
  const parsed = stateSchema.safeParse(serialized);
  if (!parsed.success) {
    throw new WatchfloorError(
      'bad-input',
      `The stored baseline of ${facts.name} cannot be read. It is learned anew from the stored samples.`,
      z.prettifyError(parsed.error),
    );
  }
  return new SignalDetector(facts, { ...defaultChoices, ...choices }, parsed.data);
}
