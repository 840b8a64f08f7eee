import { describe, expect, it } from 'vitest';
import {
  goesOn,
  isInForce,
  lastEndMs,
  type NewSuppression,
  nextChangeMs,
  readMoment,
  type Suppression,
  suppressionProblems,
  windowAt,
} from './suppression.ts';
import { dayMs, hourMs, minuteMs } from './time.ts';

const startMs = Date.UTC(2026, 2, 2, 22);
const week = 7 * dayMs;

function suppression(more: Partial<Suppression> = {}): Suppression {
  return {
    id: 'su_1',
    scope: { kind: 'query', text: 'title:scan' },
    reason: 'A test',
    owner: 'Ada',
    upTo: 'high',
    startMs,
    endMs: startMs + 2 * hourMs,
    weekly: false,
    createdMs: startMs - dayMs,
    endedMs: null,
    endedBy: null,
    ...more,
  };
}

describe('when a suppression is in force', () => {
  it('covers from its start to just before its end', () => {
    const one = suppression();
    expect([-1, 0, 2 * hourMs - 1, 2 * hourMs].map((at) => isInForce(one, startMs + at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(nextChangeMs(one, startMs - 5)).toBe(startMs);
    expect(nextChangeMs(one, startMs)).toBe(startMs + 2 * hourMs);
    expect(nextChangeMs(one, startMs + 3 * hourMs)).toBe(Number.POSITIVE_INFINITY);
    expect(lastEndMs(one, startMs + hourMs)).toBeNull();
    expect(lastEndMs(one, startMs + 3 * hourMs)).toBe(startMs + 2 * hourMs);
  });

  it('comes back at the same time of every week until somebody ends it', () => {
    const weekly = suppression({ weekly: true });
    for (const weeks of [0, 1, 52]) {
      const begins = startMs + weeks * week;
      expect(windowAt(weekly, begins - 1)?.startMs).toBe(begins);
      expect([-1, 0, 2 * hourMs - 1, 2 * hourMs].map((at) => isInForce(weekly, begins + at))).toEqual([
        false,
        true,
        true,
        false,
      ]);
      expect(lastEndMs(weekly, begins + 3 * hourMs)).toBe(begins + 2 * hourMs);
      expect(nextChangeMs(weekly, begins + 3 * hourMs)).toBe(begins + week);
    }
    const ended = { ...weekly, endedMs: startMs + week + hourMs };
    expect(isInForce(ended, startMs + week + minuteMs)).toBe(true);
    expect(isInForce(ended, startMs + week + hourMs)).toBe(false);
    expect(windowAt(ended, startMs + 2 * week)).toBeNull();
    expect(lastEndMs(ended, startMs + 2 * week)).toBe(startMs + week + hourMs);
  });
});

describe('what can be suppressed', () => {
  const nowMs = startMs;
  const asked = (more: Partial<NewSuppression> = {}): NewSuppression => ({
    scope: { kind: 'query', text: 'customer:Acme title:"ET SCAN"' },
    reason: 'A test',
    upTo: 'high',
    startMs: nowMs,
    endMs: nowMs + hourMs,
    weekly: false,
    ...more,
  });
  const problemsOf = (text: string) => suppressionProblems(asked({ scope: { kind: 'query', text } }), nowMs);
  const window = { kind: 'maintenance', customerId: 'cu_1', serviceId: null } as const;

  it('is what an alert is, not what people did to it or how old it is', () => {
    expect(problemsOf('customer:Acme (title:"ET SCAN" OR src:10.0.0.0/8) severity<=low')).toEqual([]);
    expect(problemsOf('title:x status:new -(assignee:me OR age>1h) count>5')).toEqual([
      'Leave out status, assignee, age, count: alerts are judged as they come, by what they are.',
    ]);
    expect(problemsOf('title:x suppressed:any last:1h')).toHaveLength(1);
  });

  it('has to be understood whole, and to name something', () => {
    expect(problemsOf('title:x colour:red')[0]).toContain('At 9');
    for (const text of ['', '  ', '*', 'lane:informational']) {
      expect(problemsOf(text)).toEqual(['Say which alerts: without a search it would hold all of them.']);
    }
  });

  it('has a reason and an end, within 90 days', () => {
    expect(suppressionProblems(asked({ reason: ' ' }), nowMs)).toHaveLength(1);
    expect(suppressionProblems(asked({ endMs: nowMs + 90 * dayMs }), nowMs)).toEqual([]);
    expect(suppressionProblems(asked({ endMs: nowMs + 90 * dayMs + 1 }), nowMs)).toHaveLength(1);
    expect(suppressionProblems(asked({ startMs: nowMs - dayMs, endMs: nowMs }), nowMs)).toHaveLength(1);
    expect(suppressionProblems(asked({ endMs: Number.NaN }), nowMs)).toEqual(['Give a start and an end.']);
    expect(suppressionProblems(asked({ weekly: true }), nowMs)).toHaveLength(1);
  });

  it('is a customer or service for as long as a window lasts', () => {
    expect(
      suppressionProblems(
        asked({ scope: window, startMs: nowMs + 200 * dayMs, endMs: nowMs + 201 * dayMs }),
        nowMs,
      ),
    ).toEqual([]);
    expect(suppressionProblems(asked({ scope: window, weekly: true }), nowMs)).toEqual([]);
    expect(
      suppressionProblems(asked({ scope: window, weekly: true, endMs: nowMs + 7 * dayMs }), nowMs),
    ).toHaveLength(1);
    expect(
      suppressionProblems(
        asked({ scope: window, startMs: nowMs + 400 * dayMs, endMs: nowMs + 401 * dayMs }),
        nowMs,
      ),
    ).toHaveLength(1);
  });
});

it('reads a moment as it is typed', () => {
  expect(
    ['now', '4h', ' 1.5d ', '2026-03-04', '2026-03-04T02:14', '2026-03-04T02:14Z', 'soon', ''].map((text) =>
      readMoment(text, startMs),
    ),
  ).toEqual([
    startMs,
    startMs + 4 * hourMs,
    startMs + 1.5 * dayMs,
    Date.UTC(2026, 2, 4),
    Date.UTC(2026, 2, 4, 2, 14),
    Date.UTC(2026, 2, 4, 2, 14),
    null,
    null,
  ]);
});

it('goes on while its source says so, or came within the hour where sources never say', () => {
  const at = (sourceState: 'firing' | 'resolved' | null, agoMs: number) =>
    goesOn({ sourceState, lastSeenMs: startMs - agoMs, status: 'new' }, startMs);
  expect([at('firing', dayMs), at('resolved', 0), at(null, hourMs), at(null, hourMs + 1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(goesOn({ sourceState: 'firing', lastSeenMs: startMs, status: 'closed' }, startMs)).toBe(false);
});
