import type { UiSettings } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { type Notification, notificationFor } from '../../shared/domain/notification.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';
import type { Hub } from './hub.ts';
import type { Log } from './log.ts';
import type { WebhookOut } from './webhook-out.ts';

/** What the desktop can do for us; null where there is none, as in a browser. */
export interface Desktop {
  /** Shows a message of the operating system; true when the analyst clicked it. */
  readonly notify: (message: { readonly title: string; readonly body: string }) => Promise<boolean>;
  /** The number on the app's icon; 0 takes it away. */
  readonly setBadge: (count: number) => Promise<void>;
  /** Asks where to save, beginning at a path; null when nothing was chosen. Whether to replace a file it asks itself. */
  readonly chooseSavePath?: (suggested: string) => Promise<string | null>;
}

/** Alerts that come within this time are told together. */
const gatherMs = 1_500;
/** No two notifications are closer than this: the second tells what came meanwhile. */
const pauseMs = 10 * secondMs;
/** How often unacknowledged alerts are looked for. */
const lookEveryMs = 15 * secondMs;
/** What waits longer than this has been told long ago, or was there before the app was. */
const longestWaitMs = dayMs;
/** What was last seen longer ago than this is no news. */
const longestAgoMs = hourMs;
const mostGathered = 200;
const mostTold = 10_000;

/** Tells people: one notification for what came, however much that is; once more when nobody acknowledges. */
export interface Notifier {
  /**
   * Alerts that are new or call anew.
   * @param count of all of them, where not all are given
   * @param evenOld also those that were last seen long ago: they go on
   */
  news(alerts: readonly Alert[], count?: number, evenOld?: boolean): void;
  /** How many actionable alerts are open, for the app's icon. */
  badge(count: number): void;
  /** Looks for alerts that nobody has acknowledged for too long. */
  look(): void;
  start(): void;
  close(): void;
}

export function createNotifier(deps: {
  readonly store: Store;
  readonly hub: Hub;
  readonly log: Log;
  readonly settings: () => UiSettings;
  readonly desktop: Desktop | null;
  readonly webhook: Pick<WebhookOut, 'send'>;
  readonly nowMs: () => number;
}): Notifier {
  const { store, hub, desktop } = deps;
  let gathered = new Map<string, Alert>();
  let uncounted = 0;
  let timer: NodeJS.Timeout | null = null;
  let lookTimer: NodeJS.Timeout | null = null;
  let toldMs = Number.NEGATIVE_INFINITY;
  let badgeCount = 0;
  /** Alerts that were told as waiting: once is enough. */
  const escalated = new Set<string>();

  const failed = (what: string) => (thrown: unknown) =>
    deps.log.write('warning', 'notifier', `${what}: ${thrown}`);

  function minuteOfDay(): number {
    const now = new Date(deps.nowMs());
    return deps.settings().zone === 'utc'
      ? now.getUTCHours() * 60 + now.getUTCMinutes()
      : now.getHours() * 60 + now.getMinutes();
  }

  function tell(alerts: readonly Alert[], reason: Notification['reason'], count: number): void {
    const names = new Map(store.customers.list().map(({ id, name }) => [id, name]));
    const notification = notificationFor(alerts, deps.settings().notifications, {
      reason,
      count,
      minute: minuteOfDay(),
      customerName: (id) => names.get(id) ?? null,
    });
    if (notification === null) return;
    toldMs = deps.nowMs();
    hub.emit('notification', notification);
    if (notification.webhook) deps.webhook.send(notification, alerts);
    if (!notification.desktop || desktop === null) return;
    const { title, body, alertId } = notification;
    desktop
      .notify({ title, body })
      .then((clicked) => {
        if (clicked) hub.emit('alert.open', { alertId });
      })
      .catch(failed('desktop message'));
  }

  function flush(): void {
    timer = null;
    const alerts = [...gathered.values()];
    const count = alerts.length + uncounted;
    gathered = new Map();
    uncounted = 0;
    if (alerts.length > 0) tell(alerts, 'new', count);
  }

  function look(): void {
    const { escalateAfterMinutes } = deps.settings().notifications;
    if (escalateAfterMinutes === null) return;
    const now = deps.nowMs();
    const { rows } = store.alerts.query(
      {
        lane: 'actionable',
        text: 'status:new',
        fromMs: now - longestWaitMs,
        toMs: now - escalateAfterMinutes * minuteMs,
        includeDone: false,
        sort: 'severity',
      },
      { offset: 0, limit: mostGathered, upToSequence: null },
    );
    const waiting = rows.filter(({ id }) => !escalated.has(id));
    if (waiting.length === 0) return;
    for (const { id } of waiting) escalated.add(id);
    for (const id of escalated) {
      if (escalated.size <= mostTold) break;
      escalated.delete(id);
    }
    tell(waiting, 'waiting', waiting.length);
  }

  return {
    news(alerts, count = alerts.length, evenOld = false) {
      for (const alert of alerts) {
        // A file or a back-fill tells of the past: nobody is called for that.
        if (!evenOld && deps.nowMs() - alert.lastSeenMs > longestAgoMs) continue;
        if (gathered.size < mostGathered || gathered.has(alert.id)) gathered.set(alert.id, alert);
        else uncounted += 1;
      }
      if (gathered.size === 0) return;
      uncounted += Math.max(0, count - alerts.length);
      timer ??= setTimeout(flush, Math.max(gatherMs, toldMs + pauseMs - deps.nowMs()));
    },
    badge(count) {
      if (desktop === null || count === badgeCount) return;
      badgeCount = count;
      desktop.setBadge(count).catch(failed('badge'));
    },
    look,
    start() {
      lookTimer ??= setInterval(() => {
        try {
          look();
        } catch (thrown) {
          failed('waiting alerts')(thrown);
        }
      }, lookEveryMs);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      if (lookTimer !== null) clearInterval(lookTimer);
      timer = null;
      lookTimer = null;
    },
  };
}
