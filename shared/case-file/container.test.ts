import { expect, it } from 'vitest';
import { directoryEntry, endOfContainer, localHeader, localHeaderLength } from './container.ts';

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

it('writes the one header that a small member has', () => {
  const member = { path: 'a.txt', sizeBytes: 3, crc32: 0x352441c2 };
  expect(hex(localHeader(member))).toBe(
    '504b030414000000000000002100c2412435030000000300000005000000612e747874',
  );
  expect(hex(directoryEntry(member, 7))).toBe(
    '504b0102140014000000000000002100c24124350300000003000000050000000000000000000000000007000000612e747874',
  );
  expect(hex(endOfContainer(1, 38, 51))).toBe('504b0506000000000100010033000000260000000000');
});

it('goes to ZIP64 where a number does not fit, and not before', () => {
  const large = { path: 'a', sizeBytes: 2 ** 32, crc32: 1 };
  const almost = { ...large, sizeBytes: 2 ** 32 - 2 };
  expect([localHeaderLength('a', large.sizeBytes), localHeader(large).length]).toEqual([51, 51]);
  expect(localHeader(almost).length).toBe(31);
  expect(hex(localHeader(large))).toMatch(
    /^504b03042d00.*ffffffffffffffff01001400610100100000000000010000000000000001000000$/,
  );
  // Two sizes, an offset, all three.
  expect(directoryEntry(large, 0).length).toBe(47 + 20);
  expect(directoryEntry(almost, 2 ** 32).length).toBe(47 + 12);
  expect(directoryEntry(large, 2 ** 32).length).toBe(47 + 28);
  expect(endOfContainer(65_534, 10, 10).length).toBe(22);
  expect(endOfContainer(65_535, 10, 10).length).toBe(98);
  expect(hex(endOfContainer(2, 2 ** 32, 10))).toContain('504b0607000000000a0000000100000001000000');
});
