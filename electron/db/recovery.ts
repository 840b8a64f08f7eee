import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { formatUtc } from '../../shared/domain/time.ts';
import { restoreNewestBackup } from './backup.ts';
import { connect, tableNames } from './connect.ts';
import { migrate } from './migrations.ts';
import { type SalvagedTable, salvage } from './salvage.ts';
import { SqlDatabase } from './sql.ts';
import { toStorageError } from './storage-error.ts';
import type { RecoveryReport } from './store.ts';

/** Tables in the words of the screen; those not named here hold only what helps others. */
const tableWords: Readonly<Record<string, string>> = {
  alert: 'alerts',
  occurrence: 'occurrences of alerts',
  record_block: 'blocks of raw records',
  alert_state_chunk: 'blocks of alert states',
  alert_action: 'steps of alert history',
  context_event: 'context events',
  sample: 'latest samples',
  sample_chunk: 'hours of samples',
  sample_hour: 'hourly roll-ups',
  finding: 'findings',
  incident: 'incidents',
  case_entry: 'case entries',
  case_entry_payload: 'contents of case entries',
  case_snapshot: 'snapshots in cases',
  audit: 'audit rows',
  plan: 'action plans',
  mitigation: 'mitigations',
  ledger: 'ledger rows',
  connection: 'sources and targets',
  rejected_record: 'records that were not understood',
  accepted_push: 'pushes that were accepted',
  signal: 'signals',
  customer: 'customers',
  service: 'services',
  setting: 'settings',
};

const beside = ['', '-wal', '-shm', '-journal'];

/** Moves the database and what belongs to it aside; nothing of it is changed. */
function quarantine(dataDirectory: string, path: string, nowMs: number): string {
  const folder = join(dataDirectory, 'quarantine', new Date(nowMs).toISOString().replaceAll(/[-:.]/g, ''));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const ending of beside) {
    if (existsSync(path + ending)) renameSync(path + ending, join(folder, `watchfloor.db${ending}`));
  }
  return folder;
}

/**
 * A first page that is damaged hides every table. Tables of the same schema mostly lie at the same places, so the
 * first page of a backup (or of a new database) often opens the rest again.
 */
function borrowFirstPage(work: string, lender: string): void {
  const page = Buffer.alloc(4096);
  const source = openSync(lender, 'r');
  const target = openSync(work, 'r+');
  try {
    readSync(source, page, 0, page.length, 0);
    // Bytes 24 and 92 differing tells SQLite to take the number of pages from the file's length.
    page.writeUInt32BE(1, 24);
    page.writeUInt32BE(0, 92);
    writeSync(target, page, 0, page.length, 0);
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

/** Opens a copy of the quarantined files for reading, with a borrowed first page where its own is lost. */
function openDamaged(
  folder: string,
  lender: string,
): { database: Database.Database; remove: () => void } | null {
  const work = join(folder, 'salvage.db');
  const remove = () => {
    for (const ending of beside) rmSync(work + ending, { force: true });
  };
  for (const borrowed of [false, true]) {
    try {
      remove();
      for (const ending of ['', '-wal']) {
        const from = join(folder, `watchfloor.db${ending}`);
        // A log of the old first page would undo the borrowed one.
        if (existsSync(from) && !(borrowed && ending === '-wal')) copyFileSync(from, work + ending);
      }
      if (borrowed) borrowFirstPage(work, lender);
      const database = new Database(work);
      try {
        if (tableNames(database).length > 0) return { database, remove };
      } catch {
        // The next try borrows; after that there is nothing left to try.
      }
      database.close();
    } catch {
      // As above.
    }
  }
  remove();
  return null;
}

/**
 * Makes the rows agree with each other again. What points to a lost customer or service gets a stand-in. An
 * occurrence without its alert, and a count beyond the occurrences that are left, give way, so that reading the
 * sources again brings back what they still have; therefore their cursors are forgotten, too.
 */
function mend(database: Database.Database): void {
  database.exec(`
    INSERT OR IGNORE INTO customer (id, name, name_key, own_ranges, default_tlp)
      SELECT DISTINCT customer_id, 'Recovered ' || customer_id, 'recovered ' || customer_id, '[]', 'TLP:AMBER'
      FROM (SELECT customer_id FROM service UNION SELECT customer_id FROM signal
            UNION SELECT customer_id FROM connection WHERE customer_id IS NOT NULL)
      WHERE customer_id NOT IN (SELECT id FROM customer);
    INSERT OR IGNORE INTO service (id, customer_id, name, name_key)
      SELECT DISTINCT service_id, customer_id, 'Recovered ' || service_id, 'recovered ' || service_id
      FROM signal WHERE service_id NOT IN (SELECT id FROM service);
    INSERT INTO alert_title (id, text)
      SELECT DISTINCT title_id, 'Recovered alert ' || title_id FROM alert WHERE title_id NOT IN (SELECT id FROM alert_title);
    INSERT INTO alert_why (id, text)
      SELECT DISTINCT why_id, 'Its reason was lost (' || why_id || ').' FROM alert
      WHERE why_id NOT IN (SELECT id FROM alert_why);
    INSERT INTO alert_why_index (alert_why_index) VALUES ('delete-all');
    INSERT INTO alert_why_index (rowid, text) SELECT id, text FROM alert_why;
    INSERT OR REPLACE INTO alert_why_indexed (id, up_to) SELECT 1, coalesce(max(id), 0) FROM alert_why;
    -- Which alerts have a word may be lost in part: all records are looked at anew.
    UPDATE watched_word SET is_whole = 0;
    DELETE FROM occurrence WHERE alert_sequence NOT IN (SELECT sequence FROM alert);
    DELETE FROM alert_entity WHERE alert_sequence NOT IN (SELECT sequence FROM alert);
    UPDATE alert SET count = (SELECT count(*) FROM occurrence WHERE alert_sequence = sequence)
      WHERE source_kind <> 'detection'
        AND sequence NOT IN (SELECT alert_sequence FROM alert_part)
        AND count <> (SELECT count(*) FROM occurrence WHERE alert_sequence = sequence);
    DELETE FROM alert_part_occurrence WHERE occurrence_id NOT IN (SELECT id FROM occurrence);
    UPDATE alert SET count = (SELECT count(*) FROM alert_part_occurrence WHERE alert_sequence = sequence)
      WHERE sequence IN (SELECT alert_sequence FROM alert_part);
    UPDATE connection_state SET cursor = NULL;
  `);
}

function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function missingSentence(results: readonly SalvagedTable[], backupMs: number | null): string {
  const incomplete = results.filter((result) => !result.complete && result.table in tableWords);
  if (incomplete.length === 0) return 'Nothing that was stored is missing.';
  const counted = incomplete.map(({ table, unreadable }) => {
    const words = tableWords[table] ?? table;
    return unreadable === null ? `an unknown number of ${words}` : `${unreadable} ${words}`;
  });
  const since =
    backupMs === null
      ? 'There was no backup to fill them.'
      : `Only what came after ${formatUtc(backupMs)} can be missing.`;
  return `Could not be read any more: ${listWords(counted)}. ${since} Sources and targets are read again, as far back as they reach.`;
}

function describe(
  restored: Database.Database,
  results: readonly SalvagedTable[],
  restoredFrom: RecoveryReport['restoredFrom'],
  folder: string,
): Pick<RecoveryReport, 'restoredFrom' | 'tables' | 'kept' | 'missing'> {
  const tables = results.map(({ table, salvaged, complete }) => ({
    table,
    rows: restored.prepare<[], { readonly n: number }>(`SELECT count(*) AS n FROM "${table}"`).get()?.n ?? 0,
    salvaged,
    complete,
  }));
  const kept = tables
    .filter(({ table, rows }) => rows > 0 && ['alert', 'case_entry', 'mitigation', 'audit'].includes(table))
    .map(({ table, rows }) => `${rows} ${tableWords[table] ?? table}`);
  const from =
    restoredFrom === null
      ? 'There was no backup'
      : `The backup of ${formatUtc(restoredFrom.madeMs)} was restored`;
  return {
    restoredFrom,
    tables,
    kept: `${from}, and what the damaged file still gave was copied over it: there are now ${kept.length === 0 ? 'no alerts and cases' : listWords(kept)}. The damaged file lies in ${folder}.`,
    missing: missingSentence(results, restoredFrom?.madeMs ?? null),
  };
}

/**
 * Sets a damaged database aside, restores the newest whole backup in its place, and copies over it every row that
 * the damaged file still gives. Never falls back to memory: what cannot be stored is an error.
 * @throws WatchfloorError `storage` when the disk gives no room for it
 */
export function recoverDatabase(
  dataDirectory: string,
  path: string,
  problem: string,
  nowMs: number,
): RecoveryReport {
  try {
    const folder = quarantine(dataDirectory, path, nowMs);
    const backup = restoreNewestBackup(dataDirectory, path);
    const connection = connect(path, false);
    let results: readonly SalvagedTable[];
    try {
      migrate(new SqlDatabase(connection));
      connection.pragma('wal_checkpoint(TRUNCATE)');
      const damaged = openDamaged(folder, backup?.path ?? path);
      if (damaged === null) {
        results = tableNames(connection).map((table) => ({
          table,
          salvaged: 0,
          complete: false,
          unreadable: null,
        }));
      } else {
        results = salvage(damaged.database, connection);
        damaged.database.close();
        damaged.remove();
      }
      mend(connection);
      // Indexes were kept while rows came in any order; the summaries of cases are folded anew by the store.
      connection.exec('DELETE FROM case_summary; ANALYZE');
      connection.pragma('wal_checkpoint(TRUNCATE)');
      const restoredFrom = backup === null ? null : { path: backup.path, madeMs: backup.madeMs };
      return {
        timeMs: nowMs,
        problem,
        quarantinedTo: folder,
        ...describe(connection, results, restoredFrom, folder),
      };
    } finally {
      connection.close();
    }
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}
