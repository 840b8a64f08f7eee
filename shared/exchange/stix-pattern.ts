import type { Json } from '../domain/entry-chain.ts';
import { ownObservableType } from './stix-objects.ts';
import { formOf, type KindAndValue, type StixForm } from './stix-observable.ts';

/** A string of a STIX pattern (STIX 2.1, 9.2): backslash and quote are escaped. */
function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}

const requestExtension = "network-traffic:extensions.'http-request-ext'";
const userAgentPath = `${requestExtension}.request_header.'User-Agent'`;
const requestPath = `${requestExtension}.request_value`;

/** The pattern that finds an observable in traffic or logs; null for kinds that alone say too little. */
export function patternOf(observable: KindAndValue): string | null {
  const { kind, value } = observable;
  if (kind === 'user-agent') return `[${userAgentPath} = ${quoted(value)}]`;
  if (kind === 'path') return `[${requestPath} = ${quoted(value)}]`;
  const { type, identity } = formOf(observable);
  switch (type) {
    case 'ipv4-addr':
    case 'ipv6-addr':
      return `[${type}:value ${value.includes('/') ? 'ISSUBSET' : '='} ${quoted(value)}]`;
    case 'domain-name':
    case 'url':
    case 'email-addr':
      return `[${type}:value = ${quoted(value)}]`;
    case 'user-account':
      return `[user-account:account_login = ${quoted(value)}]`;
    case 'autonomous-system':
      return `[autonomous-system:number = ${String(identity.number)}]`;
    case 'file': {
      const [name] = Object.keys(identity.hashes ?? {});
      return `[file:hashes.${quoted(name ?? '')} = ${quoted(value)}]`;
    }
    default:
      return null;
  }
}

/** Longer patterns are not read, nor more comparisons than this in one. */
const longestPattern = 20_000;
const mostComparisons = 200;

const comparison =
  /\s*([a-z0-9-]{3,60}:[A-Za-z0-9_.'-]{1,120})\s*(=|ISSUBSET)\s*('(?:[^'\\]|\\.)*'|\d{1,10})\s*/y;

function formOfComparison(path: string, value: string | number): Pick<StixForm, 'type' | 'identity'> | null {
  switch (path) {
    case 'ipv4-addr:value':
    case 'ipv6-addr:value':
    case 'domain-name:value':
    case 'url:value':
    case 'email-addr:value':
      return { type: path.slice(0, path.indexOf(':')), identity: { value } };
    case 'user-account:account_login':
    case 'user-account:user_id':
      return { type: 'user-account', identity: { account_login: value } };
    case 'autonomous-system:number':
      return { type: 'autonomous-system', identity: { number: value } };
    case userAgentPath:
      return { type: ownObservableType, identity: { entity_kind: 'user-agent', value } };
    case requestPath:
      return { type: ownObservableType, identity: { entity_kind: 'path', value } };
    default: {
      const name = /^file:hashes\.'?(MD5|SHA-1|SHA-256|SHA-512)'?$/.exec(path)?.[1];
      const hashes: Record<string, Json> = name === undefined ? {} : { [name]: value };
      return name === undefined ? null : { type: 'file', identity: { hashes } };
    }
  }
}

/**
 * The objects that a pattern finds, where it is made of equalities of which any one is enough: `[a] OR [b OR c]`.
 * @returns null for every other pattern: parts of it alone would say more than the whole does
 */
export function readPattern(pattern: string): Pick<StixForm, 'type' | 'identity'>[] | null {
  if (pattern.length > longestPattern) return null;
  const forms: Pick<StixForm, 'type' | 'identity'>[] = [];
  let at = 0;
  const take = (token: RegExp): RegExpExecArray | null => {
    token.lastIndex = at;
    const match = token.exec(pattern);
    if (match !== null) at = token.lastIndex;
    return match;
  };
  do {
    if (take(/\s*\[/y) === null) return null;
    do {
      const match = take(comparison);
      const [, path, , literal] = match ?? [];
      if (path === undefined || literal === undefined || forms.length >= mostComparisons) return null;
      const value = literal.startsWith("'") ? literal.slice(1, -1).replace(/\\(.)/gs, '$1') : Number(literal);
      const found = formOfComparison(path, value);
      if (found === null) return null;
      forms.push(found);
    } while (take(/OR(?=\s)/y) !== null);
    if (take(/\]\s*/y) === null) return null;
  } while (take(/OR(?=\s)/y) !== null);
  return at === pattern.length ? forms : null;
}
