import {
  type AlertStatus,
  alertStatuses,
  dispositions,
  lanes,
  mitigatedSchema,
  severities,
  severityRank,
  sourceStateSchema,
} from '../domain/alert.ts';
import { parseAsn, parseCountry } from '../domain/enrichment.ts';
import { type EntityKind, entityKinds } from '../domain/entity.ts';
import { closestField, type FieldDescription, fieldNamed, statusWords } from './query-fields.ts';
import {
  type Comparison,
  compare,
  comparisons,
  type QueryNode,
  type QueryProblem,
  type QueryTerm,
} from './query-node.ts';
import type { Token, Value } from './query-tokens.ts';
import { canonicalAddress, oneOf, parseDuration, parseMoment, rangeOf, textMatch } from './query-values.ts';

/** Combines terms, leaving out what is not there and never wrapping one node alone. */
export function combine(type: 'all' | 'any', nodes: readonly QueryNode[]): QueryNode | null {
  const [first] = nodes;
  if (first === undefined) return null;
  return nodes.length === 1 ? first : { type, nodes };
}

function addressTerm(value: Value, kind: EntityKind): Extract<QueryTerm, { type: 'network' | 'entity' }> {
  const canonical = value.quoted ? null : canonicalAddress(value.text);
  if (canonical !== null) {
    return 'cidr' in canonical
      ? { type: 'network', cidr: canonical.cidr }
      : { type: 'entity', kind, match: 'equals', text: canonical.address };
  }
  return { type: 'entity', kind, ...textMatch(value, 'contains') };
}

/** Comparisons with the moments that an absolute time stands for, or with how long ago something was. */
function timeTerm(
  of: 'age' | 'first' | 'seen',
  comparison: Comparison,
  values: readonly Value[],
  problem: (message: string, at?: { from: number; to: number }) => null,
): QueryNode | null {
  const [value] = values;
  if (value === undefined || values.length > 1) return problem(`${of} takes one value.`);
  const ago = (which: Comparison, durationMs: number): QueryTerm => ({
    type: of,
    comparison: which,
    durationMs,
  });
  const at = (which: Comparison, timeMs: number): QueryTerm => ({
    type: 'time',
    of,
    comparison: which,
    timeMs,
  });
  const range = rangeOf(value);
  if (range !== null) {
    if (comparison !== '=') return problem(`A range needs no ${comparison}: ${of}:${value.text}.`, value);
    const durations = range.map((end) => parseDuration(end.text));
    const moments = range.map((end) => parseMoment(end.text));
    const [shortest, longest] = durations;
    const [start, end] = moments;
    if (typeof shortest === 'number' && typeof longest === 'number') {
      return combine('all', [ago('>=', shortest), ago('<=', longest)]);
    }
    return start && end
      ? combine('all', [at('>=', start.fromMs), at('<', end.toMs)])
      : problem(`“${value.text}” is no range of times like 1h..1d or 2026-11-01..2026-11-03.`, value);
  }
  const moment = parseMoment(value.text);
  if (moment !== null) {
    switch (comparison) {
      case '=':
        return combine('all', [at('>=', moment.fromMs), at('<', moment.toMs)]);
      case '<':
      case '>=':
        return at(comparison, moment.fromMs);
      case '<=':
        return at('<', moment.toMs);
      case '>':
        return at('>=', moment.toMs);
    }
  }
  const durationMs = parseDuration(value.text);
  if (comparison === '=') {
    return problem(`${of} needs < or >: ${of}<${value.text === '' ? '1h' : value.text}.`);
  }
  return durationMs === null
    ? problem(
        `“${value.text}” is not a length of time like 15m or 2d, nor a time like 2026-11-01T02:14.`,
        value,
      )
    : ago(comparison, durationMs);
}

function fieldTerm(
  token: Extract<Token, { kind: 'term' }>,
  field: FieldDescription,
  operator: string,
  problems: QueryProblem[],
): QueryNode | null {
  const { values } = token;
  const comparison: Comparison =
    operator === ':' ? '=' : (comparisons.find((one) => one === operator.replace(/^:/, '')) ?? '=');
  const problem = (message: string, at: { from: number; to: number } = token) => {
    problems.push({ position: at.from, length: at.to - at.from, message });
    return null;
  };
  const [first] = values;
  if (first === undefined) return problem(`${field.name} needs a value: ${field.help}.`);
  if (field.operators === 'equality' && comparison !== '=') {
    return problem(`${field.name} has no order; write ${field.name}:${first.text}.`);
  }
  if (comparison !== '=' && values.length > 1) {
    return problem(`${field.name}${operator} takes one value.`);
  }
  const each = (make: (value: Value) => QueryTerm) => combine('any', values.map(make));

  switch (field.name) {
    case 'severity': {
      const range = values.length === 1 ? rangeOf(first) : null;
      if (range !== null) {
        const [low, high] = range.map((end) => oneOf([end], severities, 'severity', problems)[0]);
        if (low === undefined || high === undefined) return null;
        const kept = severities.slice(severityRank(low), severityRank(high) + 1);
        return kept.length === 0
          ? problem(`No severity is from ${low} to ${high}.`)
          : { type: 'severity', values: kept };
      }
      const found = oneOf(values, severities, 'severity', problems);
      const [limit] = found;
      if (limit === undefined) return null;
      if (comparison === '=') return { type: 'severity', values: found };
      const kept = severities.filter((severity) =>
        compare(severityRank(severity), comparison, severityRank(limit)),
      );
      return kept.length === 0
        ? problem(`No severity is ${comparison} ${limit}.`)
        : { type: 'severity', values: kept };
    }
    case 'status': {
      const found = oneOf(values, statusWords, 'status', problems);
      const statuses = new Set<AlertStatus>();
      for (const word of found) {
        if (word === 'snoozed') continue;
        for (const status of word === 'open' ? (['new', 'acknowledged', 'in-progress'] as const) : [word]) {
          statuses.add(status);
        }
      }
      const nodes: QueryTerm[] = [];
      if (statuses.size > 0) {
        nodes.push({ type: 'status', values: alertStatuses.filter((status) => statuses.has(status)) });
      }
      if (found.includes('snoozed')) nodes.push({ type: 'snoozed' });
      return combine('any', nodes);
    }
    case 'lane': {
      const found = oneOf(values, lanes, 'lane', problems);
      return found.length === 0 ? null : { type: 'lane', values: found };
    }
    case 'disposition': {
      const found = oneOf(values, [...dispositions, 'none'] as const, 'disposition', problems);
      return found.length === 0
        ? null
        : { type: 'disposition', values: found.map((word) => (word === 'none' ? null : word)) };
    }
    case 'mitigated': {
      const found = oneOf(values, mitigatedSchema.options, 'mitigated state', problems);
      return found.length === 0 ? null : { type: 'mitigated', values: found };
    }
    case 'state': {
      const found = oneOf(values, sourceStateSchema.options, 'state', problems);
      return found.length === 0 ? null : { type: 'source-state', values: found };
    }
    case 'source':
    case 'customer':
    case 'service':
    case 'signal': {
      const type = field.name;
      return each((value) => ({ type, ...textMatch(value, value.quoted ? 'equals' : 'contains') }));
    }
    case 'title':
    case 'why': {
      const type = field.name;
      return each((value) => ({ type, ...textMatch(value, 'contains') }));
    }
    case 'assignee':
      return each((value) => {
        const word = value.text.toLowerCase();
        if (!value.quoted && word === 'none') return { type: 'assignee', who: null };
        if (!value.quoted && word === 'me') return { type: 'assignee', who: { me: true } };
        return { type: 'assignee', who: { name: value.text } };
      });
    case 'technique': {
      const terms: QueryTerm[] = [];
      for (const value of values) {
        const techniqueId = value.text.toUpperCase();
        if (/^T\d{4}(\.\d{3})?$/.test(techniqueId)) terms.push({ type: 'technique', id: techniqueId });
        else problem(`“${value.text}” is not an ATT&CK technique id like T1498 or T1498.001.`, value);
      }
      return combine('any', terms);
    }
    case 'count': {
      const number = (value: Value) => {
        if (/^\d{1,15}$/.test(value.text)) return Number(value.text);
        problem(`“${value.text}” is not a whole number.`, value);
        return null;
      };
      const is = (which: Comparison, value: number | null): QueryTerm[] =>
        value === null ? [] : [{ type: 'count', comparison: which, value }];
      return combine(
        'any',
        values.flatMap((value): QueryNode[] => {
          const range = rangeOf(value);
          if (range === null) return is(comparison, number(value));
          const both = combine('all', [...is('>=', number(range[0])), ...is('<=', number(range[1]))]);
          return both === null ? [] : [both];
        }),
      );
    }
    case 'last': {
      const durationMs = parseDuration(first.text);
      return durationMs === null || values.length > 1
        ? problem(`last needs one length of time: last:24h.`, first)
        : { type: 'seen', comparison: '<=', durationMs };
    }
    case 'age':
    case 'first':
    case 'seen':
      return timeTerm(field.name, comparison, values, problem);
    case 'case':
    case 'suppressed':
    case 'merged':
    case 'split': {
      const type = field.name;
      return each((value) => {
        const word = value.text.toLowerCase();
        if (!value.quoted && (word === 'any' || word === 'some')) return { type, which: 'some' };
        if (!value.quoted && word === 'none') return { type, which: 'none' };
        return { type, which: { id: value.text } };
      });
    }
    case 'src':
    case 'dst': {
      const role = field.name === 'src' ? 'source' : 'destination';
      return each((value) => {
        const term = addressTerm(value, 'ip');
        const address =
          term.type === 'network' ? { cidr: term.cidr } : { match: term.match, text: term.text };
        return { type: 'end', role, address };
      });
    }
    case 'ip':
      return each((value) => addressTerm(value, 'ip'));
    case 'entity':
      return each((value) => {
        const canonical = value.quoted ? null : canonicalAddress(value.text);
        if (canonical !== null && 'cidr' in canonical) return { type: 'network', cidr: canonical.cidr };
        return { type: 'entity', kind: null, ...textMatch(value, 'contains') };
      });
    case 'asn':
      return each((value) => {
        const asn = /^(AS)?\d+$/i.test(value.text) && !value.quoted ? parseAsn(value.text) : null;
        return asn === null
          ? { type: 'entity', kind: 'asn', ...textMatch(value, 'contains') }
          : { type: 'asn', asn };
      });
    case 'country':
      return each((value) => {
        const code = value.quoted ? null : parseCountry(value.text);
        return code === null
          ? { type: 'entity', kind: 'country', ...textMatch(value, 'contains') }
          : { type: 'country', code };
      });
    default: {
      const kind = entityKinds.find((candidate) => candidate === field.name);
      if (kind === undefined) return problem(`Watchfloor has no field “${field.name}”.`);
      return each((value) => ({ type: 'entity', kind, ...textMatch(value, 'contains') }));
    }
  }
}

/** The meaning of one term: free text, or a field with its values. What is wrong with it goes to `problems`. */
export function termNode(
  token: Extract<Token, { kind: 'term' }>,
  problems: QueryProblem[],
): QueryNode | null {
  if (token.field === null) {
    const [value] = token.values;
    if (value === undefined || value.text === '') return null;
    if (value.quoted || !/[*?]/.test(value.text))
      return { type: 'text', match: 'contains', text: value.text };
    // Free text stands anywhere already.
    const inner = value.text.replace(/^\*+|\*+$/g, '');
    if (inner === '') return null;
    return /[*?]/.test(inner)
      ? { type: 'text', match: 'pattern', text: `*${inner}*` }
      : { type: 'text', match: 'contains', text: inner };
  }
  const field = fieldNamed(token.field.name);
  if (field === undefined) {
    const close = closestField(token.field.name);
    problems.push({
      position: token.from,
      length: token.field.name.length,
      message:
        close === null
          ? `Watchfloor has no field “${token.field.name}”. To look for this text itself, put it in quotes.`
          : `Watchfloor has no field “${token.field.name}”. Did you mean “${close}”?`,
    });
    return null;
  }
  return fieldTerm(token, field, token.field.operator, problems);
}
