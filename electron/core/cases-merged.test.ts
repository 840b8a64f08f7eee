import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore, type Store, type Writer } from '../db/index.ts';
import { occurrence, startMs, testSource, testWriter } from '../db/testing.ts';
import { type Cases, createCases } from './cases.ts';
import { createHub } from './hub.ts';

let folder: string;
let store: Store;
let cases: Cases;
let writer: Writer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-cases-'));
  store = openStore(folder, { nowMs: () => startMs, appVersion: 'test' });
  writer = testWriter(store);
  let made = 0;
  cases = createCases({
    store,
    hub: createHub({
      status: () => {
        throw new Error('nobody listens');
      },
      connections: () => ({ connections: [] }),
    }),
    newId: (prefix) => {
      made += 1;
      return `${prefix}_${made}`;
    },
    nowMs: () => startMs,
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

it('takes into a case what is merged under its alerts, and out again one by one', () => {
  const { alertIds } = store.alerts.ingest(
    testSource,
    ['a', 'b', 'c', 'd'].map((key) => occurrence({ identity: key, deduplicationKey: key, title: key })),
    startMs,
  );
  const [leader = '', second = '', third = '', alone = ''] = alertIds;
  store.alerts.act({ by: 'ids', ids: [leader, second, third] }, { type: 'merge', leaderId: leader }, 'Ada');
  const opened = cases.open(writer, {
    alertIds: [leader],
    title: 'All of it',
    severity: null,
    customerId: null,
  });
  expect(opened.alerts.map(({ id }) => id).sort()).toEqual([leader, second, third].sort());
  const casesOf = () => store.alerts.getMany([leader, second, third, alone]).map(({ caseId }) => caseId);
  expect(casesOf()).toEqual([opened.id, opened.id, opened.id, null]);
  cases.unlinkAlert(writer, opened.id, leader, 'Not this one');
  expect(casesOf()).toEqual([null, opened.id, opened.id, null]);
  cases.linkAlerts(writer, opened.id, [leader, alone]);
  expect(casesOf()).toEqual([opened.id, opened.id, opened.id, opened.id]);
});
