import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Entity } from '../../shared/domain/entity.ts';
import { openStore, type Store } from '../db/index.ts';
import { occurrence, startMs } from '../db/testing.ts';
import type { OccurrenceInput } from '../sources/source.ts';
import { proposeGroupsFor } from './correlation.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-correlation-'));
  store = openStore(folder, { nowMs: () => startMs, appVersion: 'test' });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const source = (value: string): Entity[] => [{ kind: 'ip', value, role: 'source' }];
function receive(title: string, entities: readonly Entity[], more: Partial<OccurrenceInput> = {}): string {
  const input = occurrence({
    identity: title,
    deduplicationKey: title,
    title,
    entities,
    customerName: 'Acme',
    ...more,
  });
  const { alertIds } = store.alerts.ingest(
    { id: 'source-1', kind: 'suricata-eve', customerId: null },
    [input],
    more.occurredMs ?? startMs,
  );
  return alertIds[0] ?? '';
}
const propose = (alertId: string | null = null) => proposeGroupsFor(store, alertId, () => false);

it('proposes open alerts that share an address, and no longer what is merged or closed', async () => {
  const ids = ['Scan', 'Injection', 'Upload'].map((title) => receive(title, source('203.0.113.7')));
  receive('Elsewhere', source('203.0.113.99'));
  expect(await propose()).toEqual([
    {
      reason:
        'These 3 belong together: same source address 203.0.113.7, same customer Acme, first seen at once.',
      alertIds: ids,
      sample: store.alerts.getMany(ids),
    },
  ]);
  store.alerts.act({ by: 'ids', ids }, { type: 'merge', leaderId: null }, 'Ada');
  expect(await propose()).toEqual([]);
  store.alerts.act({ by: 'ids', ids }, { type: 'unmerge' }, 'Ada');
  expect(await propose()).toHaveLength(1);
  store.alerts.act({ by: 'ids', ids }, { type: 'close', disposition: 'duplicate', reason: '' }, 'Ada');
  expect(await propose()).toEqual([]);
});

it('does not propose by what a hundred others had as well, though these are closed', async () => {
  for (let index = 0; index < 100; index += 1) receive(`Old ${index}`, source('203.0.113.7'));
  const old = [...store.alerts.each()].map(({ id }) => id);
  store.alerts.act({ by: 'ids', ids: old }, { type: 'close', disposition: 'unknown', reason: '' }, 'Ada');
  receive('Scan', source('203.0.113.7'));
  receive('Upload', source('203.0.113.7'));
  expect(await propose()).toEqual([]);
});

it('gives of one alert only what it belongs to, also long after', async () => {
  const first = receive('Scan', source('203.0.113.7'));
  const second = receive('Upload', source('203.0.113.7'));
  const alone = receive('Alone', source('203.0.113.99'));
  for (const title of ['Other', 'Others']) receive(title, source('203.0.113.8'));
  expect((await propose(first)).map(({ alertIds }) => alertIds)).toEqual([[first, second]]);
  expect(await propose(alone)).toEqual([]);
  await expect(propose('al_gone')).rejects.toMatchObject({ code: 'not-found' });
  await expect(proposeGroupsFor(store, null, () => true)).rejects.toMatchObject({ code: 'cancelled' });
});
