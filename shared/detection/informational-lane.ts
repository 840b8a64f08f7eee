import { z } from 'zod';
import type { BaselineState, Finding } from '../domain/signal.ts';
import { minuteMs } from '../domain/time.ts';
import type { FindingChange, SignalFacts } from './engine.ts';
import {
  distributionSamples,
  emptyViews,
  judgeViews,
  levelSamples,
  type ViewName,
  type ViewRarities,
  type ViewsState,
  viewNames,
  viewsSchema,
} from './informational-views.ts';
import { noveltySentence } from './sentence.ts';

/** What of the informational lane may be chosen. */
export interface InformationalChoices {
  /** Sum of what is rare over all views at which the lane notifies. */
  readonly noveltyThreshold: number;
}

/** Samples that come closer than this are judged by their mean over it, ms. */
const leastBinMs = minuteMs;
/** Samples from which the reference is chosen. */
const samplesForReference = 48;
/** A view counts from this rarity on: one in five is nothing. */
const leastRarity = 0.7;
/** Most of what was told this long ago, in samples, is forgotten: what is no worse by then is told anew. */
const toldMemory = 80;
/** What does not exceed this part of what was told is the same thing still. */
const toldShare = 0.8;
/** Samples without anything rare that end a finding. */
const calmSamples = 12;
const mostScaled = 1e9;

interface OpenNovelty {
  startMs: number;
  peakMs: number;
  peakScore: number;
  observed: number;
  view: ViewName;
  direction: 1 | -1;
  calm: number;
}

/** What the lane remembers; JSON-safe. */
export interface InformationalState {
  /** Mean size of the first samples that are not zero: what values are divided by. null until it is known. */
  reference: number | null;
  early: number[];
  views: ViewsState;
  /** The highest sum of late, forgotten slowly. */
  told: number;
  bin: { startMs: number; sum: number; count: number } | null;
  lastMs: number | null;
  open: OpenNovelty | null;
}

export const informationalSchema = z.object({
  reference: z.number().positive().nullable(),
  early: z.array(z.number()),
  views: viewsSchema,
  told: z.number(),
  bin: z.object({ startMs: z.number(), sum: z.number(), count: z.number() }).nullable(),
  lastMs: z.number().nullable(),
  open: z
    .object({
      startMs: z.number(),
      peakMs: z.number(),
      peakScore: z.number(),
      observed: z.number(),
      view: z.enum(viewNames),
      direction: z.union([z.literal(1), z.literal(-1)]),
      calm: z.number(),
    })
    .nullable(),
});

export function emptyInformational(): InformationalState {
  return { reference: null, early: [], views: emptyViews(), told: 0, bin: null, lastMs: null, open: null };
}

/** What one sample gave in this lane. */
export interface InformationalJudgement {
  readonly change: FindingChange | null;
  readonly score: number;
}

const nothing: InformationalJudgement = { change: null, score: 0 };

const kindOf = {
  season: 'season',
  novelty: 'novelty',
  level: 'level',
  spread: 'spread',
  distribution: 'distribution',
  pattern: 'shape',
  day: 'shape',
} as const satisfies Record<ViewName, Finding['kind']>;

/**
 * What is new about a signal without being an emergency: its level, spread, distribution, shape, season, or an
 * extreme never seen. Each view's rarity comes from its own history; what is rare in several adds up. A wider net,
 * counted, that calls nobody.
 */
export class InformationalLane {
  readonly state: InformationalState;
  private readonly facts: SignalFacts;
  private readonly choices: InformationalChoices;
  private readonly rarities: ViewRarities = {
    season: 0,
    novelty: 0,
    level: 0,
    spread: 0,
    distribution: 0,
    pattern: 0,
    day: 0,
  };

  constructor(facts: SignalFacts, choices: InformationalChoices, state: InformationalState) {
    this.facts = facts;
    this.choices = choices;
    this.state = state;
  }

  step(timeMs: number, value: number, baseline: BaselineState, historyMs: number): InformationalJudgement {
    const { state } = this;
    const sinceMs = state.lastMs === null ? this.facts.stepMs : timeMs - state.lastMs;
    state.lastMs = timeMs;
    const { bin } = state;
    if (bin === null && sinceMs >= leastBinMs) return this.judge(timeMs, value, baseline, historyMs);
    const current = bin ?? { startMs: timeMs - sinceMs, sum: 0, count: 0 };
    current.sum += value;
    current.count += 1;
    state.bin = current;
    if (timeMs - current.startMs < leastBinMs) return nothing;
    state.bin = null;
    return this.judge(timeMs, current.sum / current.count, baseline, historyMs);
  }

  /** Values over what is usual for them, once that is known. */
  private referenceFor(value: number): number | null {
    const { state } = this;
    if (state.reference !== null) return state.reference;
    if (value !== 0) state.early.push(Math.abs(value));
    if (state.early.length < samplesForReference) return null;
    // The middle one: a first mad sample must not set the scale.
    const sorted = [...state.early].sort((a, b) => a - b);
    state.reference = Math.max(sorted[samplesForReference / 2] ?? 1, 1e-290);
    state.early = [];
    return state.reference;
  }

  private judge(
    timeMs: number,
    value: number,
    baseline: BaselineState,
    historyMs: number,
  ): InformationalJudgement {
    const { state } = this;
    const reference = this.referenceFor(value);
    if (reference === null) return nothing;
    const x = Math.max(-mostScaled, Math.min(mostScaled, value / reference));
    const logarithm = Math.sign(x) * Math.log1p(Math.abs(x));
    const rarities = judgeViews(state.views, timeMs, x, logarithm, this.rarities);
    let sum = 0;
    let view: ViewName = 'season';
    for (const name of viewNames) {
      if (rarities[name] > rarities[view]) view = name;
      sum += Math.max(0, rarities[name] - leastRarity);
    }
    state.told *= Math.exp(-1 / toldMemory);
    const score = Math.max(0, sum - toldShare * state.told);
    if (sum > state.told) state.told = sum;
    return { change: this.follow(timeMs, value, x, sum, score, view, baseline, historyMs), score };
  }

  private follow(
    timeMs: number,
    value: number,
    x: number,
    sum: number,
    score: number,
    view: ViewName,
    baseline: BaselineState,
    historyMs: number,
  ): FindingChange | null {
    const { state } = this;
    const { open } = state;
    const isNotified = score >= this.choices.noveltyThreshold;
    if (open === null) {
      if (!isNotified) return null;
      const direction = x >= state.views.mean ? 1 : -1;
      state.open = {
        startMs: timeMs,
        peakMs: timeMs,
        peakScore: sum,
        observed: value,
        view,
        direction,
        calm: 0,
      };
      return { finding: this.findingOf(state.open, null, baseline, historyMs), change: 'opened' };
    }
    open.calm = sum < this.choices.noveltyThreshold / 2 ? open.calm + 1 : 0;
    if (sum > open.peakScore) Object.assign(open, { peakMs: timeMs, peakScore: sum, observed: value, view });
    if (isNotified) return { finding: this.findingOf(open, null, baseline, historyMs), change: 'escalated' };
    if (open.calm < calmSamples) return null;
    state.open = null;
    return { finding: this.findingOf(open, timeMs, baseline, historyMs), change: 'closed' };
  }

  private findingOf(
    open: OpenNovelty,
    endMs: number | null,
    baseline: BaselineState,
    historyMs: number,
  ): Finding {
    const { facts, state } = this;
    const reference = state.reference ?? 1;
    const { mean, variance } = state.views;
    const deviation = Math.sqrt(Math.max(0, variance));
    const least = facts.measure === 'other' ? Number.NEGATIVE_INFINITY : 0;
    const kind = kindOf[open.view];
    return {
      id: `${facts.id}/novelty@${Math.round(open.startMs)}`,
      signalId: facts.id,
      customerId: facts.customerId,
      serviceId: facts.serviceId,
      stage: facts.stage,
      kind,
      direction: open.direction > 0 ? 'up' : 'down',
      lane: 'informational',
      state: endMs === null ? 'open' : 'closed',
      startMs: open.startMs,
      peakMs: open.peakMs,
      endMs,
      observed: open.observed,
      expected: mean * reference,
      low: Math.max(least, (mean - 2 * deviation) * reference),
      high: (mean + 2 * deviation) * reference,
      surprise: Math.round(Math.min(open.peakScore, 99) * 10) / 10,
      historyMs,
      sentence: noveltySentence({
        name: facts.name,
        unit: facts.unit,
        kind,
        direction: open.direction,
        observed: open.observed,
        usual: mean * reference,
        timeMs: open.peakMs,
        samples: kind === 'distribution' ? distributionSamples : levelSamples,
        historyMs,
        baselineState: baseline,
      }),
    };
  }
}
