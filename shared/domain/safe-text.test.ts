import { describe, expect, test } from 'vitest';
import { cutText, toSafeExcerpt, toSafeLine, toSafeSegments, toSafeText } from './safe-text.ts';

const character = String.fromCodePoint;

describe('toSafeLine', () => {
  test.each([
    ['plain', 'HTTP flood on /login', 'HTTP flood on /login'],
    ['markup stays what it is', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['NUL', `a${character(0)}b`, 'a\\x00b'],
    ['ANSI colours', `${character(0x1b)}[31mred${character(0x9b)}0m`, '\\x1b[31mred\\x9b0m'],
    ['a title that a terminal would take', `${character(0x1b)}]0;owned${character(7)}`, '\\x1b]0;owned\\x07'],
    ['right-to-left override', `invoice${character(0x202e)}fdp.exe`, 'invoice\\u202efdp.exe'],
    ['isolates', `${character(0x2066)}a${character(0x2069)}`, '\\u2066a\\u2069'],
    ['zero width', `pay${character(0x200b)}pal${character(0xfeff)}`, 'pay\\u200bpal\\ufeff'],
    ['a joiner between ASCII letters', `a${character(0x200d)}b`, 'a\\u200db'],
    ['tags', `x${character(0xe0041)}`, 'x\\u{e0041}'],
    ['a lone surrogate', `a${'\ud800'}b`, 'a\\ud800b'],
    ['a lone low surrogate', '\udc00', '\\udc00'],
    ['line separators', `a${character(0x2028)}b`, 'a\\u2028b'],
    ['line breaks and tabs in one line', 'a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['a non-character', `a${character(0xffff)}`, 'a\\uffff'],
    ['private use', character(0xe000), '\\ue000'],
    ['fillers that look like nothing', `${character(0x3164)}${character(0x2800)}`, '\\u3164\\u2800'],
    ['other scripts', 'Zürich 東京 Ελλάδα', 'Zürich 東京 Ελλάδα'],
    ['Persian keeps its non-joiner', `می${character(0x200c)}خواهم`, `می${character(0x200c)}خواهم`],
    ['an emoji keeps its selector', `❤${character(0xfe0f)}`, `❤${character(0xfe0f)}`],
    ['empty', '', ''],
  ])('%s', (_name, text, expected) => {
    expect(toSafeLine(text)).toBe(expected);
  });

  test('keeps lines where there is room for them', () => {
    expect(toSafeText('a\r\nb\tc\rd')).toBe('a\nb\tc\\rd');
  });

  test('stops marks from piling up', () => {
    const shown = toSafeLine(`e${character(0x301).repeat(6)}`);
    expect(shown).toBe(`e${character(0x301).repeat(4)}\\u0301\\u0301`);
  });

  test('cuts a huge text, says by how much and never in the middle of a character', () => {
    expect(toSafeExcerpt('a'.repeat(1_048_576), 2_000)).toBe(
      `${'a'.repeat(2_000)} … (1,046,576 more characters)`,
    );
    expect(toSafeExcerpt('ab😀cd', 3)).toBe('ab … (4 more characters)');
  });

  test('looks only at what it shows', () => {
    const hostile = character(0x202e).repeat(1_048_576);
    expect(toSafeExcerpt(hostile, 2)).toBe('\\u202e\\u202e … (1,048,574 more characters)');
  });

  test('leaves nothing hidden in any single character', () => {
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
      const text = `a${character(codePoint)}b`;
      const shown = toSafeLine(text);
      if (/[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u.test(shown)) {
        throw new Error(`U+${codePoint.toString(16)} stayed`);
      }
    }
    expect(true).toBe(true);
  });
});

describe('toSafeSegments', () => {
  test('tells escapes from text that looks like one', () => {
    expect(toSafeSegments(`\\x00${character(0)}${character(1)}z\n`)).toEqual([
      { kind: 'text', text: '\\x00' },
      { kind: 'escape', text: '\\x00\\x01' },
      { kind: 'text', text: 'z\n' },
    ]);
  });
});

test('cutText keeps pairs whole and counts what it left out', () => {
  expect([cutText('ab', 2), cutText('ab😀cd', 3)]).toEqual([
    { text: 'ab', leftOut: 0 },
    { text: 'ab', leftOut: 4 },
  ]);
});
