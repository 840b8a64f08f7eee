import { z } from 'zod';
import type { Lane } from '../domain/alert.ts';
import { type BaselineState, baselineStateSchema } from '../domain/signal.ts';
import { dayMs, hourMs, minuteMs } from '../domain/time.ts';
import type { Band, FindingChangeKind } from './engine.ts';
import { resolutionOf } from './expectation.ts';

/** Up or down. */
export type Direction = 1 | -1;

/** What a run of bins on one side amounts to; JSON-safe. */
interface Run {
  /** How far out they were, added up, in limits of noise. */
  evidence: number;
  samples: number;
  bins: number;
  spanMs: number;
  /** How far from what was expected they were of late, transformed. */
  effect: number;
}

/** A finding while it is open; JSON-safe. */
export interface OpenFinding {
  direction: Direction;
  startMs: number;
  /** Start of the first of the findings that it goes on with; its own where there was none. */
  eventMs: number;
  peakMs: number;
  peakRatio: number;
  observed: number;
  expected: number;
  low: number;
  high: number;
  surprise: number;
  run: Run;
  lane: Lane;
  toldRatio: number;
  /** The largest effect that was told, transformed. */
  toldEffect: number;
  /** It is smaller than one that was told some hours ago, the same way. */
  isEcho: boolean;
  toldMs: number;
  lastOutMs: number;
  calmBins: number;
  calmMs: number;
  baselineState: BaselineState;
  /** It was told as something new, not only as what went on. */
  isNew: boolean;
}

interface Pending {
  direction: Direction;
  startMs: number;
  run: Run;
}

interface ClosedFinding {
  direction: Direction;
  startMs: number;
  eventMs: number;
  closedMs: number;
  toldRatio: number;
  toldEffect: number;
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
const runSchema = z.object({
  evidence: z.number(),
  samples: z.number(),
  bins: z.number(),
  spanMs: z.number(),
  effect: z.number(),
});
export const trackSchema = z.object({
  pending: z
    .object({
      direction: directionSchema,
      startMs: z.number(),
      run: runSchema,
    })
    .nullable(),
  open: z
    .object({
      direction: directionSchema,
      startMs: z.number(),
      eventMs: z.number(),
      peakMs: z.number(),
      peakRatio: z.number(),
      observed: z.number(),
      expected: z.number(),
      low: z.number(),
      high: z.number(),
      surprise: z.number(),
      run: runSchema,
      lane: laneSchema,
      toldRatio: z.number(),
      toldEffect: z.number(),
      isEcho: z.boolean(),
      toldMs: z.number(),
      lastOutMs: z.number(),
      calmBins: z.number(),
      calmMs: z.number(),
      baselineState: baselineStateSchema,
      isNew: z.boolean(),
    })
    .nullable(),
  closed: z
    .object({
      direction: directionSchema,
      startMs: z.number(),
      eventMs: z.number(),
      closedMs: z.number(),
      toldRatio: z.number(),
      toldEffect: z.number(),
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
/** What comes back the same way within this time belongs to what was there before, ms. */
const holdMs = 6 * hourMs;
/**
 * Until it has been calm for so long it is the same finding, told again only when it is clearly worse. After that it is
 * a finding of its own: of the same event when its effect is at least this part of what was told; else an echo that
 * calls nobody until it is as large or has proved several times what a finding must.
 */
const quietMs = 45 * minuteMs;
const comparable = 0.45;
const echoEvidence = 24;
/**
 * How much each opening adds to the caution, how much of it goes in a day, what is free, and the most that counts. A
 * signal that opens every few days is believed at once; one that opens more often, day after day, is one whose ordinary
 * behaviour the tails do not describe: it must be further out to be heard, yet never more than about twice: who is
 * attacked every day is heard every day.
 */
const cautionStep = 0.3;
const cautionPerDay = 0.14;
const freeCaution = 1;
const mostCaution = 0.8;
/**
 * What a run must add up to before a person is called, in limits of noise; an effect as large as this, transformed, is
 * called as soon as it is clear. One coarse bin far up may be a burst that is over, two of ten times are a flood.
 */
const leastEvidence = 6;
const largeEffect = Math.log(6.5);
const largeEvidence = 2;
/** A bin longer than this is no burst: it proves as much as all the bursts that fit into it, ms. */
const burstMs = 5 * minuteMs;
/** Neither is a bin of so many samples that agree; it counts so many times. */
const manySamples = 4;
const manyWeight = 2;
/** So few samples that fall may have got lost on the way: they must add up to more. */
const fewSamples = 5;
const fewEvidence = 15;
/** Bins over which the effect of a run is taken. */
const effectBins = 4;
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
  /** How many samples it was gathered from. */
  readonly samples: number;
  /** Its distance from what was expected, transformed. */
  readonly effect: number;
  readonly baselineState: BaselineState;
  /** Since when samples have been outside on this side; null where they have not. */
  readonly outsideMs: number | null;
}

function prolonged(run: Run | null, bin: JudgedBin): Run {
  const { samples, spanMs, effect } = bin;
  const weight = Math.max(bin.spanMs / burstMs, bin.samples >= manySamples ? manyWeight : 1);
  const evidence = bin.clearness * weight;
  if (run === null) return { evidence, samples, bins: 1, spanMs, effect };
  const bins = run.bins + 1;
  return {
    evidence: run.evidence + evidence,
    samples: run.samples + samples,
    bins,
    spanMs: run.spanMs + spanMs,
    effect: run.effect + (effect - run.effect) / Math.min(bins, effectBins),
  };
}

/** The id of a finding; one that goes on with an event names the event first. */
export function findingIdOf(signalId: string, { eventMs, startMs }: OpenFinding): string {
  const eventId = `${signalId}@${Math.round(eventMs)}`;
  return eventMs === startMs ? eventId : `${eventId}+${Math.round(startMs)}`;
}

/** The event that a finding belongs to: what comes back the same way within hours is one. */
export function eventIdOf(findingId: string): string {
  return findingId.replace(/\+\d+$/, '');
}

/** Whether a run proves enough to call a person. */
function isEnough({ evidence, samples, effect }: Run, direction: Direction, spanMs: number): boolean {
  const mayBeLost = direction < 0 && samples <= fewSamples && resolutionOf(spanMs) === 0;
  const needed = mayBeLost ? fewEvidence : Math.abs(effect) >= largeEffect ? largeEvidence : leastEvidence;
  return evidence >= needed;
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
  private readonly laneOf: (effect: number, baseline: BaselineState) => Lane;

  /**
   * @param acceptMs a finding that lasts longer than this is the new normal
   * @param laneOf which lane a finding of this size belongs to
   */
  constructor(
    acceptMs: number,
    laneOf: (effect: number, baseline: BaselineState) => Lane,
    state: TrackState,
  ) {
    this.acceptMs = acceptMs;
    this.laneOf = laneOf;
    this.state = state;
  }

  get open(): OpenFinding | null {
    return this.state.open;
  }

  /** How many times further out than its tails say this signal must be. */
  get caution(): number {
    return Math.exp(Math.max(0, Math.min(this.state.caution - freeCaution, mostCaution)));
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
    this.await(bin);
    const { pending } = state;
    if (pending === null) return null;
    const { run, startMs } = pending;
    if (bin.sustained < 1 && bin.clearness < neededRatio(run.spanMs, run.bins)) return null;
    return this.begin(bin, startMs, Math.max(Math.abs(bin.ratio), bin.sustained), run);
  }

  /** Goes on with the run that may become a finding, or begins one. */
  private await(bin: JudgedBin): void {
    const { state } = this;
    const { pending } = state;
    if (Math.abs(bin.ratio) < 1 && bin.sustained < 1) {
      state.pending = null;
      return;
    }
    const direction = bin.ratio > 0 ? 1 : -1;
    state.pending =
      pending !== null && pending.direction === direction
        ? { ...pending, run: prolonged(pending.run, bin) }
        : { direction, startMs: bin.outsideMs ?? bin.timeMs - bin.spanMs, run: prolonged(null, bin) };
  }

  /**
   * Opens a finding, or goes on with the one that closed some hours ago; null while what is large enough for a person
   * may still be a burst that is over with the next bin.
   */
  begin(bin: JudgedBin, startMs: number, ratio: number, run: Run = prolonged(null, bin)): TrackChange | null {
    const { state } = this;
    const direction = bin.value >= bin.band.expected ? 1 : -1;
    const { timeMs, baselineState } = bin;
    const isProven = isEnough(run, direction, bin.spanMs);
    const ownLane = this.laneOf(run.effect, baselineState);
    if (!isProven && direction > 0 && ownLane === 'actionable') return null;
    const lane = isProven ? ownLane : 'informational';
    const size = Math.abs(run.effect);
    const before = state.closed;
    const isHeld = before !== null && before.direction === direction && timeMs - before.closedMs <= holdMs;
    const hasCalmed = isHeld && timeMs - before.closedMs >= quietMs;
    const isComparable = isHeld && size >= comparable * before.toldEffect;
    const isClearlyWorse = isHeld && ratio >= clearlyWorse * before.toldRatio;
    const isEcho = hasCalmed && before.lane === 'actionable' && !isComparable && !isClearlyWorse;
    // What calls a person begins when it begins, not with some small thing that called nobody a while ago.
    const isGraver = isHeld && lane === 'actionable' && before.lane === 'informational';
    const isBack = isHeld && !hasCalmed && !isGraver;
    const isWorse = isBack && isClearlyWorse;
    const open: OpenFinding = {
      direction,
      startMs: isBack ? before.startMs : startMs,
      eventMs: isHeld && !isEcho ? before.eventMs : startMs,
      peakMs: timeMs,
      peakRatio: ratio,
      observed: bin.value,
      ...bin.band,
      surprise: Math.max(bin.surprise, bin.sustainedSurprise),
      run,
      lane: isEcho ? 'informational' : isBack && before.lane === 'actionable' ? 'actionable' : lane,
      toldRatio: isBack && !isWorse ? before.toldRatio : ratio,
      toldEffect: isBack || isEcho ? Math.max(before.toldEffect, size) : size,
      isEcho,
      isNew: !isBack,
      toldMs: timeMs,
      lastOutMs: timeMs,
      calmBins: 0,
      calmMs: timeMs,
      baselineState,
    };
    state.pending = null;
    state.open = open;
    const change = !isBack ? 'opened' : isWorse ? 'escalated' : 'updated';
    return { change, finding: open, endMs: null, isAccepted: false };
  }

  private end(open: OpenFinding, timeMs: number, endMs: number, isAccepted: boolean): TrackChange {
    const { state } = this;
    state.open = null;
    if (open.isNew) state.caution += cautionStep;
    // What an echo is measured by is what it is an echo of.
    if (open.isEcho) return { change: 'closed', finding: open, endMs, isAccepted };
    state.closed = {
      direction: open.direction,
      startMs: open.startMs,
      eventMs: open.eventMs,
      closedMs: timeMs,
      // What was told, or nearly told, need not be told again.
      toldRatio: Math.max(open.toldRatio, open.peakRatio / clearlyWorse),
      toldEffect: open.toldEffect,
      lane: open.lane,
    };
    return { change: 'closed', finding: open, endMs, isAccepted };
  }

  private follow(bin: JudgedBin, open: OpenFinding): TrackChange | null {
    const { timeMs, spanMs } = bin;
    const ratio = bin.ratio * open.direction;
    if (ratio <= -1) {
      // It went over to the other side: that is something else.
      const ended = this.end(open, timeMs, Math.max(open.lastOutMs, open.peakMs), false);
      this.await(bin);
      return ended;
    }
    const isOut = ratio >= calmRatio || (bin.sustained >= 1 && ratio > 0);
    if (isOut) {
      open.run = prolonged(open.run, bin);
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
    if (this.isToldAnew(bin, open, isOut)) {
      open.toldRatio = open.peakRatio;
      open.toldMs = timeMs;
      return { change: 'escalated', finding: open, endMs: null, isAccepted: false };
    }
    if (timeMs - open.toldMs < toldEveryMs) return null;
    open.toldMs = timeMs;
    return { change: 'updated', finding: open, endMs: null, isAccepted: false };
  }

  /** Whether an open finding is to be told again: it became clearly worse, a person's, or as large as what was told. */
  private isToldAnew(bin: JudgedBin, open: OpenFinding, isOut: boolean): boolean {
    const isWorse = open.peakRatio >= clearlyWorse * open.toldRatio;
    if (!isOut) return isWorse;
    const size = Math.abs(open.run.effect);
    if (open.isEcho && (size >= comparable * open.toldEffect || open.run.evidence >= echoEvidence))
      open.isEcho = false;
    if (open.isEcho) return isWorse;
    open.toldEffect = Math.max(open.toldEffect, size);
    const isWorseLane =
      open.lane === 'informational' &&
      isEnough(open.run, open.direction, bin.spanMs) &&
      this.laneOf(open.run.effect, bin.baselineState) === 'actionable';
    if (isWorseLane) open.lane = 'actionable';
    return isWorse || isWorseLane;
  }
}
