import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultTargets } from '../../shared/domain/clock.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import { openStore, type Store } from '../db/index.ts';
import { occurrence, startMs, testSource, testWriter } from '../db/testing.ts';
import { type Clocks, createClocks } from './clocks.ts';

let clockMs = startMs;
let folder: string;
let store: Store;
let clocks: Clocks;

beforeEach(() => {
  clockMs = startMs;
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-clocks-'));
  store = openStore(folder, { nowMs: () => clockMs, appVersion: 'test' });
  const writer = testWriter(store);
  clocks = createClocks({
    store,
    analysts: {
      current: () => store.writers.currentAnalyst(),
      writer: () => writer,
      systemWriter: () => writer,
      namedWriter: async () => writer,
      setCurrent: async () => ({ id: writer.id, name: writer.name, publicKey: '' }),
    },
    nowMs: () => clockMs,
  });
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function receive(key: string, more: Parameters<typeof occurrence>[0] = {}): string {
  const input = occurrence({
    identity: key,
    deduplicationKey: key,
    occurredMs: clockMs - minuteMs,
    severity: 'high',
    customerName: 'Acme',
    ...more,
  });
  return store.alerts.ingest(testSource, [input], clockMs).alertIds[0] ?? '';
}

it('counts what was done against what was agreed with the customer', () => {
  const first = receive('first');
  const second = receive('second');
  receive('informational', { lane: 'informational' });
  clockMs += 4 * minuteMs;
  store.alerts.act({ by: 'ids', ids: [first] }, { type: 'acknowledge' }, 'Ada');
  clockMs += 4 * minuteMs;
  store.alerts.act({ by: 'ids', ids: [second] }, { type: 'take' }, 'Ada');
  expect(clocks.of(first).map(({ name, state, takenMs }) => [name, state, takenMs])).toEqual([
    ['detect', 'done', minuteMs],
    ['acknowledge', 'done', 4 * minuteMs],
    ['mitigate', 'running', null],
    ['close', 'running', null],
  ]);
  const customerId = store.customers.findOrCreateByName('Acme').id;
  const acknowledged = (of: string | null) => {
    const { rows, alerts } = clocks.summary(of);
    const row = rows.find(({ severity }) => severity === 'high');
    return { alerts, ...row?.clocks.find(({ name }) => name === 'acknowledge') };
  };
  const counted = { alerts: 2, name: 'acknowledge', done: 2, medianMs: 6 * minuteMs, over: 0 };
  expect(acknowledged(customerId)).toEqual({ ...counted, within: 2 });
  const target = { ...defaultTargets.high, acknowledge: 5 * minuteMs };
  clocks.setTarget(customerId, 'high', target);
  expect(clocks.targets()).toEqual([{ customerId, severity: 'high', target }]);
  // Of everybody, too, each alert is judged by the target of its customer.
  expect(acknowledged(null)).toEqual({ ...counted, within: 1 });
  expect(store.audit.list(1)[0]?.sentence).toBe('Ada set the response targets for high alerts of Acme.');
  clocks.setTarget(customerId, 'high', null);
  expect(acknowledged(customerId)).toEqual({ ...counted, within: 2 });
  expect(() => clocks.setTarget('cu_none', 'high', target)).toThrow('not there');
});
