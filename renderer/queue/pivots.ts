import type { Alert } from '../../shared/domain/alert.ts';
import { type AddressOrigin, parseAsn } from '../../shared/domain/enrichment.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import { defang } from '../../shared/domain/observables.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { quoteQueryValue } from '../../shared/query/print-query.ts';

/** Where an address of an alert comes from. */
type Origin = AddressOrigin & { readonly address: string };

/** A question that an alert raises, as a query of the queue. */
export interface Pivot {
  readonly id: string;
  /** What it finds, e.g. `Same rule`. */
  readonly label: string;
  /** By what, as it may be shown. */
  readonly by: string;
  readonly query: string;
}

/** The query for everything that has an entity, by the end of the traffic where it was one. */
export function entityQuery(entity: Entity): string {
  const value = quoteQueryValue(entity.value);
  const isAddress = entity.kind === 'ip' || entity.kind === 'cidr';
  if (isAddress && entity.role === 'source') return `src:${value}`;
  if (isAddress && entity.role === 'destination') return `dst:${value}`;
  return entity.kind === 'cidr' ? `ip:${value}` : `${entity.kind}:${value}`;
}

/** The /24 of an IPv4 address; version 6 gives no network that is so widely one party's. */
function networkOf(address: string): string | null {
  const parts = address.split('.');
  return parts.length === 4 ? `${parts.slice(0, 3).join('.')}.0/24` : null;
}

/** By what the source says itself, else by where its address comes from. */
function originPivots(said: string | null, origin: Origin | undefined): readonly Pivot[] {
  const asn = said === null ? (origin?.asn ?? null) : parseAsn(said);
  const country = origin?.country ?? null;
  return [
    ...(asn === null
      ? []
      : [{ id: 'asn', label: 'Same network (ASN)', by: said ?? systemWords(origin), query: `asn:${asn}` }]),
    ...(country === null
      ? []
      : [{ id: 'country', label: 'Same country', by: country, query: `country:${country}` }]),
  ];
}

/** `AS64500 Example`; empty where no network announces it. */
function systemWords(origin: AddressOrigin | undefined): string {
  if (origin === undefined || origin.asn === null) return '';
  return `AS${origin.asn} ${toSafeExcerpt(origin.asName ?? '', 60)}`.trim();
}

/** Where an address comes from, in a few words; null where nothing is known. */
export function originWords(origin: AddressOrigin | undefined): string | null {
  if (origin === undefined) return null;
  const country = origin.country === null ? '' : `registered in ${origin.country}`;
  return [systemWords(origin), country].filter((words) => words !== '').join(', ');
}

/**
 * Where an analyst goes from an alert: what came from the same address, by the same rule, from the same network, to
 * the same path or host, of the same user. Only those that the alert has something for, in this order.
 * @param origins where its addresses come from, as far as that is known
 */
export function pivotsOf(alert: Alert, origins: readonly Origin[] = []): readonly Pivot[] {
  const first = (kind: Entity['kind'], role?: Entity['role']) =>
    alert.entities.find((entity) => entity.kind === kind && (role === undefined || entity.role === role));
  const by = (id: string, label: string, entity: Entity | undefined): readonly Pivot[] =>
    entity === undefined
      ? []
      : [{ id, label, by: defang(entity.kind, entity.value), query: entityQuery(entity) }];
  const source = first('ip', 'source');
  const network = source === undefined ? null : networkOf(source.value);
  const technique = alert.techniques[0];
  return [
    ...by('source', 'All from this source', source),
    {
      id: 'rule',
      label: 'Same rule',
      by: alert.title,
      query: `title:${quoteQueryValue(alert.title)} source:${quoteQueryValue(alert.sourceKind)}`,
    },
    ...(network === null
      ? []
      : [{ id: 'network', label: 'Same /24', by: defang('cidr', network), query: `src:${network}` }]),
    ...originPivots(
      first('asn')?.value ?? null,
      // What an inner address talked to, where the source itself has no origin.
      origins.find(({ address }) => address === source?.value) ?? origins[0],
    ),
    ...by('path', 'Same path', first('path')),
    ...by('destination', 'Same destination', first('ip', 'destination')),
    ...by('host', 'Same host', first('host')),
    ...by('user', 'Same user', first('user')),
    ...(technique === undefined
      ? []
      : [{ id: 'technique', label: 'Same technique', by: technique, query: `technique:${technique}` }]),
  ];
}
