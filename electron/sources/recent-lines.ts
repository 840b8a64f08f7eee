/**
 * Counts repetitions of lines by their hash, in bounded memory: identical records of a stream are told apart by
 * their ordinal. Lines are counted in generations of `linesAGeneration`; the present and the previous one are
 * remembered, so a repetition is recognised at least `linesAGeneration` lines back, whatever the stream's length.
 * An identical record further back would get its ordinal anew and count as the same record: for records that carry
 * a time to the microsecond that is what it is.
 *
 * Which generation a line belongs to depends on its number in the stream alone. So a reader that goes on in the
 * middle gets the same ordinals when it first counts the lines from `previousStart` on once more.
 */
export interface RecentLines {
  /** How often this hash came before within memory; counts it. */
  ordinalOf(high: number, low: number): number;
  /** True when the next line begins a new generation: the caller notes where in the stream that is. */
  readonly atBoundary: boolean;
}

export const linesAGeneration = 131_072;

/** An open-addressing table of 64-bit hashes with their counts; about 3 MB at full size. */
class Generation {
  readonly #mask: number;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #counts: Uint16Array;

  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#high = new Uint32Array(capacity);
    this.#low = new Uint32Array(capacity);
    this.#counts = new Uint16Array(capacity);
  }

  #slot(high: number, low: number): number {
    let slot = (low ^ (high >>> 7)) & this.#mask;
    while (this.#counts[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  count(high: number, low: number): number {
    return this.#counts[this.#slot(high, low)] ?? 0;
  }

  add(high: number, low: number): void {
    const slot = this.#slot(high, low);
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#counts[slot] = Math.min(65_535, (this.#counts[slot] ?? 0) + 1);
  }
}

/** @param generationLines how many lines a generation holds; a power of two. Tests use small ones. */
export function createRecentLines(generationLines = linesAGeneration): RecentLines {
  const capacity = generationLines * 2;
  let previous: Generation | null = null;
  let present = new Generation(capacity);
  let inGeneration = 0;
  return {
    ordinalOf(high, low) {
      if (inGeneration === generationLines) {
        previous = present;
        present = new Generation(capacity);
        inGeneration = 0;
      }
      inGeneration += 1;
      const unsignedHigh = high >>> 0;
      const unsignedLow = low >>> 0;
      const ordinal =
        (previous?.count(unsignedHigh, unsignedLow) ?? 0) + present.count(unsignedHigh, unsignedLow);
      present.add(unsignedHigh, unsignedLow);
      return ordinal;
    },
    get atBoundary() {
      return inGeneration === generationLines;
    },
  };
}
