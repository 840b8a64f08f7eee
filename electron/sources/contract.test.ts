import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descriptorSchema, type Settings } from '../../shared/domain/connection.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { testIo } from '../testing/connection-io.ts';
import { flood, httpServer, httpTroubles, type TestServer, tcpServer } from '../testing/trouble-servers.ts';
import { sourceKinds } from './index.ts';
import type { Batch, Source, SourceKind } from './source.ts';

const nowMs = Date.UTC(2026, 2, 4, 2, 14, 7);
const secrets = { token: 'token-0123456789', signingSecret: 'signing-0123456789' };
let folder: string;
let good: TestServer;
let goodSocket: TestServer;

const info = 'Name: HAProxy\nVersion: 2.6.12\nUptime_sec: 100\n\n';
const stat =
  '# pxname,svname,qcur,scur,bin,bout,dreq,status,type,hrsp_4xx,hrsp_5xx,req_tot,conn_tot,rtime,econ,dcon,\nshop,FRONTEND,,3,10,20,1,OPEN,0,4,5,600,700,,,0,\nweb,s1,0,1,,,,UP,2,,,,,5,0,,\nweb,BACKEND,0,1,10,20,0,UP,1,0,0,600,,5,0,,\n\n';
const table =
  '# table: shop, type: ipv6, size:1000, used:1\n0x1: key=::ffff:198.51.100.7 use=0 exp=1 http_req_cnt=9 http_req_rate(60000)=3\n\n';

const alert = {
  fingerprint: 'f1',
  startsAt: '2026-03-04T02:10:00Z',
  endsAt: '2026-03-04T03:10:00Z',
  updatedAt: '2026-03-04T02:10:00Z',
  labels: { alertname: 'High', severity: 'critical' },
  annotations: {},
  status: { state: 'active', silencedBy: [], inhibitedBy: [] },
};

function goodAnswer(url: string): unknown {
  if (url.includes('/api/v2/alerts')) return [alert];
  if (url.includes('/api/v2/status')) {
    return { uptime: '2026-03-01T00:00:00Z', versionInfo: { version: '0.25.0' } };
  }
  if (url.includes('/query_range')) {
    const at = nowMs / 1000 - 600;
    return {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { job: 'shop' },
            values: [
              [at, '1'],
              [at + 15, 'NaN'],
            ],
          },
        ],
      },
    };
  }
  if (url.includes('buildinfo')) return { status: 'success', data: { version: '2.42.0' } };
  return { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '1'] }] } };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchfloor-contract-'));
  await writeFile(
    join(folder, 'eve.json'),
    `${JSON.stringify({ timestamp: '2026-03-04T02:14:07.000123+0000', event_type: 'alert', src_ip: '192.0.2.1', alert: { signature: 's' } })}\n`.repeat(
      3,
    ),
  );
  good = await httpServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(goodAnswer(request.url ?? '')));
  });
  goodSocket = await tcpServer((socket, command) => {
    if (command.startsWith('show info')) socket.end(info);
    else if (command.startsWith('show stat')) socket.end(stat);
    else socket.end(table);
  });
});
afterAll(async () => {
  await good?.close();
  await goodSocket?.close();
  await rm(folder, { recursive: true, force: true });
});

/** How the suite knows each kind: settings under which it works, and where nobody is. */
const known: Readonly<
  Record<
    string,
    {
      readonly works: () => Settings;
      readonly nobody: Settings;
      readonly speaks: 'http' | 'socket' | 'file' | 'push' | 'nothing';
    }
  >
> = {
  prometheus: {
    works: () => ({ url: `http://127.0.0.1:${good.port}`, historyDays: 1 }),
    nobody: { url: 'http://127.0.0.1:9' },
    speaks: 'http',
  },
  alertmanager: {
    works: () => ({ url: `http://127.0.0.1:${good.port}` }),
    nobody: { url: 'http://127.0.0.1:9' },
    speaks: 'http',
  },
  haproxy: {
    works: () => ({ socket: `127.0.0.1:${goodSocket.port}` }),
    nobody: { socket: '/tmp/there-is-no-such.sock' },
    speaks: 'socket',
  },
  'suricata-eve': {
    works: () => ({ path: join(folder, 'eve.json') }),
    nobody: { path: '/there/is/no/such/eve.json' },
    speaks: 'file',
  },
  webhook: { works: () => ({ port: 0 }), nobody: { port: 0 }, speaks: 'push' },
  range: { works: () => ({}), nobody: {}, speaks: 'nothing' },
};

const knownOf = (kind: SourceKind) =>
  known[kind.descriptor.kind] ?? expect.fail('a kind that the suite does not know');
const io = () => testIo({ nowMs: () => nowMs, secrets });

/** Refuses everything but a batch or an error of ours, within a second or two. */
async function pollSafely(
  source: Source,
  from: ReturnType<typeof io>,
): Promise<Batch | WatchfloorError | null> {
  try {
    return (await source.poll?.(null, from)) ?? null;
  } catch (thrown) {
    if (thrown instanceof WatchfloorError) return thrown;
    throw thrown;
  }
}

it('knows every registered kind, each once', () => {
  expect(sourceKinds.map((kind) => kind.descriptor.kind).sort()).toEqual(Object.keys(known).sort());
});

describe.each(sourceKinds.map((kind) => [kind.descriptor.kind, kind] as const))(
  'the source %s',
  (_name, kind) => {
    const { descriptor } = kind;

    it('describes itself so that a form can be drawn', () => {
      expect(descriptorSchema.parse(descriptor)).toEqual(descriptor);
      expect(descriptor.role).toBe('source');
      const keys = descriptor.fields.map((field) => field.key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const field of descriptor.fields) {
        expect(field.label).not.toBe('');
        expect(field.type === 'select').toBe(field.options !== undefined);
        expect(field.type === 'mapping').toBe(field.mapping !== undefined);
        if (field.showWhen) expect(keys).toContain(field.showWhen.key);
        if (field.type === 'secret') expect(field.default).toBeNull();
      }
      for (const setup of descriptor.setup) {
        for (const match of setup.text.matchAll(/\{\{(\w+)\}\}/g)) expect(keys).toContain(match[1]);
      }
    });

    it('is made from settings that work, and refuses others naming the field', () => {
      expect(kind.create(knownOf(kind).works()).intervalMs).toBeGreaterThanOrEqual(100);
      for (const field of descriptor.userAddable ? descriptor.fields : []) {
        if (field.type === 'secret' || field.showWhen !== undefined) continue;
        const wrong = field.type === 'number' ? 'x' : field.type === 'boolean' ? 'x' : 7;
        expect(() => kind.create({ ...knownOf(kind).works(), [field.key]: wrong }), field.key).toThrow(
          `${field.label}: `,
        );
        if (field.required) {
          expect(() => kind.create({ ...knownOf(kind).works(), [field.key]: '' }), field.key).toThrow(
            `${field.label}: `,
          );
        }
      }
    });

    it('polls or listens, and can be tested', async () => {
      const source = kind.create(knownOf(kind).works());
      expect(typeof (descriptor.mode === 'listen' ? source.listen : source.poll)).toBe('function');
      const result = await source.test(io());
      expect(result.lines.length).toBeGreaterThan(0);
    });

    it('says when nobody is there and throws nothing from its test', async () => {
      const source = kind.create(knownOf(kind).nobody);
      const result = await source.test(io());
      if (knownOf(kind).speaks === 'push') return;
      expect(result.lines.some((line) => line.level === 'error' || line.level === 'info')).toBe(true);
      if (descriptor.userAddable) {
        expect(result.ok).toBe(false);
        expect(await pollSafely(source, io())).toBeInstanceOf(WatchfloorError);
      }
    });

    it('ends with its signal', async () => {
      const source = kind.create(knownOf(kind).works());
      const from = io();
      from.stop();
      if (descriptor.mode === 'listen') {
        await expect(source.listen?.(from, async () => undefined)).rejects.toMatchObject({
          code: 'cancelled',
        });
        return;
      }
      if (!descriptor.userAddable) return;
      expect(await pollSafely(source, from)).toMatchObject({ code: 'cancelled' });
    });

    it('gives the same records for the same cursor', async () => {
      if (descriptor.mode !== 'poll' || !descriptor.userAddable) return;
      const first = await kind.create(knownOf(kind).works()).poll?.(null, io());
      const again = await kind.create(knownOf(kind).works()).poll?.(null, io());
      expect(first).toEqual(again);
      const cursor = first?.cursor ?? null;
      // A cursor is stored as JSON.
      expect(JSON.parse(JSON.stringify(cursor))).toEqual(cursor);
      const source = kind.create(knownOf(kind).works());
      expect(await source.poll?.(cursor, io())).toEqual(
        await kind.create(knownOf(kind).works()).poll?.(cursor, io()),
      );
    });

    it('begins anew with a cursor that is not its own', async () => {
      if (descriptor.mode !== 'poll' || !descriptor.userAddable) return;
      const odd = { version: 99, positions: 'x', alerts: [1], offset: -1 };
      const first = await kind.create(knownOf(kind).works()).poll?.(null, io());
      expect(await kind.create(knownOf(kind).works()).poll?.(odd, io())).toEqual(first);
    });
  },
);

const httpKinds = sourceKinds.filter((kind) => known[kind.descriptor.kind]?.speaks === 'http');

describe.concurrent.each(httpTroubles)('a web server that $name', { timeout: 30_000 }, (trouble) => {
  it.each(httpKinds.map((kind) => [kind.descriptor.kind, kind] as const))(
    'is told by %s',
    async (_name, kind) => {
      const server = await httpServer(trouble.answer);
      try {
        const source = kind.create({
          url: `http://127.0.0.1:${server.port}`,
          auth: 'bearer',
          timeoutSeconds: trouble.code === 'timed-out' ? 1 : 30,
        });
        const error = await pollSafely(source, io());
        // A question that is refused or too large concerns one of Prometheus's questions alone.
        const said =
          error instanceof WatchfloorError
            ? error.message
            : (error?.rejected[0]?.reason ?? 'nothing was said');
        if (error instanceof WatchfloorError) expect(error.code).toBe(trouble.code);
        expect(said).toMatch(trouble.says);
        const result = await source.test(io());
        expect(result.ok).toBe(false);
        expect(JSON.stringify([said, result])).not.toContain(secrets.token);
      } finally {
        await server.close();
      }
    },
  );
});

describe.concurrent('HAProxy’s socket', { timeout: 30_000 }, () => {
  it.each([
    ['never answers', 'timed-out', () => undefined],
    ['closes at once', 'unavailable', (socket: { end(): void }) => socket.end()],
    [
      'speaks something else',
      'unavailable',
      (socket: { end(text: string): void }) => socket.end('220 mail ready\n'),
    ],
    ['sends gigabytes', 'too-large', flood],
  ] as const)('that %s is told', async (_name, code, answer) => {
    const server = await tcpServer((socket) => answer(socket));
    try {
      const kind =
        sourceKinds.find((each) => each.descriptor.kind === 'haproxy') ?? expect.fail('no haproxy');
      // Only silence is ended by the clock: on a busy machine a flood takes longer than a second to be too much.
      const timeoutSeconds = code === 'timed-out' ? 1 : 20;
      const source = kind.create({ socket: `127.0.0.1:${server.port}`, timeoutSeconds });
      expect(await pollSafely(source, io())).toMatchObject({ code });
      expect((await source.test(io())).ok).toBe(false);
    } finally {
      await server.close();
    }
  });
});
