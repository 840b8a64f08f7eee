import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hourMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { openStore, type Store } from './index.ts';

const nowMs = Date.UTC(2026, 2, 3, 2);
let folder: string;
let store: Store;
let signalId: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-gaps-'));
  store = openStore(folder, { nowMs: () => nowMs, appVersion: 'test' });
  signalId = store.signals.upsertFromInput('so_1', null, {
    key: 'rps',
    customerName: 'Northwind',
    serviceName: 'Shop',
    stage: 'edge',
    layer: 'L7',
    measure: 'rate',
    name: 'Requests',
    unit: 'requests/s',
    stepMs: secondMs,
  }).signal.id;
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function append(fromMs: number, toMs: number, stepMs: number): void {
  const timesMs: number[] = [];
  for (let time = fromMs; time < toMs; time += stepMs) timesMs.push(time);
  store.samples.append(signalId, { timesMs, values: timesMs.map(() => 5) });
}

const gaps = () => store.samples.window(signalId, nowMs - hourMs, nowMs, 5_000).gaps;

test('history coarser than live samples is no gap', () => {
  append(nowMs - hourMs, nowMs - 10 * minuteMs, 5 * minuteMs);
  append(nowMs - 10 * minuteMs, nowMs, secondMs);
  expect(gaps()).toEqual([]);
});

test('an outage is one, also with a lonely sample in it', () => {
  append(nowMs - hourMs, nowMs - 30 * minuteMs, secondMs);
  append(nowMs - 20 * minuteMs, nowMs - 20 * minuteMs + 1, secondMs);
  append(nowMs - 5 * minuteMs, nowMs, secondMs);
  expect(gaps()).toEqual([
    { fromMs: nowMs - 30 * minuteMs, toMs: nowMs - 20 * minuteMs },
    { fromMs: nowMs - 20 * minuteMs + secondMs, toMs: nowMs - 5 * minuteMs },
  ]);
});

test('nothing before the first sample, nothing after the last: both are gaps, and so is nothing at all', () => {
  expect(gaps()).toEqual([{ fromMs: nowMs - hourMs, toMs: nowMs }]);
  append(nowMs - 40 * minuteMs, nowMs - 20 * minuteMs, secondMs);
  expect(gaps()).toEqual([
    { fromMs: nowMs - hourMs, toMs: nowMs - 40 * minuteMs },
    { fromMs: nowMs - 20 * minuteMs, toMs: nowMs },
  ]);
});
