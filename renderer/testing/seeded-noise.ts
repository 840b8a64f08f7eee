/** A number from 0 to 1 that depends on its seeds alone: the same data at every look. */
export function noise(...seeds: readonly (number | string)[]): number {
  let hash = 2166136261;
  for (const seed of seeds) {
    for (const character of String(seed)) {
      hash ^= character.charCodeAt(0);
      hash = Math.imul(hash, 16777619);
    }
    hash ^= 31;
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 2246822507);
  hash ^= hash >>> 13;
  return (hash >>> 0) / 4294967296;
}
