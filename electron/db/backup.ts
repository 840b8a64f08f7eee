import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { findDamage, tableNames } from './connect.ts';
import { toStorageError } from './storage-error.ts';
import type { BackupInfo } from './store.ts';

/** Backups kept, the newest; those made before a migration count too. */
const keptBackups = 7;
/** Pages copied between two turns of the event loop: 1 MiB. */
const pagesAtOnce = 256;
/** Under this key of `setting` lies the token that says which opening wrote the database. */
export const tokenKey = 'store-token';

const namePattern = /^watchfloor-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})Z(-[a-z-]+)?\.db$/;

function backupName(madeMs: number, reason: string): string {
  const stamp = new Date(madeMs).toISOString().replaceAll(/[-:.]/g, '');
  return `watchfloor-${stamp}${reason === 'daily' ? '' : `-${reason}`}.db`;
}

export const backupFolder = (dataDirectory: string): string => join(dataDirectory, 'backups');

/** Whole backups, newest first. */
export function listBackups(dataDirectory: string): BackupInfo[] {
  const folder = backupFolder(dataDirectory);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const match = namePattern.exec(name);
      if (match === null) return [];
      const [, year, month, day, hour, minute, second, millisecond] = match.map(Number);
      const madeMs = Date.UTC(
        year ?? 0,
        (month ?? 1) - 1,
        day ?? 1,
        hour ?? 0,
        minute ?? 0,
        second ?? 0,
        millisecond ?? 0,
      );
      const path = join(folder, name);
      return [{ path, madeMs, sizeBytes: statSync(path).size }];
    })
    .sort((left, right) => right.madeMs - left.madeMs);
}

function prepareFolder(dataDirectory: string): string {
  const folder = backupFolder(dataDirectory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What a crash left half made.
  for (const name of readdirSync(folder)) {
    if (name.includes('.partial')) rmSync(join(folder, name), { force: true });
  }
  return folder;
}

/** A copy becomes a backup: one file, not of any opening, flushed, under its final name. */
function finish(partial: string, path: string): void {
  chmodSync(partial, 0o600);
  const handle = openSync(partial, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(partial, path);
}

function forgetOld(dataDirectory: string): void {
  for (const { path } of listBackups(dataDirectory).slice(keptBackups)) rmSync(path, { force: true });
}

/** Opened as one plain file; whoever restores it is another incarnation than who wrote it. */
function openCopy(partial: string): Database.Database {
  const copy = new Database(partial);
  copy.pragma('journal_mode = DELETE');
  copy.prepare('DELETE FROM setting WHERE key = ?').run(tokenKey);
  return copy;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Copies a live database in small steps beside the work, checks the copy and keeps it.
 * @throws WatchfloorError `storage` when there is no room, or when the copy shows that the database is damaged
 */
export async function makeBackup(
  connection: Database.Database,
  dataDirectory: string,
  madeMs: number,
  reason: 'daily' | 'by-hand',
): Promise<BackupInfo> {
  let partial: string | null = null;
  try {
    const folder = prepareFolder(dataDirectory);
    const path = join(folder, backupName(madeMs, reason));
    partial = `${path}.partial`;
    await connection.backup(partial, { progress: () => pagesAtOnce });
    const copy = openCopy(partial);
    try {
      // Table by table, so that nobody waits for the whole.
      for (const table of tableNames(copy)) {
        await nextTurn();
        const damage = findDamage(copy, table);
        if (damage !== null) {
          throw new WatchfloorError(
            'storage',
            'The database file is damaged. The earlier backups are kept; the next start restores what it can.',
            damage,
          );
        }
      }
    } finally {
      copy.close();
    }
    finish(partial, path);
    forgetOld(dataDirectory);
    return { path, madeMs, sizeBytes: statSync(path).size };
  } catch (thrown) {
    if (partial !== null) rmSync(partial, { force: true });
    throw toStorageError(thrown);
  }
}

/** The same at once, before anything is changed: used ahead of a migration. */
export function backUpBeforeMigration(
  connection: Database.Database,
  dataDirectory: string,
  madeMs: number,
): BackupInfo {
  try {
    const folder = prepareFolder(dataDirectory);
    const path = join(folder, backupName(madeMs, 'before-migration'));
    const partial = `${path}.partial`;
    connection.prepare('VACUUM INTO ?').run(partial);
    openCopy(partial).close();
    finish(partial, path);
    forgetOld(dataDirectory);
    return { path, madeMs, sizeBytes: statSync(path).size };
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}

/** The newest backup that can be read and is whole, copied to `path`; null where there is none. */
export function restoreNewestBackup(dataDirectory: string, path: string): BackupInfo | null {
  for (const backup of listBackups(dataDirectory)) {
    rmSync(path, { force: true });
    copyFileSync(backup.path, path);
    try {
      const copy = new Database(path);
      try {
        if (findDamage(copy) === null) return backup;
      } finally {
        copy.close();
      }
    } catch {
      // This one is damaged too: an older one may not be.
    }
  }
  rmSync(path, { force: true });
  return null;
}
