import { describe, expect, it } from 'vitest';
import { specialRangeOf } from './address-range.ts';

describe('specialRangeOf', () => {
  it.each([
    ['10.20.0.5', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', null],
    ['192.168.1.0/24', 'private'],
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['169.254.10.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['192.0.2.10', 'documentation'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.255', 'documentation'],
    ['2001:db8::1', 'documentation'],
    ['3fff:fff::1', 'documentation'],
    ['100.64.0.1', 'carrier’s NAT'],
    ['100.128.0.1', null],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['198.19.255.255', 'benchmarking'],
    ['240.0.0.1', 'reserved for future use'],
    ['255.255.255.255', 'broadcast'],
    ['0.0.0.0', 'unspecified, “this network”'],
    ['fd00::1', 'private (unique local)'],
    ['64:ff9b::1', 'NAT64'],
    ['2002::1', '6to4'],
    ['::ffff:10.0.0.1', 'IPv4-mapped, private'],
    ['::ffff:8.8.8.8', 'IPv4-mapped'],
    ['8.8.8.8', null],
    ['2606:4700::1', null],
    ['shop.example', null],
    ['', null],
  ])('%s: %s', (value, expected) => {
    expect(specialRangeOf(value)).toBe(expected);
  });
});
