import { describe, expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { alertClocks, defaultTargets, nextClock, summarizeClocks, targetFor } from './clock.ts';
import { hourMs, minuteMs } from './time.ts';

const receivedMs = Date.UTC(2026, 2, 4);
const at = (minutes: number, sentence: string) => ({ timeMs: receivedMs + minutes * minuteMs, sentence });
const base = { firstSeenMs: receivedMs - 2 * minuteMs, receivedMs, status: 'new', mitigated: 'no' } as const;
const clocksOf = (
  alert: Partial<Pick<Alert, 'status' | 'mitigated'>>,
  history: ReturnType<typeof at>[] = [],
  verifiedMs: number | null = null,
) =>
  alertClocks({ ...base, ...alert }, history, verifiedMs, defaultTargets.high).map(({ state, takenMs }) =>
    takenMs === null ? state : takenMs / minuteMs,
  );

describe('the clocks of an alert', () => {
  it('run until a person saw it, something stopped it, and it was closed', () => {
    expect(clocksOf({})).toEqual([2, 'running', 'running', 'running']);
    const seen = [at(3, 'Snoozed until then'), at(7, 'Acknowledged'), at(9, 'Taken')];
    expect(clocksOf({ status: 'in-progress' }, seen)).toEqual([2, 7, 'running', 'running']);
    const closed = [...seen, at(40, 'Closed as true positive: blocked')];
    expect(clocksOf({ status: 'closed' }, closed, receivedMs + 20 * minuteMs)).toEqual([2, 7, 20, 40]);
    // Nothing had to be stopped, or all of it was before.
    expect(clocksOf({ status: 'closed' }, closed)).toEqual([2, 7, 'not-needed', 40]);
    expect(clocksOf({ mitigated: 'yes' })).toEqual([2, 'running', 0, 'running']);
    expect(clocksOf({ status: 'acknowledged' })[1]).toBe('not-needed');
  });

  it('begin anew when it comes back, and forget what was undone', () => {
    const back = [at(1, 'Closed as false positive'), at(60, 'Came back: its severity rose to high')];
    expect(clocksOf({}, back)).toEqual([2, 'running', 'running', 'running']);
    expect(clocksOf({ status: 'acknowledged' }, [...back, at(64, 'Acknowledged')])[1]).toBe(4);
    const undone = [at(1, 'Acknowledged'), at(2, 'Undone: Acknowledged'), at(30, 'Linked to case ca_1')];
    expect(clocksOf({ status: 'in-progress' }, undone)[1]).toBe(30);
    const held = [at(0, 'Held out of the queue by a suppression'), at(90, 'Came into the queue: it ended')];
    expect(clocksOf({ status: 'acknowledged' }, [...held, at(95, 'Acknowledged')])[1]).toBe(5);
  });

  it('have the targets of the customer, of everybody, or the defaults', () => {
    const target = { ...defaultTargets.high, acknowledge: 2 * minuteMs };
    const everybody = { ...defaultTargets.high, acknowledge: 9 * minuteMs };
    const targets = [
      { customerId: null, severity: 'high' as const, target: everybody },
      { customerId: 'cu_1', severity: 'high' as const, target },
    ];
    expect(targetFor(targets, { customerId: 'cu_1', severity: 'high' })).toBe(target);
    expect(targetFor(targets, { customerId: 'cu_2', severity: 'high' })).toBe(everybody);
    expect(targetFor(targets, { customerId: null, severity: 'low' })).toBe(defaultTargets.low);
  });

  it('are said in a list before a target is over, and after', () => {
    const alert = {
      ...base,
      lane: 'actionable',
      severity: 'high',
      customerId: null,
      suppressed: null,
      suppressionIds: [],
      snoozedUntilMs: null,
    } as unknown as Alert;
    const left = (minutes: number, more: Partial<Alert> = {}) =>
      nextClock({ ...alert, ...more }, [], receivedMs + minutes * minuteMs);
    expect(left(7)).toBeNull();
    expect(left(8)).toEqual({ name: 'acknowledge', leftMs: 7 * minuteMs });
    expect(left(20)).toEqual({ name: 'acknowledge', leftMs: -5 * minuteMs });
    expect(left(20, { status: 'acknowledged' })).toBeNull();
    expect(left(20 * 60, { status: 'in-progress' })).toEqual({ name: 'close', leftMs: 4 * hourMs });
    expect(left(20, { lane: 'informational' })).toBeNull();
    expect(left(20, { suppressed: 'held' })).toBeNull();
    expect(left(20, { snoozedUntilMs: receivedMs })).toBeNull();
  });

  it('are summed up by median and share', () => {
    const clocks = [1, 3, 20].map((minutes) =>
      alertClocks(
        { ...base, status: 'acknowledged' },
        [at(minutes, 'Acknowledged')],
        null,
        defaultTargets.high,
      ),
    );
    const running = alertClocks(base, [], null, defaultTargets.high);
    const row = summarizeClocks(
      'high',
      defaultTargets.high,
      [...clocks, running],
      receivedMs + 30 * minuteMs,
    );
    expect(row.clocks.find(({ name }) => name === 'acknowledge')).toEqual({
      name: 'acknowledge',
      done: 3,
      medianMs: 3 * minuteMs,
      within: 2,
      over: 1,
    });
    expect(row.clocks.find(({ name }) => name === 'close')).toMatchObject({
      done: 0,
      medianMs: null,
      over: 0,
    });
  });
});
