import { type Lane, severityRank } from '../domain/alert.ts';
import type { BreakdownSummary, FirstAlarm, Incident, Vector } from '../domain/incident.ts';
import {
  type Dimension,
  dimensions,
  type Finding,
  isNovelty,
  type Stage,
  stageRank,
} from '../domain/signal.ts';
import { formatDuration, minuteMs, secondMs } from '../domain/time.ts';
import type { SignalFacts } from './engine.ts';
import {
  factorOf,
  harmOf,
  type IncidentFinding,
  isSurge,
  type Kind,
  kindOf,
  leadOf,
  type Mitigation,
  mitigationOf,
  type Signature,
  severityOf,
  signatureOf,
  techniquesOf,
  titleOf,
} from './incident-kind.ts';
import { entitiesOf, mixOf, type TrafficMix } from './mix.ts';
import { crowdWords, vectorWords } from './vector.ts';

export type { BreakdownSummary, Incident, IncidentFinding };

/** One incident with the findings it rests on; JSON-safe. */
export interface IncidentRecord {
  readonly incident: Incident;
  /** False while it rests only on what is good news or of no account by itself: then nobody is told. */
  readonly raised: boolean;
  readonly findings: readonly IncidentFinding[];
}

/** Incidents that are open or only just closed; JSON-safe, small. */
export interface IncidentState {
  readonly records: readonly IncidentRecord[];
}

/** What is known around a finding when it changes. */
export interface IncidentContext {
  /** Of the finding's service, for the time since it began; empty where no source tells. */
  readonly breakdowns: readonly BreakdownSummary[];
  /** What firewalls, WAFs, IDSs and anti-DDoS filters have said of the service or its customer since it began. */
  readonly alarms?: readonly { readonly name: string; readonly atMs: number }[];
  readonly nowMs: number;
}

export interface IncidentUpdate {
  readonly state: IncidentState;
  /** The incident that came or changed; null when nothing about it changed. */
  readonly incident: Incident | null;
}

/** No incidents yet. */
export function emptyIncidentState(): IncidentState {
  return { records: [] };
}

/** A finding that comes this soon after an incident's last one closed belongs to it still. */
const reopenMs = 5 * minuteMs;

/**
 * A surge without any harm waits for word of who asks before it calls a person: the milder the longer.
 * @param factor times the usual
 */
function evidenceWaitMs(factor: number, kind: Kind): number {
  if (factor >= 5) return 0;
  if (factor < 2 || kind === 'refused-requests') return 90 * secondMs;
  return factor < 3 ? 45 * secondMs : 20 * secondMs;
}

/** Evidence of the first moments may still turn an incident into an informational one; later a person has it. */
const settledMs = 90 * secondMs;

function lowerFirst(text: string): string {
  // Names that begin with an acronym ("HTTP requests") stay as they are.
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}

function verbOf({ finding }: IncidentFinding): string {
  return finding.direction === 'up' ? 'rose' : 'fell';
}

/** Which other stage moved, and how long before or after the lead: at most two, the most telling first. */
function companions(lead: IncidentFinding, findings: readonly IncidentFinding[]): readonly string[] {
  const others = findings
    .filter(
      (entry) =>
        (entry.finding.stage !== lead.finding.stage ||
          entry.finding.startMs < lead.finding.startMs - 5 * secondMs) &&
        entry !== lead &&
        entry.measure !== 'mitigated' &&
        entry.measure !== 'other' &&
        entry.finding.kind === 'deviation' &&
        entry.finding.lane === 'actionable',
    )
    .sort((a, b) => a.finding.startMs - b.finding.startMs || b.finding.surprise - a.finding.surprise);
  const byStage = new Map<Stage, IncidentFinding>();
  for (const entry of others) {
    if (!byStage.has(entry.finding.stage)) byStage.set(entry.finding.stage, entry);
  }
  return [...byStage.values()].slice(0, 2).map((entry) => {
    const aheadMs = lead.finding.startMs - entry.finding.startMs;
    const when =
      Math.abs(aheadMs) < 2 * secondMs
        ? 'at the same time'
        : `${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'earlier' : 'later'}`;
    return `${lowerFirst(entry.name)} ${verbOf(entry)} ${when}`;
  });
}

function stopped(mitigation: Mitigation): string | null {
  if (mitigation.share === null) return null;
  return mitigation.share < 0.005
    ? 'nothing of it mitigated'
    : `${Math.round(mitigation.share * 100)}% mitigated`;
}

interface Judged {
  readonly lane: Lane;
  readonly reason: string | null;
}

/** Whether a person is needed, and why not where findings alone would call one. */
function laneOf(
  kind: Kind,
  findings: readonly IncidentFinding[],
  signature: Signature,
  mix: TrafficMix,
  mitigation: Mitigation,
  harm: number,
  ageMs: number,
): Judged {
  const actionable = findings.filter(({ finding }) => finding.lane === 'actionable');
  if (actionable.length === 0) {
    return { lane: 'informational', reason: findings.find(({ lesson }) => lesson)?.lesson ?? null };
  }
  if (kind === 'crowd') {
    return { lane: 'informational', reason: crowdWords(mix) };
  }
  if (kind === 'stopped') {
    return { lane: 'informational', reason: 'the filters account for it: nothing more reached the origin' };
  }
  const slow = signature.originLatency !== undefined || signature.clientLatency !== undefined;
  if (mitigation.state === 'yes' && harm === 0 && !slow) {
    return { lane: 'informational', reason: 'it is being stopped on the way and the origin is healthy' };
  }
  const surges = [
    signature.requests,
    signature.bits,
    signature.packets,
    signature.connections,
    signature.refused,
  ];
  const largest = Math.max(...surges.map((entry) => (entry === undefined ? 1 : factorOf(entry))));
  const mayBeHarmless =
    kind === 'request-surge' ||
    kind === 'network-flood' ||
    kind === 'connection-flood' ||
    kind === 'syn-flood' ||
    kind === 'refused-requests';
  if (
    mayBeHarmless &&
    harm === 0 &&
    !slow &&
    mix.topTenShare === null &&
    ageMs < evidenceWaitMs(largest, kind)
  ) {
    return { lane: 'informational', reason: 'who asks is not known yet, and nothing suffers' };
  }
  // One signal alone, barely out, for moments: worth keeping, not worth a person.
  const strong = actionable.some(({ finding }) => finding.surprise >= 12 || finding.kind !== 'deviation');
  const lasted = ageMs >= 20 * minuteMs;
  const corroborated = new Set(actionable.map(({ finding }) => finding.signalId)).size >= 2;
  if (!strong && !lasted && !corroborated) {
    return { lane: 'informational', reason: 'one signal alone, barely outside its band' };
  }
  return { lane: 'actionable', reason: null };
}

/** Kinds of incidents that are no vector: nothing is sent and nothing fails that has a name of its own. */
const nameless: ReadonlySet<Kind> = new Set([
  'traffic-drop',
  'stopped',
  'source-silent',
  'budget-burning',
  'certificate',
  'other',
]);
/** Of one dimension so many values are told, each with at least this part of the excess. */
const mostParts = 5;
const leastPart = 0.05;

function vectorOf(kind: Kind, name: string, mix: TrafficMix): Vector | null {
  if (nameless.has(kind)) return null;
  const parts = [...mix.byDimension.values()].flatMap(({ dimension, parts: all }) =>
    all
      .filter(({ share }) => share >= leastPart)
      .slice(0, mostParts)
      .map(({ value, share, usualShare }) => ({ dimension, value, share, usualShare })),
  );
  return {
    name,
    sentence: vectorWords(mix),
    parts,
    notKnown: dimensions.filter((dimension) => !mix.told.has(dimension)),
  };
}

/** The first word of a filter: its counter rising, or an alert of its own. */
function firstAlarmOf(
  findings: readonly IncidentFinding[],
  context: IncidentContext,
  firstDeviationMs: number,
  known: FirstAlarm | null,
): FirstAlarm | null {
  const [first] = [
    ...(known === null ? [] : [{ name: known.name, atMs: known.atMs }]),
    ...findings
      .filter(({ measure, finding }) => measure === 'mitigated' && finding.direction === 'up')
      .map(({ name, finding }) => ({ name, atMs: finding.startMs })),
    ...(context.alarms ?? []),
  ].sort((a, b) => a.atMs - b.atMs);
  return first === undefined ? null : { ...first, leadMs: first.atMs - firstDeviationMs };
}

const attackDimensions: readonly Dimension[] = [
  'source.ip',
  'source.as',
  'url.path',
  'user_agent',
  'source.country',
];

function assess(
  identity: Pick<Incident, 'id' | 'customerId' | 'serviceId' | 'openedMs'>,
  findings: readonly IncidentFinding[],
  context: IncidentContext,
  known: FirstAlarm | null,
): Incident {
  const signature = signatureOf(findings);
  const mix = mixOf(context.breakdowns);
  const kind = kindOf(signature, mix);
  const mitigation = mitigationOf(signature, mix, kind);
  const harm = harmOf(signature);
  const { lane, reason } = laneOf(
    kind,
    findings,
    signature,
    mix,
    mitigation,
    harm,
    context.nowMs - identity.openedMs,
  );
  const lead = leadOf(kind, signature, findings);
  const firstByStage = new Map<Stage, number>();
  for (const { finding } of findings) {
    firstByStage.set(
      finding.stage,
      Math.min(firstByStage.get(finding.stage) ?? finding.startMs, finding.startMs),
    );
  }
  // Who cannot be reached is cut off before anything else falls.
  const rank = (stage: Stage) => (kind === 'unreachable' && stage === 'client' ? -1 : stageRank(stage));
  const stageOrder = [...firstByStage]
    .map(([stage, startMs]) => ({ stage, startMs }))
    .sort((a, b) => a.startMs - b.startMs || rank(a.stage) - rank(b.stage));
  const surge = isSurge(kind);
  const words = surge || kind === 'crowd' ? vectorWords(mix) : null;
  // What is being stopped, a budget that is burned for hours, and companions of unknown meaning keep an incident open
  // only where nothing else began it.
  const weighty = findings.filter(
    ({ measure, finding }) => measure !== 'mitigated' && measure !== 'other' && finding.kind !== 'burn-rate',
  );
  const deciding = weighty.length > 0 ? weighty : findings;
  const ended = deciding.every(({ finding }) => finding.state === 'closed');
  const closedMs = ended
    ? Math.max(...deciding.map(({ finding }) => finding.endMs ?? finding.startMs))
    : null;
  const clauses = [
    (lead?.finding.sentence ?? '').replace(/\.$/, ''),
    ...(lead === undefined ? [] : companions(lead, findings)),
    words,
    surge ? stopped(mitigation) : null,
    reason,
  ].filter((clause): clause is string => clause !== null && clause !== '');
  const severity = lane === 'informational' ? 'informational' : severityOf(kind, harm, signature);
  return {
    ...identity,
    closedMs,
    state: ended ? 'closed' : 'open',
    lane,
    severity: severity === 'informational' && lane === 'actionable' ? 'medium' : severity,
    mitigated: mitigation.state,
    title: lead === undefined ? 'Deviation' : titleOf(kind, signature, mix, lead),
    why: `${clauses.join('; ')}.`,
    firstStage: stageOrder[0]?.stage ?? 'edge',
    stageOrder,
    vector: lead === undefined ? null : vectorOf(kind, titleOf(kind, signature, mix, lead), mix),
    firstAlarm: firstAlarmOf(findings, context, stageOrder[0]?.startMs ?? identity.openedMs, known),
    findingIds: findings.map(({ finding }) => finding.id),
    signalIds: [...new Set(findings.map(({ finding }) => finding.signalId))],
    entities: surge
      ? entitiesOf(mix, attackDimensions)
      : kind === 'crowd'
        ? entitiesOf(mix, ['url.path'])
        : [],
    techniques: [...techniquesOf[kind]],
  };
}

/**
 * An incident keeps the worst it was. Once a person has been called, being stopped (by that person's own block, say)
 * does not take it out of their hands; and evidence that falls silent after the end takes nothing back.
 */
function keepWorst(before: Incident | undefined, now: Incident, nowMs: number): Incident {
  if (before === undefined) return now;
  const worse = severityRank(before.severity) > severityRank(now.severity) ? before.severity : now.severity;
  if (now.state !== 'closed') {
    if (before.lane !== 'actionable') return now;
    if (now.lane === 'actionable') return { ...now, severity: worse };
    return nowMs - now.openedMs < settledMs ? now : { ...now, lane: 'actionable', severity: worse };
  }
  return {
    ...before,
    closedMs: now.closedMs,
    state: now.state,
    mitigated: now.mitigated === 'yes' ? 'yes' : before.mitigated,
    firstAlarm: now.firstAlarm,
    stageOrder: now.stageOrder,
    firstStage: now.firstStage,
    findingIds: now.findingIds,
    signalIds: now.signalIds,
  };
}

/** Good news (faster, fewer errors, less to stop) and changes of unknown meaning are companions, not incidents. */
function isWorthTelling({ finding, measure }: IncidentFinding): boolean {
  if (finding.lane === 'actionable' || finding.kind !== 'deviation') return true;
  switch (measure) {
    case 'rate':
    case 'bits':
    case 'packets':
    case 'connections':
      return true;
    case 'latency':
    case 'errors':
    case 'mitigated':
    case 'saturation':
      return finding.direction === 'up';
    case 'reachability':
    case 'availability':
    case 'resolution':
      return finding.direction === 'down';
    case 'certificate':
    case 'other':
      return false;
  }
}

function sameIncident(a: Incident, b: Incident): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function replaceRecord(state: IncidentState, record: IncidentRecord, nowMs: number): IncidentState {
  const isNeeded = ({ incident, findings }: IncidentRecord) =>
    incident.closedMs === null ||
    nowMs - incident.closedMs <= reopenMs ||
    // What the filters go on stopping after the end is still this incident's.
    findings.some(({ finding }) => finding.state === 'open');
  const others = state.records.filter((other) => other.incident.id !== record.incident.id && isNeeded(other));
  return { records: [...others, record] };
}

/**
 * Takes one change of a finding into the incident of its service: the one that is open or only just closed, else a
 * new one. Pure: the same changes in the same order give the same incidents.
 */
export function updateIncidents(
  state: IncidentState,
  change: { readonly finding: Finding; readonly facts: SignalFacts; readonly lesson?: string | null },
  context: IncidentContext,
): IncidentUpdate {
  const { facts, lesson = null } = change;
  const finding: Finding = lesson === null ? change.finding : { ...change.finding, lane: 'informational' };
  // What is only new about one signal stays with that signal: it may have begun days ago, and calls nobody.
  if (isNovelty(finding)) return { state, incident: null };
  const record =
    state.records.find(({ findings }) => findings.some((entry) => entry.finding.id === finding.id)) ??
    state.records.find(
      ({ incident }) =>
        incident.serviceId === finding.serviceId &&
        incident.customerId === finding.customerId &&
        (incident.closedMs === null || finding.startMs - incident.closedMs <= reopenMs),
    );
  // The end of something that no incident knows any more begins none.
  if (record === undefined && finding.state === 'closed') return { state, incident: null };
  const entry: IncidentFinding = {
    finding,
    name: facts.name,
    unit: facts.unit,
    layer: facts.layer,
    measure: facts.measure,
    lesson,
  };
  const findings = [
    ...(record?.findings ?? []).filter((other) => other.finding.id !== finding.id),
    entry,
  ].sort((a, b) => a.finding.startMs - b.finding.startMs || (a.finding.id < b.finding.id ? -1 : 1));
  const identity = record?.incident ?? {
    id: `${finding.serviceId}@${Math.round(finding.startMs)}`,
    customerId: finding.customerId,
    serviceId: finding.serviceId,
    openedMs: finding.startMs,
  };
  const { id, customerId, serviceId, openedMs } = identity;
  const incident = keepWorst(
    record?.incident,
    assess({ id, customerId, serviceId, openedMs }, findings, context, record?.incident.firstAlarm ?? null),
    context.nowMs,
  );
  const raised = record?.raised === true || findings.some(isWorthTelling);
  const changed =
    record === undefined || record.raised !== raised || !sameIncident(record.incident, incident);
  return {
    state: replaceRecord(state, { incident, raised, findings }, context.nowMs),
    incident: raised && changed ? incident : null,
  };
}

/** Looks at an open incident anew, with breakdowns that came later. Unknown and closed ones stay as they are. */
export function refreshIncident(
  state: IncidentState,
  incidentId: string,
  context: IncidentContext,
): IncidentUpdate {
  const record = state.records.find(({ incident }) => incident.id === incidentId);
  if (record === undefined || record.incident.state === 'closed') return { state, incident: null };
  const { id, customerId, serviceId, openedMs } = record.incident;
  const incident = keepWorst(
    record.incident,
    assess(
      { id, customerId, serviceId, openedMs },
      record.findings,
      context,
      record.incident.firstAlarm ?? null,
    ),
    context.nowMs,
  );
  if (sameIncident(record.incident, incident)) return { state, incident: null };
  return {
    state: replaceRecord(state, { ...record, incident }, context.nowMs),
    incident: record.raised ? incident : null,
  };
}
