import { type SqlDatabase, sql } from './sql.ts';

interface Pace {
  /** So many of the newest reasons are left out: most of what sources say in turns never gets further. */
  readonly behind: number;
  /** Reasons that are taken up in one transaction at most, some milliseconds of work, and at least. */
  readonly most: number;
  readonly fewest: number;
}

const usualPace: Pace = { behind: 2_000, most: 1_500, fewest: 500 };

/**
 * The index of the triples of reasons. It follows behind: a reason that another takes the place of soon, as a source
 * that counts brings all the time, costs it nothing. Searches look through what is not in it yet.
 */
export class WhyIndex {
  readonly #database: SqlDatabase;
  readonly #delete;
  readonly #pace: Pace;
  /** Reasons up to this number are in it; read when it is needed. */
  #upTo: number | null = null;
  #newest: number | null = null;

  constructor(database: SqlDatabase, pace = usualPace) {
    this.#database = database;
    this.#pace = pace;
    this.#delete = database.prepare(sql`DELETE FROM alert_why_index WHERE rowid = ?`);
    database.attach({
      save: () => {},
      forget: () => {
        this.#upTo = null;
        this.#newest = null;
      },
    });
  }

  #indexedUpTo(): number {
    this.#upTo ??=
      this.#database.get<{ readonly up_to: number }>(sql`SELECT up_to FROM alert_why_indexed WHERE id = 1`)
        ?.up_to ?? 0;
    return this.#upTo;
  }

  /** A reason was written; numbers rise and are never given again. Within its transaction. */
  added(id: number): void {
    this.#newest = id;
  }

  /** A reason went. Within its transaction. */
  removed(id: number): void {
    if (id <= this.#indexedUpTo()) this.#delete.run(id);
  }

  /** Takes up what has stayed for a while. Within a transaction. */
  catchUp(): void {
    this.#newest ??=
      this.#database.get<{ readonly id: number | null }>(sql`SELECT max(id) AS id FROM alert_why`)?.id ?? 0;
    const from = this.#indexedUpTo();
    const upTo = Math.min(this.#newest - this.#pace.behind, from + this.#pace.most);
    if (upTo - from < this.#pace.fewest) return;
    this.#database.run(
      sql`INSERT INTO alert_why_index (rowid, text) SELECT id, text FROM alert_why WHERE id > ${from} AND id <= ${upTo}`,
    );
    this.#database.run(sql`UPDATE alert_why_indexed SET up_to = ${upTo} WHERE id = 1`);
    this.#upTo = upTo;
  }
}
