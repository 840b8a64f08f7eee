import { z } from 'zod';
import type { Lane } from '../domain/alert.ts';
import type { BaselineState, Finding } from '../domain/signal.ts';
import { hourMs, minuteMs } from '../domain/time.ts';
import type { Band, FindingChange, SignalFacts } from './engine.ts';
import {
  binsToExpect,
  Expectation,
  type ExpectationChoices,
  type ExpectationState,
  emptyExpectation,
  expectationSchema,
  type View,
} from './expectation.ts';
import {
  emptyTrack,
  FindingTrack,
  findingIdOf,
  type JudgedBin,
  type OpenFinding,
  type TrackChange,
  type TrackState,
  trackSchema,
} from './finding-track.ts';
import { deviationSentence } from './sentence.ts';
import { binsToKnow } from './tail.ts';
import { referenceFor, type Transform, transformFor } from './transform.ts';

/** What of the actionable lane may be chosen. */
export interface ActionableChoices extends ExpectationChoices {
  /** Samples closer than this are gathered into bins of this length before they are judged, ms. */
  readonly binMs: number;
  /** A finding that lasts longer than this is the new normal, ms. */
  readonly acceptMs: number;
}

const fiveMinutesMs = 5 * minuteMs;
/** Samples in a bin from which its largest may be cut. */
const leastToCut = 4;
/** How often a peak that moves is told, ms of sample time. */
const peakToldMs = 5_000;
/** A bin that is not full opens a finding only from so many samples, over so long, this far out. */
const earlySamples = 4;
const earlyMs = 3_000;
const earlyRatio = 2;

/** A fall of traffic to less than about half (45 %) is an outage to somebody; in logarithms. */
const leastFall = Math.log(2.2);

interface Bin {
  startMs: number;
  endMs: number;
  sum: number;
  count: number;
  /** The two largest values: one mad sample must not stand for its bin. */
  largest: number;
  second: number;
}

/** One of the first bins, kept until the reference of the transform is chosen from them. */
interface EarlyBin {
  timeMs: number;
  spanMs: number;
  value: number;
}

/** What the lane remembers; JSON-safe. */
export interface ActionableState {
  /** What counts as small for this signal, in its unit (milliseconds for seconds). */
  reference: number;
  /** Smallest step between two samples so far, in the signal's unit; null while they never differed. */
  grain: number | null;
  lastValue: number | null;
  /** null once the reference is chosen. */
  early: EarlyBin[] | null;
  /** History that the expectation rests on, ms. */
  learnedMs: number;
  expectation: ExpectationState;
  bin: Bin | null;
  /** Since when samples have been outside without a pause, for exact start times. */
  outsideMs: number | null;
  outsideSide: number;
  /** Of the last full bin: what samples of the next are told until it is full. */
  score: number;
  track: TrackState;
}

export const actionableSchema = z.object({
  reference: z.number().positive(),
  grain: z.number().nullable(),
  lastValue: z.number().nullable(),
  early: z.array(z.object({ timeMs: z.number(), spanMs: z.number(), value: z.number() })).nullable(),
  learnedMs: z.number(),
  expectation: expectationSchema,
  bin: z
    .object({
      startMs: z.number(),
      endMs: z.number(),
      sum: z.number(),
      count: z.number(),
      largest: z.number(),
      second: z.number(),
    })
    .nullable(),
  outsideMs: z.number().nullable(),
  outsideSide: z.number(),
  score: z.number(),
  track: trackSchema,
});

export function emptyActionable(): ActionableState {
  return {
    reference: 1,
    grain: null,
    lastValue: null,
    early: [],
    learnedMs: 0,
    expectation: emptyExpectation(),
    bin: null,
    outsideMs: null,
    outsideSide: 0,
    score: 0,
    track: emptyTrack(),
  };
}

/** What one sample gave in this lane. */
export interface ActionableJudgement {
  readonly band: Band | null;
  readonly change: FindingChange | null;
  readonly score: number;
}

/** Spikes and drops that need a person now: fast, and very rare when nothing is wrong. */
export class ActionableLane {
  readonly state: ActionableState;
  private readonly facts: SignalFacts;
  private readonly choices: ActionableChoices;
  private transform: Transform;
  private expectation: Expectation;
  private track: FindingTrack;
  private baseline: BaselineState = 'learning';
  private historyMs = 0;

  constructor(facts: SignalFacts, choices: ActionableChoices, state: ActionableState) {
    this.facts = facts;
    this.choices = choices;
    this.state = state;
    this.transform = transformFor(facts, state.reference, state.grain);
    this.expectation = new Expectation(choices, this.transform, state.expectation);
    this.track = new FindingTrack(choices.acceptMs, this.laneOf, state.track);
  }

  get isSeasonKnown(): boolean {
    return this.expectation.isSeasonKnown;
  }

  get bins(): number {
    return this.state.expectation.bins;
  }

  /** The band of a coming sample; null before anything is expected. */
  bandAt(timeMs: number): Band | null {
    if (this.bins < binsToExpect) return null;
    return this.expectation.bandOf(this.viewOfBand(timeMs, this.state.expectation.binLengthMs));
  }

  private viewOfBand(timeMs: number, durationMs: number): View {
    return this.expectation.local(timeMs, null, Math.max(durationMs, 1), this.track.caution);
  }

  /**
   * Judges one sample and learns it.
   * @param sinceLastMs time since the sample before it, the usual step for the first
   */
  step(
    timeMs: number,
    value: number,
    sinceLastMs: number,
    baseline: BaselineState,
    historyMs: number,
  ): ActionableJudgement {
    const { state } = this;
    this.baseline = baseline;
    this.historyMs = historyMs;
    state.learnedMs += Math.min(sinceLastMs, 2 * hourMs);
    const band = this.bandAt(timeMs);
    this.noteGrain(value);
    this.noteOutside(timeMs, value, band);
    const bin = this.gather(timeMs, value, sinceLastMs);
    const spanMs = bin.endMs - bin.startMs;
    const isFull = spanMs + sinceLastMs / 2 >= this.choices.binMs;
    const mean = this.meanOf(bin);
    const hasPeaked = this.notePeak(timeMs, value, band);
    if (!isFull) {
      const early = this.judgeEarly(timeMs, mean, spanMs, bin.count);
      return { band, change: early ?? this.tellPeak(timeMs, hasPeaked), score: this.state.score };
    }
    state.bin = null;
    const judged = this.judge(timeMs, mean, spanMs, bin.count);
    this.gatherEarly(timeMs, mean, spanMs);
    return {
      band: judged.band ?? band,
      change: judged.change ?? this.tellPeak(timeMs, hasPeaked),
      score: this.state.score,
    };
  }

  private noteGrain(value: number): void {
    const { state } = this;
    const step = state.lastValue === null ? 0 : Math.abs(value - state.lastValue);
    state.lastValue = value;
    if (step === 0 || !Number.isFinite(step) || (state.grain !== null && step >= state.grain)) return;
    state.grain = step;
    this.transform = transformFor(this.facts, state.reference, step);
    this.expectation.takeTransform(this.transform);
  }

  private gather(timeMs: number, value: number, sinceLastMs: number): Bin {
    const { state } = this;
    const { bin } = state;
    if (bin !== null && timeMs - bin.endMs <= this.choices.binMs) {
      bin.sum += value;
      bin.count += 1;
      bin.endMs = timeMs;
      bin.second = Math.max(bin.second, Math.min(bin.largest, value));
      bin.largest = Math.max(bin.largest, value);
      return bin;
    }
    // A sample stands for the time since the one before it, after a silence for one usual step.
    const spanMs = Math.min(sinceLastMs, Math.max(this.facts.stepMs, fiveMinutesMs));
    state.bin = {
      startMs: timeMs - spanMs,
      endMs: timeMs,
      sum: value,
      count: 1,
      largest: value,
      second: Math.min(value, 0),
    };
    return state.bin;
  }

  /**
   * The transformed mean of a bin. It is the mean of the values, not of their logarithms, since sparse counts would
   * look fewer; its largest value counts as three times the second at most, or as what one sample may well be.
   */
  private meanOf(bin: Bin): number {
    if (bin.count < leastToCut || bin.largest <= 3 * bin.second) {
      return this.transform.forward(bin.sum / bin.count);
    }
    const oneMs = (bin.endMs - bin.startMs) / bin.count;
    const most = Math.max(3 * bin.second, this.expectation.bandOf(this.viewOfBand(bin.endMs, oneMs)).high);
    const cut = bin.largest > most ? bin.largest - most : 0;
    return this.transform.forward((bin.sum - cut) / bin.count);
  }

  /** What an open finding says it saw is the furthest sample, not the mean of a bin: people compare it with the chart. */
  private notePeak(timeMs: number, value: number, band: Band | null): boolean {
    const { open } = this.track;
    if (open === null || (value - open.observed) * open.direction <= 0) return false;
    open.observed = value;
    open.peakMs = timeMs;
    // The band of this moment says it only where the sample is outside it: another view may have opened the finding.
    const isOutside = band !== null && (open.direction > 0 ? value > band.high : value < band.low);
    if (isOutside) Object.assign(open, band);
    return true;
  }

  /** While a surge still climbs, its finding is told anew every few seconds. */
  private tellPeak(timeMs: number, hasPeaked: boolean): FindingChange | null {
    const { open } = this.track;
    if (open === null || !hasPeaked || timeMs - open.toldMs < peakToldMs) return null;
    open.toldMs = timeMs;
    open.lastOutMs = Math.max(open.lastOutMs, timeMs);
    return { finding: this.findingOf(open, null, false), change: 'updated' };
  }

  /** Keeps the moment at which samples left the inner half of the band: the start of what may become a finding. */
  private noteOutside(timeMs: number, value: number, band: Band | null): void {
    const { state, transform } = this;
    if (band === null) return;
    const expected = transform.forward(band.expected);
    const deviation = transform.forward(value) - expected;
    const half = Math.abs(transform.forward(deviation < 0 ? band.low : band.high) - expected);
    const side = Math.abs(deviation) > half * 0.6 ? Math.sign(deviation) : 0;
    if (side !== 0 && side === state.outsideSide && state.outsideMs !== null) return;
    state.outsideMs = side === 0 ? null : timeMs;
    state.outsideSide = side;
  }

  private judgedBin(
    timeMs: number,
    spanMs: number,
    samples: number,
    x: number,
    view: View,
    sustained: number,
    sustainedSurprise: number,
  ): JudgedBin {
    return {
      timeMs,
      spanMs,
      ratio: view.ratio,
      clearness: view.clearness,
      surprise: view.surprise,
      sustained,
      sustainedSurprise,
      value: this.transform.inverse(x),
      band: this.expectation.bandOf(view),
      samples,
      effect: x - view.expected,
      baselineState: this.baseline,
      outsideMs: this.state.outsideSide === Math.sign(x - view.expected) ? this.state.outsideMs : null,
    };
  }

  /** A bin that is not full yet opens a finding only when it is far out. */
  private judgeEarly(timeMs: number, mean: number, spanMs: number, count: number): FindingChange | null {
    if (this.bins < binsToKnow || this.track.open !== null || count < earlySamples || spanMs < earlyMs)
      return null;
    const view = this.expectation.local(timeMs, mean, this.choices.binMs, this.track.caution);
    const needed = earlyRatio * Math.sqrt(Math.min(4, this.choices.binMs / spanMs));
    const { outsideMs } = this.state;
    if (Math.abs(view.ratio) < 1 || view.clearness < needed || outsideMs === null) return null;
    this.state.score = view.surprise;
    const bin = this.judgedBin(timeMs, spanMs, count, mean, view, 0, 0);
    const changed = this.track.begin(bin, outsideMs, Math.abs(view.ratio));
    return changed === null ? null : this.tell(changed);
  }

  private judge(
    timeMs: number,
    x: number,
    spanMs: number,
    samples: number,
  ): { readonly band: Band | null; readonly change: FindingChange | null } {
    const { expectation, track } = this;
    this.state.score = 0;
    if (this.bins === 0) {
      expectation.begin(timeMs, x, spanMs);
      return { band: null, change: null };
    }
    track.passTime(spanMs);
    const views = expectation.views(timeMs, x, spanMs, track.caution);
    const { furthest, local, sustained, sustainedSurprise } = views;
    const isSettled = this.bins >= binsToKnow;
    const view = sustained >= 1 && Math.abs(furthest.ratio) < 1 ? views.lasting : furthest;
    const judged = this.judgedBin(timeMs, spanMs, samples, x, view, sustained, sustainedSurprise);
    if (isSettled) this.state.score = Math.max(furthest.surprise, sustainedSurprise);
    const changed = isSettled ? track.take(judged) : null;
    const known = view === furthest ? judged.band : expectation.bandOf(furthest);
    const band = this.bins < binsToExpect ? null : known;
    if (changed?.isAccepted) expectation.acceptRecent(timeMs);
    const change = changed === null ? null : this.tell(changed);
    expectation.learn(timeMs, x, spanMs, local, track.open !== null, this.state.learnedMs);
    return { band, change };
  }

  /** Keeps the first bins and, when there are enough, chooses from them what counts as small, then learns them anew. */
  private gatherEarly(timeMs: number, x: number, spanMs: number): void {
    const { state } = this;
    if (state.early === null) return;
    state.early.push({ timeMs, spanMs, value: this.transform.inverse(x) });
    if (state.early.length < binsToKnow) return;
    const { early, grain, learnedMs } = state;
    state.early = null;
    const typical = early.reduce((sum, { value }) => sum + Math.abs(value) / early.length, 0);
    const reference = this.transform.multiplicative ? referenceFor(this.facts, typical, grain) : 1;
    if (reference === state.reference) return;
    state.reference = reference;
    state.expectation = emptyExpectation();
    state.track = emptyTrack();
    this.transform = transformFor(this.facts, reference, grain);
    this.expectation = new Expectation(this.choices, this.transform, state.expectation);
    this.track = new FindingTrack(this.choices.acceptMs, this.laneOf, state.track);
    state.learnedMs = 0;
    for (const bin of early) {
      state.learnedMs += bin.spanMs;
      this.judge(bin.timeMs, this.transform.forward(bin.value), bin.spanMs, 1);
    }
    state.learnedMs = learnedMs;
  }

  /** @param deviation from what was expected, transformed */
  private readonly laneOf = (deviation: number, baseline: BaselineState): Lane => {
    if (baseline === 'learning') return 'informational';
    const size = Math.abs(deviation);
    if (size < this.transform.materialEffect) return 'informational';
    const isUp = deviation > 0;
    switch (this.facts.measure) {
      case 'rate':
      case 'packets':
      case 'bits':
      case 'connections':
        return isUp || size >= leastFall ? 'actionable' : 'informational';
      case 'latency':
      case 'errors':
      case 'saturation':
        return isUp ? 'actionable' : 'informational';
      case 'reachability':
      case 'availability':
      case 'resolution':
        return isUp ? 'informational' : 'actionable';
      case 'mitigated':
      case 'certificate':
      case 'other':
        return 'informational';
    }
  };

  private tell({ finding, change, endMs, isAccepted }: TrackChange): FindingChange {
    return { finding: this.findingOf(finding, endMs, isAccepted), change };
  }

  private findingOf(open: OpenFinding, endMs: number | null, isAccepted: boolean): Finding {
    const { facts } = this;
    return {
      id: findingIdOf(facts.id, open),
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
      historyMs: this.historyMs,
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
        isAccepted,
      }),
    };
  }
}
