import { expect, it } from 'vitest';
import { shortHash, shortHashBytes } from './ids.ts';

it('hashes a text to the same bytes whichever way, as earlier versions did', () => {
  for (const text of ['', 'source\0record-1', 'ä😀\0\u202e']) {
    expect(shortHashBytes(text).toString('hex')).toBe(shortHash(text));
  }
  expect(shortHash('source\0record-1')).toBe('d244adf8e18233122576f76b461c3783');
});
