import { z } from 'zod';
import type { Descriptor, Field, Settings, TestResult } from '../../shared/domain/connection.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import type { Layer, Measure, Stage } from '../../shared/domain/signal.ts';
import { formatDuration, secondMs } from '../../shared/domain/time.ts';
import { countClientsText, socketSnippet, timeoutField } from '../targets/haproxy-setup.ts';
import {
  encodeArgument,
  formatSocketAddress,
  isDenied,
  parseSocketAddress,
  runCommand,
} from '../targets/haproxy-socket.ts';
import { counted } from './alert-words.ts';
import {
  parseInfo,
  parseStat,
  parseTable,
  parseTableNames,
  type StatRow,
  type StickTable,
} from './haproxy-answers.ts';
import { quoteForSentence } from './http.ts';
import { badSetting, checkSettings } from './settings-reader.ts';
import {
  type Batch,
  type BreakdownInput,
  type ConnectionIo,
  type Cursor,
  emptyBatch,
  type SamplesInput,
  type SignalInput,
  type Source,
  type SourceKind,
} from './source.ts';

const fields: readonly Field[] = [
  {
    key: 'socket',
    label: 'Runtime socket',
    help: 'HAProxy’s “stats socket”: a path, or address:port. Reading needs no more than level user.',
    type: 'text',
    required: true,
    default: '/run/haproxy/admin.sock',
  },
  {
    key: 'tables',
    label: 'Stick tables',
    help: 'Tables that count clients, separated by commas. Empty: every table of addresses.',
    type: 'text',
    required: false,
    default: null,
    placeholder: 'shop',
  },
  {
    key: 'serviceName',
    label: 'Service',
    help: 'The service that everything from here belongs to. Empty: a service for each frontend and backend, by its name.',
    type: 'text',
    required: false,
    default: null,
  },
  {
    key: 'excludeProxies',
    label: 'Proxies to leave out',
    help: 'Names separated by commas: those that only serve statistics.',
    type: 'text',
    required: false,
    default: 'stats, metrics, prometheus, health',
  },
  {
    key: 'intervalSeconds',
    label: 'Every (s)',
    help: 'How often HAProxy is asked.',
    type: 'number',
    required: true,
    default: 5,
    min: 1,
    max: 300,
  },
  timeoutField,
];

const descriptor: Descriptor = {
  kind: 'haproxy',
  role: 'source',
  name: 'HAProxy runtime socket',
  summary: 'Counters and the stick table: traffic for each client address, which metrics cannot give.',
  mode: 'poll',
  userAddable: true,
  fields: [...fields],
  setup: [
    socketSnippet,
    {
      title: 'Count clients (HTTP frontend)',
      language: 'haproxy',
      text: countClientsText,
    },
  ],
};

const mostClients = 200;
/** Clients whose count of last time is kept: the busiest, within the cursor's size. */
const mostKept = 5_000;
const mostProxies = 200;

const countersSchema = z.record(z.string(), z.number());
const cursorSchema = z.object({
  version: z.literal(1),
  atMs: z.number(),
  /** HAProxy's start, epoch s: after a restart its counters begin anew. */
  startedSeconds: z.number(),
  counters: countersSchema,
  tables: z.record(z.string(), z.object({ complete: z.boolean(), counts: countersSchema })),
});
type Kept = z.infer<typeof cursorSchema>;

interface Metric {
  readonly id: string;
  readonly on: 'FRONTEND' | 'BACKEND';
  readonly column: string;
  readonly counter: boolean;
  readonly factor: number;
  readonly name: string;
  readonly unit: string;
  readonly stage: Stage;
  readonly layer: Layer;
  readonly measure: Measure;
}

function metric(
  on: Metric['on'],
  column: string,
  form: 'counter' | 'gauge',
  text: readonly [name: string, unit: string],
  place: readonly [Stage, Layer, Measure],
  factor = 1,
): Metric {
  const [name, unit] = text;
  const [stage, layer, measure] = place;
  return {
    id: `${on}/${column}`,
    on,
    column,
    counter: form === 'counter',
    factor,
    name,
    unit,
    stage,
    layer,
    measure,
  };
}

/** Columns of `show stat` (HAProxy's management guide, section 9.1). */
const metrics: readonly Metric[] = [
  metric('FRONTEND', 'req_tot', 'counter', ['HTTP requests', 'requests/s'], ['edge', 'L7', 'rate']),
  metric(
    'FRONTEND',
    'conn_tot',
    'counter',
    ['New connections', 'connections/s'],
    ['network', 'L4', 'connections'],
  ),
  metric('FRONTEND', 'bin', 'counter', ['Traffic in', 'bit/s'], ['network', 'L3', 'bits'], 8),
  metric('FRONTEND', 'bout', 'counter', ['Traffic out', 'bit/s'], ['network', 'L3', 'bits'], 8),
  metric('FRONTEND', 'hrsp_4xx', 'counter', ['Answers 4xx', 'responses/s'], ['edge', 'L7', 'errors']),
  metric('FRONTEND', 'hrsp_5xx', 'counter', ['Answers 5xx', 'responses/s'], ['edge', 'L7', 'errors']),
  metric('FRONTEND', 'dreq', 'counter', ['Requests denied', 'requests/s'], ['waf', 'L7', 'mitigated']),
  metric('FRONTEND', 'dcon', 'counter', ['Connections denied', 'connections/s'], ['waf', 'L4', 'mitigated']),
  metric('FRONTEND', 'scur', 'gauge', ['Open sessions', 'sessions'], ['edge', 'L4', 'saturation']),
  metric('BACKEND', 'qcur', 'gauge', ['Requests waiting', 'requests'], ['origin', 'L7', 'saturation']),
  metric('BACKEND', 'rtime', 'gauge', ['Response time', 'ms'], ['origin', 'L7', 'latency']),
  metric('BACKEND', 'hrsp_5xx', 'counter', ['Origin answers 5xx', 'responses/s'], ['origin', 'L7', 'errors']),
  metric('BACKEND', 'econ', 'counter', ['Origin connection errors', 'errors/s'], ['origin', 'L4', 'errors']),
];

/** Answers by the class of their status, as `show stat` counts them for a frontend in mode http. */
const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'] as const;

function words(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function numberIn(row: StatRow, column: string): number | null {
  const text = row.get(column) ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** How much a counter rose; null when it began anew or was not there before. */
function rise(now: number, before: number | undefined): number | null {
  return before === undefined || now < before ? null : now - before;
}

/** Share of a backend's servers that take traffic, %; null for a backend without servers. */
function serversUp(rows: readonly StatRow[], proxy: string): number | null {
  const servers = rows.filter((row) => row.get('pxname') === proxy && row.get('type') === '2');
  if (servers.length === 0) return null;
  const up = servers.filter((row) => /^(UP|no check)/.test(row.get('status') ?? ''));
  return (100 * up.length) / servers.length;
}

/**
 * Who made up the traffic between two looks at a stick table: by the difference of each client's request count, or,
 * where the table only has rates, by the rate.
 */
function breakdownOf(
  table: StickTable,
  before: Kept['tables'][string] | undefined,
  interval: { readonly fromMs: number; readonly toMs: number },
  serviceName: string,
): { readonly breakdown: BreakdownInput | null; readonly kept: Kept['tables'][string] } {
  const counts: Record<string, number> = Object.create(null);
  const rows: { value: string; count: number; mitigated: null }[] = [];
  let total = 0;
  const tableCounts = table.rows.some((row) => row.values.has('http_req_cnt'));
  for (const row of table.rows) {
    const count = row.values.get('http_req_cnt')?.value;
    if (count !== undefined) counts[row.address] = count;
    const rate = row.values.get('http_req_rate');
    const seconds = (interval.toMs - interval.fromMs) / secondMs;
    const byRate =
      rate === undefined || rate.periodMs === null ? 0 : (rate.value * seconds * secondMs) / rate.periodMs;
    const known = before?.counts[row.address];
    const difference = (() => {
      if (count === undefined) return tableCounts ? 0 : byRate;
      if (before === undefined) return 0;
      // A client that the last look did not have is new, or was aged out meanwhile: all it has came since, if the
      // last look saw every client.
      if (known === undefined) return before.complete ? count : Math.min(count, byRate);
      return count >= known ? count - known : count;
    })();
    if (difference > 0) {
      rows.push({ value: row.address, count: Math.round(difference * 100) / 100, mitigated: null });
      total += difference;
    }
  }
  rows.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const entries = Object.entries(counts);
  const complete = entries.length <= mostKept;
  const kept = complete ? entries : entries.sort((a, b) => b[1] - a[1]).slice(0, mostKept);
  const usable = (before !== undefined || !tableCounts) && interval.toMs > interval.fromMs;
  return {
    breakdown: usable
      ? {
          serviceName,
          customerName: null,
          dimension: 'source.ip',
          fromMs: interval.fromMs,
          toMs: interval.toMs,
          unit: 'requests',
          total: Math.round(total * 100) / 100,
          rows: rows.slice(0, mostClients),
        }
      : null,
    kept: { complete, counts: Object.fromEntries(kept) },
  };
}

function createHaproxySource(settings: Settings): Source {
  const checked = checkSettings(fields, settings);
  const parsedAddress = parseSocketAddress(checked.text('socket'));
  if (parsedAddress === null) {
    throw badSetting(fields, 'socket', 'a path that begins with / or address:port is needed.');
  }
  const address = parsedAddress;
  const named = words(checked.text('tables')).map((name) => {
    try {
      return encodeArgument(name);
    } catch {
      throw badSetting(fields, 'tables', `“${quoteForSentence(name, 40)}” is no name of a table.`);
    }
  });
  const excluded = new Set(words(checked.text('excludeProxies')));
  const intervalMs = checked.number('intervalSeconds') * secondMs;
  const limits = { timeoutMs: checked.number('timeoutSeconds') * secondMs, maxBytes: 48 * 1024 * 1024 };
  const serviceName = checked.text('serviceName');

  const command = (io: ConnectionIo, ...text: readonly string[]) =>
    runCommand(address, { words: text }, io, limits);

  async function readInfo(io: ConnectionIo): Promise<ReadonlyMap<string, string>> {
    const info = parseInfo(await command(io, 'show', 'info'));
    if (!info.has('Version')) {
      throw new WatchfloorError(
        'unavailable',
        `What answers at ${formatSocketAddress(address)} is no HAProxy runtime socket.`,
      );
    }
    return info;
  }

  async function readStat(io: ConnectionIo): Promise<readonly StatRow[]> {
    const rows = parseStat(await command(io, 'show', 'stat'));
    const watched = rows.filter((row) => !excluded.has(row.get('pxname') ?? ''));
    const proxies = new Set(watched.map((row) => row.get('pxname')));
    if (proxies.size <= mostProxies) return watched;
    const first = new Set([...proxies].slice(0, mostProxies));
    return watched.filter((row) => first.has(row.get('pxname')));
  }

  async function tableNames(io: ConnectionIo): Promise<readonly string[]> {
    if (named.length > 0) return named;
    const tables = parseTableNames(await command(io, 'show', 'table'));
    return tables
      .filter((table) => table.type === 'ip' || table.type === 'ipv6')
      .filter((table) => !excluded.has(table.name))
      .map((table) => table.name)
      .slice(0, 20);
  }

  async function readTable(io: ConnectionIo, name: string): Promise<StickTable> {
    const answer = await command(io, 'show', 'table', name);
    if (isDenied(answer)) {
      throw new WatchfloorError(
        'refused',
        `HAProxy does not let us read its tables: “${quoteForSentence(answer, 120)}”.`,
      );
    }
    const table = parseTable(answer);
    if (table === null) {
      throw new WatchfloorError('refused', `HAProxy has no stick table ${name}: check “Stick tables”.`);
    }
    return table;
  }

  function signalOf(
    each: Pick<Metric, 'id' | 'name' | 'unit' | 'stage' | 'layer' | 'measure'>,
    proxy: string,
  ): SignalInput {
    return {
      key: `${each.id}/${proxy}`,
      customerName: null,
      serviceName: serviceName !== '' ? serviceName : proxy,
      stage: each.stage,
      layer: each.layer,
      measure: each.measure,
      name: `${each.name} (${proxy})`,
      unit: each.unit,
      stepMs: intervalMs,
    };
  }

  const availability = {
    id: 'servers-up',
    name: 'Servers up',
    unit: '%',
    stage: 'origin',
    layer: 'L7',
    measure: 'availability',
  } as const;

  async function poll(cursor: Cursor | null, io: ConnectionIo): Promise<Batch> {
    const info = await readInfo(io);
    const rows = await readStat(io);
    // The moment of the counters: the rates below are over exactly the time between two such moments.
    const atMs = io.nowMs();
    const uptimeSeconds = Number(info.get('Uptime_sec') ?? 'NaN');
    const startedSeconds = Math.round(atMs / secondMs - (Number.isFinite(uptimeSeconds) ? uptimeSeconds : 0));
    const parsed = cursorSchema.safeParse(cursor);
    const restarted = parsed.success && Math.abs(parsed.data.startedSeconds - startedSeconds) > 3;
    const before = parsed.success && !restarted && parsed.data.atMs < atMs ? parsed.data : null;
    const elapsedSeconds = before === null ? 0 : (atMs - before.atMs) / secondMs;
    // A rate over much longer than the interval would hide what happened in it: that time is a gap.
    const ratesUsable = before !== null && elapsedSeconds * secondMs <= 4 * intervalMs + 2 * secondMs;

    const signals: SignalInput[] = [];
    const samples: SamplesInput[] = [];
    const counters: Record<string, number> = Object.create(null);
    const push = (signal: SignalInput, value: number | null) => {
      signals.push(signal);
      samples.push({ signalKey: signal.key, timesMs: [atMs], values: [value] });
    };
    const breakdowns: BreakdownInput[] = [];
    for (const row of rows) {
      const proxy = row.get('pxname') ?? '';
      if (row.get('svname') === 'FRONTEND') {
        const answers = statusClasses.flatMap((value) => {
          const now = numberIn(row, `hrsp_${value}`);
          if (now === null) return [];
          const key = `status/${value}/${proxy}`;
          counters[key] = now;
          return [{ value, count: rise(now, before?.counters[key]) }];
        });
        const counted = answers.flatMap(({ value, count }) =>
          count === null ? [] : [{ value, count, mitigated: null }],
        );
        if (before !== null && ratesUsable && answers.length > 0 && counted.length === answers.length) {
          breakdowns.push({
            serviceName: serviceName !== '' ? serviceName : proxy,
            customerName: null,
            dimension: 'http.status',
            fromMs: before.atMs,
            toMs: atMs,
            unit: 'requests',
            total: counted.reduce((sum, { count }) => sum + count, 0),
            rows: counted.filter(({ count }) => count > 0),
          });
        }
      }
      for (const each of metrics) {
        if (row.get('svname') !== each.on) continue;
        const raw = numberIn(row, each.column);
        if (raw === null) continue;
        const signal = signalOf(each, proxy);
        if (!each.counter) {
          push(signal, raw * each.factor);
          continue;
        }
        counters[signal.key] = raw;
        if (before === null) continue;
        const risen = rise(raw, before.counters[signal.key]);
        push(signal, ratesUsable && risen !== null ? (risen * each.factor) / elapsedSeconds : null);
      }
      if (row.get('svname') === 'BACKEND') {
        const up = serversUp(rows, proxy);
        if (up !== null) push(signalOf(availability, proxy), up);
      }
    }

    const tables: Kept['tables'] = {};
    const rejected: Batch['rejected'][number][] = [];
    for (const name of await tableNames(io)) {
      let table: StickTable;
      try {
        table = await readTable(io, name);
      } catch (thrown) {
        const data = toErrorData(thrown);
        if (data.code !== 'refused') throw thrown;
        rejected.push({ reason: data.message, raw: name, place: '' });
        continue;
      }
      const interval = { fromMs: ratesUsable ? (before?.atMs ?? atMs) : atMs, toMs: atMs };
      const made = breakdownOf(
        table,
        before?.tables[name],
        interval,
        serviceName !== '' ? serviceName : name,
      );
      if (made.breakdown !== null) breakdowns.push(made.breakdown);
      tables[name] = made.kept;
    }
    return {
      ...emptyBatch,
      cursor: { version: 1, atMs, startedSeconds, counters: { ...counters }, tables },
      events: samples.length,
      signals,
      samples,
      breakdowns,
      rejected,
      gaps:
        parsed.success && !ratesUsable && parsed.data.atMs < atMs
          ? [
              {
                fromMs: parsed.data.atMs,
                toMs: atMs,
                reason: restarted
                  ? 'HAProxy was restarted or reloaded: its counters began anew.'
                  : `HAProxy was not asked for ${formatDuration(atMs - parsed.data.atMs)}.`,
              },
            ]
          : [],
    };
  }

  async function test(io: ConnectionIo): Promise<TestResult> {
    const lines: TestResult['lines'] = [];
    const tell = (level: TestResult['lines'][number]['level'], text: string) => lines.push({ level, text });
    try {
      const info = await readInfo(io);
      tell(
        'ok',
        `HAProxy ${quoteForSentence(info.get('Version') ?? '', 40)} answers at ${formatSocketAddress(address)}.`,
      );
      const rows = await readStat(io);
      const proxiesOf = (kind: string) =>
        rows.flatMap((row) =>
          row.get('svname') === kind ? [quoteForSentence(row.get('pxname') ?? '', 60)] : [],
        );
      const frontends = proxiesOf('FRONTEND');
      const backends = proxiesOf('BACKEND');
      tell(
        frontends.length + backends.length === 0 ? 'warning' : 'ok',
        `Frontends: ${frontends.join(', ') || 'none'}. Backends: ${backends.join(', ') || 'none'}.`,
      );
      const names = await tableNames(io);
      if (names.length === 0) {
        tell(
          'warning',
          'There is no stick table of addresses: top talkers and previews will say “not known”. The lines under “Set up” add one.',
        );
      }
      for (const name of names) {
        const table = await readTable(io, name);
        const stores = [...(table.rows[0]?.values.keys() ?? [])].filter(
          (name) => name !== 'use' && name !== 'exp',
        );
        const usable =
          stores.length === 0 || stores.includes('http_req_cnt') || stores.includes('http_req_rate');
        tell(
          usable ? 'ok' : 'warning',
          `Stick table ${name}: ${counted(table.used, 'client')}${stores.length === 0 ? '' : `, stores ${stores.join(', ')}`}.${usable ? '' : ' It needs http_req_cnt or http_req_rate.'}`,
        );
      }
    } catch (thrown) {
      tell('error', toErrorData(thrown).message);
    }
    return { ok: lines.every((line) => line.level !== 'error'), lines };
  }

  return { intervalMs, poll, test };
}

/** Counters and clients from HAProxy's runtime socket. */
export const haproxySourceKind: SourceKind = { descriptor, create: createHaproxySource };
