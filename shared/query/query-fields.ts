import {
  alertStatuses,
  dispositions,
  lanes,
  mitigatedSchema,
  severities,
  sourceStateSchema,
} from '../domain/alert.ts';
import { entityKinds } from '../domain/entity.ts';

/** A field of the query bar, and what completion says of it. */
export interface FieldDescription {
  readonly name: string;
  readonly help: string;
  /** Values to offer; undefined where they are free. */
  readonly values?: readonly string[];
  readonly operators: 'equality' | 'comparison';
}

export const statusWords = [...alertStatuses, 'open', 'snoozed'] as const;

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

/** A field by its name or by another word for it. */
export const fieldNamed = (name: string): FieldDescription | undefined =>
  fieldByName.get(aliases.get(name) ?? name);

/** The field whose name is nearest, at most two edits away. */
export function closestField(name: string): string | null {
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
