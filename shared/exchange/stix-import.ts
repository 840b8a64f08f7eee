import { z } from 'zod';
import { type Tlp, type Verdict, verdicts } from '../domain/case.ts';
import { entityKindSchema } from '../domain/entity.ts';
import type { Sightings } from './exchange-facts.ts';
import { type LeftOut, type LeftOutReason, stixLimits } from './stix-left-out.ts';
import { extensionId, ownObservableType, strictestTlp, tlpOfMarkings } from './stix-objects.ts';
import { formKey, formOf, type KindAndValue, observablesOf, type StixForm } from './stix-observable.ts';
import { readPattern } from './stix-pattern.ts';

/** An observable that a bundle holds, with what it says of it. */
export interface ImportedObservable extends KindAndValue {
  /** null where nothing in the bundle marks it. */
  readonly tlp: Tlp | null;
  readonly verdict: Verdict;
  readonly sightings: Sightings | null;
}

export type StixImport =
  | {
      readonly ok: true;
      readonly observables: readonly ImportedObservable[];
      /** ATT&CK technique ids. */
      readonly techniques: readonly string[];
      readonly leftOut: readonly LeftOut[];
    }
  | { readonly ok: false; readonly reason: string };

const stixId = z
  .string()
  .max(300)
  .regex(/^[a-z][a-z0-9-]{1,249}--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/);
const value = z.string().min(1).max(2048);
const time = z
  .string()
  .max(40)
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/)
  .refine((text) => Number.isFinite(Date.parse(text)));
const ids = z.array(stixId).max(stixLimits.objects);

const common = {
  id: stixId,
  modified: time.optional(),
  revoked: z.boolean().optional(),
  object_marking_refs: z.array(stixId).max(100).optional(),
  extensions: z
    .object({
      [extensionId]: z
        .object({
          entities: z
            .array(z.object({ kind: entityKindSchema, value }))
            .max(50)
            .optional(),
        })
        .optional(),
    })
    .optional(),
};
const reference = z.object({ source_name: z.string().max(300), external_id: z.string().max(300).optional() });
const hash = z.string().max(200).optional();

const objectSchema = z.discriminatedUnion('type', [
  z.object({
    ...common,
    type: z.enum(['ipv4-addr', 'ipv6-addr', 'domain-name', 'url', 'email-addr']),
    value,
  }),
  z.object({
    ...common,
    type: z.literal('user-account'),
    account_login: value.optional(),
    user_id: value.optional(),
  }),
  z.object({
    ...common,
    type: z.literal('autonomous-system'),
    number: z.number().int().min(1).max(4_294_967_295),
  }),
  z.object({
    ...common,
    type: z.literal('file'),
    hashes: z.object({ MD5: hash, 'SHA-1': hash, 'SHA-256': hash, 'SHA-512': hash }).optional(),
  }),
  z.object({ ...common, type: z.literal(ownObservableType), entity_kind: entityKindSchema, value }),
  z.object({ ...common, type: z.literal('location'), country: value.optional() }),
  z.object({
    ...common,
    type: z.literal('vulnerability'),
    name: z.string().max(2048),
    external_references: z.array(reference).max(200).optional(),
  }),
  z.object({
    ...common,
    type: z.literal('indicator'),
    pattern: z.string().max(100_000),
    pattern_type: z.string().max(100),
    indicator_types: z.array(z.string().max(200)).max(50).optional(),
  }),
  z.object({
    ...common,
    type: z.literal('sighting'),
    sighting_of_ref: stixId,
    first_seen: time.optional(),
    last_seen: time.optional(),
    count: z.number().int().min(0).max(999_999_999).optional(),
    observed_data_refs: ids.optional(),
  }),
  z.object({
    ...common,
    type: z.literal('attack-pattern'),
    external_references: z.array(reference).max(200).optional(),
  }),
]);
type Known = z.infer<typeof objectSchema>;
type OfType<Type extends Known['type']> = Extract<Known, { readonly type: Type }>;
const knownTypes: ReadonlySet<string> = new Set(
  objectSchema.options.flatMap(({ shape: { type } }) =>
    'options' in type ? [...type.options] : [...type.values],
  ),
);

/** Says nothing of its own: it ties other objects together, or marks them. */
const plumbing: ReadonlySet<string> = new Set([
  'marking-definition',
  'extension-definition',
  'language-content',
  'identity',
  'relationship',
  'observed-data',
  'network-traffic',
]);
/** The rest of what STIX 2.1 defines. */
const withoutPlace: ReadonlySet<string> = new Set([
  'artifact',
  'campaign',
  'course-of-action',
  'directory',
  'email-message',
  'grouping',
  'incident',
  'infrastructure',
  'intrusion-set',
  'mac-addr',
  'malware',
  'malware-analysis',
  'mutex',
  'note',
  'opinion',
  'process',
  'report',
  'software',
  'threat-actor',
  'tool',
  'windows-registry-key',
  'x509-certificate',
]);

/** Whether brackets outside strings nest no deeper; one walk over the text, before anything else reads it. */
function isShallow(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > stixLimits.depth) return false;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return true;
}

const bundleSchema = z.object({ type: z.literal('bundle'), objects: z.array(z.unknown()) });
const headSchema = z.object({ type: z.string(), id: z.string().optional() });

function parseBundle(text: string): { objects: readonly unknown[] } | { reason: string } {
  if (text.length > stixLimits.characters) {
    return { reason: `A bundle may have ${stixLimits.characters / 1_000_000} million characters at most.` };
  }
  if (!isShallow(text)) return { reason: 'This is nested deeper than any bundle.' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { reason: 'This is not JSON.' };
  }
  const bundle = bundleSchema.safeParse(parsed);
  if (!bundle.success)
    return { reason: 'This is JSON, but no STIX bundle: it has no type "bundle" with objects.' };
  return { objects: bundle.data.objects };
}

class LeftOutList {
  readonly #rows = new Map<string, { type: string; reason: LeftOutReason; count: number; ids: string[] }>();

  add(object: { readonly type: string; readonly id?: string | undefined }, reason: LeftOutReason): void {
    const type = object.type.slice(0, 100);
    const key = `${reason} ${type}`;
    const row = this.#rows.get(key) ?? { type, reason, count: 0, ids: [] };
    this.#rows.set(key, row);
    row.count += 1;
    if (object.id !== undefined && row.ids.length < stixLimits.idsNamed)
      row.ids.push(object.id.slice(0, 300));
  }

  get rows(): LeftOut[] {
    return [...this.#rows.values()];
  }
}

/** The objects that are understood, each id once in its newest version, and in the order of the bundle. */
function readObjects(objects: readonly unknown[], leftOut: LeftOutList): Known[] {
  const byId = new Map<string, Known>();
  for (const object of objects.slice(0, stixLimits.objects)) {
    const head = headSchema.safeParse(object);
    if (!head.success) {
      leftOut.add({ type: '' }, 'malformed');
      continue;
    }
    const { type } = head.data;
    if (!knownTypes.has(type)) {
      if (!plumbing.has(type)) leftOut.add(head.data, withoutPlace.has(type) ? 'no-place' : 'unknown-type');
      continue;
    }
    const parsed = objectSchema.safeParse(object);
    if (!parsed.success || !parsed.data.id.startsWith(`${type}--`)) {
      leftOut.add(head.data, 'malformed');
      continue;
    }
    const known = byId.get(parsed.data.id);
    if (known === undefined) byId.set(parsed.data.id, parsed.data);
    else {
      leftOut.add(head.data, 'duplicate');
      const isNewer = Date.parse(parsed.data.modified ?? '') > Date.parse(known.modified ?? '');
      if (isNewer) byId.set(parsed.data.id, parsed.data);
    }
  }
  if (objects.length > stixLimits.objects) {
    for (const object of objects.slice(stixLimits.objects)) {
      const head = headSchema.safeParse(object);
      leftOut.add(head.success ? head.data : { type: '' }, 'too-many');
    }
  }
  return [...byId.values()];
}

/** An object's forms, by which patterns find it: a file is found by each of its hashes. */
function formsOfObject(object: Exclude<Known, NoObservable>): Pick<StixForm, 'type' | 'identity'>[] {
  const { type } = object;
  switch (type) {
    case 'user-account':
      return [{ type, identity: { account_login: object.account_login ?? object.user_id ?? '' } }];
    case 'autonomous-system':
      return [{ type, identity: { number: object.number } }];
    case 'file':
      return Object.entries(object.hashes ?? {}).flatMap(([name, text]) =>
        text === undefined ? [] : [{ type, identity: { hashes: { [name]: text } } }],
      );
    case ownObservableType:
      return [{ type, identity: { entity_kind: object.entity_kind, value: object.value } }];
    case 'location':
      return [{ type, identity: { country: object.country ?? '' } }];
    case 'vulnerability': {
      const named = object.external_references?.find((each) => each.source_name === 'cve')?.external_id;
      return [{ type, identity: { name: named ?? object.name } }];
    }
    default:
      return [{ type, identity: { value: object.value } }];
  }
}

type NoObservable = OfType<'indicator'> | OfType<'sighting'> | OfType<'attack-pattern'>;
const isObservable = (object: Known): object is Exclude<Known, NoObservable> =>
  object.type !== 'indicator' && object.type !== 'sighting' && object.type !== 'attack-pattern';

function verdictOf({ indicator_types: types }: OfType<'indicator'>): Verdict {
  if (types?.includes('malicious-activity')) return 'malicious';
  if (
    types?.some((type) =>
      ['anomalous-activity', 'compromised', 'anonymization', 'attribution'].includes(type),
    )
  )
    return 'suspicious';
  return types?.includes('benign') ? 'benign' : 'unknown';
}

function sightingsOf(rows: readonly OfType<'sighting'>[]): Sightings | null {
  const times = rows.flatMap(({ first_seen: first, last_seen: last }) =>
    [first, last].flatMap((text) => (text === undefined ? [] : [Date.parse(text)])),
  );
  if (times.length === 0) return null;
  return {
    firstSeenMs: times.reduce((least, timeMs) => Math.min(least, timeMs)),
    lastSeenMs: times.reduce((most, timeMs) => Math.max(most, timeMs)),
    count: Math.min(
      999_999_999,
      // A sighting without a count was seen at least once.
      rows.reduce((sum, { count }) => sum + (count ?? 1), 0),
    ),
  };
}

interface Gathered {
  readonly observables: readonly KindAndValue[];
  readonly tlps: (Tlp | null)[];
  verdict: Verdict;
  readonly sightings: OfType<'sighting'>[];
}

const worse = (a: Verdict, b: Verdict): Verdict => (verdicts.indexOf(a) < verdicts.indexOf(b) ? a : b);

/**
 * Reads the observables of a STIX 2.1 bundle from outside: from cyber-observable objects, and from indicators whose
 * pattern is a list of values; with their sightings, verdict and strictest marking. Reads what it understands and
 * lists the rest with the reason. References are looked up once and never followed further, so circles do no harm.
 * @param text the bundle's JSON
 */
export function readStixBundle(text: string): StixImport {
  const bundle = parseBundle(text);
  if ('reason' in bundle) return { ok: false, reason: bundle.reason };
  const leftOut = new LeftOutList();
  const objects = readObjects(bundle.objects, leftOut).filter((object) => {
    if (object.revoked !== true) return true;
    leftOut.add(object, 'revoked');
    return false;
  });

  const sightingsByTarget = new Map<string, OfType<'sighting'>[]>();
  for (const object of objects) {
    if (object.type !== 'sighting') continue;
    const rows = sightingsByTarget.get(object.sighting_of_ref) ?? [];
    sightingsByTarget.set(object.sighting_of_ref, rows);
    rows.push(object);
  }

  const gathered = new Map<string, Gathered>();
  const take = (
    form: Pick<StixForm, 'type' | 'identity'>,
    observables: readonly KindAndValue[],
    object: Known,
    verdict: Verdict,
  ) => {
    const known = gathered.get(formKey(form)) ?? { observables, tlps: [], verdict, sightings: [] };
    gathered.set(formKey(form), known);
    known.tlps.push(tlpOfMarkings(object.object_marking_refs ?? []));
    known.verdict = worse(known.verdict, verdict);
    known.sightings.push(...(sightingsByTarget.get(object.id) ?? []));
  };
  // Objects before indicators: an object says what kind of thing it is, a pattern only how to find it.
  for (const object of objects) {
    if (!isObservable(object)) continue;
    let taken = 0;
    for (const form of formsOfObject(object)) {
      // What we wrote beside an object counts only where it would be this object again.
      const named = (object.extensions?.[extensionId]?.entities ?? []).filter(
        (each) => formKey(formOf(each)) === formKey(form),
      );
      const observables = named.length > 0 ? named : observablesOf(form);
      if (observables.length > 0) take(form, observables, object, 'unknown');
      taken += observables.length;
    }
    if (taken === 0) leftOut.add(object, 'no-value');
  }
  for (const object of objects) {
    if (object.type !== 'indicator') continue;
    const forms = object.pattern_type === 'stix' ? readPattern(object.pattern) : null;
    const found = (forms ?? []).map((form) => ({ form, observables: observablesOf(form) }));
    if (found.length === 0 || found.some(({ observables }) => observables.length === 0)) {
      leftOut.add(object, 'pattern-not-understood');
      continue;
    }
    for (const { form, observables } of found) take(form, observables, object, verdictOf(object));
  }

  const observables = new Map<string, ImportedObservable>();
  for (const { observables: together, tlps: marked, verdict, sightings } of gathered.values()) {
    for (const { kind, value: text } of together) {
      const key = `${kind} ${text}`;
      if (observables.has(key)) continue;
      if (observables.size >= stixLimits.observables) {
        leftOut.add({ type: kind }, 'too-many');
        continue;
      }
      observables.set(key, {
        kind,
        value: text,
        tlp: strictestTlp(marked),
        verdict,
        sightings: sightingsOf(sightings),
      });
    }
  }
  return {
    ok: true,
    observables: [...observables.values()],
    techniques: techniquesOf(objects, leftOut),
    leftOut: leftOut.rows,
  };
}

function techniquesOf(objects: readonly Known[], leftOut: LeftOutList): string[] {
  const techniques = new Set<string>();
  for (const object of objects) {
    if (object.type !== 'attack-pattern') continue;
    const id = object.external_references?.find((each) => each.source_name === 'mitre-attack')?.external_id;
    if (id === undefined || !/^T\d{4}(\.\d{3})?$/.test(id)) leftOut.add(object, 'no-value');
    else if (techniques.size >= stixLimits.techniques) leftOut.add(object, 'too-many');
    else techniques.add(id);
  }
  return [...techniques];
}
