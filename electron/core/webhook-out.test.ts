import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { Notification } from '../../shared/domain/notification.ts';
import { signPush } from '../sources/webhook.ts';
import { createWebhookOut, type WebhookOut } from './webhook-out.ts';

const secret = 'a secret of many letters';
const notification: Notification = {
  reason: 'new',
  title: 'SYN flood',
  body: 'high at Acme: New connections 40x above the usual.',
  lane: 'actionable',
  severity: 'high',
  alertId: 'a1',
  count: 1,
  desktop: true,
  sound: true,
  webhook: true,
};

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server | null = null;
let out: WebhookOut | null = null;
const logged: string[] = [];
afterEach(async () => {
  out?.close();
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  server = null;
  logged.length = 0;
});

async function start(statuses: readonly number[], stored: string | null = secret) {
  const got: Got[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(statuses[got.length - 1] ?? 200).end('{}');
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  out = createWebhookOut({
    url: () => `http://127.0.0.1:${port}/hook`,
    secrets: { get: () => stored },
    log: { write: (_level, _area, text) => logged.push(text) },
    nowMs: () => Date.UTC(2026, 10, 26),
    retryAfterMs: [1, 1, 1],
  });
  return { got, out };
}

test('a push is signed as our own webhook source wants it', async () => {
  const { got, out: made } = await start([]);
  made.send(notification, []);
  await expect.poll(() => got.length).toBe(1);
  const [first] = got;
  const timestamp = String(first?.headers['x-watchfloor-timestamp']);
  expect(timestamp).toBe(String(Date.UTC(2026, 10, 26) / 1000));
  expect(first?.headers['x-watchfloor-signature']).toBe(
    `sha256=${signPush(secret, timestamp, first?.body ?? '')}`,
  );
  expect(JSON.parse(first?.body ?? '')).toMatchObject({
    version: 1,
    reason: 'new',
    title: 'SYN flood',
    alerts: [],
  });
  expect(JSON.stringify(first)).not.toContain(secret);
});

test('a server in trouble is asked again, in order, and given up after four tries', async () => {
  const { got, out: made } = await start([500, 503, 200, 500, 500, 500, 500]);
  made.send(notification, []);
  made.send({ ...notification, title: 'second' }, []);
  await expect.poll(() => made.problem, { timeout: 5_000 }).toContain('answered with an error (500)');
  expect(got.map(({ body }) => JSON.parse(body).title)).toEqual([
    ...Array.from({ length: 3 }, () => 'SYN flood'),
    ...Array.from({ length: 4 }, () => 'second'),
  ]);
  expect(logged.join()).toContain('Given up after four tries');
});

test('nothing goes out unsigned, and a test says so', async () => {
  const { got, out: made } = await start([], null);
  expect(await made.test()).toEqual({
    ok: false,
    lines: [{ level: 'error', text: 'Pushes are signed: set a signing secret of at least 16 characters.' }],
  });
  expect(got).toEqual([]);
});

test('a test is a push like any other', async () => {
  const { got, out: made } = await start([]);
  expect((await made.test()).ok).toBe(true);
  expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({
    title: 'Test of Watchfloor’s notifications',
    alerts: [],
  });
});
