import { setTimeout as wait } from 'node:timers/promises';
import type { Alert } from '../../shared/domain/alert.ts';
import type { TestResult } from '../../shared/domain/connection.ts';
import type { Notification } from '../../shared/domain/notification.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { secondMs } from '../../shared/domain/time.ts';
import { createHttpClient } from '../sources/http.ts';
import type { ConnectionIo } from '../sources/source.ts';
import { signPush } from '../sources/webhook.ts';
import type { Log } from './log.ts';
import type { SecretStore } from './secrets.ts';

/** Owner and key of the signing secret in the secret store. */
export const webhookSecret = { owner: 'notifications', key: 'signing' } as const;

const leastSecretLength = 16;
const timeoutMs = 10 * secondMs;
const mostAnswerBytes = 64 * 1024;
/** Waits before the second, third and fourth try. */
const retryAfterMs = [2 * secondMs, 10 * secondMs, 60 * secondMs];
const mostAlerts = 50;
const mostWaiting = 20;

/**
 * Pushes notifications to one address: JSON, signed as our own webhook source wants it, HMAC-SHA256 over `time.body`.
 * One after the other and in order; what cannot be delivered after four tries is given up, logged and said.
 */
export interface WebhookOut {
  /** Queues it; the oldest gives way when too many wait. */
  send(notification: Notification, alerts: readonly Alert[]): void;
  /** Pushes a test and says in words how that went. */
  test(): Promise<TestResult>;
  /** Why the last push was given up; null when the last one arrived, or none was made. */
  readonly problem: string | null;
  close(): void;
}

interface Push {
  readonly notification: Notification;
  readonly alerts: readonly Alert[];
}

/** What is sent: facts alone, nothing of how they were found out, no secret. */
function bodyOf({ notification, alerts }: Push, sentMs: number): string {
  const { reason, title, body, severity, lane, count } = notification;
  const iso = (timeMs: number) => new Date(timeMs).toISOString();
  return JSON.stringify({
    version: 1,
    sent: iso(sentMs),
    reason,
    title,
    body,
    severity,
    lane,
    count,
    alerts: alerts.slice(0, mostAlerts).map((alert) => ({
      id: alert.id,
      title: alert.title,
      why: alert.why,
      severity: alert.severity,
      lane: alert.lane,
      status: alert.status,
      mitigated: alert.mitigated,
      customer: alert.customerId,
      service: alert.serviceId,
      source: alert.sourceKind,
      first_seen: iso(alert.firstSeenMs),
      last_seen: iso(alert.lastSeenMs),
      count: alert.count,
      entities: alert.entities,
      techniques: alert.techniques,
      simulated: alert.simulated,
    })),
  });
}

export function createWebhookOut(deps: {
  readonly url: () => string | null;
  readonly secrets: Pick<SecretStore, 'get'>;
  readonly log: Log;
  readonly nowMs: () => number;
  /** Between tries; tests wait less. */
  readonly retryAfterMs?: readonly number[];
}): WebhookOut {
  const stopped = new AbortController();
  const waiting: Push[] = [];
  let running = false;
  let problem: string | null = null;

  async function push(one: Push): Promise<void> {
    const url = deps.url();
    if (url === null) return;
    const secret = deps.secrets.get(webhookSecret.owner, webhookSecret.key);
    if (secret === null || secret.length < leastSecretLength) {
      throw new WatchfloorError(
        'refused',
        `Pushes are signed: set a signing secret of at least ${leastSecretLength} characters.`,
      );
    }
    const io: ConnectionIo = {
      nowMs: deps.nowMs,
      signal: stopped.signal,
      secret: () => null,
      log: (level, text) => deps.log.write(level, 'webhook', text),
    };
    const sentMs = deps.nowMs();
    const body = bodyOf(one, sentMs);
    const timestamp = String(Math.floor(sentMs / secondMs));
    await createHttpClient({ url, auth: 'none', timeoutSeconds: timeoutMs / secondMs }).request('', io, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-watchfloor-timestamp': timestamp,
        'x-watchfloor-signature': `sha256=${signPush(secret, timestamp, body)}`,
      },
      body,
      timeoutMs,
      maxBytes: mostAnswerBytes,
    });
  }

  async function deliver(one: Push): Promise<void> {
    for (const pauseMs of [...(deps.retryAfterMs ?? retryAfterMs), null]) {
      try {
        await push(one);
        problem = null;
        return;
      } catch (thrown) {
        if (stopped.signal.aborted) return;
        const { message } = toErrorData(thrown);
        if (pauseMs === null) {
          problem = message;
          deps.log.write('error', 'webhook', `Given up after four tries: ${message}`);
          return;
        }
        await wait(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
    }
  }

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    for (let next = waiting.shift(); next !== undefined && !stopped.signal.aborted; next = waiting.shift()) {
      await deliver(next);
    }
    running = false;
  }

  return {
    get problem() {
      return problem;
    },
    send(notification, alerts) {
      if (deps.url() === null) return;
      waiting.push({ notification, alerts });
      if (waiting.length > mostWaiting) {
        waiting.shift();
        deps.log.write('warning', 'webhook', 'Too many pushes wait; the oldest was given up.');
      }
      void run();
    },
    async test() {
      try {
        const url = deps.url();
        if (url === null) throw new WatchfloorError('bad-input', 'There is no address yet.');
        await push({
          notification: {
            reason: 'new',
            title: 'Test of Watchfloor’s notifications',
            body: 'Nothing happened.',
            lane: 'informational',
            severity: 'informational',
            alertId: '',
            count: 0,
            desktop: false,
            sound: false,
            webhook: true,
          },
          alerts: [],
        });
        problem = null;
        return { ok: true, lines: [{ level: 'ok', text: `${new URL(url).host} took the test.` }] };
      } catch (thrown) {
        return { ok: false, lines: [{ level: 'error', text: toErrorData(thrown).message }] };
      }
    },
    close() {
      stopped.abort();
    },
  };
}
