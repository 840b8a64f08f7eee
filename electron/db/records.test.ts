import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActionPlan, Mitigation } from '../../shared/domain/mitigation.ts';
import { hourMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import type { BreakdownInput, ContextInput } from '../sources/source.ts';
import type { Store } from './store.ts';
import {
  occurrence,
  openRaw,
  openTestStore,
  startMs,
  type TestClock,
  temporaryDirectory,
  testSource,
} from './testing.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let clock: TestClock;
beforeEach(() => {
  directory = temporaryDirectory();
  clock = { nowMs: startMs };
  store = openTestStore(directory.path, clock);
});
afterEach(() => {
  store.close();
  directory.remove();
});

describe('context', () => {
  const event = (index: number, more: Partial<ContextInput> = {}): ContextInput => ({
    identity: `event-${index}`,
    occurredMs: startMs + index * secondMs,
    type: 'http',
    summary: `GET /${index}`,
    raw: `{"event":${index},"text":"a\\nb"}\nsecond line`,
    correlationKey: `flow-${index % 10}`,
    addresses: [`198.51.100.${index % 4}`, '192.0.2.10'],
    ...more,
  });
  const events = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => event(from + index));
  const always = { fromMs: 0, toMs: 1e15, limit: 1000 };

  it('takes each event once and finds it by flow, address and time', () => {
    expect(store.context.append('source-1', events(40), startMs)).toBe(40);
    expect(store.context.append('source-1', [...events(41), event(40)], startMs)).toBe(1);
    expect(store.context.append('source-2', events(1), startMs)).toBe(1);
    const summaries = (rows: { summary: string }[]) => rows.map((row) => row.summary);
    expect(summaries(store.context.find({ ...always, correlationKeys: ['flow-3'] }))).toEqual([
      'GET /33',
      'GET /23',
      'GET /13',
      'GET /3',
    ]);
    expect(
      summaries(
        store.context.find({
          addresses: ['198.51.100.1'],
          fromMs: startMs + 10_000,
          toMs: startMs + 20_000,
          limit: 2,
        }),
      ),
    ).toEqual(['GET /17', 'GET /13']);
    const [found] = store.context.find({ ...always, correlationKeys: ['flow-5'], limit: 1 });
    expect(found).toEqual({
      id: found?.id,
      timeMs: startMs + 35_000,
      type: 'http',
      summary: 'GET /35',
      raw: '{"event":35,"text":"a\\nb"}\nsecond line',
    });
    expect(store.context.find(always)).toEqual([]);
  });

  it('shows an alert what went on in its flows, then around its addresses', () => {
    store.context.append('source-1', events(40), startMs);
    store.alerts.ingest(
      testSource,
      [
        occurrence({
          correlationKey: 'flow-7',
          entities: [{ kind: 'ip', value: '198.51.100.2', role: 'source' }],
        }),
      ],
      startMs,
    );
    const [alert] = [...store.alerts.each()];
    const shown = store.context.forAlert(alert?.id ?? '', 7).map((row) => row.summary);
    expect(shown).toEqual(['GET /37', 'GET /27', 'GET /17', 'GET /7', 'GET /38', 'GET /34', 'GET /30']);
  });

  it('forgets the oldest received beyond its budget, but nothing that belongs to a case', () => {
    const noise = (index: number) =>
      event(index, { raw: Array.from({ length: 200 }, (_, at) => Math.sin(index * 999 + at)).join() });
    for (let batch = 0; batch < 10; batch += 1) {
      const some = Array.from({ length: 100 }, (_, index) => noise(batch * 100 + index));
      store.context.append('source-1', some, startMs + batch);
    }
    const [kept] = store.context.find({ ...always, correlationKeys: ['flow-0'], limit: 1000 }).slice(-1);
    store.context.linkToCase([kept?.id ?? ''], 'ca_1');
    const before = store.context.sizeBytes();
    expect(store.context.prune(before)).toBe(0);
    const gone = store.context.prune(before / 2);
    expect(gone).toBeGreaterThan(400);
    expect(store.context.sizeBytes()).toBeLessThanOrEqual(before / 2);
    const left = store.context.find({ ...always, addresses: ['192.0.2.10'] });
    expect(left.length).toBe(1000 - gone);
    expect(left.at(-1)).toEqual(kept);
    expect(left[0]?.summary).toBe('GET /999');
    // Nothing is left of what went, so it can come again.
    expect(store.context.append('source-1', [noise(1)], startMs)).toBe(1);
    expect(store.context.prune(0)).toBe(1000 - gone);
    expect(store.context.find({ ...always, addresses: ['192.0.2.10'] })).toEqual([kept]);
  });
});

describe('breakdowns', () => {
  const input = (
    fromMs: number,
    counts: Record<string, number>,
    more: Partial<BreakdownInput> = {},
  ): BreakdownInput => ({
    serviceName: 'shop',
    customerName: 'Acme',
    dimension: 'source.ip',
    fromMs,
    toMs: fromMs + 10 * secondMs,
    unit: 'requests',
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
    rows: Object.entries(counts).map(([value, count]) => ({ value, count, mitigated: 1 })),
    ...more,
  });
  const query = (fromMs: number, toMs: number, dimension: BreakdownInput['dimension'] = 'source.ip') =>
    store.breakdowns.query({ customerId: null, serviceId: null, dimension, fromMs, toMs });

  it('merges intervals and compares with the hour before', () => {
    store.breakdowns.append('source-1', null, [
      input(startMs - 30 * minuteMs, { '198.51.100.1': 10, '198.51.100.2': 30 }),
      input(startMs, { '198.51.100.1': 60, '198.51.100.2': 20 }),
      input(startMs + 10 * secondMs, { '198.51.100.1': 15, '198.51.100.3': 5 }),
    ]);
    expect(query(startMs, startMs + minuteMs)).toEqual({
      known: true,
      dimension: 'source.ip',
      sourceId: 'source-1',
      unit: 'requests',
      fromMs: startMs,
      toMs: startMs + 20 * secondMs,
      total: 100,
      usualTotal: 80,
      rows: [
        { value: '198.51.100.1', count: 75, share: 0.75, usualShare: 0.25, mitigated: 2 },
        { value: '198.51.100.2', count: 20, share: 0.2, usualShare: 0.75, mitigated: 1 },
        { value: '198.51.100.3', count: 5, share: 0.05, usualShare: 0, mitigated: 1 },
      ],
    });
  });

  it('says that it does not know, and never zero', () => {
    expect(query(startMs, startMs + minuteMs, 'url.path')).toEqual({
      known: false,
      dimension: 'url.path',
      reason: 'Not known: no source tells paths here.',
    });
    store.breakdowns.append('source-1', null, [input(startMs - hourMs, { a: 1 })]);
    expect(query(startMs, startMs + minuteMs)).toMatchObject({
      known: false,
      reason: 'Not known: nothing about addresses was received for this time.',
    });
    expect(query(startMs - hourMs, startMs - hourMs + minuteMs)).toMatchObject({
      rows: [{ usualShare: null }],
    });
  });

  it('never adds what two sources saw of the same traffic', () => {
    store.breakdowns.append('edge', null, [
      input(startMs, { a: 100 }),
      input(startMs + minuteMs, { a: 100 }),
    ]);
    store.breakdowns.append('sensor', null, [input(startMs, { a: 90 })]);
    expect(query(startMs, startMs + 2 * minuteMs)).toMatchObject({ sourceId: 'edge', total: 200 });
    expect(store.breakdowns.prune(startMs + minuteMs)).toBe(2);
  });
});

describe('plans and mitigations', () => {
  const draft = {
    id: null,
    customerId: 'cu_1',
    name: 'DDoS',
    targetId: 'co_1',
    agreedBy: 'Their CISO',
    maxTtlMs: hourMs,
    defaultTtlMs: 30 * minuteMs,
    widestPrefixV4: 24,
    widestPrefixV6: 48,
    maxEntriesPerHour: 20,
    samePersonMayApprove: false,
    loopbackAllowed: false,
    allowList: [],
  } as const satisfies Parameters<Store['plans']['save']>[0];

  const propose = (plan: ActionPlan): Mitigation =>
    store.mitigations.propose(
      {
        planId: plan.id,
        planName: plan.name,
        planHash: plan.hash,
        customerId: plan.customerId,
        targetId: plan.targetId,
        targetName: 'edge',
        caseId: null,
        alertId: null,
        action: 'block',
        entries: ['198.51.100.7/32', '203.0.113.0/24'],
        ttlMs: 30 * minuteMs,
        reason: 'It floods.',
        sentence: 'Proposed by Ada.',
        guards: [],
        preview: null,
        proposedBy: 'Ada',
        proposedMs: clock.nowMs,
        approvedBy: null,
        approvedMs: null,
        approvalReason: null,
        appliedMs: null,
        verifiedMs: null,
        expiresMs: null,
        endedMs: null,
        endedHow: null,
        simulated: false,
      },
      'Ada',
    );

  it('keeps every version of a plan under its hash', () => {
    const first = store.plans.save(draft);
    clock.nowMs += 1000;
    const second = store.plans.save({ ...draft, id: first.id, maxTtlMs: 2 * hourMs });
    expect([first.version, second.version, first.hash === second.hash]).toEqual([1, 2, false]);
    expect(store.plans.list()).toEqual([second]);
    expect(store.plans.getByHash(first.hash)).toEqual(first);
    expect(store.plans.retire(first.id)).toEqual({ ...second, retired: true });
    expect(() => store.plans.save({ ...draft, id: first.id })).toThrow('retired');
    expect(() => store.plans.save({ ...draft, id: 'pl_none' })).toThrow('not there any more');
  });

  it('moves a mitigation on at most once, each step with its ledger row', () => {
    const plan = store.plans.save(draft);
    const mitigation = propose(plan);
    clock.nowMs += 5000;
    const approved = store.mitigations.transition(
      mitigation.id,
      ['proposed'],
      'approved',
      { approvedBy: 'Bob', approvedMs: clock.nowMs, approvalReason: 'Yes.' },
      'Bob',
      'Approved by Bob.',
    );
    expect(approved).toEqual({
      ...mitigation,
      state: 'approved',
      sentence: 'Approved by Bob.',
      approvedBy: 'Bob',
      approvedMs: startMs + 5000,
      approvalReason: 'Yes.',
    });
    expect(() =>
      store.mitigations.transition(mitigation.id, ['proposed'], 'approved', {}, 'Eve', 'Approved again.'),
    ).toThrow('This mitigation is approved by now; nothing was done.');
    expect(store.mitigations.get(mitigation.id)).toEqual(approved);
    expect(store.mitigations.inStates(['approved', 'applying'])).toEqual([approved]);
    expect(
      store.mitigations
        .ledger(mitigation.id, 10)
        .map((row) => [row.timeMs, row.actor, row.state, row.sentence]),
    ).toEqual([
      [startMs + 5000, 'Bob', 'approved', 'Approved by Bob.'],
      [startMs, 'Ada', 'proposed', 'Proposed by Ada.'],
    ]);
    expect(store.mitigations.entriesApprovedSince(plan.id, startMs)).toBe(2);
    expect(store.mitigations.entriesApprovedSince(plan.id, startMs + 6000)).toBe(0);
    expect(store.mitigations.idempotencyKey(mitigation.id)).toBe(
      store.mitigations.idempotencyKey(mitigation.id),
    );
    const amended = store.mitigations.amend(mitigation.id, {
      guards: [{ guard: 'width', passed: true, sentence: 'Narrow enough.' }],
    });
    expect(amended.hash).toBe(mitigation.hash);
    expect(propose(plan).hash).toBe(mitigation.hash);
    expect(propose(store.plans.save({ ...draft, id: plan.id })).hash).not.toBe(mitigation.hash);
  });

  it('leaves neither state nor ledger row of a step whose transaction fails', () => {
    const mitigation = propose(store.plans.save(draft));
    expect(() =>
      store.transaction(() => {
        store.mitigations.transition(mitigation.id, ['proposed'], 'approved', {}, 'Bob', 'Approved.');
        throw new Error('the power went');
      }),
    ).toThrow();
    expect(store.mitigations.get(mitigation.id)).toEqual(mitigation);
    expect(store.mitigations.ledger(null, 10).length).toBe(1);
    const raw = openRaw(`${directory.path}/watchfloor.db`);
    expect(() => raw.exec('DELETE FROM ledger')).toThrow('only ever added');
    raw.close();
  });
});

describe('customers and connections', () => {
  it('know names without regard to case', () => {
    const acme = store.customers.findOrCreateByName(' Acme ');
    expect(store.customers.findOrCreateByName('ACME')).toEqual(acme);
    expect(() =>
      store.customers.save({ id: null, name: 'acme', ownRanges: [], defaultTlp: 'TLP:RED', noiseBudget: 5 }),
    ).toThrow('already a customer called acme');
    const renamed = store.customers.save({
      id: acme.id,
      name: 'ACME Ltd',
      ownRanges: ['192.0.2.0/24'],
      defaultTlp: 'TLP:GREEN',
      noiseBudget: 2,
    });
    expect(store.customers.list()).toEqual([renamed]);
    const shop = store.services.findOrCreateByName(acme.id, 'shop');
    expect(store.services.findOrCreateByName(acme.id, 'Shop')).toEqual(shop);
    expect(() => store.services.save({ id: null, customerId: 'cu_none', name: 'x' })).toThrow(
      'not there any more',
    );
  });

  it('keep cursor, counters and gaps of a source beside its settings', () => {
    const source = store.connections.save({
      id: null,
      role: 'source',
      kind: 'prometheus',
      name: 'prom-eu',
      customerId: null,
      enabled: true,
      settings: { url: 'http://127.0.0.1:9090', interval: 15, tls: false, proxy: null },
    });
    expect(store.connections.list('source')).toEqual([source]);
    expect(store.connections.list('target')).toEqual([]);
    expect(store.connections.cursor(source.id)).toBeNull();
    store.connections.setCursor(source.id, { at: [1, { deep: true }] });
    store.connections.count(source.id, {
      events: 3,
      rejected: 1,
      lastRejection: 'no JSON',
      newestRecordMs: 50,
    });
    store.connections.count(source.id, { events: 2, successMs: 7, newestRecordMs: 40 });
    for (let gap = 0; gap < 60; gap += 1) {
      store.connections.addGap(source.id, { fromMs: gap, toMs: gap + 1, reason: 'restart' });
    }
    expect(store.connections.cursor(source.id)).toEqual({ at: [1, { deep: true }] });
    expect(store.connections.counters(source.id)).toEqual({
      eventsReceived: 5,
      recordsRejected: 1,
      lastRejection: 'no JSON',
      lastSuccessMs: 7,
      newestRecordMs: 50,
      unmapped: [],
    });
    expect(store.connections.gaps(source.id).length).toBe(50);
    expect(store.connections.gaps(source.id)[0]?.fromMs).toBe(59);
    expect(store.connections.setEnabled(source.id, false).enabled).toBe(false);
    store.connections.remove(source.id);
    expect(store.connections.list()).toEqual([]);
    expect(store.connections.get(source.id)).toBeNull();
  });

  it('keep saved views in the order they were made', () => {
    const query = {
      lane: null,
      text: 'severity:high',
      fromMs: null,
      toMs: null,
      includeDone: false,
      sort: 'received',
    } as const;
    const one = store.views.save({ id: null, name: 'One', query });
    const two = store.views.save({ id: null, name: 'Two', query });
    store.views.save({ ...one, name: 'First' });
    expect(store.views.list()).toEqual([{ ...one, name: 'First' }, two]);
    store.views.remove(one.id);
    expect(store.views.list()).toEqual([two]);
  });
});
