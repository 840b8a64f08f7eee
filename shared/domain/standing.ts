import type { CaseEntry } from './case.ts';

/** One entry's value of a field, or its adding of a member to a set. */
export interface Write<T> {
  readonly entry: CaseEntry;
  readonly value: T;
  /** Place in the timeline. */
  readonly index: number;
}

/**
 * The writes of a field or member that no other replaces: one nearly always, or as many as were made apart, in clock
 * order. One is kept without a map, for a long case has a hundred thousand of these.
 */
export class Standing<T> {
  #only: Write<T> | null = null;
  #several: Map<string, Write<T>> | null = null;

  get size(): number {
    return this.#several?.size ?? (this.#only === null ? 0 : 1);
  }

  put(write: Write<T>): this {
    if (this.#several === null && this.#only === null) this.#only = write;
    else {
      this.#several ??= new Map(this.#only === null ? [] : [[this.#only.entry.hash, this.#only]]);
      this.#several.set(write.entry.hash, write);
    }
    return this;
  }

  /** @param hashes of the entries that are replaced; those that do not stand here are left aside */
  remove(hashes: Iterable<string>): void {
    for (const hash of hashes) {
      this.#several?.delete(hash);
      if (this.#only?.entry.hash === hash) this.#only = null;
    }
    if (this.#several?.size === 0) this.clear();
  }

  clear(): void {
    this.#only = null;
    this.#several = null;
  }

  list(): readonly Write<T>[] {
    if (this.#several !== null) return [...this.#several.values()];
    return this.#only === null ? [] : [this.#only];
  }

  oldest(): Write<T> | null {
    return this.#several === null ? this.#only : (this.list()[0] ?? null);
  }

  /** The one that is shown. */
  newest(): Write<T> | null {
    return this.#several === null ? this.#only : (this.list().at(-1) ?? null);
  }
}
