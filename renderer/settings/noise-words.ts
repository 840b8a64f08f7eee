import type { NoiseGroup, NoiseKind } from '../../shared/domain/noise.ts';
import { formatShare } from '../../shared/domain/quantity.ts';
import { quoteQueryValue } from '../../shared/query/print-query.ts';

/** What is needed to name what a group of alerts has in common. */
export interface NoiseNames {
  readonly customer: (id: string) => string | undefined;
  readonly service: (id: string) => string | undefined;
  readonly source: (id: string) => string | undefined;
  readonly signal: (id: string) => string | undefined;
}

/** The name of what a group has in common; what is gone goes by its id. */
export function groupName(kind: NoiseKind, key: string, names: NoiseNames): string {
  switch (kind) {
    case 'source':
      return key === 'detection' ? 'Watchfloor’s own detection' : (names.source(key) ?? key);
    case 'service':
      return names.service(key) ?? key;
    case 'signal':
      return names.signal(key) ?? key;
    case 'rule':
      return key;
  }
}

/** A value in quotes, which the query bar takes as the whole name. */
const whole = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** The query that gives a customer's actionable alerts; null is everybody's. */
export function customerQuery(customerId: string | null, names: NoiseNames): string {
  const of = customerId === null ? '' : ` customer:${whole(names.customer(customerId) ?? customerId)}`;
  return `lane:actionable${of}`;
}

/**
 * The query that gives the alerts of a group.
 * @param customerId whose noise is looked at; null for everybody's
 */
export function groupQuery(
  kind: NoiseKind,
  group: NoiseGroup,
  customerId: string | null,
  names: NoiseNames,
): string {
  // Services of several customers may bear one name.
  const query = customerQuery(customerId ?? (kind === 'service' ? group.customerId : null), names);
  const name =
    kind === 'source' && group.key === 'detection' ? 'detection' : groupName(kind, group.key, names);
  switch (kind) {
    case 'source':
      return `${query} source:${whole(name)}`;
    case 'service':
      return `${query} service:${whole(name)}`;
    // By its id: every service has its own signal of the same name.
    case 'signal':
      return `${query} signal:${quoteQueryValue(group.key)}`;
    case 'rule':
      return `${query} title:${whole(name)}`;
  }
}

/** How many of those that were judged turned out to be nothing: `36%, 5 of 14`. */
export function judgedWords({ judged, nothing }: Pick<NoiseGroup, 'judged' | 'nothing'>): string {
  if (judged === 0) return 'none judged yet';
  return `${formatShare(nothing / judged)}, ${nothing.toLocaleString('en')} of ${judged.toLocaleString('en')}`;
}
