import { type Alert, severityRank } from '../../shared/domain/alert.ts';
import { goesOn, parseSuppression, type Suppression } from '../../shared/domain/suppression.ts';
import { freeTextsOf } from '../../shared/query/match-query.ts';
import type { AlertGroups } from './alert-groups.ts';
import { type AlertRow, selectAlertRows, toAlert } from './alert-rows.ts';
import { createAlertSearch } from './alert-search.ts';
import { type AlertState, type AlertStates, isHeld, isTold, laneOf, severityOf } from './alert-states.ts';
import { laneRank, mitigatedBit, severityAt, statusRank, suppressedRank } from './enums.ts';
import type { RecordIndex } from './record-index.ts';
import { found, type RepositoryTools, storedText } from './repository.ts';
import { type Sql, sql } from './sql.ts';
import type { HistoryRow, SuppressionsRepository } from './store.ts';
import type { WatchedWords } from './watched-words.ts';

/** Alerts held in one step of a sweep, or looked at in one slice of a settling. */
const alertsPerSlice = 500;
/** Ended ones that are listed; those before stay in the histories of their alerts. */
const mostEnded = 100;
const newestShown = 5;

interface SuppressionRow {
  readonly position: number;
  readonly id: string;
  readonly scope: string;
  readonly reason: string;
  readonly owner: string;
  readonly up_to: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly weekly: number;
  readonly created_ms: number;
  readonly ended_ms: number | null;
  readonly ended_by: string | null;
  readonly sweep_below: number | null;
  readonly settled_ms: number;
  readonly hidden: number;
  readonly holding: number;
}

function toSuppression(row: SuppressionRow): Suppression {
  return {
    id: row.id,
    scope: JSON.parse(row.scope),
    reason: row.reason,
    owner: row.owner,
    upTo: severityAt(row.up_to),
    startMs: row.start_ms,
    endMs: row.end_ms,
    weekly: row.weekly === 1,
    createdMs: row.created_ms,
    endedMs: row.ended_ms,
    endedBy: row.ended_by,
  };
}

export function createSuppressionsRepository(
  { database, nowMs, newId }: RepositoryTools,
  states: AlertStates,
  analystName: () => string | null,
  groups: AlertGroups,
  records: RecordIndex,
  words: WatchedWords,
): SuppressionsRepository {
  const { matching } = createAlertSearch(database, states, nowMs, analystName, groups, words);
  const rows = (rest: Sql) => database.all<SuppressionRow>(sql`SELECT * FROM suppression ${rest}`);
  const rowOf = (id: string) => found(rows(sql`WHERE id = ${id}`)[0], 'suppression', id);
  const held = suppressedRank('held');
  const lowered = suppressedRank('lowered');
  const closed = statusRank('closed');
  const inProgress = statusRank('in-progress');
  const actionable = laneRank('actionable');

  const selectAlerts = (rest: Sql) =>
    database
      .all<AlertRow>(sql`${selectAlertRows} WHERE ${rest}`)
      .map((alert) => ({ row: alert, state: states.get(alert.sequence) }));
  const amongIds = (ids: readonly string[]) =>
    sql`alert.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const amongNumbers = (numbers: ArrayLike<number>) =>
    sql`sequence IN (SELECT value FROM json_each(${JSON.stringify(Array.from(numbers))}))`;

  const open = () => rows(sql`WHERE ended_ms IS NULL`).map(toSuppression);
  const textsOf = (suppression: Suppression) => freeTextsOf(parseSuppression(suppression).node);
  /** The number after that of the newest alert. */
  const nextAlert = () =>
    (database.get<{ readonly sequence: number | null }>(sql`SELECT max(sequence) AS sequence FROM alert`)
      ?.sequence ?? 0) + 1;

  /** Looks in raw records for what suppressions in force or to come name. */
  const watchWords = () => words.set(open().flatMap(textsOf));

  /** Whether nobody has an alert in hand: what a person took, moved or joined to a case is theirs. */
  const isFree = (state: AlertState, isHold: boolean): boolean => {
    if (state.suppressed !== 0 || !isTold(state)) return false;
    return isHold
      ? state.status < inProgress && state.assignee === null && state.caseId === null
      : state.status < closed && laneOf(state) === actionable && state.laneSet === null;
  };

  /** Holds or lowers the alerts of a condition as far as nobody has them in hand. */
  function begin(row: SuppressionRow, condition: Sql, covers: (alert: Alert) => boolean): string[] {
    const isHold = toSuppression(row).scope.kind === 'query';
    const alerts = selectAlerts(sql`${condition} ORDER BY sequence`).filter(
      ({ row: alert, state }) => isFree(state, isHold) && covers(toAlert(alert, state)),
    );
    if (alerts.length === 0) return [];
    let fresh = 0;
    for (const { row: alert, state } of alerts) {
      const before: string[] = JSON.parse(alert.suppression_ids);
      if (!before.includes(row.id)) fresh += 1;
      const ids = [...before.filter((id) => id !== row.id), row.id];
      states.set(alert.sequence, { ...state, suppressed: isHold ? held : lowered });
      database.run(
        sql`UPDATE alert SET suppression_ids = ${JSON.stringify(ids)} WHERE sequence = ${alert.sequence}`,
      );
      database.run(
        sql`INSERT OR REPLACE INTO suppression_alert (suppression, from_ms, alert_sequence, was_stopped)
            VALUES (${row.position}, ${nowMs()}, ${alert.sequence},
              ${alert.mitigated_mask === mitigatedBit('yes') ? 1 : 0})`,
      );
    }
    database.run(
      sql`UPDATE suppression SET hidden = hidden + ${fresh}, holding = holding + ${alerts.length}
          WHERE position = ${row.position}`,
    );
    return alerts.map(({ row: alert }) => alert.id);
  }

  function release(alertIds: readonly string[], sentence: string): string[] {
    const alerts = database
      .all<Pick<AlertRow, 'sequence' | 'id'>>(sql`SELECT sequence, id FROM alert WHERE ${amongIds(alertIds)}`)
      .filter(({ sequence }) => states.get(sequence).suppressed !== 0);
    for (const { sequence } of alerts) {
      database.run(
        sql`UPDATE suppression SET holding = holding - 1 WHERE position IN
              (SELECT suppression FROM suppression_alert WHERE alert_sequence = ${sequence} AND to_ms IS NULL)`,
      );
      database.run(
        sql`UPDATE suppression_alert SET to_ms = ${nowMs()}, to_sentence = ${sentence}
            WHERE alert_sequence = ${sequence} AND to_ms IS NULL`,
      );
      states.set(sequence, { ...states.get(sequence), suppressed: 0 });
    }
    return alerts.map((alert) => alert.id);
  }

  return {
    list() {
      return rows(
        sql`WHERE ended_ms IS NULL OR position IN
              (SELECT position FROM suppression WHERE ended_ms IS NOT NULL ORDER BY ended_ms DESC LIMIT ${mostEnded})
            ORDER BY ended_ms IS NOT NULL, position DESC`,
      ).map((row) => ({
        ...toSuppression(row),
        hidden: row.hidden,
        holding: row.holding,
        newest: database
          .all<{
            readonly alertId: string;
            readonly title: string;
            readonly sequence: number;
            readonly count: number;
            readonly lastSeenMs: number;
            readonly sinceMs: number;
          }>(
            sql`SELECT alert.id AS alertId, alert_title.text AS title, sequence, count, last_seen_ms AS lastSeenMs, from_ms AS sinceMs
              FROM suppression_alert JOIN alert ON alert.sequence = alert_sequence
                JOIN alert_title ON alert_title.id = title_id
              WHERE suppression = ${row.position} ORDER BY from_ms DESC, alert_sequence DESC LIMIT ${newestShown}`,
          )
          .map(({ sequence, ...alert }) => ({
            ...alert,
            severity: severityAt(severityOf(states.get(sequence))),
          })),
      }));
    },
    get: (id) => toSuppression(rowOf(id)),
    unsettled: () =>
      rows(
        sql`INDEXED BY suppression_unsettled WHERE ended_ms IS NULL OR settled_ms < ended_ms ORDER BY position`,
      ).map((row) => ({
        suppression: toSuppression(row),
        settledMs: row.settled_ms,
        isSwept: row.sweep_below === null,
      })),
    hasSuppressed: () =>
      database.get(
        sql`SELECT 1 FROM suppression_alert INDEXED BY suppression_alert_now WHERE to_ms IS NULL LIMIT 1`,
      ) !== undefined,
    add({ scope, reason, owner, upTo, startMs, endMs, weekly }) {
      const id = newId('su');
      // A window is for what comes in it; a suppression also for what is there.
      const sweepBelow = scope.kind === 'query' ? nextAlert() : null;
      database.run(
        sql`INSERT INTO suppression (id, scope, reason, owner, up_to, start_ms, end_ms, weekly, created_ms,
              sweep_below, settled_ms)
            VALUES (${id}, ${JSON.stringify(scope)}, ${storedText(reason, 500)}, ${owner}, ${severityRank(upTo)},
              ${Math.round(startMs)}, ${Math.round(endMs)}, ${weekly ? 1 : 0}, ${nowMs()}, ${sweepBelow}, ${nowMs()})`,
      );
      watchWords();
      return toSuppression(rowOf(id));
    },
    *watchInSteps() {
      database.transaction(watchWords);
      for (const text of words.unfinished()) {
        let found = yield* records.find(text);
        // Where a word is common one look does not get through all records.
        while (!found.isWhole) found = yield* records.find(text);
        const { sequences } = found;
        database.transaction(() => {
          words.finish(text, sequences);
          // What came meanwhile could not be judged by it.
          for (const suppression of open()) {
            if (!textsOf(suppression).includes(text)) continue;
            database.run(
              sql`UPDATE suppression SET sweep_below = ${nextAlert()} WHERE id = ${suppression.id}`,
            );
          }
        });
      }
    },
    isReady: ({ node }) => freeTextsOf(node).every((text) => words.isWhole(text)),
    hasRecord: (text, sequence) => words.has(text, sequence),
    setEnd(id, endMs) {
      database.run(sql`UPDATE suppression SET end_ms = ${Math.round(endMs)} WHERE id = ${id}`);
      return toSuppression(rowOf(id));
    },
    end(id, endedMs, endedBy) {
      database.run(
        sql`UPDATE suppression SET ended_ms = ${Math.round(endedMs)}, ended_by = ${endedBy}, sweep_below = NULL
            WHERE id = ${id} AND ended_ms IS NULL`,
      );
      watchWords();
      return toSuppression(rowOf(id));
    },
    begin: (id, alertIds) => database.transaction(() => begin(rowOf(id), amongIds(alertIds), () => true)),
    heldInHand() {
      const inHand = states.find(
        (state) =>
          isHeld(state) && (state.assignee !== null || state.caseId !== null || state.status === inProgress),
      );
      return selectAlerts(amongNumbers(inHand)).map(({ row }) => row.id);
    },
    release: (alertIds, sentence) => database.transaction(() => release(alertIds, sentence)),
    *sweepInSteps(id, covers) {
      const { sweep_below: below } = rowOf(id);
      if (below === null) return;
      const { node, upTo } = parseSuppression(toSuppression(rowOf(id)));
      let left: Uint32Array = new Uint32Array(0);
      if (node !== null) {
        const search = matching(
          node,
          (state) => isFree(state, true) && severityOf(state) <= severityRank(upTo),
        );
        for (;;) {
          const step = search.next();
          if (step.done === true) {
            left = step.value.filter((sequence) => sequence < below);
            break;
          }
          yield [];
        }
      }
      for (;;) {
        const slice = left.subarray(Math.max(0, left.length - alertsPerSlice));
        left = left.subarray(0, left.length - slice.length);
        const changedIds = database.transaction(() => {
          const row = rowOf(id);
          // It may have ended meanwhile.
          if (row.ended_ms !== null) return null;
          const nextBelow = left.length === 0 ? null : (slice[0] ?? null);
          database.run(
            sql`UPDATE suppression SET sweep_below = ${nextBelow} WHERE position = ${row.position}`,
          );
          return begin(row, amongNumbers(slice), covers);
        });
        if (changedIds === null) return;
        yield changedIds;
        if (left.length === 0) return;
      }
    },
    settleSlice(id, { after, sentence, everything }) {
      return database.transaction(() => {
        const { position } = rowOf(id);
        const alerts = database.all<AlertRow>(
          sql`${selectAlertRows} WHERE alert.sequence IN (
                SELECT alert_sequence FROM suppression_alert INDEXED BY suppression_alert_now
                WHERE suppression = ${position} AND to_ms IS NULL AND alert_sequence > ${after}
                ORDER BY alert_sequence LIMIT ${alertsPerSlice})
              ORDER BY alert.sequence`,
        );
        const last = alerts.at(-1);
        const goingOn = alerts
          .map((alert) => toAlert(alert, states.get(alert.sequence)))
          .filter((alert) => everything || goesOn(alert, nowMs()));
        release(
          goingOn.map((alert) => alert.id),
          sentence,
        );
        return {
          // One that a person moved back before stood in the queue all the time.
          changedIds: goingOn.filter(({ suppressed }) => suppressed !== null).map(({ id }) => id),
          after: last === undefined || alerts.length < alertsPerSlice ? null : last.sequence,
        };
      });
    },
    settled(id, settledMs) {
      database.run(sql`UPDATE suppression SET settled_ms = ${settledMs} WHERE id = ${id}`);
    },
    wasStopped(alertId) {
      const link = database.get<{ readonly was_stopped: number }>(
        sql`SELECT was_stopped FROM suppression_alert
            WHERE alert_sequence = (SELECT sequence FROM alert WHERE id = ${alertId}) AND to_ms IS NULL`,
      );
      return link?.was_stopped === 1;
    },
    history(alertId) {
      const links = database.all<
        SuppressionRow & {
          readonly from_ms: number;
          readonly to_ms: number | null;
          readonly to_sentence: string | null;
        }
      >(
        sql`SELECT suppression.*, from_ms, to_ms, to_sentence FROM suppression_alert
            JOIN suppression ON position = suppression
            WHERE alert_sequence = (SELECT sequence FROM alert WHERE id = ${alertId}) ORDER BY from_ms`,
      );
      return links.flatMap((link): HistoryRow[] => {
        const { scope, reason, owner } = toSuppression(link);
        const sentence =
          scope.kind === 'query'
            ? `Held out of the queue by a suppression of ${owner}: ${reason}`
            : `Moved to the informational lane by a maintenance window of ${owner}: ${reason}`;
        const began = { timeMs: link.from_ms, actor: 'Watchfloor', sentence };
        return link.to_ms === null
          ? [began]
          : [began, { timeMs: link.to_ms, actor: 'Watchfloor', sentence: link.to_sentence ?? '' }];
      });
    },
  };
}
