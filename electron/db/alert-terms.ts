import ipaddr from 'ipaddr.js';
import { assertNever } from '../../shared/domain/result.ts';
import type { Comparison, QueryTerm, TextMatch } from '../../shared/query/query-node.ts';
import { masksOf, roleBit } from './enums.ts';
import { type Sql, type SqlDatabase, sql } from './sql.ts';

/*
 * What the terms of a query mean in tables. Texts are looked for where they lie once, in titles, reasons, entities and
 * sources; what is left is a question that an index answers for all alerts, and a few looks for a few of them.
 */

type LinkedTerm = Extract<QueryTerm, { type: 'suppressed' | 'split' }>;
/** Terms about the state of an alert, which is in memory. */
export type StateTerm =
  | Extract<
      QueryTerm,
      { type: 'severity' | 'status' | 'snoozed' | 'lane' | 'disposition' | 'assignee' | 'case' | 'merged' }
    >
  | (LinkedTerm & { readonly which: 'some' | 'none' });
/** All others. */
export type StoredTerm =
  | Exclude<QueryTerm, StateTerm | LinkedTerm>
  | (LinkedTerm & { readonly which: { readonly id: string } });

/** Texts that lie once each, and which alerts have them. */
type TextTable = 'entity' | 'title' | 'why';

/** One way in which an alert meets a term. */
export type Criterion =
  /** A condition on table `alert` that an index answers. */
  | { readonly by: 'row'; readonly condition: Sql }
  /** It has one of the texts for which a condition on their table holds. */
  | {
      readonly by: TextTable;
      readonly condition: Sql;
      /** Parts in which entities count; null is any. */
      readonly roles: number | null;
      /** The numbers of those texts: all are looked through at the first call. */
      readonly ids: () => readonly number[];
      readonly isLookedUp: () => boolean;
    }
  /** It is one of these. */
  | { readonly by: 'set'; readonly sequences: ReadonlySet<number> }
  /** It is among the numbers that a statement gives. */
  | { readonly by: 'numbers'; readonly statement: Sql };

/** A condition on a column in the grammar's own sense: without regard to case, `%` and `_` as themselves. */
function textCondition(column: Sql, match: TextMatch, text: string): Sql {
  // ASCII runs in SQLite's own LIKE, which is ten times faster than a call out.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the ASCII characters
  if (!/^[\x01-\x7f]*$/.test(text)) return sql`text_matches(${column}, ${match}, ${text})`;
  const escaped = text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
  if (match === 'pattern') {
    const pattern = escaped.replaceAll('*', '%').replaceAll('?', '_');
    return sql`${column} LIKE ${pattern} ESCAPE '\\'`;
  }
  const pattern = match === 'equals' ? escaped : match === 'prefix' ? `${escaped}%` : `%${escaped}%`;
  return sql`${column} LIKE ${pattern} ESCAPE '\\'`;
}

/** Triples that are asked for: more tell nothing more. */
const mostTriples = 8;

/**
 * What an index of triples is asked, so that it gives all texts that may match, and few others; null where a text has
 * nothing to ask for. It folds more letters into one than the grammar does, so that ASCII alone is asked for.
 */
export function triplesOf(match: TextMatch, text: string): string | null {
  const certain = match === 'pattern' ? text.split(/[*?]/) : [text];
  const longest = certain.reduce((best, part) => (part.length > best.length ? part : best), '');
  if (!/^[\x20-\x7e]{3,}$/.test(longest)) return null;
  const places = longest.length - 2;
  const step = Math.max(1, places / mostTriples);
  const triples = new Set<string>();
  for (let place = 0; place < places; place += step) {
    const at = Math.floor(place);
    triples.add(longest.slice(at, at + 3).toLowerCase());
  }
  return [...triples].map((triple) => `"${triple.replaceAll('"', '""')}"`).join(' AND ');
}

/** How all addresses of an IPv6 network begin: with its whole groups, up to the first zero that `::` may stand for. */
function sharedGroups(cidr: string): string {
  const [address, length] = ipaddr.IPv6.parseCIDR(cidr);
  const whole = address.parts.slice(0, Math.min(7, Math.floor(length / 16)));
  const zero = whole.indexOf(0);
  return (zero < 0 ? whole : whole.slice(0, zero)).map((part) => `${part.toString(16)}:`).join('');
}

/** Addresses of a network begin alike: the index narrows them down before each is looked at. */
function networkCondition(cidr: string): Sql {
  const [address = '', length = ''] = cidr.split('/');
  const inside = sql`lies_in_network(entity.value, ${cidr})`;
  if (address.includes(':')) {
    const start = sharedGroups(cidr);
    if (start === '') return inside;
    // ';' is the character after ':'.
    return sql`entity.value >= ${start} AND entity.value < ${start.replace(/:$/, ';')} AND ${inside}`;
  }
  const bytes = Math.floor(Number(length) / 8);
  if (!(bytes >= 1 && bytes <= 3))
    return bytes === 4 ? sql`${inside} AND (entity.value = ${address} OR entity.value = ${cidr})` : inside;
  const start = address.split('.').slice(0, bytes).join('.');
  // '/' is the character after '.'.
  return sql`entity.value > ${`${start}.`} AND entity.value < ${`${start}/`} AND ${inside}`;
}

function comparisonSql(left: Sql, comparison: Comparison, right: number): Sql {
  switch (comparison) {
    case '=':
      return sql`${left} = ${right}`;
    case '<':
      return sql`${left} < ${right}`;
    case '<=':
      return sql`${left} <= ${right}`;
    case '>':
      return sql`${left} > ${right}`;
    case '>=':
      return sql`${left} >= ${right}`;
    default:
      return assertNever(comparison);
  }
}

/** The other way round: longer ago is earlier. The column stands alone, so that its index serves. */
function agoSql(column: Sql, comparison: Comparison, timeMs: number): Sql {
  const turned = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
  return comparisonSql(column, turned[comparison], timeMs);
}

const timeColumns = {
  age: sql`alert.received_ms`,
  first: sql`alert.first_seen_ms`,
  seen: sql`alert.last_seen_ms`,
} as const;

/** Values of an index that has few different ones, stepped through: rising, without NULL. */
const steps = (column: Sql, condition: Sql): Sql => sql`
  WITH RECURSIVE step (value) AS (
    SELECT min(${column}) FROM alert WHERE ${condition}
    UNION ALL
    SELECT (SELECT min(${column}) FROM alert WHERE ${column} > step.value AND ${condition})
    FROM step WHERE step.value IS NOT NULL
  )
  SELECT value FROM step WHERE value IS NOT NULL`;

/** The pairs of id and kind among the sources of alerts, stepped through likewise. */
const sourcePairs: Sql = sql`
  WITH RECURSIVE step (sequence) AS (
    SELECT (SELECT sequence FROM alert ORDER BY source_id, source_kind LIMIT 1)
    UNION ALL
    SELECT coalesce(
      (SELECT sequence FROM alert WHERE source_id = before.source_id AND source_kind > before.source_kind
        ORDER BY source_kind LIMIT 1),
      (SELECT sequence FROM alert WHERE source_id > before.source_id ORDER BY source_id, source_kind LIMIT 1))
    FROM step JOIN alert AS before ON before.sequence = step.sequence
  )
  SELECT one.source_id AS id, one.source_kind AS kind FROM step CROSS JOIN alert AS one ON one.sequence = step.sequence`;

export interface SourcePair {
  readonly id: string;
  readonly kind: string;
}

/** What is known of a text in raw records: the alerts that have one with it. */
export interface SearchedRecords {
  known(text: string): { readonly sequences: ReadonlySet<number> } | null;
}

/** @param records where raw records were looked through, for those who search these, too */
export function createAlertTerms(database: SqlDatabase, records: SearchedRecords | null) {
  const strings = (statement: Sql): string[] =>
    database.all<{ readonly value: string }>(statement).map((row) => row.value);
  const isOneOf = (column: Sql, keys: readonly (string | number)[]): Criterion => ({
    by: 'row',
    condition: sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`,
  });
  const row = (condition: Sql): Criterion => ({ by: 'row', condition });

  /** @param among narrows all of the table down to those that may meet the condition */
  function texts(by: TextTable, condition: Sql, roles: number | null = null, among: Sql = sql``): Criterion {
    let known: readonly number[] | null = null;
    const table = { entity: sql`entity`, title: sql`alert_title`, why: sql`alert_why` }[by];
    return {
      by,
      condition,
      roles,
      ids: () => {
        known ??= database.numbers(sql`SELECT id FROM ${table} WHERE ${condition} ${among}`);
        return known;
      },
      isLookedUp: () => known !== null,
    };
  }
  const entities = (condition: Sql, roles: number | null = null) => texts('entity', condition, roles);
  const inNetwork = (cidr: string) => sql`entity.kind IN ('ip', 'cidr') AND ${networkCondition(cidr)}`;
  // Addresses are canonical on both sides: one look-up in an index.
  const isAddress = (match: TextMatch, text: string) =>
    match === 'equals'
      ? sql`entity.kind = 'ip' AND entity.value = ${text.toLowerCase()}`
      : sql`entity.kind = 'ip' AND ${textCondition(sql`entity.value`, match, text)}`;

  const titles = (match: TextMatch, text: string) =>
    texts('title', textCondition(sql`alert_title.text`, match, text));
  const whys = (match: TextMatch, text: string) => {
    const triples = triplesOf(match, text);
    return texts(
      'why',
      textCondition(sql`alert_why.text`, match, text),
      null,
      triples === null
        ? sql``
        : sql`AND (id > (SELECT up_to FROM alert_why_indexed WHERE id = 1)
                OR id IN (SELECT rowid FROM alert_why_index WHERE alert_why_index MATCH ${triples}))`,
    );
  };
  const sources = (condition: Sql): Criterion[] =>
    database
      .all<SourcePair>(sql`SELECT * FROM (${sourcePairs}) AS one WHERE ${condition}`)
      .map(({ id, kind }) => row(sql`alert.source_id = ${id} AND alert.source_kind = ${kind}`));
  /** The lists of techniques that alerts have, each once, rising; without the empty one. */
  const techniqueLists = (): string[] => strings(steps(sql`techniques`, sql`techniques <> '[]'`));
  const technique = (id: string): Criterion => {
    const wanted = techniqueLists().filter((list) => {
      const ids: string[] = JSON.parse(list);
      return ids.some((one) => one === id || one.startsWith(`${id}.`));
    });
    const among = sql`(SELECT value FROM json_each(${JSON.stringify(wanted)}))`;
    return row(sql`alert.techniques <> '[]' AND alert.techniques IN ${among}`);
  };
  const named = (column: Sql, table: Sql, match: TextMatch, text: string): Criterion =>
    isOneOf(
      column,
      strings(
        sql`SELECT id AS value FROM ${table} WHERE ${textCondition(sql`id`, match, text)}
              OR ${textCondition(sql`name`, match, text)}`,
      ),
    );

  function inRecords(term: Extract<StoredTerm, { type: 'text' }>): Criterion[] {
    const hits = term.match === 'contains' ? records?.known(term.text) : undefined;
    return hits ? [{ by: 'set', sequences: hits.sequences }] : [];
  }

  /** The ways to meet a term; none where nothing does. */
  function criteriaOf(term: StoredTerm, nowMs: number): readonly Criterion[] {
    switch (term.type) {
      case 'mitigated':
        return [isOneOf(sql`alert.mitigated_mask`, masksOf(term.values))];
      case 'source-state':
        return [isOneOf(sql`alert.source_state`, term.values)];
      case 'customer':
        return [named(sql`alert.customer_id`, sql`customer`, term.match, term.text)];
      case 'service':
        return [named(sql`alert.service_id`, sql`service`, term.match, term.text)];
      case 'signal':
        return [
          row(
            sql`alert.signal_ids <> '[]' AND EXISTS (
                  SELECT 1 FROM json_each(alert.signal_ids) AS one JOIN signal ON signal.id = one.value
                  WHERE ${textCondition(sql`signal.id`, term.match, term.text)}
                     OR ${textCondition(sql`signal.name`, term.match, term.text)})`,
          ),
        ];
      case 'title':
        return [titles(term.match, term.text)];
      case 'why':
        return [whys(term.match, term.text)];
      case 'technique':
        return [technique(term.id)];
      case 'count':
        return [row(comparisonSql(sql`alert.count`, term.comparison, term.value))];
      case 'age':
      case 'first':
      case 'seen':
        return [row(agoSql(timeColumns[term.type], term.comparison, nowMs - term.durationMs))];
      case 'time':
        return [row(comparisonSql(timeColumns[term.of], term.comparison, term.timeMs))];
      case 'entity': {
        if (term.kind === 'ip') return [entities(isAddress(term.match, term.text))];
        const text = textCondition(sql`entity.value`, term.match, term.text);
        return [entities(term.kind === null ? text : sql`entity.kind = ${term.kind} AND ${text}`)];
      }
      case 'asn':
        return [entities(sql`entity.asn = ${term.asn}`)];
      case 'country':
        return [entities(sql`entity.country = ${term.code}`)];
      case 'network':
        return [entities(inNetwork(term.cidr))];
      case 'end': {
        const { address } = term;
        return [
          entities(
            'cidr' in address ? inNetwork(address.cidr) : isAddress(address.match, address.text),
            roleBit(term.role),
          ),
        ];
      }
      case 'source':
        return sources(
          sql`${textCondition(sql`one.id`, term.match, term.text)}
            OR ${textCondition(sql`one.kind`, term.match, term.text)}
            OR one.id IN (SELECT id FROM connection
                 WHERE ${textCondition(sql`connection.name`, term.match, term.text)})`,
        );
      case 'suppressed':
        return [
          {
            by: 'numbers',
            statement: sql`SELECT alert_sequence FROM suppression_alert
              WHERE suppression = (SELECT position FROM suppression WHERE id = ${term.which.id})`,
          },
        ];
      case 'split':
        return [
          {
            by: 'numbers',
            statement: sql`SELECT alert_sequence FROM alert_part
              WHERE whole = (SELECT sequence FROM alert WHERE id = ${term.which.id})`,
          },
        ];
      case 'text':
        return [
          titles(term.match, term.text),
          whys(term.match, term.text),
          ...sources(textCondition(sql`one.kind`, term.match, term.text)),
          entities(textCondition(sql`entity.value`, term.match, term.text)),
          ...inRecords(term),
        ];
      default:
        return assertNever(term);
    }
  }

  return {
    criteriaOf,
    techniqueLists,
    sourcePairs: () => database.all<SourcePair>(sourcePairs),
    /** Ids that alerts have, each once. */
    idsIn: (column: Sql) => strings(steps(column, sql`${column} IS NOT NULL`)),
  };
}

export type AlertTerms = ReturnType<typeof createAlertTerms>;
