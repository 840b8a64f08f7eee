import type { AlertQuery } from '../../shared/api/contract.ts';
import { assertNever } from '../../shared/domain/result.ts';
import { type AlertState, type AlertStates, laneOf, severityOf } from './alert-states.ts';
import type { AlertTerms } from './alert-terms.ts';
import { masksOf } from './enums.ts';
import { type Sql, type SqlDatabase, sql } from './sql.ts';

/*
 * The orders of a queue, each walked from its start in pieces and left as soon as a page is full: nothing is sorted but
 * what is few. Alerts of one value follow the newest first; turned round, the whole order is.
 */

type Sort = AlertQuery['sort'];

/** Numbers read at once from an index, and from memory. */
const walkedAtOnce = 2_048;
const titlesAtOnce = 200;

type GroupedSort = Extract<Sort, 'customer' | 'service' | 'source' | 'mitigated'>;

/** The answers to whether it was stopped, as they are sorted. */
const mitigatedOrder = ['no', 'partly', 'not-known', 'yes'] as const;

/** Runs of numbers in order. */
export type Walk = Generator<ArrayLike<number>, void, void>;

/** Without regard to case; what differs in case alone stays in one order, too. */
const compareNames = (left: string, right: string): number => {
  const [low, high] = [left.toLowerCase(), right.toLowerCase()];
  if (low !== high) return low < high ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
};

const compareRanks = (left: string | number, right: string | number): number =>
  typeof left === 'number' && typeof right === 'number'
    ? left - right
    : compareNames(String(left), String(right));

/** What a state ranks as, the least first. */
const stateRanks = {
  severity: (state: AlertState) => -severityOf(state),
  status: (state: AlertState) => state.status,
  // Those of nobody last.
  assignee: (state: AlertState) => state.assignee ?? '\u{10ffff}',
  lane: (state: AlertState) => laneOf(state),
  disposition: (state: AlertState) => state.disposition ?? '\u{10ffff}',
} as const;

const titleOrder = (reversed: boolean): Sql =>
  reversed ? sql`text COLLATE NOCASE DESC, text DESC` : sql`text COLLATE NOCASE, text`;

export function createAlertOrder(database: SqlDatabase, states: AlertStates, terms: AlertTerms) {
  function* byNumber(upToSequence: number, reversed: boolean, isOne: (sequence: number) => boolean): Walk {
    const { ids } = states;
    const end = Math.min(upToSequence, ids.length - 1);
    let run: number[] = [];
    for (let step = 1; step <= end; step += 1) {
      const sequence = reversed ? step : end + 1 - step;
      if (!isOne(sequence)) continue;
      run.push(sequence);
      if (run.length < walkedAtOnce) continue;
      yield run;
      run = [];
    }
    yield run;
  }

  /** By what the state of each alert ranks as, the least first. Values that no alert has cost nothing. */
  function* byState(
    rankOf: (state: AlertState) => string | number,
    upToSequence: number,
    reversed: boolean,
  ): Walk {
    const statesOf = new Map<string | number, Set<number>>();
    for (const [id, count] of states.counts().entries()) {
      if (id === 0 || count === 0) continue;
      const rank = rankOf(states.stateAt(id));
      statesOf.set(rank, (statesOf.get(rank) ?? new Set()).add(id));
    }
    const ranks = [...statesOf.keys()].sort(compareRanks);
    if (reversed) ranks.reverse();
    for (const rank of ranks) {
      const ofRank = new Uint8Array(states.stateCount);
      for (const id of statesOf.get(rank) ?? []) ofRank[id] = 1;
      const { ids } = states;
      yield* byNumber(upToSequence, reversed, (sequence) => ofRank[ids[sequence] ?? 0] === 1);
    }
  }

  /** By a number in each row, the greatest first. */
  function* byValue(column: Sql, reversed: boolean): Walk {
    const order = reversed ? sql`${column}, sequence` : sql`${column} DESC, sequence DESC`;
    let after = sql``;
    for (;;) {
      const run = database.numbers(
        sql`SELECT sequence FROM alert ${after} ORDER BY ${order} LIMIT ${walkedAtOnce}`,
      );
      yield run;
      const last = run.at(-1);
      if (last === undefined || run.length < walkedAtOnce) return;
      const place = sql`(SELECT ${column}, sequence FROM alert WHERE sequence = ${last})`;
      after = reversed
        ? sql`WHERE (${column}, sequence) > ${place}`
        : sql`WHERE (${column}, sequence) < ${place}`;
    }
  }

  /** By the entity that names each: of one, the newest first. */
  function* byLead(reversed: boolean): Walk {
    const [order, further, newer] = reversed
      ? [sql`lead DESC, sequence`, sql`<`, sql`>`]
      : [sql`lead, sequence DESC`, sql`>`, sql`<`];
    let runs: readonly Sql[] = [sql``];
    for (;;) {
      let last: number | undefined;
      for (const where of runs) {
        const run = database.numbers(
          sql`SELECT sequence FROM alert ${where} ORDER BY ${order} LIMIT ${walkedAtOnce}`,
        );
        yield run;
        last = run.at(-1);
        if (run.length > 0) break;
      }
      if (last === undefined) return;
      // First what is left of the same entity, then what follows it: each begins where the index says.
      const lead = sql`(SELECT lead FROM alert WHERE sequence = ${last})`;
      runs = [sql`WHERE lead = ${lead} AND sequence ${newer} ${last}`, sql`WHERE lead ${further} ${lead}`];
    }
  }

  /** By their techniques; those without any, which no index tells, are looked for run by run. */
  function* byTechniques(upToSequence: number, reversed: boolean): Walk {
    const groups = terms.techniqueLists().map((list) => sql`techniques <> '[]' AND techniques = ${list}`);
    if (!reversed) yield* byGroups(groups, false);
    const runs = Math.ceil(upToSequence / walkedAtOnce);
    for (let step = 0; step < runs; step += 1) {
      const first = (reversed ? step : runs - 1 - step) * walkedAtOnce;
      yield database.numbers(
        sql`SELECT sequence FROM alert WHERE sequence > ${first} AND sequence <= ${first + walkedAtOnce}
              AND techniques = '[]' ORDER BY sequence ${reversed ? sql`` : sql`DESC`}`,
      );
    }
    if (reversed) yield* byGroups(groups.reverse(), true);
  }

  /** Alerts of one value after the other. */
  function* byGroups(conditions: Iterable<Sql>, reversed: boolean): Walk {
    for (const condition of conditions) {
      let after = sql``;
      for (;;) {
        const run = database.numbers(
          sql`SELECT sequence FROM alert WHERE ${condition} ${after}
              ORDER BY sequence ${reversed ? sql`` : sql`DESC`} LIMIT ${walkedAtOnce}`,
        );
        yield run;
        const last = run.at(-1);
        if (last === undefined || run.length < walkedAtOnce) break;
        after = reversed ? sql`AND sequence > ${last}` : sql`AND sequence < ${last}`;
      }
    }
  }

  const sorted = <T>(list: readonly T[], nameOf: (one: T) => string, reversed: boolean): T[] => {
    const inOrder = [...list].sort((left, right) => compareNames(nameOf(left), nameOf(right)));
    return reversed ? inOrder.reverse() : inOrder;
  };

  function* titleGroups(reversed: boolean): Generator<Sql> {
    let after = sql``;
    for (;;) {
      const titles = database.all<{ readonly id: number; readonly text: string }>(
        sql`SELECT id, text FROM alert_title ${after} ORDER BY ${titleOrder(reversed)} LIMIT ${titlesAtOnce}`,
      );
      for (const { id } of titles) yield sql`title_id = ${id}`;
      const last = titles.at(-1);
      if (last === undefined || titles.length < titlesAtOnce) return;
      after = reversed
        ? sql`WHERE (text COLLATE NOCASE, text) < (${last.text}, ${last.text})`
        : sql`WHERE (text COLLATE NOCASE, text) > (${last.text}, ${last.text})`;
    }
  }

  const namesIn = (table: Sql): ReadonlyMap<string, string> =>
    new Map(
      database
        .all<{ readonly id: string; readonly name: string }>(sql`SELECT id, name FROM ${table}`)
        .map(({ id, name }) => [id, name]),
    );

  /** By the name of what a column holds the id of; those without one last. */
  function namedGroups(column: Sql, table: Sql, reversed: boolean): Sql[] {
    const names = namesIn(table);
    // What has the same name stays in one order, too.
    const named = sorted(terms.idsIn(column), (id) => `${names.get(id) ?? id}\0${id}`, reversed).map(
      (id) => sql`${column} = ${id}`,
    );
    const none = sql`${column} IS NULL`;
    return reversed ? [none, ...named] : [...named, none];
  }

  /** What passed before what was stopped. */
  function mitigatedGroups(reversed: boolean): Sql[] {
    const groups = mitigatedOrder.flatMap((answer) =>
      masksOf([answer]).map((mask) => sql`mitigated_mask = ${mask}`),
    );
    return reversed ? groups.reverse() : groups;
  }

  function groupsOf(sort: GroupedSort, reversed: boolean): Sql[] {
    switch (sort) {
      case 'customer':
        return namedGroups(sql`customer_id`, sql`customer`, reversed);
      case 'service':
        return namedGroups(sql`service_id`, sql`service`, reversed);
      case 'source':
        return sourceGroups(reversed);
      case 'mitigated':
        return mitigatedGroups(reversed);
      default:
        return assertNever(sort);
    }
  }

  function sourceGroups(reversed: boolean): Sql[] {
    const names = namesIn(sql`connection`);
    return sorted(
      terms.sourcePairs(),
      ({ id, kind }) => `${names.get(id) ?? kind}\0${kind}\0${id}`,
      reversed,
    ).map(({ id, kind }) => sql`source_id = ${id} AND source_kind = ${kind}`);
  }

  /** All alerts up to one, in an order. Numbers after `upToSequence` may be among them. */
  function walk(sort: Sort, reversed: boolean, upToSequence: number): Walk {
    switch (sort) {
      case 'received':
        return byNumber(upToSequence, reversed, () => true);
      case 'severity':
      case 'status':
      case 'assignee':
      case 'lane':
      case 'disposition':
        return byState(stateRanks[sort], upToSequence, reversed);
      case 'last-seen':
        return byValue(sql`last_seen_ms`, reversed);
      case 'first-seen':
        return byValue(sql`first_seen_ms`, reversed);
      case 'count':
        return byValue(sql`count`, reversed);
      case 'entity':
        return byLead(reversed);
      case 'technique':
        return byTechniques(upToSequence, reversed);
      case 'title':
        return byGroups(titleGroups(reversed), reversed);
      case 'customer':
      case 'service':
      case 'source':
      case 'mitigated':
        return byGroups(groupsOf(sort, reversed), reversed);
      default:
        return assertNever(sort);
    }
  }

  /** A few alerts, given rising, in the same order. */
  function sortFew(sort: Sort, reversed: boolean, sequences: Uint32Array): ArrayLike<number> {
    const among = sql`sequence IN (SELECT value FROM json_each(${`[${sequences.join(',')}]`}))`;
    const direction = reversed ? sql`` : sql`DESC`;
    const byColumn = (column: Sql, isText = false) =>
      database.numbers(
        sql`SELECT sequence FROM alert WHERE ${among}
            ORDER BY ${column} ${reversed === isText ? sql`DESC` : sql``}, sequence ${direction}`,
      );
    switch (sort) {
      case 'last-seen':
        return byColumn(sql`last_seen_ms`);
      case 'first-seen':
        return byColumn(sql`first_seen_ms`);
      case 'count':
        return byColumn(sql`count`);
      case 'entity':
        return byColumn(sql`lead`, true);
      case 'technique':
        // '~' comes after every list.
        return byColumn(sql`CASE techniques WHEN '[]' THEN '~' ELSE techniques END`, true);
      case 'title':
        return database.numbers(
          sql`SELECT sequence FROM alert JOIN alert_title ON alert_title.id = title_id WHERE ${among}
              ORDER BY ${titleOrder(reversed)}, sequence ${direction}`,
        );
      case 'customer':
      case 'service':
      case 'source':
      case 'mitigated': {
        return groupsOf(sort, reversed).flatMap((group) =>
          database.numbers(
            sql`SELECT alert.sequence FROM json_each(${`[${sequences.join(',')}]`}) AS one
                CROSS JOIN alert ON alert.sequence = one.value WHERE ${group} ORDER BY sequence ${direction}`,
          ),
        );
      }
      case 'received':
        return reversed ? sequences : sequences.slice().reverse();
      case 'severity':
      case 'status':
      case 'assignee':
      case 'lane':
      case 'disposition': {
        const rankOf = stateRanks[sort];
        const rankAt = (sequence: number) => rankOf(states.get(sequence));
        const inOrder = Array.from(sequences).sort(
          (left, right) => compareRanks(rankAt(left), rankAt(right)) || right - left,
        );
        return reversed ? inOrder.reverse() : inOrder;
      }
      default:
        return assertNever(sort);
    }
  }

  return { walk, sortFew };
}

export type AlertOrder = ReturnType<typeof createAlertOrder>;
