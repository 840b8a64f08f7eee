import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AlertSnapshot,
  type MitigationSnapshot,
  mostOccurrences,
} from '../../../shared/case-file/snapshot.ts';
import type { EntryPayload, SnapshotRef } from '../../../shared/domain/case.ts';
import { canonicalJson } from '../../../shared/domain/entry-chain.ts';
import { sha256Hex } from '../../db/ids.ts';
import type { CaseOutline, Store } from '../../db/store.ts';

const mostSnapshotsAnEntry = 1_000;

function alertBody(store: Store, id: string): string | null {
  const found = store.alerts.get(id);
  if (found === null) return null;
  const {
    sequence: _,
    caseId: __,
    snoozedUntilMs: ___,
    suppressed: ____,
    suppressionIds: _____,
    ...alert
  } = found;
  const occurrences = store.alerts.occurrences(id, mostOccurrences);
  const occurrencesLeftOut = Math.max(0, alert.count - occurrences.length);
  const history = store.alerts
    .history(id)
    .map(({ timeMs, actor, sentence }) => ({ timeMs, actor, sentence }));
  return canonicalJson({
    subject: 'alert',
    alert,
    history,
    occurrences,
    occurrencesLeftOut,
  } satisfies AlertSnapshot);
}

function mitigationBodies(store: Store, ids: readonly string[]): Map<string, string> {
  const audit = store.audit.aboutMitigations(ids);
  const bodies = new Map<string, string>();
  for (const id of ids) {
    const mitigation = store.mitigations.get(id);
    if (mitigation === null) continue;
    const snapshot: MitigationSnapshot = {
      subject: 'mitigation',
      mitigation,
      ledger: store.mitigations
        .ledger(id, 5_000)
        .map(({ sequence: _, ...row }) => row)
        .reverse(),
      plan: store.plans.getByHash(mitigation.planHash),
      audit: audit.get(id) ?? [],
    };
    bodies.set(id, canonicalJson(snapshot));
  }
  return bodies;
}

/**
 * What the alerts and mitigations of a case are now, as far as they are here and differ from the case's newest
 * snapshots. Nothing is stored: the bodies go to `putSnapshot`, the payloads into the case, in one transaction.
 * @param onStep called between alerts; what it throws ends it
 */
export async function newSnapshots(
  store: Store,
  state: CaseOutline,
  onStep: () => void,
): Promise<{ readonly bodies: readonly string[]; readonly payloads: readonly EntryPayload[] }> {
  const known = new Map(state.snapshots.map(({ subject, id, sha256 }) => [`${subject} ${id}`, sha256]));
  const bodies: string[] = [];
  const snapshots: SnapshotRef[] = [];
  const take = (subject: SnapshotRef['subject'], id: string, body: string) => {
    const sha256 = sha256Hex(body);
    if (known.get(`${subject} ${id}`) === sha256) return;
    bodies.push(body);
    snapshots.push({ subject, id, sha256, sizeBytes: Buffer.byteLength(body) });
  };
  for (const { id } of state.alerts) {
    const body = alertBody(store, id);
    if (body !== null) take('alert', id, body);
    onStep();
    await nextTurn();
  }
  const mitigationIds = state.mitigations.map(({ id }) => id);
  if (mitigationIds.length > 0) {
    for (const [id, body] of mitigationBodies(store, mitigationIds)) take('mitigation', id, body);
  }
  const payloads: EntryPayload[] = [];
  for (let at = 0; at < snapshots.length; at += mostSnapshotsAnEntry) {
    payloads.push({ kind: 'snapshots-taken', snapshots: snapshots.slice(at, at + mostSnapshotsAnEntry) });
  }
  return { bodies, payloads };
}
