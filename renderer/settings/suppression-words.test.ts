import { describe, expect, it } from 'vitest';
import type { Suppression } from '../../shared/domain/suppression.ts';
import { dayMs, hourMs, minuteMs } from '../../shared/domain/time.ts';
import { scopeWords, suppressionState, suppressionTime, weeklyWords } from './suppression-words.ts';

// A Monday.
const startMs = Date.UTC(2026, 2, 2, 22);
const window: Suppression = {
  id: 'su_1',
  scope: { kind: 'maintenance', customerId: 'acme', serviceId: null },
  reason: 'Router',
  owner: 'Ada',
  upTo: 'high',
  startMs,
  endMs: startMs + 2 * hourMs,
  weekly: false,
  createdMs: startMs,
  endedMs: null,
  endedBy: null,
};

describe('words for suppressions', () => {
  it('say where one stands', () => {
    const at = (suppression: Suppression, nowMs: number) => [
      suppressionState(suppression, nowMs),
      suppressionTime(suppression, nowMs),
    ];
    expect(at(window, startMs - 2 * dayMs)).toEqual(['to-come', 'in 2 d']);
    expect(at(window, startMs + 69 * minuteMs)).toEqual(['in-force', '51 min left']);
    expect(at(window, startMs + 5 * hourMs)).toEqual(['ended', '3 h ago']);
    expect(at({ ...window, weekly: true }, startMs + 5 * hourMs)).toEqual(['to-come', 'in 6 d 19 h']);
    const ended = { ...window, endedMs: startMs + hourMs, endedBy: 'Ada' };
    expect(at(ended, startMs + 90 * minuteMs)).toEqual(['ended', '30 min ago']);
  });

  it('name what it is for, and when it comes back', () => {
    const names = {
      customer: (id: string) => (id === 'acme' ? 'Acme Retail' : undefined),
      service: () => undefined,
    };
    expect(scopeWords(window, names)).toBe('Acme Retail, all services');
    const scope = { kind: 'maintenance', customerId: 'gone', serviceId: 'shop' } as const;
    expect(scopeWords({ scope }, names)).toBe('gone, shop');
    expect(scopeWords({ scope: { kind: 'query', text: 'title:x' } }, names)).toBe('title:x');
    expect(weeklyWords(window)).toBe('Every Monday 22:00 for 2 h, UTC');
  });
});
