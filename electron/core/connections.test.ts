import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../db/index.ts';
import { temporaryDirectory } from '../db/testing.ts';
import { webhookSourceKind } from '../sources/webhook.ts';
import { openAnalysts } from './analysts.ts';
import { type Connections, createConnections } from './connections.ts';
import { createHub, type Hub } from './hub.ts';
import { createInbox } from './inbox.ts';
import { createPoller, type Poller } from './poller.ts';
import { openSecretStore } from './secrets.ts';

const nowMs = () => Date.UTC(2026, 2, 4);

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let hub: Hub;
let poller: Poller;
let connections: Connections;

beforeEach(async () => {
  directory = temporaryDirectory();
  store = openStore(directory.path, { nowMs, appVersion: 'test' });
  hub = createHub({
    status: () => {
      throw new Error('nobody listens');
    },
    connections: () => ({ connections: [] }),
  });
  const secrets = await openSecretStore(directory.path, null);
  const newId = (prefix: string) => `${prefix}_1`;
  const analysts = await openAnalysts(store, secrets, newId);
  await analysts.setCurrent('Ada');
  const log = { write: () => undefined };
  const kinds = new Map([['webhook', webhookSourceKind]]);
  const ingest = { take: () => Promise.reject(new Error('nothing comes')) };
  const inbox = createInbox({ store, ingest, kinds, hub, log });
  poller = createPoller({ store, hub, ingest, inbox, secrets, log, kinds, nowMs, random: () => 0 });
  connections = createConnections({
    store,
    hub,
    poller,
    inbox,
    secrets,
    analysts,
    log,
    sourceKinds: kinds,
    targetKinds: new Map(),
    nowMs,
    newId,
  });
});
afterEach(async () => {
  await poller.close();
  hub.close();
  store.close();
  directory.remove();
});

const saved = (id: string | null, severityMap: string | null) =>
  connections.save({
    id,
    role: 'source',
    kind: 'webhook',
    name: 'siem',
    customerId: null,
    enabled: false,
    settings: { port: 0, severityMap },
    secrets: { signingSecret: 'a secret of enough characters' },
  });

test('a changed mapping stands in the audit log, as it was and as it is', async () => {
  const { id } = await saved(null, 'gold = high');
  await saved(id, 'gold = critical\ntin = low');
  expect(store.audit.list(2).map(({ sentence }) => sentence)).toEqual([
    'Ada changed the source siem (Severity words from gold = high to gold = critical; tin = low).',
    'Ada added the source siem.',
  ]);
});

test('a mapping that is not understood is not saved', async () => {
  const { id } = await saved(null, 'gold = high');
  await expect(saved(id, 'gold = dear')).rejects.toMatchObject({ code: 'bad-input' });
  expect(connections.list().map(({ settings }) => settings.severityMap)).toEqual(['gold = high']);
});

test('words that nothing names are told with the health of their source, the newest fifty', async () => {
  const { id } = await saved(null, null);
  const unmapped = () => connections.list()[0]?.health.unmapped;
  expect(unmapped()).toEqual([]);
  const word = (index: number) => ({ key: 'severityMap', word: `word ${index}` });
  store.connections.addUnmapped(id, [word(1), word(2)]);
  store.connections.addUnmapped(id, [word(2), word(3)]);
  expect(unmapped()).toEqual([word(1), word(2), word(3)]);
  store.connections.addUnmapped(
    id,
    Array.from({ length: 50 }, (_, index) => word(index + 2)),
  );
  expect(unmapped()?.length).toBe(50);
  expect(unmapped()?.at(-1)).toEqual(word(51));
});
