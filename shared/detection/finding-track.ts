import { z } from 'zod';
import type { Lane } from '../domain/alert.ts';
import { type BaselineState, baselineStateSchema } from '../domain/signal.ts';
import { dayMs, hourMs, minuteMs } from '../domain/time.ts';
import type { Band, FindingChangeKind } from './engine.ts';
import { resolutionOf } from './expectation.ts';

/** Up or down. */
export type Direction = 1 | -1;

/** A finding while it is open; JSON-safe. */
export interface OpenFinding {
  direction: Direction;
  startMs: number;
  peakMs: number;
  peakRatio: number;
  observed: number;
  expected: number;
  low: number;
  high: number;
  surprise: number;
  lane: Lane;
  toldRatio: number;
  toldMs: number;
  lastOutMs: number;
  calmBins: number;
  calmMs: number;
  baselineState: BaselineState;
}

interface Pending {
  direction: Direction;
  startMs: number;
  bins: number;
  spanMs: number;
}

interface ClosedFinding {
  direction: Direction;
  startMs: number;
  closedMs: number;
  toldRatio: number;
  lane: Lane;
}

/** What is open, about to open, or only just closed; JSON-safe. */
export interface TrackState {
  pending: Pending | null;
  open: OpenFinding | null;
  /** The last finding that closed: what comes back soon is still that one. */
  closed: ClosedFinding | null;
  /** Grows with each opening, falls with each day; what is beyond the free part is a logarithm of the extra limit. */
  caution: number;
}

const directionSchema = z.union([z.literal(1), z.literal(-1)]);
const laneSchema = z.enum(['actionable', 'informational']);
export const trackSchema = z.object({
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
      lane: laneSchema,
      toldRatio: z.number(),
      toldMs: z.number(),
      lastOutMs: z.number(),
      calmBins: z.number(),
      calmMs: z.number(),
      baselineState: baselineStateSchema,
    })
    .nullable(),
  closed: z
    .object({
      direction: directionSchema,
      startMs: z.number(),
      closedMs: z.number(),
      toldRatio: z.number(),
      lane: laneSchema,
    })
    .nullable(),
  caution: z.number(),
});

export function emptyTrack(): TrackState {
  return { pending: null, open: null, closed: null, caution: 0 };
}

/** Clearly worse is this many times as far out as what was told. */
export const clearlyWorse = 1.6;
/** What comes back the same way within this time is the finding that was there before, ms. */
const holdMs = hourMs;
/**
 * How much each opening adds to the caution, how much of it goes in a day, and what is free. A signal that opens every
 * few days is believed at once; one that opens more often, day after day, is one whose ordinary behaviour the tails do
 * not describe: it must be further out to be heard.
 */
const cautionStep = 0.3;
const cautionPerDay = 0.12;
const freeCaution = 0.6;
/** Bins inside that end a finding. */
const calmFine = 4;
const calmCoarse = 2;
/** Back inside is at most this part of the limit. */
const calmRatio = 0.7;
/** While nothing changes, an open finding is told anew this often, ms of sample time. */
const toldEveryMs = minuteMs;

/**
 * How far out a run of bins outside the band must be to open a finding, in limits of noise: what lasts needs less.
 * @param spanMs length of the run so far
 */
export function neededRatio(spanMs: number, bins: number): number {
  if (bins >= 3 && spanMs >= 14 * minuteMs) return 1.2;
  if (bins >= 2 && spanMs >= 9 * minuteMs) return 1.5;
  if (spanMs >= 4.5 * minuteMs) return bins === 1 ? 2 : 1.5;
  if (spanMs >= 1.9 * minuteMs) return 1.5;
  return spanMs >= 50_000 ? 3.2 : 4;
}

/** A bin as the track needs it: already judged. */
export interface JudgedBin {
  readonly timeMs: number;
  readonly spanMs: number;
  /** Furthest view: signed, in its limits. */
  readonly ratio: number;
  /** Its size in limits of noise alone. */
  readonly clearness: number;
  readonly surprise: number;
  /** Sum with the bins before, in its limits, and how improbable that is. */
  readonly sustained: number;
  readonly sustainedSurprise: number;
  /** Mean of the bin and what was expected, in the signal's unit. */
  readonly value: number;
  readonly band: Band;
  /** Which lane a finding of this size belongs to. */
  readonly lane: Lane;
  readonly baselineState: BaselineState;
  /** Since when samples have been outside on this side; null where they have not. */
  readonly outsideMs: number | null;
}

/** What happened to the open finding; `finding` is the state to tell. */
export interface TrackChange {
  readonly change: FindingChangeKind;
  readonly finding: OpenFinding;
  /** null while it is open. */
  readonly endMs: number | null;
  /** It lasted so long that it is the new normal. */
  readonly isAccepted: boolean;
}

/** Opens, follows and closes the findings of one signal, one at a time. */
export class FindingTrack {
  readonly state: TrackState;
  private readonly acceptMs: number;

  /** @param acceptMs a finding that lasts longer than this is the new normal */
  constructor(acceptMs: number, state: TrackState) {
    this.acceptMs = acceptMs;
    this.state = state;
  }

  get open(): OpenFinding | null {
    return this.state.open;
  }

  /** How many times further out than its tails say this signal must be. */
  get caution(): number {
    return Math.exp(Math.max(0, this.state.caution - freeCaution));
  }

  passTime(spanMs: number): void {
    if (this.state.caution > 0) {
      this.state.caution = Math.max(0, this.state.caution - cautionPerDay * (spanMs / dayMs));
    }
  }

  /** Takes one full bin; null when there is nothing to tell. */
  take(bin: JudgedBin): TrackChange | null {
    const { state } = this;
    if (state.open !== null) return this.follow(bin, state.open);
    const size = Math.abs(bin.ratio);
    if (bin.sustained >= 1) {
      return this.begin(bin, bin.outsideMs ?? bin.timeMs - bin.spanMs, Math.max(size, bin.sustained));
    }
    if (size < 1) {
      state.pending = null;
      return null;
    }
    const direction = bin.ratio > 0 ? 1 : -1;
    const { pending } = state;
    const next: Pending =
      pending !== null && pending.direction === direction
        ? { ...pending, bins: pending.bins + 1, spanMs: pending.spanMs + bin.spanMs }
        : { direction, startMs: bin.outsideMs ?? bin.timeMs - bin.spanMs, bins: 1, spanMs: bin.spanMs };
    state.pending = next;
    return bin.clearness >= neededRatio(next.spanMs, next.bins) ? this.begin(bin, next.startMs, size) : null;
  }

  /** Opens a finding, or goes on with the one that closed a short while ago. */
  begin(bin: JudgedBin, startMs: number, ratio: number): TrackChange {
    const { state } = this;
    const direction = bin.value >= bin.band.expected ? 1 : -1;
    const { timeMs, lane } = bin;
    const before = state.closed;
    const isBack = before !== null && before.direction === direction && timeMs - before.closedMs <= holdMs;
    const isWorse = isBack && ratio >= clearlyWorse * before.toldRatio;
    const isWorseLane = isBack && lane === 'actionable' && before.lane === 'informational';
    const open: OpenFinding = {
      direction,
      startMs: isBack ? before.startMs : startMs,
      peakMs: timeMs,
      peakRatio: ratio,
      observed: bin.value,
      ...bin.band,
      surprise: Math.max(bin.surprise, bin.sustainedSurprise),
      lane: isBack && before.lane === 'actionable' ? 'actionable' : lane,
      toldRatio: isBack && !isWorse ? before.toldRatio : ratio,
      toldMs: timeMs,
      lastOutMs: timeMs,
      calmBins: 0,
      calmMs: timeMs,
      baselineState: bin.baselineState,
    };
    state.pending = null;
    state.open = open;
    if (!isBack) state.caution += cautionStep;
    const change = !isBack ? 'opened' : isWorse || isWorseLane ? 'escalated' : 'updated';
    return { change, finding: open, endMs: null, isAccepted: false };
  }

  private end(open: OpenFinding, timeMs: number, endMs: number, isAccepted: boolean): TrackChange {
    this.state.open = null;
    this.state.closed = {
      direction: open.direction,
      startMs: open.startMs,
      closedMs: timeMs,
      // What was told, or nearly told, need not be told again.
      toldRatio: Math.max(open.toldRatio, open.peakRatio / clearlyWorse),
      lane: open.lane,
    };
    return { change: 'closed', finding: open, endMs, isAccepted };
  }

  private follow(bin: JudgedBin, open: OpenFinding): TrackChange | null {
    const { timeMs, spanMs } = bin;
    const ratio = bin.ratio * open.direction;
    const isOut = ratio >= calmRatio || (bin.sustained >= 1 && ratio > 0);
    if (isOut) {
      open.lastOutMs = timeMs;
      open.calmBins = 0;
    } else {
      if (open.calmBins === 0) open.calmMs = timeMs - spanMs;
      open.calmBins += 1;
    }
    if (open.calmBins >= (resolutionOf(spanMs) === 0 ? calmFine : calmCoarse)) {
      return this.end(open, timeMs, Math.max(open.calmMs, open.peakMs), false);
    }
    if (timeMs - open.startMs > this.acceptMs && isOut) return this.end(open, timeMs, timeMs, true);
    if (ratio > open.peakRatio) {
      open.peakRatio = ratio;
      if ((bin.value - open.observed) * open.direction > 0) {
        open.peakMs = timeMs;
        open.observed = bin.value;
        Object.assign(open, bin.band);
      }
      open.surprise = Math.max(open.surprise, bin.surprise);
    }
    const isWorseLane = isOut && bin.lane === 'actionable' && open.lane === 'informational';
    if (isWorseLane || open.peakRatio >= clearlyWorse * open.toldRatio) {
      if (isWorseLane) open.lane = 'actionable';
      open.toldRatio = open.peakRatio;
      open.toldMs = timeMs;
      return { change: 'escalated', finding: open, endMs: null, isAccepted: false };
    }
    if (timeMs - open.toldMs < toldEveryMs) return null;
    open.toldMs = timeMs;
    return { change: 'updated', finding: open, endMs: null, isAccepted: false };
  }
}
