import { assertNever } from '../domain/result.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../domain/time.ts';
import type { QueryNode, TextMatch } from './query-node.ts';

/** A value as it must be written in a query: quoted where the grammar needs it. */
export function quoteQueryValue(value: string): string {
  return /^[^\s"(),*?]+$/u.test(value) && !value.includes('..')
    ? value
    : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** A length of time in the largest unit that holds it exactly. */
function printDuration(durationMs: number): string {
  for (const [unit, unitMs] of [
    ['w', 7 * dayMs],
    ['d', dayMs],
    ['h', hourMs],
    ['m', minuteMs],
  ] as const) {
    if (durationMs % unitMs === 0) return `${durationMs / unitMs}${unit}`;
  }
  return `${durationMs / secondMs}s`;
}

function printText(field: string, match: TextMatch, text: string): string {
  if (match === 'pattern') return `${field}:${text}`;
  return match === 'prefix' ? `${field}:${text}*` : `${field}:${quoted(text)}`;
}

function printTerm(node: Exclude<QueryNode, { type: 'all' | 'any' | 'not' }>): string {
  switch (node.type) {
    case 'severity':
    case 'status':
    case 'lane':
    case 'mitigated':
      return `${node.type}:${node.values.join(',')}`;
    case 'disposition':
      return `disposition:${node.values.map((value) => value ?? 'none').join(',')}`;
    case 'source-state':
      return `state:${node.values.join(',')}`;
    case 'snoozed':
      return 'status:snoozed';
    case 'source':
    case 'customer':
    case 'service':
    case 'signal':
      // Unquoted text of these stands anywhere, quoted text is all of it.
      return node.match === 'contains'
        ? `${node.type}:${node.text}`
        : printText(node.type, node.match, node.text);
    case 'title':
    case 'why':
      return printText(node.type, node.match, node.text);
    case 'assignee':
      return node.who === null
        ? 'assignee:none'
        : 'me' in node.who
          ? 'assignee:me'
          : `assignee:${quoted(node.who.name)}`;
    case 'entity':
      // An address that is one is looked up as it is, unquoted.
      return node.match === 'equals'
        ? `${node.kind ?? 'entity'}:${node.text}`
        : printText(node.kind ?? 'entity', node.match, node.text);
    case 'asn':
      return `asn:${node.asn}`;
    case 'country':
      return `country:${node.code}`;
    case 'network':
      return `ip:${node.cidr}`;
    case 'end': {
      const field = node.role === 'source' ? 'src' : 'dst';
      if ('cidr' in node.address) return `${field}:${node.address.cidr}`;
      return node.address.match === 'equals'
        ? `${field}:${node.address.text}`
        : printText(field, node.address.match, node.address.text);
    }
    case 'technique':
      return `technique:${node.id}`;
    case 'count':
      return `count${node.comparison}${node.value}`;
    case 'age':
    case 'first':
    case 'seen':
      return `${node.type}${node.comparison}${printDuration(node.durationMs)}`;
    case 'time':
      return `${node.of}${node.comparison}${new Date(node.timeMs).toISOString().slice(0, 19)}Z`;
    case 'case':
    case 'suppressed':
    case 'merged':
    case 'split':
      return typeof node.which === 'string'
        ? `${node.type}:${node.which === 'some' ? 'any' : 'none'}`
        : `${node.type}:${quoted(node.which.id)}`;
    case 'text':
      return node.match === 'pattern' ? node.text : quoted(node.text);
    default:
      return assertNever(node);
  }
}

/**
 * A parsed query as text again: parsing that text gives the same query. null is the empty text, which is everything.
 */
export function printAlertQuery(node: QueryNode | null): string {
  if (node === null) return '';
  const inner = (each: QueryNode) =>
    each.type === 'all' || each.type === 'any' ? `(${printAlertQuery(each)})` : printAlertQuery(each);
  switch (node.type) {
    case 'all':
      return node.nodes.map(inner).join(' ');
    case 'any':
      return node.nodes.map(inner).join(' OR ');
    case 'not':
      return node.node.type === 'not' ? `-(${printAlertQuery(node.node)})` : `-${inner(node.node)}`;
    default:
      return printTerm(node);
  }
}
