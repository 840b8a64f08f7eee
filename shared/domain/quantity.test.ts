import { describe, expect, it } from 'vitest';
import { formatCount, formatMagnitude, formatQuantity, formatShare } from './quantity.ts';

describe('formatQuantity', () => {
  it.each([
    [142_300, 'requests/s', '142.3 k requests/s'],
    [540, 'requests/s', '540 requests/s'],
    [8_100, 'requests/s', '8.1 k requests/s'],
    [1.21e9, 'bit/s', '1.21 Gbit/s'],
    [999_990, 'bit/s', '1 Mbit/s'],
    [412, 'ms', '412 ms'],
    [412.3456, 'ms', '412.3 ms'],
    [12_400, 'ms', '12.4 s'],
    [0.412, 's', '412 ms'],
    [99.2, '%', '99.2%'],
    [0.992, 'ratio', '99.2%'],
    [0, 'SYN/s', '0 SYN/s'],
    [0.0031, 'errors/s', '0.0031 errors/s'],
    [-4_200, '', '-4.2 k'],
    [Number.NaN, 'ms', 'not known'],
    [null, 'ms', 'not known'],
  ])('%s %s is %s', (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text);
  });
});

describe('formatMagnitude', () => {
  it('leaves out the unit of counts and keeps that of times, shares and bits', () => {
    expect([
      formatMagnitude(8_100, 'requests/s'),
      formatMagnitude(620, 'requests/s'),
      formatMagnitude(412, 'ms'),
      formatMagnitude(31, '%'),
      formatMagnitude(2e9, 'bit/s'),
    ]).toEqual(['8.1 k', '620', '412 ms', '31%', '2 Gbit/s']);
  });
});

describe('counts and shares', () => {
  it('are written for people', () => {
    expect([
      formatCount(1_204),
      formatShare(0.0004),
      formatShare(0.82),
      formatShare(0.009),
      formatShare(null),
    ]).toEqual(['1,204', '<0.1%', '82%', '0.9%', 'not known']);
  });
});
