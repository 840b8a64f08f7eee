import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { openStore, type Store, type StoredConnection } from '../db/index.ts';
import { temporaryDirectory } from '../db/testing.ts';
import { emptyBatch, type Push } from '../sources/source.ts';
import { webhookSourceKind } from '../sources/webhook.ts';
import { createDetection } from './detection.ts';
import { createHub, type Hub } from './hub.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { createIncidents } from './incidents.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { createSuppressionJudge } from './suppression-judge.ts';

const nowMs = Date.UTC(2026, 2, 4, 2, 14);
const { signal } = new AbortController();

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let hub: Hub;
let ingest: Ingest;
let inbox: Inbox;
let connection: StoredConnection;
let logged: string[];

/** What a core of this data directory has; the one before ends as a crash would, with nothing more written. */
function open(): void {
  store = openStore(directory.path, { nowMs: () => nowMs, appVersion: 'test' });
  hub = createHub({
    status: () => {
      throw new Error('nobody listens');
    },
    connections: () => ({ connections: [] }),
  });
  const judge = createSuppressionJudge(store, () => nowMs);
  ingest = createIngest({
    store,
    hub,
    detection: createDetection(store),
    incidents: createIncidents(store, judge),
    judge,
    notifier: { news: () => undefined },
    nowMs: () => nowMs,
  });
  logged = [];
  inbox = createInbox({
    store,
    ingest,
    kinds: new Map([['webhook', webhookSourceKind]]),
    hub,
    log: { write: (_level, _where, text) => logged.push(text) },
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  directory = temporaryDirectory();
  open();
  connection = connect('Sender');
});
afterEach(async () => {
  vi.useRealTimers();
  await inbox.close();
  hub.close();
  store.close();
  directory.remove();
});

const connect = (name: string): StoredConnection =>
  store.connections.save({
    id: null,
    role: 'source',
    kind: 'webhook',
    name,
    customerId: null,
    enabled: true,
    settings: { port: 0 },
  });

function pushOf(titles: readonly string[], sentMs = nowMs): Push {
  const body = Buffer.from(JSON.stringify(titles.map((title) => ({ title, severity: 'high' }))));
  return { sentMs, records: titles.length, body };
}

const keep = (...titles: string[]) => inbox.keep(connection, pushOf(titles), signal);
const titles = () => [...store.alerts.each()].map(({ title }) => title).sort();

describe('a push that was accepted', () => {
  it('is on disk at once and in the queue a moment later, when no other follows', async () => {
    inbox.start();
    await keep('Scan', 'Beacon');
    expect(store.pushes.waiting()).toMatchObject([{ connectionId: connection.id, pushes: 1, records: 2 }]);
    expect([titles(), inbox.waitingRecords(connection.id)]).toEqual([[], 2]);
    await vi.advanceTimersByTimeAsync(60);
    expect(titles()).toEqual(['Beacon', 'Scan']);
    expect([store.pushes.waiting(), inbox.waitingRecords(connection.id)]).toEqual([[], 0]);
    expect(store.connections.counters(connection.id)).toMatchObject({ eventsReceived: 2 });
  });

  it('is filed after a crash, once', async () => {
    inbox.start();
    await keep('Before the crash');
    await inbox.keep(connection, pushOf(['The same record'], nowMs), signal);
    hub.close();
    store.close();
    open();
    inbox.start();
    expect(inbox.waitingRecords(connection.id)).toBe(2);
    await vi.advanceTimersByTimeAsync(60);
    // A sender that did not hear the answer sends it again.
    await inbox.keep(connection, pushOf(['The same record'], nowMs), signal);
    await vi.advanceTimersByTimeAsync(60);
    expect(titles()).toEqual(['Before the crash', 'The same record']);
    expect([...store.alerts.each()].map(({ count }) => count)).toEqual([1, 1]);
  });

  it('stays until it can be filed, which is said, and hides no other source', async () => {
    const other = connect('Another sender');
    inbox.start();
    const take = ingest.take;
    const spy = vi.spyOn(ingest, 'take').mockImplementation(async (to, ...rest) => {
      if (to.id === connection.id) throw new WatchfloorError('storage', 'The disk is full.');
      return take(to, ...rest);
    });
    await keep('Kept');
    await inbox.keep(other, pushOf(['Of another']), signal);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(titles()).toEqual(['Of another']);
    expect(inbox.problem(connection.id)).toBe('The disk is full.');
    expect(inbox.problem(other.id)).toBeNull();
    // Tried again, and said once.
    expect(spy.mock.calls.length).toBeGreaterThan(3);
    expect(logged).toHaveLength(1);
    spy.mockRestore();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(titles()).toEqual(['Kept', 'Of another']);
    expect(inbox.problem(connection.id)).toBeNull();
  });

  it('keeps what is in it and is not understood aside, as any record', async () => {
    inbox.start();
    const body = Buffer.from('[{"title":"Scan"},7]');
    await inbox.keep(connection, { sentMs: nowMs, records: 2, body }, signal);
    await vi.advanceTimersByTimeAsync(60);
    expect(titles()).toEqual(['Scan']);
    expect(store.rejected.list(connection.id, 10).map(({ raw }) => raw)).toEqual(['7']);
  });
});

describe('while pushes keep coming', () => {
  it('senders are answered first, and what waits has a turn a second', async () => {
    inbox.start();
    for (let number = 0; number < 60; number += 1) {
      await keep(...Array.from({ length: 400 }, (_, index) => `Rule ${number} ${index}`));
      await vi.advanceTimersByTimeAsync(20);
      if (number === 48) expect(titles()).toEqual([]);
    }
    // One turn since: as many whole pushes as a transaction holds records.
    expect(titles()).toHaveLength(800);
    expect(inbox.waitingRecords(connection.id)).toBe(60 * 400 - 800);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(titles()).toHaveLength(60 * 400);
  });

  it('a sender waits where too much waits, and is sent away where that does not change', async () => {
    inbox.start();
    const take = vi.spyOn(ingest, 'take').mockRejectedValue(new WatchfloorError('storage', 'No room.'));
    const large = Buffer.concat([Buffer.from('[{"title":"Large"}]'), Buffer.alloc(8 * 1024 * 1024, ' ')]);
    const keepLarge = (sentMs: number) => inbox.keep(connection, { sentMs, records: 1, body: large }, signal);
    for (let number = 0; number < 16; number += 1) await keepLarge(nowMs + number);
    const refused = expect(keepLarge(nowMs + 16)).rejects.toMatchObject({ code: 'unavailable' });
    await vi.advanceTimersByTimeAsync(10_500);
    await refused;
    expect(store.pushes.waiting()).toMatchObject([{ pushes: 16 }]);

    take.mockRestore();
    const kept = keepLarge(nowMs + 17);
    await vi.advanceTimersByTimeAsync(6_000);
    await kept;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(store.pushes.waiting()).toEqual([]);
    expect([...store.alerts.each()].map(({ count }) => count)).toEqual([17]);
  });

  it('a source that is stopped takes nothing more', async () => {
    const stopped = AbortSignal.abort();
    await expect(inbox.keep(connection, pushOf(['Late']), stopped)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(store.pushes.waiting()).toEqual([]);
  });
});

describe('emptying it', () => {
  it('files what waits before its source is changed or removed', async () => {
    inbox.start();
    await keep('First');
    await keep('Second');
    await inbox.empty(connection.id);
    expect(titles()).toEqual(['First', 'Second']);
    expect(store.pushes.waiting()).toEqual([]);
  });

  it('says why it cannot, and keeps it', async () => {
    inbox.start();
    await keep('First');
    vi.spyOn(ingest, 'take').mockRejectedValueOnce(new WatchfloorError('storage', 'The disk is full.'));
    await expect(inbox.empty(connection.id)).rejects.toMatchObject({ message: 'The disk is full.' });
    expect(inbox.waitingRecords(connection.id)).toBe(1);
  });

  it('closing files what waits, too', async () => {
    inbox.start();
    await keep('Last');
    await inbox.close();
    expect(titles()).toEqual(['Last']);
  });
});

it('a transaction that does not commit leaves the push where it is', async () => {
  await keep('Scan');
  const [push] = store.pushes.oldest(connection.id, 10);
  const failing = () =>
    store.transaction(() => {
      store.pushes.settle([push?.id ?? 0]);
      throw new Error('the disk');
    });
  expect(failing).toThrow('the disk');
  expect(store.pushes.oldest(connection.id, 10)).toEqual([push]);
  await ingest.take(connection, emptyBatch, { pushes: [push?.id ?? 0] });
  expect(store.pushes.oldest(connection.id, 10)).toEqual([]);
});
