import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { storageCode, toStorageError } from './storage-error.ts';

/** What the lock remembers between openings, beside the database it guards. */
export interface LockMemory {
  /** False while somebody works, so that a crash leaves it false. */
  readonly closedCleanly: boolean;
  /** Size and time of change of the database file at its last clean close; null before the first. */
  readonly databaseMark: string | null;
  /** Damage was met while working: look closely at the next opening. */
  readonly suspect: boolean;
  /**
   * A random text of each opening, also left in the database; the last two, because a crash can come between
   * writing the one and the other. Where the database has neither, one of them was copied or restored.
   */
  readonly tokens: readonly string[];
}

/** Holds a data directory for one process. */
export interface DataDirectoryLock {
  readonly memory: LockMemory;
  remember(memory: Partial<LockMemory>): void;
  release(): void;
}

const holderSchema = z.object({ pid: z.number(), host: z.string(), sinceMs: z.number() });
type Holder = z.infer<typeof holderSchema>;

function readHolder(path: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Only words hang on it: the lock itself is the operating system's.
    return null;
  }
}

/**
 * Takes the directory's lock or refuses in words. It is the operating system's own lock on a small SQLite file,
 * so it ends with its process however that ends: no stale process ids.
 * @throws WatchfloorError `locked` naming who holds it, `storage`
 */
export function lockDataDirectory(dataDirectory: string, nowMs: number): DataDirectoryLock {
  const path = join(dataDirectory, 'core.lock');
  const holderPath = join(dataDirectory, 'core.json');
  let database: Database.Database;
  try {
    database = new Database(path, { timeout: 0 });
  } catch (thrown) {
    throw toStorageError(thrown);
  }
  try {
    chmodSync(path, 0o600);
    // Exclusive mode keeps the file's lock from the first write until the connection is closed.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
    database.exec(
      'CREATE TABLE IF NOT EXISTS memory (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL)',
    );
    database.exec('COMMIT');
  } catch (thrown) {
    database.close();
    const code = storageCode(thrown);
    if (code?.startsWith('SQLITE_NOTADB') || code?.startsWith('SQLITE_CORRUPT')) {
      // Nothing in it is worth keeping, and who can write here may remove it.
      rmSync(path, { force: true });
      return lockDataDirectory(dataDirectory, nowMs);
    }
    if (!code?.startsWith('SQLITE_BUSY')) throw toStorageError(thrown);
    const holder = readHolder(holderPath);
    throw new WatchfloorError(
      'locked',
      holder === null
        ? 'Another Watchfloor works with this data directory. Close it first, or choose another with --data-dir.'
        : `Another Watchfloor (process ${holder.pid} on ${holder.host}, since ${formatUtc(holder.sinceMs)}) works with this data directory. Close it first, or choose another with --data-dir.`,
      dataDirectory,
    );
  }

  const empty: LockMemory = { closedCleanly: true, databaseMark: null, suspect: false, tokens: [] };
  const read = (): LockMemory => {
    const row = database.prepare<[], { readonly body: string }>('SELECT body FROM memory').get();
    return row === undefined ? empty : { ...empty, ...JSON.parse(row.body) };
  };
  try {
    const memory = read();
    const holder: Holder = { pid: process.pid, host: hostname(), sinceMs: nowMs };
    writeFileSync(holderPath, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
    return {
      memory,
      remember(more) {
        const body = JSON.stringify({ ...read(), ...more });
        database
          .prepare(
            'INSERT INTO memory (id, body) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
          )
          .run(body);
      },
      release() {
        rmSync(holderPath, { force: true });
        database.close();
      },
    };
  } catch (thrown) {
    database.close();
    throw toStorageError(thrown);
  }
}

/** A random text that one opening leaves in the database and in the lock. */
export const newToken = (): string => randomBytes(16).toString('hex');
