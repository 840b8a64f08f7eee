import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OccurrenceInput } from '../sources/source.ts';
import type { IncidentAlertInput, Store } from './store.ts';
import { occurrence, openTestStore, startMs, temporaryDirectory, testSource } from './testing.ts';

describe('what a person put aside', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  let received: number;
  beforeEach(() => {
    directory = temporaryDirectory();
    store = openTestStore(directory.path);
    received = 0;
  });
  afterEach(() => {
    store.close();
    directory.remove();
  });

  const quietOne: Partial<OccurrenceInput> = { severity: 'low', lane: 'informational', mitigated: 'yes' };
  const receive = (more: Partial<OccurrenceInput> = {}, times = 1) =>
    store.alerts.ingest(
      testSource,
      Array.from({ length: times }, () => occurrence({ ...quietOne, identity: `r${++received}`, ...more })),
      startMs,
    );
  const id = () => [...store.alerts.each()][0]?.id ?? '';
  const snooze = () =>
    store.alerts.act({ by: 'ids', ids: [id()] }, { type: 'snooze', untilMs: startMs + 60_000 }, 'Ada');
  const lastLine = () => store.alerts.history(id()).at(-1)?.sentence;

  it.each([
    ['its severity rose to high', { severity: 'high' }],
    ['it became actionable', { lane: 'actionable' }],
    ['something of it was let through', { mitigated: 'no' }],
  ] as const)('wakes early: %s', (why, more) => {
    receive();
    snooze();
    expect(receive().wokenAlertIds).toEqual([]);
    expect(store.alerts.get(id())?.snoozedUntilMs).toBe(startMs + 60_000);
    expect(receive(more).wokenAlertIds).toEqual([id()]);
    expect(store.alerts.get(id())?.snoozedUntilMs).toBeNull();
    expect(lastLine()).toBe(`Woke early: ${why}`);
  });

  it('wakes early when it has come ten times as often', () => {
    receive({}, 3);
    snooze();
    expect(receive({}, 26).wokenAlertIds).toEqual([]);
    expect(receive().wokenAlertIds).toEqual([id()]);
    expect(lastLine()).toBe('Woke early: it has come 30 times, 3 when it was snoozed');
    // Snoozed again, it is measured anew; so it is after an undo.
    const { undoId } = snooze();
    expect(receive({}, 30).wokenAlertIds).toEqual([]);
    store.alerts.undo(undoId ?? '', 'Ada');
    expect(receive({}, 300).wokenAlertIds).toEqual([]);
  });

  it('keeps the lane that a person set', () => {
    receive();
    store.alerts.act(
      { by: 'ids', ids: [id()] },
      { type: 'set-lane', lane: 'informational', reason: '' },
      'Ada',
    );
    store.alerts.act({ by: 'ids', ids: [id()] }, { type: 'set-lane', lane: 'actionable', reason: '' }, 'Ada');
    snooze();
    expect(receive({ lane: 'actionable' }).wokenAlertIds).toEqual([]);
  });

  it('comes back from closed as ever: not by its lane or count', () => {
    receive();
    store.alerts.act(
      { by: 'ids', ids: [id()] },
      { type: 'close', disposition: 'benign-positive', reason: '' },
      'Ada',
    );
    receive({ lane: 'actionable' }, 50);
    expect(store.alerts.get(id())?.status).toBe('closed');
    expect(receive({ severity: 'high' }).wokenAlertIds).toEqual([]);
    expect(store.alerts.get(id())?.status).toBe('new');
    expect(lastLine()).toBe('Came back: its severity rose to high');
  });

  it('wakes the alert of an incident early, too, and leaves a closed one that only let something through', () => {
    const customer = store.customers.findOrCreateByName('Acme');
    const service = store.services.findOrCreateByName(customer.id, 'shop');
    const input: IncidentAlertInput = {
      incidentId: 'in_1',
      customerId: customer.id,
      serviceId: service.id,
      title: 'Flood',
      why: 'Why.',
      severity: 'medium',
      lane: 'informational',
      mitigated: 'yes',
      state: 'firing',
      firstSeenMs: startMs,
      lastSeenMs: startMs,
      count: 1,
      entities: [],
      techniques: [],
      signalIds: [],
    };
    const upsert = (more: Partial<IncidentAlertInput>) =>
      store.alerts.upsertIncidentAlert({ ...input, ...more }, startMs);
    upsert({});
    snooze();
    expect(upsert({ count: 9 }).change).toBe('changed');
    expect(upsert({ count: 10 }).change).toBe('returned');
    snooze();
    expect(upsert({ count: 10, lane: 'actionable' }).change).toBe('returned');
    expect(lastLine()).toBe('Woke early: it became actionable');
    store.alerts.act(
      { by: 'ids', ids: [id()] },
      { type: 'close', disposition: 'duplicate', reason: '' },
      'Ada',
    );
    upsert({ count: 10, lane: 'actionable', mitigated: 'no' });
    expect(store.alerts.get(id())?.status).toBe('closed');
  });
});
