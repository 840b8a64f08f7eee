import type Database from 'better-sqlite3';
import { tableNames } from './connect.ts';

/** What came of reading one table of a damaged database. */
export interface SalvagedTable {
  readonly table: string;
  readonly salvaged: number;
  /** False when some of it could not be read. */
  readonly complete: boolean;
  /** Rows that surely were there and could not be read, where row numbers tell; else null. */
  readonly unreadable: number | null;
}

interface Column {
  readonly name: string;
  readonly pk: number;
  readonly type: string;
}

type Row = Record<string, unknown>;

/** Tables whose rows never change: what the backup has is as good. */
const appendOnly = new Set([
  'case_entry',
  'case_entry_payload',
  'case_signature',
  'case_snapshot',
  'foreign_writer',
  'audit',
  'ledger',
]);

const rowsAtOnce = 200;
const greatestKey = Number.MAX_SAFE_INTEGER;
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function columnsOf(connection: Database.Database, table: string): Column[] {
  return connection.prepare<[string], Column>('SELECT name, pk, type FROM pragma_table_info(?)').all(table);
}

/** The column that is the row number, where a table has one. */
function rowNumberColumn(
  connection: Database.Database,
  table: string,
  columns: readonly Column[],
): string | null {
  const [key, ...others] = columns.filter((column) => column.pk > 0);
  if (key === undefined || others.length > 0 || key.type !== 'INTEGER') return null;
  const info = connection
    .prepare<[string], { readonly wr: number }>('SELECT wr FROM pragma_table_list(?)')
    .get(table);
  return info?.wr === 0 ? key.name : null;
}

interface Reading {
  complete: boolean;
  /** Stretches of row numbers, both ends excluded, in which something could not be read. */
  readonly unreadable: { readonly after: number; readonly before: number }[];
}

/**
 * Reads a table by its row numbers. A page that cannot be read is stepped over: the next readable number is found
 * by doubling and then halving the distance, because a damaged page hides one stretch of numbers.
 */
function* readByNumber(
  connection: Database.Database,
  table: string,
  key: string,
  reading: Reading,
): Generator<Row> {
  const from = connection.prepare<[number, number], Row>(
    `SELECT * FROM ${quoted(table)} NOT INDEXED WHERE ${quoted(key)} >= ? ORDER BY ${quoted(key)} LIMIT ?`,
  );
  const tryFrom = (start: number, limit: number): Row[] | null => {
    try {
      return from.all(start, limit);
    } catch {
      return null;
    }
  };
  const keyOf = (row: Row | undefined): number => Number(row?.[key] ?? Number.NaN);
  let next = 0;
  for (;;) {
    const page = tryFrom(next, rowsAtOnce) ?? tryFrom(next, 1);
    if (page !== null) {
      if (page.length === 0) return;
      yield* page;
      next = keyOf(page.at(-1)) + 1;
      if (!Number.isSafeInteger(next)) return;
      continue;
    }
    reading.complete = false;
    let step = 1;
    while (next + step < greatestKey && tryFrom(next + step, 1) === null) step *= 2;
    if (next + step >= greatestKey) {
      reading.unreadable.push({ after: next - 1, before: next - 1 });
      return;
    }
    let bad = next + Math.floor(step / 2);
    let good = next + step;
    while (good - bad > 1) {
      const middle = Math.floor((bad + good) / 2);
      if (tryFrom(middle, 1) === null) bad = middle;
      else good = middle;
    }
    const [first] = tryFrom(good, 1) ?? [];
    reading.unreadable.push({ after: next - 1, before: first === undefined ? good : keyOf(first) });
    next = good;
  }
}

/** Tables without row numbers are read from both ends: what lies between two damaged pages is lost. */
function* readFromBothEnds(
  connection: Database.Database,
  table: string,
  keys: readonly string[],
  reading: Reading,
): Generator<Row> {
  for (const direction of ['ASC', 'DESC']) {
    const order = keys.map((key) => `${quoted(key)} ${direction}`).join(', ');
    try {
      yield* connection
        .prepare<[], Row>(`SELECT * FROM ${quoted(table)} NOT INDEXED ORDER BY ${order}`)
        .iterate();
      return;
    } catch {
      reading.complete = false;
    }
  }
}

/**
 * Copies every row that can still be read from a damaged database over what is in the restored one. Newer rows
 * replace the backup's; rows of append-only tables are only added.
 */
export function salvage(damaged: Database.Database, restored: Database.Database): SalvagedTable[] {
  const results: SalvagedTable[] = [];
  let readable: Set<string>;
  try {
    readable = new Set(tableNames(damaged));
  } catch {
    readable = new Set();
  }
  restored.pragma('foreign_keys = OFF');
  for (const table of tableNames(restored)) {
    if (!readable.has(table)) {
      results.push({ table, salvaged: 0, complete: false, unreadable: null });
      continue;
    }
    results.push(salvageTable(damaged, restored, table));
  }
  restored.pragma('foreign_keys = ON');
  return results;
}

function salvageTable(damaged: Database.Database, restored: Database.Database, table: string): SalvagedTable {
  const reading: Reading = { complete: true, unreadable: [] };
  let salvaged = 0;
  try {
    const there = new Set(columnsOf(damaged, table).map((column) => column.name));
    const columns = columnsOf(restored, table).filter((column) => there.has(column.name));
    const names = columns.map((column) => column.name);
    const verb = appendOnly.has(table) ? 'INSERT OR IGNORE' : 'INSERT OR REPLACE';
    const insert = restored.prepare(
      `${verb} INTO ${quoted(table)} (${names.map(quoted).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    const key = rowNumberColumn(damaged, table, columnsOf(damaged, table));
    const keys = columns.filter((column) => column.pk > 0).map((column) => column.name);
    const rows =
      key === null
        ? readFromBothEnds(damaged, table, keys, reading)
        : readByNumber(damaged, table, key, reading);
    restored.exec('BEGIN');
    for (const row of rows) {
      try {
        insert.run(...names.map((name) => row[name]));
        salvaged += 1;
      } catch {
        // A row of the wrong shape: damage that SQLite did not notice while reading.
        reading.complete = false;
      }
    }
    restored.exec('COMMIT');
    return {
      table,
      salvaged,
      complete: reading.complete,
      unreadable: countLost(restored, table, key, reading),
    };
  } catch {
    if (restored.inTransaction) restored.exec('COMMIT');
    return { table, salvaged, complete: false, unreadable: null };
  }
}

/** Of the numbers in unreadable stretches, how many the backup could not fill either. */
function countLost(
  restored: Database.Database,
  table: string,
  key: string | null,
  reading: Reading,
): number | null {
  if (reading.complete) return 0;
  if (key === null || reading.unreadable.length === 0) return null;
  let lost = 0;
  for (const { after, before } of reading.unreadable) {
    // The end of the table was unreadable: nobody knows how much there was.
    if (before === after) return null;
    const there = restored
      .prepare<[number, number], { readonly n: number }>(
        `SELECT count(*) AS n FROM ${quoted(table)} WHERE ${quoted(key)} > ? AND ${quoted(key)} < ?`,
      )
      .get(after, before);
    lost += before - after - 1 - (there?.n ?? 0);
  }
  return lost;
}
