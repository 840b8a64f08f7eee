import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkSize, hasPlace, packAlerts, unpackAlerts } from './alert-chunk.ts';

const all = Uint16Array.from({ length: chunkSize }, (_, place) => place);

/** Packs alerts whose kind, a state and an action, goes by their place; what comes back must be the same. */
function expectSame(places: Uint16Array, kindOf: (place: number) => readonly [number, number]): Buffer {
  const states = Uint32Array.from(all, (place) => kindOf(place)[0]);
  const actions = Uint32Array.from(all, (place) => kindOf(place)[1]);
  const bytes = packAlerts(places, states, actions);
  const unpacked: [number, number, number][] = [];
  const groups = new Set<string>();
  unpackAlerts(bytes, (state, action, group) => {
    expect(groups.has(`${state} ${action}`)).toBe(false);
    groups.add(`${state} ${action}`);
    expect([...group]).toEqual([...group].sort((left, right) => left - right));
    for (const place of group) unpacked.push([place, state, action]);
  });
  unpacked.sort(([left], [right]) => left - right);
  expect(unpacked).toEqual(Array.from(places, (place) => [place, ...kindOf(place)]));
  for (const place of [0, 7, chunkSize - 1]) expect(hasPlace(bytes, place)).toBe(places.includes(place));
  return bytes;
}

describe('gives back every alert that was packed', () => {
  const number = fc.nat({ max: 0xffff_ffff });
  // States are numbered from 1 on.
  const state = fc.integer({ min: 1, max: 100_000 });
  const kind = fc.tuple(state, fc.oneof(number, fc.constantFrom(0, 1)));

  it('few of them', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: chunkSize - 1 }), { maxLength: 80 }),
        fc.array(kind, { minLength: 1, maxLength: 6 }),
        (unsorted, kinds) => {
          expectSame(Uint16Array.from(unsorted).sort(), (place) => kinds[place % kinds.length] ?? [1, 0]);
        },
      ),
    );
  });

  it.each([1, 2, 3, 4, 15, 16, 255, 256, 2_048])('nearly all of them, of %i kinds', (count) => {
    fc.assert(
      fc.property(
        fc.nat({ max: 0xffff_ffff }),
        fc.integer({ min: 1, max: chunkSize }),
        fc.uniqueArray(fc.nat({ max: chunkSize - 1 }), { maxLength: 60 }),
        (first, step, missing) => {
          const left = new Set(missing);
          const kindOf = (place: number): [number, number] => {
            const index = (place * step) % count;
            return [1 + (index >> 1), (first + (index & 1)) >>> 0];
          };
          expectSame(
            all.filter((place) => !left.has(place)),
            kindOf,
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});

it('comes to an end with any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, isMany) => {
      if (isMany) bytes.fill(0, 0, 4);
      let places = 0;
      unpackAlerts(bytes.subarray(0, bytes.length & ~1), (_state, _action, group) => {
        places += group.length;
      });
      expect(places).toBeLessThanOrEqual(Math.max(chunkSize, bytes.length));
    }),
  );
});

it('takes two bytes for each of few alerts, and some bits for each of many', () => {
  const bytesOf = (places: Uint16Array, kinds: number) =>
    expectSame(places, (place) => [1 + (place % kinds), 5]).length;
  expect(bytesOf(all.subarray(0, 40), 1)).toBe(12 + 40 * 2);
  expect(bytesOf(all, 1)).toBe(16 + chunkSize / 8);
  expect(bytesOf(all, 10)).toBe(8 + 10 * 8 + chunkSize / 2);
  // Where all are different there is nothing to gain.
  expect(bytesOf(all, chunkSize)).toBe(chunkSize * 14);
});
