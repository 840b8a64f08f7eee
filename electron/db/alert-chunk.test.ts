import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunkSize, hasPlace, packAlerts, unpackAlerts } from './alert-chunk.ts';

it('gives back every alert that was packed', () => {
  const number = fc.nat({ max: 0xffff_ffff });
  // States are numbered from 1 on.
  const state = fc.nat({ max: 100_000 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: chunkSize - 1 }), { maxLength: 80 }),
      fc.array(fc.tuple(state, fc.oneof(number, fc.constantFrom(0, 1))), { minLength: 1, maxLength: 6 }),
      (unsorted, kinds) => {
        const places = Uint16Array.from(unsorted).sort();
        const kindOf = (place: number) => kinds[place % kinds.length] ?? [0, 0];
        const states = Uint32Array.from({ length: chunkSize }, (_, place) => kindOf(place)[0]);
        const actions = Uint32Array.from({ length: chunkSize }, (_, place) => kindOf(place)[1]);
        const bytes = packAlerts(places, states, actions);
        const unpacked: [number, number, number][] = [];
        unpackAlerts(bytes, (ofState, action, group) => {
          expect([...group]).toEqual([...group].sort((left, right) => left - right));
          for (const place of group) unpacked.push([place, ofState, action]);
        });
        unpacked.sort(([left], [right]) => left - right);
        expect(unpacked).toEqual(Array.from(places, (place) => [place, ...kindOf(place)]));
        for (const place of [0, 7, chunkSize - 1]) {
          expect(hasPlace(bytes, place)).toBe(places.includes(place));
        }
      },
    ),
  );
});

it('takes two bytes an alert where all are alike', () => {
  const alike = new Uint32Array(chunkSize).fill(3);
  const places = Uint16Array.from({ length: chunkSize }, (_, place) => place);
  expect(packAlerts(places, alike, alike).length).toBe(chunkSize * 2 + 12);
});
