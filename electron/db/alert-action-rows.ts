/*
 * What alerts of one chunk were before an action, as bytes: each alert by its place in the chunk, with its state and the
 * action before. Most alerts of a bulk were in one of a few states: they are grouped by it, and each takes two bytes.
 * The format stands in the migration that made it.
 */

const headBytes = 12;
const placeBytes = 2;
const groupFactor = 4_294_967_296;

/**
 * @param places rising
 * @param states of the whole chunk, by place, as `actions`
 */
export function packRowsBefore(places: readonly number[], states: Uint32Array, actions: Uint32Array): Buffer {
  const groups = new Map<number, number[]>();
  for (const place of places) {
    const key = (states[place] ?? 0) * groupFactor + (actions[place] ?? 0);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  }
  const bytes = Buffer.allocUnsafe(groups.size * headBytes + places.length * placeBytes);
  let at = 0;
  for (const [key, group] of groups) {
    at = bytes.writeUInt32LE(Math.floor(key / groupFactor), at);
    at = bytes.writeUInt32LE(key % groupFactor, at);
    at = bytes.writeUInt32LE(group.length, at);
    for (const place of group) at = bytes.writeUInt16LE(place, at);
  }
  return bytes;
}

/** Gives each row that `packRowsBefore` packed, group after group. */
export function unpackRowsBefore(
  bytes: Buffer,
  take: (place: number, state: number, lastAction: number) => void,
): void {
  let at = 0;
  while (at < bytes.length) {
    const state = bytes.readUInt32LE(at);
    const lastAction = bytes.readUInt32LE(at + 4);
    const end = at + headBytes + bytes.readUInt32LE(at + 8) * placeBytes;
    for (at += headBytes; at < end; at += placeBytes) take(bytes.readUInt16LE(at), state, lastAction);
  }
}

/** Whether an alert's place is among packed rows. */
export function hasPlace(bytes: Buffer, place: number): boolean {
  let isThere = false;
  unpackRowsBefore(bytes, (one) => {
    if (one === place) isThere = true;
  });
  return isThere;
}
