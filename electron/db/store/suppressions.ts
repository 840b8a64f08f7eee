import type { Alert } from '../../../shared/domain/alert.ts';
import type {
  NewSuppression,
  ParsedSuppression,
  Suppression,
  SuppressionEffect,
} from '../../../shared/domain/suppression.ts';
import type { HistoryRow } from './alerts.ts';

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
  /**
   * Looks for what suppressions name in the raw records that were there before them, in steps of a block. What came
   * while it looked is gone through by `sweepInSteps`.
   */
  watchInSteps(): Generator<void, void, void>;
  /** Whether it is known of all alerts which have a record with what a suppression names. */
  isReady(suppression: ParsedSuppression): boolean;
  /** Whether an alert has a raw record with a text that a suppression names, as far as is known. */
  hasRecord(text: string, sequence: number): boolean;
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
