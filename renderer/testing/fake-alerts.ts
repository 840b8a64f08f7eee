import type { AlertQuery } from '../../shared/api/contract.ts';
import { type Alert, alertStatuses, severityRank } from '../../shared/domain/alert.ts';
import { noEnrichment } from '../../shared/domain/enrichment.ts';
import { leadOrder } from '../../shared/domain/lead-entity.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { asksForDone, matchesAlertQuery, type QueryContext } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { fakeAlert } from './fake-alert.ts';
import { membersOf, standingOf } from './fake-groups.ts';
import { createFakeSuppressions } from './fake-suppressions.ts';
import type { FakeWorld } from './fake-world.ts';

export type FakeAlerts = ReturnType<typeof createFakeAlerts>;

/** Alerts by their places, the newest first, with what was done to them since. */
export function createFakeAlerts(world: FakeWorld) {
  const {
    situation,
    startMs,
    readClock,
    attackStartMs,
    alertCount,
    customers,
    services,
    signals,
    connections,
    analyst,
  } = world;
  const changes = new Map<string, Partial<Alert>>();
  /** Of a million the first stand for all. */
  const mostLookedAt = situation === 'flood' ? Math.min(alertCount, 20_000) : alertCount;
  // One whose time to be acknowledged runs out.
  if (situation === 'busy') changes.set('alert-13', { status: 'new', severity: 'high' });
  const suppressions = createFakeSuppressions(
    situation === 'busy' ? startMs : null,
    readClock,
    () => analyst.name ?? 'Watchfloor',
  );

  function alertAt(place: number): Alert {
    // The flood came with the attack: its first alert is the newest.
    const newestMs = situation === 'flood' && attackStartMs !== null ? attackStartMs + 60_000 : startMs;
    const made = fakeAlert(place, alertCount, newestMs, attackStartMs);
    // In calm nothing needs a person; otherwise only the newest few do.
    const informational = situation === 'calm' || (situation === 'busy' && place > 40);
    const alert = informational ? { ...made, lane: 'informational' as const } : made;
    const changed = suppressions.apply({ ...alert, ...changes.get(alert.id) }, queryContext());
    const members = membersOf(alert.id, changes).map(alertById);
    return members.length === 0 ? changed : { ...changed, merged: standingOf(changed, members) };
  }

  function alertById(id: string): Alert {
    const place = Number(id.replace('alert-', ''));
    if (!Number.isInteger(place) || place >= alertCount)
      throw new WatchfloorError('not-found', 'There is no such alert here.');
    return alertAt(place);
  }

  function matching(query: {
    lane: Alert['lane'] | null;
    text: string;
    fromMs: number | null;
    toMs: number | null;
    includeDone: boolean;
  }) {
    const { node } = parseAlertQuery(query.text);
    const asked = asksForDone(node);
    const found: number[] = [];
    for (let place = 0; place < mostLookedAt; place += 1) {
      const alert = alertAt(place);
      if (query.lane && alert.lane !== query.lane) continue;
      if (!query.includeDone && alert.status === 'closed' && !asked.closed) continue;
      if (!query.includeDone && alert.snoozedUntilMs !== null && alert.snoozedUntilMs > readClock()) continue;
      if (!query.includeDone && !asked.suppressed && alert.suppressed === 'held') continue;
      if (query.fromMs !== null && alert.lastSeenMs < query.fromMs) continue;
      if (query.toMs !== null && alert.receivedMs > query.toMs) continue;
      if (alert.parentId !== null && !asked.merged) continue;
      if (matchesAlertQuery(node, alert, queryContext())) found.push(place);
    }
    return found;
  }

  const nameOf = (rows: readonly { readonly id: string; readonly name: string }[], id: string | null) =>
    rows.find((row) => row.id === id)?.name ?? id ?? '\u{10ffff}';
  /** By what each stands, the least first; places stand by when they were received. */
  const orders: Readonly<Record<AlertQuery['sort'], ((alert: Alert) => number | string) | null>> = {
    received: null,
    'last-seen': (alert) => -alert.lastSeenMs,
    'first-seen': (alert) => -alert.firstSeenMs,
    severity: (alert) => -severityRank(alert.severity),
    count: (alert) => -alert.count,
    title: (alert) => alert.title.toLowerCase(),
    status: (alert) => alertStatuses.indexOf(alert.status),
    assignee: (alert) => alert.assignee ?? '\u{10ffff}',
    customer: (alert) => nameOf(customers, alert.customerId),
    service: (alert) => nameOf(services, alert.serviceId),
    lane: (alert) => alert.lane,
    disposition: (alert) => alert.disposition ?? '\u{10ffff}',
    mitigated: (alert) => ['no', 'partly', 'not-known', 'yes'].indexOf(alert.mitigated),
    source: (alert) => nameOf(connections, alert.sourceId),
    entity: (alert) => leadOrder(alert.entities),
    technique: (alert) => alert.techniques.join(' ') || '~',
  };

  function inOrder(places: readonly number[], { sort, reversed }: Pick<AlertQuery, 'sort' | 'reversed'>) {
    const by = orders[sort];
    const compare = (left: number, right: number) => {
      const [before, after] = [by?.(alertAt(left)) ?? 0, by?.(alertAt(right)) ?? 0];
      return before < after ? -1 : before > after ? 1 : left - right;
    };
    const ordered = by === null ? places : places.toSorted(compare);
    return reversed === true ? ordered.toReversed() : ordered;
  }

  function queryContext(): QueryContext {
    const nameIn = (rows: readonly { readonly id: string; readonly name: string }[]) => (id: string) =>
      rows.find((row) => row.id === id)?.name ?? null;
    return {
      nowMs: readClock(),
      analystName: analyst.name,
      customerName: nameIn(customers),
      serviceName: nameIn(services),
      sourceName: nameIn(connections),
      signalName: nameIn(signals),
      originOf: noEnrichment.originOf,
      hasRecord: () => false,
    };
  }

  function countOf(lane: Alert['lane']): number {
    const { length } = matching({ lane, text: '', fromMs: null, toMs: null, includeDone: false });
    return mostLookedAt === 0 ? 0 : Math.round((length * alertCount) / mostLookedAt);
  }

  return { changes, suppressions, alertAt, alertById, matching, inOrder, countOf };
}
