import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const bytesPerMebibyte = 1_048_576;

/**
 * Memory of a process, MiB.
 * @param line `VmRSS` for what it has now, `VmHWM` for the most it ever had
 * @returns null where the system does not tell (it is Linux that does)
 */
export function memoryMebibytes(pid: number | undefined, line: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) / 1_024;
  } catch {
    return null;
  }
}

/** What a database takes on disk, MiB: raw records, all other rows, and indexes. */
export function sizesOnDisk(databasePath: string): {
  readonly rawRecordMebibytes: number;
  readonly rowMebibytes: number;
  readonly indexMebibytes: number;
} {
  const database = new Database(databasePath, { readonly: true });
  try {
    const sizes = database
      .prepare<[], { readonly name: string; readonly type: string; readonly bytes: number }>(
        `SELECT dbstat.name, ifnull(type, 'table') AS type, pgsize AS bytes FROM dbstat
           LEFT JOIN sqlite_schema ON sqlite_schema.name = dbstat.name WHERE aggregate = TRUE`,
      )
      .all();
    // Of the index of raw records, too: it is no part of them.
    const isRaw = (name: string) => name === 'record_block';
    const sum = (pick: (size: (typeof sizes)[number]) => boolean) =>
      sizes.filter(pick).reduce((bytes, size) => bytes + size.bytes, 0) / bytesPerMebibyte;
    return {
      rawRecordMebibytes: sum(({ name }) => isRaw(name)),
      rowMebibytes: sum(({ name, type }) => type === 'table' && !isRaw(name)),
      indexMebibytes: sum(({ type }) => type === 'index'),
    };
  } finally {
    database.close();
  }
}
