import type { SignalFacts } from '../../shared/detection/engine.ts';
import {
  type BreakdownSummary,
  emptyIncidentState,
  type Incident,
  type IncidentContext,
  type IncidentState,
  refreshIncident,
  updateIncidents,
} from '../../shared/detection/incidents.ts';
import { lessonFor, type Verdict } from '../../shared/detection/lessons.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { incidentSchema } from '../../shared/domain/incident.ts';
import { dimensions, type Finding } from '../../shared/domain/signal.ts';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';
import { readVerdicts } from './lessons.ts';
import type { SuppressionJudge } from './suppression-judge.ts';

/** How often the evidence of an open incident is looked at anew while breakdowns keep coming. */
const refreshEveryMs = 5_000;
/** Traffic just before the first deviation belongs to the picture: bins of breakdowns are coarser than samples. */
const leadMs = 30_000;
/** Breakdowns read for one finding serve the others of the same few seconds. */
const evidenceMs = 2_000;

/** A stored incident, with what an earlier version did not know of as not known; null for none, or none to be read. */
export function incidentOf(state: unknown): Incident | null {
  if (typeof state !== 'object' || state === null) return null;
  return incidentSchema.safeParse({ vector: null, firstAlarm: null, ...state }).data ?? null;
}

export interface AlertChange {
  readonly alert: Alert;
  /** It is new, has only now become actionable, came back, or left a suppression: a person is told. */
  readonly isNews: boolean;
}

type Evidence = Pick<IncidentContext, 'breakdowns' | 'alarms'>;

/** Groups findings into incidents and keeps one alert for each; everything inside the caller's transaction. */
export interface Incidents {
  take(finding: Finding, facts: SignalFacts, nowMs: number): AlertChange | null;
  /** Looks at the open incidents anew: evidence comes later than samples, and some wait for it before they call. */
  refresh(nowMs: number): AlertChange[];
  forget(): void;
}

export function createIncidents(store: Store, judge: SuppressionJudge): Incidents {
  const stateKey = 'detection.incidents';
  let state: IncidentState | null = null;
  const refreshedMs = new Map<string, number>();

  const load = (): IncidentState => {
    // Written by this module alone, under its own key.
    state ??= (store.settings.get(stateKey) as IncidentState | null) ?? emptyIncidentState();
    return state;
  };

  let taught: { readonly key: string; readonly verdicts: readonly Verdict[] } = { key: '', verdicts: [] };

  /** What people said of earlier incidents of a service. It may change with every verdict given or taken back. */
  function verdictsOn(serviceId: string, nowMs: number): readonly Verdict[] {
    const key = `${serviceId} ${Math.floor(nowMs / evidenceMs)}`;
    if (taught.key === key) return taught.verdicts;
    const verdicts = readVerdicts(store, serviceId, nowMs);
    taught = { key, verdicts };
    return verdicts;
  }

  let held: { key: string; evidence: Evidence } = { key: '', evidence: { breakdowns: [], alarms: [] } };

  /** Findings of one service come in crowds; within a few seconds they are given the same evidence. */
  function evidenceOf(customerId: string, serviceId: string, startMs: number, nowMs: number): Evidence {
    const fromMs = Math.max(startMs - leadMs, nowMs - 15 * minuteMs);
    const key = `${serviceId} ${Math.floor(startMs / evidenceMs)} ${Math.floor(nowMs / evidenceMs)}`;
    if (held.key !== key) {
      const breakdowns = readBreakdowns(customerId, serviceId, fromMs, nowMs);
      const alarms = store.alerts.alarmsSince(startMs - leadMs, { customerId, serviceId });
      held = { key, evidence: { breakdowns, alarms } };
    }
    return held.evidence;
  }

  function readBreakdowns(
    customerId: string,
    serviceId: string,
    fromMs: number,
    toMs: number,
  ): BreakdownSummary[] {
    return dimensions.flatMap((dimension) => {
      const seen = store.breakdowns.query({ customerId, serviceId, dimension, fromMs, toMs });
      if (!seen.known || seen.total <= 0) return [];
      return [
        {
          dimension,
          total: seen.total,
          usualTotal: seen.usualTotal ?? expectedCount(serviceId, seen.unit, seen.toMs - seen.fromMs),
          sourceName: store.connections.get(seen.sourceId)?.name ?? seen.sourceId,
          rows: seen.rows.map((row) => ({
            value: row.value,
            count: row.count,
            usual:
              seen.usualTotal === null || row.usualShare === null ? null : row.usualShare * seen.usualTotal,
            mitigated: row.mitigated,
          })),
        },
      ];
    });
  }

  /**
   * A source that was just connected has no past to compare with. What its service's signal of the same unit was
   * expected to be over that time stands in for it; null where no signal of that unit deviates.
   */
  function expectedCount(serviceId: string, unit: string, durationMs: number): number | null {
    const finding = store.findings
      .open()
      .find(
        (each) =>
          each.serviceId === serviceId &&
          each.direction === 'up' &&
          store.signals.get(each.signalId)?.unit === `${unit}/s`,
      );
    return finding === undefined ? null : (finding.expected * durationMs) / secondMs;
  }

  function saveIncident(incident: Incident, nowMs: number): AlertChange | null {
    const before = store.incidents.get(incident.id)?.state as Incident | undefined;
    const { alert: told, change } = store.alerts.upsertIncidentAlert(
      {
        incidentId: incident.id,
        customerId: incident.customerId,
        serviceId: incident.serviceId,
        title: incident.title,
        why: incident.why,
        severity: incident.severity,
        lane: incident.lane,
        mitigated: incident.mitigated,
        state: incident.state === 'open' ? 'firing' : 'resolved',
        firstSeenMs: incident.openedMs,
        lastSeenMs: incident.closedMs ?? nowMs,
        count: incident.findingIds.length,
        entities: incident.entities,
        techniques: incident.techniques,
        signalIds: incident.signalIds,
      },
      nowMs,
    );
    store.incidents.save({
      id: incident.id,
      serviceId: incident.serviceId,
      alertId: told.id,
      openedMs: incident.openedMs,
      closedMs: incident.closedMs,
      findingIds: incident.findingIds,
      state: incident,
    });
    if (change === 'none') return null;
    const judged = judge.judge([told.id]);
    const alert = judged.changedIds.length === 0 ? told : (store.alerts.get(told.id) ?? told);
    const becameActionable = before?.lane === 'informational' && alert.lane === 'actionable';
    return {
      alert,
      isNews:
        alert.suppressed !== 'held' &&
        (change === 'created' || change === 'returned' || becameActionable || judged.releasedIds.length > 0),
    };
  }

  return {
    take(finding, facts, nowMs) {
      const { customerId, serviceId, startMs } = finding;
      const context = { nowMs, ...evidenceOf(customerId, serviceId, startMs, nowMs) };
      const lesson =
        finding.lane === 'actionable' ? lessonFor(finding, verdictsOn(finding.serviceId, nowMs)) : null;
      const change = { finding, facts, lesson: lesson?.sentence ?? null };
      const result = updateIncidents(load(), change, context);
      state = result.state;
      store.settings.set(stateKey, state);
      return result.incident ? saveIncident(result.incident, nowMs) : null;
    },
    refresh(nowMs) {
      const changes: AlertChange[] = [];
      for (const row of store.incidents.open()) {
        if (nowMs - (refreshedMs.get(row.id) ?? 0) < refreshEveryMs) continue;
        refreshedMs.set(row.id, nowMs);
        const incident = row.state as Incident;
        const result = refreshIncident(load(), row.id, {
          nowMs,
          ...evidenceOf(incident.customerId, incident.serviceId, incident.openedMs, nowMs),
        });
        state = result.state;
        const change = result.incident ? saveIncident(result.incident, nowMs) : null;
        if (change) changes.push(change);
      }
      if (changes.length > 0) store.settings.set(stateKey, load());
      return changes;
    },
    forget() {
      state = null;
      taught = { key: '', verdicts: [] };
    },
  };
}
