import { describe, expect, test } from 'vitest';
import { shippedChoices } from '../../shared/detection/back-test.ts';
import { hourMs } from '../../shared/domain/time.ts';
import { aDay, choicesFrom, typedFrom } from './back-test-choices.ts';

describe('choices as they are typed', () => {
  const shipped = typedFrom(shippedChoices);

  test('what is left as shipped is exactly what is shipped, whatever its field shows', () => {
    expect(choicesFrom(shipped)).toEqual({ ok: true, choices: shippedChoices });
  });

  test('are what the engine takes: one in so many, hours', () => {
    expect(choicesFrom({ ...shipped, probability: 5_000, acceptMs: 6 })).toEqual({
      ok: true,
      choices: { ...shippedChoices, probability: 1 / 5_000, acceptMs: 6 * hourMs },
    });
  });

  test('are refused in words, field by field', () => {
    expect(choicesFrom({ ...shipped, acceptMs: null, probability: 3 })).toEqual({
      ok: false,
      problems: [
        'A finding is rarer than one in: from 20 to 1,000,000.',
        'New normal after: a number is missing.',
      ],
    });
  });
});

test.each([
  [0, '0'],
  [1, '0.03'],
  [15, '0.5'],
  [1_200, '40'],
])('%i in 30 days are %s a day', (count, words) => {
  expect(aDay(count, 30 * 24 * hourMs)).toBe(words);
});
