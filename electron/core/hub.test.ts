import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connection } from '../../shared/api/server.ts';
import type { LiveSample } from '../../shared/domain/signal.ts';
import { createHub, type Hub } from './hub.ts';

let hub: Hub;
let sent: { event: string; payload: unknown }[];
let statusReads: number;

const connection: Connection = {
  emit: (event, payload) => {
    sent.push({ event, payload });
  },
  close: () => undefined,
};

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  statusReads = 0;
  hub = createHub({
    status: () => {
      statusReads += 1;
      return {
        workspace: 'live',
        simulated: false,
        nowMs: statusReads,
        actionableOpen: 0,
        informationalOpen: 0,
        approvalsWaiting: 0,
        mitigationsActive: 0,
        mitigationsUnknown: 0,
        sources: [],
        openFindings: [],
        notices: [],
      };
    },
    connections: () => ({ connections: [] }),
  });
  hub.connect(connection);
});

afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

const sample = (timeMs: number): LiveSample => ({
  signalId: 'si_1',
  timeMs,
  value: 1,
  expected: null,
  low: null,
  high: null,
});

test('what happens within a tenth of a second is one message', () => {
  hub.samples([sample(1)]);
  hub.samples([sample(2), sample(3)]);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([{ event: 'signals.samples', payload: { rows: [sample(1), sample(2), sample(3)] } }]);
});

test('a back-fill sends only its newest samples', () => {
  hub.samples(Array.from({ length: 50_000 }, (_, index) => sample(index)));
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(1);
  const [message] = sent as { readonly payload: { readonly rows: readonly LiveSample[] } }[];
  const rows = message?.payload.rows ?? [];
  expect(rows).toHaveLength(20_000);
  expect([rows[0], rows.at(-1)]).toEqual([sample(30_000), sample(49_999)]);
});

test('more changed alerts than fit one message are told as many', () => {
  hub.manyAlerts(7);
  vi.advanceTimersByTime(100);
  expect(sent[0]).toEqual({
    event: 'alerts.changed',
    payload: { rows: [], many: true, latestSequence: 7 },
  });
});

test('the status goes out at once, then once a second at most, and the last change is never swallowed', () => {
  for (let round = 0; round < 20; round += 1) {
    hub.statusChanged();
    vi.advanceTimersByTime(100);
  }
  expect(statusReads).toBe(2);
  vi.advanceTimersByTime(1_000);
  expect(statusReads).toBe(3);
  vi.advanceTimersByTime(5_000);
  expect(statusReads).toBe(3);
});

test('nobody connected costs nothing', () => {
  hub.disconnect(connection);
  hub.samples([sample(1)]);
  hub.statusChanged();
  vi.advanceTimersByTime(2_000);
  expect([sent, statusReads]).toEqual([[], 0]);
});
