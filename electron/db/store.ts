import type { AlertQuery } from '../../shared/api/contract.ts';
import type { ArrivalLine, Workstation } from '../../shared/case-file/arrivals.ts';
import type {
  Alert,
  AlertAction,
  AlertGrouping,
  Lane,
  Mitigated,
  Occurrence,
  OccurrenceHistogram,
  Severity,
} from '../../shared/domain/alert.ts';
import type { SplitBy } from '../../shared/domain/alert-split.ts';
import type {
  CaseEntry,
  CaseListRow,
  CaseState,
  CaseStatus,
  CaseSummary,
  EntryPayload,
  Tlp,
} from '../../shared/domain/case.ts';
import type { Connection, Settings, UnmappedWord } from '../../shared/domain/connection.ts';
import type { Analyst, Customer, Service } from '../../shared/domain/customer.ts';
import type { Enrichment } from '../../shared/domain/enrichment.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import type { AuditHeader, SignedEntry } from '../../shared/domain/entry-chain.ts';
import type { ActionPlan, LedgerRow, Mitigation, MitigationState } from '../../shared/domain/mitigation.ts';
import type {
  BaselineState,
  Breakdown,
  Dimension,
  Finding,
  Gap,
  Layer,
  Measure,
  Signal,
  SignalWindow,
  Stage,
} from '../../shared/domain/signal.ts';
import type { NewSuppression, Suppression, SuppressionEffect } from '../../shared/domain/suppression.ts';
import type {
  BreakdownInput,
  ContextInput,
  Cursor,
  OccurrenceInput,
  RejectedInput,
  SignalInput,
} from '../sources/source.ts';
import type { ObservableSeen, RelatedCase } from './case-links.ts';
import type { EvidenceKey } from './evidence-seal.ts';
import type { HandoversRepository } from './handovers-repository.ts';

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

export interface SettingsRepository {
  /** The JSON value stored under a key, or null; the caller checks its shape. */
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  remove(key: string): void;
}

export interface SavedView {
  readonly id: string;
  readonly name: string;
  readonly query: AlertQuery;
}
export interface ViewsRepository {
  list(): SavedView[];
  save(view: { readonly id: string | null; readonly name: string; readonly query: AlertQuery }): SavedView;
  remove(id: string): void;
}

export interface CustomersRepository {
  list(): Customer[];
  get(id: string): Customer | null;
  save(customer: {
    readonly id: string | null;
    readonly name: string;
    readonly ownRanges: readonly string[];
    readonly defaultTlp: Tlp;
    readonly noiseBudget: number;
  }): Customer;
  /** By name, case-folded; a new one has no ranges, TLP:AMBER and the usual noise budget. */
  findOrCreateByName(name: string): Customer;
}

export interface ServicesRepository {
  list(): Service[];
  get(id: string): Service | null;
  save(service: { readonly id: string | null; readonly customerId: string; readonly name: string }): Service;
  findOrCreateByName(customerId: string, name: string): Service;
}

/** A connection as stored: health is the poller's, secrets are the secret store's. */
export type StoredConnection = Omit<Connection, 'health' | 'secretsSet'>;

export interface ConnectionCounters {
  readonly eventsReceived: number;
  readonly recordsRejected: number;
  readonly lastRejection: string | null;
  readonly lastSuccessMs: number | null;
  /** Occurred time of the newest record ever received. */
  readonly newestRecordMs: number | null;
  /** Words that came and that no mapping named then, the newest fifty. */
  readonly unmapped: readonly UnmappedWord[];
}

export interface ConnectionGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
}

export interface ConnectionsRepository {
  list(role?: 'source' | 'target'): StoredConnection[];
  get(id: string): StoredConnection | null;
  /** With an id that is not there yet the row is made under that id; with null under a new one. */
  save(connection: {
    readonly id: string | null;
    readonly role: 'source' | 'target';
    readonly kind: string;
    readonly name: string;
    readonly customerId: string | null;
    readonly enabled: boolean;
    readonly settings: Settings;
    readonly simulated?: boolean;
  }): StoredConnection;
  setEnabled(id: string, enabled: boolean): StoredConnection;
  /** Takes the connection away; alerts and samples it brought stay. */
  remove(id: string): void;
  cursor(id: string): Cursor | null;
  setCursor(id: string, cursor: Cursor | null): void;
  counters(id: string): ConnectionCounters;
  /** Adds to the running counts; given times replace older ones. */
  count(
    id: string,
    more: {
      readonly events?: number;
      readonly rejected?: number;
      readonly lastRejection?: string;
      readonly successMs?: number;
      readonly newestRecordMs?: number;
    },
  ): void;
  addUnmapped(id: string, words: readonly UnmappedWord[]): void;
  /** Newest first, at most 50. */
  gaps(id: string): ConnectionGap[];
  addGap(id: string, gap: ConnectionGap): void;
}

/** A record that was not understood, as it is kept. */
export interface RejectedRecord {
  readonly id: number;
  readonly receivedMs: number;
  readonly reason: string;
  /** See `RejectedInput`. */
  readonly place: string;
  /** Of the record as it came. */
  readonly bytes: number;
  readonly raw: string;
  /** False of a record so long that only its beginning is kept. */
  readonly isWhole: boolean;
}

/** Records that were not understood, by connection: bounded in the size of each, in their number and in their sum. */
export interface RejectedRepository {
  /** Keeps records aside; the same one twice adds nothing, and has its last reason. Returns how many were new. */
  keep(connectionId: string, records: readonly RejectedInput[], receivedMs: number): number;
  /** Newest first. */
  list(connectionId: string, limit: number): RejectedRecord[];
  /** The next ones after an id, oldest first. */
  after(connectionId: string, id: number, limit: number): RejectedRecord[];
  /** What is there now, and how many were dropped for want of room or by hand, and read anew, ever. */
  summary(connectionId: string): {
    readonly kept: number;
    readonly keptBytes: number;
    readonly dropped: number;
    readonly replayed: number;
  };
  /** These were understood at last. */
  settle(connectionId: string, ids: readonly number[]): void;
  /** Takes all of a connection's away. Returns how many. */
  discard(connectionId: string): number;
}

export interface SignalsRepository {
  /**
   * Makes the signal or takes the source's newer proposal; what an analyst corrected stays. Names become customers
   * and services, new ones where needed; without any customer the one called `Unassigned`.
   */
  upsertFromInput(
    sourceId: string,
    defaultCustomerId: string | null,
    input: SignalInput,
  ): { readonly signal: Signal; readonly change: 'created' | 'returned' | 'changed' | 'none' };
  list(): Signal[];
  count(): number;
  hasAny(sourceId: string): boolean;
  /** The signal that speaks for its source: the one with the shortest step that has ever come; null before any. */
  liveliest(sourceId: string): Signal | null;
  /** The newest sample of any signal of a source; null before the first. */
  newestSampleMs(sourceId: string): number | null;
  get(id: string): Signal | null;
  getByKey(sourceId: string, key: string): Signal | null;
  /** An analyst's correction of the mapping; from now on the source's proposals leave these fields alone. */
  update(input: {
    readonly id: string;
    readonly customerId: string;
    readonly serviceId: string;
    readonly stage: Stage;
    readonly layer: Layer;
    readonly measure: Measure;
    readonly name: string;
    readonly unit: string;
  }): Signal;
  setBaseline(id: string, baselineState: BaselineState, historyMs: number): void;
  /** JSON-safe detector state as last saved and the time of the last sample it has seen, or null. */
  detectorState(id: string): { readonly state: unknown; readonly atMs: number } | null;
  setDetectorState(id: string, state: unknown, atMs: number): void;
}

/** Samples in time order with what was expected at each; the band arrays are left out where nothing was. */
export interface SampleSeries {
  readonly timesMs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly expected?: readonly (number | null)[];
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

export interface SamplesRepository {
  /** Adds samples; one that is already there (same signal and time) stays as it is. Returns how many were new. */
  append(signalId: string, series: SampleSeries): number;
  /** The samples themselves, both ends included, in time order. */
  read(signalId: string, fromMs: number, toMs: number): Required<SampleSeries>;
  /**
   * Means of whole intervals of `stepMs` (at least a minute), each standing at its interval's end as a sample of that
   * distance would; intervals without a sample are left out.
   */
  means(
    signalId: string,
    fromMs: number,
    toMs: number,
    stepMs: number,
  ): { readonly timesMs: readonly number[]; readonly values: readonly (number | null)[] };
  /** The first sample that is still there; null before any. */
  firstMs(signalId: string): number | null;
  /** Ready to draw: samples, or 1-minute or 1-hour roll-ups when there would be more than maxPoints. */
  window(signalId: string, fromMs: number, toMs: number, maxPoints: number): SignalWindow;
  gaps(signalId: string, fromMs: number, toMs: number): Gap[];
  lastMs(signalId: string): number | null;
  /** Moves finished hours of all signals into compressed chunks, at most so many. Returns how many. */
  compact(mostHours?: number): number;
  /** Forgets samples and 1-minute roll-ups before a time; 1-hour roll-ups stay. Returns bytes freed, about. */
  prune(beforeMs: number): number;
  sizeBytes(): number;
}

export interface BreakdownsRepository {
  append(sourceId: string, defaultCustomerId: string | null, inputs: readonly BreakdownInput[]): number;
  /** Merged over the range with the usual share from the hour before; `known: false` where no source tells. */
  query(input: {
    readonly customerId: string | null;
    readonly serviceId: string | null;
    readonly dimension: Dimension;
    readonly fromMs: number;
    readonly toMs: number;
  }): Breakdown;
  prune(beforeMs: number): number;
}

export interface FindingsRepository {
  upsert(finding: Finding): void;
  get(id: string): Finding | null;
  /** That overlap the range, by start. */
  list(input: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly signalId: string | null;
  }): Finding[];
  open(): Finding[];
  /** That started since a time, newest first, at most 500, and how many there are in all. */
  history(
    signalIds: readonly string[],
    sinceMs: number,
  ): { readonly count: number; readonly findings: Finding[] };
  /** Actionable deviations that started since a time, newest first; `isExact` false: only the newest 5,000 of them. */
  deviations(
    signalIds: readonly string[],
    sinceMs: number,
  ): { readonly findings: Finding[]; readonly isExact: boolean };
  /** Of an incident's alert. */
  forAlert(alertId: string): Finding[];
}

/** Findings of one service that belong together. The state is the detector's own JSON. */
export interface IncidentRow {
  readonly id: string;
  readonly serviceId: string;
  readonly alertId: string | null;
  readonly openedMs: number;
  readonly closedMs: number | null;
  readonly findingIds: readonly string[];
  readonly state: unknown;
}
export interface IncidentsRepository {
  save(incident: IncidentRow): void;
  get(id: string): IncidentRow | null;
  open(): IncidentRow[];
  /** The newest one behind an alert; null for alerts that a source sent. */
  forAlert(alertId: string): IncidentRow | null;
  /** The newest incidents of a service (null: of all) that a person judged to be nothing, with their alert. */
  judged(serviceId: string | null): JudgedIncident[];
}

export interface JudgedIncident {
  readonly alertId: string;
  readonly disposition: 'false-positive' | 'benign-positive';
}

export interface AlertIngestResult {
  /** Distinct alerts that the occurrences belong to, new or not. */
  readonly alertIds: readonly string[];
  /** Alerts made now. */
  readonly newAlertIds: readonly string[];
  /** Alerts in which something changed, new ones included. */
  readonly changedAlertIds: readonly string[];
  /** Alerts that are new or changed in what suppressions judge them by. */
  readonly toJudgeIds: readonly string[];
  /** Snoozed ones that woke because they got worse. */
  readonly wokenAlertIds: readonly string[];
  readonly newOccurrences: number;
}

/** An alert that detection raises or updates for an incident. */
export interface IncidentAlertInput {
  readonly incidentId: string;
  readonly customerId: string;
  readonly serviceId: string;
  readonly title: string;
  readonly why: string;
  readonly severity: Severity;
  readonly lane: Lane;
  readonly mitigated: Mitigated;
  readonly state: 'firing' | 'resolved';
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Findings so far. */
  readonly count: number;
  readonly entities: readonly Entity[];
  readonly techniques: readonly string[];
  readonly signalIds: readonly string[];
}

export type AlertSelection =
  | { readonly by: 'ids'; readonly ids: readonly string[] }
  | {
      readonly by: 'query';
      readonly query: AlertQuery;
      readonly upToSequence: number;
      /** Also merged alerts for which another one of them stands. */
      readonly everything?: boolean;
    }
  /** Rising. */
  | { readonly by: 'sequences'; readonly sequences: Uint32Array };

export interface AlertPage {
  readonly offset: number;
  readonly limit: number;
  /** The list is frozen here; null takes the newest. */
  readonly upToSequence: number | null;
  /** Also merged alerts for which another row of the answer stands. */
  readonly everything?: boolean;
}
export interface AlertPageResult {
  readonly rows: Alert[];
  /** At least so many match where `isExact` says no: then `count` knows. */
  readonly total: number;
  readonly isExact: boolean;
  readonly upToSequence: number;
  /** How many that match came after. */
  readonly newer: number;
  /** How many are merged under the alerts of the list, beside these. */
  readonly merged: number;
  readonly problem: string | null;
}

/** What looking through raw records for the free text of a query has found. */
export interface RecordSearch {
  /** Alerts of which a record has one of its texts. */
  readonly alerts: number;
  readonly isWhole: boolean;
  /** Where not all was looked through: when the oldest record came that was. */
  readonly backToMs: number | null;
}

export interface HistoryRow {
  readonly timeMs: number;
  readonly actor: string;
  readonly sentence: string;
}

export interface SplitPreview {
  readonly parts: readonly {
    readonly label: string;
    readonly count: number;
    readonly firstMs: number;
    readonly lastMs: number;
  }[];
  readonly problem: string | null;
}

export interface AlertsRepository {
  /**
   * Takes occurrences of one source, at most once each. The same occurrences in any order, cut or repetition
   * give the same alerts.
   */
  ingest(
    source: { readonly id: string; readonly kind: string; readonly customerId: string | null },
    occurrences: readonly OccurrenceInput[],
    receivedMs: number,
  ): AlertIngestResult;
  /** Makes or updates the one alert of an incident. A person's status, lane and severity stay as they set them. */
  upsertIncidentAlert(
    input: IncidentAlertInput,
    receivedMs: number,
  ): { readonly alert: Alert; readonly change: 'created' | 'returned' | 'changed' | 'none' };
  query(query: AlertQuery, page: AlertPage): AlertPageResult;
  /** The same in steps of some milliseconds, for who lets others have their turn between them, or gives up. */
  queryInSteps(query: AlertQuery, page: AlertPage): Generator<void, AlertPageResult, void>;
  /**
   * Looks for the free text of a query in raw records, the newest first, in steps of some milliseconds. Queries with
   * that text find these alerts from then on. Where it is common it stops after a while; another call goes on.
   */
  searchRecordsInSteps(text: string): Generator<void, RecordSearch, void>;
  /** Brings the index of raw records up to what came, in steps of some milliseconds. */
  indexRecordsInSteps(): Generator<void, void, void>;
  /** Exactly; alerts after `upToSequence` are not counted where it is given. */
  count(query: AlertQuery, upToSequence?: number): number;
  countInSteps(query: AlertQuery, upToSequence?: number): Generator<void, number, void>;
  get(id: string): Alert | null;
  /** In the order asked; ids that are not there are left out. */
  getMany(ids: readonly string[]): Alert[];
  /** The sequences of what is selected, rising, in steps as a query. */
  selectInSteps(selection: AlertSelection): Generator<void, Uint32Array, void>;
  /** How many of some alerts have each severity now, from the mildest to the worst. */
  severityCounts(sequences: Uint32Array): number[];
  /** Alerts with all that they stand for, rising. */
  withMembers(sequences: Uint32Array): Uint32Array;
  /** In the order asked; sequences that are not there are left out. */
  getBySequence(sequences: readonly number[]): Alert[];
  /** All alerts by sequence, for reading out whole; lazy. */
  each(): IterableIterator<Alert>;
  /** Newest first. */
  occurrences(alertId: string, limit: number): Occurrence[];
  /** When the newest of them occurred and were received, without reading what they say. */
  occurrenceTimes(
    alertId: string,
    limit: number,
  ): { readonly occurredMs: number; readonly receivedMs: number }[];
  /** Why its occurrences are one; null where no occurrence is here, or none says so. */
  grouping(alertId: string): AlertGrouping | null;
  /** Exact counts of its occurrences by time; null where none is here. */
  histogram(alertId: string): OccurrenceHistogram | null;
  /** That share an address, user or other telling entity, most shared first. */
  related(alertId: string, limit: number): Alert[];
  /**
   * What sources have reported of a service, or of its customer alone, since a moment: the first ones. Of a flood of
   * alerts only its beginning is looked through.
   */
  alarmsSince(
    sinceMs: number,
    of: { readonly customerId: string; readonly serviceId: string },
  ): { readonly name: string; readonly atMs: number }[];
  history(alertId: string): HistoryRow[];
  /** What is merged under an alert, at any depth, the nearest first: `limit` of them at most, and how many there are. */
  members(alertId: string, limit: number): { readonly rows: Alert[]; readonly total: number };
  /** Of a split alert its parts, of a part all of its alert's, by their first occurrence. */
  parts(alertId: string): Alert[];
  /** Alerts with those that stand for them, so that whoever shows these shows them anew. */
  withLeaders(alertIds: readonly string[]): string[];
  /** What a split would make; nothing is written. `problem` says why it cannot be. */
  previewSplit(alertId: string, by: SplitBy): SplitPreview;
  /** In how many alerts an entity is, counted up to `most`. */
  entityCount(entity: { readonly kind: string; readonly value: string }, most: number): number;
  /**
   * One transaction, and seen at once; remembers each changed alert's exact state for undo. Alerts already so are not
   * counted. `changedIds` are all, or of a bulk the first thousand.
   */
  act(
    selection: AlertSelection,
    action: AlertAction,
    actor: string,
  ): {
    readonly changed: number;
    readonly undoId: string | null;
    readonly changedIds: readonly string[];
    /** What merging and splitting did, in words; null for what everybody does all day. */
    readonly sentence: string | null;
  };
  /**
   * Puts back what `act` changed, except alerts that were changed again since: these are skipped. Once. The ids are
   * all, or of a bulk the first thousand.
   */
  undo(
    undoId: string,
    actor: string,
  ): {
    readonly changed: number;
    readonly changedIds: readonly string[];
    readonly skipped: number;
    readonly skippedIds: readonly string[];
    /** As of `act`. */
    readonly sentence: string | null;
  };
  /** Sets or clears the case of alerts. Returns the ids in which that changed. */
  linkCase(alertIds: readonly string[], caseId: string | null, actor: string): string[];
  /** Snoozed alerts whose time has come are new again. Returns their ids. */
  wakeDue(): string[];
  /** After a repair: alerts whose state could not be read any more are new ones again. */
  mendStates(): void;
  openCounts(): { readonly actionable: number; readonly informational: number };
  latestSequence(): number;
  /** Actionable alerts received since a time, by customer and UTC day; nothing for days without any. */
  actionableByDay(
    sinceMs: number,
  ): { readonly customerId: string | null; readonly dayMs: number; readonly count: number }[];
  /** Actionable alerts received since a time, newest first; of everybody where the customer is null. */
  actionableSince(sinceMs: number, customerId: string | null, limit: number): Alert[];
}

export interface SuppressionsRepository {
  /** What is in force or to come, then the newest of what ended, with what each hid. */
  list(): SuppressionEffect[];
  /** @throws WatchfloorError `not-found` */
  get(id: string): Suppression;
  /**
   * In force, to come, or ended without what it held having been looked through since.
   * `isSwept`: it has gone through the alerts that were there before it.
   */
  unsettled(): readonly {
    readonly suppression: Suppression;
    readonly settledMs: number;
    readonly isSwept: boolean;
  }[];
  /** Whether anything is held or lowered at all. */
  hasSuppressed(): boolean;
  add(suppression: NewSuppression & { readonly owner: string }): Suppression;
  setEnd(id: string, endMs: number): Suppression;
  /** Ends it for good; by nobody (null) where it ended by itself. */
  end(id: string, endedMs: number, endedBy: string | null): Suppression;
  /** Holds or lowers alerts, as far as nobody has them in hand. Returns the ids in which something changed. */
  begin(id: string, alertIds: readonly string[]): string[];
  /** Which alerts a suppression holds though a person has them in hand since. */
  heldInHand(): string[];
  /** Lets alerts into the queue again, with the line that their history gets. Returns the ids of those that were held. */
  release(alertIds: readonly string[], sentence: string): string[];
  /**
   * Goes through the alerts that were there before a suppression, the newest first, in steps that each give what they
   * changed. One that is left in the middle goes on from there the next time.
   * @param covers whether the suppression still covers an alert that its search found
   */
  sweepInSteps(id: string, covers: (alert: Alert) => boolean): Generator<readonly string[], void, void>;
  /**
   * One bounded step through what an ended one still holds: what goes on is released, the rest stays where it is.
   * `after` is the number that the step before gave, 0 at first; null is the end. `everything` releases the rest, too.
   */
  settleSlice(
    id: string,
    how: { readonly after: number; readonly sentence: string; readonly everything: boolean },
  ): { readonly changedIds: readonly string[]; readonly after: number | null };
  settled(id: string, settledMs: number): void;
  /** Whether all of an alert had been stopped on its way when it was held. */
  wasStopped(alertId: string): boolean;
  /** When an alert was held or lowered and by whom, and why no longer. */
  history(alertId: string): HistoryRow[];
}

export interface ContextRow {
  readonly id: string;
  readonly timeMs: number;
  readonly type: string;
  readonly summary: string;
  readonly raw: string;
}
export interface ContextRepository {
  /** At most once each by source and identity. Returns how many were new. */
  append(sourceId: string, inputs: readonly ContextInput[], receivedMs: number): number;
  /** Newest first: rows of these correlation keys or addresses within the times. */
  find(input: {
    readonly correlationKeys?: readonly string[];
    readonly addresses?: readonly string[];
    readonly fromMs: number;
    readonly toMs: number;
    readonly limit: number;
  }): ContextRow[];
  /** By the correlation keys of the alert's occurrences, then by its addresses around its time. */
  forAlert(alertId: string, limit: number): ContextRow[];
  /** Rows linked to a case are never pruned. */
  linkToCase(ids: readonly string[], caseId: string): void;
  /** Forgets the oldest received until the budget holds. Returns how many rows went. */
  prune(budgetBytes: number): number;
  sizeBytes(): number;
}

/** Who writes: made by `writers.current` and the key store. `sign` gives the raw 64-byte Ed25519 signature. */
export interface Writer {
  readonly id: string;
  readonly name: string;
  /** base64 of the raw 32 bytes. */
  readonly publicKey: string;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** Which entries of a case and state they fold to, each as one hash: equal in two stores that hold the same. */
export interface CaseDigest {
  readonly foldVersion: number;
  /** SHA-256 over the folded state, hex. */
  readonly state: string;
  /** SHA-256 over the hashes of all entries in chain order, hex. */
  readonly entries: string;
  readonly entryCount: number;
}

/** A writer of entries, by the key that they are verified with. */
export interface WriterKey {
  readonly writerId: string;
  /** base64 of the raw 32 bytes. */
  readonly publicKey: string;
}

export type CaseOutline = Omit<CaseState, 'notes' | 'evidence' | 'slices' | 'timeline' | 'conflicts'>;

/** What an import would add, by case. */
export interface ImportedCase {
  readonly caseId: string;
  readonly isNew: boolean;
  readonly newEntries: number;
  /** Payloads of entries that were here without theirs. */
  readonly newPayloads: number;
}

/** A case file on its way in: nothing of it is seen before `commit`, nothing is left of it after `discard`. */
export interface CaseImport {
  entries(entries: readonly SignedEntry[]): void;
  /** After the last of them. @throws WatchfloorError `bad-input` where two have the same id */
  allEntries(): void;
  writers(keys: readonly WriterKey[]): void;
  snapshots(snapshots: readonly { readonly sha256: string; readonly body: string }[]): void;
  /** What the file tells of when things arrived in other data directories. */
  workstations(workstations: readonly Workstation[]): void;
  arrivals(arrivals: readonly ArrivalLine[]): void;
  /** @throws WatchfloorError `refused` where an entry or writer contradicts what is here */
  compare(): ImportedCase[];
  /**
   * Merges by union, in one transaction, which may be part of a larger one.
   * @throws WatchfloorError `refused` as `compare`
   */
  commit(): ImportedCase[];
  discard(): void;
}

export interface CasesRepository {
  /** Appends `case-opened` and what else belongs to the opening in one transaction. Returns the new case. */
  open(writer: Writer, payloads: readonly EntryPayload[]): CaseState;
  /**
   * One transaction, one signature over the chain's new head. Each entry replaces the values that stand here.
   * @param tlp whom the payloads may be shown to; null goes by the case's own marking
   */
  append(caseId: string, writer: Writer, payloads: readonly EntryPayload[], tlp?: Tlp | null): CaseState;
  get(caseId: string): CaseState | null;
  list(input: { readonly status: CaseStatus | null; readonly text: string }): CaseListRow[];
  /** Cases that have one of these entities among their observables, last changed first, all but one. */
  sharing(
    entities: readonly Entity[],
    exceptId: string | null,
    limit: number,
  ): { readonly case: CaseSummary; readonly shared: string[] }[];
  /**
   * The entries of a case and of what is merged into it, in clock order, beyond the first ones of the log by a name.
   * The name changes whenever anything but new last entries did; all are given then.
   */
  since(
    caseId: string,
    known: { readonly log: string; readonly entries: number } | null,
  ): { readonly log: string; readonly from: number; readonly entries: CaseEntry[] };
  /** Where else the case's observables were seen, in its order; through indexes, each bounded. */
  seen(caseId: string): ObservableSeen[];
  /** Other cases that share observables with it, most shared first; those merged with it are left out. */
  related(caseId: string, limit: number): RelatedCase[];
  /** The newest comments that mention somebody by this name, in any case. */
  mentions(
    name: string,
    limit: number,
  ): {
    readonly case: CaseSummary;
    readonly text: string;
    readonly writerName: string;
    readonly timeMs: number;
  }[];
  entries(caseId: string): CaseEntry[];
  /** Walks every chain of the case: hashes, commitments, signatures. */
  verify(caseId: string): { readonly ok: boolean; readonly sentence: string };
  digest(caseId: string): CaseDigest;
  /** Folds every case anew from its entries. */
  rebuild(): number;
  /** The case without its notes, evidence and signals: what fits into memory whatever was said. */
  outline(caseId: string): CaseOutline | null;
  /** The position of the newest entry of any case: what came later is left out of a reading that takes long. */
  newestPosition(): number;
  /** All entries of some cases up to a position, in chain order, in pages that are read as they are asked for. */
  signedEntries(
    caseIds: readonly string[],
    upToPosition: number,
  ): Generator<readonly SignedEntry[], void, void>;
  /** The keys of the writers of these cases, by writer id; those that are not known are left out. */
  writerKeys(caseIds: readonly string[], upToPosition: number): WriterKey[];
  /** Keeps a snapshot's text under its SHA-256 (hex). */
  putSnapshot(body: string): { readonly sha256: string; readonly sizeBytes: number };
  snapshot(sha256: string): string | null;
  /** One at a time: beginning another discards what was not committed. */
  beginImport(): CaseImport;
}

/** When entries arrived in this data directory and, as far as files told, in others. */
export interface ArrivalsRepository {
  /** This data directory's id as a workstation. */
  ownId(): string;
  /** Every workstation that is known here, by id, with those of these writers who wrote there. */
  workstations(writerIds: readonly string[]): Workstation[];
  /**
   * What of these cases arrived when, in the order of a case file. What a workstation's own writers wrote is not
   * among it, unless it came from elsewhere: it was there when they wrote it.
   */
  of(caseIds: readonly string[]): Generator<ArrivalLine, void, void>;
}

/** Evidence that grows piece by piece, out of sight until it is adopted. */
export interface EvidenceDraft {
  /** Returns when the bytes before these are written: these must stay as they are until the next call. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more is written: lets the file go. */
  close(): Promise<void>;
  /** Makes it durable under the SHA-256 (hex) that the caller found the bytes to have. */
  finish(sha256: string): Promise<{ readonly sha256: string; readonly sizeBytes: number }>;
  discard(): Promise<void>;
}

export interface EvidenceRepository {
  /**
   * The keys that are known here, the one to write with first. Without any, evidence is written plain, in files that
   * only their owner can read, and what is encrypted already cannot be read.
   */
  setKeys(keys: readonly EvidenceKey[]): void;
  /** Stores bytes under their SHA-256 (hex), durably before it returns. The same bytes twice are one. */
  put(bytes: Uint8Array): { readonly sha256: string; readonly sizeBytes: number };
  /**
   * null where they are not there; `verified` says whether the bytes still have that hash.
   * @throws WatchfloorError `unavailable` where the key is not known here, `storage` where an encrypted file was changed
   */
  read(sha256: string): { readonly bytes: Uint8Array; readonly verified: boolean } | null;
  begin(): Promise<EvidenceDraft>;
  /**
   * Takes finished drafts in and does `work` in the same transaction: both are there, or, also after a crash, neither.
   * Evidence that is here already, and can be read, stays as it is.
   */
  adopt<T>(drafts: readonly EvidenceDraft[], work: () => T): T;
  /**
   * Evidence of any size, its bytes as often as they are asked for, in pieces that are good until the one after the
   * next is asked for; null where it is not there or its key is not known here. What an encrypted file gives is
   * authentic; whether a plain one still has its hash is for the reader to see.
   */
  open(sha256: string): { readonly sizeBytes: number; chunks(): AsyncGenerator<Buffer, void, void> } | null;
  /** How the evidence lies on the disk: counts, and SHA-256s (hex). */
  census(): EvidenceCensus;
  /** What cases call these. */
  namesOf(
    sha256s: readonly string[],
  ): { readonly sha256: string; readonly name: string; readonly caseId: string }[];
  /**
   * Puts an encrypted file in the place of a plain one, in small steps: a crash at any moment leaves one of the two
   * whole, or both.
   * @param onStep told before each step; what it throws ends the work, and the plain file stays
   * @returns `damaged` where the plain file has not its hash any more: it stays. `gone`: there is nothing to do
   */
  encryptPlain(
    sha256: string,
    onStep: (step: 'writing' | 'before-rename' | 'before-removal') => void,
  ): Promise<'encrypted' | 'damaged' | 'gone'>;
}

export interface EvidenceCensus {
  readonly encrypted: number;
  readonly plain: readonly string[];
  /** Encrypted with keys that are not known here, and not there otherwise. */
  readonly unreadable: readonly string[];
}

export interface AuditRow {
  readonly sequence: number;
  readonly timeMs: number;
  readonly actor: string;
  readonly action: string;
  readonly sentence: string;
  readonly hash: string;
}
/** An audit row with its writer's signature (base64) and the key that verifies it. */
export interface SignedAuditRow extends AuditHeader {
  readonly hash: string;
  readonly signature: string;
  readonly publicKey: string;
}
export interface AuditRepository {
  append(
    writer: Writer,
    entry: { readonly action: string; readonly sentence: string; readonly details?: unknown },
  ): AuditRow;
  /** Newest first. */
  list(limit: number): AuditRow[];
  /** What was logged of mitigations, by their ids, oldest first, with what verifies it. */
  aboutMitigations(ids: readonly string[]): Map<string, SignedAuditRow[]>;
  verify(): { readonly ok: boolean; readonly sentence: string };
}

export interface PlansRepository {
  list(): ActionPlan[];
  /** The current version of a plan. */
  get(id: string): ActionPlan | null;
  /** A new plan, or the next version of one; earlier versions are kept. */
  save(
    plan: Omit<ActionPlan, 'id' | 'version' | 'hash' | 'agreedMs' | 'retired'> & {
      readonly id: string | null;
    },
  ): ActionPlan;
  retire(id: string): ActionPlan;
  /** The version that had this hash. */
  getByHash(hash: string): ActionPlan | null;
}

export type MitigationPatch = Partial<
  Pick<
    Mitigation,
    | 'guards'
    | 'preview'
    | 'approvedBy'
    | 'approvedMs'
    | 'approvalReason'
    | 'appliedMs'
    | 'verifiedMs'
    | 'expiresMs'
    | 'endedMs'
    | 'endedHow'
  >
>;

export interface MitigationsRepository {
  list(): Mitigation[];
  get(id: string): Mitigation | null;
  inStates(states: readonly MitigationState[]): Mitigation[];
  /** Stores a proposal with its first ledger row. */
  propose(
    mitigation: Omit<Mitigation, 'id' | 'state' | 'hash'> & { readonly id?: string },
    actor: string,
  ): Mitigation;
  /** Guards and preview as asked anew; the state stays and no ledger row is written. */
  amend(id: string, patch: Pick<MitigationPatch, 'guards' | 'preview'>): Mitigation;
  /**
   * One step of the state machine with its ledger row, in one transaction.
   * @throws WatchfloorError `conflict` when the state is not one of `from`: whoever comes second does nothing.
   */
  transition(
    id: string,
    from: readonly MitigationState[],
    to: MitigationState,
    patch: MitigationPatch,
    actor: string,
    sentence: string,
  ): Mitigation;
  /** Fixed for a mitigation's whole life: what the target is given so that applying twice is once. */
  idempotencyKey(id: string): string;
  ledger(mitigationId: string | null, limit: number): LedgerRow[];
  /** How many entries of a plan were approved since a time: the rate guard's number. */
  entriesApprovedSince(planId: string, sinceMs: number): number;
}

export interface WritersRepository {
  analysts(): Analyst[];
  saveAnalyst(analyst: Analyst): void;
  /** The analyst who works here now, or null before the first start's question. */
  currentAnalyst(): Analyst | null;
  setCurrentAnalyst(id: string): void;
  /** The writer id of an analyst in this data directory; minted anew after a restore or copy was noticed. */
  writerId(analystId: string): string;
  /** Public keys (base64) of everybody who ever wrote here or whose entries were imported. */
  knownKeys(): string[];
}
