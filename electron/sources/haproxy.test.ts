import { afterEach, describe, expect, it } from 'vitest';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import { testIo } from '../testing/connection-io.ts';
import { attack } from '../testing/real/load.ts';
import { leaveOut, temporaryFolder } from '../testing/real/programs.ts';
import { startHaproxy, startNginx } from '../testing/real/servers.ts';
import { tcpServer } from '../testing/trouble-servers.ts';
import { haproxySourceKind } from './haproxy.ts';
import { parseStat, parseTable } from './haproxy-answers.ts';
import type { Batch, Cursor } from './source.ts';

const start = Date.UTC(2026, 2, 4, 2, 0, 0);
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Numbers {
  readonly uptime: number;
  readonly requests: number;
  readonly denied: number;
  readonly queue: number;
  readonly up: string;
  readonly clients: Readonly<Record<string, number>>;
}

/** A made-up HAProxy whose numbers the test sets. */
async function made(settings: Record<string, string | number> = {}) {
  const state: { now: Numbers } = {
    now: { uptime: 1000, requests: 100, denied: 0, queue: 0, up: 'UP', clients: {} },
  };
  const server = await tcpServer((socket, command) => {
    const { now } = state;
    if (command.startsWith('show info')) socket.end(`Version: 2.6.12\nUptime_sec: ${now.uptime}\n\n`);
    else if (command.startsWith('show stat')) {
      socket.end(
        `# pxname,svname,qcur,scur,dreq,status,type,req_tot,rtime,\nshop,FRONTEND,,2,${now.denied},OPEN,0,${now.requests},,\nstats,FRONTEND,,0,0,OPEN,0,9,,\nweb,a,0,1,,${now.up},2,,7,\nweb,b,0,1,,no check,2,,7,\nweb,BACKEND,${now.queue},1,0,UP,1,,7,\n\n`,
      );
    } else if (command.startsWith('show table shop')) {
      const rows = Object.entries(now.clients).map(
        ([address, count]) =>
          `0x1: key=${address} use=0 exp=1 http_req_cnt=${count} http_req_rate(60000)=${count}`,
      );
      socket.end(`# table: shop, type: ipv6, size:1000, used:${rows.length}\n${rows.join('\n')}\n\n`);
    } else
      socket.end(
        '# table: shop, type: ipv6, size:1000, used:1\n# table: urls, type: string, size:1, used:0\n\n',
      );
  });
  ends.push(server.close);
  const source = haproxySourceKind.create({ socket: `127.0.0.1:${server.port}`, ...settings });
  const poll = async (cursor: Cursor | null, atMs: number, now: Partial<Numbers> = {}): Promise<Batch> => {
    state.now = { ...state.now, ...now };
    return (await source.poll?.(cursor, testIo({ nowMs: () => atMs }))) ?? expect.fail('no poll');
  };
  return { poll };
}

const values = (batch: Batch) =>
  Object.fromEntries(batch.samples.map((series) => [series.signalKey, series.values[0]]));

describe('the HAProxy source', () => {
  it('gives gauges at once and rates from the second look on', async () => {
    const { poll } = await made();
    const first = await poll(null, start);
    expect(values(first)).toEqual({
      'FRONTEND/scur/shop': 2,
      'BACKEND/qcur/web': 0,
      'BACKEND/rtime/web': 7,
      'servers-up/web': 100,
    });
    const second = await poll(first.cursor, start + 5 * secondMs, {
      uptime: 1005,
      requests: 350,
      denied: 25,
      queue: 3,
      up: 'DOWN',
    });
    expect(values(second)).toEqual({
      'FRONTEND/scur/shop': 2,
      'FRONTEND/req_tot/shop': 50,
      'FRONTEND/dreq/shop': 5,
      'BACKEND/qcur/web': 3,
      'BACKEND/rtime/web': 7,
      'servers-up/web': 50,
    });
    expect(second.signals.find((signal) => signal.key === 'FRONTEND/req_tot/shop')).toEqual({
      key: 'FRONTEND/req_tot/shop',
      customerName: null,
      serviceName: 'shop',
      stage: 'edge',
      layer: 'L7',
      measure: 'rate',
      name: 'HTTP requests (shop)',
      unit: 'requests/s',
      stepMs: 5_000,
    });
    expect([first.gaps, second.gaps]).toEqual([[], []]);
  });

  it('breaks the traffic down by client, by the difference of counts', async () => {
    const { poll } = await made({ serviceName: 'Web shop' });
    const first = await poll(null, start, {
      clients: { '::ffff:198.51.100.7': 10, '2001:db8::1': 5, '192.0.2.9': 400 },
    });
    expect(first.breakdowns).toEqual([]);
    const second = await poll(first.cursor, start + 5 * secondMs, {
      uptime: 1005,
      // One went on, one is new, one began anew because it had been aged out, one did nothing.
      clients: { '::ffff:198.51.100.7': 110, '2001:db8::2': 3, '192.0.2.9': 6, '2001:db8::1': 5 },
    });
    expect(second.breakdowns).toEqual([
      {
        serviceName: 'Web shop',
        customerName: null,
        dimension: 'source.ip',
        fromMs: start,
        toMs: start + 5 * secondMs,
        unit: 'requests',
        total: 109,
        rows: [
          { value: '198.51.100.7', count: 100, mitigated: null },
          { value: '192.0.2.9', count: 6, mitigated: null },
          { value: '2001:db8::2', count: 3, mitigated: null },
        ],
      },
    ]);
  });

  it('takes a restart and an absence for gaps, never for zero or a surge', async () => {
    const { poll } = await made();
    const first = await poll(null, start, { requests: 1_000_000 });
    const restarted = await poll(first.cursor, start + 5 * secondMs, { uptime: 2, requests: 40 });
    expect(restarted.gaps).toEqual([
      {
        fromMs: start,
        toMs: start + 5 * secondMs,
        reason: 'HAProxy was restarted or reloaded: its counters began anew.',
      },
    ]);
    expect(values(restarted)).not.toHaveProperty('FRONTEND/req_tot/shop');
    const away = await poll(restarted.cursor, start + 10 * minuteMs, { uptime: 597, requests: 90_000 });
    expect(away.gaps).toEqual([
      {
        fromMs: start + 5 * secondMs,
        toMs: start + 10 * minuteMs,
        reason: 'HAProxy was not asked for 9 min 55 s.',
      },
    ]);
    expect(values(away)['FRONTEND/req_tot/shop']).toBeNull();
    expect(away.breakdowns).toEqual([]);
  });

  it('reads what HAProxy writes', () => {
    expect(parseStat('# a,b,c,\n"x,""y""",2,3,\n')).toEqual([
      new Map([
        ['a', 'x,"y"'],
        ['b', '2'],
        ['c', '3'],
        ['', ''],
      ]),
    ]);
    expect(parseStat('Permission denied\n')).toEqual([]);
    expect(parseTable('Unknown table')).toBeNull();
    expect(
      parseTable(
        '# table: t, type: ip, size:10, used:2\n0x1: key=192.0.2.1 use=1 exp=5 http_req_rate(10000)=7 gpc0=1\n0x2: key=not-an-address use=0\n',
      ),
    ).toEqual({
      name: 't',
      type: 'ip',
      size: 10,
      used: 2,
      rows: [
        {
          address: '192.0.2.1',
          values: new Map([
            ['use', { value: 1, periodMs: null }],
            ['exp', { value: 5, periodMs: null }],
            ['http_req_rate', { value: 7, periodMs: 10_000 }],
            ['gpc0', { value: 1, periodMs: null }],
          ]),
        },
      ],
    });
  });
});

describe.skipIf(leaveOut('haproxy', 'nginx'))('the HAProxy source on a real HAProxy', () => {
  it('counts the requests of each client exactly', { timeout: 30_000 }, async () => {
    const folder = await temporaryFolder();
    ends.push(folder.remove);
    const nginx = await startNginx(folder.path);
    ends.push(nginx.stop);
    const haproxy = await startHaproxy(folder.path, { originPort: nginx.port });
    ends.push(haproxy.stop);
    const source = haproxySourceKind.create({ socket: haproxy.socketPath, serviceName: 'shop' });
    const poll = async (cursor: Cursor | null) => (await source.poll?.(cursor, testIo())) ?? expect.fail();
    const first = await poll(null);
    const loads = [
      attack({ port: haproxy.httpPort, address: '127.0.0.66', ratePerSecond: 300, mostRequests: 120 }),
      attack({
        port: haproxy.httpPort,
        address: '127.0.0.10',
        ratePerSecond: 50,
        mostRequests: 9,
        path: '/missing',
      }),
    ];
    await Promise.all(loads.map((load) => load.done));
    expect(loads.map((load) => [...load.answers])).toEqual([[[200, 120]], [[404, 9]]]);
    const second = await poll(first.cursor);
    expect(second.breakdowns.map((each) => [each.dimension, each.total, each.rows])).toEqual([
      [
        'http.status',
        129,
        [
          { value: '2xx', count: 120, mitigated: null },
          { value: '4xx', count: 9, mitigated: null },
        ],
      ],
      [
        'source.ip',
        129,
        [
          { value: '127.0.0.66', count: 120, mitigated: null },
          { value: '127.0.0.10', count: 9, mitigated: null },
        ],
      ],
    ]);
    const seconds = ((second.breakdowns[0]?.toMs ?? 0) - (second.breakdowns[0]?.fromMs ?? 0)) / 1000;
    expect((values(second)['FRONTEND/req_tot/shop'] ?? 0) * seconds).toBeCloseTo(129, 6);
    expect((values(second)['FRONTEND/hrsp_4xx/shop'] ?? 0) * seconds).toBeCloseTo(9, 6);
    const result = await source.test(testIo());
    expect(result.lines.map((line) => line.text)).toEqual([
      expect.stringMatching(/^HAProxy 2\.\S+ answers at /),
      'Frontends: shop, passthrough. Backends: origin, origin_tcp.',
      'Stick table shop: 2 clients, stores conn_cur, http_req_cnt, http_req_rate, http_err_rate, bytes_out_rate.',
    ]);
  });
});
