import ipaddr from 'ipaddr.js';
import { dayMs, hourMs, minuteMs, secondMs } from '../domain/time.ts';
import type { QueryProblem, TextMatch } from './query-node.ts';
import type { Value } from './query-tokens.ts';

/** Those of the allowed words that values stand for, each once; the others go to `problems`. */
export function oneOf<T extends string>(
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

/** How a value is compared: as `plain` says, or as a beginning or pattern where it has unquoted * or ?. */
export function textMatch(value: Value, plain: TextMatch): { match: TextMatch; text: string } {
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
export function rangeOf(value: Value): readonly [Value, Value] | null {
  const at = value.quoted ? -1 : value.text.indexOf('..');
  if (at <= 0 || at + 2 >= value.text.length) return null;
  const middle = value.from + at;
  return [
    { text: value.text.slice(0, at), quoted: false, from: value.from, to: middle },
    { text: value.text.slice(at + 2), quoted: false, from: middle + 2, to: value.to },
  ];
}

/** The canonical form of an address or network, or null: `198.51.100.7` stays, `198.51.100.9/24` becomes its network. */
export function canonicalAddress(text: string): { address: string } | { cidr: string } | null {
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
