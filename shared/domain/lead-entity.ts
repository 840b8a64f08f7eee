import ipaddr from 'ipaddr.js';
import type { Entity } from './entity.ts';

/** Longer values follow each other by their beginnings: enough for a list that people read. */
const mostCharacters = 64;
/** After all others: an alert that names nothing. */
const afterAll = '~';

/** The entity that names an alert best: the address that attacked, then who else, then what was attacked. */
export function leadEntity(entities: readonly Entity[]): Entity | null {
  const sources = entities.filter((entity) => entity.role === 'source');
  return (
    sources.find((entity) => entity.kind === 'ip' || entity.kind === 'cidr') ??
    sources[0] ??
    entities.find((entity) => entity.role === 'destination') ??
    entities[0] ??
    null
  );
}

const hex = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * A text by which alerts are sorted by their lead entity: addresses and networks by their numbers, version 4 before
 * version 6, then all else by its letters without regard to case; alerts without entities come last.
 * @returns at most 66 characters
 */
export function leadOrder(entities: readonly Entity[]): string {
  const lead = leadEntity(entities);
  if (lead === null) return afterAll;
  if (lead.kind === 'ip' || lead.kind === 'cidr') {
    const [address = '', length = ''] = lead.value.split('/');
    // Of what is written in some other way nothing better is known than its letters.
    if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
      return `4${hex(ipaddr.IPv4.parse(address).toByteArray())}${length}`;
    }
    if (ipaddr.IPv6.isValid(address)) return `6${hex(ipaddr.IPv6.parse(address).toByteArray())}${length}`;
  }
  return `t${lead.value.toLowerCase().slice(0, mostCharacters)}`;
}
