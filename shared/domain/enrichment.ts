import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { specialRange } from './address-range.ts';
import type { Entity } from './entity.ts';

export const addressOriginSchema = z.object({
  /** The autonomous system that announces it, and its name; null where no network does. */
  asn: z.number().int().nullable(),
  asName: z.string().nullable(),
  /** ISO 3166-1 alpha-2: where a registry has it registered, which need not be where it is. */
  country: z.string().nullable(),
});
/** Where an address comes from. */
export type AddressOrigin = z.infer<typeof addressOriginSchema>;

/** What is known of an address's origin; null of an address of a special range, and where nothing is known. */
export type OriginLookUp = (address: string) => AddressOrigin | null;

/** What ships with the app about addresses in general: nothing is asked of anybody. */
export interface Enrichment {
  readonly originOf: OriginLookUp;
  /** The day that the data are of, and whose they are; null where there are none. */
  source(): { readonly made: string; readonly notice: string } | null;
}

/** For where there are no data. */
export const noEnrichment: Enrichment = { originOf: () => null, source: () => null };

/** The bytes of an address that is looked up: an ordinary one, of neither special range nor odd form. */
export function lookedUpBytes(address: string): readonly number[] | null {
  if (!ipaddr.isValid(address)) return null;
  const parsed = ipaddr.parse(address);
  return specialRange(parsed) === null ? parsed.toByteArray() : null;
}

/** Officially assigned codes of ISO 3166-1 alpha-2, and Kosovo's XK. */
export const countryCodes: readonly string[] = (
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA ' +
  'CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA ' +
  'GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP ' +
  'KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS ' +
  'MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS ' +
  'RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW ' +
  'TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'
).split(' ');

/** The number of `64500`, `AS64500`, `as64500 Example`; null for what names none. */
export function parseAsn(text: string): number | null {
  const digits = /^(?:AS)?(\d{1,10})(?!\S)/i.exec(text.trim())?.[1];
  const number = Number(digits ?? Number.NaN);
  return number > 0 && number <= 4_294_967_295 ? number : null;
}

/** `DE` of `de`; null for what is no code of two letters. */
export function parseCountry(text: string): string | null {
  return /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : null;
}

/** The autonomous system that an entity is or comes from. */
export function asnOfEntity(
  { kind, value }: Pick<Entity, 'kind' | 'value'>,
  lookUp: OriginLookUp,
): number | null {
  if (kind === 'asn') return parseAsn(value);
  return kind === 'ip' ? (lookUp(value)?.asn ?? null) : null;
}

/** The country that an entity is or is registered in. */
export function countryOfEntity(
  { kind, value }: Pick<Entity, 'kind' | 'value'>,
  lookUp: OriginLookUp,
): string | null {
  if (kind === 'country') return parseCountry(value);
  return kind === 'ip' ? (lookUp(value)?.country ?? null) : null;
}
