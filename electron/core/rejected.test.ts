import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store, type StoredConnection } from '../db/index.ts';
import { temporaryDirectory } from '../db/testing.ts';
import { parseEveText } from '../sources/eve.ts';
import { eveReading } from '../sources/eve-words.ts';
import { createRecentLines } from '../sources/recent-lines.ts';
import { type Batch, emptyBatch } from '../sources/source.ts';
import { suricataEveSourceKind } from '../sources/suricata-eve.ts';
import { webhookSourceKind } from '../sources/webhook.ts';
import { itemsOf, readMapping, toOccurrences, type WordReading } from '../sources/webhook-mapping.ts';
import { openAnalysts } from './analysts.ts';
import { createDetection } from './detection.ts';
import { createHub, type Hub } from './hub.ts';
import { createIncidents } from './incidents.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { createRejected, type Rejected } from './rejected.ts';
import { openSecretStore } from './secrets.ts';
import { createSuppressionJudge } from './suppression-judge.ts';

const nowMs = Date.UTC(2026, 2, 4, 2, 14);

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let hub: Hub;
let ingest: Ingest;
let rejected: Rejected;

beforeEach(async () => {
  directory = temporaryDirectory();
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
  const secrets = await openSecretStore(directory.path, null);
  const analysts = await openAnalysts(store, secrets, (prefix) => `${prefix}_1`);
  await analysts.setCurrent('Ada');
  rejected = createRejected({
    store,
    ingest,
    analysts,
    hub: { statusChanged: () => undefined },
    kinds: new Map(
      [suricataEveSourceKind, webhookSourceKind].map((kind) => [kind.descriptor.kind, kind] as const),
    ),
  });
});
afterEach(() => {
  hub.close();
  store.close();
  directory.remove();
});

function connect(kind: string, settings: StoredConnection['settings']): StoredConnection {
  return store.connections.save({
    id: `so_${kind}`,
    role: 'source',
    kind,
    name: kind,
    customerId: null,
    enabled: true,
    settings,
  });
}

const alerts = () => [...store.alerts.each()].map(({ title, count }) => [title, count]);
const nothing = () => undefined;

const words: WordReading = { severity: () => 'high', state: () => null, lane: () => 'actionable' };

/** As the webhook makes a batch of a push that it signed at this moment. */
function pushed(body: unknown, mapping = ''): Batch {
  const read = readMapping(mapping);
  if ('problem' in read) return expect.fail(read.problem);
  const items = itemsOf(body, read.mapping);
  const made = toOccurrences(items, read.mapping, { sentMs: nowMs, read: words });
  return { ...emptyBatch, events: items.length, ...made };
}

describe('rejected records', () => {
  test('are read anew after a fix, each once, also when they came again by themselves', async () => {
    const before = connect('webhook', {});
    const body = [{ rule: { text: 'Scan' } }, { rule: { text: 'Scan' } }, { rule: { text: 'Flood' } }, 7];
    await ingest.take(before, pushed(body));
    // The same push comes again: nothing more is kept.
    await ingest.take(before, pushed(body));
    expect(store.connections.counters(before.id)).toMatchObject({ eventsReceived: 8, recordsRejected: 4 });
    expect(await rejected.replay(before.id, nothing)).toEqual({ read: 4, taken: 0, new: 0, stays: 4 });
    expect(alerts()).toEqual([]);

    const mapping = '{"title":"/rule/text"}';
    const fixed = connect('webhook', { mapping });
    expect(await rejected.replay(null, nothing)).toEqual({ read: 4, taken: 3, new: 3, stays: 1 });
    expect(alerts()).toEqual([
      ['Scan', 2],
      ['Flood', 1],
    ]);
    expect(store.rejected.list(fixed.id, 10).map(({ raw, reason }) => [raw, reason])).toEqual([
      ['7', 'A record is no JSON object.'],
    ]);
    expect(await rejected.replay(null, nothing)).toEqual({ read: 1, taken: 0, new: 0, stays: 1 });
    // The sender repeats the push: what was read anew is what it would have been.
    await ingest.take(fixed, pushed(body, mapping));
    expect(alerts()).toEqual([
      ['Scan', 2],
      ['Flood', 1],
    ]);
  });

  test('that came again meanwhile are understood and add nothing', async () => {
    const before = connect('webhook', {});
    await ingest.take(before, pushed([{ rule: 'Scan' }]));
    const mapping = '{"title":"/rule"}';
    const fixed = connect('webhook', { mapping });
    await ingest.take(fixed, pushed([{ rule: 'Scan' }], mapping));
    expect(await rejected.replay(fixed.id, nothing)).toEqual({ read: 1, taken: 1, new: 0, stays: 0 });
    expect(alerts()).toEqual([['Scan', 1]]);
    expect(store.rejected.summary(fixed.id)).toMatchObject({ kept: 0, replayed: 1 });
  });

  test('of an EVE file keep what tells identical lines apart', async () => {
    const connection = connect('suricata-eve', {});
    const line =
      '{"event_type":"alert","timestamp":"2026-03-04T00:00:00.000000+0000","alert":{"signature":"S"}}';
    const good = parseEveText(`${line}\n${line}\n`, createRecentLines(), eveReading({}));
    // As a version would have kept them that did not understand them.
    const kept = ['0', '1'].map((place) => ({ reason: 'Not known.', raw: line, place }));
    await ingest.take(connection, { ...emptyBatch, rejected: kept });
    expect(await rejected.replay(connection.id, nothing)).toEqual({ read: 2, taken: 2, new: 2, stays: 0 });
    await ingest.take(connection, { ...emptyBatch, ...good });
    expect(alerts()).toEqual([['S', 2]]);
  });

  test('a thousand of them are read in steps, with progress', async () => {
    const connection = connect('webhook', {});
    const items = Array.from({ length: 1_000 }, (_, index) => ({ rule: `Rule ${index % 10}`, index }));
    await ingest.take(connection, pushed(items));
    connect('webhook', { mapping: '{"title":"/rule"}' });
    const told: number[] = [];
    expect(await rejected.replay(null, (read) => told.push(read))).toEqual({
      read: 1_000,
      taken: 1_000,
      new: 1_000,
      stays: 0,
    });
    expect(told.at(-1)).toBe(1_000);
    expect(told.length).toBeGreaterThan(10);
    expect(alerts()).toHaveLength(10);
  });

  test('wait where their source cannot be made of its settings', async () => {
    const connection = connect('webhook', { mapping: 'not JSON' });
    await ingest.take(connection, pushed([7]));
    expect(rejected.canReplay(connection.id)).toBe(false);
    expect(await rejected.replay(null, nothing)).toEqual({ read: 1, taken: 0, new: 0, stays: 1 });
  });

  test('are discarded by a person, which is audited', async () => {
    const connection = connect('webhook', {});
    await ingest.take(connection, pushed([7, 8]));
    expect(rejected.discard(connection.id)).toBe(2);
    expect(store.audit.list(1).map(({ sentence }) => sentence)).toEqual([
      'Ada discarded 2 rejected records of webhook.',
    ]);
    expect(store.rejected.summary(connection.id)).toMatchObject({ kept: 0, dropped: 2 });
  });
});
