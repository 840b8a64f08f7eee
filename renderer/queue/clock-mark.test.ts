import { expect, it } from 'vitest';
import type { Clock } from '../../shared/domain/clock.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import { clockSentence } from './clock-mark.tsx';

it('says what a clock took, or how long is left', () => {
  const clock: Clock = {
    name: 'acknowledge',
    targetMs: 15 * minuteMs,
    dueMs: 15 * minuteMs,
    takenMs: null,
    state: 'running',
  };
  const said = (more: Partial<Clock>, nowMinutes = 8) =>
    clockSentence({ ...clock, ...more }, nowMinutes * minuteMs);
  expect([
    said({}),
    said({}, 27),
    said({ takenMs: 4 * minuteMs, state: 'done' }),
    said({ takenMs: 40 * minuteMs, state: 'done' }),
    said({ takenMs: 0, state: 'done' }),
    said({ state: 'not-needed' }),
  ]).toEqual([
    '7 min left of 15 min',
    '12 min over 15 min',
    '4 min, within 15 min',
    '40 min, target 15 min',
    'at once, within 15 min',
    'Not needed, or not known',
  ]);
});
