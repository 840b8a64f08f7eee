import { formatQuantity } from '../domain/quantity.ts';
import type { Finding } from '../domain/signal.ts';
import { formatDuration, formatUtcClock, minuteMs, secondMs } from '../domain/time.ts';
import type { FindingChangeKind, SignalFacts } from './engine.ts';

/** What changed about a rule's finding; both null for nothing. */
export interface RuleChange {
  readonly finding: Finding | null;
  readonly findingChange: FindingChangeKind | null;
}

const nothingChanged: RuleChange = { finding: null, findingChange: null };

/** A source's silence is judged by its signals' own step: this many missed in a row, and at least this long. */
const missedSteps = 5;
const leastSilenceMs = minuteMs;

function baseFinding(facts: SignalFacts, kind: Finding['kind'], startMs: number): Finding {
  return {
    id: `${facts.id}/${kind}@${Math.round(startMs)}`,
    signalId: facts.id,
    customerId: facts.customerId,
    serviceId: facts.serviceId,
    stage: facts.stage,
    kind,
    direction: 'down',
    lane: 'actionable',
    state: 'open',
    startMs,
    peakMs: startMs,
    endMs: null,
    observed: 0,
    expected: 0,
    low: 0,
    high: 0,
    surprise: 6,
    historyMs: 0,
    sentence: '',
  };
}

/** How long a signal may be silent before that is a finding, ms. */
export function silenceLimitMs(stepMs: number): number {
  return Math.max(leastSilenceMs, missedSteps * stepMs);
}

/**
 * Rule "source silent": opens when a signal that used to come has missed several of its steps, closes when it comes
 * again. Judge one signal a source (the liveliest): the finding speaks for the source.
 * @param seen `lastSampleMs` is null for a signal that never came: that is no silence
 */
export function judgeSilence(
  facts: SignalFacts,
  seen: { readonly sourceName: string; readonly lastSampleMs: number | null; readonly nowMs: number },
  open: Finding | null,
): RuleChange {
  const { lastSampleMs, nowMs, sourceName } = seen;
  if (lastSampleMs === null) return nothingChanged;
  const silentMs = nowMs - lastSampleMs;
  const isSilent = silentMs > silenceLimitMs(facts.stepMs);
  if (open === null) {
    if (!isSilent) return nothingChanged;
    const finding = baseFinding(facts, 'source-silent', lastSampleMs + facts.stepMs);
    return {
      finding: {
        ...finding,
        observed: silentMs,
        expected: facts.stepMs,
        high: silenceLimitMs(facts.stepMs),
        peakMs: nowMs,
        sentence: `${sourceName} has sent nothing since ${formatUtcClock(lastSampleMs)} (${formatDuration(silentMs)}), usually every ${formatDuration(facts.stepMs)}: what it watches is not known meanwhile.`,
      },
      findingChange: 'opened',
    };
  }
  if (isSilent) return nothingChanged;
  return {
    finding: {
      ...open,
      state: 'closed',
      endMs: lastSampleMs,
      sentence: `${sourceName} was silent for ${formatDuration(lastSampleMs - open.startMs)} and sends again.`,
    },
    findingChange: 'closed',
  };
}

/** What rule "origin unreachable" remembers of one signal; JSON-safe. */
export interface OriginRuleState {
  readonly downSinceMs: number | null;
  readonly downSamples: number;
  readonly upSamples: number;
  readonly open: Finding | null;
}

/** Nothing seen yet. */
export const originRuleStart: OriginRuleState = {
  downSinceMs: null,
  downSamples: 0,
  upSamples: 0,
  open: null,
};

/** Samples in a row that settle it, either way, and the least time they must span. */
const samplesToSettle = 3;
const leastDownMs = 5 * secondMs;

/** Whether rule "origin unreachable" applies: a probe of whether the origin answers at all. */
export function isOriginProbe(facts: SignalFacts): boolean {
  return facts.stage === 'origin' && (facts.measure === 'reachability' || facts.measure === 'availability');
}

/**
 * Rule "origin unreachable": a probe at (nearly) nothing for three samples. Needs no history, so it works from the
 * first minute. A gap changes nothing: not knowing is not being down.
 */
export function judgeOrigin(
  facts: SignalFacts,
  state: OriginRuleState,
  sample: { readonly timeMs: number; readonly value: number | null },
): RuleChange & { readonly state: OriginRuleState } {
  const { timeMs, value } = sample;
  if (value === null || !Number.isFinite(value) || !isOriginProbe(facts)) return { state, ...nothingChanged };
  const full = facts.unit === '%' ? 100 : 1;
  if (value <= full * 0.02) {
    const downSinceMs = state.downSinceMs ?? timeMs;
    const next = { ...state, downSinceMs, downSamples: state.downSamples + 1, upSamples: 0 };
    if (state.open !== null || next.downSamples < samplesToSettle || timeMs - downSinceMs < leastDownMs) {
      return { state: next, ...nothingChanged };
    }
    const finding: Finding = {
      ...baseFinding(facts, 'origin-unreachable', downSinceMs),
      peakMs: timeMs,
      observed: value,
      expected: full,
      low: full * 0.02,
      high: full,
      surprise: 12,
      sentence: `The origin answers nothing: ${facts.name} at ${formatQuantity(value, facts.unit === '' ? 'ratio' : facts.unit)} since ${formatUtcClock(downSinceMs)}.`,
    };
    return { state: { ...next, open: finding }, finding, findingChange: 'opened' };
  }
  const next = { ...state, downSinceMs: null, downSamples: 0, upSamples: state.upSamples + 1 };
  if (state.open === null || next.upSamples < samplesToSettle) return { state: next, ...nothingChanged };
  const finding: Finding = {
    ...state.open,
    state: 'closed',
    endMs: timeMs,
    sentence: `The origin answered nothing for ${formatDuration(timeMs - state.open.startMs)} and answers again.`,
  };
  return { state: { ...next, open: null }, finding, findingChange: 'closed' };
}
