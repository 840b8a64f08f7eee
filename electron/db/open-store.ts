import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { liesInNetwork } from '../../shared/domain/alert-query.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { createAlertsRepository } from './alerts-repository.ts';
import { createAuditRepository } from './audit-repository.ts';
import { createBreakdownsRepository } from './breakdowns-repository.ts';
import { createCasesRepository } from './cases-repository.ts';
import { createConnectionsRepository } from './connections-repository.ts';
import { createContextRepository } from './context-repository.ts';
import { createCustomersRepository, createServicesRepository } from './customers-repository.ts';
import { type DataDirectoryLock, lockDataDirectory } from './data-directory-lock.ts';
import { createEvidenceRepository } from './evidence-repository.ts';
import { createFindingsRepository, createIncidentsRepository } from './findings-repository.ts';
import { randomId } from './ids.ts';
import { migrate, refuseNewer, schemaVersion } from './migrations.ts';
import { createMitigationsRepository } from './mitigations-repository.ts';
import { createPlansRepository } from './plans-repository.ts';
import { RecordBlocks } from './record-blocks.ts';
import type { RepositoryTools } from './repository.ts';
import { createSamplesRepository } from './samples-repository.ts';
import { createSettingsRepository, createViewsRepository } from './settings-repository.ts';
import { createSignalsRepository } from './signals-repository.ts';
import { SqlDatabase } from './sql.ts';
import { toStorageError } from './storage-error.ts';
import type { Store, StoreOptions } from './store.ts';
import { createWritersRepository } from './writers-repository.ts';

export const databaseName = 'watchfloor.db';

/** Makes the data directory and the database file, readable by their owner alone. */
function prepareDirectory(dataDirectory: string): string {
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    chmodSync(dataDirectory, 0o700);
    return realpathSync(dataDirectory);
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}

function prepareFile(path: string): void {
  try {
    // SQLite gives its log the mode of the database.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}

/** Connection settings and the functions that queries call. */
function connect(path: string, readOnly: boolean): Database.Database {
  const connection = new Database(path, { readonly: readOnly, timeout: readOnly ? 2000 : 5000 });
  connection.pragma('foreign_keys = ON');
  connection.pragma('temp_store = MEMORY');
  // Negative: KiB. Enough for the indexes of a few hundred thousand alerts.
  connection.pragma('cache_size = -65536');
  if (!readOnly) {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma('journal_size_limit = 67108864');
    connection.pragma('wal_autocheckpoint = 4000');
  }
  connection.function('lies_in_network', { deterministic: true }, (value: unknown, cidr: unknown) =>
    typeof value === 'string' && typeof cidr === 'string' && liesInNetwork(value, cidr) ? 1 : 0,
  );
  connection.function(
    'text_matches',
    { deterministic: true },
    (value: unknown, match: unknown, text: unknown) => {
      if (typeof value !== 'string' || typeof text !== 'string') return 0;
      const left = value.toLowerCase();
      const right = text.toLowerCase();
      if (match === 'equals') return left === right ? 1 : 0;
      return (match === 'prefix' ? left.startsWith(right) : left.includes(right)) ? 1 : 0;
    },
  );
  connection.exec('CREATE TEMP TABLE selected (sequence INTEGER PRIMARY KEY)');
  return connection;
}

/**
 * Opens (and at first makes) the store in a data directory.
 * @throws WatchfloorError `locked` when another core holds it, `newer-database`, `storage`
 */
export function openStore(dataDirectory: string, options: StoreOptions): Store {
  const readOnly = options.readOnly ?? false;
  const directory = prepareDirectory(dataDirectory);
  const path = join(directory, databaseName);
  if (readOnly && !existsSync(path)) {
    throw new WatchfloorError('not-found', 'There is no Watchfloor data in this directory.', directory);
  }
  const lock: DataDirectoryLock | null = readOnly ? null : lockDataDirectory(directory, options.nowMs());
  prepareFile(path);
  const database = new SqlDatabase(connect(path, readOnly));
  refuseNewer(schemaVersion(database), options.appVersion);
  if (!readOnly) migrate(database);

  const tools: RepositoryTools = {
    database,
    nowMs: options.nowMs,
    newId: options.newId ?? randomId,
    simulated: options.simulated ?? false,
  };
  const blocks = new RecordBlocks(database);
  const customers = createCustomersRepository(tools);
  const services = createServicesRepository(tools);
  const findings = createFindingsRepository(tools);
  const writers = createWritersRepository(tools, 'first');
  const analystName = () => writers.currentAnalyst()?.name ?? null;
  return {
    dataDirectory: directory,
    simulated: tools.simulated,
    readOnly,
    recovery: null,
    transaction: (work) => database.transaction(work),
    afterCommit: (work) => database.afterCommit(work),
    backup: () => Promise.reject(new WatchfloorError('internal', 'not yet')),
    backupIfDue: () => Promise.resolve(null),
    backups: () => [],
    sizeBytes: () => statSync(path).size,
    maintain: () => {},
    close() {
      database.connection.close();
      lock?.release();
    },
    settings: createSettingsRepository(tools),
    views: createViewsRepository(tools),
    customers,
    services,
    connections: createConnectionsRepository(tools),
    signals: createSignalsRepository(tools, customers, services),
    samples: createSamplesRepository(tools, findings),
    breakdowns: createBreakdownsRepository(tools, customers, services),
    findings,
    incidents: createIncidentsRepository(tools),
    alerts: createAlertsRepository(tools, blocks, customers, services, analystName),
    context: createContextRepository(tools, blocks),
    cases: createCasesRepository(tools),
    evidence: createEvidenceRepository(tools, directory),
    audit: createAuditRepository(tools),
    plans: createPlansRepository(tools),
    mitigations: createMitigationsRepository(tools),
    writers,
  };
}
