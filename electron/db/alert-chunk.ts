/*
 * Alerts of one chunk as bytes: each by its place in the chunk, with its state and an action. Most are in one of a few
 * states, so they lie in groups of the same state and action. All numbers are 16 bits wide or pairs of these, the lower
 * half first. Of two layouts the shorter is written:
 *
 * - few alerts: each group as state (2), action (2), how many (2), their places (1 each);
 * - many: 0 (2), which is no state; bits a place (1); how many groups (1); each group as state (2), action (2); then for
 *   every place of the chunk, so many bits each, the lowest first, 0 or the number of its group, counted from 1.
 *
 * The migration that made the tables writes the first.
 */

/** Alerts with following numbers that lie together: a chunk starts at each multiple of 2,048. */
export const chunkBits = 11;
export const chunkSize = 1 << chunkBits;

const headWords = 6;
/** Of the second layout, before its groups and for each of them. */
const manyHeadWords = 4;
const manyGroupWords = 4;
const wordBits = 16;
/** Widths that divide a word. */
const widths = [1, 2, 4, 8] as const;
const none = -1;

// Room for one packing or unpacking: each happens a thousand times in a row.
const groupOfPlace = new Uint16Array(chunkSize);
const groupStates = new Uint32Array(chunkSize);
const groupActions = new Uint32Array(chunkSize);
const groupCounts = new Uint32Array(chunkSize);
/** The next group of the same state, if any. */
const following = new Int16Array(chunkSize);
/** The last group of each state in this packing, plus one; 0 for none, everywhere, between packings. */
let groupOfState = new Uint16Array(1_024);

/**
 * @param places of the alerts that are packed, without repetition
 * @param states of the whole chunk, by place, as `actions`
 */
export function packAlerts(places: Uint16Array, states: Uint32Array, actions: Uint32Array): Buffer {
  let groups = 0;
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index] ?? 0;
    const state = states[place] ?? 0;
    const action = actions[place] ?? 0;
    if (state >= groupOfState.length) groupOfState = grown(groupOfState, state);
    const first = (groupOfState[state] ?? 0) - 1;
    let group = first;
    while (group !== none && groupActions[group] !== action) group = following[group] ?? none;
    if (group === none) {
      group = groups;
      groups += 1;
      groupStates[group] = state;
      groupActions[group] = action;
      groupCounts[group] = 0;
      following[group] = first;
      groupOfState[state] = group + 1;
    }
    groupOfPlace[place] = group;
    groupCounts[group] = (groupCounts[group] ?? 0) + 1;
  }
  const bits = widths.find((width) => groups < 1 << width);
  const fewWords = groups * headWords + places.length;
  const manyWords =
    bits === undefined
      ? Number.POSITIVE_INFINITY
      : manyHeadWords + groups * manyGroupWords + placeWords(bits);
  const packed =
    bits === undefined || fewWords <= manyWords ? packFew(places, groups) : packMany(places, groups, bits);
  for (let group = 0; group < groups; group += 1) groupOfState[groupStates[group] ?? 0] = 0;
  return Buffer.from(packed.buffer);
}

const placeWords = (bits: number): number => (chunkSize * bits) / wordBits;

function packFew(places: Uint16Array, groups: number): Uint16Array<ArrayBuffer> {
  const words = new Uint16Array(groups * headWords + places.length);
  let at = 0;
  for (let group = 0; group < groups; group += 1) {
    const count = groupCounts[group] ?? 0;
    at = writePair(words, at, groupStates[group] ?? 0);
    at = writePair(words, at, groupActions[group] ?? 0);
    at = writePair(words, at, count);
    // From now on where its next place goes.
    groupCounts[group] = at;
    at += count;
  }
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index] ?? 0;
    const group = groupOfPlace[place] ?? 0;
    const end = groupCounts[group] ?? 0;
    words[end] = place;
    groupCounts[group] = end + 1;
  }
  return words;
}

function packMany(places: Uint16Array, groups: number, bits: number): Uint16Array<ArrayBuffer> {
  const first = manyHeadWords + groups * manyGroupWords;
  const words = new Uint16Array(first + placeWords(bits));
  words[2] = bits;
  words[3] = groups;
  let at = manyHeadWords;
  for (let group = 0; group < groups; group += 1) {
    at = writePair(words, at, groupStates[group] ?? 0);
    at = writePair(words, at, groupActions[group] ?? 0);
  }
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index] ?? 0;
    const bit = place * bits;
    const word = first + (bit >>> 4);
    words[word] = (words[word] ?? 0) | (((groupOfPlace[place] ?? 0) + 1) << (bit & (wordBits - 1)));
  }
  return words;
}

function grown(numbers: Uint16Array, atLeast: number): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(atLeast * 2 + 1);
  larger.set(numbers);
  return larger;
}

function writePair(words: Uint16Array, at: number, value: number): number {
  words[at] = value & 0xffff;
  words[at + 1] = value >>> 16;
  return at + 2;
}

const readPair = (words: Uint16Array, at: number): number =>
  ((words[at] ?? 0) | ((words[at + 1] ?? 0) << 16)) >>> 0;

/** Gives the groups that `packAlerts` packed; places rise within a group, and are not to be kept. */
export function unpackAlerts(
  bytes: Uint8Array,
  take: (state: number, action: number, places: Uint16Array) => void,
): void {
  // Copied: bytes out of the database need not start where 16 bits may.
  const words = new Uint16Array(bytes.slice().buffer);
  if (isMany(words)) {
    unpackMany(words, take);
    return;
  }
  let at = 0;
  while (at + headWords <= words.length) {
    const end = at + headWords + readPair(words, at + 4);
    take(readPair(words, at), readPair(words, at + 2), words.subarray(at + headWords, end));
    at = end;
  }
}

const isMany = (words: Uint16Array): boolean => words.length > manyHeadWords && readPair(words, 0) === 0;

function unpackMany(
  words: Uint16Array,
  take: (state: number, action: number, places: Uint16Array) => void,
): void {
  const bits = widths.find((width) => width === words[2]);
  // Of a damaged file: its alerts get a state that lets somebody look when the file is repaired.
  if (bits === undefined) return;
  const groups = words[3] ?? 0;
  const first = manyHeadWords + groups * manyGroupWords;
  const mask = (1 << bits) - 1;
  const ends = new Uint16Array(groups + 2);
  for (let at = first, place = 0; at < words.length; at += 1) {
    for (let word = words[at] ?? 0, end = place + wordBits / bits; place < end; place += 1) {
      const number = word & mask;
      groupOfPlace[place] = number;
      ends[number + 1] = (ends[number + 1] ?? 0) + 1;
      word >>>= bits;
    }
  }
  // From counts to where each group's places begin, those in no group before all.
  for (let number = 1; number < ends.length; number += 1) {
    ends[number] = (ends[number] ?? 0) + (ends[number - 1] ?? 0);
  }
  const places = new Uint16Array(chunkSize);
  for (let place = 0; place < chunkSize; place += 1) {
    const number = groupOfPlace[place] ?? 0;
    const at = ends[number] ?? 0;
    places[at] = place;
    ends[number] = at + 1;
  }
  for (let group = 0; group < groups; group += 1) {
    const at = manyHeadWords + group * manyGroupWords;
    take(readPair(words, at), readPair(words, at + 2), places.subarray(ends[group], ends[group + 1]));
  }
}

/** Whether an alert's place is among packed ones. */
export function hasPlace(bytes: Uint8Array, place: number): boolean {
  let isThere = false;
  unpackAlerts(bytes, (_state, _action, places) => {
    if (places.includes(place)) isThere = true;
  });
  return isThere;
}
