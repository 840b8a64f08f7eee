import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toStorageError } from './storage-error.ts';
import { temporaryDirectory } from './testing.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let database: Database.Database;
beforeEach(() => {
  directory = temporaryDirectory();
  database = new Database(`${directory.path}/watchfloor.db`, { timeout: 0 });
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE t (a)');
});
afterEach(() => {
  database.close();
  directory.remove();
});

/** What a person reads of what SQLite throws. */
function wordsOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return toStorageError(thrown);
  }
}

test('a lock of another connection is called another program, one of our own is not', () => {
  const other = new Database(database.name);
  other.exec('BEGIN IMMEDIATE');
  expect(wordsOf(() => database.exec('BEGIN IMMEDIATE'))).toMatchObject({
    code: 'storage',
    message: expect.stringContaining('Another program holds the database.'),
  });
  other.close();
  database.exec('BEGIN IMMEDIATE; INSERT INTO t VALUES (1)');
  expect(wordsOf(() => database.pragma('wal_checkpoint(PASSIVE)'))).toMatchObject({
    code: 'storage',
    message: expect.stringContaining('Watchfloor itself is still using the database.'),
  });
});
