import { describe, expect, it } from 'vitest';
import { testAlert } from '../testing/alert.ts';
import type { Alert } from './alert.ts';
import {
  defaultNotificationSettings,
  isPushAddress,
  isQuiet,
  type NotificationSettings,
  notificationFor,
} from './notification.ts';

function alert(sequence: number, made: Partial<Alert> = {}): Alert {
  return testAlert({ id: `a${sequence}`, sequence, customerId: 'c1', title: `Alert ${sequence}`, ...made });
}

const facts = { reason: 'new', minute: 12 * 60, customerName: () => 'Acme' } as const;
const told = (alerts: readonly Alert[], settings: Partial<NotificationSettings> = {}, more = {}) =>
  notificationFor(alerts, { ...defaultNotificationSettings, ...settings }, { ...facts, ...more });

describe('notificationFor', () => {
  it('tells one alert by its title, where and why', () => {
    expect(told([alert(1, { title: 'SYN flood' })])).toEqual({
      reason: 'new',
      title: 'SYN flood',
      body: 'high at Acme: New connections 40x above the usual.',
      lane: 'actionable',
      severity: 'high',
      alertId: 'a1',
      count: 1,
      desktop: true,
      sound: true,
      webhook: false,
    });
  });

  it('tells many as one summary, the worst first, and counts what it was not given', () => {
    const alerts = [alert(1), alert(2, { severity: 'critical', title: 'Origin down' }), alert(3), alert(4)];
    expect(told(alerts, {}, { count: 1_204 })).toMatchObject({
      title: '1,204 new alerts, some need a person',
      body: 'Origin down, Alert 4, Alert 3 and 1,201 more',
      alertId: 'a2',
      severity: 'critical',
      count: 1_204,
    });
  });

  it('tells nobody of what is below what is set, each means by itself', () => {
    expect(told([alert(1, { lane: 'informational' })])).toBeNull();
    const settings = {
      desktop: { actionable: 'critical', informational: 'never' },
      sound: { actionable: 'high', informational: 'never' },
    } as const;
    expect(told([alert(1, { severity: 'medium' })], settings)).toBeNull();
    expect(told([alert(1)], settings)).toMatchObject({ desktop: false, sound: true });
    expect(told([alert(1), alert(2, { severity: 'critical' })], settings)).toMatchObject({
      desktop: true,
      count: 2,
    });
  });

  it('tells only what is critical and actionable in quiet hours', () => {
    const quietHours = { fromMinute: 22 * 60, toMinute: 6 * 60 };
    const night = { minute: 2 * 60 };
    expect(told([alert(1)], { quietHours }, night)).toBeNull();
    expect(told([alert(1)], { quietHours })).not.toBeNull();
    expect(told([alert(1), alert(2, { severity: 'critical' })], { quietHours }, night)).toMatchObject({
      count: 1,
      alertId: 'a2',
    });
  });

  it('pushes to a server by what is set for it alone', () => {
    const never = { actionable: 'never', informational: 'never' } as const;
    const webhook = {
      url: 'https://hooks.example/x',
      least: { actionable: 'critical', informational: 'never' },
    } as const;
    const settings = { desktop: never, sound: never, webhook };
    expect(told([alert(1)], settings)).toBeNull();
    expect(told([alert(1, { severity: 'critical' })], settings)).toMatchObject({
      desktop: false,
      sound: false,
      webhook: true,
    });
  });

  it('says of alerts that wait that nobody has acknowledged them', () => {
    expect(told([alert(1)], {}, { reason: 'waiting' })?.title).toBe('Nobody has acknowledged: Alert 1');
    expect(told([alert(1), alert(2)], {}, { reason: 'waiting' })?.title).toBe(
      '2 alerts that nobody has acknowledged',
    );
  });

  it('shows hostile text as one safe line', () => {
    const notification = told([alert(1, { title: 'a\n\u202eb\u0000<script>', why: 'x'.repeat(5_000) })]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly what must not be there
    expect(`${notification?.title}${notification?.body}`).not.toMatch(/[\n\u202e\u0000]/);
    expect(notification?.body.length).toBeLessThan(300);
  });
});

it('quiet hours may go over midnight, and equal ends are none', () => {
  const hours = (fromMinute: number, toMinute: number) => (minute: number) =>
    isQuiet({ quietHours: { fromMinute, toMinute } }, minute);
  expect([0, 359, 360, 1319, 1320, 1439].map(hours(1320, 360))).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
  ]);
  expect([599, 600, 659, 660].map(hours(600, 660))).toEqual([false, true, true, false]);
  expect([0, 600].map(hours(600, 600))).toEqual([false, false]);
  expect(isQuiet({ quietHours: null }, 0)).toBe(false);
});

it('pushes go to plain addresses of web servers alone', () => {
  const yes = [
    'https://hooks.example/alerts',
    'http://127.0.0.1:8080',
    'https://[2001:db8::1]/x',
    'HTTPS://a/b/c',
  ];
  const no = [
    '',
    'hooks.example',
    'ftp://a/b',
    'https://user:secret@a/b',
    'https://a/b?key=1',
    'https://a/#x',
    'https://',
  ];
  expect(yes.filter((text) => !isPushAddress(text))).toEqual([]);
  expect(no.filter((text) => isPushAddress(text))).toEqual([]);
});
