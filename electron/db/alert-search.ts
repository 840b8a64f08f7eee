import type { AlertQuery } from '../../shared/api/contract.ts';
import { assertNever } from '../../shared/domain/result.ts';
import { asksForDone } from '../../shared/query/match-query.ts';
import { describeProblems, parseAlertQuery } from '../../shared/query/parse-query.ts';
import type { QueryNode } from '../../shared/query/query-node.ts';
import { asList, fewMeeting, numbersMeeting } from './alert-criteria.ts';
import type { AlertGroups } from './alert-groups.ts';
import { createAlertOrder } from './alert-order.ts';
import { add, countFound, type Found, fewScope, inOrderOnce, listFound, type Scope } from './alert-scope.ts';
import { type Facts, isOfState, isSnoozed, isStoredTerm, matchesState } from './alert-state-terms.ts';
import { type AlertState, type AlertStates, isHeld, isRejoined, isTold, laneOf } from './alert-states.ts';
import { type Criterion, createAlertTerms, type SearchedRecords, type StoredTerm } from './alert-terms.ts';
import { laneRank, statusRank } from './enums.ts';
import { type SqlDatabase, sql } from './sql.ts';

/*
 * Which alerts a query finds. What is about states is answered from memory, all else by indexes; NOT turns an answer
 * round. A page is first looked for among the first alerts of its order, which finds what is common at once however
 * many alerts there are; what is rare, and what has to be counted exactly, is asked of all of them.
 */

interface SearchLimits {
  /** Alerts below which all are always asked: a few milliseconds. */
  readonly fewAlerts: number;
  /** So many of the first alerts in order are asked, one run after the other, before all are. */
  readonly firstRuns: readonly [number, number, number];
  /**
   * Alerts that can meet a part of a query are looked at by themselves where they are so few; what is more frequent is
   * found among the first of the order.
   */
  readonly fewCandidates: number;
  /** So few are sorted by themselves; for more the order is walked. */
  readonly fewSorted: number;
}

const usualLimits: SearchLimits = {
  fewAlerts: 50_000,
  firstRuns: [1_024, 4_096, 16_384],
  fewCandidates: 8_192,
  fewSorted: 2_000,
};
/** Alerts of an order that are walked for the next run before all are asked. */
const mostWalked = 200_000;
/** Of very many alerts such a share is few, too. */
const candidateShare = 1 / 128;
/** Entities whose alerts are read in one step. */
const entitiesAStep = 512;

const none: ReadonlySet<number> = new Set();
/** Alerts of which a part of a query says that it finds no others. */
interface Candidates {
  readonly part: QueryNode;
  /** Rising, each once. */
  readonly numbers: Uint32Array;
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

/** A page of what a query finds, by the numbers of alerts in order. */
export interface FoundPage {
  readonly sequences: readonly number[];
  /** How many match in all up to `upToSequence`; at least so many where `isExact` says no. */
  readonly total: number;
  readonly isExact: boolean;
  /** How many that match came later. */
  readonly newer: number;
  /** How many are merged under those that match and are not among them. */
  readonly merged: number;
  /** Where the text could not be understood; the answer is to the rest. */
  readonly problem: string | null;
}

export function createAlertSearch(
  database: SqlDatabase,
  states: AlertStates,
  nowMs: () => number,
  analystName: () => string | null,
  groups: AlertGroups,
  records: SearchedRecords | null = null,
  { fewAlerts, firstRuns, fewCandidates, fewSorted }: SearchLimits = usualLimits,
) {
  const terms = createAlertTerms(database, records);
  const order = createAlertOrder(database, states, terms);

  function factsNow(): Facts {
    const known = new Map<string, number | null>();
    return {
      nowMs: nowMs(),
      analystName: analystName(),
      sequenceOf(id) {
        if (!known.has(id)) {
          known.set(id, database.numbers(sql`SELECT sequence FROM alert WHERE id = ${id}`)[0] ?? null);
        }
        return known.get(id) ?? null;
      },
      parentOf: ({ parent }) => (parent === null || !groups.canLead(parent) ? null : parent),
    };
  }

  const everyAlert = (): Scope => {
    const { length } = states.ids;
    return { length, few: null, placeOf: (sequence) => (sequence < length ? sequence : -1) };
  };

  /** Of the alerts asked about those whose state is one of some. */
  function inStates(scope: Scope, among: Found, answers: Uint8Array): Found {
    const { ids } = states;
    const found = new Uint8Array(scope.length);
    const numbers = scope.few?.numbers ?? null;
    for (let place = 0; place < found.length; place += 1) {
      const sequence = numbers === null ? place : (numbers[place] ?? 0);
      found[place] = (among[place] ?? 0) & (answers[ids[sequence] ?? 0] ?? 0);
    }
    return found;
  }

  /** A query looked at once: which states it is about, and what is left to ask of tables. */
  function understand(node: QueryNode | null, facts: Facts, isAsked: (state: AlertState) => boolean) {
    const parts = node === null ? [] : node.type === 'all' ? node.nodes : [node];
    const ofState = parts.filter(isOfState);
    const rest = parts.filter((part) => !isOfState(part));
    const answers = states.which(
      (state) => isAsked(state) && ofState.every((part) => matchesState(part, state, facts)),
    );
    const criteria = new Map<StoredTerm, readonly Criterion[]>();
    const criteriaOf = (term: StoredTerm): readonly Criterion[] => {
      const known = criteria.get(term) ?? terms.criteriaOf(term, facts.nowMs);
      criteria.set(term, known);
      return known;
    };

    function mark(scope: Scope, among: Found, numbers: Iterable<number>, found: Found): void {
      for (const sequence of numbers) {
        const place = scope.placeOf(sequence);
        if (place >= 0) found[place] = among[place] ?? 0;
      }
    }

    function* meeting(scope: Scope, among: Found, criterion: Criterion, found: Found): Steps<void> {
      const { few } = scope;
      if (criterion.by === 'set') {
        mark(scope, among, criterion.sequences, found);
        return;
      }
      if (few !== null) {
        const statement = fewMeeting(few, criterion);
        if (statement !== null) mark(scope, among, database.numbers(statement), found);
        return;
      }
      switch (criterion.by) {
        case 'row':
          mark(
            scope,
            among,
            database.numbers(sql`SELECT alert.sequence FROM alert WHERE ${criterion.condition}`),
            found,
          );
          return;
        case 'title':
        case 'why': {
          const ids = asList(criterion.ids());
          yield;
          mark(
            scope,
            among,
            database.numbers(sql`SELECT alert.sequence FROM json_each(${ids}) AS asked
              CROSS JOIN alert ON ${criterion.by === 'title' ? sql`title_id` : sql`why_id`} = asked.value`),
            found,
          );
          return;
        }
        case 'entity': {
          const ids = criterion.ids();
          const inPart = criterion.roles === null ? sql`` : sql`WHERE roles & ${criterion.roles}`;
          for (let from = 0; from < ids.length; from += entitiesAStep) {
            yield;
            mark(
              scope,
              among,
              database.numbers(
                sql`SELECT alert_sequence FROM json_each(${asList(ids.slice(from, from + entitiesAStep))}) AS asked
                    CROSS JOIN alert_entity ON entity_id = asked.value ${inPart}`,
              ),
              found,
            );
          }
          return;
        }
        case 'numbers':
          mark(scope, among, database.numbers(criterion.statement), found);
          return;
        default:
          assertNever(criterion);
      }
    }

    /** Of the alerts asked about those that a node finds. */
    function* evaluate(scope: Scope, among: Found, inner: QueryNode): Steps<Found> {
      if (isOfState(inner)) {
        return inStates(
          scope,
          among,
          states.which((state) => matchesState(inner, state, facts)),
        );
      }
      if (isStoredTerm(inner)) {
        const found = new Uint8Array(scope.length);
        for (const criterion of criteriaOf(inner)) {
          yield* meeting(scope, among, criterion, found);
          yield;
        }
        return found;
      }
      switch (inner.type) {
        case 'not': {
          const found = yield* evaluate(scope, among, inner.node);
          for (let place = 0; place < found.length; place += 1) {
            found[place] = among[place] === 1 && found[place] === 0 ? 1 : 0;
          }
          return found;
        }
        case 'all': {
          let found = among;
          // Memory first: it costs the least.
          for (const one of inner.nodes.filter(isOfState)) found = yield* evaluate(scope, found, one);
          for (const one of inner.nodes) if (!isOfState(one)) found = yield* evaluate(scope, found, one);
          return found;
        }
        case 'any': {
          const found = new Uint8Array(scope.length);
          for (const one of inner.nodes) add(found, yield* evaluate(scope, among, one));
          return found;
        }
        default:
          return among;
      }
    }

    const mostCandidates = Math.max(fewCandidates, Math.floor(states.ids.length * candidateShare));
    /** All that can meet a node; null where nothing says so, or they are not few. */
    function* fewOf(inner: QueryNode): Steps<number[] | null> {
      if (inner.type === 'any') {
        const all: number[] = [];
        for (const one of inner.nodes) {
          const few = yield* fewOf(one);
          if (few === null || all.length + few.length > mostCandidates) return null;
          for (const sequence of few) all.push(sequence);
        }
        return all;
      }
      if (!isStoredTerm(inner)) return null;
      const all: number[] = [];
      for (const criterion of criteriaOf(inner)) {
        yield;
        const most = mostCandidates + 1 - all.length;
        if (criterion.by === 'set') {
          if (criterion.sequences.size >= most) return null;
          for (const sequence of criterion.sequences) all.push(sequence);
          continue;
        }
        const statement = numbersMeeting(criterion, most);
        if (statement === null) return null;
        for (const sequence of database.numbers(statement)) all.push(sequence);
        if (all.length > mostCandidates) return null;
      }
      return all;
    }

    return {
      /** By the number of a state whether alerts in it can be found at all. */
      answers,
      /** Whether states alone decide. */
      isOfStates: rest.length === 0,
      /** The alerts that the rarest part of the query leaves; null where no part leaves few. */
      *candidates(): Steps<Candidates | null> {
        let rarest: Candidates | null = null;
        for (const part of rest) {
          const few = yield* fewOf(part);
          if (few === null || (rarest !== null && few.length >= rarest.numbers.length)) continue;
          rarest = { part, numbers: inOrderOnce(few) };
        }
        return rarest;
      },
      /** @param except a part of which is known that all in the scope meet it */
      *ask(scope: Scope, except: QueryNode | null = null): Steps<Found> {
        let found = inStates(scope, new Uint8Array(scope.length).fill(1), answers);
        for (const part of rest) if (part !== except) found = yield* evaluate(scope, found, part);
        return found;
      },
    };
  }

  type Understood = ReturnType<typeof understand>;

  /** @param everything also merged alerts for which another row of the answer stands */
  function understandQuery(query: AlertQuery, everything = false) {
    const parsed = parseAlertQuery(query.text);
    const wants = asksForDone(parsed.node);
    const facts = factsNow();
    const openOnly = !query.includeDone && !wants.closed;
    const awakeOnly = !query.includeDone && !wants.snoozed;
    const freeOnly = !query.includeDone && !wants.suppressed;
    const toldOnly = !query.includeDone && !wants.split;
    const lane = query.lane === null ? null : laneRank(query.lane);
    const isAsked = (state: AlertState) =>
      !isRejoined(state) &&
      (!openOnly || state.status < statusRank('closed')) &&
      (!awakeOnly || !isSnoozed(state, facts.nowMs)) &&
      (!freeOnly || !isHeld(state)) &&
      (!toldOnly || isTold(state));
    const parts: QueryNode[] = [];
    if (query.fromMs !== null)
      parts.push({ type: 'time', of: 'age', comparison: '>=', timeMs: query.fromMs });
    if (query.toMs !== null) parts.push({ type: 'time', of: 'age', comparison: '<=', timeMs: query.toMs });
    if (parsed.node !== null) parts.push(...(parsed.node.type === 'all' ? parsed.node.nodes : [parsed.node]));
    const node: QueryNode | null = parts.length === 0 ? null : { type: 'all', nodes: parts };
    const asked = understand(
      node,
      facts,
      (state) => isAsked(state) && (lane === null || laneOf(state) === lane),
    );
    const showsMerged = everything || wants.merged;
    return {
      asked,
      // A row of the other lane may stand for what is found in this one.
      leaders: showsMerged ? null : lane === null ? asked : understand(node, facts, isAsked),
      problem: describeProblems(parsed.problems),
    };
  }

  /**
   * What merged alerts do to the answer: those it does not show because it finds what they are merged under, and how
   * many rows up to one stand for beside themselves.
   */
  function* standing(
    asked: Understood,
    leaders: Understood | null,
    upToSequence: number,
  ): Steps<{ readonly hidden: ReadonlySet<number>; readonly merged: number }> {
    const { parents } = groups;
    if (parents.size === 0) return { hidden: none, merged: 0 };
    const numbers = Uint32Array.from(new Set([...parents.keys(), ...parents.values()])).sort();
    const scope = numbers.length > firstRuns[2] ? everyAlert() : fewScope(numbers);
    const found = yield* asked.ask(scope);
    const isFound = (answer: Found) => (sequence: number) => answer[scope.placeOf(sequence)] === 1;
    const isRow = isFound(found);
    const hidden =
      leaders === null
        ? none
        : groups.mergedUnder(isFound(leaders === asked ? found : yield* leaders.ask(scope)));
    return {
      hidden,
      merged: groups.membersBeside(
        (sequence) => sequence <= upToSequence && isRow(sequence) && !hidden.has(sequence),
      ),
    };
  }

  function takeOut(found: Found, hidden: ReadonlySet<number>): Found {
    for (const sequence of hidden) found[sequence] = 0;
    return found;
  }

  /** How many alerts in some of the states there are among the numbers from `from` on. */
  function countInStates(answers: Uint8Array, from: number): number {
    const { ids } = states;
    let count = 0;
    for (let sequence = from; sequence < ids.length; sequence += 1) {
      count += answers[ids[sequence] ?? 0] ?? 0;
    }
    return count;
  }

  /** How many alerts in some of the states there are. */
  function countAllInStates(answers: Uint8Array): number {
    let count = 0;
    for (const [id, alerts] of states.counts().entries()) if (answers[id] === 1) count += alerts;
    return count;
  }

  interface Page {
    readonly offset: number;
    readonly limit: number;
    readonly upToSequence: number;
  }

  /** Walks an order until a page is full of those that are one. */
  function pageOf(query: AlertQuery, page: Page, isOne: (sequence: number) => boolean): number[] {
    const { offset, limit, upToSequence } = page;
    const sequences: number[] = [];
    let left = offset;
    for (const run of order.walk(query.sort, query.reversed ?? false, upToSequence)) {
      for (let index = 0; index < run.length; index += 1) {
        const sequence = run[index] ?? 0;
        if (sequence > upToSequence || !isOne(sequence)) continue;
        if (left > 0) left -= 1;
        else if (sequences.push(sequence) === limit) return sequences;
      }
    }
    return sequences;
  }

  /** The page if the first alerts of the order fill it; else the few that can be on it, if they are few. */
  function* pageFromFirst(
    query: AlertQuery,
    page: Page,
    asked: Understood,
    hidden: ReadonlySet<number>,
  ): Steps<number[] | Candidates | null> {
    const { offset, limit, upToSequence } = page;
    const wanted = offset + limit;
    const { ids } = states;
    const found: number[] = [];
    const walk = order.walk(query.sort, query.reversed ?? false, upToSequence);
    let waiting: number[] = [];
    let seen = 0;
    for (const size of firstRuns) {
      if (size === firstRuns[1]) {
        const few = yield* asked.candidates();
        if (few !== null) return few;
      }
      let isAtEnd = false;
      while (waiting.length < size) {
        const run = walk.next();
        if (run.done === true) {
          isAtEnd = true;
          break;
        }
        seen += run.value.length;
        for (let index = 0; index < run.value.length; index += 1) {
          const sequence = run.value[index] ?? 0;
          if (sequence > upToSequence || asked.answers[ids[sequence] ?? 0] !== 1) continue;
          if (!hidden.has(sequence)) waiting.push(sequence);
        }
        // States so rare that memory alone would be walked to its end: all at once is cheaper.
        if (seen > mostWalked && found.length === 0 && waiting.length < size / 4) return null;
      }
      const inOrder = waiting.slice(0, size);
      waiting = waiting.slice(size);
      const scope = fewScope(Uint32Array.from(inOrder).sort());
      const answer = yield* asked.ask(scope);
      for (const sequence of inOrder) {
        if (answer[scope.placeOf(sequence)] === 1 && found.push(sequence) === wanted) {
          return found.slice(offset);
        }
      }
      if (isAtEnd && waiting.length === 0) return null;
      // A tenth of what is needed in a run promises nothing for the next, four times as long.
      if (found.length * 8 < wanted && size === firstRuns[1]) return null;
      yield;
    }
    return null;
  }

  /** How many that match came after one; null where so many came that all are asked as well. */
  function* countNewer(
    asked: Understood,
    upToSequence: number,
    hidden: ReadonlySet<number>,
  ): Steps<number | null> {
    const { ids } = states;
    const [, , most] = firstRuns;
    const newer: number[] = [];
    for (let sequence = upToSequence + 1; sequence < ids.length; sequence += 1) {
      if (asked.answers[ids[sequence] ?? 0] !== 1 || hidden.has(sequence)) continue;
      if (newer.push(sequence) > most) return null;
    }
    if (newer.length === 0) return 0;
    return countFound(yield* asked.ask(fewScope(Uint32Array.from(newer))), 0, newer.length);
  }

  /** Where states alone decide: how many alerts up to one there are, and how many after it. */
  function countByStates({ answers }: Understood, hidden: ReadonlySet<number>, upToSequence: number) {
    const { ids } = states;
    let total = countAllInStates(answers);
    let newer = countInStates(answers, upToSequence + 1);
    for (const sequence of hidden) {
      if (answers[ids[sequence] ?? 0] !== 1) continue;
      total -= 1;
      if (sequence > upToSequence) newer -= 1;
    }
    return { total: total - newer, newer };
  }

  /** The page out of a few that alone can be on it. */
  function* pageOfFew(
    query: AlertQuery,
    at: Page & { readonly countsNewer: boolean },
    asked: Understood,
    { part, numbers }: Candidates,
    hidden: ReadonlySet<number>,
  ): Steps<Pick<FoundPage, 'sequences' | 'total' | 'isExact' | 'newer'>> {
    const scope = fewScope(numbers);
    const answer = yield* asked.ask(scope, part);
    const matching = numbers.filter((sequence, place) => answer[place] === 1 && !hidden.has(sequence));
    const there = matching.filter((sequence) => sequence <= at.upToSequence);
    const sequences =
      there.length <= fewSorted || query.sort === 'received'
        ? Array.from(order.sortFew(query.sort, query.reversed ?? false, there)).slice(
            at.offset,
            at.offset + at.limit,
          )
        : pageOf(query, at, (sequence) => answer[scope.placeOf(sequence)] === 1 && !hidden.has(sequence));
    const newer = at.countsNewer ? matching.length - there.length : 0;
    return { sequences, total: there.length, isExact: true, newer };
  }

  function* page(
    query: AlertQuery,
    at: Page & { readonly countsNewer: boolean; readonly everything?: boolean | undefined },
  ): Steps<FoundPage> {
    const { asked, leaders, problem } = understandQuery(query, at.everything);
    const { ids } = states;
    const { upToSequence } = at;
    const { hidden, merged } = yield* standing(asked, leaders, upToSequence);
    if (asked.isOfStates) {
      const { total, newer } = countByStates(asked, hidden, upToSequence);
      return {
        sequences: pageOf(
          query,
          at,
          (sequence) => asked.answers[ids[sequence] ?? 0] === 1 && !hidden.has(sequence),
        ),
        total,
        isExact: true,
        newer: at.countsNewer ? newer : 0,
        merged,
        problem,
      };
    }
    if (ids.length > fewAlerts && at.offset + at.limit <= firstRuns[0]) {
      const first = yield* pageFromFirst(query, at, asked, hidden);
      if (first !== null && 'part' in first) {
        return { ...(yield* pageOfFew(query, at, asked, first, hidden)), merged, problem };
      }
      const newer = at.countsNewer ? yield* countNewer(asked, upToSequence, hidden) : 0;
      if (first !== null && newer !== null) {
        return { sequences: first, total: at.offset + first.length, isExact: false, newer, merged, problem };
      }
    }
    const found = takeOut(yield* asked.ask(everyAlert()), hidden);
    const total = countFound(found, 0, upToSequence + 1);
    const sequences =
      total <= fewSorted
        ? Array.from(
            order.sortFew(query.sort, query.reversed ?? false, listFound(found, upToSequence + 1)),
          ).slice(at.offset, at.offset + at.limit)
        : pageOf(query, at, (sequence) => found[sequence] === 1);
    return {
      sequences,
      total,
      isExact: true,
      newer: at.countsNewer ? countFound(found, upToSequence + 1, found.length) : 0,
      merged,
      problem,
    };
  }

  return {
    page,
    /** How many alerts up to one a query finds, exactly. */
    *count(query: AlertQuery, upToSequence: number): Steps<number> {
      const { asked, leaders } = understandQuery(query);
      const { hidden } = yield* standing(asked, leaders, upToSequence);
      if (asked.isOfStates) return countByStates(asked, hidden, upToSequence).total;
      return countFound(takeOut(yield* asked.ask(everyAlert()), hidden), 0, upToSequence + 1);
    },
    /**
     * Numbers of the alerts up to one that a query finds, rising.
     * @param everything also merged alerts for which another of them stands
     */
    *list(query: AlertQuery, upToSequence: number, everything = false): Steps<Uint32Array> {
      const { asked, leaders } = understandQuery(query, everything);
      const { hidden } = yield* standing(asked, leaders, upToSequence);
      return listFound(takeOut(yield* asked.ask(everyAlert()), hidden), upToSequence + 1);
    },
    /** Numbers of the alerts in some of the states that a node finds, rising. */
    *matching(node: QueryNode, isOne: (state: AlertState) => boolean): Steps<Uint32Array> {
      const scope = everyAlert();
      return listFound(yield* understand(node, factsNow(), isOne).ask(scope), scope.length);
    },
  };
}
