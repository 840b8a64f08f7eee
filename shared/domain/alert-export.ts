import { z } from 'zod';
import type { Alert } from './alert.ts';
import type { EntityRole } from './entity.ts';
import { formatUtc } from './time.ts';

export const exportFormatSchema = z.enum(['csv', 'jsonl']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** Names of what an alert refers to by id; null where nothing is known by that id. */
export interface ExportNames {
  readonly customer: (id: string) => string | null;
  readonly service: (id: string) => string | null;
  readonly source: (id: string) => string | null;
}

/** What is written of an alert, under these names and in this order, in both formats. */
function fieldsOf(alert: Alert, names: ExportNames) {
  const time = (timeMs: number | null) => (timeMs === null ? null : formatUtc(timeMs));
  const entities = (role: EntityRole) =>
    alert.entities.filter((entity) => entity.role === role).map(({ kind, value }) => `${kind}:${value}`);
  return {
    id: alert.id,
    received: time(alert.receivedMs),
    first_seen: time(alert.firstSeenMs),
    last_seen: time(alert.lastSeenMs),
    severity: alert.severity,
    lane: alert.lane,
    status: alert.status,
    disposition: alert.disposition,
    title: alert.title,
    why: alert.why,
    count: alert.count,
    customer: alert.customerId === null ? null : (names.customer(alert.customerId) ?? alert.customerId),
    service: alert.serviceId === null ? null : (names.service(alert.serviceId) ?? alert.serviceId),
    source: names.source(alert.sourceId) ?? alert.sourceId,
    source_kind: alert.sourceKind,
    mitigated: alert.mitigated,
    source_state: alert.sourceState,
    assignee: alert.assignee,
    snoozed_until: time(alert.snoozedUntilMs),
    case_id: alert.caseId,
    parent_id: alert.parentId,
    techniques: alert.techniques,
    source_entities: entities('source'),
    destination_entities: entities('destination'),
    related_entities: entities('related'),
    simulated: alert.simulated,
  };
}

/** The columns of the CSV form, in order; the keys of the JSON Lines form. */
export const exportFields = [
  'id',
  'received',
  'first_seen',
  'last_seen',
  'severity',
  'lane',
  'status',
  'disposition',
  'title',
  'why',
  'count',
  'customer',
  'service',
  'source',
  'source_kind',
  'mitigated',
  'source_state',
  'assignee',
  'snoozed_until',
  'case_id',
  'parent_id',
  'techniques',
  'source_entities',
  'destination_entities',
  'related_entities',
  'simulated',
] as const satisfies readonly (keyof ReturnType<typeof fieldsOf>)[];

/**
 * One cell of CSV by RFC 4180. A text that a spreadsheet would run as a formula, because it begins with `=`, `+`, `-`,
 * `@`, a tab or a carriage return, gets a single quote in front (as OWASP advises against CSV injection).
 */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** What comes before the first alert: the names of the columns, or nothing. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? `${exportFields.join(',')}\r\n` : '';
}

/**
 * One alert as a line with its end. CSV: nothing for what is not there, lists as `; ` between their items. JSON: null,
 * arrays. Values are as they were received, not defanged, for machines read them.
 */
export function exportLine(alert: Alert, format: ExportFormat, names: ExportNames): string {
  const fields = fieldsOf(alert, names);
  if (format === 'jsonl') return `${JSON.stringify(fields)}\n`;
  const cells = exportFields.map((name) => {
    const value = fields[name];
    if (value === null) return '';
    if (typeof value === 'string') return csvCell(value);
    return typeof value === 'object' ? csvCell(value.join('; ')) : String(value);
  });
  return `${cells.join(',')}\r\n`;
}
