import type { Alert } from '../domain/alert.ts';
import type { CaseState } from '../domain/case.ts';
import type { EntityKind } from '../domain/entity.ts';
import type { Mitigation } from '../domain/mitigation.ts';
import { defang } from '../domain/observables.ts';
import { formatCount, formatMagnitude, formatQuantity, formatShare } from '../domain/quantity.ts';
import type { Finding } from '../domain/signal.ts';
import { formatDuration, formatUtc, secondMs } from '../domain/time.ts';
import { custodyWords, listWords } from './entry-sentence.ts';
import { impactOf, savedSignals } from './impact.ts';
import { recommend } from './recommendations.ts';
import {
  type ImpactRow,
  type ReportAction,
  type ReportChart,
  type ResponseTimes,
  type RetrospectiveInput,
  type RetrospectiveModel,
  reportLimits,
  type SourceRow,
  type TimelineRow,
} from './retrospective-model.ts';
import { timelineOf } from './timeline.ts';

/** States in which a countermeasure is, or was, on its target. */
function cameIntoForce(mitigation: Mitigation): boolean {
  return mitigation.appliedMs !== null && mitigation.verifiedMs !== null;
}

function smallest(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : Math.min(...numbers);
}

function allFindings(input: RetrospectiveInput): Finding[] {
  const byId = new Map<string, Finding>();
  for (const slice of input.case.slices) {
    for (const signal of slice.signals) {
      for (const finding of signal.window.findings) byId.set(finding.id, finding);
    }
  }
  // What the database says now is newer than what was saved with the case.
  for (const finding of input.findings) byId.set(finding.id, finding);
  return [...byId.values()].sort((a, b) => a.startMs - b.startMs);
}

interface Period {
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly ongoing: boolean;
}

/** From the first deviation, occurrence or dated event to the last of an alert; it goes on while a finding is open. */
function periodOf(state: CaseState, findings: readonly Finding[]): Period {
  const startMs = smallest([
    ...findings.map((finding) => finding.startMs),
    ...state.alerts.map((alert) => alert.firstSeenMs),
    ...state.events.map((event) => event.occurredMs),
  ]);
  if (startMs === null) return { startMs: null, endMs: null, ongoing: false };
  const isOpen = findings.some((finding) => finding.endMs === null) && state.status !== 'closed';
  if (isOpen) return { startMs, endMs: null, ongoing: true };
  const ends = [
    ...findings.flatMap((finding) => (finding.endMs === null ? [] : [finding.endMs])),
    ...state.alerts.map((alert) => alert.lastSeenMs),
  ];
  return { startMs, endMs: ends.length === 0 ? null : Math.max(...ends), ongoing: false };
}

/** Time to detect, acknowledge and mitigate as the report's footnotes define them. */
export function responseTimes(input: RetrospectiveInput, startMs: number | null): ResponseTimes {
  const detectedMs = smallest([
    ...input.alerts.map((alert) => alert.receivedMs),
    ...input.case.events.flatMap((event) => event.detectedMs ?? []),
  ]);
  const acknowledgedMs = smallest([
    ...(input.firstAcknowledgedMs === null ? [] : [input.firstAcknowledgedMs]),
    ...(input.case.alerts.length === 0 ? [] : [input.case.openedMs]),
  ]);
  const inForceMs = smallest(
    input.mitigations.flatMap(({ mitigation }) =>
      cameIntoForce(mitigation) && mitigation.appliedMs !== null ? [mitigation.appliedMs] : [],
    ),
  );
  const between = (fromMs: number | null, toMs: number | null) =>
    fromMs === null || toMs === null || toMs < fromMs ? null : toMs - fromMs;
  return {
    detectMs: between(startMs, detectedMs),
    acknowledgeMs: between(detectedMs, acknowledgedMs),
    mitigateMs: between(startMs, inForceMs),
  };
}

/** Beyond this a factor says only that there is usually next to nothing. */
const largestFactor = 1_000;

function factorWords(factor: number | null): string {
  if (factor === null || (factor > 0.67 && factor < 1.5)) return '';
  if (factor > largestFactor) return ` (over ${formatCount(largestFactor)} times)`;
  return ` (${formatMagnitude(Number(factor.toPrecision(3)), '')} times)`;
}

/** "142 k requests/s where 8 k to 9 k is usual (14.2 times)". */
export function deviationWords(row: ImpactRow): string {
  const usual = `${formatMagnitude(row.usualLow, row.unit)} to ${formatQuantity(row.usualHigh, row.unit)}`;
  return `${formatQuantity(row.peak, row.unit)} where ${usual} is usual${factorWords(row.factor)}`;
}

/** "about 40.9 k requests more than expected"; empty where there is no integral. */
export function excessWords(row: ImpactRow): string {
  if (row.excess === null) return '';
  const amount = formatQuantity(Math.abs(row.excess.amount), row.excess.unit);
  return `about ${amount} ${row.excess.amount >= 0 ? 'more' : 'fewer'} than expected`;
}

function summaryOf(
  input: RetrospectiveInput,
  period: Period,
  impact: readonly ImpactRow[],
  times: ResponseTimes,
): string {
  const customer = input.customerName ?? 'an unnamed customer';
  const services = input.serviceNames.length === 0 ? '' : ` (${listWords(input.serviceNames)})`;
  const sentences: string[] = [];
  if (period.startMs === null) {
    sentences.push(`This case concerns ${customer}${services}. No alert or finding is linked to it yet.`);
  } else {
    const from = formatUtc(period.startMs);
    const until =
      period.endMs === null
        ? period.ongoing
          ? `, and goes on as of ${formatUtc(input.generatedMs)}`
          : '; when it ended is not known'
        : ` and ended at ${formatUtc(period.endMs)}, ${formatDuration(period.endMs - period.startMs)} later`;
    sentences.push(`An incident at ${customer}${services} began at ${from}${until}.`);
  }
  const strongest = headlineRow(impact);
  if (strongest !== null) {
    const excess = excessWords(strongest);
    sentences.push(
      `${strongest.name} ${reached(strongest)} ${deviationWords(strongest)}${excess === '' ? '' : `, ${excess}`}.`,
    );
  }
  const first = impact[0];
  if (first !== undefined && strongest !== null && strongest.fromMs - first.fromMs >= secondMs) {
    sentences.push(
      `The first to deviate was ${first.name} (${first.stage}), ${formatDuration(strongest.fromMs - first.fromMs)} earlier.`,
    );
  }
  const origins = impact.filter((row) => row.stage === 'origin' && row.signalId !== strongest?.signalId);
  const atOrigin = origins.find((row) => row.unit === 'ms' || row.unit === 's') ?? origins[0];
  if (atOrigin !== undefined) {
    sentences.push(`At the origin, ${atOrigin.name} ${reached(atOrigin)} ${deviationWords(atOrigin)}.`);
  }
  sentences.push(actionSentence(input, times));
  return sentences.join(' ');
}

const reached = (row: ImpactRow) => (row.direction === 'up' ? 'reached' : 'fell to');

/** How far out, as a size that compares ups and downs: 14 times up is as far as a fourteenth. */
function strength(row: ImpactRow): number {
  if (row.factor === null || row.factor <= 0) return 1;
  return Math.min(Math.max(row.factor, 1 / row.factor), largestFactor);
}

/**
 * The signal that tells the incident best: a surge of requests, where clients come in if that is measured; else what
 * is furthest out, and among equals what was least to be expected. A factor alone would choose errors, of which there
 * are usually next to none.
 */
function headlineRow(impact: readonly ImpactRow[]): ImpactRow | null {
  const surges = impact.filter(
    (row) => row.unit === 'requests/s' && row.stage !== 'waf' && row.direction === 'up' && strength(row) >= 2,
  );
  const furthest = [...impact].sort((a, b) => strength(b) - strength(a) || b.surprise - a.surprise);
  return surges.find((row) => row.stage === 'edge') ?? surges[0] ?? furthest[0] ?? null;
}

function actionSentence(input: RetrospectiveInput, times: ResponseTimes): string {
  const inForce = input.mitigations.map(({ mitigation }) => mitigation).filter(cameIntoForce);
  if (inForce.length === 0) {
    return input.mitigations.length === 0
      ? 'No countermeasure was asked for.'
      : 'No countermeasure is known to have come into force.';
  }
  const targets = listWords([...new Set(inForce.map((mitigation) => mitigation.targetName))]);
  const entries = new Set(inForce.flatMap((mitigation) => mitigation.entries)).size;
  const what = `${entries} ${entries === 1 ? 'network was' : 'networks were'} blocked on ${targets}`;
  return times.mitigateMs === null
    ? `${what}.`
    : `${what}, the first ${formatDuration(times.mitigateMs)} after the beginning.`;
}

function impactWords(mitigation: Mitigation): string {
  const { preview } = mitigation;
  if (preview === null) return 'not known';
  const { impact } = preview;
  if (impact === null) return `not known: ${preview.impactUnknownReason ?? 'no source could tell'}`;
  const about = impact.estimated ? 'about ' : '';
  const number = (count: number) => formatMagnitude(count, '');
  const share =
    impact.hitRequests > 0 ? ` (${formatShare(impact.ordinaryRequests / impact.hitRequests)})` : '';
  return (
    `${about}${number(impact.hitRequests)} of ${number(impact.totalRequests)} requests in ` +
    `${formatDuration(impact.windowMs)}: ${number(impact.excessRequests)} in the excess, ` +
    `${number(impact.ordinaryRequests)} ordinary${share}, ` +
    `${number(impact.hitClients)} ${impact.hitClients === 1 ? 'client' : 'clients'} (${impact.sourceName})`
  );
}

function actionOf(mitigation: Mitigation): ReportAction {
  const count = mitigation.entries.length;
  const entries = mitigation.entries.slice(0, reportLimits.actionEntries);
  return {
    id: mitigation.id,
    title: `Block ${count} ${count === 1 ? 'network' : 'networks'} for ${formatDuration(mitigation.ttlMs)}`,
    targetName: mitigation.targetName,
    planName: mitigation.planName,
    entries: entries.map((entry) => defang('cidr', entry)),
    entriesLeftOut: count - entries.length,
    reason: mitigation.reason,
    state: mitigation.state,
    sentence: mitigation.sentence,
    askedBy: mitigation.proposedBy,
    askedMs: mitigation.proposedMs,
    approvedBy: mitigation.approvedBy,
    approvedMs: mitigation.approvedMs,
    appliedMs: mitigation.appliedMs,
    verifiedMs: mitigation.verifiedMs,
    expiresMs: mitigation.expiresMs,
    endedMs: mitigation.endedMs,
    endedHow: mitigation.endedHow === null ? null : endWords[mitigation.endedHow],
    impact: impactWords(mitigation),
    simulated: mitigation.simulated,
  };
}

const endWords = {
  'by-itself': 'by itself, at its time',
  undone: 'undone by a person',
  tidied: 'at its time, tidied by Watchfloor',
  lost: 'lost: the target no longer had it',
  rejected: 'never applied: rejected',
} as const satisfies Record<NonNullable<Mitigation['endedHow']>, string>;

function chartsOf(input: RetrospectiveInput, findings: readonly Finding[]): ReportChart[] {
  const marks = input.mitigations
    .map(({ mitigation }) => mitigation)
    .filter(cameIntoForce)
    .flatMap((mitigation) => {
      const endMs = mitigation.endedMs ?? mitigation.expiresMs;
      return [
        ...(mitigation.appliedMs === null ? [] : [{ timeMs: mitigation.appliedMs, label: 'block' }]),
        ...(endMs === null ? [] : [{ timeMs: endMs, label: 'block ends' }]),
      ];
    });
  return savedSignals(input.case)
    .slice(0, reportLimits.charts)
    .map(({ signal, fromMs, toMs }) => ({
      title: signal.name,
      unit: signal.unit,
      stage: signal.stage,
      window: {
        ...signal.window,
        findings: findings.filter((finding) => finding.signalId === signal.window.signalId),
      },
      fromMs,
      toMs,
      marks: marks.filter((mark) => mark.timeMs >= fromMs && mark.timeMs <= toMs),
    }));
}

/** Entities of the alerts that attacked or asked, most alerts first. */
function sourcesOf(alerts: readonly Alert[]): SourceRow[] {
  const rows = new Map<string, { kind: EntityKind; value: string; role: string; alerts: number }>();
  for (const alert of alerts) {
    for (const { kind, value, role } of alert.entities) {
      const key = `${role}\n${kind}\n${value}`;
      const row = rows.get(key);
      if (row === undefined) {
        rows.set(key, { kind, value: defang(kind, value), role, alerts: 1 });
      } else {
        row.alerts += 1;
      }
    }
  }
  const rank = (role: string) => (role === 'source' ? 0 : role === 'related' ? 1 : 2);
  return [...rows.values()].sort((a, b) => rank(a.role) - rank(b.role) || b.alerts - a.alerts);
}

function techniquesOf(input: RetrospectiveInput): RetrospectiveModel['techniques'] {
  const names = new Map(input.techniques.map((technique) => [technique.id, technique.name]));
  const ids = new Set([...input.case.techniques, ...input.alerts.flatMap((alert) => alert.techniques)]);
  return [...ids].sort().map((id) => ({ id, name: names.get(id) || null }));
}

function custodyOf(state: CaseState): RetrospectiveModel['custody'] {
  return state.evidence
    .flatMap(({ name, custody }) =>
      custody.map(({ occurredMs, action, person, reason, writerName }) => ({
        timeMs: occurredMs,
        text: `${name} ${custodyWords[action]} ${person}${reason === '' ? '' : `: ${reason}`}`,
        writerName,
      })),
    )
    .sort((a, b) => a.timeMs - b.timeMs);
}

/** Everything that happened in a case and around it, in order and without a bound. */
export function wholeTimeline(input: RetrospectiveInput): TimelineRow[] {
  return timelineOf(
    input.case,
    allFindings(input),
    new Map(savedSignals(input.case).map(({ signal }) => [signal.window.signalId, signal.name])),
    input.mitigations.map(({ ledger }) => ledger.slice(0, reportLimits.ledgerRows)),
  );
}

/**
 * Works out an incident's retrospective from what is known of a case. Pure: the same input gives the same report.
 * What is not known stays null and is said so by the renderers; every list is bounded by `reportLimits`, and what
 * was left out is counted.
 */
export function buildRetrospective(input: RetrospectiveInput): RetrospectiveModel {
  const state = input.case;
  const findings = allFindings(input);
  const period = periodOf(state, findings);
  const times = responseTimes(input, period.startMs);
  const saved = savedSignals(state);
  const { rows: impact, steady } = impactOf(
    saved.map(({ signal }) => signal),
    findings,
  );
  const mitigations = input.mitigations.map(({ mitigation }) => mitigation);
  const timeline = wholeTimeline(input);
  const sources = sourcesOf(input.alerts);
  const techniques = techniquesOf(input);
  return {
    caseId: state.id,
    title: state.title,
    customerName: input.customerName,
    serviceNames: input.serviceNames,
    severity: state.severity,
    status: state.status,
    phase: state.phase,
    tlp: state.tlp,
    pap: state.pap,
    assignee: state.assignee,
    simulated: state.simulated || mitigations.some((mitigation) => mitigation.simulated),
    generatedMs: input.generatedMs,
    analystName: input.analystName,
    appVersion: input.appVersion,
    ...period,
    summary: summaryOf(input, period, impact, times),
    times,
    impact,
    steadySignals: steady.map((signal) => signal.name),
    charts: chartsOf(input, findings),
    alerts: state.alerts
      .slice(0, reportLimits.alerts)
      .map(({ title, why, severity, firstSeenMs, lastSeenMs, count }) => ({
        title,
        why,
        severity,
        firstSeenMs,
        lastSeenMs,
        count,
      })),
    alertsLeftOut: Math.max(0, state.alerts.length - reportLimits.alerts),
    techniques,
    sources: sources.slice(0, reportLimits.sources),
    sourcesLeftOut: Math.max(0, sources.length - reportLimits.sources),
    actions: mitigations.slice(0, reportLimits.actions).map(actionOf),
    timeline: timeline.slice(0, reportLimits.timeline),
    timelineLeftOut: Math.max(0, timeline.length - reportLimits.timeline),
    notes: state.notes
      .slice(0, reportLimits.notes)
      .map(({ markdown, writerName, addedMs, revisedMs }) => ({ markdown, writerName, addedMs, revisedMs })),
    notesLeftOut: Math.max(0, state.notes.length - reportLimits.notes),
    tasks: state.tasks.slice(0, reportLimits.tasks).map(({ title, done, assignee, dueMs, checklist }) => ({
      title,
      done,
      assignee,
      dueMs,
      checklist: { done: checklist.filter((item) => item.done).length, all: checklist.length },
    })),
    fields: state.fields.slice(0, reportLimits.fields),
    evidence: state.evidence
      .slice(0, reportLimits.evidence)
      .map(({ name, sizeBytes, sha256, addedMs, writerName }) => ({
        name,
        sizeBytes,
        sha256,
        addedMs,
        writerName,
      })),
    custody: custodyOf(state).slice(0, reportLimits.custody),
    recommendations: recommend({
      ...period,
      times,
      impact,
      mitigations,
      openTaskTitles: state.tasks.filter((task) => !task.done).map((task) => task.title),
      evidenceCount: state.evidence.length,
      savedSignalCount: saved.length,
    }),
    observables: state.observables
      .slice(0, reportLimits.observables)
      .map(({ kind, value, addedMs, verdict }) => ({ kind, value: defang(kind, value), addedMs, verdict })),
    observablesLeftOut: Math.max(0, state.observables.length - reportLimits.observables),
    chain: input.chain,
    attackNotice: techniques.length === 0 ? null : input.attackNotice,
  };
}
