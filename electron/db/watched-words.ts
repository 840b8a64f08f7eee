import { hasNeedle, needleOf } from './record-index.ts';
import { listSql, type SqlDatabase, sql } from './sql.ts';

interface Word {
  readonly id: number;
  readonly text: string;
  /** As it is looked for. */
  readonly needle: string;
  readonly isWhole: boolean;
}

/**
 * Words that suppressions look for in raw records, as the query bar does. Which alerts have a record with one is
 * written in the transaction that stores the record, so that alerts are judged by it when they come.
 */
export class WatchedWords {
  readonly #database: SqlDatabase;
  #known: readonly Word[] | null = null;

  constructor(database: SqlDatabase) {
    this.#database = database;
    database.attach({
      save: () => {},
      forget: () => {
        this.#known = null;
      },
    });
  }

  get #words(): readonly Word[] {
    this.#known ??= this.#database
      .all<{ readonly id: number; readonly text: string; readonly is_whole: number }>(
        sql`SELECT id, text, is_whole FROM watched_word ORDER BY id`,
      )
      .map(({ id, text, is_whole }) => ({ id, text, needle: needleOf(text) ?? '', isWhole: is_whole === 1 }));
    return this.#known;
  }

  /** What is looked for from now on; what is known of others goes. Within a transaction. */
  set(texts: readonly string[]): void {
    const wanted = new Set(texts.filter((text) => needleOf(text) !== null));
    const gone = this.#words.filter(({ text }) => !wanted.has(text)).map(({ id }) => id);
    if (gone.length > 0) {
      this.#database.run(sql`DELETE FROM watched_word_alert WHERE word IN ${listSql(gone)}`);
      this.#database.run(sql`DELETE FROM watched_word WHERE id IN ${listSql(gone)}`);
    }
    for (const text of wanted) {
      this.#database.run(sql`INSERT OR IGNORE INTO watched_word (text, is_whole) VALUES (${text}, 0)`);
    }
    this.#known = null;
  }

  /** Texts of which older records have not been looked at. */
  unfinished(): string[] {
    return this.#words.filter(({ isWhole }) => !isWhole).map(({ text }) => text);
  }

  /** Whether all records have been looked at for a text. */
  isWhole(text: string): boolean {
    return needleOf(text) === null || this.#words.some((word) => word.text === text && word.isWhole);
  }

  /** All older records have been looked at: these alerts have one with the text. Within a transaction. */
  finish(text: string, sequences: ReadonlySet<number>): void {
    const word = this.#words.find((each) => each.text === text);
    // Nobody asks for it any more.
    if (word === undefined) return;
    for (const sequence of sequences) this.#add(word.id, sequence);
    this.#database.run(sql`UPDATE watched_word SET is_whole = 1 WHERE id = ${word.id}`);
    this.#known = null;
  }

  /** Looks at the record of an alert that comes. Within its transaction. @returns whether something new is known of it */
  look(sequence: number, record: string): boolean {
    let isNew = false;
    for (const { id, needle } of this.#words) {
      if (hasNeedle(record, needle) && this.#add(id, sequence)) isNew = true;
    }
    return isNew;
  }

  #add(word: number, sequence: number): boolean {
    return (
      this.#database.run(
        sql`INSERT OR IGNORE INTO watched_word_alert (word, alert_sequence) VALUES (${word}, ${sequence})`,
      ).changes > 0
    );
  }

  /** Whether an alert has a record with a text, as far as is known. */
  has(text: string, sequence: number): boolean {
    const word = this.#words.find((each) => each.text === text);
    return (
      word !== undefined &&
      this.#database.get(
        sql`SELECT 1 FROM watched_word_alert WHERE word = ${word.id} AND alert_sequence = ${sequence}`,
      ) !== undefined
    );
  }

  /** The alerts that have a record with a text, as far as is known; null where it is not looked for. */
  known(text: string): { readonly sequences: ReadonlySet<number> } | null {
    const word = this.#words.find((each) => each.text === text);
    if (word === undefined) return null;
    return {
      sequences: new Set(
        this.#database.numbers(sql`SELECT alert_sequence FROM watched_word_alert WHERE word = ${word.id}`),
      ),
    };
  }
}
