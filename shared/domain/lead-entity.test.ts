import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entity } from './entity.ts';
import { leadEntity, leadOrder } from './lead-entity.ts';

const source = (kind: Entity['kind'], value: string): Entity => ({ kind, value, role: 'source' });

describe('leadEntity', () => {
  it('names the address that attacked before anything else', () => {
    const asn = source('asn', 'AS64496');
    const path: Entity = { kind: 'path', value: '/login', role: 'destination' };
    const ip = source('ip', '198.51.100.7');
    expect([
      leadEntity([path, asn, ip]),
      leadEntity([path, asn]),
      leadEntity([path]),
      leadEntity([]),
    ]).toEqual([ip, asn, path, null]);
  });
});

describe('leadOrder', () => {
  const sorted = (lists: readonly (readonly Entity[])[]) =>
    lists
      .map((list) => ({ key: leadOrder(list), value: list[0]?.value ?? null }))
      .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
      .map(({ value }) => value);

  it('sorts addresses by their numbers, then texts without regard to case, then what names nothing', () => {
    const addresses = ['9.255.0.1', '10.2.0.1', '10.10.0.1', '2001:db8::2', '2001:db8::10'];
    expect(
      sorted([
        [],
        ...[...addresses].reverse().map((value) => [source('ip', value)]),
        [source('user', 'Bob')],
        [source('user', 'ada')],
        [source('cidr', '10.2.0.0/16')],
      ]),
    ).toEqual(['9.255.0.1', '10.2.0.0/16', ...addresses.slice(1), 'ada', 'Bob', null]);
  });

  it('takes whatever stands where an address should, and stays short', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 300 }),
        fc.constantFrom('ip', 'cidr', 'url'),
        (value, kind) => {
          const key = leadOrder([source(kind as Entity['kind'], value)]);
          expect(key.length).toBeLessThanOrEqual(66);
          expect(key < leadOrder([])).toBe(true);
        },
      ),
    );
  });
});
