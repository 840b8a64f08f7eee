import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding, SignalWindow } from '../../shared/domain/signal.ts';
import { hourMs, minuteMs } from '../../shared/domain/time.ts';
import type { SampleSeries, Store } from './store.ts';
import { openTestStore, signalInput, startMs, type TestClock, temporaryDirectory } from './testing.ts';

describe('samples', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  let clock: TestClock;
  let id: string;
  beforeEach(() => {
    directory = temporaryDirectory();
    clock = { nowMs: startMs };
    store = openTestStore(directory.path, clock);
    id = store.signals.upsertFromInput('source-1', null, signalInput()).signal.id;
  });
  afterEach(() => {
    store.close();
    directory.remove();
  });

  /** Samples a second (or `stepMs`) apart; the value is the number of steps since the start. */
  const series = (fromMs: number, count: number, stepMs = 1000): SampleSeries => {
    const timesMs = Array.from({ length: count }, (_, index) => fromMs + index * stepMs);
    const values = timesMs.map((timeMs) => (timeMs - startMs) / stepMs);
    return {
      timesMs,
      values,
      expected: values,
      low: values.map((one) => one - 2),
      high: values.map((one) => one + 2),
    };
  };
  const times = () => store.samples.read(id, 0, 1e15).timesMs;
  const short = ({ signalId: _, findings: __, ...window }: SignalWindow) => window;

  it('takes each sample once, in any cut, before and after packing', () => {
    const all = series(startMs, 3 * 3600);
    expect(store.samples.append(id, all)).toBe(3 * 3600);
    expect(store.samples.append(id, all)).toBe(0);
    expect(store.samples.compact()).toBe(0);
    store.samples.append(id, series(startMs + 3 * hourMs, 3600));
    store.samples.append(id, series(startMs + 4 * hourMs, 1));
    store.samples.compact();
    expect(store.samples.append(id, all)).toBe(0);
    expect(times()).toEqual(series(startMs, 4 * 3600 + 1).timesMs);
    expect(store.samples.read(id, startMs + 5000, startMs + 7000)).toEqual({
      timesMs: [startMs + 5000, startMs + 6000, startMs + 7000],
      values: [5, 6, 7],
      expected: [5, 6, 7],
      low: [3, 4, 5],
      high: [7, 8, 9],
    });
    expect(store.samples.lastMs(id)).toBe(startMs + 4 * hourMs);
    expect(store.signals.get(id)?.lastSampleMs).toBe(startMs + 4 * hourMs);
  });

  it('keeps the first of two samples of one time and sorts late ones in', () => {
    store.samples.append(id, { timesMs: [startMs + 2000, startMs, startMs + 2000], values: [1, 2, 3] });
    store.samples.append(id, { timesMs: [startMs + 1000], values: [Number.NaN] });
    store.samples.append(id, series(startMs + 5 * hourMs, 10));
    store.samples.compact();
    store.samples.append(id, { timesMs: [startMs + 500, startMs], values: [9, 9] });
    const { timesMs, values } = store.samples.read(id, startMs, startMs + hourMs);
    expect({ timesMs, values }).toEqual({
      timesMs: [startMs, startMs + 500, startMs + 1000, startMs + 2000],
      values: [2, 9, null, 1],
    });
  });

  it('shows samples, then round roll-ups of them, with what was expected', () => {
    store.samples.append(id, series(startMs, 2 * 3600));
    clock.nowMs = startMs + 2 * hourMs;
    const fine = store.samples.window(id, startMs, startMs + 9_000, 100);
    expect(short(fine)).toEqual({
      stepMs: 1000,
      rolledUp: false,
      timesMs: series(startMs, 10).timesMs,
      values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      expected: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      low: [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7],
      high: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      gaps: [],
    });
    for (const packed of [false, true]) {
      if (packed) {
        store.samples.append(id, series(startMs + 4 * hourMs, 1));
        store.samples.compact();
      }
      const coarse = store.samples.window(id, startMs, startMs + 2 * hourMs - 1, 60);
      expect([coarse.rolledUp, coarse.stepMs, coarse.timesMs.length]).toEqual([true, 2 * minuteMs, 60]);
      expect(coarse.values.slice(0, 3)).toEqual([59.5, 179.5, 299.5]);
      expect(coarse.expected.slice(0, 3)).toEqual([59.5, 179.5, 299.5]);
      const hours = store.samples.window(id, startMs, startMs + 2 * hourMs - 1, 2);
      expect([hours.stepMs, hours.values]).toEqual([hourMs, [1799.5, 5399.5]]);
      const seconds = store.samples.window(id, startMs, startMs + 10 * minuteMs - 1, 60);
      expect([seconds.stepMs, seconds.values.slice(0, 2)]).toEqual([10_000, [4.5, 14.5]]);
    }
  });

  it('says where nothing came, and breaks the line there', () => {
    store.samples.append(id, series(startMs, 60));
    store.samples.append(id, series(startMs + 2 * minuteMs, 60));
    clock.nowMs = startMs + 4 * minuteMs;
    const window = store.samples.window(id, startMs, startMs + 5 * minuteMs, 1000);
    expect(window.gaps).toEqual([
      { fromMs: startMs + minuteMs, toMs: startMs + 2 * minuteMs },
      { fromMs: startMs + 3 * minuteMs, toMs: startMs + 4 * minuteMs },
    ]);
    expect(window.values[window.timesMs.indexOf(startMs + minuteMs)]).toBeNull();
    expect(store.samples.gaps(id, startMs, startMs + 5 * minuteMs)).toEqual(window.gaps);
  });

  it('forgets samples before a time but not their hours', () => {
    store.samples.append(id, series(startMs, 5 * 3600));
    store.samples.compact();
    const before = store.samples.sizeBytes();
    expect(store.samples.prune(startMs + 2 * hourMs)).toBeGreaterThan(0);
    expect(store.samples.sizeBytes()).toBeLessThan(before);
    expect(times()[0]).toBe(startMs + 2 * hourMs);
    clock.nowMs = startMs + 5 * hourMs;
    const old = store.samples.window(id, startMs, startMs + 2 * hourMs - 1, 10_000);
    expect([old.rolledUp, old.stepMs, old.values]).toEqual([true, hourMs, [1799.5, 5399.5]]);
  });

  it('brings the findings of the window with it', () => {
    const finding: Finding = {
      id: 'fi_1',
      signalId: id,
      customerId: 'cu_1',
      serviceId: 'se_1',
      stage: 'edge',
      kind: 'deviation',
      direction: 'up',
      lane: 'actionable',
      state: 'open',
      startMs: startMs + 5000,
      peakMs: startMs + 6000,
      endMs: null,
      observed: 100,
      expected: 10,
      low: 5,
      high: 15,
      surprise: 9,
      historyMs: hourMs,
      sentence: 'Far above.',
    };
    store.findings.upsert(finding);
    expect(store.samples.window(id, startMs, startMs + 10_000, 100).findings).toEqual([finding]);
    expect(store.samples.window(id, startMs, startMs + 4_000, 100).findings).toEqual([]);
    expect(store.findings.open()).toEqual([finding]);
    const closed: Finding = { ...finding, state: 'closed', endMs: startMs + 9000 };
    store.findings.upsert(closed);
    expect(store.findings.open()).toEqual([]);
    expect(store.findings.history([id, 'si_other'], startMs)).toEqual({ count: 1, findings: [closed] });
    store.incidents.save({
      id: 'in_1',
      serviceId: 'se_1',
      alertId: 'al_1',
      openedMs: startMs,
      closedMs: null,
      findingIds: ['fi_1'],
      state: { any: ['json'] },
    });
    expect(store.findings.forAlert('al_1')).toEqual([closed]);
    expect(store.incidents.open().map((incident) => incident.state)).toEqual([{ any: ['json'] }]);
  });

  it('keeps a detector exactly and leaves a corrected mapping alone', () => {
    store.signals.setDetectorState(id, { level: 0.1 + 0.2, weeks: [1, null] }, startMs);
    expect(store.signals.detectorState(id)).toEqual({
      state: { level: 0.1 + 0.2, weeks: [1, null] },
      atMs: startMs,
    });
    expect(store.signals.detectorState('si_none')).toBeNull();
    const other = store.services.save({
      id: null,
      customerId: store.customers.findOrCreateByName('Umbrella').id,
      name: 'api',
    });
    const signal = store.signals.get(id);
    store.signals.update({
      id,
      customerId: other.customerId,
      serviceId: other.id,
      stage: 'origin',
      layer: 'L4',
      measure: 'connections',
      name: 'Corrected',
      unit: 'connections',
    });
    const again = store.signals.upsertFromInput(
      'source-1',
      null,
      signalInput({ name: 'Proposed', stepMs: 5000 }),
    );
    expect(again).toEqual({
      change: 'changed',
      signal: {
        ...signal,
        customerId: other.customerId,
        serviceId: other.id,
        stage: 'origin',
        layer: 'L4',
        measure: 'connections',
        name: 'Corrected',
        unit: 'connections',
        stepMs: 5000,
      },
    });
    expect(store.signals.upsertFromInput('source-1', null, signalInput({ stepMs: 5000 })).change).toBe(
      'none',
    );
  });
});
