import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { noEnrichment } from '../../shared/domain/enrichment.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { dayMs } from '../../shared/domain/time.ts';
import { AlertGroups } from './alert-groups.ts';
import { AlertStates } from './alert-states.ts';
import { createAlertsRepository } from './alerts-repository.ts';
import { createArrivalsRepository, settleWorkstation } from './arrivals-repository.ts';
import { createAuditRepository } from './audit-repository.ts';
import { backUpBeforeMigration, listBackups, makeBackup, tokenKey } from './backup.ts';
import { createBreakdownsRepository } from './breakdowns-repository.ts';
import { createCasesRepository } from './cases-repository.ts';
import { type Checkpoints, createCheckpoints, movedPages, relievedPages } from './checkpoints.ts';
import { connect, findDamage, tableNames } from './connect.ts';
import { createConnectionsRepository } from './connections-repository.ts';
import { createContextRepository } from './context-repository.ts';
import { createCustomersRepository, createServicesRepository } from './customers-repository.ts';
import { type DataDirectoryLock, lockDataDirectory, newToken } from './data-directory-lock.ts';
import { locateEntities } from './entity-origins.ts';
import { createEvidenceRepository } from './evidence-repository.ts';
import { createFindingsRepository, createIncidentsRepository } from './findings-repository.ts';
import { createHandoversRepository } from './handovers-repository.ts';
import { randomId } from './ids.ts';
import { migrate, newestVersion, refuseNewer, schemaVersion } from './migrations.ts';
import { createMitigationsRepository } from './mitigations-repository.ts';
import { createPlansRepository } from './plans-repository.ts';
import { createPushesRepository } from './pushes-repository.ts';
import { RecordBlocks } from './record-blocks.ts';
import { RecordIndex } from './record-index.ts';
import { recoverDatabase } from './recovery.ts';
import { createRejectedRepository } from './rejected-repository.ts';
import type { RepositoryTools } from './repository.ts';
import { createSamplesRepository } from './samples-repository.ts';
import { createSettingsRepository, createViewsRepository } from './settings-repository.ts';
import { createSignalsRepository } from './signals-repository.ts';
import { SqlDatabase, sql } from './sql.ts';
import { isDamage, toStorageError } from './storage-error.ts';
import type { RecoveryReport, SettingsRepository, Store, StoreOptions } from './store.ts';
import { createSuppressionsRepository } from './suppressions-repository.ts';
import { sweepUnfinished } from './unfinished.ts';
import { WatchedWords } from './watched-words.ts';
import { createWritersRepository } from './writers-repository.ts';

const databaseName = 'watchfloor.db';
/** After a crash a database up to this size is checked before it is used; a larger one in quiet moments. */
const checkedAtOnceBytes = 64 * 1024 * 1024;
/** Hours of samples packed in one `maintain`, at least: some milliseconds. */
const leastHoursPerUpkeep = 24;
/**
 * Every signal fills an hour an hour and upkeep comes every minute, so a sixtieth of the signals is due each time; of
 * what has piled up as much again. With 5,000 signals that is about 50 ms.
 */
const hoursPerUpkeepAndSignal = 2 / 60;

const incarnationKey = 'store-incarnation';
const placeKey = 'store-place';

/** Makes the data directory, readable by its owner alone, and gives its real path. */
function prepareDirectory(dataDirectory: string): string {
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    const content = readdirSync(dataDirectory);
    // A directory that holds other things too is not ours to close; our files are closed in any case.
    if (content.length === 0 || content.includes(databaseName)) chmodSync(dataDirectory, 0o700);
    return realpathSync(dataDirectory);
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}

function prepareFile(path: string): void {
  // SQLite gives its log the mode of the database.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** Size and time of the last change: differs after anybody else wrote the file. */
function fileMark(path: string): string | null {
  if (!existsSync(path)) return null;
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}

/** Whether a look through the whole file is due before it is used. */
function isCheckDue(lock: DataDirectoryLock, path: string): boolean {
  const { suspect, closedCleanly, databaseMark } = lock.memory;
  if (suspect) return true;
  if (closedCleanly) return databaseMark !== null && databaseMark !== fileMark(path);
  return statSync(path).size <= checkedAtOnceBytes;
}

interface Opened {
  readonly connection: Database.Database;
  readonly recovery: RecoveryReport | null;
}

/** Opens the file, or what could be recovered of it. */
function openChecked(
  directory: string,
  path: string,
  lock: DataDirectoryLock,
  options: StoreOptions,
): Opened {
  const isNew = !existsSync(path) || statSync(path).size === 0;
  prepareFile(path);
  const checkDue = !isNew && isCheckDue(lock, path);
  let problem: string;
  let connection: Database.Database | null = null;
  try {
    connection = connect(path, false, options.onStatement);
    refuseNewer(schemaVersion(new SqlDatabase(connection)), options.appVersion);
    // Reading the schema meets damage that would otherwise be met in the middle of work.
    tableNames(connection);
    const damage = checkDue ? findDamage(connection) : null;
    if (damage === null) return { connection, recovery: null };
    problem = `The database file was damaged: ${damage.split('\n')[0]}.`;
    connection.close();
  } catch (thrown) {
    connection?.close();
    if (!isDamage(thrown) && !isStoredDamage(thrown)) throw thrown;
    problem = `The database file was damaged: ${thrown instanceof Error ? thrown.message : 'it cannot be read'}.`;
  }
  const recovery = recoverDatabase(directory, path, problem, options.nowMs());
  chmodSync(path, 0o600);
  return { connection: connect(path, false, options.onStatement), recovery };
}

/** Damage that already went through the project's own words. */
const isStoredDamage = (thrown: unknown): boolean =>
  thrown instanceof WatchfloorError && /^SQLITE_(CORRUPT|NOTADB)/.test(thrown.details ?? '');

/**
 * Which life of the data directory this is: a new one after the database or the directory was copied, moved or
 * restored. Writers belong to one life.
 */
function settleIncarnation(
  settings: SettingsRepository,
  lock: DataDirectoryLock,
  directory: string,
  newId: (prefix: string) => string,
): string {
  const { dev, ino } = statSync(directory);
  const place = `${dev} ${ino}`;
  const token = settings.get(tokenKey);
  const known = settings.get(incarnationKey);
  const sameLife =
    typeof known === 'string' &&
    settings.get(placeKey) === place &&
    typeof token === 'string' &&
    lock.memory.tokens.includes(token);
  const incarnation = sameLife ? known : newId('li');
  const next = newToken();
  lock.remember({ tokens: typeof token === 'string' && sameLife ? [token, next] : [next] });
  settings.set(tokenKey, next);
  settings.set(placeKey, place);
  settings.set(incarnationKey, incarnation);
  return incarnation;
}

function openForReading(directory: string, path: string, options: StoreOptions): SqlDatabase {
  if (!existsSync(path)) {
    throw new WatchfloorError(
      'not-found',
      'There is no Watchfloor data in this directory. Check --data-dir.',
      directory,
    );
  }
  try {
    const database = new SqlDatabase(connect(path, true, options.onStatement));
    try {
      const version = schemaVersion(database);
      refuseNewer(version, options.appVersion);
      if (version < newestVersion) {
        throw new WatchfloorError(
          'conflict',
          'This data directory was written by an older Watchfloor. Start Watchfloor on it once, then read it.',
        );
      }
      return database;
    } catch (thrown) {
      database.connection.close();
      throw thrown;
    }
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}

/** Brings an opened file to the newest schema, with a backup of what it was before. */
function bringUpToDate(database: SqlDatabase, directory: string, nowMs: number): void {
  const version = schemaVersion(database);
  if (version > 0 && version < newestVersion) backUpBeforeMigration(database.connection, directory, nowMs);
  migrate(database);
}

/**
 * Opens (and at first makes) the store in a data directory.
 * @throws WatchfloorError `locked` when another core holds it, `newer-database`, `storage`; for reading only also
 *   `not-found` and `conflict`
 */
export function openStore(dataDirectory: string, options: StoreOptions): Store {
  if (options.readOnly) {
    const directory = existsSync(dataDirectory) ? realpathSync(dataDirectory) : dataDirectory;
    const path = join(directory, databaseName);
    return assembleStore(directory, openForReading(directory, path, options), options, null, null);
  }
  const directory = prepareDirectory(dataDirectory);
  const path = join(directory, databaseName);
  const lock = lockDataDirectory(directory, options.nowMs());
  let connection: Database.Database | null = null;
  try {
    const opened = openChecked(directory, path, lock, options);
    connection = opened.connection;
    const database = new SqlDatabase(connection, () => lock.remember({ suspect: true }));
    bringUpToDate(database, directory, options.nowMs());
    sweepUnfinished(
      directory,
      (sha256) => database.get(sql`SELECT 1 FROM evidence WHERE sha256 = ${sha256}`) !== undefined,
    );
    lock.remember({
      closedCleanly: false,
      suspect: false,
      ...(opened.recovery === null ? {} : { tokens: [] }),
    });
    const store = assembleStore(directory, database, options, lock, opened.recovery);
    if (opened.recovery !== null) {
      store.alerts.mendStates();
      store.cases.rebuild();
    }
    return store;
  } catch (thrown) {
    connection?.close();
    lock.release();
    throw toStorageError(thrown);
  }
}

function assembleStore(
  directory: string,
  database: SqlDatabase,
  options: StoreOptions,
  lock: DataDirectoryLock | null,
  recovery: RecoveryReport | null,
): Store {
  const path = join(directory, databaseName);
  const { nowMs } = options;
  let mappingRevision = 0;
  const tools: RepositoryTools = {
    database,
    nowMs,
    newId: options.newId ?? randomId,
    simulated: options.simulated ?? false,
    enrichment: options.enrichment ?? noEnrichment,
    mappingChanged: () => {
      mappingRevision += 1;
    },
  };
  const settings = createSettingsRepository(tools);
  const incarnation = lock === null ? 'reading' : settleIncarnation(settings, lock, directory, tools.newId);
  if (lock !== null) settleWorkstation(database, settings, incarnation, tools.newId);
  const arrivals = createArrivalsRepository(tools, settings);
  const blocks = new RecordBlocks(database);
  const records = new RecordIndex(database);
  const words = new WatchedWords(database);
  const states = new AlertStates(database);
  const groups = new AlertGroups(database, states);
  const customers = createCustomersRepository(tools);
  const services = createServicesRepository(tools);
  const signals = createSignalsRepository(tools, customers, services);
  const findings = createFindingsRepository(tools);
  const writers = createWritersRepository(tools, incarnation);
  const samples = createSamplesRepository(tools, findings);
  const analystName = () => writers.currentAnalyst()?.name ?? null;

  // After a crash with a large file: its tables still to be looked through, one in each quiet moment.
  const unchecked =
    lock !== null && !lock.memory.closedCleanly && statSync(path).size > checkedAtOnceBytes
      ? tableNames(database.connection)
      : [];

  function checkOneTable(): void {
    const table = unchecked.pop();
    if (table === undefined || lock === null) return;
    if (findDamage(database.connection, table) !== null) lock.remember({ suspect: true });
  }

  let checkpoints: Checkpoints | null = null;
  let isRelieved = false;
  function settleCheckpoints(): void {
    const relieves = checkpoints?.committed() ?? false;
    if (relieves === isRelieved) return;
    isRelieved = relieves;
    database.connection.pragma(`wal_autocheckpoint = ${isRelieved ? relievedPages : movedPages}`);
  }

  function backup(reason: 'daily' | 'by-hand') {
    return makeBackup(database.connection, directory, nowMs(), reason);
  }

  return {
    dataDirectory: directory,
    simulated: tools.simulated,
    readOnly: lock === null,
    enrichment: tools.enrichment,
    recovery,
    mappingRevision: () => mappingRevision,
    transaction: (work) => database.transaction(work),
    afterCommit: (work) => database.afterCommit(work),
    backup,
    backupIfDue() {
      const [newest] = listBackups(directory);
      const isDue = newest === undefined || nowMs() - newest.madeMs >= dayMs;
      return isDue ? backup('daily') : Promise.resolve(null);
    },
    backups: () => listBackups(directory),
    sizeBytes() {
      const log = `${path}-wal`;
      return statSync(path).size + (existsSync(log) ? statSync(log).size : 0);
    },
    maintain() {
      samples.compact(Math.max(leastHoursPerUpkeep, Math.ceil(signals.count() * hoursPerUpkeepAndSignal)));
      checkOneTable();
      database.connection.pragma('optimize');
      database.connection.pragma('wal_checkpoint(PASSIVE)');
    },
    startCheckpoints() {
      checkpoints ??= createCheckpoints(path, database.connection);
      database.onCommit = settleCheckpoints;
      settleCheckpoints();
    },
    async endCheckpoints() {
      const ending = checkpoints;
      checkpoints = null;
      settleCheckpoints();
      await ending?.close();
    },
    locateEntities: () => locateEntities(tools, settings),
    close() {
      if (lock === null) {
        database.connection.close();
        return;
      }
      let isClean = true;
      try {
        database.connection.pragma('wal_checkpoint(TRUNCATE)');
      } catch {
        // The log stays beside the database and is read at the next opening: nothing is lost.
        isClean = false;
      }
      database.connection.close();
      lock.remember({ closedCleanly: isClean, databaseMark: isClean ? fileMark(path) : null });
      lock.release();
    },
    settings,
    views: createViewsRepository(tools),
    customers,
    services,
    connections: createConnectionsRepository(tools),
    rejected: createRejectedRepository(tools),
    pushes: createPushesRepository(tools),
    signals,
    samples,
    breakdowns: createBreakdownsRepository(tools, customers, services),
    findings,
    incidents: createIncidentsRepository(tools, states),
    alerts: createAlertsRepository(
      tools,
      blocks,
      customers,
      services,
      analystName,
      states,
      groups,
      records,
      words,
    ),
    suppressions: createSuppressionsRepository(tools, states, analystName, groups, records, words),
    context: createContextRepository(tools, blocks),
    cases: createCasesRepository(tools, directory, arrivals),
    arrivals,
    evidence: createEvidenceRepository(tools, directory),
    audit: createAuditRepository(tools),
    plans: createPlansRepository(tools),
    handovers: createHandoversRepository(tools),
    mitigations: createMitigationsRepository(tools),
    writers,
  };
}
