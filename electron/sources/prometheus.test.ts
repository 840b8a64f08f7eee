import { afterEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { testIo } from '../testing/connection-io.ts';
import { leaveOut, temporaryFolder } from '../testing/real/programs.ts';
import {
  startBlackboxExporter,
  startNginx,
  startPrometheus,
  startTlsServer,
} from '../testing/real/servers.ts';
import { startRealStack } from '../testing/real/stack.ts';
import { httpServer } from '../testing/trouble-servers.ts';
import { prometheusSourceKind } from './prometheus.ts';
import type { Batch, Cursor, SamplesInput, Source } from './source.ts';

const start = Date.UTC(2026, 2, 4, 2, 0, 0);

interface Asked {
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** What a made-up Prometheus knows: for a query, its series with a value at a moment, or nothing there. */
type World = (query: string) => readonly {
  readonly labels: Readonly<Record<string, string>>;
  readonly at: (timeMs: number) => number | null;
}[];

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function prometheusWith(world: World): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = await httpServer((request, response) => {
    const parameters = new URL(request.url ?? '', 'http://x').searchParams;
    const query = parameters.get('query') ?? '';
    const [startMs, endMs, stepMs] = ['start', 'end', 'step'].map((key) =>
      Math.round(Number(parameters.get(key)) * 1000),
    );
    const range = { query, startMs: startMs ?? 0, endMs: endMs ?? 0, stepMs: stepMs ?? 1 };
    asked.push(range);
    response.setHeader('content-type', 'application/json');
    if ((range.endMs - range.startMs) / range.stepMs > 11_000) {
      response.statusCode = 400;
      response.end(
        '{"status":"error","error":"exceeded maximum resolution of 11,000 points per timeseries"}',
      );
      return;
    }
    if (query.includes('bad(')) {
      response.statusCode = 400;
      response.end(
        '{"status":"error","errorType":"bad_data","error":"parse error: unexpected end of input"}',
      );
      return;
    }
    const result = world(query).flatMap(({ labels, at }) => {
      const values: [number, string][] = [];
      for (let timeMs = range.startMs; timeMs <= range.endMs; timeMs += range.stepMs) {
        const value = at(timeMs);
        if (value !== null) values.push([timeMs / 1000, String(value)]);
      }
      return values.length === 0 ? [] : [{ metric: labels, values }];
    });
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  ends.push(server.close);
  return { url: `http://127.0.0.1:${server.port}`, asked };
}

const own = (url: string, over: Record<string, string | number | boolean> = {}) =>
  prometheusSourceKind.create({
    url,
    'set-haproxy': false,
    'set-nginx': false,
    'set-blackbox': false,
    'set-node': false,
    queries: 'Load | % | origin | saturation | load',
    ...over,
  });

interface Drained {
  readonly samples: Map<string, [number, number | null][]>;
  readonly batches: Batch[];
  readonly cursor: Cursor | null;
}

async function drain(source: Source, from: Cursor | null, nowMs: number): Promise<Drained> {
  const samples = new Map<string, [number, number | null][]>();
  const batches: Batch[] = [];
  let cursor = from;
  for (let polls = 0; polls < 500; polls += 1) {
    const batch = (await source.poll?.(cursor, testIo({ nowMs: () => nowMs }))) ?? expect.fail('no poll');
    batches.push(batch);
    for (const series of batch.samples)
      samples.set(series.signalKey, [...(samples.get(series.signalKey) ?? []), ...pairs(series)]);
    cursor = batch.cursor;
    if (!batch.more) return { samples, batches, cursor };
  }
  return expect.fail('it never came to an end');
}

function pairs(series: SamplesInput): [number, number | null][] {
  return series.timesMs.map((timeMs, index) => [timeMs, series.values[index] ?? null]);
}

const only = (drained: Drained) => {
  const found = [...drained.samples].filter(([name]) => name.startsWith('own/Load/'));
  return found.length === 1 ? (found[0]?.[1] ?? []) : expect.fail(`${found.length} series`);
};

describe('the Prometheus source', () => {
  it('reads its history at five minutes, then goes on at its own step, in order and without a repetition', async () => {
    const { url, asked } = await prometheusWith(() => [
      { labels: { job: 'shop' }, at: (timeMs) => (timeMs / 1000) % 97 },
    ]);
    const source = own(url, { historyDays: 14 });
    const first = await drain(source, null, start);
    const samples = only(first);
    const live = samples.filter(([timeMs]) => timeMs % (5 * minuteMs) !== 0);
    // The newest history step is at most five minutes old; the rest of the time has the live step.
    expect(samples.length - live.length).toBe(14 * 24 * 12);
    expect(live.length).toBeLessThanOrEqual(20);
    expect(samples).toEqual([...samples].sort(([a], [b]) => a - b));
    expect(new Set(samples.map(([timeMs]) => timeMs)).size).toBe(samples.length);
    expect(samples.every(([timeMs, value]) => value === (timeMs / 1000) % 97)).toBe(true);
    expect(samples.at(-1)?.[0]).toBe(start - 15 * secondMs);
    expect(Math.max(...asked.map((each) => (each.endMs - each.startMs) / each.stepMs))).toBeLessThan(11_000);
    expect(first.batches.at(-1)?.progress).toBeNull();
    expect(first.batches[0]?.progress).toEqual({ done: 0, total: 1, text: 'Reading 14 d of history' });
    const next = await drain(source, first.cursor, start + minuteMs);
    expect(only(next).map(([timeMs]) => timeMs)).toEqual(
      [0, 15, 30, 45].map((seconds) => start + seconds * secondMs),
    );
  });

  it('catches up a long absence at the coarse step and a short one at its own', async () => {
    const { url, asked } = await prometheusWith(() => [{ labels: {}, at: () => 1 }]);
    const { cursor } = await drain(own(url, { historyDays: 1 }), null, start);
    asked.length = 0;
    await drain(own(url, { historyDays: 1 }), cursor, start + 30 * minuteMs);
    expect(asked.map((each) => each.stepMs)).toEqual([15 * secondMs]);
    asked.length = 0;
    const long = await drain(own(url, { historyDays: 1 }), cursor, start + 8 * hourMs);
    expect(new Set(asked.map((each) => each.stepMs))).toEqual(new Set([5 * minuteMs, 15 * secondMs]));
    expect(long.batches.flatMap((batch) => batch.gaps)).toEqual([]);
    const ages = await drain(own(url, { historyDays: 1 }), cursor, start + 5 * dayMs);
    expect(ages.batches.flatMap((batch) => batch.gaps)).toEqual([
      {
        fromMs: expect.any(Number),
        toMs: expect.any(Number),
        reason: 'Further back than the 24 h of history that are read.',
      },
    ]);
  });

  it('shows a missing scrape, NaN and infinity as gaps, and takes a late one when it comes', async () => {
    let arrivedMs = start;
    const late = start - 30 * secondMs;
    const { url } = await prometheusWith(() => [
      {
        labels: {},
        at: (timeMs) => {
          if (timeMs > arrivedMs || timeMs === late - 60 * secondMs) return null;
          if (timeMs === late - 45 * secondMs) return Number.NaN;
          return timeMs === late - 30 * secondMs ? Number.POSITIVE_INFINITY : 5;
        },
      },
    ]);
    const source = own(url, { historyDays: 0.01 });
    arrivedMs = late;
    const first = await drain(source, null, start);
    expect(only(first).slice(-6)).toEqual([
      [late - 75 * secondMs, 5],
      [late - 60 * secondMs, null],
      [late - 45 * secondMs, null],
      [late - 30 * secondMs, null],
      [late - 15 * secondMs, 5],
      [late, 5],
    ]);
    arrivedMs = start + minuteMs;
    expect(only(await drain(source, first.cursor, start + 20 * secondMs))[0]).toEqual([
      late + 15 * secondMs,
      5,
    ]);
    arrivedMs = late;
    // After five minutes without a value it goes on, and the time stays empty.
    const gone = await drain(source, first.cursor, start + 10 * minuteMs);
    expect(gone.samples.size).toBe(0);
    arrivedMs = start + 20 * minuteMs;
    const back = await drain(source, gone.cursor, start + 11 * minuteMs);
    expect(only(back)[0]).toEqual([start + 5 * minuteMs + 15 * secondMs, 5]);
  });

  it('lets no query wait for a late scrape at the cost of another’s history', async () => {
    const { url } = await prometheusWith(() => [
      { labels: {}, at: (timeMs) => (timeMs > start - minuteMs ? null : 1) },
    ]);
    const line = (index: number) => `Q${index} | % | origin | rate | q${index}`;
    const early = Array.from({ length: 12 }, (_, index) => line(index));
    const first = await drain(own(url, { queries: early.join('\n'), historyDays: 1 }), null, start);
    const late = Array.from({ length: 3 }, (_, index) => line(index + 12));
    const both = await drain(
      own(url, { queries: [...early, ...late].join('\n'), historyDays: 1 }),
      first.cursor,
      start + secondMs,
    );
    expect([...both.samples].filter(([, samples]) => samples.length > 288)).toHaveLength(3);
  });

  it('names services and customers by label, and cuts a query with too many series, saying so', async () => {
    const { url } = await prometheusWith(() =>
      Array.from({ length: 60 }, (_, index) => ({
        labels: { app: `shop-${index % 2}`, tenant: 'Acme', pod: `p${String(index).padStart(2, '0')}` },
        at: () => index,
      })),
    );
    const settings = { serviceLabel: 'app', customerLabel: 'tenant', historyDays: 0.01 };
    const { batches } = await drain(own(url, settings), null, start);
    const signals = batches[0]?.signals ?? [];
    expect(signals).toHaveLength(50);
    expect(signals[0]).toEqual({
      key: expect.stringMatching(/^own\/Load\/[0-9a-f]{12}\{app=shop-0,pod=p00,tenant=Acme\}$/),
      customerName: 'Acme',
      serviceName: 'shop-0',
      stage: 'origin',
      layer: 'L7',
      measure: 'saturation',
      name: 'Load (p00)',
      unit: '%',
      stepMs: 15_000,
    });
    expect(batches.flatMap((batch) => batch.rejected)).toEqual([
      {
        reason:
          'Query “Load” answers with 60 series; the first 50 by name are watched. Narrow it, or raise “Most series a query”.',
        raw: 'load',
        place: '',
      },
    ]);
  });

  it('says which question is refused and goes on with the others', async () => {
    const { url } = await prometheusWith(() => [{ labels: {}, at: () => 1 }]);
    const queries = 'Load | % | origin | saturation | load\nBroken | ms | origin | latency | bad(';
    const { batches, samples } = await drain(own(url, { queries, historyDays: 0.01 }), null, start);
    expect([...samples.keys()].map((name) => name.split('/')[1])).toEqual(['Load']);
    expect(batches.flatMap((batch) => batch.rejected)).toEqual([
      {
        reason: expect.stringMatching(
          /^Query “Broken”: 127\.0\.0\.1:\d+ did not accept the question \(400\)\. It said: “parse error: unexpected end of input”\.$/,
        ),
        raw: 'bad(',
        place: '',
      },
    ]);
  });

  it.each([
    ['Load | % | origin', 'line 1: five parts are needed: name | unit | stage | measure | PromQL.'],
    ['# mine\n\nLoad | % | orbit | rate | x', 'line 3: “orbit” is no stage; one of client, network'],
    ['Load | % | origin | speed | x', 'line 1: “speed” is no measure; one of rate'],
    ['A | % | origin | rate | x\nA | % | origin | rate | y', 'line 2: there is another query named “A”.'],
  ])('refuses the query %j', (queries, message) => {
    expect(() => own('http://127.0.0.1:1', { queries })).toThrow(`Queries of your own: ${message}`);
  });

  it('lets a query of one’s own hold a bar, and reads it anew when it changes', async () => {
    const { url, asked } = await prometheusWith(() => [{ labels: {}, at: () => 1 }]);
    const first = await drain(
      own(url, { queries: 'A | % | origin | rate | x{a=~"b|c"}[$window]', historyDays: 0.01 }),
      null,
      start,
    );
    expect(asked[0]?.query).toBe('x{a=~"b|c"}[60s]');
    const second = await drain(
      own(url, { queries: 'A | % | origin | rate | y', historyDays: 0.01 }),
      first.cursor,
      start,
    );
    expect(second.samples.size).toBe(1);
    expect([...second.samples.keys()]).not.toEqual([...first.samples.keys()]);
  });
});

describe.skipIf(leaveOut('haproxy', 'nginx', 'prometheus', 'promtool', 'prometheus-alertmanager'))(
  'the Prometheus source on a real Prometheus',
  () => {
    it('finds HAProxy’s set, two days of history that fit the live load, and says so', {
      timeout: 60_000,
    }, async () => {
      const stack = await startRealStack({ historyDays: 2 });
      ends.push(stack.stop);
      const source = prometheusSourceKind.create({
        url: stack.prometheus.url,
        stepSeconds: 5,
        historyDays: 2,
      });
      await expect
        .poll(async () => (await source.test(testIo())).lines.map((line) => line.text).join('\n'), {
          timeout: 15_000,
          interval: 500,
        })
        .toMatch(
          /HAProxy: HTTP requests 1, New connections 2, .* Servers up 2 series\.\nHistory reaches back at least 1 day\./,
        );
      const drained = await drain(source, null, Date.now());
      expect(drained.batches.flatMap((batch) => batch.rejected)).toEqual([]);
      const requests = drained.samples.get('haproxy/requests{job=shop,proxy=shop}') ?? [];
      const values = requests.flatMap(([, value]) => value ?? []);
      // A mean of 8 a second with a day's swing of 35 %.
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(requests.length).toBeGreaterThan(570);
      expect(mean).toBeGreaterThan(7);
      expect(mean).toBeLessThan(9);
    });
  },
);

describe.skipIf(leaveOut('nginx', 'prometheus', 'prometheus-blackbox-exporter'))(
  'the Prometheus source on a real blackbox exporter',
  () => {
    it('sees reachability, latency, names and certificates, and no latency where nothing is reached', {
      timeout: 60_000,
    }, async () => {
      const folder = await temporaryFolder();
      ends.push(folder.remove);
      const nginx = await startNginx(folder.path);
      ends.push(nginx.stop);
      const exporter = await startBlackboxExporter(folder.path);
      ends.push(exporter.stop);
      const dead = 'http://127.0.0.1:9/';
      const alive = `http://127.0.0.1:${nginx.port}/`;
      const nameless = 'http://nowhere.invalid/';
      const tls = await startTlsServer(folder.path, 10);
      ends.push(tls.stop);
      const prometheus = await startPrometheus(folder.path, {
        targets: {},
        probes: { exporterPort: exporter.port, urls: [alive, dead, nameless, tls.url] },
      });
      ends.push(prometheus.stop);
      // A latency is some positive number, a certificate of ten days has a little less left.
      const newestOf = (name: string, value: number | null) =>
        name.includes('latency')
          ? (value ?? -1) > 0
          : name.includes('certificate')
            ? Math.ceil(value ?? 0)
            : value;
      const newest = async () => {
        // A source that found nothing asks again only after a while: each look is a first one.
        const source = prometheusSourceKind.create({
          url: prometheus.url,
          stepSeconds: 1,
          historyDays: 0.01,
        });
        const drained = await drain(source, null, Date.now());
        expect(drained.batches.flatMap((batch) => batch.rejected)).toEqual([]);
        return Object.fromEntries(
          [...drained.samples].map(([name, samples]) => [
            name.replace('blackbox/', ''),
            newestOf(name, samples.at(-1)?.[1] ?? null),
          ]),
        );
      };
      const labels = (url: string) => `{instance=${url},job=reachability}`;
      await expect.poll(newest, { timeout: 20_000, interval: 500 }).toEqual({
        [`reachability${labels(alive)}`]: 100,
        [`reachability${labels(dead)}`]: 0,
        [`reachability${labels(nameless)}`]: 0,
        [`reachability${labels(tls.url)}`]: 100,
        [`latency${labels(alive)}`]: true,
        [`latency${labels(tls.url)}`]: true,
        [`resolution${labels(alive)}`]: 100,
        [`resolution${labels(dead)}`]: 100,
        [`resolution${labels(nameless)}`]: 0,
        [`resolution${labels(tls.url)}`]: 100,
        [`certificate${labels(tls.url)}`]: 10,
      });
    });
  },
);
