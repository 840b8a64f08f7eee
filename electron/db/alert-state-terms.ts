import { type AlertStatus, alertStatuses, lanes, severities } from '../../shared/domain/alert.ts';
import { assertNever } from '../../shared/domain/result.ts';
import { matchesText } from '../../shared/query/match-query.ts';
import type { QueryNode } from '../../shared/query/query-node.ts';
import {
  type AlertState,
  isHeld,
  isSuppressedNow,
  isTold,
  laneOf,
  severityOf,
  splitStates,
} from './alert-states.ts';
import type { StateTerm, StoredTerm } from './alert-terms.ts';
import { statusRank } from './enums.ts';

/*
 * What the terms of a query mean that are about the state of an alert, which is in memory.
 */

/** What is needed beside a state to decide whether a term holds. */
export interface Facts {
  readonly nowMs: number;
  readonly analystName: string | null;
  /** The number of an alert by its id; null where there is none. */
  readonly sequenceOf: (id: string) => number | null;
  /** What an alert in a state is merged under. */
  readonly parentOf: (state: AlertState) => number | null;
}

const stateTypes: ReadonlySet<string> = new Set<StateTerm['type']>([
  'severity',
  'status',
  'snoozed',
  'lane',
  'disposition',
  'assignee',
  'case',
  'merged',
]);
/** Whether a node is a term about the state of an alert. */
const isStateTerm = (node: QueryNode): node is StateTerm =>
  stateTypes.has(node.type) ||
  ((node.type === 'suppressed' || node.type === 'split') && typeof node.which === 'string');
/** Whether a node is a term about what tables hold. */
export const isStoredTerm = (node: QueryNode): node is StoredTerm =>
  node.type !== 'all' && node.type !== 'any' && node.type !== 'not' && !isStateTerm(node);

/** Whether a node is about states alone. */
export function isOfState(node: QueryNode): boolean {
  if (node.type === 'all' || node.type === 'any') return node.nodes.every(isOfState);
  return node.type === 'not' ? isOfState(node.node) : isStateTerm(node);
}

/** Whether an alert in a state meets a node that is about states alone. */
export function matchesState(node: QueryNode, state: AlertState, facts: Facts): boolean {
  switch (node.type) {
    case 'all':
      return node.nodes.every((inner) => matchesState(inner, state, facts));
    case 'any':
      return node.nodes.some((inner) => matchesState(inner, state, facts));
    case 'not':
      return !matchesState(node.node, state, facts);
    default:
      return isStateTerm(node) && matchesTerm(node, state, facts);
  }
}

const isAmong = <T>(values: readonly T[], all: readonly T[], rank: number): boolean => {
  const value = all[rank];
  return value !== undefined && values.includes(value);
};

function matchesTerm(term: StateTerm, state: AlertState, facts: Facts): boolean {
  switch (term.type) {
    case 'severity':
      return isAmong(term.values, severities, severityOf(state));
    case 'status':
      return isAmong<AlertStatus>(term.values, alertStatuses, state.status);
    case 'lane':
      return isAmong(term.values, lanes, laneOf(state));
    case 'snoozed':
      return isSnoozed(state, facts.nowMs);
    case 'disposition':
      return term.values.includes(state.disposition);
    case 'assignee': {
      if (term.who === null) return state.assignee === null;
      const name = 'me' in term.who ? facts.analystName : term.who.name;
      return name !== null && matchesText(state.assignee, 'equals', name);
    }
    case 'case':
      if (term.which === 'some') return state.caseId !== null;
      if (term.which === 'none') return state.caseId === null;
      return state.caseId === term.which.id;
    case 'suppressed':
      return isSuppressedNow(state) === (term.which === 'some');
    case 'merged':
      if (term.which === 'some') return facts.parentOf(state) !== null;
      if (term.which === 'none') return facts.parentOf(state) === null;
      return facts.parentOf(state) !== null && facts.parentOf(state) === facts.sequenceOf(term.which.id);
    case 'split': {
      const isSplit = state.split === splitStates.split || state.split === splitStates.grown;
      return isSplit === (term.which === 'some');
    }
    default:
      return assertNever(term);
  }
}

/** Whether an alert in a state sleeps now. */
export const isSnoozed = (state: AlertState, nowMs: number): boolean =>
  state.snoozedUntilMs !== null && state.snoozedUntilMs > nowMs;

/** Whether an alert is in the open queue now. */
export const isOpenNow = (state: AlertState, nowMs: number): boolean =>
  state.status < statusRank('closed') && !isHeld(state) && !isSnoozed(state, nowMs) && isTold(state);
