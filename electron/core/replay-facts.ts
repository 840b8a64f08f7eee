import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AlertSnapshot, mostOccurrences } from '../../shared/case-file/snapshot.ts';
import type { CaseState } from '../../shared/domain/case.ts';
import type {
  ReplayAlert,
  ReplayFacts,
  ReplayMitigation,
  ReplayWorkstation,
} from '../../shared/domain/replay-facts.ts';
import type { Store } from '../db/index.ts';

const mostLedgerRows = 5_000;
/** Snapshots that are unpacked between two turns for others. */
const alertsATurn = 50;

type AlertFacts = Omit<ReplayAlert, 'occurredMs' | 'receivedMsOf' | 'leftOut' | 'history'>;

function factsOf(alert: AlertFacts): AlertFacts {
  const { id, customerId, serviceId, sourceId, title, why, severity, lane, status } = alert;
  const { disposition, mitigated, firstSeenMs, lastSeenMs, receivedMs, count, assignee, simulated } = alert;
  const told = { id, customerId, serviceId, sourceId, title, why, severity, lane, status, disposition };
  return { ...told, mitigated, firstSeenMs, lastSeenMs, receivedMs, count, assignee, simulated };
}

/** An alert as it is in this data directory; null where it is not here. */
function liveAlert(store: Store, id: string): ReplayAlert | null {
  const alert = store.alerts.get(id);
  if (alert === null) return null;
  const times = store.alerts.occurrenceTimes(id, mostOccurrences);
  return {
    ...factsOf(alert),
    occurredMs: times.map(({ occurredMs }) => occurredMs),
    receivedMsOf: times.map(({ receivedMs }) => receivedMs),
    leftOut: Math.max(0, alert.count - times.length),
    history: store.alerts
      .history(id)
      .map(({ timeMs, actor, sentence }) => ({ timeMs, actor, sentence }))
      .sort((left, right) => left.timeMs - right.timeMs),
  };
}

/** An alert as the newest snapshot of it says; null where its bytes are not here. */
function snapshotAlert(store: Store, sha256: string): ReplayAlert | null {
  const body = store.cases.snapshot(sha256);
  if (body === null) return null;
  // It was checked when it was taken or imported.
  const { alert, history, occurrences, occurrencesLeftOut } = JSON.parse(body) as AlertSnapshot;
  return {
    ...factsOf(alert),
    occurredMs: occurrences.map(({ occurredMs }) => occurredMs),
    receivedMsOf: occurrences.map(({ receivedMs }) => receivedMs),
    leftOut: occurrencesLeftOut,
    history,
  };
}

function mitigationsOf(store: Store, state: CaseState): ReplayMitigation[] {
  const snapshots = new Map(
    state.snapshots.filter(({ subject }) => subject === 'mitigation').map(({ id, sha256 }) => [id, sha256]),
  );
  const ids = new Set([...state.mitigations.map(({ id }) => id), ...snapshots.keys()]);
  return [...ids].flatMap((id): ReplayMitigation[] => {
    const live = store.mitigations.get(id);
    if (live !== null) return [mitigationFacts(live, store.mitigations.ledger(id, mostLedgerRows))];
    const body = store.cases.snapshot(snapshots.get(id) ?? '');
    if (body === null) return [];
    const snapshot = JSON.parse(body) as { mitigation: ReplayMitigation; ledger: ReplayMitigation['ledger'] };
    return [mitigationFacts(snapshot.mitigation, snapshot.ledger)];
  });
}

function mitigationFacts(
  mitigation: Omit<ReplayMitigation, 'ledger'>,
  ledger: ReplayMitigation['ledger'],
): ReplayMitigation {
  const { id, planName, targetName, entries, reason, state, sentence } = mitigation;
  const { proposedBy, proposedMs, approvedBy, approvedMs, expiresMs, endedMs } = mitigation;
  const told = { id, planName, targetName, entries: [...entries], reason, state, sentence };
  return {
    ...told,
    proposedBy,
    proposedMs,
    approvedBy,
    approvedMs,
    expiresMs,
    endedMs,
    ledger: ledger
      .map((row) => ({ timeMs: row.timeMs, actor: row.actor, state: row.state, sentence: row.sentence }))
      .sort((left, right) => left.timeMs - right.timeMs),
  };
}

function workstationsOf(store: Store, state: CaseState, isReview: boolean): ReplayWorkstation[] {
  const writers = [...new Set(state.timeline.map(({ writerId }) => writerId))];
  const arrivals = new Map<string, { timeMs: number; refs: string[] }[]>();
  for (const { workstationId, timeMs, refs } of store.arrivals.of([state.id, ...state.mergedCases])) {
    const told = arrivals.get(workstationId) ?? [];
    told.push({ timeMs, refs });
    arrivals.set(workstationId, told);
  }
  return store.arrivals
    .workstations(writers)
    .map(({ workstationId: id, name, writers: own }) => ({
      id,
      name,
      writers: own,
      arrivals: arrivals.get(id) ?? [],
    }))
    .filter(({ id }) => !isReview || id !== store.arrivals.ownId())
    .filter(({ writers: own, arrivals: came }) => own.length > 0 || came.length > 0);
}

/**
 * What a replay of a case needs beside its state: its alerts and mitigations with when each thing came of them, from
 * this data directory where they are here and from the case's own snapshots where not, and when entries arrived where.
 * @param exporterWorkstationId of the file that is reviewed; null where the case lies in this data directory
 * @param onStep called between alerts; what it throws ends it
 */
export async function readReplayFacts(
  store: Store,
  state: CaseState,
  { isReview, exporterWorkstationId }: { isReview: boolean; exporterWorkstationId: string | null },
  onStep: () => void,
): Promise<ReplayFacts> {
  const snapshots = new Map(
    state.snapshots.filter(({ subject }) => subject === 'alert').map(({ id, sha256 }) => [id, sha256]),
  );
  const ids = new Set(snapshots.keys());
  for (const { payload } of state.timeline) if (payload?.kind === 'alert-linked') ids.add(payload.alertId);
  const alerts: ReplayAlert[] = [];
  let read = 0;
  for (const id of ids) {
    const alert = liveAlert(store, id) ?? snapshotAlert(store, snapshots.get(id) ?? '');
    if (alert !== null) alerts.push(alert);
    read += 1;
    if (read % alertsATurn === 0) {
      onStep();
      await nextTurn();
    }
  }
  return {
    alerts,
    mitigations: mitigationsOf(store, state),
    workstations: workstationsOf(store, state, isReview),
    ownWorkstationId: isReview ? null : store.arrivals.ownId(),
    exporterWorkstationId,
  };
}
