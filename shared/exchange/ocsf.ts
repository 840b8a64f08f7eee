import type { Severity } from '../domain/alert.ts';
import type { CaseState, CaseStatus, Verdict } from '../domain/case.ts';
import type { EntityKind } from '../domain/entity.ts';
import { type ExchangeContext, factsOf } from './exchange-facts.ts';

/** Of the Open Cybersecurity Schema Framework. */
export const ocsfVersion = '1.8.0';
const categoryFindings = 2;
const classIncidentFinding = 2005;

const severities: Readonly<Record<Severity, readonly [id: number, name: string]>> = {
  informational: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};
/** What the record reports: that a case goes on, or that it is closed. */
const activities: Readonly<Record<CaseStatus, readonly [id: number, name: string]>> = {
  open: [2, 'Update'],
  contained: [2, 'Update'],
  closed: [3, 'Close'],
};

function statusOf({ status, assignee }: CaseState): readonly [id: number, name: string] {
  switch (status) {
    case 'open':
      return assignee === null ? [1, 'New'] : [2, 'In Progress'];
    case 'contained':
      return [4, 'Resolved'];
    case 'closed':
      return [5, 'Closed'];
  }
}

/** The types of the observable object; those without one there are "Other", by our name. */
function observableType(kind: EntityKind): readonly [id: number, name: string] {
  switch (kind) {
    case 'host':
    case 'domain':
      return [1, 'Hostname'];
    case 'ip':
      return [2, 'IP Address'];
    case 'user':
      return [4, 'User Name'];
    case 'email':
      return [5, 'Email Address'];
    case 'url':
      return [6, 'URL String'];
    case 'file-hash':
      return [8, 'Hash'];
    case 'port':
      return [11, 'Port'];
    case 'cidr':
      return [12, 'Subnet'];
    default:
      return [99, kind];
  }
}

/** Reputation, on its scale of ten, as far as a verdict tells. */
const reputations: Readonly<Partial<Record<Verdict, readonly [id: number, name: string]>>> = {
  malicious: [10, 'Malicious'],
  suspicious: [7, 'Suspicious/Risky'],
};

/** A case as one event of the class Incident Finding (2005); times are milliseconds. */
export function ocsfIncident(state: CaseState, context: ExchangeContext) {
  const [severityId, severity] = severities[state.severity];
  const [activityId, activity] = activities[state.status];
  const [statusId, status] = statusOf(state);
  const facts = factsOf(state, context);
  const nameOf = new Map(context.techniques.map(({ id, name }) => [id, name]));
  const technique = (id: string) => ({ uid: id, ...(nameOf.has(id) ? { name: nameOf.get(id) } : {}) });
  const attacks = state.techniques.map((id) => ({
    technique: technique(id.slice(0, 5)),
    ...(id.includes('.') ? { sub_technique: technique(id) } : {}),
  }));
  const findings = state.alerts.map((alert) => ({
    uid: alert.id,
    title: alert.title,
    desc: alert.why,
    first_seen_time: alert.firstSeenMs,
    last_seen_time: alert.lastSeenMs,
    related_events_count: alert.count,
  }));
  return {
    activity_id: activityId,
    activity_name: activity,
    category_uid: categoryFindings,
    category_name: 'Findings',
    class_uid: classIncidentFinding,
    class_name: 'Incident Finding',
    type_uid: classIncidentFinding * 100 + activityId,
    type_name: `Incident Finding: ${activity}`,
    time: state.changedMs,
    ...(state.alerts.length === 0
      ? {}
      : {
          start_time: Math.min(...state.alerts.map(({ firstSeenMs }) => firstSeenMs)),
          end_time: Math.max(...state.alerts.map(({ lastSeenMs }) => lastSeenMs)),
        }),
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    // One of the two must be there; a case that nobody has taken belongs to nobody in particular.
    ...(state.assignee === null
      ? { assignee_group: { name: 'Unassigned' } }
      : { assignee: { name: state.assignee } }),
    message: state.title,
    desc: state.title,
    // A list of findings must hold one: a case without alerts is its own.
    finding_info_list:
      findings.length > 0 ? findings : [{ uid: state.id, title: state.title, created_time: state.openedMs }],
    ...(attacks.length === 0 ? {} : { attacks }),
    metadata: {
      version: ocsfVersion,
      uid: state.id,
      profiles: ['incident'],
      product: { name: 'Watchfloor', vendor_name: 'Watchfloor', version: context.appVersion },
      labels: [state.tlp, state.pap, ...(state.simulated ? ['SIMULATED'] : [])],
    },
    // Our own kinds; the names of the observables below point here.
    unmapped: { observables: facts.map(({ kind, value }) => ({ kind, value })) },
    observables: facts.map(({ kind, value, verdict }, index) => {
      const [typeId, type] = observableType(kind);
      const [scoreId, score] = reputations[verdict] ?? [];
      return {
        name: `unmapped.observables[${index}].value`,
        type_id: typeId,
        type,
        value,
        ...(scoreId === undefined ? {} : { reputation: { base_score: scoreId, score_id: scoreId, score } }),
      };
    }),
  };
}
