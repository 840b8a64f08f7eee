import { z } from 'zod';
import { type Severity, type SourceState, severities } from '../../shared/domain/alert.ts';
import type { Descriptor, Field, Settings, TestResult } from '../../shared/domain/connection.ts';
import type { Entity, EntityKind } from '../../shared/domain/entity.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import {
  boundedText,
  counted,
  distinctEntities,
  entityOf,
  hostEntities,
  laneReader,
  severityMapField,
  severityReader,
  stateLaneField,
  UnmappedWords,
} from './alert-words.ts';
import { createHttpClient, httpFields, quoteForSentence } from './http.ts';
import { checkSettings } from './settings-reader.ts';
import {
  type Batch,
  type ConnectionIo,
  type Cursor,
  emptyBatch,
  type OccurrenceInput,
  type Source,
  type SourceKind,
} from './source.ts';

const mappingGroup = 'How labels are read';

const fields: readonly Field[] = [
  ...httpFields.map((field) =>
    field.key === 'url' ? { ...field, placeholder: 'http://alertmanager.example.net:9093' } : field,
  ),
  {
    key: 'intervalSeconds',
    label: 'Every (s)',
    help: 'How often Alertmanager is asked.',
    type: 'number',
    required: true,
    default: 10,
    min: 1,
    max: 600,
  },
  {
    key: 'severityLabel',
    label: 'Severity label',
    help: 'The label that says how bad it is.',
    type: 'text',
    required: false,
    default: 'severity',
    group: mappingGroup,
  },
  { ...severityMapField, group: mappingGroup },
  { ...stateLaneField, group: mappingGroup },
  {
    key: 'serviceLabel',
    label: 'Service label',
    help: 'The label that names the service; where it is missing, job is used.',
    type: 'text',
    required: false,
    default: 'service',
    group: mappingGroup,
  },
  {
    key: 'customerLabel',
    label: 'Customer label',
    help: 'The label that names the customer. Empty: all belongs to this source’s customer.',
    type: 'text',
    required: false,
    default: null,
    group: mappingGroup,
  },
];

const descriptor: Descriptor = {
  kind: 'alertmanager',
  role: 'source',
  name: 'Alertmanager',
  summary: 'Alerts of Prometheus by API v2, with resolved, silenced and inhibited shown as such.',
  mode: 'poll',
  userAddable: true,
  fields: [...fields],
  setup: [],
};

/** `gettableAlert` of Alertmanager's API v2; `mutedBy` is newer than 0.25 and not needed. */
const alertSchema = z.object({
  fingerprint: z.string().min(1).max(200),
  startsAt: z.string(),
  endsAt: z.string(),
  updatedAt: z.string(),
  generatorURL: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  status: z.object({
    state: z.enum(['active', 'suppressed', 'unprocessed']),
    silencedBy: z.array(z.string()),
    inhibitedBy: z.array(z.string()),
    mutedBy: z.array(z.string()).optional(),
  }),
});
type GettableAlert = z.infer<typeof alertSchema>;

const statusSchema = z.object({
  uptime: z.string(),
  versionInfo: z.object({ version: z.string() }),
});

/** What is kept of an alert between polls: enough to say that it is resolved when it is gone from the list. */
const keptSchema = z.object({
  state: z.enum(['firing', 'resolved', 'silenced', 'inhibited']),
  /** How many changes of state were told; part of an occurrence's identity. */
  changes: z.number(),
  endsMs: z.number(),
  seenMs: z.number(),
  /** Polls in a row without it. */
  missed: z.number(),
  title: z.string(),
  severity: z.enum(severities),
  service: z.string().nullable(),
  customer: z.string().nullable(),
});
type Kept = z.infer<typeof keptSchema>;
const cursorSchema = z.object({ version: z.literal(1), alerts: z.record(z.string(), keptSchema) });

/** Gone from this many answers in a row, an alert counts as resolved: one short answer proves nothing. */
const missedUntilResolved = 2;
/** After its start Alertmanager knows nothing until Prometheus sends again, by default within a minute or so. */
const startUpMs = 5 * minuteMs;
/** Kept in the cursor; beyond that, alerts are taken but their end is not noticed. */
const mostKept = 20_000;

const entityLabels: readonly (readonly [names: readonly string[], kind: EntityKind, role: Entity['role']])[] =
  [
    [['source_ip', 'src_ip', 'client_ip', 'remote_addr', 'src', 'attacker'], 'ip', 'source'],
    [['ip', 'dest_ip', 'dst_ip', 'destination_ip', 'server_ip', 'address'], 'ip', 'destination'],
    [['host', 'hostname', 'node', 'nodename', 'instance', 'target', 'server'], 'host', 'destination'],
    [['domain', 'fqdn', 'vhost'], 'domain', 'destination'],
    [['url'], 'url', 'destination'],
    [['path', 'uri'], 'path', 'destination'],
    [['user', 'username', 'account'], 'user', 'related'],
    [['asn', 'as'], 'asn', 'source'],
    [['country'], 'country', 'source'],
  ];

function entitiesOf(labels: Readonly<Record<string, string>>): readonly Entity[] {
  const found = entityLabels.flatMap(([names, kind, role]) =>
    names.flatMap((name) => {
      const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
      if (value === undefined || value === '') return [];
      return kind === 'ip' || kind === 'host' ? hostEntities(value, role) : entityOf(kind, value, role);
    }),
  );
  return distinctEntities(found);
}

/** RFC 3339 to epoch ms; Go's zero time and what is no time give null. */
function parseTime(text: string): number | null {
  const timeMs = Date.parse(text);
  return Number.isFinite(timeMs) && timeMs > 0 ? timeMs : null;
}

function sourceStateOf(alert: GettableAlert): SourceState {
  if (alert.status.silencedBy.length > 0 || (alert.status.mutedBy?.length ?? 0) > 0) return 'silenced';
  return alert.status.inhibitedBy.length > 0 ? 'inhibited' : 'firing';
}

const stateWords: Readonly<Record<SourceState, string>> = {
  firing: 'is firing',
  resolved: 'is resolved',
  silenced: 'is firing, and silenced in Alertmanager',
  inhibited: 'is firing, and inhibited by another alert',
};

function createAlertmanager(settings: Settings): Source {
  const checked = checkSettings(fields, settings);
  const client = createHttpClient(settings);
  const intervalMs = checked.number('intervalSeconds') * secondMs;
  const severityLabel = checked.text('severityLabel');
  const serviceLabel = checked.text('serviceLabel');
  const customerLabel = checked.text('customerLabel');
  const readSeverity = severityReader(severityMapField, checked);
  const laneOf = laneReader(stateLaneField, checked);

  function severityOf(labels: Readonly<Record<string, string>>, unmapped: UnmappedWords): Severity {
    const word = Object.hasOwn(labels, severityLabel) ? (labels[severityLabel] ?? '') : '';
    const severity = readSeverity(word);
    if (severity === null && word.trim() !== '') unmapped.add(severityMapField.key, word);
    return severity ?? 'medium';
  }

  function label(labels: Readonly<Record<string, string>>, ...names: readonly string[]): string | null {
    for (const name of names) {
      const value = name !== '' && Object.hasOwn(labels, name) ? labels[name] : undefined;
      if (value !== undefined && value.trim() !== '') return boundedText(value.trim(), 120);
    }
    return null;
  }

  function titleOf(alert: GettableAlert): string {
    const name = label(alert.labels, 'alertname') ?? 'Alert without a name';
    const summary = Object.hasOwn(alert.annotations, 'summary') ? (alert.annotations.summary ?? '') : '';
    return boundedText(summary.trim() === '' ? name : `${name}: ${summary.trim()}`, 300);
  }

  function whyOf(alert: GettableAlert, state: SourceState): string {
    const words = ['description', 'message', 'summary']
      .map((key) => (Object.hasOwn(alert.annotations, key) ? (alert.annotations[key] ?? '').trim() : ''))
      .find((text) => text !== '');
    const name = label(alert.labels, 'alertname') ?? 'An alert without a name';
    return boundedText(`${name} ${stateWords[state]}${words === undefined ? '.' : `: ${words}`}`, 2000);
  }

  function occurrence(
    key: string,
    kept: Kept,
    detail: {
      readonly occurredMs: number;
      readonly why: string;
      readonly entities: readonly Entity[];
      readonly raw: string;
    },
  ): OccurrenceInput {
    return {
      identity: `${key}:${kept.changes}:${kept.state}`,
      deduplicationKey: key,
      windowMs: 0,
      occurredMs: detail.occurredMs,
      title: kept.title,
      why: detail.why,
      severity: kept.severity,
      lane: laneOf(kept.state, kept.severity),
      mitigated: 'not-known',
      sourceState: kept.state,
      entities: detail.entities,
      techniques: [],
      customerName: kept.customer,
      serviceName: kept.service,
      raw: detail.raw,
      correlationKey: null,
    };
  }

  async function fetchAlerts(io: ConnectionIo): Promise<readonly unknown[]> {
    return client.json(
      '/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true',
      z.array(z.unknown()),
      io,
      { maxBytes: 128 * 1024 * 1024 },
    );
  }

  async function poll(cursor: Cursor | null, io: ConnectionIo): Promise<Batch> {
    const parsedCursor = cursorSchema.safeParse(cursor);
    const before = new Map(parsedCursor.success ? Object.entries(parsedCursor.data.alerts) : []);
    const records = await fetchAlerts(io);
    const nowMs = io.nowMs();
    const occurrences: OccurrenceInput[] = [];
    const rejected: Batch['rejected'][number][] = [];
    const unmapped = new UnmappedWords();
    const after = new Map<string, Kept>();

    for (const record of records) {
      const parsed = alertSchema.safeParse(record);
      const startsMs = parsed.success ? parseTime(parsed.data.startsAt) : null;
      if (!parsed.success || startsMs === null) {
        const issue = parsed.success
          ? 'startsAt is no time'
          : (parsed.error.issues[0]?.path.join('.') ?? 'its form');
        rejected.push({
          reason: `An alert was not understood (${quoteForSentence(issue, 80)}).`,
          raw: JSON.stringify(record) ?? '',
          place: '',
        });
        continue;
      }
      const alert = parsed.data;
      const key = `${alert.fingerprint}:${startsMs}`;
      if (after.has(key)) continue;
      const endsMs = parseTime(alert.endsAt) ?? 0;
      const state = endsMs > 0 && endsMs <= nowMs ? 'resolved' : sourceStateOf(alert);
      const known = before.get(key);
      const kept: Kept = {
        state,
        changes: known === undefined ? 0 : known.state === state ? known.changes : known.changes + 1,
        endsMs,
        seenMs: nowMs,
        missed: 0,
        title: titleOf(alert),
        severity: severityOf(alert.labels, unmapped),
        service: label(alert.labels, serviceLabel, 'job'),
        customer: label(alert.labels, customerLabel),
      };
      after.set(key, kept);
      if (known !== undefined && known.state === state) continue;
      const occurredMs =
        known === undefined && state === 'firing' ? startsMs : (parseTime(alert.updatedAt) ?? nowMs);
      occurrences.push(
        occurrence(key, kept, {
          occurredMs: state === 'resolved' ? endsMs : occurredMs,
          why: whyOf(alert, state),
          entities: entitiesOf(alert.labels),
          raw: JSON.stringify(record),
        }),
      );
    }

    const gone = [...before].filter(([key, kept]) => !after.has(key) && kept.state !== 'resolved');
    const believable = gone.length === 0 || (await hasBeenUpFor(startUpMs, io));
    for (const [key, kept] of gone) {
      const missed = kept.missed + 1;
      const over = kept.endsMs > 0 && kept.endsMs <= nowMs;
      if (!believable || (missed < missedUntilResolved && !over)) {
        after.set(key, { ...kept, missed: believable ? missed : kept.missed });
        continue;
      }
      const resolved: Kept = { ...kept, state: 'resolved', changes: kept.changes + 1 };
      occurrences.push(
        occurrence(key, resolved, {
          // Alertmanager's list leaves out what has ended, so its own end is used where it has come, else when it
          // was last in the list.
          occurredMs: over ? kept.endsMs : kept.seenMs,
          why: `${quoteForSentence(kept.title, 200)} is resolved: Alertmanager no longer lists it.`,
          entities: [],
          raw: '',
        }),
      );
    }
    const held = [...after].slice(0, mostKept);
    return {
      ...emptyBatch,
      cursor: { version: 1, alerts: Object.fromEntries(held) },
      events: records.length,
      occurrences,
      rejected,
      unmapped: unmapped.list(),
    };
  }

  /** False also when it does not tell. */
  async function hasBeenUpFor(durationMs: number, io: ConnectionIo): Promise<boolean> {
    const status = await client.json('/api/v2/status', statusSchema, io);
    const startedMs = parseTime(status.uptime);
    return startedMs !== null && io.nowMs() - startedMs >= durationMs;
  }

  async function test(io: ConnectionIo): Promise<TestResult> {
    const lines: TestResult['lines'] = [];
    const tell = (level: TestResult['lines'][number]['level'], text: string) => lines.push({ level, text });
    try {
      const status = await client.json('/api/v2/status', statusSchema, io);
      tell(
        'ok',
        `Alertmanager ${quoteForSentence(status.versionInfo.version, 40)} answers at ${client.host}.`,
      );
      const records = await fetchAlerts(io);
      const alerts = records.flatMap((record) => {
        const parsed = alertSchema.safeParse(record);
        return parsed.success ? [parsed.data] : [];
      });
      const count = (state: SourceState) => alerts.filter((alert) => sourceStateOf(alert) === state).length;
      tell(
        'ok',
        `${counted(alerts.length, 'alert')}: ${count('firing')} firing, ${count('silenced')} silenced, ${count('inhibited')} inhibited.`,
      );
      if (alerts.length < records.length) {
        tell('warning', `${counted(records.length - alerts.length, 'alert')} not understood.`);
      }
      const unknown = new Set(
        alerts.flatMap((alert) => {
          const word = Object.hasOwn(alert.labels, severityLabel) ? (alert.labels[severityLabel] ?? '') : '';
          return word !== '' && readSeverity(word) === null ? [word] : [];
        }),
      );
      if (unknown.size > 0) {
        const shown = [...unknown].slice(0, 5).map((word) => `“${quoteForSentence(word, 30)}”`);
        tell(
          'warning',
          `Not known as a severity, taken as medium: ${shown.join(', ')}. “Severity words” can say what they mean.`,
        );
      }
      const without = alerts.filter((alert) => !Object.hasOwn(alert.labels, severityLabel)).length;
      if (without > 0)
        tell('info', `${counted(without, 'alert')} without the label ${severityLabel}, taken as medium.`);
    } catch (thrown) {
      tell('error', toErrorData(thrown).message);
    }
    return { ok: lines.every((line) => line.level !== 'error'), lines };
  }

  return { intervalMs, poll, test };
}

/** Alerts from Alertmanager (API v2). */
export const alertmanagerSourceKind: SourceKind = { descriptor, create: createAlertmanager };
