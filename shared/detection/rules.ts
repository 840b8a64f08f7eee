import { formatQuantity } from '../domain/quantity.ts';
import type { Finding } from '../domain/signal.ts';
import { dayMs, formatDuration, formatUtcClock, minuteMs, secondMs } from '../domain/time.ts';
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

/** What the rules about probes remember of one signal; JSON-safe. */
export interface ProbeRuleState {
  readonly downSinceMs: number | null;
  readonly downSamples: number;
  readonly upSamples: number;
  readonly open: Finding | null;
}

/** Nothing seen yet. */
export const probeRuleStart: ProbeRuleState = {
  downSinceMs: null,
  downSamples: 0,
  upSamples: 0,
  open: null,
};

/** Samples in a row that settle it, either way, and the least time they must span. */
const samplesToSettle = 3;
const leastDownMs = 5 * secondMs;

interface ProbeWords {
  readonly kind: 'origin-unreachable' | 'name-resolution';
  readonly down: string;
  readonly wasDown: string;
}

/** What a signal at nothing means where it is a probe; null for any other signal. */
function probeWords({ stage, measure }: SignalFacts): ProbeWords | null {
  if (measure === 'resolution') {
    return {
      kind: 'name-resolution',
      down: 'The name is not found',
      wasDown: 'The name was not found',
    };
  }
  if (stage !== 'origin' || (measure !== 'reachability' && measure !== 'availability')) return null;
  return {
    kind: 'origin-unreachable',
    down: 'The origin answers nothing',
    wasDown: 'The origin answered nothing',
  };
}

/**
 * Rules "origin unreachable" and "name resolution failing": a probe at (nearly) nothing for three samples. They need no
 * history, so they work from the first minute. A gap changes nothing: not knowing is not being down.
 */
export function judgeProbe(
  facts: SignalFacts,
  state: ProbeRuleState,
  sample: { readonly timeMs: number; readonly value: number | null },
): RuleChange & { readonly state: ProbeRuleState } {
  const { timeMs, value } = sample;
  const words = probeWords(facts);
  if (value === null || !Number.isFinite(value) || words === null) return { state, ...nothingChanged };
  const full = facts.unit === '%' ? 100 : 1;
  if (value <= full * 0.02) {
    const downSinceMs = state.downSinceMs ?? timeMs;
    const next = { ...state, downSinceMs, downSamples: state.downSamples + 1, upSamples: 0 };
    if (state.open !== null || next.downSamples < samplesToSettle || timeMs - downSinceMs < leastDownMs) {
      return { state: next, ...nothingChanged };
    }
    const finding: Finding = {
      ...baseFinding(facts, words.kind, downSinceMs),
      peakMs: timeMs,
      observed: value,
      expected: full,
      low: full * 0.02,
      high: full,
      surprise: 12,
      sentence: `${words.down}: ${facts.name} at ${formatQuantity(value, facts.unit === '' ? 'ratio' : facts.unit)} since ${formatUtcClock(downSinceMs)}.`,
    };
    return { state: { ...next, open: finding }, finding, findingChange: 'opened' };
  }
  const next = { ...state, downSinceMs: null, downSamples: 0, upSamples: state.upSamples + 1 };
  if (state.open === null || next.upSamples < samplesToSettle) return { state: next, ...nothingChanged };
  const finding: Finding = {
    ...state.open,
    state: 'closed',
    endMs: timeMs,
    sentence: `${words.wasDown} for ${formatDuration(timeMs - state.open.startMs)} and ${words.kind === 'name-resolution' ? 'is found' : 'answers'} again.`,
  };
  return { state: { ...next, open: null }, finding, findingChange: 'closed' };
}

/** What rule "certificate" remembers of one signal; JSON-safe. */
export interface CertificateRuleState {
  readonly lastDays: number | null;
  /** How many days were left at the latest of its renewals: the least of them; null before the first one. */
  readonly renewedAtDays: number | null;
  readonly open: Finding | null;
}

/** Nothing seen yet. */
export const certificateRuleStart: CertificateRuleState = {
  lastDays: null,
  renewedAtDays: null,
  open: null,
};

/**
 * ACME clients renew when a third of the time is left, 30 of 90 days: with two weeks left that has failed for long, and
 * three days are too few to sleep over.
 */
const lateDays = 14;
const urgentDays = 3;

function daysLeft(days: number): string {
  return days < 2 ? formatDuration(days * dayMs) : `${Math.floor(days)} days`;
}

function expiryInWords(days: number): string {
  return days <= 0 ? 'has expired' : `expires in ${daysLeft(days)}`;
}

/**
 * Rule "certificate": informational when renewal is late, actionable when hardly any time is left. Where it is renewed
 * later than others' by habit (short-lived certificates), late is half of what was left at those renewals.
 * @param sample value in days until it expires, negative afterwards
 */
export function judgeCertificate(
  facts: SignalFacts,
  state: CertificateRuleState,
  sample: { readonly timeMs: number; readonly value: number | null },
): RuleChange & { readonly state: CertificateRuleState } {
  const { timeMs, value } = sample;
  if (facts.measure !== 'certificate' || value === null || !Number.isFinite(value)) {
    return { state, ...nothingChanged };
  }
  const { lastDays, open } = state;
  const isRenewed = lastDays !== null && value > lastDays + 0.5;
  const renewedAtDays = isRenewed
    ? Math.max(0, Math.min(lastDays, state.renewedAtDays ?? lastDays))
    : state.renewedAtDays;
  const late =
    renewedAtDays === null || renewedAtDays === 0 ? lateDays : Math.min(lateDays, renewedAtDays / 2);
  const urgent = Math.min(urgentDays, late / 2);
  const next = { lastDays: value, renewedAtDays, open };
  if (value > late) {
    if (open === null) return { state: next, ...nothingChanged };
    const finding: Finding = {
      ...open,
      state: 'closed',
      endMs: timeMs,
      sentence: `${facts.name}: renewed, it ${expiryInWords(value)}.`,
    };
    return { state: { ...next, open: null }, finding, findingChange: 'closed' };
  }
  const lane = value <= urgent ? 'actionable' : 'informational';
  const finding: Finding = {
    ...(open ?? baseFinding(facts, 'certificate', timeMs)),
    lane,
    peakMs: timeMs,
    observed: value,
    expected: late,
    low: late,
    high: Math.max(late, renewedAtDays ?? late),
    sentence: `${facts.name}: it ${expiryInWords(value)}${renewedAtDays === null || renewedAtDays === 0 ? '' : `, and was renewed with ${daysLeft(renewedAtDays)} left before`}.`,
  };
  const held = { ...next, open: finding };
  if (open === null) return { state: held, finding, findingChange: 'opened' };
  if (open.lane === 'informational' && lane === 'actionable') {
    return { state: held, finding, findingChange: 'escalated' };
  }
  // Told again once a day, and when it expires.
  const isNews = Math.floor(value) !== Math.floor(open.observed) || (value <= 0 && open.observed > 0);
  return isNews ? { state: held, finding, findingChange: 'updated' } : { state: next, ...nothingChanged };
}
