import type { Enrichment } from '../../shared/domain/enrichment.ts';
import type { HandoversRepository } from './handovers-repository.ts';
import type { AlertsRepository } from './store/alerts.ts';
import type { AuditRepository } from './store/audit.ts';
import type { ArrivalsRepository, CasesRepository } from './store/cases.ts';
import type { ConnectionsRepository, PushesRepository, RejectedRepository } from './store/connections.ts';
import type { ContextRepository } from './store/context.ts';
import type { CustomersRepository, ServicesRepository } from './store/customers.ts';
import type { EvidenceRepository } from './store/evidence.ts';
import type { FindingsRepository, IncidentsRepository } from './store/findings.ts';
import type { MitigationsRepository, PlansRepository } from './store/mitigations.ts';
import type { SettingsRepository, ViewsRepository } from './store/settings.ts';
import type { BreakdownsRepository, SamplesRepository, SignalsRepository } from './store/signals.ts';
import type { SuppressionsRepository } from './store/suppressions.ts';
import type { WritersRepository } from './store/writers.ts';

export type * from './store/alerts.ts';
export type * from './store/audit.ts';
export type * from './store/cases.ts';
export type * from './store/connections.ts';
export type * from './store/context.ts';
export type * from './store/customers.ts';
export type * from './store/evidence.ts';
export type * from './store/findings.ts';
export type * from './store/mitigations.ts';
export type * from './store/settings.ts';
export type * from './store/signals.ts';
export type * from './store/suppressions.ts';
export type * from './store/writers.ts';

/**
 * What the rest of the core sees of storage: plain data in, plain data out, all of it synchronous inside one
 * process that owns the database. Every method throws WatchfloorError: `storage` (disk full, no permission, I/O),
 * `not-found`, `conflict`, `bad-input`. A method that writes joins the running transaction or makes its own.
 */

/** How a store is opened. */
export interface StoreOptions {
  /** The wall clock, UTC epoch ms. */
  readonly nowMs: () => number;
  readonly appVersion: string;
  /** True for the range's own data directory: everything in it is marked simulated. */
  readonly simulated?: boolean;
  /** Reads beside a running app: takes no lock, never migrates, never repairs. */
  readonly readOnly?: boolean;
  /** Makes ids; injected so that tests can foresee them. The prefix comes without its underscore. */
  readonly newId?: (prefix: string) => string;
  /** Where addresses come from; nothing is known of it by default. */
  readonly enrichment?: Enrichment;
  /** Told every statement with its values in place, before it runs: for tests and diagnosis. */
  readonly onStatement?: (text: string) => void;
}

/** What happened when a damaged database was found at opening: everything an analyst must be told. */
export interface RecoveryReport {
  readonly timeMs: number;
  /** In one sentence: what was wrong. */
  readonly problem: string;
  /** Where the damaged files were put. */
  readonly quarantinedTo: string;
  /** The backup that the store was restored from, or null where there was none. */
  readonly restoredFrom: { readonly path: string; readonly madeMs: number } | null;
  /** By table: rows now there, of them salvaged from the damaged file, and whether its reading broke off. */
  readonly tables: readonly {
    readonly table: string;
    readonly rows: number;
    readonly salvaged: number;
    readonly complete: boolean;
  }[];
  /** What was kept and what is missing, sentences for a notice. */
  readonly kept: string;
  readonly missing: string;
}

export interface BackupInfo {
  readonly path: string;
  readonly madeMs: number;
  readonly sizeBytes: number;
}

export interface Store {
  readonly dataDirectory: string;
  readonly simulated: boolean;
  readonly readOnly: boolean;
  readonly enrichment: Enrichment;
  /** Set when this opening had to repair; null when all was well. */
  readonly recovery: RecoveryReport | null;
  /**
   * Runs `work` in one immediate transaction; nested calls become savepoints. A throw rolls back and is rethrown.
   * `work` must not be async: a promise as its result is refused.
   */
  transaction<T>(work: () => T): T;
  /** Rises whenever a person changes the mapping of signals, or what a customer or service is called. */
  mappingRevision(): number;
  /** Runs `work` once the outermost transaction has committed (never when it rolled back); at once outside one. */
  afterCommit(work: () => void): void;
  /** Makes a verified backup beside the database in small steps, keeps the newest seven. */
  backup(reason: 'daily' | 'by-hand'): Promise<BackupInfo>;
  /** As `backup('daily')` when the newest is older than a day; else null. */
  backupIfDue(): Promise<BackupInfo | null>;
  backups(): readonly BackupInfo[];
  /** Bytes of the database file and its write-ahead log. */
  sizeBytes(): number;
  /** Bounded upkeep for quiet moments: compacts samples, trims the log, refreshes planner statistics. */
  maintain(): void;
  /**
   * From now on the log is moved into the database file by a thread of its own while there is much of it, until
   * `endCheckpoints`. Otherwise commits do that themselves now and then.
   */
  startCheckpoints(): void;
  /** To be waited for before `close`. */
  endCheckpoints(): Promise<void>;
  /**
   * Gives entities of before the origins that the data of now say, in steps that survive a crash; gives after each how
   * many it changed. There is nothing to do after the first time with the same data.
   */
  locateEntities(): Generator<number, void, void>;
  close(): void;

  readonly settings: SettingsRepository;
  readonly views: ViewsRepository;
  readonly customers: CustomersRepository;
  readonly services: ServicesRepository;
  readonly connections: ConnectionsRepository;
  readonly rejected: RejectedRepository;
  readonly pushes: PushesRepository;
  readonly signals: SignalsRepository;
  readonly samples: SamplesRepository;
  readonly breakdowns: BreakdownsRepository;
  readonly findings: FindingsRepository;
  readonly incidents: IncidentsRepository;
  readonly alerts: AlertsRepository;
  readonly suppressions: SuppressionsRepository;
  readonly context: ContextRepository;
  readonly cases: CasesRepository;
  readonly arrivals: ArrivalsRepository;
  readonly evidence: EvidenceRepository;
  readonly audit: AuditRepository;
  readonly plans: PlansRepository;
  readonly handovers: HandoversRepository;
  readonly mitigations: MitigationsRepository;
  readonly writers: WritersRepository;
}
