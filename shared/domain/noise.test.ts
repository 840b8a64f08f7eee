import { describe, expect, it } from 'vitest';
import { addWatched, type NoiseAlert, noiseGroups, startOfDay, watchedHow } from './noise.ts';
import { dayMs, hourMs } from './time.ts';

const day = Date.UTC(2026, 2, 4);
const alert: NoiseAlert = {
  customerId: 'acme',
  serviceId: 'shop',
  sourceId: 'detection',
  title: 'HTTP flood on /login',
  signalIds: ['rps', 'latency'],
  disposition: null,
};

describe('where noise comes from', () => {
  it('counts sources, services, signals and rules, the loudest first, with what was judged', () => {
    const groups = noiseGroups([
      { ...alert, disposition: 'false-positive' },
      { ...alert, disposition: 'true-positive', signalIds: ['rps'] },
      alert,
      {
        ...alert,
        customerId: 'boreal',
        serviceId: null,
        sourceId: 'eve',
        title: 'ET SCAN',
        signalIds: [],
        disposition: 'benign-positive',
      },
    ]);
    const acme = { customerId: 'acme', judged: 2, nothing: 1 };
    const scan = { customerId: 'boreal', count: 1, judged: 1, nothing: 1 };
    expect(groups).toEqual({
      source: [
        { ...acme, key: 'detection', count: 3 },
        { ...scan, key: 'eve' },
      ],
      service: [{ ...acme, key: 'shop', count: 3 }],
      signal: [
        { ...acme, key: 'rps', count: 3 },
        { ...acme, key: 'latency', count: 2, judged: 1 },
      ],
      rule: [
        { ...acme, key: 'HTTP flood on /login', count: 3 },
        { ...scan, key: 'ET SCAN' },
      ],
    });
  });

  it('names no customer where several share it', () => {
    const groups = noiseGroups([alert, { ...alert, customerId: 'boreal', disposition: 'duplicate' }]);
    expect(groups.rule).toEqual([
      { key: 'HTTP flood on /login', customerId: null, count: 2, judged: 1, nothing: 0 },
    ]);
  });
});

describe('the days on which Watchfloor ran', () => {
  it('are added up, over midnight too', () => {
    const evening = addWatched([], day + 22 * hourMs, day + 25 * hourMs);
    expect(evening).toEqual([
      { dayMs: day, watchedMs: 2 * hourMs },
      { dayMs: day + dayMs, watchedMs: hourMs },
    ]);
    expect(addWatched(evening, day + 26 * hourMs, day + 27 * hourMs).at(-1)).toEqual({
      dayMs: day + dayMs,
      watchedMs: 2 * hourMs,
    });
  });

  it('are forgotten when they are long past', () => {
    const old = { dayMs: day - 60 * dayMs, watchedMs: 1 };
    const days = Array.from({ length: 28 }, (_, index) => ({
      dayMs: day - (28 - index) * dayMs,
      watchedMs: 1,
    }));
    expect(addWatched([old, ...days], day, day + 1)).toEqual([
      ...days.slice(1),
      { dayMs: day, watchedMs: 1 },
    ]);
  });

  it.each([
    [24 * hourMs, 24 * hourMs, 'whole'],
    [24 * hourMs - 9 * 60_000, 24 * hourMs, 'whole'],
    [9 * hourMs, 24 * hourMs, 'partly'],
    [0, 24 * hourMs, 'not'],
    // Today has only just begun.
    [0, 60_000, 'whole'],
  ] as const)('%i ms of %i: %s', (watchedMs, lengthMs, how) => {
    expect(watchedHow({ dayMs: day, watchedMs, lengthMs })).toBe(how);
  });

  it('begin at midnight UTC', () => {
    expect(startOfDay(day + 7 * hourMs)).toBe(day);
  });
});
