import ipaddr from 'ipaddr.js';
import type { Alert } from '../domain/alert.ts';
import { asnOfEntity, countryOfEntity, type OriginLookUp } from '../domain/enrichment.ts';
import { assertNever } from '../domain/result.ts';
import { compare, type QueryNode, type TextMatch } from './query-node.ts';

/** What of the alerts that the open queue leaves out a query asks for itself. */
export interface AsksFor {
  /** Closed ones, or a disposition. */
  readonly closed: boolean;
  readonly snoozed: boolean;
  /** Those that a suppression holds. */
  readonly suppressed: boolean;
  /** Those for which another row stands: merged ones, and those whose parts do. */
  readonly merged: boolean;
  readonly split: boolean;
}

/**
 * Whether a query itself asks for alerts that are done with or held back: closed, snoozed, suppressed, merged or split
 * ones. The queue leaves those out unless it does.
 */
export function asksForDone(node: QueryNode | null): AsksFor {
  const nothing: AsksFor = {
    closed: false,
    snoozed: false,
    suppressed: false,
    merged: false,
    split: false,
  };
  if (node === null) return nothing;
  switch (node.type) {
    case 'all':
    case 'any': {
      const parts = node.nodes.map(asksForDone);
      return {
        closed: parts.some((part) => part.closed),
        snoozed: parts.some((part) => part.snoozed),
        suppressed: parts.some((part) => part.suppressed),
        merged: parts.some((part) => part.merged),
        split: parts.some((part) => part.split),
      };
    }
    case 'status':
      return { ...nothing, closed: node.values.includes('closed') };
    case 'disposition':
      return { ...nothing, closed: node.values.some((value) => value !== null) };
    case 'snoozed':
      return { ...nothing, snoozed: true };
    case 'suppressed':
      return { ...nothing, suppressed: node.which !== 'none' };
    case 'merged':
      return { ...nothing, merged: node.which !== 'none' };
    case 'split':
      return { ...nothing, split: node.which !== 'none' };
    default:
      return nothing;
  }
}

/** The free texts of a query that are looked for anywhere within a text, each once. */
export function freeTextsOf(node: QueryNode | null): string[] {
  if (node === null) return [];
  switch (node.type) {
    case 'all':
    case 'any':
      return [...new Set(node.nodes.flatMap(freeTextsOf))];
    case 'not':
      return freeTextsOf(node.node);
    case 'text':
      return node.match === 'contains' ? [node.text] : [];
    default:
      return [];
  }
}

/** What is needed beside an alert to decide whether it matches. Names are looked up by id. */
export interface QueryContext {
  readonly nowMs: number;
  readonly analystName: string | null;
  readonly customerName: (id: string) => string | null;
  readonly serviceName: (id: string) => string | null;
  readonly sourceName: (id: string) => string | null;
  readonly signalName: (id: string) => string | null;
  readonly originOf: OriginLookUp;
  /** Whether one of its raw records has a text; letters of ASCII are one in both cases. */
  readonly hasRecord: (alert: Alert, text: string) => boolean;
}

/** Whether a text matches, without regard to case. */
export function matchesText(value: string | null, match: TextMatch, text: string): boolean {
  if (value === null) return false;
  const left = value.toLowerCase();
  const right = text.toLowerCase();
  switch (match) {
    case 'equals':
      return left === right;
    case 'prefix':
      return left.startsWith(right);
    case 'contains':
      return left.includes(right);
    case 'pattern':
      return matchesPattern([...left], [...right]);
  }
}

/** Whether characters match a pattern of * and ? as a whole: in time bounded by the product of the two lengths. */
function matchesPattern(value: readonly string[], pattern: readonly string[]): boolean {
  let [at, place, star, resume] = [0, 0, -1, 0];
  while (at < value.length) {
    if (pattern[place] === '*') {
      star = place;
      place += 1;
      resume = at;
    } else if (pattern[place] === '?' || (place < pattern.length && pattern[place] === value[at])) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      place = star + 1;
    } else return false;
  }
  while (pattern[place] === '*') place += 1;
  return place === pattern.length;
}

/** Whether an address or network text lies in a canonical CIDR; false for anything that is neither. */
export function liesInNetwork(value: string, cidr: string): boolean {
  try {
    const network = ipaddr.parseCIDR(cidr);
    if (value.includes('/')) {
      const inner = ipaddr.parseCIDR(value);
      return inner[0].kind() === network[0].kind() && inner[1] >= network[1] && inner[0].match(network);
    }
    if (!ipaddr.isValid(value)) return false;
    const address = ipaddr.parse(value);
    return address.kind() === network[0].kind() && address.match(network);
  } catch {
    return false;
  }
}

function timeOf(alert: Alert, of: 'age' | 'first' | 'seen'): number {
  return of === 'age' ? alert.receivedMs : of === 'first' ? alert.firstSeenMs : alert.lastSeenMs;
}

/** Whether one alert matches: the meaning of the grammar, which the SQL must agree with. */
export function matchesAlertQuery(node: QueryNode | null, alert: Alert, context: QueryContext): boolean {
  if (node === null) return true;
  switch (node.type) {
    case 'all':
      return node.nodes.every((inner) => matchesAlertQuery(inner, alert, context));
    case 'any':
      return node.nodes.some((inner) => matchesAlertQuery(inner, alert, context));
    case 'not':
      return !matchesAlertQuery(node.node, alert, context);
    case 'severity':
      return node.values.includes(alert.severity);
    case 'status':
      return node.values.includes(alert.status);
    case 'snoozed':
      return alert.snoozedUntilMs !== null && alert.snoozedUntilMs > context.nowMs;
    case 'lane':
      return node.values.includes(alert.lane);
    case 'disposition':
      return node.values.includes(alert.disposition);
    case 'mitigated':
      return node.values.includes(alert.mitigated);
    case 'source-state':
      return alert.sourceState !== null && node.values.includes(alert.sourceState);
    case 'source':
      return [alert.sourceId, alert.sourceKind, context.sourceName(alert.sourceId)].some((value) =>
        matchesText(value, node.match, node.text),
      );
    case 'customer':
      return (
        alert.customerId !== null &&
        [alert.customerId, context.customerName(alert.customerId)].some((value) =>
          matchesText(value, node.match, node.text),
        )
      );
    case 'service':
      return (
        alert.serviceId !== null &&
        [alert.serviceId, context.serviceName(alert.serviceId)].some((value) =>
          matchesText(value, node.match, node.text),
        )
      );
    case 'signal':
      return alert.signalIds.some((id) =>
        [id, context.signalName(id)].some((value) => matchesText(value, node.match, node.text)),
      );
    case 'assignee': {
      if (node.who === null) return alert.assignee === null;
      const name = 'me' in node.who ? context.analystName : node.who.name;
      return name !== null && matchesText(alert.assignee, 'equals', name);
    }
    case 'title':
      return matchesText(alert.title, node.match, node.text);
    case 'why':
      return matchesText(alert.why, node.match, node.text);
    case 'entity':
      return alert.entities.some(
        (entity) =>
          (node.kind === null || entity.kind === node.kind) &&
          matchesText(entity.value, node.match, node.text),
      );
    case 'asn':
      return alert.entities.some((entity) => asnOfEntity(entity, context.originOf) === node.asn);
    case 'country':
      return alert.entities.some((entity) => countryOfEntity(entity, context.originOf) === node.code);
    case 'network':
      return alert.entities.some(
        (entity) =>
          (entity.kind === 'ip' || entity.kind === 'cidr') && liesInNetwork(entity.value, node.cidr),
      );
    case 'end': {
      const { role, address } = node;
      return alert.entities.some(
        (entity) =>
          entity.role === role &&
          (entity.kind === 'ip' || ('cidr' in address && entity.kind === 'cidr')) &&
          ('cidr' in address
            ? liesInNetwork(entity.value, address.cidr)
            : matchesText(entity.value, address.match, address.text)),
      );
    }
    case 'technique':
      return alert.techniques.some(
        (technique) => technique === node.id || technique.startsWith(`${node.id}.`),
      );
    case 'count':
      return compare(alert.count, node.comparison, node.value);
    case 'age':
      return compare(context.nowMs - alert.receivedMs, node.comparison, node.durationMs);
    case 'first':
      return compare(context.nowMs - alert.firstSeenMs, node.comparison, node.durationMs);
    case 'seen':
      return compare(context.nowMs - alert.lastSeenMs, node.comparison, node.durationMs);
    case 'time':
      return compare(timeOf(alert, node.of), node.comparison, node.timeMs);
    case 'case':
      if (node.which === 'some') return alert.caseId !== null;
      if (node.which === 'none') return alert.caseId === null;
      return alert.caseId === node.which.id;
    case 'suppressed':
      if (node.which === 'some') return alert.suppressed !== null;
      if (node.which === 'none') return alert.suppressed === null;
      return alert.suppressionIds.includes(node.which.id);
    case 'merged':
      if (node.which === 'some') return alert.parentId !== null;
      if (node.which === 'none') return alert.parentId === null;
      return alert.parentId === node.which.id;
    case 'split':
      if (node.which === 'some') return alert.split !== null;
      if (node.which === 'none') return alert.split === null;
      return alert.partOf?.id === node.which.id;
    case 'text':
      return (
        matchesText(alert.title, node.match, node.text) ||
        matchesText(alert.why, node.match, node.text) ||
        matchesText(alert.sourceKind, node.match, node.text) ||
        alert.entities.some((entity) => matchesText(entity.value, node.match, node.text)) ||
        (node.match === 'contains' && context.hasRecord(alert, node.text))
      );
    default:
      return assertNever(node);
  }
}
