import { z } from 'zod';
import { type Alert, laneSchema, type Severity, severities, severityRank, severitySchema } from './alert.ts';
import { toSafeExcerpt } from './safe-text.ts';

/** From which severity on something is told; `never` for not at all. */
export const leastSeverities = ['never', ...severities] as const;
export const leastSeveritySchema = z.enum(leastSeverities);
export type LeastSeverity = z.infer<typeof leastSeveritySchema>;

/** Whether pushes may go there: HTTP or HTTPS, nothing secret in the address, nothing after `?`. */
export function isPushAddress(text: string): boolean {
  return /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i.test(text);
}

const byLane = z.object({ actionable: leastSeveritySchema, informational: leastSeveritySchema });
const minuteOfDay = z.number().int().min(0).max(1439);

export const notificationSettingsSchema = z.object({
  /** Messages of the operating system, outside the window. */
  desktop: byLane,
  sound: byLane,
  /** Between these minutes of the day only what is critical and actionable is told; null for no such hours. */
  quietHours: z.object({ fromMinute: minuteOfDay, toMinute: minuteOfDay }).nullable(),
  /** An actionable alert that nobody has acknowledged for so many minutes is told once more; null for never. */
  escalateAfterMinutes: z.number().int().min(1).max(1440).nullable(),
  /** Signed pushes to a server; null for none. The secret is in the secret store. */
  webhook: z
    .object({
      url: z.string().max(2_000).refine(isPushAddress, 'An address like https://hooks.example/alerts.'),
      least: byLane,
    })
    .nullable()
    .default(null),
});
/** When somebody is told, and how. */
export type NotificationSettings = z.infer<typeof notificationSettingsSchema>;

export const defaultNotificationSettings: NotificationSettings = {
  desktop: { actionable: 'informational', informational: 'never' },
  sound: { actionable: 'informational', informational: 'never' },
  quietHours: null,
  escalateAfterMinutes: 15,
  webhook: null,
};

export const notificationSchema = z.object({
  /** `new`: alerts came; `waiting`: nobody has acknowledged them for too long. */
  reason: z.enum(['new', 'waiting']),
  /** One line each, safe to show. */
  title: z.string(),
  body: z.string(),
  lane: laneSchema,
  severity: severitySchema,
  /** The worst alert: what is opened. */
  alertId: z.string(),
  count: z.number().int(),
  desktop: z.boolean(),
  sound: z.boolean(),
  webhook: z.boolean(),
});
/** What somebody is told at one moment: one thing, however many alerts came. */
export type Notification = z.infer<typeof notificationSchema>;

/** So many titles stand in a summary. */
const namedAlerts = 3;

function isAtLeast(severity: Severity, least: LeastSeverity): boolean {
  return least !== 'never' && severityRank(severity) >= severityRank(least);
}

/** Whether a minute of the day lies in quiet hours, which may go over midnight; equal ends are no hours at all. */
export function isQuiet({ quietHours }: Pick<NotificationSettings, 'quietHours'>, minute: number): boolean {
  if (quietHours === null) return false;
  const { fromMinute, toMinute } = quietHours;
  return fromMinute <= toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}

/** What needs a person first, then the gravest, then the newest. */
function worstFirst(left: Alert, right: Alert): number {
  return (
    Number(left.lane === 'informational') - Number(right.lane === 'informational') ||
    severityRank(right.severity) - severityRank(left.severity) ||
    right.sequence - left.sequence
  );
}

/**
 * What is to be told of alerts that came, or that wait: one notification for all of them, by the strictest of what is
 * set; null when nobody is to be told.
 * @param minute of the day, in the zone in which quiet hours are meant
 * @param count of all alerts, where not all are given
 */
export function notificationFor(
  alerts: readonly Alert[],
  settings: NotificationSettings,
  facts: {
    readonly reason: Notification['reason'];
    readonly minute: number;
    readonly count?: number;
    readonly customerName: (customerId: string) => string | null;
  },
): Notification | null {
  const quiet = isQuiet(settings, facts.minute);
  const told = (least: NotificationSettings['sound'] | undefined) =>
    alerts.filter(
      ({ lane, severity }) =>
        isAtLeast(severity, least?.[lane] ?? 'never') &&
        (!quiet || (lane === 'actionable' && severity === 'critical')),
    );
  const [desktop, sound] = [told(settings.desktop), told(settings.sound)];
  const webhook = told(settings.webhook?.least);
  const all = [...new Set([...desktop, ...sound, ...webhook])].sort(worstFirst);
  const [worst] = all;
  if (worst === undefined) return null;
  const left = Math.max(0, (facts.count ?? alerts.length) - alerts.length);
  const count = all.length + left;
  const customer = worst.customerId === null ? null : facts.customerName(worst.customerId);
  const where = customer === null ? '' : ` at ${toSafeExcerpt(customer, 60)}`;
  const title = toSafeExcerpt(worst.title, 120);
  const names = all.slice(0, namedAlerts).map((alert) => toSafeExcerpt(alert.title, 60));
  const rest = count - names.length;
  const waiting = facts.reason === 'waiting';
  const one = waiting ? `Nobody has acknowledged: ${title}` : title;
  const many = waiting
    ? `${count.toLocaleString('en')} alerts that nobody has acknowledged`
    : `${count.toLocaleString('en')} new ${worst.lane === 'actionable' ? 'alerts, some need a person' : 'informational alerts'}`;
  return {
    reason: facts.reason,
    title: count === 1 ? one : many,
    body:
      count === 1
        ? `${worst.severity}${where}: ${toSafeExcerpt(worst.why, 200)}`
        : `${names.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en')} more` : ''}`,
    lane: worst.lane,
    severity: worst.severity,
    alertId: worst.id,
    count,
    desktop: desktop.length > 0,
    sound: sound.length > 0,
    webhook: webhook.length > 0,
  };
}
