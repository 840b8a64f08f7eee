import { WatchfloorError } from '../../shared/domain/result.ts';
import { firstMigration } from './migrations/0001-first.ts';
import { type Sql, type SqlDatabase, sql } from './sql.ts';

/** Every schema step in order: position + 1 is the `user_version` it leads to. Steps are added, never edited. */
export const migrations: readonly Sql[] = [firstMigration];

export const newestVersion = migrations.length;

/** The schema's version of an open database. */
export function schemaVersion(database: SqlDatabase): number {
  return database.get<{ readonly user_version: number }>(sql`PRAGMA user_version`)?.user_version ?? 0;
}

/** @throws WatchfloorError `newer-database` when a newer Watchfloor wrote it */
export function refuseNewer(version: number, appVersion: string): void {
  if (version <= newestVersion) return;
  throw new WatchfloorError(
    'newer-database',
    'This data directory was written by a newer Watchfloor. Nothing was changed. Start that version, or choose another directory with --data-dir.',
    `The database has schema ${version}; Watchfloor ${appVersion} knows up to ${newestVersion}.`,
  );
}

/** Brings the schema up to date, one transaction a step: a crash between steps leaves a whole version. */
export function migrate(database: SqlDatabase, upTo: number = newestVersion): void {
  for (let version = schemaVersion(database); version < upTo; version += 1) {
    const step = migrations[version];
    if (step === undefined) return;
    database.transaction(() => {
      database.script(step);
      // PRAGMA takes no bound value; the version is a number of our own.
      database.connection.pragma(`user_version = ${version + 1}`);
    });
  }
}
