import type { AlertQuery } from '../../shared/api/contract.ts';
import { type AlertStatus, alertStatuses, lanes, severities } from '../../shared/domain/alert.ts';
import {
  asksForDone,
  describeProblems,
  matchesText,
  parseAlertQuery,
  type QueryNode,
} from '../../shared/domain/alert-query.ts';
import { assertNever } from '../../shared/domain/result.ts';
import {
  isScanned,
  type LinkTerm,
  linkedAlertsSql,
  type StateTerm,
  type StoredTerm,
  storedTermsSql,
} from './alert-query-sql.ts';
import {
  type AlertState,
  type AlertStates,
  isHeld,
  isSuppressedNow,
  laneOf,
  severityOf,
} from './alert-states.ts';
import { laneRank, statusRank } from './enums.ts';
import { joinSql, type Sql, type SqlDatabase, sql } from './sql.ts';

/*
 * Which alerts a query finds: one byte an alert, by number. What is about states is answered from memory, what is about
 * entities and sources by the index of what they share, what is about rows by SQLite; NOT turns an answer round. Counts and pages come from the same answer, so they always agree.
 */

/** Below this share of all alerts the rest of a query looks at each of them instead of going through all rows. */
const fewShare = 1 / 16;
/** So few are sorted by themselves; for more the index is walked in its order. */
const fewSorted = 2_000;
/** Rows looked at in one step when all have to be: some milliseconds. */
const rowsAStep = 16_384;
/** Entries of an index read at once when it is walked. */
const walkedAtOnce = 4_096;

/** For each alert by its number 1 or 0. */
type Found = Uint8Array;

interface Facts {
  readonly nowMs: number;
  readonly analystName: string | null;
}

/** Work in steps of at most some ten milliseconds, between which others may have their turn. */
export type Steps<T> = Generator<void, T, void>;

/** Does all steps in a row. */
export function allSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The answer to a query as it was asked. */
export interface SearchResult {
  readonly found: Found;
  /** Where the text could not be understood; the answer is to the rest. */
  readonly problem: string | null;
}

const stateTypes: ReadonlySet<string> = new Set<StateTerm['type']>([
  'severity',
  'status',
  'snoozed',
  'lane',
  'disposition',
  'assignee',
  'case',
]);
const isStateTerm = (node: QueryNode): node is StateTerm =>
  stateTypes.has(node.type) || (node.type === 'suppressed' && typeof node.which === 'string');
const isLinkTerm = (node: QueryNode): node is LinkTerm =>
  node.type === 'entity' ||
  node.type === 'network' ||
  node.type === 'end' ||
  node.type === 'source' ||
  (node.type === 'suppressed' && typeof node.which !== 'string');
/** Whether a row of table `alert` alone answers it. */
const isRowTerm = (node: QueryNode): node is Exclude<StoredTerm, { type: 'text' }> =>
  node.type !== 'all' &&
  node.type !== 'any' &&
  node.type !== 'not' &&
  node.type !== 'text' &&
  !isStateTerm(node) &&
  !isLinkTerm(node);

/** Whether a node is about states alone. */
function isOfState(node: QueryNode): boolean {
  if (node.type === 'all' || node.type === 'any') return node.nodes.every(isOfState);
  return node.type === 'not' ? isOfState(node.node) : isStateTerm(node);
}

function matchesState(node: QueryNode, state: AlertState, facts: Facts): boolean {
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
    default:
      return assertNever(term);
  }
}

const isSnoozed = (state: AlertState, nowMs: number): boolean =>
  state.snoozedUntilMs !== null && state.snoozedUntilMs > nowMs;

/** Whether an alert is in the open queue now. */
export const isOpenNow = (state: AlertState, nowMs: number): boolean =>
  state.status < statusRank('closed') && !isHeld(state) && !isSnoozed(state, nowMs);

/** How many are found among the alerts with a number from `from` up to, not with, `to`. */
export function countFound(found: Found, from: number, to: number): number {
  const end = Math.min(to, found.length);
  let count = 0;
  for (let sequence = from; sequence < end; sequence += 1) count += found[sequence] ?? 0;
  return count;
}

function add(found: Found, more: Found): void {
  for (let sequence = 0; sequence < found.length; sequence += 1) {
    found[sequence] = (found[sequence] ?? 0) | (more[sequence] ?? 0);
  }
}

/** Numbers of the alerts found up to one, rising. */
export function listFound(found: Found, upToSequence: number): Uint32Array {
  const end = Math.min(upToSequence + 1, found.length);
  const list = new Uint32Array(countFound(found, 0, end));
  for (let sequence = 0, at = 0; at < list.length; sequence += 1) {
    // Written each time and kept where it counts: a branch that cannot be foreseen costs more.
    list[at] = sequence;
    at += found[sequence] ?? 0;
  }
  return list;
}

const asJson = (sequences: Uint32Array): string => `[${sequences.join(',')}]`;

export function createAlertSearch(
  database: SqlDatabase,
  states: AlertStates,
  nowMs: () => number,
  analystName: () => string | null,
) {
  /** Of the alerts asked about those in one of some states. */
  function inStates(among: Found, isOne: (state: AlertState) => boolean): Found {
    const answers = states.which(isOne);
    const { ids } = states;
    const found = new Uint8Array(among.length);
    for (let sequence = 0; sequence < found.length; sequence += 1) {
      found[sequence] = (among[sequence] ?? 0) & (answers[ids[sequence] ?? 0] ?? 0);
    }
    return found;
  }

  /** Of the alerts asked about those of a condition that an index answers. */
  function fromIndex(condition: Sql, among: Found): Found {
    const found = new Uint8Array(among.length);
    for (const sequence of database.numbers(sql`SELECT alert.sequence FROM alert WHERE ${condition}`)) {
      found[sequence] = among[sequence] ?? 0;
    }
    return found;
  }

  /** Of the alerts asked about those of a condition on their rows; of few, only these are looked at. */
  function* fromRows(condition: Sql, among: Found): Steps<Found> {
    const found = new Uint8Array(among.length);
    const asked = countFound(among, 0, among.length);
    if (asked === 0) return found;
    if (asked < among.length * fewShare) {
      const list = asJson(listFound(among, among.length));
      const few = sql`${condition} AND alert.sequence IN (SELECT value FROM json_each(${list}))`;
      return fromIndex(few, among);
    }
    for (let from = 0; from < among.length; from += rowsAStep) {
      if (from > 0) yield;
      const inStep = sql`alert.sequence >= ${from} AND alert.sequence < ${from + rowsAStep}`;
      for (const sequence of database.numbers(
        sql`SELECT alert.sequence FROM alert WHERE ${inStep} AND ${condition}`,
      )) {
        found[sequence] = among[sequence] ?? 0;
      }
    }
    return found;
  }

  /** Terms on rows, joined: those with an index first. */
  function* fromTerms(
    terms: readonly StoredTerm[],
    by: 'AND' | 'OR',
    among: Found,
    facts: Facts,
  ): Steps<Found> {
    let found = by === 'AND' ? among : new Uint8Array(among.length);
    for (const term of terms) {
      if (isScanned(term)) continue;
      const condition = storedTermsSql([term], by, facts.nowMs);
      if (by === 'AND') found = fromIndex(condition, found);
      else add(found, fromIndex(condition, among));
    }
    const scanned = terms.filter(isScanned);
    if (scanned.length === 0) return found;
    const condition = storedTermsSql(scanned, by, facts.nowMs);
    if (by === 'AND') return yield* fromRows(condition, found);
    add(found, yield* fromRows(condition, among));
    return found;
  }

  /** Of the alerts asked about those that share what a term is about. */
  function fromLinks(term: Parameters<typeof linkedAlertsSql>[0], among: Found): Found {
    const found = new Uint8Array(among.length);
    for (const sequence of database.numbers(linkedAlertsSql(term))) found[sequence] = among[sequence] ?? 0;
    return found;
  }

  /** Of the alerts asked about those that a node finds. */
  function* evaluate(node: QueryNode, among: Found, facts: Facts): Steps<Found> {
    if (isOfState(node)) {
      return inStates(among, (state) => matchesState(node, state, facts));
    }
    if (isRowTerm(node)) return yield* fromTerms([node], 'AND', among, facts);
    if (isLinkTerm(node)) return fromLinks(node, among);
    switch (node.type) {
      case 'not': {
        const inner = yield* evaluate(node.node, among, facts);
        for (let sequence = 0; sequence < inner.length; sequence += 1) {
          inner[sequence] = among[sequence] === 1 && inner[sequence] === 0 ? 1 : 0;
        }
        return inner;
      }
      case 'all': {
        // Memory first: the fewer are left, the less SQLite has to look at. Terms on rows go in one statement.
        let found = among;
        for (const inner of node.nodes.filter(isOfState)) found = yield* evaluate(inner, found, facts);
        const stored = node.nodes.filter(isRowTerm);
        found = yield* fromTerms(stored, 'AND', found, facts);
        for (const inner of node.nodes) {
          if (!isOfState(inner) && !isRowTerm(inner)) found = yield* evaluate(inner, found, facts);
        }
        return found;
      }
      case 'any': {
        const found = yield* fromTerms(node.nodes.filter(isRowTerm), 'OR', among, facts);
        for (const inner of node.nodes) {
          if (!isRowTerm(inner)) add(found, yield* evaluate(inner, among, facts));
        }
        return found;
      }
      case 'text': {
        const found = yield* fromTerms([node], 'AND', among, facts);
        add(found, fromLinks(node, among));
        return found;
      }
      default:
        return among;
    }
  }

  function* search(query: AlertQuery): Steps<SearchResult> {
    const parsed = parseAlertQuery(query.text);
    const asked = asksForDone(parsed.node);
    const facts: Facts = { nowMs: nowMs(), analystName: analystName() };
    const openOnly = !query.includeDone && !asked.closed;
    const awakeOnly = !query.includeDone && !asked.snoozed;
    const freeOnly = !query.includeDone && !asked.suppressed;
    const lane = query.lane === null ? null : laneRank(query.lane);
    // No alert is in state 0, so these are alerts.
    let found = inStates(
      new Uint8Array(states.ids.length).fill(1),
      (state) =>
        (!openOnly || state.status < statusRank('closed')) &&
        (!awakeOnly || !isSnoozed(state, facts.nowMs)) &&
        (!freeOnly || !isHeld(state)) &&
        (lane === null || laneOf(state) === lane),
    );
    const times: Sql[] = [];
    if (query.fromMs !== null) times.push(sql`alert.received_ms >= ${query.fromMs}`);
    if (query.toMs !== null) times.push(sql`alert.received_ms <= ${query.toMs}`);
    if (times.length > 0) found = fromIndex(joinSql(times, sql` AND `), found);
    if (parsed.node !== null) found = yield* evaluate(parsed.node, found, facts);
    return { found, problem: describeProblems(parsed.problems) };
  }

  /** A page in the order of an index, from the greatest value down. */
  function pageByIndex(
    column: 'last-seen' | 'count',
    found: Found,
    total: number,
    upToSequence: number,
    offset: number,
    limit: number,
  ): number[] {
    const value = column === 'count' ? sql`count` : sql`last_seen_ms`;
    if (total <= fewSorted) {
      return database.numbers(
        sql`SELECT sequence FROM alert
            WHERE sequence IN (SELECT value FROM json_each(${asJson(listFound(found, upToSequence))}))
            ORDER BY ${value} DESC, sequence DESC LIMIT ${limit} OFFSET ${offset}`,
      );
    }
    const index = column === 'count' ? sql`alert_by_count` : sql`alert_by_last_seen`;
    const page: number[] = [];
    let left = offset;
    let after = sql``;
    for (;;) {
      const walked = database.numbers(
        sql`SELECT sequence FROM alert INDEXED BY ${index} ${after}
            ORDER BY ${value} DESC, sequence DESC LIMIT ${walkedAtOnce}`,
      );
      for (const sequence of walked) {
        if (sequence > upToSequence || found[sequence] !== 1) continue;
        if (left > 0) left -= 1;
        else if (page.push(sequence) === limit) return page;
      }
      const last = walked.at(-1);
      if (last === undefined || walked.length < walkedAtOnce) return page;
      after = sql`WHERE (${value}, sequence) < (SELECT ${value}, sequence FROM alert WHERE sequence = ${last})`;
    }
  }

  function pageByNumber(found: Found, upToSequence: number, offset: number, limit: number): number[] {
    const page: number[] = [];
    let left = offset;
    for (let sequence = Math.min(upToSequence, found.length - 1); sequence > 0; sequence -= 1) {
      if (found[sequence] !== 1) continue;
      if (left > 0) left -= 1;
      else if (page.push(sequence) === limit) break;
    }
    return page;
  }

  function pageBySeverity(found: Found, upToSequence: number, offset: number, limit: number): number[] {
    const page: number[] = [];
    let left = offset;
    for (let severity = severities.length - 1; severity >= 0 && page.length < limit; severity -= 1) {
      const ofSeverity = inStates(found, (state) => severityOf(state) === severity);
      const count = countFound(ofSeverity, 0, upToSequence + 1);
      page.push(...pageByNumber(ofSeverity, upToSequence, left, limit - page.length));
      left = Math.max(0, left - count);
    }
    return page;
  }

  return {
    search,
    /** Numbers of the alerts in some of the states that a node finds, rising. */
    *matching(node: QueryNode, isOne: (state: AlertState) => boolean): Steps<Uint32Array> {
      const among = inStates(new Uint8Array(states.ids.length).fill(1), isOne);
      const found = yield* evaluate(node, among, { nowMs: nowMs(), analystName: analystName() });
      return listFound(found, found.length);
    },
    /** Numbers of the alerts on a page of what was found. */
    page(
      { found }: SearchResult,
      total: number,
      sort: AlertQuery['sort'],
      page: { readonly offset: number; readonly limit: number; readonly upToSequence: number },
    ): number[] {
      const { offset, limit, upToSequence } = page;
      switch (sort) {
        case 'received':
          return pageByNumber(found, upToSequence, offset, limit);
        case 'severity':
          return pageBySeverity(found, upToSequence, offset, limit);
        case 'last-seen':
        case 'count':
          return pageByIndex(sort, found, total, upToSequence, offset, limit);
        default:
          return assertNever(sort);
      }
    },
  };
}
