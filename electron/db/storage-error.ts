import Database from 'better-sqlite3';
import { WatchfloorError } from '../../shared/domain/result.ts';

/** SQLite's extended code, e.g. `SQLITE_FULL`, or a system error's, e.g. `ENOSPC`; null for anything else. */
export function storageCode(thrown: unknown): string | null {
  if (thrown instanceof Database.SqliteError) return thrown.code;
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return null;
}

/** Whether an error says that the file itself is damaged. */
export function isDamage(thrown: unknown): boolean {
  const code = storageCode(thrown);
  return code !== null && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB');
}

const sentences: readonly (readonly [prefix: string, sentence: string])[] = [
  [
    'SQLITE_FULL',
    'The disk is full. What was stored before is kept; this change was not stored. Free some space and try again.',
  ],
  [
    'ENOSPC',
    'The disk is full. What was stored before is kept; this change was not stored. Free some space and try again.',
  ],
  ['EDQUOT', 'The disk quota is used up. What was stored before is kept. Free some space and try again.'],
  [
    'SQLITE_READONLY',
    'The data directory cannot be written. Nothing was changed. Give yourself write permission and start again.',
  ],
  ['EROFS', 'The data directory lies on a read-only file system. Choose another with --data-dir.'],
  [
    'EACCES',
    'There is no permission for the data directory. Give yourself write permission and start again.',
  ],
  ['EPERM', 'There is no permission for the data directory. Give yourself write permission and start again.'],
  ['EEXIST', 'The data directory is not a directory. Choose another with --data-dir.'],
  ['ENOTDIR', 'The data directory is not a directory. Choose another with --data-dir.'],
  [
    'SQLITE_CANTOPEN',
    'The database cannot be opened. Check the permissions of the data directory and start again.',
  ],
  ['SQLITE_PERM', 'There is no permission for the database file. Check who owns it and start again.'],
  [
    'SQLITE_CORRUPT',
    'The database file is damaged. Nothing more is written to it; the next start sets it aside and restores what it can.',
  ],
  [
    'SQLITE_NOTADB',
    'The database file is damaged. Nothing more is written to it; the next start sets it aside and restores what it can.',
  ],
  ['SQLITE_BUSY', 'Another program holds the database. Nothing was changed. Close it and try again.'],
  // Not of another program: of another statement on the same connection.
  ['SQLITE_LOCKED', 'Watchfloor itself is still using the database. Nothing was changed. Try again.'],
  [
    'SQLITE_IOERR',
    'The disk answered with an error. What was stored before is kept; this change was not stored. Check the disk.',
  ],
  ['SQLITE_TOOBIG', 'A value is too large to be stored. This change was not stored.'],
];

/**
 * Turns what SQLite or the file system threw into the project's own error with a sentence for a person; anything
 * that is not theirs comes back as it was.
 */
export function toStorageError(thrown: unknown): unknown {
  const code = storageCode(thrown);
  if (code === null || thrown instanceof WatchfloorError) return thrown;
  const known = sentences.find(([prefix]) => code.startsWith(prefix));
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (known) return new WatchfloorError('storage', known[1], `${code}: ${message}`);
  if (code.startsWith('SQLITE_')) {
    return new WatchfloorError(
      'storage',
      'The database refused this change. Nothing was stored.',
      `${code}: ${message}`,
    );
  }
  return thrown;
}
