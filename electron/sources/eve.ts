import { hash } from 'node:crypto';
import type { UnmappedWord } from '../../shared/domain/connection.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import { dayMs } from '../../shared/domain/time.ts';
import {
  boundedText,
  canonicalAddress,
  distinctEntities,
  entityOf,
  severityMapField,
  UnmappedWords,
} from './alert-words.ts';
import type { EveReading } from './eve-words.ts';
import type { RecentLines } from './recent-lines.ts';
import type { ContextInput, OccurrenceInput, RejectedInput } from './source.ts';

/** What some lines of an EVE file hold. */
export interface EveRecords {
  /** Lines that are events, those not understood included. */
  readonly events: number;
  readonly occurrences: OccurrenceInput[];
  readonly context: ContextInput[];
  readonly rejected: RejectedInput[];
  readonly unmapped: UnmappedWord[];
  /** Newest time among the events, UTC epoch ms; null when there is none. */
  readonly newestMs: number | null;
}

/** A line longer than this is no EVE record: Suricata's own largest buffers stay below it, a title of 1 MB too. */
export const mostLineBytes = 2 * 1024 * 1024;
const carriageReturn = 13;

type Fields = { readonly [key: string]: unknown };

/** JSON's own properties alone are read, so a record with `__proto__` in it changes nothing. */
function field(record: Fields, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsIn(record: Fields, key: string): Fields | null {
  const value = field(record, key);
  return isFields(value) ? value : null;
}

function textIn(record: Fields | null, key: string): string {
  const value = record === null ? undefined : field(record, key);
  return typeof value === 'string' ? value : '';
}

function numberIn(record: Fields | null, key: string): number | null {
  const value = record === null ? undefined : field(record, key);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function scalarIn(record: Fields | null, key: string): string {
  const value = record === null ? undefined : field(record, key);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let index = start; index < start + count; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const otherTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/;

/**
 * Suricata's `2010-01-04T17:29:26.981507+0000` to epoch ms, read digit by digit since every record has one; other
 * RFC 3339 forms too.
 * @returns null for what is no moment
 */
export function parseEveTime(text: string): number | null {
  if (text.length !== 31 || text.charCodeAt(10) !== 84 || text.charCodeAt(19) !== 46) {
    // Without the colon in its zone JavaScript need not understand it.
    const timeMs = otherTime.test(text) ? Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
    return Number.isFinite(timeMs) ? timeMs : null;
  }
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  const zoneMinutes = digits(text, 27, 2) * 60 + digits(text, 29, 2);
  const sign = text.charCodeAt(26) === 45 ? -1 : 1;
  const timeMs =
    Date.UTC(digits(text, 0, 4), month - 1, day, hour, minute, second) +
    Math.floor(digits(text, 20, 6) / 1000) -
    sign * zoneMinutes * 60_000;
  return Number.isFinite(timeMs) ? timeMs : null;
}

/** Canonical addresses of a stream repeat endlessly: the last few thousand are remembered. */
const addresses = new Map<string, string | null>();

/** An IPv4 address that is canonical as it stands: nearly all of them. */
const plainIpv4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

function addressOf(text: string): string | null {
  if (text === '' || text.length > 60) return null;
  if (text.length <= 15 && plainIpv4.test(text)) return text;
  const known = addresses.get(text);
  if (known !== undefined) return known;
  const address = canonicalAddress(text);
  if (addresses.size >= 8_192) addresses.clear();
  addresses.set(text, address);
  return address;
}

/** What Suricata means by an alert without a priority. */
const usualPriority = 3;

/** ATT&CK techniques as rule sets write them into a rule's metadata. */
function techniquesOf(alert: Fields): readonly string[] {
  const metadata = fieldsIn(alert, 'metadata');
  if (metadata === null) return [];
  const found = new Set<string>();
  for (const key of ['mitre_technique_id', 'mitre_attack', 'attack_technique', 'mitre_sub_technique_id']) {
    const value = field(metadata, key);
    const words = Array.isArray(value) ? value.slice(0, 20) : [value];
    for (const word of words) {
      if (typeof word === 'string' && word.length < 200) {
        for (const match of word.matchAll(/\bT\d{4}(?:\.\d{3})?\b/g)) found.add(match[0]);
      }
    }
  }
  return [...found];
}

interface Parties {
  readonly source: string | null;
  readonly destination: string | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

function partiesOf(record: Fields): Parties {
  return {
    source: addressOf(textIn(record, 'src_ip')),
    destination: addressOf(textIn(record, 'dest_ip')),
    sourcePort: numberIn(record, 'src_port'),
    destinationPort: numberIn(record, 'dest_port'),
  };
}

/**
 * Who asked whom. An alert's packet may be the answer, so the flow's own direction counts where the record has it;
 * where the rule names its target (`alert.source`, `alert.target`), that counts before all.
 */
function rolesOf(record: Fields, alert: Fields): Parties {
  const named = { source: fieldsIn(alert, 'source'), target: fieldsIn(alert, 'target') };
  const source = addressOf(textIn(named.source, 'ip'));
  const target = addressOf(textIn(named.target, 'ip'));
  if (source !== null && target !== null) {
    return {
      source,
      destination: target,
      sourcePort: numberIn(named.source, 'port'),
      destinationPort: numberIn(named.target, 'port'),
    };
  }
  const flow = fieldsIn(record, 'flow');
  return flow !== null && addressOf(textIn(flow, 'src_ip')) !== null ? partiesOf(flow) : partiesOf(record);
}

function place(address: string | null, port: number | null): string {
  if (address === null) return 'unknown';
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function entitiesOf(record: Fields, roles: Parties, signature: string): readonly Entity[] {
  const http = fieldsIn(record, 'http');
  const dns = fieldsIn(record, 'dns');
  const tls = fieldsIn(record, 'tls');
  const quic = fieldsIn(record, 'quic');
  const query = dns === null ? null : field(dns, 'query');
  const firstQuery: unknown = Array.isArray(query) ? query[0] : null;
  const files = field(record, 'files');
  const firstFile: unknown = Array.isArray(files) ? files[0] : null;
  return distinctEntities([
    ...(roles.source === null ? [] : entityOf('ip', roles.source, 'source')),
    ...(roles.destination === null ? [] : entityOf('ip', roles.destination, 'destination')),
    ...(roles.destinationPort === null ? [] : entityOf('port', String(roles.destinationPort), 'destination')),
    ...entityOf('signature', signature, 'related'),
    ...entityOf('domain', textIn(http, 'hostname'), 'destination'),
    ...entityOf('path', textIn(http, 'url'), 'destination'),
    ...entityOf('user-agent', textIn(http, 'http_user_agent'), 'source'),
    ...entityOf('domain', textIn(dns, 'rrname'), 'related'),
    ...(isFields(firstQuery) ? entityOf('domain', textIn(firstQuery, 'rrname'), 'related') : []),
    ...entityOf('domain', textIn(tls, 'sni'), 'destination'),
    ...entityOf('domain', textIn(quic, 'sni'), 'destination'),
    ...(isFields(firstFile) ? entityOf('file-hash', textIn(firstFile, 'sha256'), 'related') : []),
  ]);
}

function toOccurrence(
  record: Fields,
  alert: Fields,
  identity: string,
  occurredMs: number,
  raw: string,
  { reading, unmapped }: Pick<Gathered, 'reading' | 'unmapped'>,
): OccurrenceInput {
  const roles = rolesOf(record, alert);
  const name = boundedText(textIn(alert, 'signature').trim(), 300);
  const generator = numberIn(alert, 'gid') ?? 1;
  const signatureId = numberIn(alert, 'signature_id') ?? 0;
  const title = name === '' ? `Signature ${generator}:${signatureId}` : name;
  const action = textIn(alert, 'action');
  const blocked = action === 'blocked';
  const priority = String(Math.max(1, Math.round(numberIn(alert, 'severity') ?? usualPriority)));
  const known = reading.severity(priority);
  if (known === null) unmapped.add(severityMapField.key, priority);
  const severity = known ?? 'informational';
  const from = place(roles.source, null);
  const to = place(roles.destination, roles.destinationPort);
  const category = boundedText(textIn(alert, 'category').trim(), 120);
  const protocol = boundedText(textIn(record, 'app_proto') || textIn(record, 'proto'), 30);
  const what = [protocol.toUpperCase(), `${from} → ${to}`].filter((part) => part !== '').join(' ');
  return {
    identity,
    // Who did what to whom: one signature between one pair is one thing to decide about. Ports stay out, since a
    // client takes a new one for each connection; so does the packet's direction, since request and answer of one
    // conversation may both match.
    deduplicationKey: `${generator}:${signatureId}|${from}|${place(roles.destination, null)}`,
    windowMs: dayMs,
    occurredMs,
    title,
    why: `Suricata ${blocked ? 'blocked' : 'saw and let pass'} ${what}: signature ${generator}:${signatureId}${category === '' ? '' : `, ${category}`}.`,
    severity,
    lane: reading.lane(action, severity),
    mitigated: blocked ? 'yes' : 'no',
    sourceState: null,
    entities: entitiesOf(record, roles, `${generator}:${signatureId}${name === '' ? '' : ` ${name}`}`),
    techniques: techniquesOf(alert),
    customerName: null,
    serviceName: null,
    raw,
    correlationKey: correlationKey(record),
  };
}

function correlationKey(record: Fields): string | null {
  const flowId = scalarIn(record, 'flow_id');
  return flowId === '' ? null : flowId.slice(0, 40);
}

function joinWords(...words: readonly string[]): string {
  return words.filter((word) => word !== '').join(' ');
}

/** What an event that is no alert says, beyond who talked to whom. */
function detailOf(type: string, record: Fields): string {
  const own = fieldsIn(record, type);
  switch (type) {
    case 'http': {
      const status = scalarIn(own, 'status');
      return joinWords(
        textIn(own, 'http_method') || 'HTTP',
        `${textIn(own, 'hostname')}${textIn(own, 'url')}`,
        status === '' ? '' : `answered ${status}`,
      );
    }
    case 'dns':
      return joinWords(
        'DNS',
        textIn(own, 'type'),
        textIn(own, 'rrtype'),
        textIn(own, 'rrname'),
        textIn(own, 'rcode'),
      );
    case 'tls':
      return joinWords(
        textIn(own, 'version') || 'TLS',
        textIn(own, 'sni') === '' ? '' : `for ${textIn(own, 'sni')}`,
        textIn(own, 'subject'),
      );
    case 'quic':
      return joinWords(
        'QUIC',
        textIn(own, 'version'),
        textIn(own, 'sni') === '' ? '' : `for ${textIn(own, 'sni')}`,
      );
    case 'flow': {
      const sent = numberIn(own, 'bytes_toserver') ?? 0;
      const received = numberIn(own, 'bytes_toclient') ?? 0;
      return joinWords(
        `${textIn(record, 'proto')} flow`.trim(),
        textIn(record, 'app_proto'),
        `${sent} B there, ${received} B back,`,
        textIn(own, 'state') || 'state not known',
      );
    }
    case 'smb':
      return joinWords(
        'SMB',
        textIn(own, 'command').replace(/^SMB2_COMMAND_/, ''),
        textIn(own, 'filename'),
        textIn(own, 'status'),
      );
    case 'dcerpc':
      return joinWords('DCERPC', textIn(own, 'request'), textIn(own, 'response'));
    case 'nfs':
      return joinWords('NFS', textIn(own, 'procedure'), textIn(own, 'filename'), textIn(own, 'status'));
    case 'ftp':
      return joinWords('FTP', textIn(own, 'command'), textIn(own, 'command_data'));
    case 'ssh':
      return joinWords(
        'SSH',
        textIn(fieldsIn(own ?? {}, 'client'), 'software_version'),
        textIn(fieldsIn(own ?? {}, 'server'), 'software_version'),
      );
    case 'fileinfo':
      return joinWords(
        'File',
        textIn(own, 'filename'),
        `${numberIn(own, 'size') ?? 0} B`,
        textIn(own, 'state').toLowerCase(),
      );
    case 'anomaly':
      return joinWords('Anomaly', textIn(own, 'type'), textIn(own, 'event'));
    case 'krb5':
      return joinWords('Kerberos', textIn(own, 'msg_type'), textIn(own, 'cname'), textIn(own, 'sname'));
    case 'smtp':
      return joinWords('SMTP', textIn(own, 'helo'), textIn(own, 'mail_from'));
    case 'dhcp':
      return joinWords(
        'DHCP',
        textIn(own, 'dhcp_type') || textIn(own, 'type'),
        textIn(own, 'assigned_ip'),
        textIn(own, 'hostname'),
      );
    case 'stats':
      return 'Suricata’s own counters';
    default:
      return type.toUpperCase();
  }
}

function toContext(
  record: Fields,
  type: string,
  identity: string,
  occurredMs: number,
  raw: string,
): ContextInput {
  const parties = partiesOf(record);
  const who =
    parties.source === null && parties.destination === null
      ? ''
      : `, ${place(parties.source, parties.sourcePort)} → ${place(parties.destination, parties.destinationPort)}`;
  return {
    identity,
    occurredMs,
    type: boundedText(type, 60),
    summary: boundedText(`${boundedText(detailOf(type, record), 400)}${who}`, 500),
    raw,
    correlationKey: correlationKey(record),
    addresses: [...new Set([parties.source, parties.destination].filter((address) => address !== null))],
  };
}

const hashOf = (line: string): string => hash('sha256', line, 'base64url');

/** Five characters of a hash as a number of 30 bits, spread over 32. */
function partOf(digest: string, from: number): number {
  let part = 0;
  for (let index = from; index < from + 5; index += 1) {
    part = (Math.imul(part, 67) + digest.charCodeAt(index)) | 0;
  }
  return part;
}

/** Counts a line as `parseEveLines` does without reading what is in it. Gives its hash as base64url, too. */
export function countEveLine(
  line: string,
  recent: RecentLines,
): { readonly digest: string; readonly ordinal: number } {
  const digest = hashOf(line);
  return { digest, ordinal: recent.ordinalOf(partOf(digest, 0), partOf(digest, 5)) };
}

/** What is left out because it is too long to be a record. */
export function tooLongEveLine(start: string): RejectedInput {
  return {
    reason: `A line is longer than ${mostLineBytes / 1024} KiB; it was left out.`,
    raw: start,
    place: 'too long',
  };
}

interface Gathered {
  readonly reading: EveReading;
  readonly unmapped: UnmappedWords;
  newestMs: number | null;
  readonly occurrences: OccurrenceInput[];
  readonly context: ContextInput[];
  readonly rejected: RejectedInput[];
}

function gather(reading: EveReading): Gathered {
  return {
    reading,
    unmapped: new UnmappedWords(),
    newestMs: null,
    occurrences: [],
    context: [],
    rejected: [],
  };
}

function recordsOf(
  { newestMs, occurrences, context, rejected, unmapped }: Gathered,
  events: number,
): EveRecords {
  return { events, newestMs, occurrences, context, rejected, unmapped: unmapped.list() };
}

/** Reads one line into what was gathered so far. */
function readLine(into: Gathered, raw: string, digest: string, ordinal: number): void {
  const refuse = (reason: string) => into.rejected.push({ reason, raw, place: String(ordinal) });
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    refuse('A line is not JSON.');
    return;
  }
  if (!isFields(value)) {
    refuse('A line is JSON but no event.');
    return;
  }
  const type = textIn(value, 'event_type');
  const occurredMs = parseEveTime(textIn(value, 'timestamp'));
  if (type === '' || occurredMs === null) {
    refuse(type === '' ? 'An event has no event_type.' : 'An event has no usable timestamp.');
    return;
  }
  // The first 18 bytes of the hash.
  const identity = `${digest.slice(0, 24)}.${ordinal}`;
  const alert = type === 'alert' ? fieldsIn(value, 'alert') : null;
  if (type === 'alert' && alert === null) {
    refuse('An alert has nothing under “alert”.');
    return;
  }
  if (into.newestMs === null || occurredMs > into.newestMs) into.newestMs = occurredMs;
  if (alert === null) into.context.push(toContext(value, type, identity, occurredMs, raw));
  else into.occurrences.push(toOccurrence(value, alert, identity, occurredMs, raw, into));
}

/**
 * Reads lines of EVE JSON, one event each. Hand-checked narrow reads in place of a schema: this is the hot path.
 * Identity is the line's hash and its ordinal among identical lines of the stream.
 * @param lines each without its line end, none of them empty
 * @param recent counts identical lines; belongs to the stream
 * @param reading what priorities and actions mean
 */
export function parseEveLines(lines: Iterable<string>, recent: RecentLines, reading: EveReading): EveRecords {
  let events = 0;
  const gathered = gather(reading);
  for (const raw of lines) {
    events += 1;
    if (raw.length > mostLineBytes) {
      gathered.rejected.push(tooLongEveLine(raw));
      continue;
    }
    const { digest, ordinal } = countEveLine(raw, recent);
    readLine(gathered, raw, digest, ordinal);
  }
  return recordsOf(gathered, events);
}

/** Reads a rejected line anew: its ordinal is the place that it was kept with. */
export function replayEveLine(
  { raw, place }: Pick<RejectedInput, 'raw' | 'place'>,
  reading: EveReading,
): EveRecords {
  const gathered = gather(reading);
  readLine(gathered, raw, hashOf(raw), Number(place));
  return recordsOf(gathered, 1);
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const stop = end < 0 ? text.length : end;
    const last = text.charCodeAt(stop - 1) === carriageReturn ? stop - 1 : stop;
    if (last > start) yield text.slice(start, last);
    start = stop + 1;
  }
}

/**
 * How many characters of a file's text are whole lines: what stands after its last line end is one where it is JSON by
 * itself, else the writer's next line in the middle, or what a cut left of one.
 */
export function wholeLinesLength(text: string): number {
  const start = text.lastIndexOf('\n') + 1;
  const tail = text.slice(start);
  if (tail.trim() === '') return text.length;
  try {
    JSON.parse(tail);
    return text.length;
  } catch {
    return start;
  }
}

/** The same for a text of whole lines; what stands after the last line end is a line, too. */
export function parseEveText(text: string, recent: RecentLines, reading: EveReading): EveRecords {
  return parseEveLines(linesOf(text), recent, reading);
}
