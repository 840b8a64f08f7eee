import type { Comparison, QueryTerm, TextMatch } from '../../shared/domain/alert-query.ts';
import { assertNever } from '../../shared/domain/result.ts';
import { masksOf } from './enums.ts';
import { listSql, type Sql, sql } from './sql.ts';

/** Terms about the state of an alert, which is not in its row. */
export type StateTerm = Extract<
  QueryTerm,
  { type: 'severity' | 'status' | 'snoozed' | 'lane' | 'disposition' | 'assignee' | 'case' }
>;
/** Terms about its row. */
export type StoredTerm = Exclude<QueryTerm, StateTerm>;

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

const withEntity = (condition: Sql): Sql =>
  sql`alert.sequence IN (SELECT alert_sequence FROM alert_entity
        WHERE entity_id IN (SELECT entity.id FROM entity WHERE ${condition}))`;

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
    case 'source':
      return sql`${textCondition(sql`alert.source_id`, node.match, node.text)}
        OR ${textCondition(sql`alert.source_kind`, node.match, node.text)}
        OR alert.source_id IN (SELECT id FROM connection
             WHERE ${textCondition(sql`connection.name`, node.match, node.text)})`;
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
    case 'entity': {
      const kind = node.kind === null ? sql`1` : sql`entity.kind = ${node.kind}`;
      // Addresses are canonical on both sides: one look-up in an index.
      if (node.kind === 'ip' && node.match === 'equals') {
        return withEntity(sql`${kind} AND entity.value = ${node.text.toLowerCase()}`);
      }
      return withEntity(sql`${kind} AND ${textCondition(sql`entity.value`, node.match, node.text)}`);
    }
    case 'network':
      return withEntity(sql`entity.kind IN ('ip', 'cidr') AND ${networkCondition(node.cidr)}`);
    case 'end': {
      const { role, address } = node;
      const isCidr = 'cidr' in address;
      const kinds = listSql(isCidr ? ['ip', 'cidr'] : ['ip']);
      const found = isCidr
        ? networkCondition(address.cidr)
        : address.match === 'equals'
          ? sql`entity.value = ${address.text.toLowerCase()}`
          : textCondition(sql`entity.value`, address.match, address.text);
      const value = sql`one.value ->> 'value'`;
      const isIt = isCidr
        ? sql`lies_in_network(${value}, ${address.cidr})`
        : textCondition(value, address.match, address.text);
      // The index narrows alerts down; which end it was is with the entities of each.
      return sql`${withEntity(sql`entity.kind IN ${kinds} AND ${found}`)}
        AND EXISTS (SELECT 1 FROM json_each(alert.entities) AS one
          WHERE one.value ->> 'role' = ${role} AND one.value ->> 'kind' IN ${kinds} AND ${isIt})`;
    }
    case 'technique':
      return sql`${textCondition(sql`alert.techniques`, 'contains', `"${node.id}"`)}
        OR ${textCondition(sql`alert.techniques`, 'contains', `"${node.id}.`)}`;
    case 'count':
      return comparisonSql(sql`alert.count`, node.comparison, node.value);
    case 'age':
      return comparisonSql(sql`(${nowMs} - alert.received_ms)`, node.comparison, node.durationMs);
    case 'first':
      return comparisonSql(sql`(${nowMs} - alert.first_seen_ms)`, node.comparison, node.durationMs);
    case 'seen':
      return comparisonSql(sql`(${nowMs} - alert.last_seen_ms)`, node.comparison, node.durationMs);
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
        OR ${textCondition(sql`alert.why`, node.match, node.text)}
        OR ${textCondition(sql`alert.source_kind`, node.match, node.text)}
        OR ${withEntity(textCondition(sql`entity.value`, node.match, node.text))}`;
    default:
      return assertNever(node);
  }
}
