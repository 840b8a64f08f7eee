import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MethodOutput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { mostCorrelated, proposeGroups } from '../../shared/domain/alert-correlation.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { hourMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';

/** Open alerts that are compared with each other, and how many are read at once. */
const mostCompared = 2_000;
const readAtOnce = 500;
/** With an alert given: how long before and after its receipt others are looked at. */
const aroundMs = 2 * hourMs;
const mostSample = 10;

/**
 * Open alerts that belong together; with an alert given only what it belongs to.
 * @throws WatchfloorError `not-found`, or `cancelled` between two reads
 */
export async function proposeGroupsFor(
  store: Store,
  alertId: string | null,
  isCancelled: () => boolean,
): Promise<MethodOutput<'alerts.proposeGroups'>> {
  const around = alertId === null ? null : store.alerts.get(alertId);
  if (alertId !== null && around === null) {
    throw new WatchfloorError('not-found', 'There is no such alert.');
  }
  const query = {
    lane: null,
    text: '',
    fromMs: around === null ? null : around.receivedMs - aroundMs,
    toMs: around === null ? null : around.receivedMs + aroundMs,
    includeDone: false,
    sort: 'received',
  } as const;
  const alerts = new Map<string, Alert>();
  if (around !== null) alerts.set(around.id, around);
  let upToSequence: number | null = null;
  for (let offset = 0; offset < mostCompared; offset += readAtOnce) {
    await nextTurn();
    if (isCancelled()) throw new WatchfloorError('cancelled', 'The comparison was given up.');
    const page = store.alerts.query(query, { offset, limit: readAtOnce, upToSequence });
    upToSequence = page.upToSequence;
    for (const alert of page.rows) alerts.set(alert.id, alert);
    if (page.rows.length < readAtOnce) break;
  }
  const proposals = proposeGroups([...alerts.values()], {
    alertsWith: (entity) => store.alerts.entityCount(entity, mostCorrelated + 1),
    customerName: (id) => store.customers.get(id)?.name ?? null,
  });
  return proposals
    .filter(({ alertIds }) => alertId === null || alertIds.includes(alertId))
    .map(({ reason, alertIds }) => ({
      reason,
      alertIds: [...alertIds],
      sample: alertIds.slice(0, mostSample).flatMap((id) => alerts.get(id) ?? []),
    }));
}
