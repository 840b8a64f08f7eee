import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasPlace, packRowsBefore, unpackRowsBefore } from './alert-action-rows.ts';

it('gives back every row that was packed', () => {
  const number = fc.nat({ max: 0xffff_ffff });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: 2_047 }), { maxLength: 50 }),
      fc.array(fc.tuple(fc.nat({ max: 2_000_000 }), number), { minLength: 1, maxLength: 4 }),
      (unsorted, kinds) => {
        const places = unsorted.toSorted((left, right) => left - right);
        const kindOf = (place: number) => kinds[place % kinds.length] ?? [0, 0];
        const states = Uint32Array.from({ length: 2_048 }, (_, place) => kindOf(place)[0]);
        const actions = Uint32Array.from({ length: 2_048 }, (_, place) => kindOf(place)[1]);
        const bytes = packRowsBefore(places, states, actions);
        const rows: number[][] = [];
        unpackRowsBefore(bytes, (place, state, lastAction) => rows.push([place, state, lastAction]));
        rows.sort(([left = 0], [right = 0]) => left - right);
        expect(rows).toEqual(places.map((place) => [place, ...kindOf(place)]));
        for (const place of [0, 7, 2_047]) expect(hasPlace(bytes, place)).toBe(places.includes(place));
      },
    ),
  );
});
