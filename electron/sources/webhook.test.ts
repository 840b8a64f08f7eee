import { request } from 'node:http';
import { createConnection } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type TestIo, testIo } from '../testing/connection-io.ts';
import type { Batch, Push } from './source.ts';
import { signPush, webhookSourceKind } from './webhook.ts';

const secret = 'a secret of enough characters';
const nowMs = Date.UTC(2026, 2, 4, 2, 14, 7);

interface Listener {
  readonly url: URL;
  readonly io: TestIo;
  /** What is in the pushes that were kept. */
  readonly batches: Batch[];
  close(): Promise<void>;
}

const open: Listener[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function listenWith(
  settings: Record<string, string | number> = {},
  keep: (push: Push) => Promise<void> = async () => undefined,
): Promise<Listener> {
  const io = testIo({ nowMs: () => nowMs, secrets: { signingSecret: secret } });
  const batches: Batch[] = [];
  const source = webhookSourceKind.create({ port: 0, ...settings });
  const server = await source.listen?.(io, async (push) => {
    await keep(push);
    batches.push(source.readPush?.(push) ?? expect.fail('it does not read what it keeps'));
  });
  if (server === undefined) return expect.fail('it does not listen');
  const listener = { url: new URL(server.address), io, batches, close: server.close };
  open.push(listener);
  return listener;
}

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly taken?: number;
}

function send(url: URL, body: string, headers: Record<string, string>, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () => {
        const answer: unknown = JSON.parse(text);
        resolve({ status: response.statusCode ?? 0, ...(answer as { message: string }) });
      });
    });
    sent.on('error', reject);
    sent.end(method === 'GET' ? undefined : body);
  });
}

function push(listener: Listener, value: unknown, over: Record<string, string> = {}): Promise<Answer> {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  const time = over['x-watchfloor-timestamp'] ?? String(nowMs / 1000);
  return send(listener.url, body, {
    'content-type': 'application/json',
    'x-watchfloor-timestamp': time,
    'x-watchfloor-signature': `sha256=${signPush(secret, time, body)}`,
    ...over,
  });
}

describe('the webhook', () => {
  it('takes a plain record and answers when it is stored', async () => {
    const listener = await listenWith();
    const record = {
      title: 'Impossible travel',
      severity: 'P2',
      source_ip: '198.51.100.7',
      user: 'mallory',
      timestamp: '2026-03-04T02:14:00Z',
    };
    expect(await push(listener, record)).toEqual({
      status: 200,
      taken: 1,
      rejected: 0,
      message: '1 record stored.',
    });
    expect(listener.batches.map((batch) => [batch.events, batch.occurrences, batch.rejected])).toEqual([
      [
        1,
        [
          {
            identity: expect.stringMatching(/^[\w-]{24}\.0$/),
            deduplicationKey: 'Impossible travel||198.51.100.7',
            windowMs: 86_400_000,
            occurredMs: Date.UTC(2026, 2, 4, 2, 14, 0),
            title: 'Impossible travel',
            why: 'Impossible travel',
            severity: 'high',
            lane: 'actionable',
            mitigated: 'not-known',
            sourceState: null,
            entities: [
              { kind: 'ip', value: '198.51.100.7', role: 'source' },
              { kind: 'user', value: 'mallory', role: 'related' },
            ],
            techniques: [],
            customerName: null,
            serviceName: null,
            raw: JSON.stringify(record),
            correlationKey: null,
          },
        ],
        [],
      ],
    ]);
  });

  it('understands Alertmanager’s and Grafana’s webhook as it is', async () => {
    const listener = await listenWith();
    const alert = {
      status: 'firing',
      labels: { alertname: 'HighLatency', severity: 'critical', service: 'shop', instance: '192.0.2.9:443' },
      annotations: { summary: 'Latency is high', description: 'p95 is 4 s' },
      startsAt: '2026-03-04T02:10:00Z',
      fingerprint: 'abc123',
    };
    await push(listener, {
      version: '4',
      status: 'firing',
      alerts: [alert, { ...alert, status: 'resolved' }],
    });
    expect(
      listener.batches[0]?.occurrences.map((each) => [
        each.identity,
        each.deduplicationKey,
        each.windowMs,
        each.title,
        each.severity,
        each.lane,
        each.sourceState,
        each.serviceName,
      ]),
    ).toEqual([
      [
        'abc123@2026-03-04T02:10:00Z:firing',
        'abc123@2026-03-04T02:10:00Z',
        0,
        'Latency is high',
        'critical',
        'actionable',
        'firing',
        'shop',
      ],
      [
        'abc123@2026-03-04T02:10:00Z:resolved',
        'abc123@2026-03-04T02:10:00Z',
        0,
        'Latency is high',
        'critical',
        'informational',
        'resolved',
        'shop',
      ],
    ]);
  });

  it('reads records where the user’s mapping says', async () => {
    const mapping = JSON.stringify({
      items: '/data/hits',
      title: ['/rule/none', '/rule/na~1me'],
      severity: '/rule/level',
    });
    const listener = await listenWith({ mapping, severityMap: '12 = critical' });
    const hit = { rule: { 'na/me': 'Brute force', level: 12 }, blocked: true };
    await push(listener, { data: { hits: [hit, hit, 7] } });
    const [batch] = listener.batches;
    expect(batch?.occurrences.map((each) => [each.title, each.severity, each.mitigated, each.lane])).toEqual([
      ['Brute force', 'critical', 'yes', 'informational'],
      ['Brute force', 'critical', 'yes', 'informational'],
    ]);
    expect(new Set(batch?.occurrences.map((each) => each.identity)).size).toBe(2);
    expect(batch?.rejected).toEqual([
      { reason: 'A record is no JSON object.', raw: '7', place: `${nowMs}.0` },
    ]);
  });

  it.each([
    ['2026-03-04T02:14:00Z', Date.UTC(2026, 2, 4, 2, 14)],
    ['2026-03-04 02:14:00.5', Date.UTC(2026, 2, 4, 2, 14, 0, 500)],
    ['2026-03-04T04:14:00+0200', Date.UTC(2026, 2, 4, 2, 14)],
    [1_772_590_440, Date.UTC(2026, 2, 4, 2, 14)],
    [1_772_590_440_000, Date.UTC(2026, 2, 4, 2, 14)],
    ['1772590440000000000', Date.UTC(2026, 2, 4, 2, 14)],
    ['5', null],
    ['tomorrow', null],
  ])('reads the time %j', async (time, expected) => {
    const listener = await listenWith();
    const answer = await push(listener, { title: 'x', time });
    expect([answer.status, listener.batches[0]?.occurrences[0]?.occurredMs ?? null]).toEqual([
      expected === null ? 422 : 200,
      expected,
    ]);
  });

  it('reads words of severity and state as the tables say, and names those that nothing names', async () => {
    const listener = await listenWith({
      severityMap: 'gold = critical\ninfo = high',
      stateMap: 'burning = firing\nok = firing',
      laneMap: 'silenced = actionable\nfiring = informational',
    });
    await push(listener, [
      { title: 'a', severity: 'Gold', status: 'burning' },
      { title: 'b', severity: 'info', status: 'silenced' },
      { title: 'c', severity: 'platinum', status: 'smouldering' },
      { title: 'd', status: 'OK' },
    ]);
    const [batch] = listener.batches;
    expect(
      batch?.occurrences.map(({ severity, sourceState, lane }) => [severity, sourceState, lane]),
    ).toEqual([
      ['critical', 'firing', 'informational'],
      ['high', 'silenced', 'actionable'],
      ['medium', null, 'actionable'],
      ['medium', 'firing', 'informational'],
    ]);
    expect(batch?.unmapped).toEqual([
      { key: 'stateMap', word: 'smouldering' },
      { key: 'severityMap', word: 'platinum' },
    ]);
  });

  it('takes a record nested a thousand deep, and names fifty of ten thousand entities', async () => {
    const listener = await listenWith();
    let deep: unknown = 'bottom';
    for (let depth = 0; depth < 1_000; depth += 1) deep = { deep };
    const addresses = Array.from({ length: 10_000 }, (_, index) => `203.0.${index >> 8}.${index & 255}`);
    expect(await push(listener, { title: 'Deep', source_ip: '203.0.113.1', deep, addresses })).toMatchObject({
      status: 200,
      taken: 1,
    });
    const [occurrence] = listener.batches[0]?.occurrences ?? [];
    expect(occurrence?.entities.length).toBeLessThanOrEqual(50);
    expect(JSON.parse(occurrence?.raw ?? '')).toEqual({
      title: 'Deep',
      source_ip: '203.0.113.1',
      deep,
      addresses,
    });
  });

  it('refuses in sentences', async () => {
    const listener = await listenWith({ maxBodyKilobytes: 2 });
    const record = { title: 'x' };
    const answers = [
      await send(new URL('/other', listener.url), '{}', {}),
      await send(listener.url, '', {}, 'GET'),
      await push(listener, record, { 'content-type': 'text/plain' }),
      await push(listener, record, { 'content-encoding': 'gzip' }),
      await push(listener, record, { 'x-watchfloor-timestamp': 'now' }),
      await push(listener, record, { 'x-watchfloor-timestamp': String(nowMs / 1000 - 301) }),
      await push(listener, record, { 'x-watchfloor-timestamp': String(nowMs / 1000 + 301) }),
      await push(listener, record, { 'x-watchfloor-signature': 'sha256=00' }),
      await push(listener, record, { 'x-watchfloor-signature': `sha256=${'0'.repeat(64)}` }),
      await push(listener, { title: 'x'.repeat(3_000) }),
      await push(listener, '{"title":'),
      await push(listener, { nothing: 'here' }),
    ];
    expect(answers.map((answer) => `${answer.status} ${answer.message}`)).toEqual([
      '404 There is nothing here; pushes go to /events.',
      '405 Pushes are made with POST.',
      '415 The content type must be application/json.',
      '415 A push must not be compressed.',
      '401 The header x-watchfloor-timestamp must hold the time in epoch seconds.',
      '401 The push is too old: its time is 5 min 1 s from ours. Check both clocks.',
      '401 The push is too far in the future: its time is 5 min 1 s from ours. Check both clocks.',
      '401 The header x-watchfloor-signature must hold sha256= and 64 hexadecimal digits.',
      '401 The signature does not fit: it is HMAC-SHA256 over “time.body” with the signing secret.',
      '413 A push may have at most 2 KiB.',
      '400 The body is not JSON.',
      '422 No record was understood.',
    ]);
    expect(listener.batches.flatMap((batch) => batch.occurrences)).toEqual([]);
  });

  it('refuses a replay, also one that comes while the first is being stored', async () => {
    let store: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    const listener = await listenWith({}, () => stored);
    const first = push(listener, { title: 'once' });
    const second = await push(listener, { title: 'once' });
    store();
    expect([(await first).status, second.status, (await push(listener, { title: 'once' })).status]).toEqual([
      200, 409, 409,
    ]);
    expect(listener.batches).toHaveLength(1);
  });

  it('does not say taken when it was not stored, and takes the same push again then', async () => {
    let broken = true;
    const listener = await listenWith({}, async () => {
      if (broken) throw new Error('disk full');
    });
    const refused = await push(listener, { title: 'again' });
    broken = false;
    expect([refused.status, refused.message]).toEqual([
      503,
      'The push could not be stored; nothing of it was kept. Send it again.',
    ]);
    expect((await push(listener, { title: 'again' })).status).toBe(200);
  });

  it('cuts off a body that streams on beyond the cap', async () => {
    const listener = await listenWith({ maxBodyKilobytes: 1 });
    const time = String(nowMs / 1000);
    const head = `POST /events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-watchfloor-timestamp: ${time}\r\nx-watchfloor-signature: sha256=${'0'.repeat(64)}\r\ntransfer-encoding: chunked\r\n\r\n`;
    const answer = await new Promise<string>((resolve) => {
      const socket = createConnection(Number(listener.url.port), '127.0.0.1', () => {
        socket.write(head);
        const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
        const pump = () => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on('drain', pump);
        pump();
      });
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
    });
    expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('listens on loopback alone, ends with the source, and says when its port is taken', async () => {
    const listener = await listenWith();
    expect(listener.url.hostname).toBe('127.0.0.1');
    const taken = webhookSourceKind.create({ port: Number(listener.url.port) });
    await expect(
      taken.listen?.(testIo({ secrets: { signingSecret: secret } }), async () => undefined),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: `Port ${listener.url.port}: another program listens there already; choose another port.`,
    });
    listener.io.stop();
    await listener.close();
    await expect(push(listener, { title: 'late' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each([
    [{ mapping: '{' }, 'Mapping: this is not JSON.'],
    [{ mapping: '{"title":"no slash"}' }, 'Mapping: title:'],
    [{ mapping: '{"nonsense":"/x"}' }, 'Mapping: '],
    [{ port: 70_000 }, 'Port: at most 65535 is possible.'],
    [{ port: 1.5 }, 'Port: a whole number is needed.'],
    [{ path: 'events' }, 'Path: a path like /events is needed.'],
    [{ severityMap: 'gold' }, 'Severity words: line 1: write word = one of'],
  ])('refuses settings %j', (settings, message) => {
    expect(() => webhookSourceKind.create(settings)).toThrow(message);
  });

  it('does not listen without a signing secret of some length', async () => {
    const source = webhookSourceKind.create({ port: 0 });
    const io = testIo({ secrets: { signingSecret: 'short' } });
    await expect(source.listen?.(io, async () => undefined)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'Signing secret: at least 16 characters are needed.',
    });
    expect((await source.test(io)).ok).toBe(false);
  });
});
