import type {
  BackTestChoices,
  BackTestIncident,
  BackTestMoment,
  BackTestOutcome,
  LaneCounts,
} from '../domain/back-test.ts';
import type { Incident } from '../domain/incident.ts';
import type { Finding } from '../domain/signal.ts';
import { dayMs, minuteMs, secondMs } from '../domain/time.ts';
import { createDetector, defaultChoices } from './detector.ts';
import type { Detector, FindingChange, SignalFacts } from './engine.ts';
import { emptyIncidentState, refreshIncident, updateIncidents } from './incidents.ts';
import {
  isJudgedByRulesAlone,
  judgeSignalRules,
  type SignalRulesState,
  signalRulesStart,
} from './signal-rules.ts';

/** As every signal is watched. */
export const shippedChoices: BackTestChoices = {
  probability: defaultChoices.probability,
  levelMs: defaultChoices.levelMs,
  acceptMs: defaultChoices.acceptMs,
  noveltyThreshold: defaultChoices.noveltyThreshold,
};

/** How much history before a range is replayed so that baselines are warm: two weeks know the hour of the week. */
export const warmUpMs = 14 * dayMs;

/** Two settings mean the same moment when their findings overlap or lie no further apart than this. */
const sameMomentMs = 10 * minuteMs;
/** Incidents wait up to this long for evidence before they call, and are looked at meanwhile. */
const looksAfterMs = [25 * secondMs, 50 * secondMs, 100 * secondMs];
const mostIncidentRows = 200;

/** What changed about a finding, with which sample. */
export interface ReplayedChange extends FindingChange {
  readonly sampleMs: number;
  readonly facts: SignalFacts;
}

/** The engine over one signal's stored history, with its choices as given. */
export interface SignalReplay {
  /** @param value null is a gap */
  step(timeMs: number, value: number | null): void;
  /** What changed from the start of the range on, in time order. Findings that were open before are left out. */
  readonly changes: readonly ReplayedChange[];
}

/** @param fromMs where the range starts: what comes before only warms up */
export function replaySignal(facts: SignalFacts, choices: BackTestChoices, fromMs: number): SignalReplay {
  const detector: Detector = createDetector(facts, choices);
  let rules: SignalRulesState = signalRulesStart;
  const isRuled = isJudgedByRulesAlone(facts);
  const changes: ReplayedChange[] = [];
  const take = ({ finding, change }: FindingChange, sampleMs: number) => {
    if (sampleMs < fromMs || finding.startMs < fromMs) return;
    // Of a peak that moves only what an incident would be told.
    if (change === 'updated' && finding.peakMs !== sampleMs) return;
    changes.push({ finding, change, sampleMs, facts });
  };
  return {
    changes,
    step(timeMs, value) {
      const judgement = detector.step(timeMs, value);
      const ruled = judgeSignalRules(facts, rules, { timeMs, value });
      rules = ruled.state;
      for (const change of isRuled ? ruled.changes : [...judgement.changes, ...ruled.changes]) {
        take(change, timeMs);
      }
    },
  };
}

/** The last state of each finding, in order of their starts. */
export function findingsOf(changes: readonly ReplayedChange[]): Finding[] {
  const latest = new Map(changes.map(({ finding }) => [finding.id, finding]));
  return [...latest.values()].sort((left, right) => left.startMs - right.startMs);
}

/**
 * Groups findings of many signals into incidents, as the core does while they come. Without breakdowns: who made up
 * the traffic is not kept as long as its samples are.
 * @param changes in any order
 */
export function incidentsOf(changes: readonly ReplayedChange[]): Incident[] {
  const ordered = changes.toSorted((left, right) => left.sampleMs - right.sampleMs);
  const incidents = new Map<string, Incident>();
  let state = emptyIncidentState();
  /** Moments at which open incidents are looked at anew, rising. */
  let looks: number[] = [];
  const look = (untilMs: number) => {
    while (looks[0] !== undefined && looks[0] <= untilMs) {
      const nowMs = looks.shift() ?? 0;
      for (const { incident } of state.records) {
        if (incident.state === 'closed') continue;
        const update = refreshIncident(state, incident.id, { breakdowns: [], nowMs });
        state = update.state;
        if (update.incident) incidents.set(update.incident.id, update.incident);
      }
    }
  };
  for (const { finding, facts, change, sampleMs } of ordered) {
    look(sampleMs);
    const update = updateIncidents(state, { finding, facts }, { breakdowns: [], nowMs: sampleMs });
    state = update.state;
    if (update.incident) incidents.set(update.incident.id, update.incident);
    if (change === 'opened' || change === 'escalated') {
      looks = [...looks, ...looksAfterMs.map((afterMs) => sampleMs + afterMs)].sort((a, b) => a - b);
    }
  }
  look(Number.POSITIVE_INFINITY);
  return [...incidents.values()].sort((left, right) => left.openedMs - right.openedMs);
}

function countLanes(rows: readonly { readonly lane: 'actionable' | 'informational' }[]): LaneCounts {
  const actionable = rows.filter(({ lane }) => lane === 'actionable').length;
  return { actionable, informational: rows.length - actionable };
}

const toRow = (incident: Incident): BackTestIncident => ({
  id: incident.id,
  serviceId: incident.serviceId,
  lane: incident.lane,
  severity: incident.severity,
  title: incident.title,
  why: incident.why,
  openedMs: incident.openedMs,
  closedMs: incident.closedMs,
});

/** What one setting raised over a range, counted, with every UTC day of it. */
export function outcomeOf(
  changes: readonly ReplayedChange[],
  range: { readonly fromMs: number; readonly toMs: number },
): BackTestOutcome {
  const findings = findingsOf(changes);
  const incidents = incidentsOf(changes);
  const days: BackTestOutcome['days'] = [];
  for (let day = Math.floor(range.fromMs / dayMs) * dayMs; day < range.toMs; day += dayMs) {
    const within = findings.filter(({ startMs }) => startMs >= day && startMs < day + dayMs);
    days.push({ dayMs: day, ...countLanes(within) });
  }
  return {
    findings: countLanes(findings),
    incidents: countLanes(incidents),
    days,
    incidentRows: incidents.toReversed().slice(0, mostIncidentRows).map(toRow),
  };
}

function apartMs(left: Finding, right: Finding): number {
  const leftEnd = left.endMs ?? Number.POSITIVE_INFINITY;
  const rightEnd = right.endMs ?? Number.POSITIVE_INFINITY;
  return Math.max(0, right.startMs - leftEnd, left.startMs - rightEnd);
}

/** Whether two findings of one signal are about the same thing: the same lane, the same direction, one moment. */
function isSameMoment(left: Finding, right: Finding): boolean {
  return (
    left.direction === right.direction && left.lane === right.lane && apartMs(left, right) <= sameMomentMs
  );
}

/**
 * Puts the findings of two settings side by side: each is paired at most once, with the one whose start is nearest.
 * A finding that changed its lane is no pair: it is only A's in one lane and only B's in the other.
 * @returns newest first
 */
export function compareFindings(a: readonly Finding[], b: readonly Finding[]): BackTestMoment[] {
  const waiting = new Map<string, Finding[]>();
  for (const finding of b) waiting.set(finding.signalId, [...(waiting.get(finding.signalId) ?? []), finding]);
  const moments: BackTestMoment[] = a.map((finding) => {
    const others = waiting.get(finding.signalId) ?? [];
    const [nearest] = others
      .filter((other) => isSameMoment(finding, other))
      .sort(
        (left, right) => Math.abs(left.startMs - finding.startMs) - Math.abs(right.startMs - finding.startMs),
      );
    if (nearest === undefined) {
      return { signalId: finding.signalId, startMs: finding.startMs, a: finding, b: null };
    }
    waiting.set(
      finding.signalId,
      others.filter((other) => other !== nearest),
    );
    const startMs = Math.min(finding.startMs, nearest.startMs);
    return { signalId: finding.signalId, startMs, a: finding, b: nearest };
  });
  for (const rest of waiting.values()) {
    for (const finding of rest) {
      moments.push({ signalId: finding.signalId, startMs: finding.startMs, a: null, b: finding });
    }
  }
  return moments.sort((left, right) => right.startMs - left.startMs);
}
