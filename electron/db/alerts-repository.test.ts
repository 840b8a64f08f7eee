import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AlertSort, alertSortSchema } from '../../shared/api/contract.ts';
import {
  type Alert,
  type AlertAction,
  alertStatuses,
  lanes,
  severities,
  severityRank,
} from '../../shared/domain/alert.ts';
import type { Enrichment } from '../../shared/domain/enrichment.ts';
import { leadOrder } from '../../shared/domain/lead-entity.ts';
import { matchesAlertQuery } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import type { OccurrenceInput } from '../sources/source.ts';
import { AlertGroups } from './alert-groups.ts';
import { allSteps, createAlertSearch } from './alert-search.ts';
import { AlertStates } from './alert-states.ts';
import { connect } from './connect.ts';
import { masksOf } from './enums.ts';
import { SqlDatabase, sql } from './sql.ts';
import type { AlertSelection, IncidentAlertInput, Store } from './store.ts';
import {
  alertQuery,
  occurrence,
  openTestStore,
  signalInput,
  startMs,
  type TestClock,
  temporaryDirectory,
  testSource,
  testWriter,
} from './testing.ts';

/** Seeded numbers from 0 up to 1 (mulberry32), so that a failure can be seen again. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Addresses of the tests come from few systems and countries, by their last digit. */
const enrichment: Enrichment = {
  originOf: (address) => {
    const digit = Number(/\d$/.exec(address)?.[0] ?? 9);
    if (!address.startsWith('198.51.') || digit > 6) return null;
    return {
      asn: digit % 2 === 0 ? 64_500 + digit : null,
      asName: null,
      country: digit > 2 ? (digit === 3 ? 'DE' : 'FR') : null,
    };
  },
  source: () => ({ made: '2026-06-17', notice: 'made up' }),
};

function randomOccurrences(count: number, seed: number): OccurrenceInput[] {
  const random = randomNumbers(seed);
  const pick = <T>(...list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, (_, index) =>
    occurrence({
      identity: `record-${index}`,
      deduplicationKey: pick('flood', 'scan', 'login'),
      occurredMs: startMs + Math.floor(random() * 4 * 3_600_000),
      title: `Title ${Math.floor(random() * 5)}`,
      why: `Because ${Math.floor(random() * 5)}.`,
      severity: pick('informational', 'low', 'medium', 'high', 'critical'),
      lane: pick('actionable', 'informational', 'informational'),
      mitigated: pick('yes', 'no', 'not-known'),
      sourceState: pick('firing', 'resolved', null),
      entities: Array.from({ length: Math.floor(random() * 30) }, () => ({
        kind: pick('ip' as const, 'host' as const),
        value: `value-${Math.floor(random() * 80)}`,
        role: pick('source' as const, 'destination' as const),
      })),
      techniques: [pick('T1498', 'T1110', 'T1190')],
      customerName: pick('Acme', 'Umbrella'),
      serviceName: pick('shop', null),
    }),
  );
}

describe('alerts', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  let clock: TestClock;
  beforeEach(() => {
    directory = temporaryDirectory();
    clock = { nowMs: startMs };
    store = openTestStore(directory.path, clock, { enrichment });
  });
  afterEach(() => {
    store.close();
    directory.remove();
  });

  const all = (): Alert[] => [...store.alerts.each()];
  const ids = (text: string, more = {}) =>
    store.alerts
      .query(alertQuery({ text, ...more }), { offset: 0, limit: 500, upToSequence: null })
      .rows.map((alert) => alert.title);
  const ingest = (occurrences: readonly OccurrenceInput[]) =>
    store.alerts.ingest(testSource, occurrences, clock.nowMs);

  it('gives the same alerts for any order, cut and repetition', () => {
    const occurrences = randomOccurrences(300, 7);
    const names = () => {
      const customers = new Map(store.customers.list().map((one) => [one.id, one.name]));
      const services = new Map(store.services.list().map((one) => [one.id, one.name]));
      return { customers, services };
    };
    const picture = () => {
      const { customers, services } = names();
      return all()
        .map(({ sequence: _, ...alert }) => ({
          ...alert,
          customerId: customers.get(alert.customerId ?? ''),
          serviceId: services.get(alert.serviceId ?? ''),
        }))
        .sort((left, right) => (left.id < right.id ? -1 : 1));
    };
    ingest(occurrences);
    const expected = picture();
    expect(expected.length).toBe(12);
    expect(expected.some((alert) => alert.entities.length === 50)).toBe(true);

    for (const seed of [1, 2, 3]) {
      store.close();
      directory.remove();
      directory = temporaryDirectory();
      store = openTestStore(directory.path, clock);
      const random = randomNumbers(seed);
      const shuffled = occurrences
        .map((one) => ({ one, at: random() }))
        .sort((left, right) => left.at - right.at)
        .map(({ one }) => one);
      for (let start = 0; start < shuffled.length; ) {
        const length = 1 + Math.floor(random() * 40);
        const part = shuffled.slice(start, start + length);
        // A source that crashed sends some of it again.
        ingest(random() < 0.5 ? [...part, ...shuffled.slice(0, start).slice(-10), ...part] : part);
        start += length;
      }
      expect(picture()).toEqual(expected);
    }
  });

  it('says why occurrences are one, and how they lie in time', () => {
    const minuteMs = 60_000;
    ingest([
      occurrence({ identity: 'a', occurredMs: startMs }),
      occurrence({ identity: 'b', occurredMs: startMs + 10 * minuteMs }),
      occurrence({ identity: 'c', occurredMs: startMs + 10 * minuteMs + 1 }),
      occurrence({ identity: 'd', occurredMs: startMs, deduplicationKey: 'other', windowMs: 0 }),
    ]);
    const [one, other] = all();
    expect(store.alerts.grouping(one?.id ?? '')).toEqual({
      key: 'key',
      windowMs: 60 * minuteMs,
      fromMs: startMs,
    });
    const histogram = store.alerts.histogram(one?.id ?? '');
    expect(histogram).toEqual({
      fromMs: startMs,
      bucketMs: 30_000,
      counts: [1, ...new Array(19).fill(0), 2],
      leftOut: 0,
    });
    expect(store.alerts.grouping(other?.id ?? '')).toEqual({ key: 'other', windowMs: 0, fromMs: null });
    expect(store.alerts.grouping('nobody')).toBeNull();
    expect(store.alerts.histogram('nobody')).toBeNull();
  });

  it('freezes which alerts are selected, and reads them whatever happened to them since', () => {
    ingest(
      ['a', 'b', 'c', 'd'].map((key) => occurrence({ identity: key, deduplicationKey: key, title: key })),
    );
    const [a, b, c, d] = all();
    const upToSequence = c?.sequence ?? 0;
    const selection = { by: 'query', query: alertQuery({ text: '-title:a' }), upToSequence } as const;
    const sequencesOf = (of: AlertSelection) => [...allSteps(store.alerts.selectInSteps(of))];
    const frozen = sequencesOf(selection);
    expect(frozen).toEqual([b?.sequence, c?.sequence]);
    expect(sequencesOf({ by: 'ids', ids: [d?.id ?? '', a?.id ?? '', 'no-such'] })).toEqual([
      a?.sequence,
      d?.sequence,
    ]);
    const sequences = Uint32Array.from(frozen);
    expect(sequencesOf({ by: 'sequences', sequences })).toEqual(frozen);
    store.alerts.act(
      { by: 'ids', ids: [c?.id ?? ''] },
      { type: 'set-severity', severity: 'critical' },
      'Ada',
    );
    expect(store.alerts.severityCounts(sequences)).toEqual([0, 0, 1, 0, 1]);
    store.alerts.act(
      { by: 'ids', ids: [b?.id ?? ''] },
      { type: 'close', disposition: 'duplicate', reason: '' },
      'Ada',
    );
    expect(
      store.alerts.getBySequence([...frozen, 4_711]).map((alert) => [alert.title, alert.status]),
    ).toEqual([
      ['b', 'closed'],
      ['c', 'new'],
    ]);
  });

  it('reports what was new and what changed', () => {
    const first = ingest([occurrence(), occurrence({ identity: 'record-2' })]);
    const [alert] = all();
    expect(first).toEqual({
      alertIds: [alert?.id],
      newAlertIds: [alert?.id],
      changedAlertIds: [alert?.id],
      toJudgeIds: [alert?.id],
      wokenAlertIds: [],
      newOccurrences: 2,
    });
    expect(ingest([occurrence()])).toEqual({
      alertIds: [alert?.id],
      newAlertIds: [],
      changedAlertIds: [],
      toJudgeIds: [],
      wokenAlertIds: [],
      newOccurrences: 0,
    });
    expect(alert).toEqual({
      id: alert?.id,
      sequence: 1,
      customerId: null,
      serviceId: null,
      sourceId: 'source-1',
      sourceKind: 'suricata-eve',
      title: 'A title',
      why: 'A reason.',
      severity: 'medium',
      lane: 'actionable',
      status: 'new',
      disposition: null,
      mitigated: 'no',
      sourceState: null,
      firstSeenMs: startMs,
      lastSeenMs: startMs,
      receivedMs: startMs,
      count: 2,
      entities: [{ kind: 'ip', value: '198.51.100.7', role: 'source' }],
      techniques: [],
      signalIds: [],
      assignee: null,
      snoozedUntilMs: null,
      suppressed: null,
      suppressionIds: [],
      caseId: null,
      parentId: null,
      merged: null,
      split: null,
      partOf: null,
      simulated: false,
    });
  });

  it('keeps raw records whole and shows occurrences newest first', () => {
    const raw = `{"text":"line\\nbreak"}\nsecond line \u202E <b>${'x'.repeat(70_000)}`;
    ingest([
      occurrence({ raw, title: 'first' }),
      occurrence({ identity: 'b', occurredMs: startMs + 5, title: 'second', mitigated: 'yes', raw: 'b' }),
    ]);
    const [alert] = all();
    const rows = store.alerts.occurrences(alert?.id ?? '', 50);
    expect(rows.map((row) => [row.title, row.occurredMs, row.mitigated])).toEqual([
      ['second', startMs + 5, 'yes'],
      ['first', startMs, 'no'],
    ]);
    expect(rows[1]?.raw).toBe(`${raw.slice(0, 65_535)}…`);
    expect(alert?.mitigated).toBe('partly');
  });

  it('keeps ten thousand entities of an alert searchable, and shows fifty', () => {
    const address = (index: number) => `203.0.${index >> 8}.${index & 255}`;
    const entity = (index: number) => ({ kind: 'ip', value: address(index), role: 'source' }) as const;
    const at = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) =>
        occurrence({ identity: `record ${from + index}`, entities: [entity(from + index)] }),
      );
    ingest([
      ...at(0, 6_000),
      occurrence({
        identity: 'all at once',
        entities: Array.from({ length: 4_000 }, (_, index) => entity(6_000 + index)),
      }),
    ]);
    // Again, and one more.
    ingest(at(0, 10));
    ingest(at(10_000, 10_001));
    expect(all().map(({ count, entities }) => [count, entities.length])).toEqual([[6_002, 50]]);
    const count = (index: number) => store.alerts.count(alertQuery({ text: `src:${address(index)}` }));
    expect([0, 5_999, 6_000, 9_999, 10_000, 10_001].map(count)).toEqual([1, 1, 1, 1, 1, 0]);
  });

  it('stores hostile texts without harm', () => {
    const title = `<img src=x onerror=alert(1)>\u0000\u001b[31m\u202E${'t'.repeat(1_000_000)}`;
    ingest([
      occurrence({
        title,
        occurredMs: Number.NaN,
        entities: [
          { kind: 'path', value: '', role: 'source' },
          { kind: 'path', value: `/a\u0000b${'c'.repeat(9_000)}`, role: 'source' },
        ],
      }),
      occurrence({ identity: 'future', deduplicationKey: 'future', occurredMs: 1e300 }),
    ]);
    const [alert, future] = all();
    expect(alert?.title.slice(0, 36)).toBe('<img src=x onerror=alert(1)>␀\u001b[31m\u202Et');
    expect(alert?.title.length).toBe(1000);
    expect(alert?.firstSeenMs).toBe(startMs);
    expect(alert?.entities.map((entity) => [entity.value.slice(0, 4), entity.value.length])).toEqual([
      ['/a␀b', 2048],
    ]);
    expect(future?.firstSeenMs).toBe(startMs);
  });

  it('brings a closed alert back only when something worse comes', () => {
    ingest([occurrence({ mitigated: 'yes', severity: 'low' })]);
    const [alert] = all();
    const id = alert?.id ?? '';
    const close: AlertAction = { type: 'close', disposition: 'benign-positive', reason: 'a test' };
    store.alerts.act({ by: 'ids', ids: [id] }, close, 'Ada');
    ingest([occurrence({ identity: 'more of it', mitigated: 'yes', severity: 'low' })]);
    expect(store.alerts.get(id)).toMatchObject({ status: 'closed', count: 2 });
    ingest([occurrence({ identity: 'let through', mitigated: 'no', severity: 'low' })]);
    expect(store.alerts.get(id)).toMatchObject({ status: 'new', disposition: null, count: 3 });
    expect(store.alerts.history(id).map((row) => [row.actor, row.sentence])).toEqual([
      ['Ada', 'Closed as benign positive: a test'],
      ['Watchfloor', 'Came back: something of it was let through'],
    ]);
  });

  it('keeps the lane and severity that a person set', () => {
    ingest([occurrence({ severity: 'low', lane: 'informational' })]);
    const id = all()[0]?.id ?? '';
    const one = { by: 'ids', ids: [id] } as const;
    store.alerts.act(one, { type: 'set-severity', severity: 'informational' }, 'Ada');
    store.alerts.act(one, { type: 'set-lane', lane: 'informational', reason: '' }, 'Ada');
    ingest([occurrence({ identity: 'worse', severity: 'high', lane: 'informational' })]);
    expect(store.alerts.get(id)).toMatchObject({ severity: 'informational', lane: 'informational' });
    const back = store.alerts.act(one, { type: 'set-severity', severity: 'medium' }, 'Ada');
    store.alerts.undo(back.undoId ?? '', 'Ada');
    expect(store.alerts.get(id)?.severity).toBe('informational');
  });

  it('undoes each action exactly, in any order that makes sense', () => {
    ingest(randomOccurrences(60, 3));
    const query = alertQuery({ includeDone: true });
    const everything = { by: 'query', query, upToSequence: store.alerts.latestSequence() } as const;
    const actions: AlertAction[] = [
      { type: 'acknowledge' },
      { type: 'take' },
      { type: 'snooze', untilMs: startMs + 60_000 },
      { type: 'set-lane', lane: 'actionable', reason: 'look' },
      { type: 'set-severity', severity: 'critical' },
      { type: 'wake' },
      { type: 'close', disposition: 'false-positive', reason: 'noise' },
      { type: 'reopen' },
      { type: 'release' },
    ];
    const undos: { readonly undoId: string; readonly before: Alert[]; readonly changed: number }[] = [];
    for (const action of actions) {
      const before = all();
      const { undoId, changed } = store.alerts.act(everything, action, 'Ada');
      expect(changed, action.type).toBeGreaterThan(0);
      expect(store.alerts.act(everything, action, 'Ada')).toEqual({
        changed: 0,
        undoId: null,
        changedIds: [],
        sentence: null,
      });
      undos.push({ undoId: undoId ?? '', before, changed });
    }
    for (const { undoId, before, changed } of undos.reverse()) {
      expect(store.alerts.undo(undoId, 'Ada')).toMatchObject({ changed, skipped: 0 });
      expect(all()).toEqual(before);
    }
    expect(() => store.alerts.undo(undos[0]?.undoId ?? '', 'Ada')).toThrow('undone already');
  });

  it('leaves rows alone that were changed again since', () => {
    ingest([occurrence(), occurrence({ identity: 'b', deduplicationKey: 'other' })]);
    const [first, second] = all();
    const both = { by: 'ids', ids: [first?.id ?? '', second?.id ?? ''] } as const;
    const { undoId } = store.alerts.act(both, { type: 'acknowledge' }, 'Ada');
    store.alerts.act({ by: 'ids', ids: [first?.id ?? ''] }, { type: 'take' }, 'Bob');
    expect(store.alerts.undo(undoId ?? '', 'Ada')).toEqual({
      changed: 1,
      changedIds: [second?.id],
      skipped: 1,
      skippedIds: [first?.id],
      sentence: null,
    });
    expect(all().map((alert) => [alert.status, alert.assignee])).toEqual([
      ['in-progress', 'Bob'],
      ['new', null],
    ]);
  });

  it('acts on ten thousand in one go', () => {
    ingest(
      Array.from({ length: 10_000 }, (_, index) =>
        occurrence({ identity: `record-${index}`, deduplicationKey: `key-${index}` }),
      ),
    );
    const selection = {
      by: 'query',
      query: alertQuery(),
      upToSequence: store.alerts.latestSequence(),
    } as const;
    const { changed, undoId } = store.alerts.act(selection, { type: 'acknowledge' }, 'Ada');
    expect(changed).toBe(10_000);
    expect(store.alerts.undo(undoId ?? '', 'Ada').changed).toBe(10_000);
    expect(store.alerts.count(alertQuery({ text: 'status:new' }))).toBe(10_000);
  });

  it('gives every page of a long list in the order asked for', () => {
    const random = randomNumbers(5);
    ingest(
      Array.from({ length: 6_000 }, (_, index) =>
        occurrence({
          identity: `record-${index}`,
          // Some come more often than others.
          deduplicationKey: `key-${Math.floor(random() ** 2 * 4_500)}`,
          windowMs: 0,
          occurredMs: startMs + Math.floor(random() * 500),
          severity: severities[index % 5] ?? 'low',
        }),
      ),
    );
    const everything = all().reverse();
    expect(everything.length).toBeGreaterThan(2_000);
    const upToSequence = store.alerts.latestSequence() - 7;
    const frozen = everything.filter(({ sequence }) => sequence <= upToSequence);
    const value = {
      received: () => 0,
      'last-seen': (alert: Alert) => alert.lastSeenMs,
      severity: (alert: Alert) => severities.indexOf(alert.severity),
      count: (alert: Alert) => alert.count,
    } as const;
    for (const sort of ['received', 'last-seen', 'severity', 'count'] as const) {
      const expected = frozen.toSorted((left, right) => value[sort](right) - value[sort](left));
      const found: Alert[] = [];
      for (let offset = 0; offset < expected.length; offset += 500) {
        const page = store.alerts.query(alertQuery({ sort }), { offset, limit: 500, upToSequence });
        expect([page.total, page.newer]).toEqual([expected.length, 7]);
        found.push(...page.rows);
      }
      expect(
        found.map(({ sequence }) => sequence),
        sort,
      ).toEqual(expected.map(({ sequence }) => sequence));
    }
  });

  it('freezes a list at a sequence and counts what came after', () => {
    ingest([occurrence({ title: 'old' })]);
    const upToSequence = store.alerts.latestSequence();
    ingest([occurrence({ identity: 'b', deduplicationKey: 'b', title: 'newer' })]);
    const page = { offset: 0, limit: 10 };
    const frozen = store.alerts.query(alertQuery(), { ...page, upToSequence });
    expect({ ...frozen, rows: frozen.rows.map((row) => row.title) }).toEqual({
      rows: ['old'],
      total: 1,
      isExact: true,
      upToSequence: 1,
      newer: 1,
      merged: 0,
      problem: null,
    });
    expect(store.alerts.query(alertQuery(), { ...page, upToSequence: null }).rows.length).toBe(2);
  });

  it('hides closed and snoozed alerts unless asked for them', () => {
    ingest(
      ['open', 'closed', 'snoozed'].map((title) =>
        occurrence({ identity: title, deduplicationKey: title, title }),
      ),
    );
    const [, closed, snoozed] = all();
    const only = (id = '') => ({ by: 'ids', ids: [id] }) as const;
    store.alerts.act(only(closed?.id), { type: 'close', disposition: 'duplicate', reason: '' }, 'Ada');
    store.alerts.act(only(snoozed?.id), { type: 'snooze', untilMs: startMs + 60_000 }, 'Ada');
    expect(ids('')).toEqual(['open']);
    expect(ids('status:closed')).toEqual(['closed']);
    expect(ids('status:snoozed')).toEqual(['snoozed']);
    expect(ids('', { includeDone: true })).toEqual(['snoozed', 'closed', 'open']);
    expect(store.alerts.openCounts()).toEqual({ actionable: 1, informational: 0 });
    clock.nowMs += 60_001;
    expect(store.alerts.wakeDue()).toEqual([snoozed?.id]);
    expect(ids('')).toEqual(['snoozed', 'open']);
    expect(store.alerts.wakeDue()).toEqual([]);
  });

  it('agrees with the meaning of the query grammar', () => {
    testWriter(store, 'Ada');
    store.connections.save({
      id: testSource.id,
      role: 'source',
      kind: testSource.kind,
      name: 'Sensor north',
      customerId: null,
      enabled: true,
      settings: {},
    });
    ingest(
      randomOccurrences(120, 11).map((one, index) => ({
        ...one,
        deduplicationKey: `${one.deduplicationKey}-${index % 9}`,
        title: index % 5 === 0 ? `Ünusual 100%_\\ "quoted" ${index}` : one.title,
        entities: [
          ...one.entities.slice(0, 3),
          { kind: 'ip' as const, value: `198.51.${index % 3}.${index}`, role: 'source' as const },
          { kind: 'asn' as const, value: `AS6450${index % 4} Example ${index}`, role: 'related' as const },
          { kind: 'country' as const, value: index % 3 === 0 ? 'Germany' : 'fr', role: 'related' as const },
          { kind: 'ip' as const, value: `2001:db8::${index.toString(16)}`, role: 'destination' as const },
        ],
      })),
    );
    const { signal } = store.signals.upsertFromInput('source-1', null, signalInput());
    store.alerts.upsertIncidentAlert(
      {
        incidentId: 'in_1',
        customerId: signal.customerId,
        serviceId: signal.serviceId,
        title: 'HTTP flood',
        why: 'HTTP requests 14x above the usual.',
        severity: 'high',
        lane: 'actionable',
        mitigated: 'no',
        state: 'firing',
        firstSeenMs: startMs,
        lastSeenMs: startMs,
        count: 1,
        entities: [],
        techniques: [],
        signalIds: [signal.id],
      },
      clock.nowMs,
    );
    const some = (part: number) => all().filter((alert) => alert.sequence % part === 0);
    const idsOf = (alerts: readonly Alert[]) => alerts.map((alert) => alert.id);
    store.alerts.act({ by: 'ids', ids: idsOf(some(3)) }, { type: 'take' }, 'Ada');
    store.alerts.act({ by: 'ids', ids: idsOf(some(5)) }, { type: 'take' }, 'Bob');
    store.alerts.act(
      { by: 'ids', ids: idsOf(some(7)) },
      { type: 'close', disposition: 'true-positive', reason: '' },
      'Ada',
    );
    store.alerts.act({ by: 'ids', ids: idsOf(some(4)) }, { type: 'snooze', untilMs: startMs + 9 }, 'Ada');
    store.alerts.linkCase(idsOf(some(6)), 'ca_1', 'Ada');
    const suppression = store.suppressions.add({
      scope: { kind: 'query', text: 'title:x' },
      reason: 'A test',
      owner: 'Ada',
      upTo: 'high',
      startMs,
      endMs: startMs + 1000,
      weekly: false,
    });
    store.suppressions.begin(suppression.id, idsOf(some(5)));
    store.suppressions.release(idsOf(some(10)), 'It ended.');
    clock.nowMs += 5;

    const queries = [
      'suppressed:any',
      '-suppressed:none',
      'merged:any,none',
      'split:none -merged:any',
      `suppressed:${suppression.id} severity>=low`,
      'severity:high,critical',
      'severity>=medium -status:closed',
      'status:snoozed OR status:open',
      'NOT (disposition:none)',
      '-disposition:true-positive',
      'mitigated:partly',
      '-state:firing',
      'source:north',
      'source:suricata*',
      'customer:acme service:shop',
      '-service:shop',
      'signal:requests',
      '-signal:"http requests"',
      'assignee:me',
      '-assignee:none',
      'assignee:BOB',
      'title:"100%_"',
      'title:ünusual',
      'title:ÜNUSUAL*',
      'why:"because 3."',
      'asn:64500',
      '-asn:AS64501,64502',
      'asn:64500 country:de',
      '-country:FR',
      'country:"germ"',
      'ip:198.51.1.0/24',
      'ip:198.51.2.5',
      '-ip:2001:db8::/32',
      'entity:VALUE-7',
      'host:value-1*',
      'technique:T1498',
      '-technique:T1110',
      'count>1 count<=3',
      'age<1h',
      'seen>1s',
      'first<1d',
      'case:any',
      'case:none (severity:low OR lane:actionable)',
      'case:ca_1',
      'suricata "title 2"',
      '"\\\\" "quoted"',
      '((',
      '*',
      'title:*100%?\\*quoted*',
      'title:?nusual*',
      'title:"*"',
      't?tle*2',
      'src:198.51.0.0/16',
      '-src:198.51.1.0/24',
      'dst:198.51.1.0/24',
      'dst:2001:db8::1',
      'src:198.*.5*',
      'severity:low..high',
      'count:2..3',
      'last:2h',
      'seen:>=2026-01-01 first<2100-01-01',
      'age:1s..3h',
      'nonsense:1 title:title',
    ];
    const context = {
      nowMs: clock.nowMs,
      analystName: 'Ada',
      customerName: (id: string) => store.customers.get(id)?.name ?? null,
      serviceName: (id: string) => store.services.get(id)?.name ?? null,
      sourceName: (id: string) => store.connections.get(id)?.name ?? null,
      signalName: (id: string) => store.signals.get(id)?.name ?? null,
      originOf: store.enrichment.originOf,
      hasRecord: () => false,
    };
    for (const text of queries) {
      const { node } = parseAlertQuery(text);
      const expected = all()
        .filter((alert) => matchesAlertQuery(node, alert, context))
        .map((alert) => alert.sequence);
      for (const sort of ['received', 'severity', 'last-seen', 'count'] as const) {
        const found = store.alerts.query(alertQuery({ text, includeDone: true, sort }), {
          offset: 0,
          limit: 500,
          upToSequence: null,
        });
        expect(
          found.rows.map((alert) => alert.sequence).sort((left, right) => left - right),
          `${text} by ${sort}`,
        ).toEqual(expected);
        expect(found.total, text).toBe(expected.length);
      }
    }
    // And so do all of them put together in any way.
    const leaf = fc.constantFrom(...queries.filter((text) => text !== '(('));
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'query' },
        leaf.map((text) => `(${text})`),
        fc.tuple(tie('tree'), tie('tree')).map(([left, right]) => `(${left} OR ${right})`),
        fc.tuple(tie('tree'), tie('tree')).map(([left, right]) => `(${left} ${right})`),
        tie('tree').map((inner) => `NOT ${inner}`),
      ),
    }));
    const everything = all();
    // The same answers where pages come from the first alerts of an order, and from walking it.
    const database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, true));
    const readStates = new AlertStates(database);
    const inPieces = createAlertSearch(
      database,
      readStates,
      () => clock.nowMs,
      () => 'Ada',
      new AlertGroups(database, readStates),
      null,
      { fewAlerts: 0, firstRuns: [10, 20, 40], fewCandidates: 12, fewSorted: 7 },
    );
    const maskRanks = (['no', 'partly', 'not-known', 'yes'] as const).flatMap((answer) => masksOf([answer]));
    const masks = new Map(
      database
        .all<{ readonly sequence: number; readonly mask: number }>(
          sql`SELECT sequence, mitigated_mask AS mask FROM alert`,
        )
        .map(({ sequence, mask }) => [sequence, mask]),
    );
    const rankOf: Readonly<Record<AlertSort, (alert: Alert) => string | number>> = {
      received: () => 0,
      'last-seen': (alert) => -alert.lastSeenMs,
      'first-seen': (alert) => -alert.firstSeenMs,
      severity: (alert) => -severityRank(alert.severity),
      count: (alert) => -alert.count,
      // SQLite's own folding: ASCII alone.
      title: (alert) => alert.title.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
      status: (alert) => alertStatuses.indexOf(alert.status),
      assignee: (alert) => alert.assignee?.toLowerCase() ?? '~',
      customer: ({ customerId: id }) =>
        `${id === null ? '~' : (context.customerName(id) ?? id)}\0${id}`.toLowerCase(),
      service: ({ serviceId: id }) =>
        `${id === null ? '~' : (context.serviceName(id) ?? id)}\0${id}`.toLowerCase(),
      lane: (alert) => lanes.indexOf(alert.lane),
      entity: (alert) => leadOrder(alert.entities),
      technique: (alert) => (alert.techniques.length === 0 ? '~' : JSON.stringify(alert.techniques)),
      disposition: (alert) => alert.disposition ?? '~',
      mitigated: (alert) => maskRanks.indexOf(masks.get(alert.sequence) ?? -1),
      source: ({ sourceId, sourceKind }) =>
        [context.sourceName(sourceId) ?? sourceKind, sourceKind, sourceId].join('\0').toLowerCase(),
    };
    const inOrder = (alerts: readonly Alert[], sort: AlertSort, reversed: boolean) => {
      const value = rankOf[sort];
      const sorted = alerts.toSorted((left, right) => {
        const [before, after] = [value(left), value(right)];
        return before < after ? -1 : before > after ? 1 : right.sequence - left.sequence;
      });
      return reversed ? sorted.reverse() : sorted;
    };
    let fromFirst = 0;
    const place = fc.record({
      sort: fc.constantFrom(...alertSortSchema.options),
      reversed: fc.boolean(),
      offset: fc.nat({ max: 8 }),
      limit: fc.integer({ min: 1, max: 6 }),
      upToSequence: fc.integer({ min: 1, max: everything.length }),
    });
    fc.assert(
      fc.property(tree, place, (text, { sort, reversed, offset, limit, upToSequence }) => {
        fc.pre(text.length < 2_000);
        const { node } = parseAlertQuery(text);
        const matching = everything.filter((alert) => matchesAlertQuery(node, alert, context));
        const asked = matching.filter((alert) => alert.sequence <= upToSequence);
        const query = alertQuery({ text, includeDone: true, sort, reversed });
        const at = { offset, limit, upToSequence, countsNewer: true };
        const page = allSteps(inPieces.page(query, at));
        expect(page.sequences, `${text} by ${sort} ${reversed}`).toEqual(
          inOrder(asked, sort, reversed)
            .slice(offset, offset + limit)
            .map((alert) => alert.sequence),
        );
        expect(page.newer, text).toBe(matching.length - asked.length);
        if (page.isExact) expect(page.total, text).toBe(asked.length);
        else {
          fromFirst += 1;
          expect(page.total, text).toBeLessThanOrEqual(asked.length);
        }
        expect(allSteps(inPieces.count(query, upToSequence)), text).toBe(asked.length);
        expect(Array.from(allSteps(inPieces.list(query, upToSequence))), text).toEqual(
          asked.map((alert) => alert.sequence),
        );
      }),
      { numRuns: 600 },
    );
    expect(fromFirst).toBeGreaterThan(50);
    database.connection.close();
    fc.assert(
      fc.property(tree, (text) => {
        fc.pre(text.length < 2_000);
        const { node, problems } = parseAlertQuery(text);
        const expected = everything
          .filter((alert) => matchesAlertQuery(node, alert, context))
          .map((alert) => alert.sequence)
          .reverse();
        const found = store.alerts.query(alertQuery({ text, includeDone: true }), {
          offset: 0,
          limit: 500,
          upToSequence: null,
        });
        expect(
          found.rows.map((alert) => alert.sequence),
          `${text} ${problems.length}`,
        ).toEqual(expected);
      }),
      { numRuns: 300 },
    );
    // As many terms as the longest query can hold.
    const count = (text: string) => store.alerts.count(alertQuery({ text }));
    expect(count('a '.repeat(1000))).toBe(count('a'));
  });

  it('keeps a title as long as an alert has it, also one that another gives up in the same batch', () => {
    const at = (identity: string, deduplicationKey: string, title: string, occurredMs: number) =>
      occurrence({ identity, deduplicationKey, title, why: title, occurredMs });
    ingest([at('1', 'a', 'First words', startMs)]);
    ingest([at('2', 'a', 'Second words', startMs + 1), at('3', 'b', 'First words', startMs)]);
    const titles = () => [...store.alerts.each()].map(({ title, why }) => [title, why]);
    expect(titles()).toEqual([
      ['Second words', 'Second words'],
      ['First words', 'First words'],
    ]);
    ingest([at('4', 'b', 'Third words', startMs + 2)]);
    const database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, true));
    expect(database.all(sql`SELECT text FROM alert_title ORDER BY text`)).toEqual([
      { text: 'Second words' },
      { text: 'Third words' },
    ]);
    database.connection.close();
    ingest([at('5', 'c', 'First words', startMs)]);
    expect(titles().at(-1)).toEqual(['First words', 'First words']);
  });

  it('tells the ends and sources of alerts apart', () => {
    const ip = (value: string, role: 'source' | 'destination') => ({ kind: 'ip', value, role }) as const;
    ingest([
      occurrence({ identity: '1', deduplicationKey: 'a', title: 'a', entities: [ip('10.0.0.1', 'source')] }),
      occurrence({
        identity: '2',
        deduplicationKey: 'b',
        title: 'b',
        entities: [ip('10.0.0.1', 'destination')],
      }),
      // Comes to play the other part later.
      occurrence({ identity: '3', deduplicationKey: 'c', title: 'c', entities: [ip('10.0.0.2', 'source')] }),
    ]);
    ingest([
      occurrence({
        identity: '4',
        deduplicationKey: 'c',
        title: 'c',
        entities: [ip('10.0.0.2', 'destination')],
      }),
    ]);
    for (const [id, kind] of [
      ['source-1', 'haproxy'],
      ['source-2', 'haproxy'],
      ['source-2', 'alertmanager'],
    ] as const) {
      const title = `${id} ${kind}`;
      store.alerts.ingest(
        { id, kind, customerId: null },
        [occurrence({ identity: title, deduplicationKey: title, title, entities: [] })],
        startMs,
      );
    }
    const titles = (text: string) =>
      store.alerts
        .query(alertQuery({ text }), { offset: 0, limit: 50, upToSequence: null })
        .rows.map(({ title }) => title)
        .sort();
    expect(titles('src:10.0.0.0/8')).toEqual(['a', 'c']);
    expect(titles('dst:10.0.0.0/8')).toEqual(['b', 'c']);
    expect(titles('src:10.0.0.1')).toEqual(['a']);
    expect(titles('source:haproxy')).toEqual(['source-1 haproxy', 'source-2 haproxy']);
    expect(titles('source:source-2')).toEqual(['source-2 alertmanager', 'source-2 haproxy']);
    expect(titles('source:suricata NOT src:10.0.0.1')).toEqual(['b', 'c']);
    expect(titles('alertmanager')).toEqual(['source-2 alertmanager']);
  });

  it('counts what is actionable by customer and day, and gives the newest', () => {
    const dayLater = startMs + 86_400_000;
    const take = (identity: string, more: Partial<OccurrenceInput>, receivedMs: number) => {
      clock.nowMs = receivedMs;
      ingest([occurrence({ identity, deduplicationKey: identity, ...more })]);
    };
    take('long ago', { customerName: 'Acme' }, startMs - 1);
    take('one', { customerName: 'Acme' }, startMs);
    take('two', { customerName: 'Acme' }, startMs + 5);
    take('quiet', { customerName: 'Acme', lane: 'informational' }, startMs + 6);
    take('nobody', {}, startMs + 7);
    take('next', { customerName: 'Acme', title: 'Newest' }, dayLater);
    const acme = store.customers.list().find(({ name }) => name === 'Acme')?.id ?? '';
    const byDay = store.alerts.actionableByDay(startMs);
    expect(byDay.toSorted((a, b) => a.dayMs - b.dayMs || b.count - a.count)).toEqual([
      { customerId: acme, dayMs: startMs, count: 2 },
      { customerId: null, dayMs: startMs, count: 1 },
      { customerId: acme, dayMs: dayLater, count: 1 },
    ]);
    expect(store.alerts.actionableSince(startMs, acme, 2).map(({ title }) => title)).toEqual([
      'Newest',
      'A title',
    ]);
    expect(store.alerts.actionableSince(startMs, null, 100)).toHaveLength(4);
  });

  it('finds related alerts by what they share', () => {
    const at = (identity: string, values: readonly string[]) =>
      occurrence({
        identity,
        deduplicationKey: identity,
        title: identity,
        entities: [
          ...values.map((value) => ({ kind: 'ip' as const, value, role: 'source' as const })),
          { kind: 'country', value: 'XX', role: 'source' },
        ],
      });
    ingest([at('a', ['1', '2', '3']), at('b', ['2', '3']), at('c', ['3']), at('d', ['9'])]);
    expect(store.alerts.related(all()[0]?.id ?? '', 5).map((alert) => alert.title)).toEqual(['b', 'c']);
  });

  it('keeps one alert for an incident and changes it as the incident does', () => {
    const customer = store.customers.findOrCreateByName('Acme');
    const service = store.services.findOrCreateByName(customer.id, 'shop');
    const input: IncidentAlertInput = {
      incidentId: 'in_1',
      customerId: customer.id,
      serviceId: service.id,
      title: 'HTTP requests 14x above usual',
      why: 'HTTP requests 14x above the usual Tuesday 02:00.',
      severity: 'high',
      lane: 'actionable',
      mitigated: 'not-known',
      state: 'firing',
      firstSeenMs: startMs,
      lastSeenMs: startMs + 1000,
      count: 1,
      entities: [],
      techniques: ['T1498'],
      signalIds: ['si_1'],
    };
    const made = store.alerts.upsertIncidentAlert(input, startMs);
    expect([made.change, made.alert.sourceKind, made.alert.sourceState]).toEqual([
      'created',
      'detection',
      'firing',
    ]);
    expect(store.alerts.upsertIncidentAlert(input, startMs + 5)).toEqual({
      alert: made.alert,
      change: 'none',
    });
    store.alerts.act({ by: 'ids', ids: [made.alert.id] }, { type: 'acknowledge' }, 'Ada');
    const changed = store.alerts.upsertIncidentAlert(
      { ...input, severity: 'critical', count: 3, state: 'resolved', mitigated: 'partly' },
      startMs + 9,
    );
    expect(changed).toEqual({
      change: 'changed',
      alert: {
        ...made.alert,
        severity: 'critical',
        count: 3,
        sourceState: 'resolved',
        mitigated: 'partly',
        status: 'acknowledged',
      },
    });
  });

  it('brings back an incident that was closed, had ended and begins again, unless it was judged to be nothing', () => {
    const customer = store.customers.findOrCreateByName('Acme');
    const service = store.services.findOrCreateByName(customer.id, 'shop');
    const input: IncidentAlertInput = {
      incidentId: 'in_1',
      customerId: customer.id,
      serviceId: service.id,
      title: 'SYN flood',
      why: 'New connections 40x above the usual.',
      severity: 'critical',
      lane: 'actionable',
      mitigated: 'no',
      state: 'firing',
      firstSeenMs: startMs,
      lastSeenMs: startMs,
      count: 1,
      entities: [],
      techniques: [],
      signalIds: [],
    };
    for (const [disposition, change, status] of [
      ['true-positive', 'returned', 'new'],
      ['false-positive', 'changed', 'closed'],
      ['benign-positive', 'changed', 'closed'],
    ] as const) {
      const own = { ...input, incidentId: `in_${disposition}` };
      const { alert } = store.alerts.upsertIncidentAlert(own, startMs);
      store.alerts.upsertIncidentAlert({ ...own, state: 'resolved' }, startMs + 5);
      const close = { type: 'close', disposition, reason: 'seen' } as const;
      store.alerts.act({ by: 'ids', ids: [alert.id] }, close, 'Ada');
      const again = store.alerts.upsertIncidentAlert({ ...own, lastSeenMs: startMs + 900 }, startMs + 900);
      expect([disposition, again.change, again.alert.status]).toEqual([disposition, change, status]);
      const last = store.alerts.history(alert.id).at(-1)?.sentence;
      expect(last === 'Came back: it had ended and begins again').toBe(change === 'returned');
    }
  });
});
