import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Progress } from '../../shared/api/envelope.ts';
import { shippedChoices } from '../../shared/detection/back-test.ts';
import type { BackTestRequest } from '../../shared/domain/back-test.ts';
import type { Signal } from '../../shared/domain/signal.ts';
import { dayMs, hourMs, minuteMs } from '../../shared/domain/time.ts';
import { createRangeNetwork } from '../../shared/testing/range-network.ts';
import { makeSeries } from '../../shared/testing/series.ts';
import { openStore, type Store } from '../db/index.ts';
import { type BackTests, createBackTests } from './back-test.ts';
import { replayHistory } from './back-test-replay.ts';

const toMs = Date.UTC(2026, 2, 18);
const fromMs = toMs - 2 * dayMs;
const surgeMs = fromMs + 14 * hourMs;

let folder: string;
let store: Store;
let backTests: BackTests;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-back-test-'));
  store = openStore(folder, { nowMs: () => toMs, appVersion: 'test' });
  backTests = createBackTests({ store, appVersion: 'test', nowMs: () => toMs });
});

afterEach(async () => {
  await backTests.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function addSignal(
  key: string,
  options: { readonly historyMs: number; readonly stepMs: number; readonly kind?: string },
): Signal {
  const connection =
    store.connections.list('source')[0] ??
    store.connections.save({
      id: null,
      role: 'source',
      kind: options.kind ?? 'prometheus',
      name: 'Source',
      customerId: null,
      enabled: true,
      settings: { seed: 1 },
    });
  const { signal } = store.signals.upsertFromInput(connection.id, null, {
    key,
    customerName: null,
    serviceName: 'shop',
    stage: 'edge',
    layer: 'L7',
    measure: 'rate',
    name: 'HTTP requests',
    unit: 'requests/s',
    stepMs: options.stepMs,
  });
  const points = makeSeries({
    seed: 7,
    fromMs: fromMs - options.historyMs,
    toMs,
    stepMs: options.stepMs,
    level: 500,
    swing: 0.5,
    noise: 0.04,
  }).map(({ timeMs, value }) => {
    const isSurge = timeMs >= surgeMs && timeMs < surgeMs + hourMs / 2;
    return { timeMs, value: value === null ? null : value * (isSurge ? 7 : 1) };
  });
  store.samples.append(signal.id, {
    timesMs: points.map(({ timeMs }) => timeMs),
    values: points.map(({ value }) => value),
  });
  return signal;
}

const requestFor = (signals: readonly Signal[], change: Partial<BackTestRequest> = {}): BackTestRequest => ({
  signalIds: signals.map(({ id }) => id),
  fromMs,
  toMs,
  a: shippedChoices,
  b: null,
  scenario: null,
  ...change,
});

const patient = (heard: Progress[] = []) => ({
  isCancelled: () => false,
  progress: (progress: Progress) => {
    heard.push(progress);
  },
});

describe('a back-test', () => {
  test('runs in its own thread over what is stored, and says what it rests on', async () => {
    const signal = addSignal('requests', { historyMs: 10 * dayMs, stepMs: 5 * minuteMs });
    const heard: Progress[] = [];
    const result = await backTests.run(requestFor([signal]), patient(heard));
    expect(result).toEqual(replayHistory(store, requestFor([signal]), () => undefined));
    expect(result.a.findings.actionable).toBe(1);
    expect(result.moments.filter(({ a }) => a?.lane === 'actionable').map(({ startMs }) => startMs)).toEqual([
      expect.closeTo(surgeMs, -6.5),
    ]);
    expect([result.warmUp.leastMs, result.samples]).toEqual([10 * dayMs, expect.any(Number)]);
    expect([result.b, result.silentSignalIds, result.meansMs]).toEqual([null, [], null]);
    expect(heard[0]?.total).toBe(1);
    // Nothing of it is left behind: it only read.
    expect(store.findings.list({ fromMs: 0, toMs, signalId: null })).toEqual([]);
  });

  test('compares two settings, moment by moment', async () => {
    const signal = addSignal('requests', { historyMs: 10 * dayMs, stepMs: 5 * minuteMs });
    const b = { ...shippedChoices, noveltyThreshold: 20 };
    const result = await backTests.run(requestFor([signal], { b }), patient());
    const { both, onlyA, onlyB } = result.agreement;
    expect(both).toBeGreaterThan(0);
    expect(result.moments).toHaveLength(both + onlyA + onlyB);
    expect(result.b?.findings.informational).toBeLessThanOrEqual(result.a.findings.informational);
  });

  test('says which signals have nothing in the range', async () => {
    const signal = addSignal('requests', { historyMs: 10 * dayMs, stepMs: 5 * minuteMs });
    const late = requestFor([signal], { fromMs: toMs + dayMs, toMs: toMs + 2 * dayMs });
    const result = replayHistory(store, late, () => undefined);
    expect([result.silentSignalIds, result.a.findings]).toEqual([
      [signal.id],
      { actionable: 0, informational: 0 },
    ]);
  });

  test('warms up on five-minute means of denser samples, and replays the range itself sample by sample', () => {
    const signal = addSignal('requests', { historyMs: 3 * dayMs, stepMs: minuteMs });
    const result = replayHistory(store, requestFor([signal]), () => undefined);
    // Three days of means and two of samples; makeSeries leaves none out.
    expect(result.samples).toBe((3 * dayMs) / (5 * minuteMs) + (2 * dayMs) / minuteMs);
    expect(result.a.findings.actionable).toBe(1);
  });

  test('can be stopped, and then another one may run', async () => {
    const signals = Array.from({ length: 12 }, (_, index) =>
      addSignal(`requests-${index}`, { historyMs: 10 * dayMs, stepMs: 5 * minuteMs }),
    );
    let cancelled = false;
    const running = backTests.run(requestFor(signals), {
      isCancelled: () => cancelled,
      progress: () => undefined,
    });
    await expect(backTests.run(requestFor(signals), patient())).rejects.toMatchObject({ code: 'conflict' });
    cancelled = true;
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    const [first] = signals;
    const after = await backTests.run(requestFor(first ? [first] : []), patient());
    expect(after.a.findings.actionable).toBe(1);
  });

  test.each([
    ['a range that ends before it starts', { toMs: fromMs - 1 }, 'bad-input'],
    ['a signal that is not there', { signalIds: ['si_gone'] }, 'not-found'],
    ['a scenario outside the range', { scenario: { name: 'syn-flood' as const, seed: 1 } }, 'bad-input'],
  ])('refuses %s', async (_, change, code) => {
    const signal = addSignal('requests', { historyMs: 2 * dayMs, stepMs: 5 * minuteMs });
    await expect(backTests.run(requestFor([signal], change), patient())).rejects.toMatchObject({ code });
  });

  test('plays a scenario of the range into the stored traffic of a service', () => {
    const [service] = createRangeNetwork(1).services;
    const signal = addSignal(`${service?.key}/edge.requests`, {
      historyMs: 2 * dayMs,
      stepMs: minuteMs,
      kind: 'range',
    });
    const quiet = replayHistory(store, requestFor([signal]), () => undefined);
    const loud = replayHistory(
      store,
      requestFor([signal], { scenario: { name: 'http-flood', seed: 3 } }),
      () => undefined,
    );
    expect(loud.scenario?.label).toBe('HTTP flood');
    const within = loud.moments.filter(
      ({ startMs }) => startMs >= (loud.scenario?.startMs ?? 0) - 5 * minuteMs,
    );
    expect(within.some(({ a }) => a?.direction === 'up' && a.lane === 'actionable')).toBe(true);
    expect(loud.a.findings.actionable).toBeGreaterThan(quiet.a.findings.actionable);
  });
});
