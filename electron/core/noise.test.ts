import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../shared/domain/time.ts';
import { openStore, type Store } from '../db/index.ts';
import { occurrence, testSource } from '../db/testing.ts';
import { createWatchLog, readNoise } from './noise.ts';

const today = Date.UTC(2026, 2, 10);
let clockMs = today;
let folder: string;
let store: Store;

beforeEach(() => {
  clockMs = today;
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-noise-'));
  store = openStore(folder, { nowMs: () => clockMs, appVersion: 'test' });
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function receive(identity: string, atMs: number, title = 'A title'): void {
  clockMs = atMs;
  const input = occurrence({
    identity,
    deduplicationKey: identity,
    occurredMs: atMs,
    customerName: 'Acme',
    title,
  });
  store.alerts.ingest(testSource, [input], atMs);
}

describe('noise', () => {
  it('is told by customer and day, with what was judged', () => {
    receive('too long ago', today - 6 * dayMs - 1);
    receive('first day', today - 6 * dayMs);
    receive('today', today + 1, 'Another');
    receive('today again', today + 2, 'Another');
    clockMs = today + hourMs;
    const [acme] = store.customers.list();
    const quiet = store.customers.findOrCreateByName('Quiet');
    const [alert] = store.alerts.actionableSince(today, null, 1);
    store.alerts.act(
      { by: 'ids', ids: [alert?.id ?? ''] },
      { type: 'close', disposition: 'false-positive', reason: '' },
      'Ada',
    );
    const noise = readNoise(store, acme?.id ?? '', clockMs);
    expect(noise.customers).toEqual([
      { customerId: acme?.id, counts: [1, 0, 0, 0, 0, 0, 2] },
      { customerId: quiet.id, counts: [0, 0, 0, 0, 0, 0, 0] },
    ]);
    expect(noise.groups.rule).toEqual([
      { key: 'Another', customerId: acme?.id, count: 2, judged: 1, nothing: 1 },
      { key: 'A title', customerId: acme?.id, count: 1, judged: 0, nothing: 0 },
    ]);
    expect([noise.alerts, noise.isExact]).toEqual([3, true]);
    expect(readNoise(store, quiet.id, clockMs).groups.rule).toEqual([]);
  });

  it('tells a day without alerts from one on which nobody looked', () => {
    clockMs = today - 2 * dayMs + 23 * hourMs;
    const log = createWatchLog(store, () => clockMs);
    for (let minute = 0; minute < 120; minute += 1) {
      clockMs += minuteMs;
      log.beat();
    }
    // The machine sleeps until today.
    clockMs = today + hourMs;
    log.beat();
    clockMs += 2 * minuteMs;
    log.beat();
    const { days } = readNoise(store, null, clockMs);
    expect(days.map(({ watchedMs }) => watchedMs)).toEqual([0, 0, 0, 0, hourMs, hourMs, 2 * minuteMs]);
    expect(days.map(({ lengthMs }) => lengthMs).slice(-2)).toEqual([dayMs, hourMs + 2 * minuteMs]);
  });

  it('is measured against a budget that is kept with the customer', () => {
    const acme = store.customers.findOrCreateByName('Acme');
    expect(acme.noiseBudget).toBe(5);
    const { simulated: _, ...rest } = acme;
    store.customers.save({ ...rest, noiseBudget: 0 });
    expect(store.customers.get(acme.id)?.noiseBudget).toBe(0);
  });
});
