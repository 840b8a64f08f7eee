import type Database from 'better-sqlite3';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { isDamage, toStorageError } from './storage-error.ts';

/** What can be bound. */
export type SqlValue = string | number | bigint | null | Uint8Array;

const brand = Symbol('sql');

/** Rows of one multi-row INSERT: beyond this nothing is won. */
const rowsAStatement = 40;

/** A piece of SQL and its bound values. Only the `sql` tag makes one, so text from outside can only be bound. */
export interface Sql {
  readonly [brand]: true;
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** `sql\`... ${value} ...\``: values are bound, pieces of `sql` are joined in, nothing is pasted. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (SqlValue | Sql)[]): Sql {
  let text = strings[0] ?? '';
  const values: SqlValue[] = [];
  for (const [index, part] of parts.entries()) {
    if (part !== null && typeof part === 'object' && brand in part) {
      text += part.text;
      values.push(...part.values);
    } else {
      text += '?';
      values.push(part);
    }
    text += strings[index + 1] ?? '';
  }
  return { [brand]: true, text, values };
}

/** Pieces with a separator between them; none at all gives an empty piece. */
export function joinSql(pieces: readonly Sql[], separator: Sql): Sql {
  return {
    [brand]: true,
    text: pieces.map((piece) => piece.text).join(separator.text),
    values: pieces.flatMap((piece) => piece.values),
  };
}

/** `(?, ?, ...)` for IN, one place a value. */
export function listSql(values: readonly SqlValue[]): Sql {
  return { [brand]: true, text: `(${values.map(() => '?').join(', ')})`, values };
}

/** A prepared statement for hot paths: `?` in its text are bound at each call. */
export interface Prepared<Row> {
  run(...values: readonly SqlValue[]): { readonly changes: number; readonly lastRowId: number };
  /** The same with the values in one array: no copy is made of a long one. */
  runAll(values: readonly SqlValue[]): { readonly changes: number; readonly lastRowId: number };
  get(...values: readonly SqlValue[]): Row | undefined;
  all(...values: readonly SqlValue[]): Row[];
}

/** Somebody who keeps changes in memory until a transaction ends. */
export interface TransactionPart {
  /** Writes what was changed since; called within the transaction. */
  save(): void;
  /** Something was rolled back: what is in memory may be wrong. */
  forget(): void;
}

/**
 * One connection as repositories see it: statements kept by their text, errors in the project's own words,
 * transactions that nest. Rows are trusted to have the columns their statement names.
 */
export class SqlDatabase {
  readonly connection: Database.Database;
  readonly #statements = new Map<string, Prepared<unknown>>();
  readonly #onDamage: () => void;
  #depth = 0;
  #damaged = false;
  #afterCommit: (() => void)[] = [];
  /** Told after every commit of a transaction, before anybody who waits for one. */
  onCommit: (() => void) | null = null;
  readonly #parts: TransactionPart[] = [];
  readonly #numbers = new Map<string, Database.Statement<SqlValue[], number>>();

  constructor(connection: Database.Database, onDamage: () => void = () => {}) {
    this.connection = connection;
    this.#onDamage = onDamage;
  }

  prepare<Row = unknown>(statement: Sql): Prepared<Row> {
    const known = this.#statements.get(statement.text);
    if (known) return known as Prepared<Row>;
    // better-sqlite3 takes values one by one or as one array.
    const prepared = this.#guard(() =>
      this.connection.prepare<(SqlValue | readonly SqlValue[])[], Row>(statement.text),
    );
    // No closures here: these run a hundred thousand times a second.
    const fail = (thrown: unknown): unknown => this.#failure(thrown);
    const refuseDamaged = () => this.#refuseDamaged();
    const made: Prepared<Row> = {
      run(...values) {
        return made.runAll(values);
      },
      runAll(values) {
        refuseDamaged();
        try {
          const result = prepared.run(values);
          return { changes: result.changes, lastRowId: Number(result.lastInsertRowid) };
        } catch (thrown) {
          throw fail(thrown);
        }
      },
      get(...values) {
        try {
          return prepared.get(...values);
        } catch (thrown) {
          throw fail(thrown);
        }
      },
      all(...values) {
        try {
          return prepared.all(...values);
        } catch (thrown) {
          throw fail(thrown);
        }
      },
    };
    // Statements made of lists of any length would grow without end.
    if (this.#statements.size > 500) this.#statements.clear();
    this.#statements.set(statement.text, made);
    return made;
  }

  run(statement: Sql): { readonly changes: number; readonly lastRowId: number } {
    return this.prepare(statement).run(...statement.values);
  }

  get<Row>(statement: Sql): Row | undefined {
    return this.prepare<Row>(statement).get(...statement.values);
  }

  all<Row>(statement: Sql): Row[] {
    return this.prepare<Row>(statement).all(...statement.values);
  }

  /** The first column of every row, whole numbers all: a third of the time of rows. */
  numbers(statement: Sql): number[] {
    return this.#guard(() => {
      let prepared = this.#numbers.get(statement.text);
      if (prepared === undefined) {
        prepared = this.connection.prepare<SqlValue[], number>(statement.text).pluck();
        if (this.#numbers.size > 100) this.#numbers.clear();
        this.#numbers.set(statement.text, prepared);
      }
      return prepared.all(...statement.values);
    });
  }

  /** Takes part in every transaction from now on. */
  attach(part: TransactionPart): void {
    this.#parts.push(part);
  }

  /**
   * Inserts many rows, dozens a statement: half the time of one by one.
   * @param into `INSERT OR FAIL INTO table (columns)`, without VALUES; FAIL (or IGNORE) spares SQLite the notes by
   *   which it could take half a statement back: an error ends the whole transaction here
   * @param values the rows' values one after the other, `columns` of them a row
   * @param otherwise what follows the values: `ON CONFLICT ...`
   * @returns how many rows came to be
   */
  insertMany(into: Sql, columns: number, values: readonly SqlValue[], otherwise: Sql = sql``): number {
    const rows = values.length / columns;
    if (rows === 0) return 0;
    const row = `(${'?, '.repeat(columns - 1)}?)`;
    const ofRows = (count: number): Prepared<unknown> => {
      const text = `${into.text} VALUES ${`${row}, `.repeat(count - 1)}${row} ${otherwise.text}`;
      return this.prepare({ [brand]: true, text, values: [] });
    };
    let inserted = 0;
    let start = 0;
    if (rows >= rowsAStatement) {
      const many = ofRows(rowsAStatement);
      for (; rows - start >= rowsAStatement; start += rowsAStatement) {
        inserted += many.runAll(values.slice(start * columns, (start + rowsAStatement) * columns)).changes;
      }
    }
    const one = ofRows(1);
    for (; start < rows; start += 1) {
      inserted += one.runAll(values.slice(start * columns, (start + 1) * columns)).changes;
    }
    return inserted;
  }

  /** Several statements that return nothing: schema and pragmas. */
  script(statement: Sql): void {
    this.#guard(() => this.connection.exec(statement.text));
  }

  get inTransaction(): boolean {
    return this.#depth > 0;
  }

  /** See `Store.transaction`. */
  transaction<T>(work: () => T): T {
    this.#refuseDamaged();
    const outermost = this.#depth === 0;
    const hooksBefore = this.#afterCommit.length;
    // What was changed so far outlives a nested part that fails.
    if (!outermost) this.#saveParts();
    // Prepared: a batch of signals nests thousands of times.
    this.run(outermost ? sql`BEGIN IMMEDIATE` : sql`SAVEPOINT nested`);
    this.#depth += 1;
    let result: T;
    try {
      result = work();
      if (result instanceof Promise) {
        throw new WatchfloorError('internal', 'A transaction was given asynchronous work.');
      }
      if (outermost) this.#saveParts();
      this.run(outermost ? sql`COMMIT` : sql`RELEASE nested`);
    } catch (thrown) {
      this.#depth -= 1;
      this.#afterCommit.length = hooksBefore;
      // SQLite may have rolled back by itself (full disk, I/O error).
      if (this.connection.inTransaction) {
        this.connection.exec(outermost ? 'ROLLBACK' : 'ROLLBACK TO nested; RELEASE nested');
      }
      for (const part of this.#parts) part.forget();
      throw toStorageError(thrown);
    }
    this.#depth -= 1;
    if (outermost) {
      this.onCommit?.();
      this.#runHooks();
    }
    return result;
  }

  /** Runs reads of one moment: beside a running app somebody else may write between them. */
  reading<T>(work: () => T): T {
    if (!this.connection.readonly || this.connection.inTransaction) return work();
    return this.connection.transaction(work)();
  }

  /**
   * Runs `work` as a part of the running transaction, or in one of its own. Without a savepoint: what fails in it
   * fails the whole, so nothing around it may go on after its throw.
   */
  joined<T>(work: () => T): T {
    return this.#depth > 0 ? work() : this.transaction(work);
  }

  /** See `Store.afterCommit`. */
  afterCommit(work: () => void): void {
    if (this.#depth === 0) work();
    else this.#afterCommit.push(work);
  }

  #saveParts(): void {
    for (const part of this.#parts) part.save();
  }

  #runHooks(): void {
    const hooks = this.#afterCommit;
    this.#afterCommit = [];
    for (const hook of hooks) hook();
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw this.#failure(thrown);
    }
  }

  #failure(thrown: unknown): unknown {
    if (isDamage(thrown)) this.#markDamaged();
    return toStorageError(thrown);
  }

  #markDamaged(): void {
    if (this.#damaged) return;
    this.#damaged = true;
    this.#onDamage();
  }

  /** Writing on into a damaged file would only spread the damage. */
  #refuseDamaged(): void {
    if (!this.#damaged) return;
    throw new WatchfloorError(
      'storage',
      'The database file is damaged. Nothing more is written to it; the next start sets it aside and restores what it can.',
    );
  }
}
