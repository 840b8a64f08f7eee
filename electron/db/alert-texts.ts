import { type Sql, type SqlDatabase, sql } from './sql.ts';
import { WhyIndex } from './why-index.ts';

/** Texts whose numbers are kept in memory; a flood brings the same few all the time. */
const mostInMemory = 20_000;

/** Numbers by key, remembered only once the transaction that made them has committed. */
export class CommittedNumbers {
  readonly #database: SqlDatabase;
  readonly #most: number;
  readonly #known = new Map<string, number>();
  #fresh = new Map<string, number>();

  constructor(database: SqlDatabase, most: number) {
    this.#database = database;
    this.#most = most;
  }

  get(key: string): number | undefined {
    return this.#fresh.get(key) ?? this.#known.get(key);
  }

  set(key: string, number: number): void {
    this.#fresh.set(key, number);
  }

  delete(key: string): void {
    this.#fresh.delete(key);
    this.#known.delete(key);
  }

  /** Called at the start of every transaction: what an aborted one made is forgotten. */
  begin(): void {
    const fresh = new Map<string, number>();
    this.#fresh = fresh;
    this.#database.afterCommit(() => {
      if (this.#known.size > this.#most) this.#known.clear();
      for (const [key, number] of fresh) this.#known.set(key, number);
      fresh.clear();
    });
  }
}

/** Titles or reasons of alerts: each text once, by its number. */
class TextTable {
  readonly #numbers: CommittedNumbers;
  readonly #select;
  readonly #insert;
  readonly #delete;
  readonly #index: WhyIndex | null;

  /** Texts that may belong to nobody any more. */
  readonly #released = new Map<number, string>();
  readonly #mostReleased: number;

  /**
   * @param index table of its triples, where there is one
   * @param mostReleased so many texts are kept when nobody has them any more, because they come back
   */
  constructor(
    database: SqlDatabase,
    table: Sql,
    isSame: Sql,
    usedBy: Sql,
    index: WhyIndex | null,
    mostReleased: number,
  ) {
    this.#mostReleased = mostReleased;
    this.#numbers = new CommittedNumbers(database, mostInMemory);
    this.#select = database.prepare<{ readonly id: number }>(
      sql`SELECT id FROM (SELECT ? AS wanted) CROSS JOIN ${table} WHERE ${isSame}`,
    );
    this.#insert = database.prepare(sql`INSERT INTO ${table} (text) VALUES (?)`);
    this.#delete = database.prepare(
      sql`DELETE FROM ${table} WHERE id = ? AND NOT EXISTS (SELECT 1 FROM alert WHERE ${usedBy} = ${table}.id)`,
    );
    this.#index = index;
  }

  #insertNew(text: string): number {
    const id = this.#insert.run(text).lastRowId;
    this.#index?.added(id);
    return id;
  }

  #remove(id: number, text: string): void {
    // If this is rolled back, nothing is remembered of a text that is there: that is only slower.
    if (this.#delete.run(id).changes === 0) return;
    this.#index?.removed(id);
    this.#numbers.delete(text);
  }

  begin(): void {
    this.#numbers.begin();
    this.#index?.catchUp();
    if (this.#released.size <= this.#mostReleased) return;
    for (const [id, text] of this.#released) this.#remove(id, text);
    this.#released.clear();
  }

  /** The number of a text, given to it now if it has none. Within a transaction. */
  idOf(text: string): number {
    const known = this.#numbers.get(text) ?? this.#select.get(text)?.id;
    const id = known ?? this.#insertNew(text);
    this.#numbers.set(text, id);
    return id;
  }

  /** Gives up a text that an alert has no more: it goes, at once or with others, unless one has it. In a transaction. */
  release(id: number, text: string): void {
    if (this.#mostReleased === 0) this.#remove(id, text);
    else this.#released.set(id, text);
  }
}

/** Where titles and reasons of alerts are written. */
export class AlertTexts {
  readonly #titles: TextTable;
  readonly #whys: TextTable;

  /** @param mostReleased reasons kept that nobody has: a source says of one alert this and that in turns */
  constructor(database: SqlDatabase, mostReleased = 1_000, index = new WhyIndex(database)) {
    this.#titles = new TextTable(
      database,
      sql`alert_title`,
      // Its index is in the order of a list: without regard to case first.
      sql`text COLLATE NOCASE = wanted AND text = wanted`,
      sql`title_id`,
      null,
      0,
    );
    this.#whys = new TextTable(
      database,
      sql`alert_why`,
      sql`text = wanted`,
      sql`why_id`,
      index,
      mostReleased,
    );
  }

  /** Called at the start of every transaction that writes texts. */
  begin(): void {
    this.#titles.begin();
    this.#whys.begin();
  }

  idsOf({ title, why }: { readonly title: string; readonly why: string }): {
    readonly titleId: number;
    readonly whyId: number;
  } {
    return { titleId: this.#titles.idOf(title), whyId: this.#whys.idOf(why) };
  }

  /** Called once an alert has what it has `now`: gives up texts that it had and has no more. */
  release(
    before: {
      readonly title_id: number;
      readonly title: string;
      readonly why_id: number;
      readonly why: string;
    },
    now: { readonly title: string; readonly why: string },
  ): void {
    if (now.title !== before.title) this.#titles.release(before.title_id, before.title);
    if (now.why !== before.why) this.#whys.release(before.why_id, before.why);
  }
}
