import type { AlertQuery } from '../../../shared/api/contract.ts';
import type {
  Alert,
  AlertAction,
  AlertGrouping,
  Lane,
  Mitigated,
  Occurrence,
  OccurrenceHistogram,
  Severity,
  UndoableAction,
} from '../../../shared/domain/alert.ts';
import type { SplitBy } from '../../../shared/domain/alert-split.ts';
import type { Entity } from '../../../shared/domain/entity.ts';
import type { OccurrenceInput } from '../../sources/source.ts';

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
  /** What can be taken back, the newest first. */
  undoable(limit: number): UndoableAction[];
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
