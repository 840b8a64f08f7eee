import { describe, expect, it } from 'vitest';
import { asnOfEntity, countryCodes, countryOfEntity, lookedUpBytes, parseAsn } from './enrichment.ts';

describe('an address', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.1.1',
    '172.16.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '100::1',
    '2001:db8::1',
    '3fff::1',
    '2002::1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    'no address',
    '8.8.8.8/32',
  ])('%s is never looked up', (address) => {
    expect(lookedUpBytes(address)).toBeNull();
  });

  it('is looked up where it is an ordinary one', () => {
    expect(lookedUpBytes('8.8.4.4')).toEqual([8, 8, 4, 4]);
    expect(lookedUpBytes('2a00:1450::1')?.length).toBe(16);
  });
});

describe('an entity', () => {
  const lookUp = (address: string) =>
    address === '8.8.8.8' ? { asn: 15_169, asName: 'Google', country: 'US' } : null;

  it.each([
    ['64500', 64_500],
    ['AS64500', 64_500],
    [' as64500 Example, Inc.', 64_500],
    ['4294967295', 4_294_967_295],
    ['4294967296', null],
    ['0', null],
    ['64500x', null],
    ['Example', null],
    ['', null],
  ])('of the kind asn, %s, is the system %s', (value, asn) => {
    expect(parseAsn(value)).toBe(asn);
    expect(asnOfEntity({ kind: 'asn', value }, lookUp)).toBe(asn);
  });

  it('that is an address has its origin, a country its code, another none', () => {
    expect(asnOfEntity({ kind: 'ip', value: '8.8.8.8' }, lookUp)).toBe(15_169);
    expect(countryOfEntity({ kind: 'ip', value: '8.8.8.8' }, lookUp)).toBe('US');
    expect(countryOfEntity({ kind: 'ip', value: '8.8.4.4' }, lookUp)).toBeNull();
    expect(countryOfEntity({ kind: 'country', value: 'de' }, lookUp)).toBe('DE');
    expect(countryOfEntity({ kind: 'country', value: 'Germany' }, lookUp)).toBeNull();
    expect(asnOfEntity({ kind: 'host', value: '8.8.8.8' }, lookUp)).toBeNull();
  });
});

it('knows 250 country codes, each once', () => {
  expect(new Set(countryCodes).size).toBe(250);
  expect(countryCodes.every((code) => /^[A-Z]{2}$/.test(code))).toBe(true);
});
