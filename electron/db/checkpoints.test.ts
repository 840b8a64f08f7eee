import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  checkpoint,
  createCheckpoints,
  longestPages,
  movedPages,
  relievedPages,
  waitingPages,
} from './checkpoints.ts';
import type { Store } from './store.ts';
import { occurrence, openTestStore, temporaryDirectory, testSource } from './testing.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** Commits that leave more in the log than may stay there. */
function fill(database: Database.Database, commits: number, committed: () => void): void {
  database.exec('CREATE TABLE IF NOT EXISTS t (a BLOB)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  const row = Buffer.alloc(1_000_000, 1);
  for (let commit = 0; commit < commits; commit += 1) {
    database.transaction(() => insert.run(row))();
    committed();
  }
}

const pagesARow = 245;
const enough = Math.ceil(movedPages / pagesARow) + 2;

function open(): { readonly database: Database.Database; readonly path: string } {
  const path = `${directory.path}/watchfloor.db`;
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma(`wal_autocheckpoint = ${relievedPages}`);
  return { database, path };
}

test('a thread moves the log when there is much of it, and is gone when it is closed', async () => {
  const { database, path } = open();
  const checkpoints = createCheckpoints(path, database);
  fill(database, 2, () => expect(checkpoints.committed()).toBe(true));
  const few = waitingPages(database);
  expect(few).toBeGreaterThan(0);
  fill(database, enough, () => checkpoints.committed());
  await expect.poll(() => waitingPages(database), { timeout: 20_000 }).toBe(0);
  // The next writer begins the log anew.
  fill(database, 1, () => checkpoints.committed());
  expect(waitingPages(database)).toBeLessThan(movedPages);
  await checkpoints.close();
  expect(checkpoints.committed()).toBe(false);
  // Nobody else has it open: the last one to close it takes the log away.
  const [state] = database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
  expect(state?.busy).toBe(0);
  database.close();
});

test('what commits leave behind a busy thread is moved in the end', async () => {
  const { database, path } = open();
  const checkpoints = createCheckpoints(path, database);
  fill(database, enough, () => checkpoints.committed());
  for (let turn = 0; turn < 20; turn += 1) {
    fill(database, 3, () => checkpoints.committed());
    await wait(5);
  }
  await expect.poll(() => waitingPages(database), { timeout: 20_000 }).toBe(0);
  await checkpoints.close();
  expect(database.prepare('SELECT count(*) FROM t').pluck().get()).toBe(enough + 60);
  database.close();
});

test('no commit is refused while the thread works on a long log, whoever reads', async () => {
  const { database, path } = open();
  // Half of what the thread once waited for readers, with the writer's lock in its hands.
  database.pragma('busy_timeout = 50');
  const checkpoints = createCheckpoints(path, database);
  fill(database, 1, () => checkpoints.committed());
  const reader = new Database(path, { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM t').get();
  fill(database, Math.ceil(longestPages / pagesARow) + 2, () => checkpoints.committed());
  // The reader keeps what came after it from being moved: the thread tries again after every commit.
  for (let turn = 0; turn < 50; turn += 1) {
    fill(database, 1, () => checkpoints.committed());
    await wait(5);
  }
  expect(waitingPages(database)).toBeGreaterThan(longestPages);
  reader.close();
  fill(database, 1, () => checkpoints.committed());
  await expect.poll(() => waitingPages(database), { timeout: 20_000 }).toBe(0);
  await checkpoints.close();
  database.close();
});

test('a long log is begun anew although its writer never rests', async () => {
  const { database, path } = open();
  const checkpoints = createCheckpoints(path, database);
  const pages = () => checkpoint(database, 'NOOP').log;
  fill(database, Math.ceil(longestPages / pagesARow) + 1, () => checkpoints.committed());
  const write = () => {
    fill(database, 1, () => checkpoints.committed());
    return pages();
  };
  await expect.poll(write, { interval: 0, timeout: 20_000 }).toBeLessThan(movedPages);
  await checkpoints.close();
  database.close();
});

test('a thread that cannot do its work gives it back to the writer', async () => {
  const { database } = open();
  const checkpoints = createCheckpoints(`${directory.path}/nowhere.db`, database);
  fill(database, enough, () => checkpoints.committed());
  await expect.poll(() => checkpoints.committed(), { timeout: 20_000 }).toBe(false);
  await checkpoints.close();
  database.close();
});

test('a store with a thread closes cleanly and has everything at its next opening', async () => {
  let store: Store = openTestStore(directory.path);
  store.startCheckpoints();
  const raw = 'x'.repeat(200_000);
  for (let batch = 0; batch < 5; batch += 1) {
    store.alerts.ingest(
      testSource,
      Array.from({ length: 100 }, (_, index) =>
        occurrence({ identity: `${batch}-${index}`, deduplicationKey: `${batch}-${index}`, raw }),
      ),
      0,
    );
  }
  await store.endCheckpoints();
  store.close();
  store = openTestStore(directory.path);
  expect(store.recovery).toBeNull();
  expect(store.alerts.latestSequence()).toBe(500);
  store.close();
});
