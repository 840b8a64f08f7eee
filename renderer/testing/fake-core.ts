import { createClient } from '../../shared/api/client.ts';
import type { AlertQuery, MethodInput, Status, UiSettings } from '../../shared/api/contract.ts';
import { type Handlers, type Connection as ServedConnection, serve } from '../../shared/api/server.ts';
import {
  type Alert,
  type AlertAction,
  alertStatuses,
  severities,
  severityRank,
} from '../../shared/domain/alert.ts';
import {
  asksForDone,
  describeProblems,
  matchesAlertQuery,
  parseAlertQuery,
  type QueryContext,
} from '../../shared/domain/alert-query.ts';
import type { CaseState, EntryPayload } from '../../shared/domain/case.ts';
import { foldCase, listRowOf } from '../../shared/domain/case-fold.ts';
import { readLog, replacedBy } from '../../shared/domain/case-log.ts';
import type { Connection } from '../../shared/domain/connection.ts';
import { noEnrichment } from '../../shared/domain/enrichment.ts';
import { nextClock } from '../../shared/domain/entry-chain.ts';
import { leadOrder } from '../../shared/domain/lead-entity.ts';
import type { ActionPlan, LedgerRow, Mitigation, MitigationState } from '../../shared/domain/mitigation.ts';
import type { RangeStatus } from '../../shared/domain/range.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { suppressionProblems } from '../../shared/domain/suppression.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';
import { createPortPair } from '../api/ports.ts';
import type { AppRoot } from '../state/provider.tsx';
import { defaultSettings } from '../state/session.ts';
import { fakeBackTest } from './fake-back-test.ts';
import { fakeApart, fakeCaseFiles } from './fake-case-files.ts';
import { fakeCaseView } from './fake-case-view.ts';
import { createFakeClocks } from './fake-clocks.ts';
import {
  attackBeforeMs,
  earlierMoments,
  fakeAlert,
  fakeCustomers,
  fakeFinding,
  fakeGrouping,
  fakeHealth,
  fakeIncident,
  fakeKinds,
  fakeLessons,
  fakeNoise,
  fakeServices,
  fakeSignals,
  fakeTechniques,
  fakeWindow,
  noise,
  sampleAt,
} from './fake-data.ts';
import { fakeEvidence } from './fake-evidence.ts';
import { fakeSplit, membersOf, mergeChanges, standingOf } from './fake-groups.ts';
import { createFakeHandovers } from './fake-handovers.ts';
import { createFakeRejected } from './fake-rejected.ts';
import { fakeReview } from './fake-review.ts';
import { createFakeSuppressions } from './fake-suppressions.ts';
import { createFakeUploads } from './fake-uploads.ts';

/** States of the whole app that are rare or hard to bring about with a real core. */
export const fakeSituations = ['busy', 'calm', 'empty', 'loading', 'error', 'first', 'flood'] as const;
export type FakeSituation = (typeof fakeSituations)[number];

function viewQuery(text: string, lane: AlertQuery['lane']): AlertQuery {
  return { lane, text, fromMs: null, toMs: null, includeDone: false, sort: 'received' };
}

function toSituation(name: string): FakeSituation {
  return fakeSituations.find((each) => each === name) ?? 'busy';
}

/**
 * A core in the page, with made-up data and no memory beyond it: for the gallery, for screenshots of rare states and
 * for component tests. Everything it says is marked SIMULATED.
 */
export function connectFakeCore(root: AppRoot, situationName: string): () => void {
  const situation = toSituation(situationName);
  const [pageSide, coreSide] = createPortPair();
  const core = createFakeHandlers(situation, () => served);
  const served: ServedConnection = serve(coreSide, core.handlers);
  root.store.getState().setConnection({ kind: 'connected' });
  root.hub.attach(createClient(pageSide));
  const timer = setInterval(core.tick, 1_000);
  return () => {
    clearInterval(timer);
    served.close();
  };
}

interface FakeCore {
  readonly handlers: Handlers;
  /** A second went by: samples are sent. */
  readonly tick: () => void;
}

/** The handlers alone, so that tests can call them. */
export function createFakeHandlers(
  situation: FakeSituation,
  connection: () => Pick<ServedConnection, 'emit'>,
  readClock: () => number = Date.now,
): FakeCore {
  const startMs = readClock();
  const hasData = situation !== 'empty';
  const attackStartMs = situation === 'busy' || situation === 'flood' ? startMs - attackBeforeMs : null;
  const findings: Finding[] =
    attackStartMs === null
      ? []
      : [
          fakeFinding('shop.origin-latency', attackStartMs - 40_000, 'actionable', 12),
          fakeFinding('shop.edge-rate', attackStartMs, 'actionable', 31),
          fakeFinding('shop.origin-errors', attackStartMs + 45_000, 'actionable', 18),
          fakeFinding('shop.waf', attackStartMs + 10_000, 'informational', 22),
          fakeFinding('shop.bits', attackStartMs + 5_000, 'informational', 7),
        ];
  const earlier = attackStartMs === null ? [] : earlierMoments(startMs);
  const alertCount = situation === 'flood' ? 1_000_000 : situation === 'calm' ? 40 : hasData ? 1_240 : 0;
  const changes = new Map<string, Partial<Alert>>();
  // One whose time to be acknowledged runs out.
  if (situation === 'busy') changes.set('alert-13', { status: 'new', severity: 'high' });
  /** The places of alerts that were frozen. */
  const scopes = new Map<string, readonly number[]>();
  const undos = new Map<string, Map<string, Partial<Alert> | undefined>>();
  const cases = new Map<string, CaseState>();
  const mitigations = new Map<string, Mitigation>();
  const ledger: LedgerRow[] = [];
  const views: { id: string; name: string; query: Parameters<Handlers['views.save']>[0]['query'] }[] =
    situation === 'busy'
      ? [
          { id: 'view-needs', name: 'High and worse', query: viewQuery('severity>=high', 'actionable') },
          { id: 'view-mine', name: 'Mine', query: viewQuery('assignee:me', null) },
          { id: 'view-login', name: 'On the login', query: viewQuery('path:/login last:1h', null) },
        ]
      : [];
  let settings: UiSettings = { ...defaultSettings, shiftEndsMs: startMs + 3.76 * 3_600_000 };
  let analystName = situation === 'first' ? null : 'Robin Keller';
  let counter = 0;
  const nextId = (prefix: string) => `${prefix}-${++counter}`;
  const uploads = createFakeUploads(nextId);

  const customers = hasData ? [...fakeCustomers] : [];
  const services = hasData ? [...fakeServices] : [];
  const signals = hasData
    ? fakeSignals.map((signal) => ({
        ...signal,
        baselineState: situation === 'loading' ? ('learning' as const) : signal.baselineState,
        historyMs: situation === 'loading' ? 40 * 60_000 : signal.historyMs,
      }))
    : [];

  const suppressions = createFakeSuppressions(
    situation === 'busy' ? startMs : null,
    readClock,
    () => analystName ?? 'Watchfloor',
  );

  const clocks = createFakeClocks(readClock);

  const plan: ActionPlan = {
    id: 'plan-acme',
    customerId: 'acme',
    name: 'ACME-DDoS',
    version: 4,
    hash: 'a'.repeat(64),
    targetId: 'edge',
    agreedBy: 'Dana Fields, Acme Retail',
    agreedMs: startMs - 40 * 86_400_000,
    maxTtlMs: 4 * 3_600_000,
    defaultTtlMs: 30 * 60_000,
    widestPrefixV4: 24,
    widestPrefixV6: 48,
    maxEntriesPerHour: 20,
    samePersonMayApprove: true,
    loopbackAllowed: false,
    allowList: ['203.0.113.250/32'],
    retired: false,
  };
  const plans: ActionPlan[] = hasData ? [plan] : [];

  const connections: Connection[] = !hasData
    ? []
    : [
        connectionOf('range', 'source', 'range', 'Simulated network', 'ok'),
        connectionOf('prom-eu', 'source', 'prometheus', 'prom-eu', situation === 'calm' ? 'ok' : 'lagging'),
        connectionOf(
          'eve',
          'source',
          'suricata-eve',
          'sensor-1 EVE',
          situation === 'error' ? 'failing' : 'ok',
        ),
        connectionOf('edge', 'target', 'haproxy', 'edge-haproxy', 'ok'),
      ];

  function connectionOf(
    id: string,
    role: Connection['role'],
    kind: string,
    name: string,
    state: 'ok' | 'lagging' | 'failing',
  ): Connection {
    return {
      id,
      role,
      kind,
      name,
      customerId: null,
      enabled: true,
      settings:
        kind === 'prometheus'
          ? {
              url: 'http://prometheus.example:9090',
              auth: 'bearer',
              stepSeconds: 15,
              haproxy: true,
              queries: '',
            }
          : kind === 'suricata-eve'
            ? { path: '/var/log/suricata/eve.json', severityMap: '1 = critical\n5 = low' }
            : {},
      secretsSet: kind === 'prometheus' ? ['token'] : [],
      health: fakeHealth(startMs, {
        ...(kind === 'suricata-eve'
          ? {
              recordsRejected: 12,
              lastRejection: 'A line is not JSON.',
              unmapped: [{ key: 'severityMap', word: '7' }],
            }
          : {}),
        ...(state === 'lagging'
          ? {
              state,
              sentence: '4 min behind: the server answers slowly. Charts that depend on it end 4 min ago.',
              lagMs: 240_000,
            }
          : {}),
        ...(state === 'failing'
          ? {
              state,
              sentence:
                'The file cannot be read: permission denied. Let the user that runs Watchfloor read it.',
              consecutiveFailures: 12,
              lastSuccessMs: startMs - 3_600_000,
            }
          : {}),
      }),
      simulated: true,
    };
  }

  function alertAt(place: number): Alert {
    const made = fakeAlert(place, alertCount, startMs, attackStartMs);
    // In calm nothing needs a person; otherwise only the newest few do.
    const informational = situation === 'calm' || (situation === 'busy' && place > 40);
    const alert = informational ? { ...made, lane: 'informational' as const } : made;
    const changed = suppressions.apply({ ...alert, ...changes.get(alert.id) }, queryContext());
    const members = membersOf(alert.id, changes).map(alertById);
    return members.length === 0 ? changed : { ...changed, merged: standingOf(changed, members) };
  }

  function placesOf(selection: MethodInput<'alerts.act'>['selection']): readonly number[] {
    if (selection.by === 'frozen') return scopes.get(selection.scopeId) ?? [];
    if (selection.by === 'query') return matching(selection.query);
    return selection.ids.map((id) => Number(id.slice('alert-'.length)));
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
    const most = Math.min(alertCount, situation === 'flood' ? 20_000 : alertCount);
    for (let place = 0; place < most; place += 1) {
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
      analystName,
      customerName: nameIn(customers),
      serviceName: nameIn(services),
      sourceName: nameIn(connections),
      signalName: nameIn(signals),
      originOf: noEnrichment.originOf,
    };
  }

  function act(alert: Alert, action: AlertAction): Partial<Alert> {
    switch (action.type) {
      case 'acknowledge':
        return { status: 'acknowledged' };
      case 'take':
        return { status: 'in-progress', assignee: analystName };
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
    connection().emit('alerts.changed', {
      rows: [],
      many: true,
      latestSequence: alertCount,
    });
    connection().emit('status', status());
  }

  function countOf(lane: Alert['lane']): number {
    return matching({ lane, text: '', fromMs: null, toMs: null, includeDone: false }).length;
  }

  function status(): Status {
    const nowMs = readClock();
    const waiting = [...mitigations.values()];
    return {
      workspace: hasData ? 'range' : 'live',
      simulated: hasData,
      nowMs,
      actionableOpen: countOf('actionable'),
      informationalOpen: countOf('informational'),
      approvalsWaiting: waiting.filter((each) => each.state === 'proposed').length,
      mitigationsActive: waiting.filter((each) => each.state === 'verified').length,
      mitigationsUnknown: waiting.filter((each) => each.state === 'unknown').length,
      sources: connections
        .filter((each) => each.role === 'source')
        .map((each) => ({ id: each.id, name: each.name, health: each.health })),
      openFindings: findings,
      notices:
        situation === 'error'
          ? [
              {
                id: 'restored',
                level: 'warning',
                timeMs: startMs,
                title: 'The database was damaged and has been restored.',
                text: 'The backup of 02:00 was put in place and 1,204 readable rows of after it were saved. Missing: 3 min of samples of prom-eu. Nothing of any case is missing.',
                details: 'SQLITE_CORRUPT in page 4711; quarantined as watchfloor.db.broken-1',
              },
            ]
          : [],
    };
  }

  function rangeStatus(): RangeStatus {
    return {
      running: hasData,
      speed: 1,
      historyProgress: situation === 'loading' ? 0.37 : 1,
      scenarios: [
        {
          name: 'syn-flood',
          label: 'SYN flood',
          summary: 'Half-open connections from many addresses.',
          isAttack: true,
        },
        {
          name: 'udp-amplification',
          label: 'UDP amplification',
          summary: 'Reflected DNS and NTP answers fill the line.',
          isAttack: true,
        },
        { name: 'http-flood', label: 'HTTP flood', summary: 'Requests to one costly path.', isAttack: true },
        {
          name: 'credential-stuffing',
          label: 'Credential stuffing',
          summary: 'Stolen names and passwords are tried.',
          isAttack: true,
        },
        {
          name: 'slow-origin-failure',
          label: 'Slow origin failure',
          summary: 'The origin answers ever slower.',
          isAttack: false,
        },
        {
          name: 'loss-of-reachability',
          label: 'Loss of reachability',
          summary: 'Clients of one region get no answer.',
          isAttack: false,
        },
        {
          name: 'flash-crowd',
          label: 'Flash crowd',
          summary: 'A sale: many real customers, no attack.',
          isAttack: false,
        },
      ],
      active:
        attackStartMs === null
          ? []
          : [
              {
                name: 'http-flood',
                customerId: 'acme',
                startedMs: attackStartMs,
                endsMs: attackStartMs + 1_800_000,
              },
            ],
      nextByItselfMs: startMs + 420_000,
    };
  }

  function append(state: CaseState, payload: EntryPayload): CaseState {
    const timeMs = readClock();
    const entry = caseEntry({
      id: nextId('entry'),
      caseId: state.id,
      writerName: analystName ?? 'Watchfloor',
      sequence: state.timeline.length,
      clock: nextClock(state.timeline.at(-1)?.clock ?? null, timeMs),
      timeMs,
      replaces: replacedBy(readLog(state.id, state.timeline), payload),
      payload,
    });
    return foldCase(state.id, [...state.timeline, entry], true);
  }

  function saveCase(state: CaseState): CaseState {
    cases.set(state.id, state);
    connection().emit('cases.changed', { caseIds: [state.id] });
    return state;
  }

  function caseOf(id: string): CaseState {
    const found = cases.get(id);
    if (!found) throw new WatchfloorError('not-found', 'There is no such case here.');
    return found;
  }

  function openCase(alerts: readonly Alert[], title: string | null): CaseState {
    const first = alerts[0];
    const id = nextId('case');
    let state = append(foldCase(id, [], true), {
      kind: 'case-opened',
      title: title ?? first?.title ?? 'New case',
      customerId: first?.customerId ?? null,
      severity: first?.severity ?? 'medium',
      tlp: 'TLP:AMBER',
      pap: 'PAP:AMBER',
    });
    state = append(state, { kind: 'header-changed', assignee: analystName });
    for (const alert of alerts) state = linkAlert(state, alert);
    return saveCase(state);
  }

  function linkAlert(state: CaseState, alert: Alert): CaseState {
    changes.set(alert.id, { ...changes.get(alert.id), caseId: state.id, status: 'in-progress' });
    let next = append(state, {
      kind: 'alert-linked',
      alertId: alert.id,
      title: alert.title,
      why: alert.why,
      severity: alert.severity,
      firstSeenMs: alert.firstSeenMs,
      lastSeenMs: alert.lastSeenMs,
      count: alert.count,
    });
    for (const entity of alert.entities) {
      if (next.observables.some((each) => each.value === entity.value)) continue;
      next = append(next, {
        kind: 'observable-added',
        observableId: nextId('observable'),
        entityKind: entity.kind,
        value: entity.value,
        from: 'alert',
      });
    }
    return next;
  }

  function alertById(id: string): Alert {
    const place = Number(id.replace('alert-', ''));
    if (!Number.isInteger(place) || place >= alertCount)
      throw new WatchfloorError('not-found', 'There is no such alert here.');
    return alertAt(place);
  }

  function preview(mitigation: Mitigation): Mitigation['preview'] {
    return {
      diff: mitigation.entries.map((entry) => ({
        sign: '+' as const,
        text: `${entry}  until ${new Date(readClock() + mitigation.ttlMs).toISOString().slice(11, 19)}Z`,
      })),
      impact: {
        windowMs: 300_000,
        sourceName: 'Simulated network',
        totalRequests: 128_400,
        hitRequests: 41_220,
        excessRequests: 40_871,
        ordinaryRequests: 349,
        hitClients: 12,
        estimated: false,
      },
      impactUnknownReason: null,
      endKeptByTarget: true,
      endSentence: 'By itself in 30 min; the target keeps the time, even if this app is closed.',
      undoSentence: `Removes these ${mitigation.entries.length} entries again.`,
      survivesReload: 'yes',
      madeMs: readClock(),
    };
  }

  function setMitigation(
    mitigation: Mitigation,
    state: MitigationState,
    sentence: string,
    change: Partial<Mitigation> = {},
  ): Mitigation {
    const next: Mitigation = { ...mitigation, ...change, state, sentence };
    mitigations.set(next.id, next);
    ledger.push({
      sequence: ledger.length + 1,
      mitigationId: next.id,
      timeMs: readClock(),
      actor: analystName ?? 'Watchfloor',
      state,
      sentence,
    });
    connection().emit('mitigations.changed', { rows: [next] });
    connection().emit('status', status());
    return next;
  }

  function makeMitigation(
    input: {
      planId: string;
      caseId: string | null;
      alertId: string | null;
      entries: readonly string[];
      ttlMs: number;
      reason: string;
    },
    proposedBy: string,
  ): Mitigation {
    const entries = input.entries.map((entry) => (entry.includes('/') ? entry : `${entry}/32`));
    const base: Mitigation = {
      id: nextId('mitigation'),
      planId: plan.id,
      planName: plan.name,
      planHash: plan.hash,
      customerId: plan.customerId,
      targetId: plan.targetId,
      targetName: 'edge-haproxy',
      caseId: input.caseId,
      alertId: input.alertId,
      action: 'block',
      entries,
      ttlMs: input.ttlMs,
      reason: input.reason,
      hash: 'b'.repeat(64),
      state: 'proposed',
      sentence: 'Waits for approval.',
      guards: [
        {
          guard: 'own-ranges',
          passed: !entries.some((entry) => entry.startsWith('192.0.2.')),
          sentence: entries.some((entry) => entry.startsWith('192.0.2.'))
            ? '192.0.2.10/32 is in the customer’s own network 192.0.2.0/24.'
            : 'None of the entries is in the customer’s own ranges (1 checked).',
        },
        { guard: 'analyst-address', passed: true, sentence: 'Your own addresses are not hit.' },
        { guard: 'width', passed: true, sentence: 'All entries are /24 or narrower, as the plan allows.' },
        { guard: 'allow-list', passed: true, sentence: 'Nothing on the allow-list is hit (1 checked).' },
        { guard: 'rate', passed: true, sentence: `${entries.length} of 20 entries allowed this hour.` },
        { guard: 'plan-current', passed: true, sentence: 'The plan is version 4, agreed 40 d ago.' },
      ],
      preview: null,
      proposedBy,
      proposedMs: readClock(),
      approvedBy: null,
      approvedMs: null,
      approvalReason: null,
      appliedMs: null,
      verifiedMs: null,
      expiresMs: null,
      endedMs: null,
      endedHow: null,
      simulated: true,
    };
    return base;
  }

  function mitigationOf(id: string): Mitigation {
    const found = mitigations.get(id);
    if (!found) throw new WatchfloorError('not-found', 'There is no such mitigation here.');
    return found;
  }

  // What is there from the start.
  const quiet = { emit: () => undefined };
  const loudConnection = connection;
  connection = () => quiet;
  if (situation !== 'empty' && situation !== 'first') {
    let first = openCase([alertAt(0), alertAt(1)], 'HTTP flood on shop.acme.example');
    first = append(first, {
      kind: 'task-added',
      taskId: 'task-a',
      title: 'Ask Acme whether a campaign runs',
    });
    first = append(first, {
      kind: 'task-added',
      taskId: 'task-b',
      title: 'Keep the WAF log of 03:00 to 03:30',
    });
    first = append(first, { kind: 'task-changed', taskId: 'task-b', done: true });
    first = append(first, { kind: 'technique-tagged', techniqueId: 'T1498' });
    first = append(first, {
      kind: 'note-added',
      noteId: 'note-a',
      markdown:
        '**Vector**: `POST /login`, 82% of the excess, three networks.\n\n- no campaign is planned\n- origin CPU at 94%\n',
    });
    first = append(first, {
      kind: 'evidence-added',
      evidenceId: 'evidence-a',
      name: 'waf-0300.log.gz',
      mediaType: 'application/gzip',
      sizeBytes: 48_213,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    });
    saveCase(situation === 'busy' ? fakeApart(first, startMs) : first);
    saveCase({
      ...openCase([alertAt(7)], 'Credential stuffing on api.acme.example'),
      status: 'contained',
      severity: 'high',
      assignee: 'Kim Analyst',
    });
    const make = (state: MitigationState, sentence: string, change: Partial<Mitigation>) =>
      setMitigation(
        makeMitigation(
          {
            planId: plan.id,
            caseId: null,
            alertId: 'alert-0',
            entries: ['198.51.100.0/24', '203.0.113.17'],
            ttlMs: 1_800_000,
            reason: 'HTTP flood on /login',
          },
          'Kim Analyst',
        ),
        state,
        sentence,
        change,
      );
    make('proposed', 'Waits for approval.', {
      entries: ['198.51.100.0/24', '203.0.113.17/32', '203.0.113.44/32'],
    });
    make('verified', 'Active and read back from the target.', {
      approvedBy: 'Robin Keller',
      approvedMs: startMs - 600_000,
      appliedMs: startMs - 599_000,
      verifiedMs: startMs - 598_000,
      expiresMs: startMs + 1_140_000,
      preview: null,
    });
    if (situation === 'error')
      make('unknown', 'The target did not answer: nobody knows whether the block is there.', {
        approvedBy: 'Robin Keller',
        approvedMs: startMs - 60_000,
        expiresMs: startMs + 1_740_000,
      });
    make('ended', 'Ended by itself at its time.', {
      approvedBy: 'Robin Keller',
      approvedMs: startMs - 7_200_000,
      appliedMs: startMs - 7_199_000,
      verifiedMs: startMs - 7_198_000,
      expiresMs: startMs - 5_400_000,
      endedMs: startMs - 5_400_000,
      endedHow: 'by-itself',
    });
  }
  connection = loudConnection;

  const failing = () => {
    if (situation === 'error') {
      throw new WatchfloorError(
        'storage',
        'The disk is full. What was stored is safe; free some space and try again.',
        'SQLITE_FULL: database or disk is full',
      );
    }
  };

  const handlers: Handlers = {
    'app.hello': () => ({
      appVersion: '0.1.0',
      analyst:
        analystName === null ? null : { id: 'analyst-1', name: analystName, publicKey: 'A'.repeat(43) },
      workspace: hasData ? 'range' : 'live',
      review: null,
      simulated: hasData,
      dataDirectory: '/home/analyst/.local/share/watchfloor/range',
      secretStore: {
        protected: false,
        sentence: 'Secrets lie in a file that only you can read; it is not encrypted.',
      },
      settings,
      liveConfigured: false,
    }),
    ...fakeEvidence(),
    'app.setAnalyst': ({ name }) => {
      analystName = name;
      return { id: 'analyst-1', name, publicKey: 'A'.repeat(43) };
    },
    'app.status': status,
    'notifications.webhook': () => ({ hasSecret: false, problem: null }),
    'notifications.setSecret': () => ({ done: true }),
    'notifications.test': () => ({
      ok: true,
      lines: [{ level: 'ok', text: 'hooks.example took the test.' }],
    }),
    'app.saveSettings': (change) => {
      settings = {
        ...settings,
        ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
      };
      connection().emit('settings.changed', settings);
      return settings;
    },
    ...fakeReview({ caseOf, alertOf: alertById, mitigations: () => [...mitigations.values()] }),
    'app.openWorkspace': () => {
      throw new WatchfloorError(
        'refused',
        'This is a demonstration in the page: there is no other workspace.',
      );
    },
    'app.dismissNotice': () => ({ done: true }),
    'customers.list': () => ({ customers, services }),
    'customers.save': (input) => {
      const saved = { ...input, id: input.id ?? nextId('customer'), simulated: true };
      const place = customers.findIndex((each) => each.id === saved.id);
      if (place >= 0) customers[place] = saved;
      else customers.push(saved);
      return saved;
    },
    'services.save': (input) => {
      const saved = { ...input, id: input.id ?? nextId('service') };
      const place = services.findIndex((each) => each.id === saved.id);
      if (place >= 0) services[place] = saved;
      else services.push(saved);
      return saved;
    },
    'connections.kinds': () => [...fakeKinds],
    'connections.list': () => connections,
    'connections.save': (input) => {
      const { secrets, id, ...rest } = input;
      const saved: Connection = {
        ...rest,
        id: id ?? nextId('connection'),
        secretsSet: Object.entries(secrets).flatMap(([key, value]) => (value === null ? [] : [key])),
        health: fakeHealth(readClock(), {
          state: 'starting',
          sentence: 'Starting.',
          lastSuccessMs: null,
          lagMs: null,
        }),
        simulated: true,
      };
      const place = connections.findIndex((each) => each.id === saved.id);
      if (place >= 0) connections[place] = saved;
      else connections.push(saved);
      connection().emit('connections.changed', { connections });
      return saved;
    },
    'connections.remove': ({ id }) => {
      const place = connections.findIndex((each) => each.id === id);
      if (place >= 0) connections.splice(place, 1);
      connection().emit('connections.changed', { connections });
      return { done: true };
    },
    'connections.setEnabled': ({ id, enabled }) => {
      const found = connections.find((each) => each.id === id);
      if (!found) throw new WatchfloorError('not-found', 'There is no such connection.');
      found.enabled = enabled;
      connection().emit('connections.changed', { connections });
      return found;
    },
    ...createFakeRejected(readClock),
    'connections.test': ({ kind }) => ({
      ok: kind !== 'suricata-eve',
      lines:
        kind === 'suricata-eve'
          ? [{ level: 'error', text: 'The file does not exist. Check the path, or start Suricata.' }]
          : [
              { level: 'ok', text: 'Connected in 4 ms.' },
              { level: 'info', text: 'Prometheus 2.42.0, 14 d of history.' },
              { level: 'ok', text: '36 signals found: HAProxy 24, blackbox 12.' },
              { level: 'warning', text: 'The server’s clock is 3 s ahead of this machine’s.' },
            ],
    }),
    'backtest.run': async (input, context) => {
      failing();
      const { signalIds } = input;
      const steps = 8;
      for (let step = 0; step < steps; step += 1) {
        context.progress({
          done: (signalIds.length * step) / steps,
          total: signalIds.length,
          text: `Replaying signal ${Math.floor((signalIds.length * step) / steps) + 1} of ${signalIds.length}`,
        });
        await new Promise((resolve) =>
          setTimeout(resolve, situation === 'loading' && step === 3 ? 3_600_000 : 60),
        );
        if (context.isCancelled()) throw new WatchfloorError('cancelled', 'The back-test was stopped.');
      }
      return fakeBackTest(input);
    },
    'signals.list': () => signals,
    'signals.update': (input) => {
      const found = signals.find((signal) => signal.id === input.id);
      if (!found) throw new WatchfloorError('not-found', 'There is no such signal.');
      Object.assign(found, input);
      connection().emit('signals.changed', {});
      return found;
    },
    'signals.window': ({ signalIds, fromMs, toMs, maxPoints }) => {
      failing();
      return signalIds.map((id) =>
        fakeWindow(id, fromMs, toMs, maxPoints, readClock(), attackStartMs, [...findings, ...earlier]),
      );
    },
    'signals.breakdown': ({ dimension, fromMs, toMs }) => {
      failing();
      if (dimension === 'user_agent' || dimension === 'destination.port') {
        return { known: false, dimension, reason: 'No source of this service sends it.' };
      }
      const values: Readonly<Record<string, readonly string[]>> = {
        'source.ip': [
          '198.51.100.7',
          '203.0.113.17',
          '198.51.100.201',
          '203.0.113.44',
          '192.0.2.88',
          '203.0.113.9',
        ],
        'source.as': [
          'AS64496 Example Hosting',
          'AS64511 Cloudy',
          'AS64500 Broadband One',
          'AS64501 Mobile North',
        ],
        'source.country': ['NL', 'US', 'DE', 'BR', 'SE'],
        'url.path': ['/login', '/api/session', '/', '/search', '/static/app.js'],
        'http.method': ['POST', 'GET', 'HEAD'],
        'http.status': ['429', '200', '503', '404'],
        'network.transport': ['tcp', 'udp'],
      };
      const names = values[dimension] ?? [];
      const total = 142_300 * Math.max(1, Math.round((toMs - fromMs) / 60_000));
      const rows = names.map((value, index) => {
        const share = [0.46, 0.21, 0.11, 0.06, 0.03, 0.02][index] ?? 0.01;
        return {
          value,
          count: Math.round(total * share),
          share,
          usualShare: attackStartMs === null ? share : ([0.04, 0.03, 0.12, 0.02, 0.03, 0.02][index] ?? 0.01),
          mitigated: dimension === 'url.path' ? null : Math.round(total * share * 0.08),
        };
      });
      const usualTotal = attackStartMs === null ? total : Math.round(total / 8);
      return {
        known: true,
        dimension,
        sourceId: 'range',
        unit: 'requests',
        fromMs,
        toMs,
        total,
        usualTotal,
        rows,
      };
    },
    'findings.list': ({ signalId }) =>
      findings.filter((finding) => signalId === null || finding.signalId === signalId),
    'findings.history': () => ({
      sinceMs: startMs - 30 * 86_400_000,
      fired: earlier,
      wouldMove: 4,
      isExact: true,
    }),
    'noise.read': ({ customerId }) => {
      failing();
      const noise = fakeNoise(customerId, startMs);
      if (situation === 'calm') {
        return {
          ...noise,
          customers: noise.customers.map((each) => ({ ...each, counts: each.counts.map(() => 0) })),
          groups: { source: [], service: [], signal: [], rule: [] },
          alerts: 0,
        };
      }
      return hasData ? noise : { ...noise, customers: [] };
    },
    'lessons.list': () => {
      failing();
      const lessons = hasData && situation !== 'calm' ? fakeLessons(startMs) : [];
      // Reopened, an alert teaches nothing.
      return {
        lessons: lessons.filter(({ alertId }) => !changes.has(alertId)),
        isWhole: true,
        isExact: true,
      };
    },
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
      connection().emit('alerts.changed', {
        rows: ids.slice(0, 200).map(alertById),
        many: ids.length > 200 || merged !== null,
        latestSequence: alertCount,
      });
      if (merged !== null) connection().emit('status', status());
      return { changed: merged?.size ?? ids.length, undoId };
    },
    'alerts.undo': ({ undoId }) => {
      const before = undos.get(undoId) ?? new Map();
      for (const [id, change] of before) {
        if (change) changes.set(id, change);
        else changes.delete(id);
      }
      connection().emit('alerts.changed', {
        rows: [...before.keys()].slice(0, 200).map(alertById),
        many: false,
        latestSequence: alertCount,
      });
      connection().emit('status', status());
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
    'cases.list': ({ status: wanted, text }) => {
      failing();
      return [...cases.values()]
        .filter(
          (each) =>
            (wanted === null || each.status === wanted) &&
            `${each.title} ${each.id}`.toLowerCase().includes(text.toLowerCase()),
        )
        .map(listRowOf);
    },
    'cases.open': ({ alertIds, title }) => openCase(alertIds.map(alertById), title),
    'cases.get': ({ id }) => caseOf(id),
    'cases.append': ({ caseId, entry }) => saveCase(append(caseOf(caseId), entry)),
    ...fakeCaseView({ cases, caseOf, saveCase, append }),
    'cases.linkAlerts': ({ caseId, alertIds }) =>
      saveCase(alertIds.map(alertById).reduce(linkAlert, caseOf(caseId))),
    'cases.unlinkAlert': ({ caseId, alertId, reason }) =>
      saveCase(append(caseOf(caseId), { kind: 'alert-unlinked', alertId, reason })),
    'cases.readEvidence': ({ caseId, evidenceId }) => {
      const found = caseOf(caseId).evidence.find((each) => each.id === evidenceId);
      if (!found) throw new WatchfloorError('not-found', 'There is no such evidence.');
      return { name: found.name, mediaType: found.mediaType, base64: 'ZXZpZGVuY2U=', verified: true };
    },
    'cases.saveSignals': ({ caseId, fromMs, toMs, title }) =>
      saveCase(
        append(caseOf(caseId), {
          kind: 'signals-saved',
          sliceId: nextId('slice'),
          title,
          fromMs,
          toMs,
          signals: ['shop.edge-rate', 'shop.origin-latency'].map((id) => ({
            name: fakeSignals.find((signal) => signal.id === id)?.name ?? id,
            unit: fakeSignals.find((signal) => signal.id === id)?.unit ?? '',
            stage: id.split('.')[1] ?? '',
            window: fakeWindow(id, fromMs, toMs, 600, readClock(), attackStartMs, findings),
          })),
        }),
      ),
    'cases.verify': ({ id }) => ({
      ok: true,
      sentence: `All ${caseOf(id).timeline.length} entries and their signatures verify.`,
    }),
    ...fakeCaseFiles({ cases, caseOf, saveCase, append, nextId, bytesOf: uploads.bytesOf, readClock }),
    ...uploads.handlers,
    'cases.exportAs': ({ caseId, format }) => ({
      fileName: `case.${format}.txt`,
      mediaType: 'text/plain',
      text: `${caseOf(caseId).title}\nSIMULATED\n`,
    }),
    'cases.importStix': () => {
      throw new WatchfloorError('refused', 'The demonstration takes no bundles.');
    },
    'techniques.search': ({ text }) =>
      fakeTechniques.filter((each) => `${each.id} ${each.name}`.toLowerCase().includes(text.toLowerCase())),
    'plans.list': () => plans,
    'plans.save': (input) => {
      const saved: ActionPlan = {
        ...input,
        id: input.id ?? nextId('plan'),
        version: 1,
        hash: 'd'.repeat(64),
        agreedMs: readClock(),
        retired: false,
      };
      const place = plans.findIndex((each) => each.id === saved.id);
      if (place >= 0) plans[place] = { ...saved, version: (plans[place]?.version ?? 0) + 1 };
      else plans.push(saved);
      return saved;
    },
    'plans.retire': ({ id }) => {
      const found = plans.find((each) => each.id === id);
      if (!found) throw new WatchfloorError('not-found', 'There is no such plan.');
      found.retired = true;
      return found;
    },
    'mitigations.list': () => {
      // What is in force is shown as long as it can be read at all.
      return [...mitigations.values()];
    },
    'mitigations.propose': (input) => {
      const bad = input.entries.find((entry) => !/^[0-9a-f:.]+(\/\d+)?$/i.test(entry.trim()));
      if (bad)
        throw new WatchfloorError(
          'bad-input',
          `"${bad}" is not an address or network. Host names are not taken.`,
        );
      return setMitigation(
        makeMitigation(input, analystName ?? 'Analyst'),
        'proposed',
        'Waits for approval.',
      );
    },
    'mitigations.preview': ({ id }) => {
      const found = mitigationOf(id);
      const next = { ...found, preview: preview(found) };
      mitigations.set(id, next);
      return next;
    },
    'mitigations.approve': ({ id, reason }) => {
      const nowMs = readClock();
      const found = setMitigation(mitigationOf(id), 'applying', 'The target is being told.', {
        approvedBy: analystName,
        approvedMs: nowMs,
        approvalReason: reason,
      });
      setTimeout(
        () =>
          setMitigation(mitigationOf(id), 'applied', 'The target took it; it is being read back.', {
            appliedMs: readClock(),
            expiresMs: readClock() + found.ttlMs,
          }),
        700,
      );
      setTimeout(
        () =>
          setMitigation(mitigationOf(id), 'verified', 'Active and read back from the target.', {
            verifiedMs: readClock(),
          }),
        1_500,
      );
      return found;
    },
    'mitigations.reject': ({ id, reason }) =>
      setMitigation(mitigationOf(id), 'rejected', `Rejected: ${reason}`, {
        endedMs: readClock(),
        endedHow: 'rejected',
      }),
    'mitigations.apply': ({ id }) =>
      setMitigation(mitigationOf(id), 'verified', 'Active and read back from the target.'),
    'mitigations.verify': ({ id }) =>
      setMitigation(mitigationOf(id), 'verified', 'Active and read back from the target.', {
        verifiedMs: readClock(),
      }),
    'mitigations.undo': ({ id, reason }) =>
      setMitigation(mitigationOf(id), 'ended', `Taken back: ${reason}`, {
        endedMs: readClock(),
        endedHow: 'undone',
      }),
    'mitigations.ledger': ({ mitigationId, limit }) =>
      ledger
        .filter((row) => mitigationId === null || row.mitigationId === mitigationId)
        .slice(-limit)
        .reverse(),
    'mitigations.orphans': () =>
      situation === 'busy'
        ? [
            {
              targetId: 'edge',
              targetName: 'edge-haproxy',
              entry: '203.0.113.99/32',
              expiresMs: startMs + 600_000,
            },
          ]
        : [],
    'mitigations.removeOrphan': () => ({ done: true }),
    'reports.build': ({ caseId, format }) => {
      const title = caseOf(caseId).title;
      const text =
        format === 'markdown'
          ? `# ${title}\n\nSIMULATED\n`
          : `<!doctype html><meta charset="utf-8"><h1>${title.replaceAll('<', '&lt;')}</h1><p>SIMULATED</p>`;
      return {
        name: `report.${format === 'markdown' ? 'md' : format}`,
        mediaType: format === 'markdown' ? 'text/markdown' : 'text/html',
        base64: btoa(text),
      };
    },
    ...createFakeHandovers({
      readClock,
      analyst: () => analystName ?? 'Watchfloor',
      alerts: () => Array.from({ length: Math.min(alertCount, 60) }, (_, place) => alertAt(place)),
      cases: () => [...cases.values()],
      mitigations: () => [...mitigations.values()],
      suppressions: () => suppressions.list([]),
      customerNames: new Map(customers.map(({ id, name }) => [id, name])),
      shiftEndsMs: () => settings.shiftEndsMs,
      hasPast: situation === 'busy',
      changed: (id) => connection().emit('handovers.changed', { ids: [id] }),
    }),
    'range.status': rangeStatus,
    'range.start': ({ scenario, customerId }) => {
      const next: RangeStatus = {
        ...rangeStatus(),
        active: [
          {
            name: scenario,
            customerId: customerId ?? 'acme',
            startedMs: readClock(),
            endsMs: readClock() + 600_000,
          },
        ],
      };
      connection().emit('range.changed', next);
      return next;
    },
    'range.stop': () => {
      const next = { ...rangeStatus(), active: [] };
      connection().emit('range.changed', next);
      return next;
    },
    'range.setSpeed': ({ speed }) => {
      const next = { ...rangeStatus(), speed };
      connection().emit('range.changed', next);
      return next;
    },
    'audit.list': ({ limit }) =>
      Array.from({ length: Math.min(limit, 40) }, (_, index) => ({
        sequence: 40 - index,
        timeMs: startMs - index * 61_000,
        actor: index % 3 === 0 ? 'Robin Keller' : 'Watchfloor',
        action: index % 3 === 0 ? 'alert.acknowledge' : 'source.poll',
        sentence: index % 3 === 0 ? 'Acknowledged 1 alert.' : 'Range delivered 36 samples.',
        hash: noise('hash', index).toString(16).slice(2).padEnd(64, '0'),
      })),
    'audit.verify': () => ({ ok: true, sentence: 'All 40 rows and their signatures verify.' }),
    'ingest.lines': () => {
      throw new WatchfloorError('refused', 'The demonstration takes no lines.');
    },
  };

  return {
    handlers,
    tick() {
      if (!hasData) return;
      const nowMs = Math.floor(readClock() / 1_000) * 1_000;
      connection().emit('signals.samples', {
        rows: signals.map((signal) => sampleAt(signal.id, nowMs, nowMs, attackStartMs)),
      });
    },
  };
}
