import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CorrelatedAlert,
  correlationPauseMs,
  mostCorrelated,
  proposeGroups,
} from './alert-correlation.ts';
import type { Entity } from './entity.ts';
import { minuteMs } from './time.ts';

const source = (value: string): Entity => ({ kind: 'ip', value, role: 'source' });

function alert(number: number, more: Partial<CorrelatedAlert> = {}): CorrelatedAlert {
  return {
    id: `al_${number}`,
    sequence: number,
    customerId: 'cu_acme',
    sourceId: 'eve',
    title: `Rule ${number}`,
    firstSeenMs: number * minuteMs,
    entities: [source('203.0.113.7')],
    ...more,
  };
}

const known: Parameters<typeof proposeGroups>[1] = {
  alertsWith: () => 2,
  customerName: (id: string) => (id === 'cu_acme' ? 'Acme' : null),
};
const propose = (alerts: readonly CorrelatedAlert[], more: Partial<typeof known> = {}) =>
  proposeGroups(alerts, { ...known, ...more });

describe('what belongs together', () => {
  it('is proposed with its reason', () => {
    expect(propose([alert(3), alert(1), alert(12)])).toEqual([
      {
        alertIds: ['al_1', 'al_3', 'al_12'],
        reason:
          'These 3 belong together: same source address 203.0.113.7, same customer Acme, first seen within 11 min.',
      },
    ]);
  });

  it('is of one customer, and of one time', () => {
    expect(propose([alert(1), alert(2, { customerId: 'cu_other' })])).toEqual([]);
    expect(propose([alert(1), alert(17)])).toEqual([]);
    expect(propose([alert(1), alert(16), alert(31)]).map(({ alertIds }) => alertIds.length)).toEqual([3]);
    expect(propose([alert(1, { customerId: null }), alert(2, { customerId: null })])[0]?.reason).toContain(
      'no customer known',
    );
  });

  it('is not what half of all alerts have in common', () => {
    const two = [alert(1), alert(2)];
    expect(propose(two, { alertsWith: () => mostCorrelated })).toHaveLength(1);
    expect(propose(two, { alertsWith: () => mostCorrelated + 1 })).toEqual([]);
    for (const kind of ['port', 'country', 'path', 'asn', 'user-agent'] as const) {
      const entities: Entity[] = [{ kind, value: '443', role: 'destination' }];
      expect(propose([alert(1, { entities }), alert(2, { entities })])).toEqual([]);
    }
  });

  it('says whether the address attacked, was attacked, or both', () => {
    const target: Entity = { kind: 'ip', value: '203.0.113.7', role: 'destination' };
    const reasons = (entities: Entity[]) => propose([alert(1, { entities }), alert(2)])[0]?.reason;
    expect(reasons([target])).toContain(': same address 203.0.113.7,');
    expect(reasons([source('203.0.113.7')])).toContain(': same source address 203.0.113.7,');
  });

  it('goes by the most telling reason, each alert once', () => {
    const user: Entity = { kind: 'user', value: 'eve', role: 'related' };
    const proposals = propose([
      alert(1, { entities: [source('203.0.113.7'), user] }),
      alert(2, { entities: [source('203.0.113.7')] }),
      alert(3, { entities: [source('203.0.113.7'), user] }),
      alert(4, { entities: [source('203.0.113.7')] }),
    ]);
    expect(proposals.map(({ alertIds }) => alertIds)).toEqual([
      ['al_1', 'al_3'],
      ['al_2', 'al_4'],
    ]);
    expect(proposals[0]?.reason).toContain('same user eve');
  });

  it('goes by who attacked before what was attacked, which takes three', () => {
    const target: Entity = { kind: 'ip', value: '192.0.2.10', role: 'destination' };
    const from = (value: string) => [target, source(value)];
    const proposals = propose([
      alert(1, { entities: from('203.0.113.7') }),
      alert(2, { entities: from('203.0.113.8') }),
      alert(3, { entities: from('203.0.113.7') }),
    ]);
    expect(proposals.map(({ alertIds }) => alertIds)).toEqual([['al_1', 'al_3']]);
    const others = [4, 5, 6].map((number) => alert(number, { entities: from(`198.51.100.${number}`) }));
    expect(propose(others)[0]?.reason).toContain('same destination address 192.0.2.10');
    expect(propose(others.slice(1))).toEqual([]);
  });

  it('takes three of one rule without any entity, not two', () => {
    const of = (count: number) =>
      Array.from({ length: count }, (_, number) => alert(number, { title: 'Port scan', entities: [] }));
    expect(propose(of(2))).toEqual([]);
    expect(propose(of(3))[0]?.reason).toContain('same rule of the same source');
  });

  it('is the same in any order, bounded, and keeps to its own rule', () => {
    const alerts = fc.array(
      fc.record({
        customer: fc.constantFrom('cu_acme', 'cu_b', null),
        minute: fc.nat({ max: 90 }),
        values: fc.uniqueArray(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.9'), {
          maxLength: 3,
        }),
        title: fc.constantFrom('Scan', 'Flood'),
      }),
      { maxLength: 60, size: 'max' },
    );
    let proposed = 0;
    fc.assert(
      fc.property(
        alerts.chain((made) => {
          const all = made.map(({ customer, minute, values, title }, index) =>
            alert(index + 1, {
              customerId: customer,
              firstSeenMs: minute * minuteMs,
              entities: values.map(source),
              title,
            }),
          );
          return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
        }),
        ([all, shuffled]) => {
          const more = { alertsWith: ({ value }: { value: string }) => (value === '10.0.0.9' ? 5_000 : 3) };
          const proposals = propose(all, more);
          expect(propose(shuffled, more)).toEqual(proposals);
          proposed += proposals.length;
          const byId = new Map(all.map((each) => [each.id, each]));
          const ids = proposals.flatMap(({ alertIds }) => alertIds);
          expect(new Set(ids).size).toBe(ids.length);
          for (const { alertIds, reason } of proposals) {
            expect(reason).not.toContain('10.0.0.9');
            const members = alertIds.flatMap((id) => byId.get(id) ?? []);
            expect(new Set(members.map(({ customerId }) => customerId)).size).toBe(1);
            members.slice(1).forEach((each, index) => {
              expect(each.firstSeenMs - (members[index]?.firstSeenMs ?? 0)).toBeLessThanOrEqual(
                correlationPauseMs,
              );
            });
          }
        },
      ),
    );
    expect(proposed).toBeGreaterThan(50);
  });
});
