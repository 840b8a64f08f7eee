/*
 * The alerts that a question is asked about, and which of them it found: all by their numbers, or a few.
 */

/** For each alert asked about by its place 1 or 0. */
export type Found = Uint8Array;

/** The alerts that are asked about: all, each at the place of its number, or a few. */
export interface Scope {
  readonly length: number;
  /** The few, rising, and where each stands; null for all. */
  readonly few: { readonly numbers: Uint32Array; readonly json: string } | null;
  /** Where an alert stands; -1 where it is not asked about. */
  placeOf(sequence: number): number;
}

/** Numbers rising, each once. */
export function inOrderOnce(numbers: readonly number[]): Uint32Array {
  const sorted = Uint32Array.from(numbers).sort();
  let length = 0;
  for (let index = 0; index < sorted.length; index += 1) {
    const number = sorted[index] ?? 0;
    if (index > 0 && number === sorted[length - 1]) continue;
    sorted[length] = number;
    length += 1;
  }
  return sorted.subarray(0, length);
}

/** A few alerts, given rising, each once. */
export function fewScope(numbers: Uint32Array): Scope {
  let places: Map<number, number> | null = null;
  const placesByNumber = () => {
    places = new Map();
    for (let place = 0; place < numbers.length; place += 1) places.set(numbers[place] ?? 0, place);
    return places;
  };
  return {
    length: numbers.length,
    few: {
      numbers,
      get json() {
        return `[${numbers.join(',')}]`;
      },
    },
    placeOf: (sequence) => (places ?? placesByNumber()).get(sequence) ?? -1,
  };
}

/** How many are found among the places from `from` up to, not with, `to`. */
export function countFound(found: Found, from: number, to: number): number {
  const end = Math.min(to, found.length);
  let count = 0;
  for (let place = from; place < end; place += 1) count += found[place] ?? 0;
  return count;
}

/** Adds to what was found what else was. */
export function add(found: Found, more: Found): void {
  for (let place = 0; place < found.length; place += 1) {
    found[place] = (found[place] ?? 0) | (more[place] ?? 0);
  }
}

/** Places of what was found before `end`, rising. */
export function listFound(found: Found, end: number): Uint32Array {
  const before = Math.min(end, found.length);
  const list = new Uint32Array(countFound(found, 0, before));
  for (let place = 0, at = 0; at < list.length; place += 1) {
    // Written each time and kept where it counts: a branch that cannot be foreseen costs more.
    list[at] = place;
    at += found[place] ?? 0;
  }
  return list;
}
