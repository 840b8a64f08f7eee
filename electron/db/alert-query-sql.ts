import type { Comparison, QueryTerm, TextMatch } from '../../shared/domain/alert-query.ts';
import { assertNever } from '../../shared/domain/result.ts';
import { masksOf, roleBit } from './enums.ts';
import { listSql, type Sql, sql } from './sql.ts';

type SuppressedTerm = Extract<QueryTerm, { type: 'suppressed' }>;
/** Terms about the state of an alert, which is not in its row. */
export type StateTerm =
  | Extract<
      QueryTerm,
      { type: 'severity' | 'status' | 'snoozed' | 'lane' | 'disposition' | 'assignee' | 'case' }
    >
  | (SuppressedTerm & { readonly which: 'some' | 'none' });
type NamedTerm = Extract<QueryTerm, { type: 'source' | 'customer' | 'service' | 'signal' }>;
/** Terms about what many alerts share: their entities, sources and suppressions. */
export type LinkTerm =
  | Extract<QueryTerm, { type: 'entity' | 'network' | 'end' }>
  | (NamedTerm & { readonly type: 'source' })
  | (SuppressedTerm & { readonly which: { readonly id: string } });
/** Terms that an index on rows answers. */
const indexedTypes: ReadonlySet<QueryTerm['type']> = new Set(['customer', 'service', 'count', 'age', 'seen']);

/** Whether every row has to be looked at for a term. */
export const isScanned = (term: StoredTerm): boolean =>
  !indexedTypes.has(term.type) && !(term.type === 'time' && term.of !== 'first');

/** Terms about its row; `text` is about its entities and source, too. */
export type StoredTerm =
  | Exclude<QueryTerm, StateTerm | LinkTerm | NamedTerm | SuppressedTerm>
  | (NamedTerm & { readonly type: Exclude<NamedTerm['type'], 'source'> });

/** Joined as a balanced tree: SQLite refuses expressions deeper than 1,000. */
function joined(pieces: readonly Sql[], by: 'AND' | 'OR'): Sql {
  const [first] = pieces;
  if (first === undefined) return by === 'AND' ? sql`1` : sql`0`;
  if (pieces.length === 1) return first;
  const middle = pieces.length >> 1;
  const left = joined(pieces.slice(0, middle), by);
  const right = joined(pieces.slice(middle), by);
  return by === 'AND' ? sql`(${left} AND ${right})` : sql`(${left} OR ${right})`;
}

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

/** Addresses of an IPv4 network begin alike: the index narrows them down before each is looked at. */
function networkCondition(cidr: string): Sql {
  const [address = '', length = ''] = cidr.split('/');
  const bytes = address.includes(':') ? 0 : Math.floor(Number(length) / 8);
  const inside = sql`lies_in_network(entity.value, ${cidr})`;
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

/**
 * The condition on table `alert` that terms stand for together; everything from the query is bound. It agrees with
 * `matchesAlertQuery`, except that it also finds entities beyond the fifty shown with an alert.
 */
export function storedTermsSql(terms: readonly StoredTerm[], by: 'AND' | 'OR', nowMs: number): Sql {
  return joined(
    terms.map((term) => sql`(${termSql(term, nowMs)})`),
    by,
  );
}

function termSql(node: StoredTerm, nowMs: number): Sql {
  switch (node.type) {
    case 'mitigated':
      return sql`alert.mitigated_mask IN ${listSql(masksOf(node.values))}`;
    case 'source-state':
      return sql`alert.source_state IN ${listSql(node.values)}`;
    case 'customer':
      return sql`alert.customer_id IN (SELECT id FROM customer
        WHERE ${textCondition(sql`customer.id`, node.match, node.text)}
           OR ${textCondition(sql`customer.name`, node.match, node.text)})`;
    case 'service':
      return sql`alert.service_id IN (SELECT id FROM service
        WHERE ${textCondition(sql`service.id`, node.match, node.text)}
           OR ${textCondition(sql`service.name`, node.match, node.text)})`;
    case 'signal':
      return sql`EXISTS (SELECT 1 FROM json_each(alert.signal_ids) AS one JOIN signal ON signal.id = one.value
        WHERE ${textCondition(sql`signal.id`, node.match, node.text)}
           OR ${textCondition(sql`signal.name`, node.match, node.text)})`;
    case 'title':
      return textCondition(sql`alert.title`, node.match, node.text);
    case 'why':
      return textCondition(sql`alert.why`, node.match, node.text);
    case 'technique':
      return sql`${textCondition(sql`alert.techniques`, 'contains', `"${node.id}"`)}
        OR ${textCondition(sql`alert.techniques`, 'contains', `"${node.id}.`)}`;
    case 'count':
      return comparisonSql(sql`alert.count`, node.comparison, node.value);
    case 'age':
      return agoSql(sql`alert.received_ms`, node.comparison, nowMs - node.durationMs);
    case 'first':
      return agoSql(sql`alert.first_seen_ms`, node.comparison, nowMs - node.durationMs);
    case 'seen':
      return agoSql(sql`alert.last_seen_ms`, node.comparison, nowMs - node.durationMs);
    case 'time': {
      const column = {
        age: sql`alert.received_ms`,
        first: sql`alert.first_seen_ms`,
        seen: sql`alert.last_seen_ms`,
      }[node.of];
      return comparisonSql(column, node.comparison, node.timeMs);
    }
    case 'text':
      return sql`${textCondition(sql`alert.title`, node.match, node.text)}
        OR ${textCondition(sql`alert.why`, node.match, node.text)}`;
    default:
      return assertNever(node);
  }
}

/** The numbers of alerts of those sources for which a condition on `one` holds: sources are few, and stepped through. */
const ofSources = (condition: Sql): Sql => sql`
  WITH RECURSIVE step (sequence) AS (
    SELECT (SELECT sequence FROM alert ORDER BY source_id, source_kind LIMIT 1)
    UNION ALL
    SELECT coalesce(
      (SELECT sequence FROM alert WHERE source_id = before.source_id AND source_kind > before.source_kind
        ORDER BY source_kind LIMIT 1),
      (SELECT sequence FROM alert WHERE source_id > before.source_id ORDER BY source_id, source_kind LIMIT 1))
    FROM step JOIN alert AS before ON before.sequence = step.sequence
  )
  SELECT alert.sequence FROM step CROSS JOIN alert AS one ON one.sequence = step.sequence
    CROSS JOIN alert ON alert.source_id = one.source_id AND alert.source_kind = one.source_kind
  WHERE ${condition}`;

/**
 * The numbers of alerts that share what a term is about, some of them more than once: through indexes alone, past the
 * wide rows of alerts.
 */
export function linkedAlertsSql(term: LinkTerm | Extract<QueryTerm, { type: 'text' }>): Sql {
  const linked = (condition: Sql, more = sql``) =>
    sql`SELECT alert_sequence FROM alert_entity
        WHERE entity_id IN (SELECT entity.id FROM entity WHERE ${condition}) ${more}`;
  const inNetwork = (cidr: string) => sql`entity.kind IN ('ip', 'cidr') AND ${networkCondition(cidr)}`;
  // Addresses are canonical on both sides: one look-up in an index.
  const isAddress = (match: TextMatch, text: string) =>
    match === 'equals'
      ? sql`entity.kind = 'ip' AND entity.value = ${text.toLowerCase()}`
      : sql`entity.kind = 'ip' AND ${textCondition(sql`entity.value`, match, text)}`;
  switch (term.type) {
    case 'entity': {
      if (term.kind === 'ip') return linked(isAddress(term.match, term.text));
      const text = textCondition(sql`entity.value`, term.match, term.text);
      return linked(term.kind === null ? text : sql`entity.kind = ${term.kind} AND ${text}`);
    }
    case 'network':
      return linked(inNetwork(term.cidr));
    case 'end': {
      const { address } = term;
      return linked(
        'cidr' in address ? inNetwork(address.cidr) : isAddress(address.match, address.text),
        sql`AND roles & ${roleBit(term.role)}`,
      );
    }
    case 'source':
      return ofSources(
        sql`${textCondition(sql`one.source_id`, term.match, term.text)}
          OR ${textCondition(sql`one.source_kind`, term.match, term.text)}
          OR one.source_id IN (SELECT id FROM connection
               WHERE ${textCondition(sql`connection.name`, term.match, term.text)})`,
      );
    case 'suppressed':
      return sql`SELECT alert_sequence FROM suppression_alert
        WHERE suppression = (SELECT position FROM suppression WHERE id = ${term.which.id})`;
    case 'text':
      return sql`SELECT * FROM (${ofSources(textCondition(sql`one.source_kind`, term.match, term.text))})
        UNION ALL ${linked(textCondition(sql`entity.value`, term.match, term.text))}`;
    default:
      return assertNever(term);
  }
}
