import type { RangeWorld } from './range-world.ts';

let current: RangeWorld | null = null;

/** Set by the composition root when it opens the range's data directory, and to null when it leaves it. */
export function setRangeWorld(world: RangeWorld | null): void {
  current = world;
}

/** The world that runs in this core, or null outside the range. */
export function rangeWorld(): RangeWorld | null {
  return current;
}
