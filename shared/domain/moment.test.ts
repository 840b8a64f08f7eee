import { expect, it } from 'vitest';
import { parseMoment } from './moment.ts';

const nowMs = Date.UTC(2026, 2, 4, 2, 14, 7);
const said = (text: string) => {
  const timeMs = parseMoment(text, nowMs);
  return timeMs === null ? null : new Date(timeMs).toISOString();
};

it.each([
  ['now', '2026-03-04T02:14:07.000Z'],
  ['2026-03-04T01:00:00Z', '2026-03-04T01:00:00.000Z'],
  ['2026-03-04 01:00', '2026-03-04T01:00:00.000Z'],
  ['2026-03-04 01:00+02:00', '2026-03-03T23:00:00.000Z'],
  ['2026-03-04', '2026-03-04T00:00:00.000Z'],
  ['02:13', '2026-03-04T02:13:00.000Z'],
  ['02:14:08', '2026-03-03T02:14:08.000Z'],
  ['-15m', '2026-03-04T01:59:07.000Z'],
  ['15 min ago', '2026-03-04T01:59:07.000Z'],
  ['in 2 h', '2026-03-04T04:14:07.000Z'],
  ['+1d', '2026-03-05T02:14:07.000Z'],
])('reads %s', (text, moment) => {
  expect(said(text)).toBe(moment);
});

it.each([
  ['02:14:08', '2026-03-04T02:14:08.000Z'],
  ['02:13', '2026-03-05T02:13:00.000Z'],
  ['+2h', '2026-03-04T04:14:07.000Z'],
  ['2026-03-04 01:00', '2026-03-04T01:00:00.000Z'],
])('reads %s of what is to come', (text, moment) => {
  expect(new Date(parseMoment(text, nowMs, 'future') ?? 0).toISOString()).toBe(moment);
});

it.each([
  '',
  'soon',
  '15m',
  '-15m ago',
  '25:00',
  '02:60',
  '2026-02-30',
  '2026-13-01',
  '02:14 yesterday',
  '1e9',
])('does not guess at "%s"', (text) => {
  expect(said(text)).toBeNull();
});
