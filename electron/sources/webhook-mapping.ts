import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Lane, Mitigated, Severity, SourceState } from '../../shared/domain/alert.ts';
import type { Field } from '../../shared/domain/connection.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import { dayMs } from '../../shared/domain/time.ts';
import {
  boundedText,
  distinctEntities,
  entityOf,
  hostEntities,
  severityMapField,
  UnmappedWords,
} from './alert-words.ts';
import type { Batch, OccurrenceInput } from './source.ts';

/** What can be taken from a record, each by one or more JSON pointers (RFC 6901), the first that finds something. */
export const mappedFields = [
  'items',
  'id',
  'time',
  'started',
  'title',
  'why',
  'severity',
  'state',
  'mitigated',
  'service',
  'customer',
  'deduplication',
  'correlation',
  'sourceAddress',
  'destinationAddress',
  'host',
  'url',
  'user',
  'technique',
] as const;
export type MappedField = (typeof mappedFields)[number];
export type Mapping = Readonly<Record<MappedField, readonly string[]>>;

/** Pointers of some sources with mappings of their own. */
const mostKnownPointers = 2_000;

/** What common senders call things: Alertmanager's and Grafana's webhooks, ECS, Wazuh, and plain flat records. */
const usual: Mapping = {
  items: ['/alerts', '/events', '/records', '/Records', '/items'],
  id: ['/id', '/_id', '/event/id', '/event_id', '/alert_id', '/uuid', '/fingerprint'],
  time: [
    '/timestamp',
    '/@timestamp',
    '/time',
    '/startsAt',
    '/occurred_at',
    '/created_at',
    '/event/created',
    '/date',
    '/ts',
  ],
  started: ['/startsAt', '/started_at', '/start_time'],
  title: [
    '/title',
    '/annotations/summary',
    '/labels/alertname',
    '/rule/description',
    '/rule/name',
    '/alert/signature',
    '/name',
    '/summary',
    '/subject',
    '/message',
  ],
  why: [
    '/why',
    '/description',
    '/annotations/description',
    '/annotations/message',
    '/message',
    '/text',
    '/reason',
  ],
  severity: [
    '/severity',
    '/labels/severity',
    '/event/severity',
    '/alert/severity',
    '/rule/severity',
    '/priority',
    '/urgency',
    '/level',
  ],
  state: ['/status', '/state'],
  mitigated: ['/mitigated', '/blocked', '/action', '/event/action', '/alert/action'],
  service: ['/service', '/service/name', '/labels/service', '/labels/job', '/application'],
  customer: ['/customer', '/tenant', '/organization/name', '/labels/customer', '/labels/tenant'],
  deduplication: ['/deduplication_key', '/dedup_key', '/incident_key', '/group_key', '/rule/id'],
  correlation: ['/correlation_id', '/flow_id', '/trace/id', '/trace_id', '/session_id'],
  sourceAddress: [
    '/source_ip',
    '/src_ip',
    '/source/ip',
    '/client_ip',
    '/client/ip',
    '/data/srcip',
    '/labels/source_ip',
    '/remote_addr',
  ],
  destinationAddress: [
    '/destination_ip',
    '/dest_ip',
    '/dst_ip',
    '/destination/ip',
    '/server/ip',
    '/data/dstip',
  ],
  host: ['/host', '/host/name', '/hostname', '/agent/name', '/labels/instance'],
  url: ['/url', '/url/full', '/uri'],
  user: ['/user', '/user/name', '/username', '/data/dstuser'],
  technique: ['/technique', '/threat/technique/id', '/rule/mitre/id', '/mitre_technique_id'],
};

const pointer = z
  .string()
  .max(500)
  .regex(/^(\/([^~/]|~0|~1)*)*$/, 'a JSON pointer begins with / and is like /alert/title');
const overSchema = z.strictObject(
  Object.fromEntries(
    mappedFields.map((field) => [field, z.union([pointer, z.array(pointer).max(20)]).optional()]),
  ),
);

/**
 * Reads a mapping that the user set: an object of field to pointer or list of pointers, as JSON text. What it does
 * not name stays with the usual places.
 * @returns the mapping, or in words what is wrong with it
 */
export function readMapping(text: string): { readonly mapping: Mapping } | { readonly problem: string } {
  if (text.trim() === '') return { mapping: usual };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'this is not JSON.' };
  }
  const parsed = overSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    return {
      problem: `${where === '' ? '' : `${where}: `}${issue?.message ?? 'not understood'}. Fields are ${mappedFields.join(', ')}.`,
    };
  }
  const over = parsed.data;
  const mapping = Object.fromEntries(
    mappedFields.map((field) => {
      const own = over[field];
      return [field, own === undefined ? usual[field] : typeof own === 'string' ? [own] : own];
    }),
  );
  return { mapping: { ...usual, ...mapping } };
}

/** The keys of pointers, which are few and asked of every record. */
const knownKeys = new Map<string, readonly string[]>();

function keysOf(path: string): readonly string[] {
  const known = knownKeys.get(path);
  if (known !== undefined) return known;
  const keys = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (knownKeys.size >= mostKnownPointers) knownKeys.clear();
  knownKeys.set(path, keys);
  return keys;
}

/** What a JSON pointer finds; own properties alone, so `__proto__` finds nothing that the sender did not write. */
export function pointTo(value: unknown, path: string): unknown {
  let found = value;
  for (const key of keysOf(path)) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

function scalar(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function firstText(record: unknown, pointers: readonly string[]): string | null {
  for (const path of pointers) {
    const text = scalar(pointTo(record, path));
    if (text !== null) return text;
  }
  return null;
}

/** RFC 3339 (UTC where it names no zone), or epoch seconds, milliseconds, microseconds or nanoseconds by size, to epoch ms; null if none. */
function readTime(text: string | null): number | null {
  if (text === null || text.length > 60) return null;
  if (/^\d{9,19}(\.\d+)?$/.test(text)) {
    const number = Number(text);
    for (const [limit, factor] of [
      [1e11, 1_000],
      [1e14, 1],
      [1e17, 1e-3],
      [Number.POSITIVE_INFINITY, 1e-6],
    ] as const) {
      if (number < limit) return Math.round(number * factor);
    }
  }
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
  if (match === null) return null;
  const [, date, clock, zone = 'Z'] = match;
  const timeMs = Date.parse(`${date}T${clock}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isFinite(timeMs) && timeMs > 0 ? timeMs : null;
}

function readMitigated(text: string | null): Mitigated {
  if (text === null) return 'not-known';
  if (/^(true|yes|block(ed)?|den(y|ied)|drop(ped)?|reject(ed)?|mitigated|prevented|quarantined)$/i.test(text))
    return 'yes';
  if (/^(false|no|allow(ed)?|pass(ed)?|detect(ed)?|permitted|alert)$/i.test(text)) return 'no';
  return /^part(ly|ial)/i.test(text) ? 'partly' : 'not-known';
}

/** What a push is made of: the records of a body, or the body itself. */
export function itemsOf(body: unknown, mapping: Mapping): readonly unknown[] {
  if (Array.isArray(body)) return body;
  for (const path of mapping.items) {
    const found = pointTo(body, path);
    if (Array.isArray(found)) return found;
  }
  return [body];
}

/** The field that says what a sender's words mean as states. */
export const stateMapField: Field = {
  key: 'stateMap',
  label: 'State words',
  help: 'A record without a state, or with one that nothing names, is an event by itself.',
  type: 'mapping',
  required: false,
  default: null,
  mapping: {
    wordLabel: 'State at the source',
    meaningLabel: 'State here',
    meanings: [
      { value: 'firing', label: 'Firing' },
      { value: 'resolved', label: 'Resolved' },
      { value: 'silenced', label: 'Silenced' },
      { value: 'inhibited', label: 'Inhibited' },
      { value: 'none', label: 'No state' },
    ],
    defaults: [
      { words: ['firing', 'active', 'open', 'triggered', 'alerting'], meaning: 'firing' },
      { words: ['resolved', 'closed', 'ok', 'recovered', 'inactive'], meaning: 'resolved' },
      { words: ['silenced', 'suppressed'], meaning: 'silenced' },
      { words: ['inhibited'], meaning: 'inhibited' },
    ],
    otherwise: 'none',
    isOpen: true,
  },
};

/** How words of a record are read. */
export interface WordReading {
  readonly severity: (word: string) => Severity | null;
  readonly state: (word: string) => SourceState | null;
  readonly lane: (state: SourceState | null, severity: Severity) => Lane;
}

/** One thing that was pushed and could not be taken. */
export type WebhookRejection = Batch['rejected'][number];

/**
 * Turns what was pushed into occurrences.
 * @param push.sentMs the moment that the sender signed: stands in where a record has no time of its own
 * @param push.firstOrdinal how often the same record stood before it in its push: of one that is read anew
 */
export function toOccurrences(
  items: readonly unknown[],
  mapping: Mapping,
  push: {
    readonly sentMs: number;
    readonly read: WordReading;
    readonly firstOrdinal?: number;
  },
): Pick<Batch, 'occurrences' | 'rejected' | 'unmapped'> {
  const occurrences: OccurrenceInput[] = [];
  const rejected: WebhookRejection[] = [];
  const unmapped = new UnmappedWords();
  const ordinals = new Map<string, number>();
  /** The same of those that are refused: had they been understood, these would be their ordinals. */
  const refused = new Map<string, number>();
  for (const item of items) {
    let raw: string;
    try {
      raw = JSON.stringify(item) ?? 'undefined';
    } catch {
      rejected.push({ reason: 'A record is nested too deeply.', raw: '', place: `${push.sentMs}` });
      continue;
    }
    const refuse = (reason: string) => {
      const ordinal = refused.get(raw) ?? push.firstOrdinal ?? 0;
      refused.set(raw, ordinal + 1);
      rejected.push({ reason, raw, place: `${push.sentMs}.${ordinal}` });
    };
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      refuse('A record is no JSON object.');
      continue;
    }
    const text = (field: MappedField) => firstText(item, mapping[field]);
    const title = text('title');
    if (title === null) {
      refuse(`A record has no title (looked at ${mapping.title.slice(0, 6).join(', ')}).`);
      continue;
    }
    const ownTime = text('time');
    const time = readTime(ownTime);
    if (ownTime !== null && time === null) {
      refuse(`A record’s time is not understood (“${boundedText(ownTime, 60)}”).`);
      continue;
    }
    const id = text('id');
    const stateWord = text('state');
    const state = stateWord === null ? null : push.read.state(stateWord);
    if (stateWord !== null && state === null) unmapped.add(stateMapField.key, stateWord);
    // A record without id and time may come again as another event: the signed moment tells the two apart, while
    // the same push sent again has the same.
    const content = hash(
      'sha256',
      time === null && id === null ? `${push.sentMs}\n${raw}` : raw,
      'base64url',
    ).slice(0, 24);
    const episode =
      id === null
        ? null
        : [boundedText(id, 200), cutOrNull(text('started'), 60)].filter((part) => part !== null).join('@');
    const base = episode === null ? content : `${episode}:${state ?? ''}`;
    const ordinal = ordinals.get(base) ?? push.firstOrdinal ?? 0;
    ordinals.set(base, ordinal + 1);
    const severityWord = text('severity') ?? '';
    const severity = push.read.severity(severityWord) ?? 'medium';
    if (severityWord !== '' && push.read.severity(severityWord) === null) {
      unmapped.add(severityMapField.key, severityWord);
    }
    const mitigated = readMitigated(text('mitigated'));
    const service = text('service');
    const sources = text('sourceAddress');
    const entities: readonly Entity[] = distinctEntities([
      ...hostEntities(sources ?? '', 'source'),
      ...hostEntities(text('destinationAddress') ?? '', 'destination'),
      ...hostEntities(text('host') ?? '', 'related'),
      ...entityOf('url', text('url') ?? '', 'destination'),
      ...entityOf('user', text('user') ?? '', 'related'),
    ]);
    const techniques = mapping.technique.flatMap((path) => {
      const found = pointTo(item, path);
      const words: readonly unknown[] = Array.isArray(found) ? found.slice(0, 20) : [found];
      return words.filter(
        (word): word is string => typeof word === 'string' && /^T\d{4}(\.\d{3})?$/.test(word),
      );
    });
    occurrences.push({
      // With an id of the sender's own, the same id twice is the same event.
      identity: episode === null ? `${base}.${ordinal}` : base,
      deduplicationKey: boundedText(
        text('deduplication') ??
          (episode !== null && state !== null ? episode : `${title}|${service ?? ''}|${sources ?? ''}`),
        500,
      ),
      windowMs: episode !== null && state !== null ? 0 : dayMs,
      occurredMs: time ?? push.sentMs,
      title: boundedText(title, 300),
      why: boundedText(text('why') ?? title, 2000),
      severity,
      // What was stopped on its way calls nobody.
      lane: mitigated === 'yes' ? 'informational' : push.read.lane(state, severity),
      mitigated,
      sourceState: state,
      entities,
      techniques: [...new Set(techniques)],
      customerName: nameOf(text('customer')),
      serviceName: nameOf(service),
      raw,
      correlationKey: cutOrNull(text('correlation'), 200),
    });
  }
  return { occurrences, rejected, unmapped: unmapped.list() };
}

function cutOrNull(text: string | null, most: number): string | null {
  return text === null ? null : boundedText(text, most);
}

function nameOf(text: string | null): string | null {
  return cutOrNull(text, 120);
}
