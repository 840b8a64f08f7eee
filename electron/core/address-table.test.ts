import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeAddressTable, type OriginRange, openAddressTable } from './address-table.ts';

const input = (v4: readonly OriginRange[], v6: readonly OriginRange[] = []) => ({
  made: '2026-06-17',
  notice: 'made up',
  v4,
  v6,
});
const bytesOf = (number: bigint, length: 4 | 16) =>
  Array.from({ length }, (_, index) =>
    Number((number >> BigInt(((length === 4 ? 4 : 8) - 1 - Math.min(index, 7)) * 8)) & 255n),
  ).map((byte, index) => (length === 16 && index > 7 ? 0 : byte));
const system = (asn: number) => ({ asn, asName: `Netzwerk ${asn} 😀` });

describe('a table of addresses', () => {
  it('says what holds at each address, and nothing between', () => {
    const table = openAddressTable(
      encodeAddressTable(
        input(
          [
            { from: 10n, to: 19n, origin: system(1) },
            { from: 20n, to: 29n, origin: system(2) },
            { from: 15n, to: 24n, origin: { country: 'DE' } },
            { from: 0xffffffffn, to: 0xffffffffn, origin: { country: 'FR' } },
          ],
          [{ from: 0x2001_0200_0000_0000n, to: 0x2001_0200_ffff_ffffn, origin: system(2) }],
        ),
      ),
    );
    const at = (number: bigint) => table.originOf(bytesOf(number, 4));
    const one = { asn: 1, asName: 'Netzwerk 1 😀' };
    const two = { asn: 2, asName: 'Netzwerk 2 😀' };
    const none = { asn: null, asName: null };
    expect([0n, 9n, 30n, 0xfffffffen].map(at)).toEqual([null, null, null, null]);
    expect([10n, 14n].map(at)).toEqual(Array(2).fill({ ...one, country: null }));
    expect([15n, 19n].map(at)).toEqual(Array(2).fill({ ...one, country: 'DE' }));
    expect([20n, 24n].map(at)).toEqual(Array(2).fill({ ...two, country: 'DE' }));
    expect(at(29n)).toEqual({ ...two, country: null });
    expect(at(0xffffffffn)).toEqual({ ...none, country: 'FR' });
    expect(table.originOf(bytesOf(0x2001_0200_1234_5678n, 16))).toEqual({ ...two, country: null });
    expect(table.originOf(bytesOf(0x2001_0201_0000_0000n, 16))).toBeNull();
    expect([table.made, table.notice]).toEqual(['2026-06-17', 'made up']);
  });

  it('agrees with looking through all ranges', () => {
    // Ranges of a kind one after the other, as data sets have them.
    const kind = (origin: (number: number) => OriginRange['origin']) =>
      fc
        .array(fc.record({ gap: fc.nat(3), length: fc.nat(4), number: fc.nat(3) }), { maxLength: 12 })
        .map((pieces) => {
          const ranges: OriginRange[] = [];
          let at = 0n;
          for (const { gap, length, number } of pieces) {
            const from = at + BigInt(gap);
            ranges.push({ from, to: from + BigInt(length), origin: origin(number) });
            at = from + BigInt(length) + 1n;
          }
          return ranges;
        });
    const ranges = fc
      .tuple(
        kind((number) => system(number + 1)),
        kind((number) => ({ country: ['DE', 'FR', 'US', 'JP'][number] ?? 'DE' })),
      )
      .map(([systems, countries]) => [...systems, ...countries]);
    fc.assert(
      fc.property(ranges, ranges, (v4, v6) => {
        const table = openAddressTable(encodeAddressTable(input(v4, v6)));
        for (const [list, length] of [
          [v4, 4],
          [v6, 16],
        ] as const) {
          for (let number = 0n; number < 100n; number += 1n) {
            const inside = list.filter(({ from, to }) => from <= number && number <= to);
            const expected = Object.assign(
              { asn: null, asName: null, country: null },
              ...inside.map(({ origin }) => origin),
            );
            expect(table.originOf(bytesOf(number, length))).toEqual(inside.length === 0 ? null : expected);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('refuses what is no table, and one that is cut off', () => {
    const whole = encodeAddressTable(input([{ from: 10n, to: 19n, origin: system(1) }]));
    expect(() => openAddressTable(Buffer.from('something else'))).toThrow('These are not data of addresses.');
    expect(() => openAddressTable(Buffer.alloc(0))).toThrow();
    for (let length = 13; length < whole.length; length += 7) {
      expect(() => openAddressTable(whole.subarray(0, length)), String(length)).toThrow();
    }
  });
});
