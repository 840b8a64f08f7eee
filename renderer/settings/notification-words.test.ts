import { expect, test } from 'vitest';
import { minuteOf, minuteWords } from './notification-words.ts';

test('a minute of the day is written and read again', () => {
  for (const minute of [0, 59, 60, 7 * 60 + 5, 1439]) expect(minuteOf(minuteWords(minute))).toBe(minute);
  expect(minuteWords(22 * 60 + 5)).toBe('22:05');
});

test.each(['', '24:00', '22', '22:60', '22:5', 'noon', '-1:00', '1:00:00'])(
  '%o is no time of the day',
  (text) => {
    expect(minuteOf(text)).toBeNull();
  },
);
