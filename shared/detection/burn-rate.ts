import type { Finding } from '../domain/signal.ts';
import { dayMs, formatDuration, hourMs, minuteMs } from '../domain/time.ts';
import type { SignalFacts } from './engine.ts';
import type { RuleChange } from './rules.ts';

/**
 * Multi-window, multi-burn-rate alerting on an availability signal, after the chapter "Alerting on SLOs" of Google's
 * Site Reliability Workbook: the error budget must burn at a rate over a long window, which says that it matters, and
 * over a short one, which says that it goes on. The fast and the middle pair need a person, the slow one does not.
 */
const pairs = [
  { rate: 14.4, longMs: hourMs, shortMs: 5 * minuteMs, lane: 'actionable' },
  { rate: 6, longMs: 6 * hourMs, shortMs: 30 * minuteMs, lane: 'actionable' },
  { rate: 1, longMs: 3 * dayMs, shortMs: 6 * hourMs, lane: 'informational' },
] as const;
type Pair = (typeof pairs)[number];

/** Time is kept in buckets: fine ones as far back as the middle pair looks, coarse ones for the slow pair. */
const fineMs = 5 * minuteMs;
const fineKept = 72;
const coarseMs = hourMs;
const coarseKept = 72;
/** Memory of the service's long-run share of failures. */
const usualMemoryMs = 14 * dayMs;
/** Nothing is said before this much history. */
const learnMs = dayMs;
/**
 * Nobody sets an objective: the budget is three times what the service fails in the long run, between 0.01 % and 1 %,
 * which are objectives of 99.99 % and 99 %.
 */
const budgetOverUsual = 3;
const leastBudget = 1e-4;
const mostBudget = 1e-2;
/** A window must be known for this part of its length. */
const leastKnown = 0.5;
/** A sample stands for the time since the one before it, at most this long. */
const longestStepMs = 10 * minuteMs;

interface Bucket {
  readonly startMs: number;
  /** Share of failures times time, and the time known, ms. */
  readonly badMs: number;
  readonly knownMs: number;
}

/** What the rule remembers of one availability signal; JSON-safe and bounded. */
export interface BurnRateState {
  readonly lastMs: number | null;
  readonly historyMs: number;
  /** Long-run share of failures, 0 to 1. */
  readonly usualBad: number;
  readonly fine: readonly Bucket[];
  readonly coarse: readonly Bucket[];
  readonly open: Finding | null;
}

/** Nothing seen yet. */
export const burnRateStart: BurnRateState = {
  lastMs: null,
  historyMs: 0,
  usualBad: 0,
  fine: [],
  coarse: [],
  open: null,
};

/** Whether the rule applies: a share of good answers, not a single probe's reach. */
export function isAvailability(facts: SignalFacts): boolean {
  return (
    facts.measure === 'availability' && (facts.unit === '%' || facts.unit === 'ratio' || facts.unit === '')
  );
}

function added(
  buckets: readonly Bucket[],
  lengthMs: number,
  kept: number,
  timeMs: number,
  badMs: number,
  knownMs: number,
): readonly Bucket[] {
  const startMs = Math.floor(timeMs / lengthMs) * lengthMs;
  const last = buckets.at(-1);
  if (last?.startMs === startMs) {
    return [...buckets.slice(0, -1), { startMs, badMs: last.badMs + badMs, knownMs: last.knownMs + knownMs }];
  }
  return [...buckets, { startMs, badMs, knownMs }].slice(-kept);
}

/** Share of failures over a window that ends now; null where too little of it is known. */
function badShare(
  buckets: readonly Bucket[],
  nowMs: number,
  windowMs: number,
  lengthMs: number,
): number | null {
  let badMs = 0;
  let knownMs = 0;
  for (const bucket of buckets) {
    if (bucket.startMs + lengthMs <= nowMs - windowMs) continue;
    badMs += bucket.badMs;
    knownMs += bucket.knownMs;
  }
  return knownMs < windowMs * leastKnown ? null : badMs / knownMs;
}

/** How fast the budget burns over a window: 1 uses it up exactly in time. */
function burnOver(state: BurnRateState, nowMs: number, windowMs: number, budget: number): number | null {
  const isLong = windowMs > fineKept * fineMs;
  const share = isLong
    ? badShare(state.coarse, nowMs, windowMs, coarseMs)
    : badShare(state.fine, nowMs, windowMs, fineMs);
  return share === null ? null : share / budget;
}

/** The share of failures that a service may have: learned from what it usually has. */
export function budgetOf(state: BurnRateState): number {
  return Math.min(mostBudget, Math.max(leastBudget, state.usualBad * budgetOverUsual));
}

function burning(state: BurnRateState, nowMs: number): { pair: Pair; long: number; short: number } | null {
  const budget = budgetOf(state);
  for (const pair of pairs) {
    const long = burnOver(state, nowMs, pair.longMs, budget);
    const short = burnOver(state, nowMs, pair.shortMs, budget);
    if (long !== null && short !== null && long >= pair.rate && short >= pair.rate)
      return { pair, long, short };
  }
  return null;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}

/**
 * Judges one sample of an availability signal. A gap changes nothing: not knowing is not failing.
 * @param sample `value` in the signal's unit
 */
export function judgeBurnRate(
  facts: SignalFacts,
  state: BurnRateState,
  sample: { readonly timeMs: number; readonly value: number | null },
): RuleChange & { readonly state: BurnRateState } {
  const { timeMs, value } = sample;
  const unchanged = { finding: null, findingChange: null };
  if (value === null || !Number.isFinite(value) || !isAvailability(facts)) return { state, ...unchanged };
  if (state.lastMs !== null && timeMs <= state.lastMs) return { state, ...unchanged };
  const good = Math.min(1, Math.max(0, facts.unit === '%' ? value / 100 : value));
  const stepMs = Math.min(longestStepMs, state.lastMs === null ? facts.stepMs : timeMs - state.lastMs);
  const badMs = (1 - good) * stepMs;
  const memory = Math.min(usualMemoryMs, state.historyMs + stepMs);
  // No more than the budget is learned at once, and nothing while it burns: what burns must not become usual.
  const bad = state.historyMs < learnMs ? 1 - good : Math.min(1 - good, budgetOf(state));
  const next: BurnRateState = {
    ...state,
    lastMs: timeMs,
    historyMs: state.historyMs + stepMs,
    usualBad:
      state.open === null ? state.usualBad + (bad - state.usualBad) * (stepMs / memory) : state.usualBad,
    fine: added(state.fine, fineMs, fineKept, timeMs, badMs, stepMs),
    coarse: added(state.coarse, coarseMs, coarseKept, timeMs, badMs, stepMs),
  };
  if (next.historyMs < learnMs) return { state: next, ...unchanged };
  const found = burning(next, timeMs);
  const { open } = state;
  // What needed a person ends when it no longer does, also while the slow pair goes on.
  const hasEnded = found === null || (open?.lane === 'actionable' && found.pair.lane === 'informational');
  if (hasEnded) {
    if (open === null) return { state: next, ...unchanged };
    const finding: Finding = {
      ...open,
      state: 'closed',
      endMs: timeMs,
      sentence: `${facts.name} burned its error budget for ${formatDuration(timeMs - open.startMs)} and is within it again.`,
    };
    return { state: { ...next, open: null }, finding, findingChange: 'closed' };
  }
  const { pair, long } = found;
  const isWorse = open !== null && open.lane === 'informational' && pair.lane === 'actionable';
  if (open !== null && !isWorse) return { state: next, ...unchanged };
  const budget = budgetOf(next);
  const scale = facts.unit === '%' ? 100 : 1;
  // It burned before this moment, but the order of deviations is told by what deviated.
  const startMs = open?.startMs ?? timeMs;
  const finding: Finding = {
    id: open?.id ?? `${facts.id}/burn-rate@${Math.round(timeMs)}`,
    signalId: facts.id,
    customerId: facts.customerId,
    serviceId: facts.serviceId,
    stage: facts.stage,
    kind: 'burn-rate',
    direction: 'down',
    lane: pair.lane,
    state: 'open',
    startMs,
    peakMs: timeMs,
    endMs: null,
    observed: (1 - Math.min(1, long * budget)) * scale,
    expected: (1 - next.usualBad) * scale,
    low: (1 - budget) * scale,
    high: scale,
    surprise: pair.lane === 'actionable' ? 6 : 3,
    historyMs: next.historyMs,
    sentence: `${facts.name} burns its error budget ${long.toFixed(1)}x as fast as it may: ${percent(Math.min(1, long * budget))} failed over the last ${formatDuration(pair.longMs)} where ${percent(budget)} is the budget (three times what usually fails).`,
  };
  return {
    state: { ...next, open: finding },
    finding,
    findingChange: open === null ? 'opened' : 'escalated',
  };
}
