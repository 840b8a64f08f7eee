import { type AlertAction, severityRank, type UndoableAction } from '../../shared/domain/alert.ts';
import { assertNever, WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { type GroupAction, type GroupActions, isGroupAction } from './alert-group-actions.ts';
import type { AlertGroups } from './alert-groups.ts';
import { type AlertState, type AlertStates, isRejoined, laneOf, severityOf } from './alert-states.ts';
import { laneRank, statusRank } from './enums.ts';
import { type RepositoryTools, storedText } from './repository.ts';
import { sql } from './sql.ts';

/*
 * What people do to alerts, one or a million at a time: one action, one transaction. Every action remembers the exact
 * state of each alert before it; undo puts that back where nothing else was done to the alert since.
 */

const closed = statusRank('closed');
const acknowledged = statusRank('acknowledged');
const inProgress = statusRank('in-progress');
const fresh = statusRank('new');

/** Ids that are given back of a bulk: those who are told of more read the whole list again. */
const mostIds = 1_000;

type ActionKind = 'act' | 'merge' | 'split';

interface Effect {
  /** On which alerts it does anything. */
  readonly applies: (state: AlertState) => boolean;
  readonly change: (state: AlertState) => AlertState;
  readonly sentence: string;
}

function withReason(sentence: string, reason: string): string {
  return reason.trim() === '' ? sentence : `${sentence}: ${storedText(reason.trim(), 2000)}`;
}

const isOpen = (state: AlertState) => state.status < closed;

function effectOf(action: Exclude<AlertAction, GroupAction>, actor: string): Effect {
  switch (action.type) {
    case 'acknowledge':
      return {
        applies: (state) => state.status === fresh,
        change: (state) => ({ ...state, status: acknowledged }),
        sentence: 'Acknowledged',
      };
    case 'take':
      return {
        applies: (state) => isOpen(state) && (state.assignee !== actor || state.status !== inProgress),
        change: (state) => ({ ...state, assignee: actor, status: inProgress }),
        sentence: 'Taken',
      };
    case 'release':
      return {
        applies: (state) => isOpen(state) && state.assignee !== null,
        change: (state) => ({
          ...state,
          assignee: null,
          status: state.status === inProgress ? acknowledged : state.status,
        }),
        sentence: 'Released',
      };
    case 'snooze': {
      const untilMs = Math.round(action.untilMs);
      return {
        applies: (state) => isOpen(state) && state.snoozedUntilMs !== untilMs,
        change: (state) => ({ ...state, snoozedUntilMs: untilMs }),
        sentence: `Snoozed until ${formatUtc(action.untilMs)}`,
      };
    }
    case 'wake':
      return {
        applies: (state) => state.snoozedUntilMs !== null,
        change: (state) => ({ ...state, snoozedUntilMs: null }),
        sentence: 'Woken',
      };
    case 'close':
      return {
        applies: (state) => isOpen(state) || state.disposition !== action.disposition,
        change: (state) => ({
          ...state,
          status: closed,
          disposition: action.disposition,
          snoozedUntilMs: null,
        }),
        sentence: withReason(`Closed as ${action.disposition.replace('-', ' ')}`, action.reason),
      };
    case 'reopen':
      return {
        applies: (state) => !isOpen(state),
        change: (state) => ({
          ...state,
          status: state.assignee === null ? fresh : inProgress,
          disposition: null,
        }),
        sentence: 'Reopened',
      };
    case 'set-lane': {
      const lane = laneRank(action.lane);
      return {
        applies: (state) => laneOf(state) !== lane,
        change: (state) => ({ ...state, laneSet: lane }),
        sentence: withReason(`Moved to the ${action.lane} lane`, action.reason),
      };
    }
    case 'set-severity': {
      const severity = severityRank(action.severity);
      return {
        applies: (state) => severityOf(state) !== severity,
        change: (state) => ({ ...state, severitySet: severity }),
        sentence: `Severity set to ${action.severity}`,
      };
    }
    default:
      return assertNever(action);
  }
}

export function createAlertActions(
  { database, nowMs, newId }: RepositoryTools,
  states: AlertStates,
  groups: AlertGroups,
  groupActions: GroupActions,
) {
  const idsOf = (sequences: ArrayLike<number>) =>
    database
      .all<{ readonly id: string }>(
        sql`SELECT id FROM alert WHERE sequence IN (SELECT value FROM json_each(${JSON.stringify(Array.from(sequences))}))
            ORDER BY sequence`,
      )
      .map((row) => row.id);

  function record(actor: string, sentence: string, undoable: boolean, kind: ActionKind = 'act') {
    const undoId = newId('un');
    const actionId = database.run(
      sql`INSERT INTO alert_action (undo_id, time_ms, actor, sentence, undone, kind)
          VALUES (${undoId}, ${nowMs()}, ${actor}, ${sentence}, ${undoable ? 0 : 1}, ${kind})`,
    ).lastRowId;
    return { undoId, actionId };
  }

  function apply(sequences: Uint32Array, effect: Effect, actor: string, undoable: boolean) {
    const applies = states.which((state) => !isRejoined(state) && effect.applies(state));
    const ids = states.ids;
    let count = 0;
    const applied = new Uint32Array(sequences.length);
    // By number: going through a million with an iterator takes five times as long.
    for (let index = 0; index < sequences.length; index += 1) {
      const sequence = sequences[index] ?? 0;
      applied[count] = sequence;
      count += applies[ids[sequence] ?? 0] ?? 0;
    }
    const changed = applied.subarray(0, count);
    if (changed.length === 0) return { changed, undoId: null };
    const { undoId, actionId } = record(actor, effect.sentence, undoable);
    states.act(changed, actionId, effect.change);
    return { changed, undoId };
  }

  /** Merges, splits, or the reverse. */
  function regroup(sequences: Uint32Array, action: GroupAction, actor: string) {
    const plan = groupActions.plan(sequences, action);
    if (plan === null) return { about: new Uint32Array(0), changed: 0, undoId: null, sentence: null };
    const { undoId, actionId } = record(actor, plan.sentence, true, plan.kind);
    states.act(plan.sequences, actionId, plan.change, plan.witnesses);
    groups.refuseRings();
    return {
      about: plan.sequences,
      changed: plan.sequences.length - plan.witnesses.size,
      undoId,
      sentence: plan.sentence,
    };
  }

  const firstIds = (sequences: Uint32Array | readonly number[]) => idsOf(sequences.slice(0, mostIds));

  return {
    /**
     * See `AlertsRepository.act`.
     * @param select gives the numbers of the alerts, rising; called within the transaction
     */
    act(select: () => Uint32Array, action: AlertAction, actor: string) {
      if (action.type === 'snooze' && !(action.untilMs > nowMs())) {
        throw new WatchfloorError('bad-input', 'The time to wake is not in the future.');
      }
      return database.transaction(() => {
        if (isGroupAction(action)) {
          const { about, ...result } = regroup(select(), action, actor);
          return { ...result, changedIds: firstIds(about) };
        }
        // What is done to an alert is done to all that it stands for.
        const chosen = groups.withMembers(select());
        const { changed, undoId } = apply(chosen, effectOf(action, actor), actor, true);
        return { changed: changed.length, undoId, changedIds: firstIds(changed), sentence: null };
      });
    },

    undoable(limit: number): UndoableAction[] {
      return database
        .all<Omit<UndoableAction, 'alerts'> & { readonly id: number }>(
          sql`SELECT id, undo_id AS undoId, time_ms AS timeMs, actor, sentence
              FROM alert_action INDEXED BY alert_action_undoable WHERE undone = 0 ORDER BY id DESC LIMIT ${limit}`,
        )
        .map(({ id, ...action }) => ({ ...action, alerts: states.countChangedBy(id) }));
    },

    undo(undoId: string, actor: string) {
      return database.transaction(() => {
        const action = database.get<{
          readonly id: number;
          readonly sentence: string;
          readonly undone: number;
          readonly kind: ActionKind;
        }>(sql`SELECT id, sentence, undone, kind FROM alert_action WHERE undo_id = ${undoId}`);
        if (action === undefined) throw new WatchfloorError('not-found', 'There is nothing to undo.', undoId);
        if (action.undone === 1) throw new WatchfloorError('conflict', 'This was undone already.', undoId);
        const isSplit = action.kind === 'split';
        // Parts and what they were split from tell the same occurrences: some of them alone cannot go back.
        const since = isSplit ? states.changedSince(action.id) : [];
        if (since.length > 0) {
          return {
            changed: 0,
            changedIds: [],
            skipped: since.length,
            skippedIds: firstIds(since),
            sentence: null,
          };
        }
        database.run(sql`UPDATE alert_action SET undone = 1 WHERE id = ${action.id}`);
        const sentence = `Undone: ${action.sentence}`;
        const { actionId } = record(actor, sentence, false);
        // What occurrences said in the meantime stays said, and what holds them holds.
        const { restored, skipped } = states.undo(action.id, actionId, {
          restore: (now, before) => ({
            ...before,
            laneSeen: now.laneSeen,
            severitySeen: now.severitySeen,
            suppressed: now.suppressed,
            split: isSplit ? before.split : now.split,
          }),
          // A leader that only took part has nothing to be put back.
          isMissed: (now, before) => action.kind !== 'merge' || now.parent !== before.parent,
        });
        if (action.kind !== 'act') {
          groups.refuseRings();
          groupActions.settle(restored);
        }
        return {
          changed: restored.length,
          changedIds: firstIds(restored),
          skipped: skipped.length,
          skippedIds: firstIds(skipped),
          sentence: action.kind === 'act' ? null : sentence,
        };
      });
    },

    /** Joins alerts to a case, or takes them out of it; joining means that somebody works on them. */
    linkCase(select: () => Uint32Array, caseId: string | null, actor: string): string[] {
      const link: Effect = {
        applies: (state) => state.caseId !== caseId,
        change: (state) => ({
          ...state,
          caseId,
          status: caseId !== null && state.status < inProgress ? inProgress : state.status,
        }),
        sentence: caseId === null ? 'Taken out of its case' : `Linked to case ${caseId}`,
      };
      return database.transaction(() => idsOf(apply(select(), link, actor, false).changed));
    },

    wakeDue(): string[] {
      const now = nowMs();
      const isDue = (state: AlertState) => state.snoozedUntilMs !== null && state.snoozedUntilMs <= now;
      const due = states.find(isDue);
      if (due.length === 0) return [];
      const wake = { ...effectOf({ type: 'wake' }, ''), sentence: 'Woke by its time' };
      return database.transaction(() => idsOf(apply(due, wake, 'Watchfloor', false).changed));
    },

    /** A line of an alert's history that no undo takes back. Within a transaction. */
    note(sequence: number, actor: string, sentence: string): void {
      const { actionId } = record(actor, sentence, false);
      states.act([sequence], actionId, (state) => state);
    },
  };
}
