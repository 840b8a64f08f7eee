import Database from 'better-sqlite3';
import { createCheckpoints, relievedPages } from '../db/checkpoints.ts';

/** Tables that an ingest fills, each with the order in which its rows came to be. */
const filledTables = [
  ['record_block', 'id'],
  ['alert_title', 'id'],
  ['alert_why', 'id'],
  ['alert', 'sequence'],
  ['entity', 'id'],
  ['occurrence', 'id'],
  ['alert_entity', 'alert_sequence, entity_id'],
  ['context_event', 'id'],
  ['context_key', 'event_id, key'],
] as const;

/**
 * The named baseline: the rows that an ingest left, inserted into the same tables of a fresh database by bare
 * better-sqlite3: one prepared statement a table, the same number of transactions, the same durability, the log moved by
 * the same thread. Nothing is read, parsed, hashed, compressed or looked up. The rows lie in memory before the clock starts.
 *
 * @param filledPath a database after the ingest, closed
 * @param emptyPath where the fresh one is made
 * @param transactions how many commits the ingest made
 * @returns how long the inserting took, and its processor time
 */
export async function insertSameRows(
  filledPath: string,
  emptyPath: string,
  transactions: number,
): Promise<{ readonly seconds: number; readonly processorMicroseconds: number }> {
  const filled = new Database(filledPath, { readonly: true });
  const empty = new Database(emptyPath);
  const checkpoints = createCheckpoints(emptyPath, empty);
  try {
    empty.pragma('journal_mode = WAL');
    empty.pragma('synchronous = FULL');
    empty.pragma('foreign_keys = ON');
    empty.pragma('cache_size = -32768');
    empty.pragma(`wal_autocheckpoint = ${relievedPages}`);
    const schema = filled
      .prepare<[], { readonly sql: string }>(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'alert_why_index_%' ORDER BY rowid",
      )
      .all();
    for (const { sql } of schema) empty.exec(sql);

    const tables = filledTables.map(([table, order]) => {
      const select = filled.prepare<[], unknown[]>(`SELECT * FROM ${table} ORDER BY ${order}`);
      const rows = select.raw().all();
      const places = select.columns().map(() => '?');
      return { rows, insert: empty.prepare(`INSERT INTO ${table} VALUES (${places.join(', ')})`) };
    });

    const usedBefore = process.cpuUsage();
    const startedMs = performance.now();
    for (let part = 0; part < transactions; part += 1) {
      empty.exec('BEGIN IMMEDIATE');
      for (const { rows, insert } of tables) {
        const end = Math.floor((rows.length * (part + 1)) / transactions);
        for (let index = Math.floor((rows.length * part) / transactions); index < end; index += 1) {
          insert.run(rows[index]);
        }
      }
      empty.exec('COMMIT');
      checkpoints.committed();
    }
    const { user, system } = process.cpuUsage(usedBefore);
    return { seconds: (performance.now() - startedMs) / 1_000, processorMicroseconds: user + system };
  } finally {
    await checkpoints.close();
    filled.close();
    empty.close();
  }
}
