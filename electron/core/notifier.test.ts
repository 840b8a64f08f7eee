import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { UiSettings } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import { openStore, type Store } from '../db/index.ts';
import { createHub } from './hub.ts';
import { createNotifier, type Notifier } from './notifier.ts';
import { readSettings } from './settings.ts';

const startMs = Date.UTC(2026, 10, 26, 12);

let folder: string;
let store: Store;
let notifier: Notifier;
let settings: UiSettings;
let sent: { readonly event: string; readonly payload: unknown }[];
let shown: { readonly title: string; readonly body: string }[];
let badges: number[];
let pushed: string[];
let click: (clicked: boolean) => void;

beforeEach(() => {
  vi.useFakeTimers({ now: startMs });
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-notifier-'));
  store = openStore(folder, { nowMs: Date.now, appVersion: 'test' });
  settings = readSettings(store);
  sent = [];
  shown = [];
  badges = [];
  pushed = [];
  const hub = createHub({
    status: () => {
      throw new Error('nobody asks');
    },
    connections: () => ({ connections: [] }),
  });
  hub.connect({ emit: (event, payload) => sent.push({ event, payload }), close: () => undefined });
  notifier = createNotifier({
    store,
    hub,
    log: { write: () => undefined },
    settings: () => settings,
    webhook: { send: (notification) => pushed.push(notification.title) },
    desktop: {
      notify: (message) => {
        shown.push(message);
        return new Promise((resolve) => {
          click = resolve;
        });
      },
      setBadge: async (count) => {
        badges.push(count);
      },
    },
    nowMs: Date.now,
  });
});

afterEach(() => {
  notifier.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
  vi.useRealTimers();
});

function raise(id: string, made: { readonly severity?: Alert['severity'] } = {}): Alert {
  const customer = store.customers.findOrCreateByName('Acme');
  const service = store.services.findOrCreateByName(customer.id, 'shop');
  return store.alerts.upsertIncidentAlert(
    {
      incidentId: id,
      customerId: customer.id,
      serviceId: service.id,
      title: `Flood ${id}`,
      why: 'New connections 40x above the usual.',
      severity: made.severity ?? 'high',
      lane: 'actionable',
      mitigated: 'no',
      state: 'firing',
      firstSeenMs: Date.now(),
      lastSeenMs: Date.now(),
      count: 1,
      entities: [],
      techniques: [],
      signalIds: [],
    },
    Date.now(),
  ).alert;
}

const titles = () => shown.map(({ title }) => title);

test('what comes together is told once, and what comes just after it ten seconds later', () => {
  notifier.news([raise('1')]);
  notifier.news([raise('2')]);
  vi.advanceTimersByTime(2 * secondMs);
  expect(titles()).toEqual(['2 new alerts, some need a person']);
  notifier.news([raise('3')]);
  vi.advanceTimersByTime(5 * secondMs);
  notifier.news([raise('4')], 500);
  expect(titles()).toHaveLength(1);
  vi.advanceTimersByTime(6 * secondMs);
  expect(titles()).toEqual(['2 new alerts, some need a person', '501 new alerts, some need a person']);
});

test('the past calls nobody, unless it goes on', () => {
  const old = raise('1');
  vi.advanceTimersByTime(61 * minuteMs);
  notifier.news([old]);
  vi.advanceTimersByTime(minuteMs);
  expect(shown).toEqual([]);
  notifier.news([old], 1, true);
  vi.advanceTimersByTime(minuteMs);
  expect(titles()).toEqual(['Flood 1']);
});

test('an alert that nobody acknowledges is told once more, one that somebody took is not', () => {
  const [waiting, taken] = [raise('waiting'), raise('taken')];
  store.alerts.act({ by: 'ids', ids: [taken.id] }, { type: 'acknowledge' }, 'Ada');
  notifier.start();
  vi.advanceTimersByTime(14 * minuteMs);
  expect(shown).toEqual([]);
  vi.advanceTimersByTime(2 * minuteMs);
  expect(titles()).toEqual([`Nobody has acknowledged: ${waiting.title}`]);
  vi.advanceTimersByTime(60 * minuteMs);
  expect(shown).toHaveLength(1);
  expect(sent.filter(({ event }) => event === 'notification')).toMatchObject([
    { payload: { reason: 'waiting', alertId: waiting.id, sound: true } },
  ]);
});

test('nothing is told again where that is switched off', () => {
  settings = { ...settings, notifications: { ...settings.notifications, escalateAfterMinutes: null } };
  raise('1');
  notifier.start();
  vi.advanceTimersByTime(120 * minuteMs);
  expect(shown).toEqual([]);
});

test('a server is told by what is set for it', () => {
  const least = { actionable: 'critical', informational: 'never' } as const;
  const webhook = { url: 'https://hooks.example/x', least };
  settings = { ...settings, notifications: { ...settings.notifications, webhook } };
  notifier.news([raise('1')]);
  vi.advanceTimersByTime(12 * secondMs);
  notifier.news([raise('2', { severity: 'critical' })]);
  vi.advanceTimersByTime(12 * secondMs);
  expect(titles()).toEqual(['Flood 1', 'Flood 2']);
  expect(pushed).toEqual(['Flood 2']);
});

test('a click opens the alert', async () => {
  const alert = raise('1');
  notifier.news([alert]);
  await vi.advanceTimersByTimeAsync(2 * secondMs);
  click(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.at(-1)).toEqual({ event: 'alert.open', payload: { alertId: alert.id } });
});

test('the icon has the number of open actionable alerts, set only when it changes', () => {
  for (const count of [0, 3, 3, 2, 0]) notifier.badge(count);
  expect(badges).toEqual([3, 2, 0]);
});
