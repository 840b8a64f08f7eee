import type { AlertAction } from '../../shared/domain/alert.ts';
import { severityRank } from '../../shared/domain/alert.ts';
import { assertNever, WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { laneRank, statusRank } from './enums.ts';
import { type RepositoryTools, storedText } from './repository.ts';
import { type Sql, sql } from './sql.ts';

/*
 * What people do to alerts. Every action remembers the exact state of each row before it; undo puts that back
 * where nothing else was done to the row since. Selected rows stand in the temporary table `selected`.
 */

const closed = statusRank('closed');
const acknowledged = statusRank('acknowledged');
const inProgress = statusRank('in-progress');
const fresh = statusRank('new');

interface Effect {
  /** On which rows it does anything. */
  readonly where: Sql;
  readonly set: Sql;
  readonly sentence: string;
}

function withReason(sentence: string, reason: string): string {
  return reason.trim() === '' ? sentence : `${sentence}: ${storedText(reason.trim(), 2000)}`;
}

function effectOf(action: AlertAction, actor: string): Effect {
  const open = sql`status < ${closed}`;
  switch (action.type) {
    case 'acknowledge':
      return {
        where: sql`status = ${fresh}`,
        set: sql`status = ${acknowledged}`,
        sentence: 'Acknowledged',
      };
    case 'take':
      return {
        where: sql`${open} AND (assignee IS NOT ${actor} OR status <> ${inProgress})`,
        set: sql`assignee = ${actor}, status = ${inProgress}`,
        sentence: 'Taken',
      };
    case 'release':
      return {
        where: sql`${open} AND assignee IS NOT NULL`,
        set: sql`assignee = NULL, status = iif(status = ${inProgress}, ${acknowledged}, status)`,
        sentence: 'Released',
      };
    case 'snooze':
      return {
        where: sql`${open} AND snoozed_until_ms IS NOT ${Math.round(action.untilMs)}`,
        set: sql`snoozed_until_ms = ${Math.round(action.untilMs)}`,
        sentence: `Snoozed until ${formatUtc(action.untilMs)}`,
      };
    case 'wake':
      return {
        where: sql`snoozed_until_ms IS NOT NULL`,
        set: sql`snoozed_until_ms = NULL`,
        sentence: 'Woken',
      };
    case 'close':
      return {
        where: sql`(${open} OR disposition IS NOT ${action.disposition})`,
        set: sql`status = ${closed}, disposition = ${action.disposition}, snoozed_until_ms = NULL`,
        sentence: withReason(`Closed as ${action.disposition.replace('-', ' ')}`, action.reason),
      };
    case 'reopen':
      return {
        where: sql`status = ${closed}`,
        set: sql`status = iif(assignee IS NULL, ${fresh}, ${inProgress}), disposition = NULL`,
        sentence: 'Reopened',
      };
    case 'set-lane': {
      const lane = laneRank(action.lane);
      return {
        where: sql`lane <> ${lane}`,
        set: sql`lane = ${lane}, lane_set = ${lane}`,
        sentence: withReason(`Moved to the ${action.lane} lane`, action.reason),
      };
    }
    case 'set-severity': {
      const severity = severityRank(action.severity);
      return {
        where: sql`severity <> ${severity}`,
        set: sql`severity = ${severity}, severity_set = ${severity}`,
        sentence: `Severity set to ${action.severity}`,
      };
    }
    default:
      return assertNever(action);
  }
}

/** @param onChange called whenever rows of alerts are about to change */
export function createAlertActions({ database, nowMs, newId }: RepositoryTools, onChange: () => void) {
  const changedIds = () =>
    database
      .all<{ readonly id: string }>(
        sql`SELECT id FROM alert WHERE sequence IN (SELECT sequence FROM selected) ORDER BY sequence`,
      )
      .map((row) => row.id);

  /** Remembers the selected rows as they are under a new action. */
  function remember(actor: string, sentence: string, undoable: boolean) {
    onChange();
    const undoId = newId('un');
    const actionId = database.run(
      sql`INSERT INTO alert_action (undo_id, time_ms, actor, sentence, undone)
          VALUES (${undoId}, ${nowMs()}, ${actor}, ${sentence}, ${undoable ? 0 : 1})`,
    ).lastRowId;
    database.run(
      sql`INSERT INTO alert_action_row (alert_sequence, action_id, status, disposition, assignee,
            snoozed_until_ms, lane_set, severity_set, case_id, last_action)
          SELECT sequence, ${actionId}, status, disposition, assignee, snoozed_until_ms, lane_set, severity_set,
            case_id, last_action
          FROM alert WHERE sequence IN (SELECT sequence FROM selected)`,
    );
    return { undoId, actionId };
  }

  /** Selects the rows of a condition; what was selected before is forgotten. */
  function select(condition: Sql): void {
    database.run(sql`DELETE FROM selected`);
    database.run(sql`INSERT INTO selected (sequence) SELECT sequence FROM alert WHERE ${condition}`);
  }

  function apply(effect: Effect, actor: string, undoable: boolean) {
    database.run(
      sql`DELETE FROM selected WHERE sequence NOT IN (SELECT sequence FROM alert
            WHERE sequence IN (SELECT sequence FROM selected) AND ${effect.where})`,
    );
    const ids = changedIds();
    if (ids.length === 0) return { changed: 0, undoId: null, changedIds: [] };
    const { undoId, actionId } = remember(actor, effect.sentence, undoable);
    database.run(
      sql`UPDATE alert SET ${effect.set}, last_action = ${actionId}
          WHERE sequence IN (SELECT sequence FROM selected)`,
    );
    return { changed: ids.length, undoId, changedIds: ids };
  }

  return {
    /** See `AlertsRepository.act`; the selection as a condition on table `alert`. */
    act(selection: Sql, action: AlertAction, actor: string) {
      if (action.type === 'snooze' && !(action.untilMs > nowMs())) {
        throw new WatchfloorError('bad-input', 'The time to wake is not in the future.');
      }
      return database.transaction(() => {
        select(selection);
        return apply(effectOf(action, actor), actor, true);
      });
    },

    undo(undoId: string, actor: string) {
      return database.transaction(() => {
        const action = database.get<{
          readonly id: number;
          readonly sentence: string;
          readonly undone: number;
        }>(sql`SELECT id, sentence, undone FROM alert_action WHERE undo_id = ${undoId}`);
        if (action === undefined) throw new WatchfloorError('not-found', 'There is nothing to undo.', undoId);
        if (action.undone === 1) throw new WatchfloorError('conflict', 'This was undone already.', undoId);
        const rows = database.get<{ readonly count: number }>(
          sql`SELECT count(*) AS count FROM alert_action_row WHERE action_id = ${action.id}`,
        );
        select(
          sql`last_action = ${action.id} AND sequence IN
                (SELECT alert_sequence FROM alert_action_row WHERE action_id = ${action.id})`,
        );
        const ids = changedIds();
        onChange();
        database.run(
          sql`UPDATE alert SET status = before.status, disposition = before.disposition,
                assignee = before.assignee, snoozed_until_ms = before.snoozed_until_ms,
                lane_set = before.lane_set, lane = coalesce(before.lane_set, alert.lane_seen),
                severity_set = before.severity_set,
                severity = coalesce(before.severity_set, alert.severity_seen),
                case_id = before.case_id, last_action = before.last_action
              FROM alert_action_row AS before
              WHERE before.action_id = ${action.id} AND before.alert_sequence = alert.sequence
                AND alert.sequence IN (SELECT sequence FROM selected)`,
        );
        database.run(sql`UPDATE alert_action SET undone = 1 WHERE id = ${action.id}`);
        if (ids.length > 0) remember(actor, `Undone: ${action.sentence}`, false);
        return { changed: ids.length, changedIds: ids, skipped: (rows?.count ?? 0) - ids.length };
      });
    },

    /** Joins alerts to a case, or takes them out of it; joining means that somebody works on them. */
    linkCase(selection: Sql, caseId: string | null, actor: string): string[] {
      return database.transaction(() => {
        select(selection);
        const work =
          caseId === null ? sql`` : sql`, status = iif(status < ${inProgress}, ${inProgress}, status)`;
        return apply(
          {
            where: sql`case_id IS NOT ${caseId}`,
            set: sql`case_id = ${caseId} ${work}`,
            sentence: caseId === null ? 'Taken out of its case' : `Linked to case ${caseId}`,
          },
          actor,
          false,
        ).changedIds;
      });
    },

    wakeDue(): string[] {
      return database.transaction(() => {
        select(sql`snoozed_until_ms IS NOT NULL AND snoozed_until_ms <= ${nowMs()}`);
        return apply({ ...effectOf({ type: 'wake' }, ''), sentence: 'Woke by its time' }, 'Watchfloor', false)
          .changedIds;
      });
    },

    /** A line of history that no undo takes back. */
    note(sequences: readonly number[], actor: string, sentence: string): void {
      database.run(sql`DELETE FROM selected`);
      const insert = database.prepare(sql`INSERT OR IGNORE INTO selected (sequence) VALUES (?)`);
      for (const sequence of sequences) insert.run(sequence);
      const { actionId } = remember(actor, sentence, false);
      database.run(
        sql`UPDATE alert SET last_action = ${actionId} WHERE sequence IN (SELECT sequence FROM selected)`,
      );
    },
  };
}
