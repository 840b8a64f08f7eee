import { type CaseEntry, type Tlp, tlps } from '../domain/case.ts';

/** The stricter of two markings. */
export function stricterTlp(one: Tlp, other: Tlp): Tlp {
  return tlps.indexOf(one) <= tlps.indexOf(other) ? one : other;
}

/**
 * Whether somebody who may see what is marked up to `audience` may see an entry's payload.
 * @param caseTlp the case's own marking, by which entries go that have none
 */
export function mayBeSeenBy(audience: Tlp, entry: Pick<CaseEntry, 'tlp'>, caseTlp: Tlp): boolean {
  return tlps.indexOf(entry.tlp ?? caseTlp) >= tlps.indexOf(audience);
}
