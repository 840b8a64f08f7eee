import type { AlertQuery, MethodInput } from '../../shared/api/contract.ts';
import type { Handlers } from '../../shared/api/server.ts';
import { type Alert, type AlertAction, severities, type UndoableAction } from '../../shared/domain/alert.ts';
import type { CaseState } from '../../shared/domain/case.ts';
import { suppressionProblems } from '../../shared/domain/suppression.ts';
import { describeProblems, parseAlertQuery } from '../../shared/query/parse-query.ts';
import { fakeGrouping } from './fake-alert.ts';
import type { FakeAlerts } from './fake-alerts.ts';
import { createFakeClocks } from './fake-clocks.ts';
import { fakeSplit, membersOf, mergeChanges } from './fake-groups.ts';
import { fakeIncident } from './fake-incident.ts';
import { fakeTechniques } from './fake-techniques.ts';
import type { FakeWorld } from './fake-world.ts';

/** The queue: lists, what is done to alerts, suppressions, response times and views. */
export function createFakeQueue(world: FakeWorld, alerts: FakeAlerts, cases: ReadonlyMap<string, CaseState>) {
  const {
    situation,
    readClock,
    hasData,
    findings,
    alertCount,
    analyst,
    nextId,
    emit,
    statusChanged,
    failing,
  } = world;
  const { changes, suppressions, alertAt, alertById, matching, inOrder } = alerts;
  /** The places of alerts that were frozen. */
  const scopes = new Map<string, readonly number[]>();
  const undos = new Map<string, Map<string, Partial<Alert> | undefined>>();
  const undoable: UndoableAction[] =
    situation === 'busy'
      ? [
          {
            undoId: 'undo-earlier',
            timeMs: readClock() - 23 * 60_000,
            actor: 'Kim Analyst',
            sentence: 'Closed as duplicate: the load test of Acme Retail',
            alerts: 10_000,
          },
          {
            undoId: 'undo-before',
            timeMs: readClock() - 4 * 3_600_000,
            actor: 'Night Shift',
            sentence: 'Snoozed until 2026-11-26T06:00:00Z',
            alerts: 3,
          },
        ]
      : [];
  const views: { id: string; name: string; query: Parameters<Handlers['views.save']>[0]['query'] }[] =
    situation === 'busy'
      ? [
          { id: 'view-needs', name: 'High and worse', query: viewQuery('severity>=high', 'actionable') },
          { id: 'view-mine', name: 'Mine', query: viewQuery('assignee:me', null) },
          { id: 'view-login', name: 'On the login', query: viewQuery('path:/login last:1h', null) },
        ]
      : [];
  const clocks = createFakeClocks(readClock);

  function placesOf(selection: MethodInput<'alerts.act'>['selection']): readonly number[] {
    if (selection.by === 'frozen') return scopes.get(selection.scopeId) ?? [];
    if (selection.by === 'query') return matching(selection.query);
    return selection.ids.map((id) => Number(id.slice('alert-'.length)));
  }

  function act(alert: Alert, action: AlertAction): Partial<Alert> {
    switch (action.type) {
      case 'acknowledge':
        return { status: 'acknowledged' };
      case 'take':
        return { status: 'in-progress', assignee: analyst.name };
      case 'release':
        return { assignee: null, status: 'acknowledged' };
      case 'snooze':
        return { snoozedUntilMs: action.untilMs };
      case 'wake':
        return { snoozedUntilMs: null };
      case 'close':
        return { status: 'closed', disposition: action.disposition };
      case 'reopen':
        return { status: 'new', disposition: null };
      case 'set-lane':
        return { lane: action.lane };
      case 'set-severity':
        return { severity: action.severity };
      default:
        return alert;
    }
  }

  function alertsChanged(): void {
    emit('alerts.changed', {
      rows: [],
      many: true,
      latestSequence: alertCount,
    });
    statusChanged();
  }

  return {
    'alerts.query': ({ offset, limit, upToSequence, ...query }) => {
      failing();
      if (situation === 'flood' && !query.text && query.lane === null) {
        const rows = Array.from({ length: Math.min(limit, alertCount - offset) }, (_, index) =>
          alertAt(offset + index),
        );
        return {
          rows,
          total: alertCount,
          isExact: true,
          upToSequence: alertCount,
          newer: 12,
          merged: 0,
          problem: null,
        };
      }
      // The newest has the highest sequence and stands first.
      const firstPlace = upToSequence === null ? 0 : alertCount - upToSequence;
      const found = matching(query).filter((place) => place >= firstPlace);
      return {
        rows: inOrder(found, query)
          .slice(offset, offset + limit)
          .map(alertAt),
        total: found.length,
        isExact: true,
        upToSequence: upToSequence ?? alertCount,
        newer: situation === 'busy' && query.lane !== 'informational' ? 12 : 0,
        merged: found.reduce((sum, place) => sum + (alertAt(place).merged?.alerts ?? 0), 0),
        problem: describeProblems(parseAlertQuery(query.text).problems),
      };
    },
    'alerts.get': ({ id }) => {
      const alert = alertById(id);
      return {
        alert,
        occurrences: Array.from({ length: Math.min(5, alert.count) }, (_, index) => ({
          id: `${id}-occurrence-${index}`,
          alertId: id,
          occurredMs: alert.lastSeenMs - index * 9_000,
          receivedMs: alert.lastSeenMs - index * 9_000 + 400,
          title: alert.title,
          mitigated: alert.mitigated,
          entities: alert.entities,
          raw: JSON.stringify({
            timestamp: new Date(alert.lastSeenMs - index * 9_000).toISOString(),
            event_type: 'alert',
            src_ip: alert.entities[0]?.value,
            alert: { signature: alert.title, severity: 2 },
          }),
        })),
        ...fakeGrouping(alert),
        origins: { rows: [], source: null },
        techniques: fakeTechniques.filter((each) => alert.techniques.includes(each.id)),
        cases: [...cases.values()]
          .filter((each) => each.id !== alert.caseId)
          .map((each) => ({
            case: each,
            shared: alert.entities
              .map(({ value }) => value)
              .filter((value) => each.observables.some((one) => one.value === value)),
          }))
          .filter(({ shared }) => shared.length > 0),
        findings: findings.filter((finding) => alert.signalIds.includes(finding.signalId)),
        incident: fakeIncident(alert, findings),
        related: [alertAt(3), alertAt(5)].slice(0, alertCount > 5 ? 2 : 0),
        parent: alert.parentId === null ? null : alertById(alert.parentId),
        whole: null,
        members: membersOf(id, changes).map(alertById),
        memberCount: membersOf(id, changes).length,
        parts: [],
        history: [
          {
            timeMs: alert.receivedMs,
            actor: 'Watchfloor',
            sentence: 'Raised from the incident of shop.acme.example.',
          },
        ],
        context: [
          {
            id: 'context-1',
            timeMs: alert.lastSeenMs,
            type: 'flow',
            summary: `${alert.entities[0]?.value ?? '?'} to 192.0.2.10:443, 14 packets`,
            raw: '{"event_type":"flow"}',
          },
        ],
      };
    },
    'alerts.freeze': ({ selection }) => {
      failing();
      const scopeId = nextId('scope');
      const places = [...placesOf(selection)].sort((left, right) => left - right);
      scopes.set(scopeId, places);
      const bySeverity = severities.map(
        (severity) => places.filter((place) => alertAt(place).severity === severity).length,
      );
      return { scopeId, count: places.length, bySeverity };
    },
    'alerts.readFrozen': ({ scopeId, offset, limit }) =>
      (scopes.get(scopeId) ?? []).slice(offset, offset + limit).map(alertAt),
    'alerts.recordExport': () => ({ done: true }),
    'alerts.scope': ({ selection }) => {
      const ids = placesOf(selection).map((place) => `alert-${place}`);
      const all = new Set([...ids, ...ids.flatMap((id) => membersOf(id, changes))]);
      return { chosen: ids.length, merged: all.size - ids.length };
    },
    'alerts.act': ({ selection, action }) => {
      const ids = placesOf(selection).map((place) => `alert-${place}`);
      const before = new Map(ids.map((id) => [id, changes.get(id)]));
      const merged = mergeChanges(ids.map(alertById), action, changes);
      for (const id of merged?.keys() ?? []) if (!before.has(id)) before.set(id, changes.get(id));
      for (const [id, change] of merged ?? ids.map((each) => [each, act(alertById(each), action)] as const)) {
        changes.set(id, { ...changes.get(id), ...change });
      }
      const undoId = nextId('undo');
      undos.set(undoId, before);
      undoable.unshift({
        undoId,
        timeMs: readClock(),
        actor: analyst.name ?? 'Nobody',
        sentence: action.type,
        alerts: before.size,
      });
      emit('alerts.changed', {
        rows: ids.slice(0, 200).map(alertById),
        many: ids.length > 200 || merged !== null,
        latestSequence: alertCount,
      });
      if (merged !== null) statusChanged();
      return { changed: merged?.size ?? ids.length, undoId };
    },
    'alerts.undoable': ({ limit }) => undoable.slice(0, limit),
    'alerts.undo': ({ undoId }) => {
      const place = undoable.findIndex((action) => action.undoId === undoId);
      if (place >= 0) undoable.splice(place, 1);
      const before = undos.get(undoId) ?? new Map();
      for (const [id, change] of before) {
        if (change) changes.set(id, change);
        else changes.delete(id);
      }
      emit('alerts.changed', {
        rows: [...before.keys()].slice(0, 200).map(alertById),
        many: false,
        latestSequence: alertCount,
      });
      statusChanged();
      return { changed: before.size, skipped: 0, skippedIds: [] };
    },
    'alerts.searchRecords': () => ({ alerts: 0, isWhole: true, backToMs: null }),
    'alerts.previewSplit': ({ id, by }) => ({ parts: fakeSplit(alertById(id), by), problem: null }),
    'alerts.proposeGroups': ({ alertId }) => {
      const open = { text: '', fromMs: null, toMs: null, includeDone: false };
      const idsIn = (lane: Alert['lane']) => matching({ ...open, lane }).map((place) => `alert-${place}`);
      const first = idsIn('actionable');
      const groups =
        alertId === null
          ? [first.slice(1, 8), idsIn('informational').slice(0, 4)]
          : [[alertId, ...first.filter((id) => id !== alertId)].slice(0, 7)];
      return groups
        .filter((ids) => ids.length > 1)
        .map((ids, index) => ({
          reason: `These ${ids.length} belong together: same source address 203.0.113.${7 + index}, same customer Acme Retail, first seen within ${12 - index * 8} min.`,
          alertIds: ids,
          sample: ids.map(alertById),
        }));
    },
    'alerts.count': ({ query, upToSequence = alertCount }) => ({
      count: matching(query).filter((place) => alertCount - place <= upToSequence).length,
    }),
    'suppressions.list': () => {
      failing();
      return suppressions.list(
        Array.from({ length: Math.min(alertCount, 1_240) }, (_, place) => alertAt(place)),
      );
    },
    'suppressions.preview': ({ text, upTo }) => {
      const nowMs = readClock();
      const scope = { kind: 'query', text } as const;
      const [problem] = suppressionProblems(
        { scope, reason: '-', upTo, startMs: nowMs, endMs: nowMs + 1, weekly: false },
        nowMs,
      );
      if (problem !== undefined) return { problem, open: 0, worse: 0, lastMonth: 0, truePositives: 0 };
      const query = { lane: null, text: `(${text}) severity<=${upTo}`, fromMs: null, toMs: null };
      const inNoHands = 'status:new,acknowledged assignee:none suppressed:none';
      const open = matching({ ...query, text: `${query.text} ${inNoHands}`, includeDone: false }).length;
      const worse =
        upTo === 'critical'
          ? 0
          : matching({ ...query, text: `(${text}) severity>${upTo} ${inNoHands}`, includeDone: false })
              .length;
      const lastMonth = matching({ ...query, includeDone: true }).length;
      return { problem: null, open, worse, lastMonth, truePositives: Math.floor(lastMonth / 90) };
    },
    'suppressions.add': (input) => {
      const made = suppressions.add(input);
      alertsChanged();
      return made;
    },
    'suppressions.setEnd': ({ id, endMs }) => suppressions.setEnd(id, endMs),
    'suppressions.release': ({ alertId }) => {
      suppressions.release(alertId);
      alertsChanged();
      return { done: true };
    },
    'suppressions.end': ({ id }) => {
      const ended = suppressions.end(id);
      alertsChanged();
      return ended;
    },
    'clocks.targets': () => clocks.targets(),
    'clocks.setTarget': ({ customerId, severity, target }) => clocks.setTarget(customerId, severity, target),
    'clocks.of': ({ alertId }) => clocks.of(alertById(alertId)),
    'clocks.summary': ({ customerId }) => {
      failing();
      const calling = situation === 'calm' || !hasData ? 0 : 41;
      const now = Array.from({ length: calling }, (_, place) => alertAt(place)).filter(
        ({ lane }) => lane === 'actionable',
      );
      // Those of the days before are done with.
      const past = Array.from({ length: calling * 4 }, (_, place): Alert => {
        return { ...alertAt(41 + place * 5), status: 'closed' };
      });
      return clocks.summary([...now, ...past], customerId);
    },
    'views.list': () => views,
    'views.save': ({ id, name, query }) => {
      const saved = { id: id ?? nextId('view'), name, query };
      views.push(saved);
      return saved;
    },
    'views.remove': ({ id }) => {
      const place = views.findIndex((view) => view.id === id);
      if (place >= 0) views.splice(place, 1);
      return { done: true };
    },
  } satisfies Partial<Handlers>;
}

function viewQuery(text: string, lane: AlertQuery['lane']): AlertQuery {
  return { lane, text, fromMs: null, toMs: null, includeDone: false, sort: 'received' };
}
