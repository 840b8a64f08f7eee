import ipaddr from 'ipaddr.js';
import {
  type Alert,
  type AlertStatus,
  alertStatuses,
  type Disposition,
  dispositions,
  type Lane,
  lanes,
  type Mitigated,
  mitigatedSchema,
  type Severity,
  type SourceState,
  severities,
  severityRank,
  sourceStateSchema,
} from './alert.ts';
import {
  asnOfEntity,
  countryCodes,
  countryOfEntity,
  type OriginLookUp,
  parseAsn,
  parseCountry,
} from './enrichment.ts';
import { type EntityKind, entityKinds } from './entity.ts';
import { assertNever } from './result.ts';
import { dayMs, hourMs, minuteMs, secondMs } from './time.ts';

/*
 * The grammar of the query bar.
 *
 *   query      = any
 *   any        = all { "OR" all }
 *   all        = unary { [ "AND" ] unary }          terms side by side all have to hold
 *   unary      = ( "-" | "NOT" ) unary | "(" any ")" | term
 *   term       = field operator value { "," value } | value
 *   operator   = ":" | [ ":" ] ( "=" | ">" | ">=" | "<" | "<=" )
 *   value      = word | '"' anything '"'            \" and \\ inside quotes
 *
 * Where a field has an order, a value may be a range of two, `low..high`, both included. In unquoted text * stands for
 * any run of characters and ? for any one; * alone is everything. Words are compared without regard to case.
 */

export const comparisons = ['=', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof comparisons)[number];

/**
 * A parsed query. Texts are as typed, without quotes; text terms match without regard to case: `contains`
 * anywhere in the value, `equals` the whole value, `prefix` its beginning, `pattern` the whole value with * and ?.
 */
export type QueryNode =
  | { readonly type: 'all'; readonly nodes: readonly QueryNode[] }
  | { readonly type: 'any'; readonly nodes: readonly QueryNode[] }
  | { readonly type: 'not'; readonly node: QueryNode }
  | QueryTerm;

export type TextMatch = 'contains' | 'equals' | 'prefix' | 'pattern';

/** One condition on an alert. `values` are never empty and hold when one of them does. */
export type QueryTerm =
  | { readonly type: 'severity'; readonly values: readonly Severity[] }
  | { readonly type: 'status'; readonly values: readonly AlertStatus[] }
  | { readonly type: 'snoozed' }
  | { readonly type: 'lane'; readonly values: readonly Lane[] }
  /** null in `values` is "no disposition yet". */
  | { readonly type: 'disposition'; readonly values: readonly (Disposition | null)[] }
  | { readonly type: 'mitigated'; readonly values: readonly Mitigated[] }
  | { readonly type: 'source-state'; readonly values: readonly SourceState[] }
  /** `source` matches the source's id, kind or name; `customer`, `service` and `signal` their id or name. */
  | {
      readonly type: 'source' | 'customer' | 'service' | 'signal';
      readonly match: TextMatch;
      readonly text: string;
    }
  /** `who` null is "nobody", `{me: true}` the analyst who asks. */
  | { readonly type: 'assignee'; readonly who: null | { readonly me: true } | { readonly name: string } }
  | { readonly type: 'title' | 'why'; readonly match: TextMatch; readonly text: string }
  | {
      readonly type: 'entity';
      /** null is any kind. */
      readonly kind: EntityKind | null;
      readonly match: TextMatch;
      readonly text: string;
    }
  /** An entity that is, or comes from, an autonomous system, or a country by its code. */
  | { readonly type: 'asn'; readonly asn: number }
  | { readonly type: 'country'; readonly code: string }
  /** An address entity that lies in this network, or a network entity that equals it; canonical CIDR. */
  | { readonly type: 'network'; readonly cidr: string }
  /** An address of an end of the traffic: in a canonical network, or as text. */
  | {
      readonly type: 'end';
      readonly role: 'source' | 'destination';
      readonly address: { readonly cidr: string } | { readonly match: TextMatch; readonly text: string };
    }
  /** ATT&CK technique id, upper case; `T1498` also matches `T1498.001`. */
  | { readonly type: 'technique'; readonly id: string }
  | { readonly type: 'count'; readonly comparison: Comparison; readonly value: number }
  /** How long ago, ms: `age` since received, `first` and `seen` since first and last seen. */
  | {
      readonly type: 'age' | 'first' | 'seen';
      readonly comparison: Comparison;
      readonly durationMs: number;
    }
  /** When it was received, or first or last seen. */
  | {
      readonly type: 'time';
      readonly of: 'age' | 'first' | 'seen';
      readonly comparison: Comparison;
      readonly timeMs: number;
    }
  | { readonly type: 'case'; readonly which: 'some' | 'none' | { readonly id: string } }
  /** `some` and `none`: suppressed now or not; an id: one that this suppression or maintenance window ever was for. */
  | { readonly type: 'suppressed'; readonly which: 'some' | 'none' | { readonly id: string } }
  /** `some` and `none`: merged under another or not; an id: merged under that alert itself. */
  | { readonly type: 'merged'; readonly which: 'some' | 'none' | { readonly id: string } }
  /** `some` and `none`: split into parts now or not; an id: a part of that alert. */
  | { readonly type: 'split'; readonly which: 'some' | 'none' | { readonly id: string } }
  /** Free text: in title, why, an entity's value, or the source's kind. */
  | { readonly type: 'text'; readonly match: 'contains' | 'pattern'; readonly text: string };

/** Where a query could not be understood; positions count UTF-16 units from 0. */
export interface QueryProblem {
  readonly position: number;
  readonly length: number;
  readonly message: string;
}

export interface ParsedQuery {
  /** null matches everything. What a problem names is left out of it. */
  readonly node: QueryNode | null;
  readonly problems: readonly QueryProblem[];
}

interface FieldDescription {
  readonly name: string;
  readonly help: string;
  /** Values to offer; undefined where they are free. */
  readonly values?: readonly string[];
  readonly operators: 'equality' | 'comparison';
}

const statusWords = [...alertStatuses, 'open', 'snoozed'] as const;

/** Every field of the query bar, in the order in which completion offers them. */
export const queryFields = [
  {
    name: 'severity',
    help: 'severity:high,critical or severity>=medium',
    values: severities,
    operators: 'comparison',
  },
  {
    name: 'status',
    help: 'new, acknowledged, in-progress, closed, open, snoozed',
    values: statusWords,
    operators: 'equality',
  },
  { name: 'lane', help: 'actionable or informational', values: lanes, operators: 'equality' },
  { name: 'customer', help: 'a customer by name', operators: 'equality' },
  { name: 'service', help: 'a service by name', operators: 'equality' },
  { name: 'source', help: 'a source by name or kind', operators: 'equality' },
  { name: 'signal', help: 'a signal of the alert by name', operators: 'equality' },
  { name: 'ip', help: 'an address or network: ip:198.51.100.7, ip:198.51.100.0/24', operators: 'equality' },
  { name: 'src', help: 'an address that attacked or asked: src:10.0.0.0/8', operators: 'equality' },
  { name: 'dst', help: 'an address that was asked: dst:192.0.2.10', operators: 'equality' },
  { name: 'entity', help: 'any address, host, user, path ...', operators: 'equality' },
  { name: 'title', help: 'words of the title', operators: 'equality' },
  { name: 'why', help: 'words of the reason', operators: 'equality' },
  { name: 'assignee', help: 'a name, me or none', values: ['me', 'none'], operators: 'equality' },
  {
    name: 'disposition',
    help: 'how it was closed',
    values: [...dispositions, 'none'],
    operators: 'equality',
  },
  {
    name: 'mitigated',
    help: 'whether it was stopped',
    values: mitigatedSchema.options,
    operators: 'equality',
  },
  {
    name: 'state',
    help: 'what the source says of it now',
    values: sourceStateSchema.options,
    operators: 'equality',
  },
  { name: 'technique', help: 'an ATT&CK technique: technique:T1498', operators: 'equality' },
  { name: 'count', help: 'how often it came: count>100, count:5..20', operators: 'comparison' },
  { name: 'last', help: 'last seen within: last:24h', operators: 'equality' },
  { name: 'age', help: 'since received: age<1h, age:1h..1d', operators: 'comparison' },
  { name: 'seen', help: 'last seen: seen<15m ago, seen>=2026-11-01', operators: 'comparison' },
  { name: 'first', help: 'first seen: first>1d ago, first:2026-11-01..2026-11-03', operators: 'comparison' },
  { name: 'case', help: 'any, none or a case id', values: ['any', 'none'], operators: 'equality' },
  {
    name: 'suppressed',
    help: 'any, none or the id of a suppression',
    values: ['any', 'none'],
    operators: 'equality',
  },
  {
    name: 'merged',
    help: 'any, none or the id of the alert it is merged under',
    values: ['any', 'none'],
    operators: 'equality',
  },
  {
    name: 'split',
    help: 'any, none or the id of the alert it is a part of',
    values: ['any', 'none'],
    operators: 'equality',
  },
  { name: 'asn', help: 'an autonomous system, and addresses of it: asn:64500', operators: 'equality' },
  {
    name: 'country',
    help: 'a country, and addresses registered there: country:DE',
    operators: 'equality',
  },
  ...entityKinds
    .filter((kind) => kind !== 'ip' && kind !== 'asn' && kind !== 'country')
    .map((kind) => ({ name: kind, help: `an entity of the kind ${kind}`, operators: 'equality' as const })),
] as const satisfies readonly FieldDescription[] as readonly FieldDescription[];

const fieldByName = new Map(queryFields.map((field) => [field.name, field]));
const aliases = new Map([
  ['sev', 'severity'],
  ['disp', 'disposition'],
  ['cust', 'customer'],
  ['received', 'age'],
  ['is', 'status'],
]);

/** Deeper than any person nests; keeps a hostile query from exhausting the stack. */
const mostNesting = 50;

type Token =
  | { readonly kind: 'open' | 'close' | 'or' | 'and' | 'not'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'term';
      readonly from: number;
      readonly to: number;
      readonly field: { readonly name: string; readonly operator: string } | null;
      readonly values: readonly Value[];
    };

interface Value {
  readonly text: string;
  readonly quoted: boolean;
  readonly from: number;
  readonly to: number;
}

const isSpace = (character: string | undefined) => character !== undefined && /\s/u.test(character);
const fieldPattern = /([A-Za-z][A-Za-z-]*)(:?(?:>=|<=|=|>|<)|:)/y;

function readValue(text: string, start: number, inList: boolean, problems: QueryProblem[]): Value {
  if (text[start] === '"') {
    let value = '';
    let at = start + 1;
    while (at < text.length && text[at] !== '"') {
      const next = text[at + 1];
      if (text[at] === '\\' && (next === '"' || next === '\\')) {
        value += next;
        at += 2;
      } else {
        value += text[at];
        at += 1;
      }
    }
    if (at >= text.length) {
      problems.push({
        position: start,
        length: text.length - start,
        message: 'This quote has no end; everything after it is taken as one text.',
      });
      return { text: value, quoted: true, from: start, to: text.length };
    }
    return { text: value, quoted: true, from: start, to: at + 1 };
  }
  let at = start;
  while (at < text.length && !isSpace(text[at]) && text[at] !== ')' && !(inList && text[at] === ',')) at += 1;
  return { text: text.slice(start, at), quoted: false, from: start, to: at };
}

function tokenize(text: string, problems: QueryProblem[]): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text[at])) {
      at += 1;
      continue;
    }
    const from = at;
    const character = text[at];
    if (character === '(' || character === ')') {
      at += 1;
      tokens.push({ kind: character === '(' ? 'open' : 'close', from, to: at });
      continue;
    }
    const next = text[at + 1];
    if (character === '-' && next !== undefined && !isSpace(next)) {
      at += 1;
      tokens.push({ kind: 'not', from, to: at });
      continue;
    }
    fieldPattern.lastIndex = at;
    const field = fieldPattern.exec(text);
    // `http://…` is something to look for, not a field called http.
    if (field !== null && !text.startsWith('//', fieldPattern.lastIndex)) {
      const values: Value[] = [];
      let end = fieldPattern.lastIndex;
      for (;;) {
        const value = readValue(text, end, true, problems);
        if (value.to > value.from) values.push(value);
        end = value.to;
        if (text[end] !== ',') break;
        end += 1;
      }
      tokens.push({
        kind: 'term',
        from,
        to: end,
        field: { name: (field[1] ?? '').toLowerCase(), operator: field[2] ?? ':' },
        values,
      });
      at = end;
      continue;
    }
    const value = readValue(text, at, false, problems);
    at = Math.max(value.to, at + 1);
    if (!value.quoted && (value.text === 'OR' || value.text === 'AND' || value.text === 'NOT')) {
      tokens.push({ kind: value.text === 'OR' ? 'or' : value.text === 'AND' ? 'and' : 'not', from, to: at });
    } else {
      tokens.push({ kind: 'term', from, to: at, field: null, values: [value] });
    }
  }
  return tokens;
}

/** Combines terms, leaving out what is not there and never wrapping one node alone. */
function combine(type: 'all' | 'any', nodes: readonly QueryNode[]): QueryNode | null {
  const [first] = nodes;
  if (first === undefined) return null;
  return nodes.length === 1 ? first : { type, nodes };
}

function oneOf<T extends string>(
  values: readonly Value[],
  allowed: readonly T[],
  what: string,
  problems: QueryProblem[],
): T[] {
  const found: T[] = [];
  for (const value of values) {
    const word = value.text.toLowerCase().replaceAll('_', '-');
    const exact = allowed.find((candidate) => candidate === word);
    // While typing, an unambiguous beginning is enough: severity:crit.
    const begun = word === '' ? [] : allowed.filter((candidate) => candidate.startsWith(word));
    const match = exact ?? (begun.length === 1 ? begun[0] : undefined);
    if (match === undefined) {
      problems.push({
        position: value.from,
        length: value.to - value.from,
        message: `“${value.text}” is not a ${what}. Known: ${allowed.join(', ')}.`,
      });
    } else if (!found.includes(match)) {
      found.push(match);
    }
  }
  return found;
}

function textMatch(value: Value, plain: TextMatch): { match: TextMatch; text: string } {
  if (value.quoted || !/[*?]/.test(value.text)) return { match: plain, text: value.text };
  const beginning = value.text.slice(0, -1);
  return value.text.endsWith('*') && beginning !== '' && !/[*?]/.test(beginning)
    ? { match: 'prefix', text: beginning }
    : { match: 'pattern', text: value.text };
}

const durationUnits: Readonly<Record<string, number>> = {
  s: secondMs,
  m: minuteMs,
  min: minuteMs,
  h: hourMs,
  d: dayMs,
  w: 7 * dayMs,
};

/** Milliseconds of `90s`, `15m`, `1.5h`, `2d`, `1w`; null when it is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(s|min|m|h|d|w)$/i.exec(text.trim());
  const unit = durationUnits[(match?.[2] ?? '').toLowerCase()];
  if (match === null || unit === undefined) return null;
  return Math.round(Number(match[1]) * unit);
}

/**
 * The moments that an absolute time stands for, epoch ms, the end not included: `2026-11-01` is a day, `2026-11-01T02:14`
 * a minute, `2026-11-01T02:14:05` a second; UTC, with or without a Z. null when it is none of these.
 */
export function parseMoment(text: string): { readonly fromMs: number; readonly toMs: number } | null {
  const match = /^((?!9999)\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2}))?)?Z?$/i.exec(text);
  if (match === null) return null;
  const [, day = '', minute, second] = match;
  const fromMs = Date.parse(`${day}T${minute ?? '00:00'}:${second ?? '00'}Z`);
  // Date.parse takes 31 November for the first of December.
  if (!Number.isFinite(fromMs) || !new Date(fromMs).toISOString().startsWith(day)) return null;
  return {
    fromMs,
    toMs: fromMs + (minute === undefined ? dayMs : second === undefined ? minuteMs : secondMs),
  };
}

/** `low..high`; null for anything else. */
function rangeOf(value: Value): readonly [Value, Value] | null {
  const at = value.quoted ? -1 : value.text.indexOf('..');
  if (at <= 0 || at + 2 >= value.text.length) return null;
  const middle = value.from + at;
  return [
    { text: value.text.slice(0, at), quoted: false, from: value.from, to: middle },
    { text: value.text.slice(at + 2), quoted: false, from: middle + 2, to: value.to },
  ];
}

/** The canonical form of an address or network, or null: `198.51.100.7` stays, `198.51.100.9/24` becomes its network. */
function canonicalAddress(text: string): { address: string } | { cidr: string } | null {
  try {
    if (text.includes('/')) {
      const [, length] = ipaddr.parseCIDR(text);
      const network =
        ipaddr.parseCIDR(text)[0].kind() === 'ipv4'
          ? ipaddr.IPv4.networkAddressFromCIDR(text)
          : ipaddr.IPv6.networkAddressFromCIDR(text);
      return { cidr: `${network.toString()}/${length}` };
    }
    if (ipaddr.IPv4.isValidFourPartDecimal(text) || text.includes(':')) {
      return { address: ipaddr.parse(text).toString() };
    }
    return null;
  } catch {
    return null;
  }
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

function termNode(token: Extract<Token, { kind: 'term' }>, problems: QueryProblem[]): QueryNode | null {
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
  const name = aliases.get(token.field.name) ?? token.field.name;
  const field = fieldByName.get(name);
  if (field === undefined) {
    const close = closestField(name);
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

/** The field whose name is nearest, at most two edits away. */
function closestField(name: string): string | null {
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const field of queryFields) {
    const distance = editDistance(name, field.name);
    if (distance <= 2 && distance < field.name.length && (best === null || distance < best.distance)) {
      best = { name: field.name, distance };
    }
  }
  return best?.name ?? null;
}

function editDistance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return 3;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 3;
}

/**
 * Parses the text of the query bar. Never throws: what cannot be understood becomes a problem with its
 * position, and the node holds the rest.
 */
export function parseAlertQuery(text: string): ParsedQuery {
  const problems: QueryProblem[] = [];
  const tokens = tokenize(text, problems);
  let at = 0;

  function any(depth: number): QueryNode | null {
    const nodes: QueryNode[] = [];
    let orAt: Token | null = null;
    for (;;) {
      const node = all(depth);
      if (node !== null) nodes.push(node);
      const token = tokens[at];
      if (token?.kind !== 'or') break;
      orAt = token;
      at += 1;
    }
    const previous = tokens[at - 1];
    if (orAt !== null && previous === orAt) {
      problems.push({ position: orAt.from, length: 2, message: 'OR needs a term on both sides.' });
    }
    return combine('any', nodes);
  }

  function all(depth: number): QueryNode | null {
    const nodes: QueryNode[] = [];
    for (;;) {
      const token = tokens[at];
      if (token === undefined || token.kind === 'or') break;
      if (token.kind === 'close') {
        if (depth > 0) break;
        problems.push({ position: token.from, length: 1, message: 'This ) closes nothing.' });
        at += 1;
        continue;
      }
      if (token.kind === 'and') {
        at += 1;
        continue;
      }
      const node = unary(depth);
      if (node !== null) nodes.push(node);
    }
    return combine('all', nodes);
  }

  function unary(depth: number): QueryNode | null {
    let negated = false;
    let token = tokens[at];
    while (token?.kind === 'not') {
      negated = !negated;
      at += 1;
      token = tokens[at];
    }
    let node: QueryNode | null = null;
    if (token?.kind === 'open') {
      at += 1;
      if (depth >= mostNesting) {
        problems.push({ position: token.from, length: 1, message: 'Brackets are nested too deep.' });
        at = tokens.length;
        return null;
      }
      node = any(depth + 1);
      if (tokens[at]?.kind === 'close') at += 1;
      else problems.push({ position: token.from, length: 1, message: 'This ( is never closed.' });
    } else if (token?.kind === 'term') {
      at += 1;
      node = termNode(token, problems);
    }
    return node !== null && negated ? { type: 'not', node } : node;
  }

  const node = any(0);
  return { node, problems: problems.sort((left, right) => left.position - right.position) };
}

/** The problems of a query as one sentence for the contract's `problem`, or null. Positions count from 1. */
export function describeProblems(problems: readonly QueryProblem[]): string | null {
  if (problems.length === 0) return null;
  return problems.map((problem) => `At ${problem.position + 1}: ${problem.message}`).join(' ');
}

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

function compare(left: number, comparison: Comparison, right: number): boolean {
  switch (comparison) {
    case '=':
      return left === right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return assertNever(comparison);
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
        alert.entities.some((entity) => matchesText(entity.value, node.match, node.text))
      );
    default:
      return assertNever(node);
  }
}

/** Names to complete with; each list may be empty. */
export interface CompletionNames {
  readonly customers: readonly string[];
  readonly services: readonly string[];
  readonly sources: readonly string[];
  readonly signals: readonly string[];
  readonly assignees: readonly string[];
}

export interface Completion {
  /** The stretch of the text that the chosen option replaces. */
  readonly from: number;
  readonly to: number;
  readonly options: readonly { readonly insert: string; readonly label: string; readonly help: string }[];
}

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

/**
 * What could stand at the caret: field names, or values of the field before it. At most 12 options.
 * @param caret position in UTF-16 units
 */
export function completeAlertQuery(text: string, caret: number, names: CompletionNames): Completion {
  const before = text.slice(0, caret);
  const word = /(?:^|[\s(])-?((?:[A-Za-z-]+[:=<>]+(?:(?:"[^"]*"|[^\s",()]*),)*)?)("[^"]*|[^\s"(),]*)$/u.exec(
    before,
  );
  const prefix = word?.[1] ?? '';
  const typed = word?.[2] ?? '';
  const from = caret - typed.length;
  const needle = typed.replace(/^"/, '').toLowerCase();

  if (prefix === '') {
    const options = queryFields
      .filter((field) => field.name.startsWith(needle))
      .map((field) => ({
        insert: `${field.name}${field.operators === 'comparison' && field.values === undefined ? '>' : ':'}`,
        label: field.name,
        help: field.help,
      }));
    return { from, to: caret, options: options.slice(0, 12) };
  }

  const typedName = (/^[A-Za-z-]+/.exec(prefix)?.[0] ?? '').toLowerCase();
  const name = aliases.get(typedName) ?? typedName;
  const field = fieldByName.get(name);
  const free: Readonly<Record<string, readonly string[]>> = {
    customer: names.customers,
    service: names.services,
    source: names.sources,
    signal: names.signals,
    assignee: ['me', 'none', ...names.assignees],
    age: ['15m', '1h', '8h', '1d'],
    seen: ['5m', '15m', '1h', '1d'],
    last: ['15m', '1h', '24h', '7d'],
    first: ['1h', '1d', '7d'],
    count: ['10', '100', '1000'],
    country: countryCodes,
  };
  const values = free[name] ?? field?.values ?? [];
  const options = values
    .filter(
      (value) =>
        value.toLowerCase().startsWith(needle) || (needle !== '' && value.toLowerCase().includes(needle)),
    )
    .map((value) => ({ insert: quoteQueryValue(value), label: value, help: field?.help ?? '' }));
  return { from, to: caret, options: options.slice(0, 12) };
}
