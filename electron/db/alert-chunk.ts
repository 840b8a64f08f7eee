/*
 * Alerts of one chunk as bytes: each by its place in the chunk, with its state and an action. Most are in one of a few
 * states, so they lie in groups of the same state and action, and each takes two bytes. All numbers are 16 bits wide or
 * pairs of these, the lower half first: state (2), action (2), how many (2), their places (1 each). The migration that
 * made the tables writes this format, too.
 */

/** Alerts with following numbers that lie together: a chunk starts at each multiple of 2,048. */
export const chunkBits = 11;
export const chunkSize = 1 << chunkBits;

const headWords = 6;
const none = -1;

// Room for one packing: it happens a thousand times in a row.
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
  const words = new Uint16Array(groups * headWords + places.length);
  let at = 0;
  for (let group = 0; group < groups; group += 1) {
    const state = groupStates[group] ?? 0;
    const count = groupCounts[group] ?? 0;
    groupOfState[state] = 0;
    at = writePair(words, at, state);
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
  return Buffer.from(words.buffer);
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

/** Gives the groups that `packAlerts` packed; places rise within a group. */
export function unpackAlerts(
  bytes: Uint8Array,
  take: (state: number, action: number, places: Uint16Array) => void,
): void {
  // Copied: bytes out of the database need not start where 16 bits may.
  const words = new Uint16Array(bytes.slice().buffer);
  let at = 0;
  while (at + headWords <= words.length) {
    const end = at + headWords + readPair(words, at + 4);
    take(readPair(words, at), readPair(words, at + 2), words.subarray(at + headWords, end));
    at = end;
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
