import { WatchfloorError } from '../../shared/domain/result.ts';
import { firstMigration } from './migrations/0001-first.ts';
import { noiseBudgetMigration } from './migrations/0002-noise-budget.ts';
import { alertStatesMigration } from './migrations/0003-alert-states.ts';
import { suppressionsMigration } from './migrations/0004-suppressions.ts';
import { alertTextsMigration } from './migrations/0005-alert-texts.ts';
import { intakeMigration } from './migrations/0006-intake.ts';
import { alertGroupsMigration } from './migrations/0007-alert-groups.ts';
import { caseFilesMigration } from './migrations/0008-case-files.ts';
import { handoversMigration } from './migrations/0009-handovers.ts';
import { arrivalsMigration } from './migrations/0010-arrivals.ts';
import { caseLinksMigration } from './migrations/0011-case-links.ts';
import { alertLeadMigration } from './migrations/0012-alert-lead.ts';
import { whyIndexMigration } from './migrations/0013-why-index.ts';
import { undoableActionsMigration } from './migrations/0014-undoable-actions.ts';
import { inboxMigration } from './migrations/0015-inbox.ts';
import { watchedWordsMigration } from './migrations/0016-watched-words.ts';
import { whyIndexedMigration } from './migrations/0017-why-indexed.ts';
import { type Sql, type SqlDatabase, sql } from './sql.ts';

/** Every schema step in order: position + 1 is the `user_version` it leads to. Steps are added, never edited. */
export const migrations: readonly Sql[] = [
  firstMigration,
  noiseBudgetMigration,
  alertStatesMigration,
  suppressionsMigration,
  alertTextsMigration,
  intakeMigration,
  alertGroupsMigration,
  caseFilesMigration,
  handoversMigration,
  arrivalsMigration,
  caseLinksMigration,
  alertLeadMigration,
  whyIndexMigration,
  undoableActionsMigration,
  inboxMigration,
  watchedWordsMigration,
  whyIndexedMigration,
];

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

/**
 * Brings the schema up to date, one transaction a step: a crash between steps leaves a whole version.
 * @param steps all steps; tests give their own
 */
export function migrate(database: SqlDatabase, steps: readonly Sql[] = migrations): void {
  for (const [version, step] of steps.entries()) {
    if (version < schemaVersion(database)) continue;
    database.transaction(() => {
      database.script(step);
      // PRAGMA takes no bound value; the version is a number of our own.
      database.connection.pragma(`user_version = ${version + 1}`);
    });
  }
}
