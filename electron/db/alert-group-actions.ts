import type { AlertAction } from '../../shared/domain/alert.ts';
import { byUrgency, type Urgency } from '../../shared/domain/alert-group.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { type AlertGroups, mostDepth } from './alert-groups.ts';
import { type AlertParts, countSinceSplit, partsInUse } from './alert-parts.ts';
import { type AlertRow, selectAlertRows } from './alert-rows.ts';
import {
  type AlertState,
  type AlertStates,
  isTold,
  laneOf,
  severityOf,
  splitStates,
} from './alert-states.ts';
import { statusRank } from './enums.ts';
import { storedText } from './repository.ts';
import { type SqlDatabase, sql } from './sql.ts';

export type GroupAction = Extract<AlertAction, { type: 'merge' | 'unmerge' | 'split' | 'unsplit' }>;
export const isGroupAction = (action: AlertAction): action is GroupAction =>
  action.type === 'merge' ||
  action.type === 'unmerge' ||
  action.type === 'split' ||
  action.type === 'unsplit';

/** What an action is to do to which alerts. */
export interface GroupPlan {
  readonly sentence: string;
  readonly kind: 'merge' | 'split';
  /** All that it is about, rising. */
  readonly sequences: Uint32Array;
  readonly change: (state: AlertState) => AlertState;
  /** Those of them that do not change: a leader takes part in what is merged under it. */
  readonly witnesses: ReadonlySet<number>;
}

/** Who merges more than these wants to suppress them. */
export const mostMerged = 100_000;

const isSplit = (state: AlertState): boolean =>
  state.split === splitStates.split || state.split === splitStates.grown;
/** Each once, rising. */
const rising = (numbers: readonly number[]): Uint32Array => Uint32Array.from(new Set(numbers)).sort();

/*
 * Merging and splitting as changes of states: nothing of an alert's row or of an occurrence is ever rewritten. Each plan
 * is made and done within one transaction.
 */
export function createGroupActions(
  database: SqlDatabase,
  states: AlertStates,
  groups: AlertGroups,
  parts: AlertParts,
) {
  const rowOf = (sequence: number) =>
    database.get<AlertRow>(sql`${selectAlertRows} WHERE alert.sequence = ${sequence}`);
  const shortTitle = (sequence: number) => storedText(rowOf(sequence)?.title ?? '', 120);

  const urgencyOf = (sequence: number): Urgency => {
    const state = states.get(sequence);
    return {
      isClosed: state.status === statusRank('closed'),
      lane: laneOf(state),
      severity: severityOf(state),
      sequence,
    };
  };

  function merge(chosen: Uint32Array, leaderId: string | null): GroupPlan | null {
    if (chosen.length > mostMerged) {
      throw new WatchfloorError(
        'refused',
        `${counted(mostMerged)} are merged at once at most. Narrow the search first.`,
      );
    }
    const leaders = [...new Set(Array.from(chosen, (each) => groups.leaderOf(each)))].filter((each) =>
      isTold(states.get(each)),
    );
    const [first] = leaders;
    if (first === undefined || leaders.length < 2) return null;
    let leader = first;
    if (leaderId === null) {
      for (const each of leaders) if (byUrgency(urgencyOf(each), urgencyOf(leader)) < 0) leader = each;
    } else {
      const sequence = database.get<{ readonly sequence: number }>(
        sql`SELECT sequence FROM alert WHERE id = ${leaderId}`,
      )?.sequence;
      leader = sequence === undefined ? -1 : groups.leaderOf(sequence);
      if (!leaders.includes(leader)) {
        throw new WatchfloorError(
          'bad-input',
          'The alert that is to lead is not among those chosen.',
          leaderId,
        );
      }
    }
    const merged = leaders.filter((each) => each !== leader);
    if (merged.some((each) => groups.depthOf(each) >= mostDepth)) {
      throw new WatchfloorError(
        'refused',
        `Groups were merged into groups ${mostDepth} times. Unmerge one of them first.`,
      );
    }
    return {
      sentence: `Merged ${counted(merged.length)} under “${shortTitle(leader)}”`,
      kind: 'merge',
      sequences: rising(leaders),
      change: (state) => ({ ...state, parent: leader }),
      witnesses: new Set([leader]),
    };
  }

  function unmerge(chosen: Uint32Array): GroupPlan | null {
    const out = new Set<number>();
    for (const each of chosen) {
      if (groups.parentOf(each) !== null) out.add(each);
      else for (const child of groups.childrenOf(each)) out.add(child);
    }
    if (out.size === 0) return null;
    const leaders = new Set([...out].flatMap((each) => groups.parentOf(each) ?? []));
    const [leader = 0] = leaders;
    return {
      sentence: `Unmerged ${counted(out.size)}${leaders.size === 1 ? ` from “${shortTitle(leader)}”` : ''}`,
      kind: 'merge',
      sequences: rising([...out, ...leaders]),
      change: (state) => ({ ...state, parent: null }),
      witnesses: new Set([...leaders].filter((each) => !out.has(each))),
    };
  }

  function split(chosen: Uint32Array, by: Extract<GroupAction, { type: 'split' }>['by']): GroupPlan | null {
    const [sequence] = chosen;
    if (sequence === undefined) return null;
    const alert = rowOf(sequence);
    const problem =
      alert === undefined || chosen.length > 1 ? 'One alert is split at a time.' : problemOf(sequence);
    if (alert === undefined || problem !== null) throw new WatchfloorError('conflict', problem ?? '');
    const planned = parts.plan(alert, by);
    if (planned.length < 2) {
      throw new WatchfloorError(
        'conflict',
        'This does not tell its occurrences apart: there is one part alone.',
      );
    }
    const made = parts.make(alert, planned);
    const state = states.get(sequence);
    return {
      sentence: `Split “${storedText(alert.title, 120)}” into ${planned.length} parts`,
      kind: 'split',
      sequences: rising([sequence, ...made]),
      // A part begins as what it was split from is. Its case knows that one; who suppresses it has to say so anew.
      change: (before) =>
        before.split === splitStates.rejoined
          ? { ...state, laneSeen: laneOf(state), suppressed: 0, caseId: null, split: splitStates.part }
          : { ...before, split: splitStates.split },
      witnesses: new Set(),
    };
  }

  function problemOf(sequence: number): string | null {
    const state = states.get(sequence);
    if (isSplit(state)) return 'It is split already. Put it together again first.';
    if (state.split !== splitStates.whole)
      return 'It is a part already. Put its alert together again, and split that.';
    return groups.childrenOf(sequence).length > 0
      ? 'Others are merged under it. Unmerge them first, then split it.'
      : null;
  }

  function unsplit(chosen: Uint32Array): GroupPlan | null {
    const wholes = new Set<number>();
    for (const each of chosen) {
      const state = states.get(each);
      if (isSplit(state)) wholes.add(each);
      else if (state.split === splitStates.part) wholes.add(parts.partOf(each)?.whole ?? each);
    }
    if (wholes.size === 0) return null;
    const made = [...wholes].flatMap((whole) => partsInUse(database, states, whole));
    if (made.some((each) => groups.childrenOf(each).length > 0)) {
      throw new WatchfloorError(
        'conflict',
        'Others are merged under one of its parts. Unmerge them first, then put it together again.',
      );
    }
    const [whole = 0] = wholes;
    return {
      sentence: `Put ${made.length} parts of ${wholes.size === 1 ? `“${shortTitle(whole)}”` : counted(wholes.size)} together again`,
      kind: 'split',
      sequences: rising([...wholes, ...made]),
      change: (state) => ({
        ...state,
        split: state.split === splitStates.part ? splitStates.rejoined : splitStates.whole,
      }),
      witnesses: new Set(),
    };
  }

  return {
    /** Why an alert cannot be split; null where it can. */
    splitProblem: problemOf,
    /** Null where there is nothing to do. */
    plan(chosen: Uint32Array, action: GroupAction): GroupPlan | null {
      switch (action.type) {
        case 'merge':
          return merge(chosen, action.leaderId);
        case 'unmerge':
          return unmerge(chosen);
        case 'split':
          return split(chosen, action.by);
        case 'unsplit':
          return unsplit(chosen);
      }
    },
    /** Shows those split ones again of which more is there than their parts tell. Within a transaction. */
    settle(sequences: ArrayLike<number>): void {
      for (const sequence of Array.from(sequences)) {
        const state = states.get(sequence);
        if (state.split !== splitStates.split || countSinceSplit(database, states, sequence) === 0) continue;
        states.set(sequence, { ...state, split: splitStates.grown });
      }
    },
  };
}
export type GroupActions = ReturnType<typeof createGroupActions>;

const counted = (count: number): string =>
  `${count.toLocaleString('en')} ${count === 1 ? 'alert' : 'alerts'}`;
