import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Descriptor, Field, Settings, TestResult } from '../../shared/domain/connection.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import {
  type Layer,
  type Measure,
  measureSchema,
  type Stage,
  stageSchema,
} from '../../shared/domain/signal.ts';
import { dayMs, formatDuration, hourMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { counted } from './alert-words.ts';
import { createHttpClient, type HttpClient, httpFields, quoteForSentence } from './http.ts';
import { type PrometheusQuery, prometheusSets } from './prometheus-sets.ts';
import { badSetting, type CheckedSettings, checkSettings } from './settings-reader.ts';
import {
  type Batch,
  type ConnectionIo,
  type Cursor,
  emptyBatch,
  type SamplesInput,
  type SignalInput,
  type Source,
  type SourceKind,
} from './source.ts';

const setsGroup = 'What to read';

const fields: readonly Field[] = [
  ...httpFields,
  ...prometheusSets.map(
    (set): Field => ({
      key: `set-${set.id}`,
      label: set.label,
      help: set.help,
      type: 'boolean',
      required: false,
      default: true,
      group: setsGroup,
    }),
  ),
  {
    key: 'queries',
    label: 'Queries of your own',
    help: 'One a line: name | unit | stage | measure | PromQL. Stages: client, network, edge, waf, cache, origin. Measures: rate, latency, errors, reachability, availability, packets, bits, connections, mitigated, saturation, other. $window stands for the rate window.',
    type: 'lines',
    required: false,
    default: null,
    placeholder:
      'Checkout p95 | ms | origin | latency | 1000 * histogram_quantile(0.95, sum by (le) (rate(checkout_seconds_bucket[$window])))',
    group: setsGroup,
  },
  {
    key: 'excludeProxies',
    label: 'HAProxy proxies to leave out',
    help: 'A regular expression over proxy names: those that only serve statistics.',
    type: 'text',
    required: false,
    default: 'stats|metrics|prometheus|exporter|health|healthz',
    group: setsGroup,
  },
  {
    key: 'serviceName',
    label: 'Service',
    help: 'The service that everything from here belongs to. Empty: a service for each value of the label below.',
    type: 'text',
    required: false,
    default: null,
    group: 'Where it belongs',
  },
  {
    key: 'serviceLabel',
    label: 'Service label',
    help: 'The Prometheus label whose value names the service.',
    type: 'text',
    required: false,
    default: 'job',
    group: 'Where it belongs',
  },
  {
    key: 'customerLabel',
    label: 'Customer label',
    help: 'The label whose value names the customer. Empty: all belongs to this source’s customer.',
    type: 'text',
    required: false,
    default: null,
    group: 'Where it belongs',
  },
  {
    key: 'stepSeconds',
    label: 'Step (s)',
    help: 'Distance of live samples; at best Prometheus’s own scrape interval.',
    type: 'number',
    required: true,
    default: 15,
    min: 1,
    max: 300,
    group: 'Time',
  },
  {
    key: 'windowSeconds',
    label: 'Rate window (s)',
    help: 'Over how long rates are taken ($window): at least four scrape intervals.',
    type: 'number',
    required: true,
    default: 60,
    min: 4,
    max: 3600,
    group: 'Time',
  },
  {
    key: 'historyDays',
    label: 'History (days)',
    help: 'How much of the past is read at first contact, so that baselines start warm.',
    type: 'number',
    required: true,
    default: 14,
    min: 0,
    max: 90,
    group: 'Time',
  },
  {
    key: 'seriesCap',
    label: 'Most series a query',
    help: 'A query that answers with more is cut to the first by name, and that is said.',
    type: 'number',
    required: true,
    default: 50,
    min: 1,
    max: 500,
    group: 'Time',
  },
];

const descriptor: Descriptor = {
  kind: 'prometheus',
  role: 'source',
  name: 'Prometheus',
  summary:
    'Signals by query_range: ready-made sets for HAProxy, nginx, blackbox and node, and any PromQL of your own.',
  mode: 'poll',
  userAddable: true,
  fields: [...fields],
  setup: [
    {
      title: 'HAProxy’s built-in exporter (haproxy.cfg)',
      language: 'haproxy',
      text: 'frontend stats\n  bind 127.0.0.1:8405\n  mode http\n  http-request use-service prometheus-exporter if { path /metrics }\n  no log',
    },
    {
      title: 'Scrape it (prometheus.yml)',
      language: 'yaml',
      text: 'scrape_configs:\n  - job_name: shop\n    scrape_interval: 15s\n    static_configs:\n      - targets: [127.0.0.1:8405]',
    },
  ],
};

/** Prometheus refuses a query_range that would give more points a series ("exceeded maximum resolution"). */
const mostPoints = 11_000;
/** Samples in one batch: one transaction that takes well under a second to store. */
const batchSamples = 40_000;
const batchRequests = 8;
/** Far above what a batch's samples take as JSON, about 30 bytes each. */
const mostAnswerBytes = 24 * 1024 * 1024;
/**
 * History is read at this step, live at the step of the settings. Both are the same queries with the same rate
 * window, only looked at less often, so their spread is alike and one baseline can learn from both.
 */
const historyStepMs = 5 * minuteMs;
/** Whoever is further behind than this catches up at the history step. */
const catchUpMs = hourMs;
/** How long steps without any value may still be filled by a late scrape before the source goes on past them. */
const lateMs = 5 * minuteMs;
/** How long after a step its scrapes are given to arrive. */
const mostSettleMs = 5 * secondMs;
/** A query without any series is asked again only this often. */
const absentRetryMs = minuteMs;

interface Position {
  /** The last complete step that was read, UTC epoch ms. */
  readonly atMs: number;
  /** How many series it had then. */
  readonly series: number;
}

const cursorSchema = z.object({
  version: z.literal(1),
  positions: z.record(z.string(), z.object({ atMs: z.number(), series: z.number() })),
});

const matrixSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.unknown()) })),
  }),
});

const vectorSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.enum(['vector', 'scalar']),
    result: z.array(z.unknown()),
  }),
});

const buildSchema = z.object({ status: z.literal('success'), data: z.object({ version: z.string() }) });

function layerOf(measure: Measure): Layer {
  if (measure === 'bits' || measure === 'packets') return 'L3';
  return measure === 'connections' ? 'L4' : 'L7';
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function parseUserQueries(checked: CheckedSettings): readonly PrometheusQuery[] {
  const names = new Set<string>();
  return checked.lines('queries').map(({ number, text }) => {
    const refuse = (reason: string) => badSetting(fields, 'queries', `line ${number}: ${reason}`);
    const parts = text.split('|');
    // PromQL may hold a | of its own, inside a regular expression.
    const [name = '', unit = '', stage = '', measure = ''] = parts.slice(0, 4).map((part) => part.trim());
    const promql = parts.slice(4).join('|').trim();
    if (promql === '') throw refuse('five parts are needed: name | unit | stage | measure | PromQL.');
    if (name === '' || name.length > 120) throw refuse('the name is missing or longer than 120 characters.');
    if (names.has(name)) throw refuse(`there is another query named “${name}”.`);
    names.add(name);
    const stageParsed = stageSchema.safeParse(stage);
    if (!stageParsed.success)
      throw refuse(`“${stage}” is no stage; one of ${stageSchema.options.join(', ')}.`);
    const measureParsed = measureSchema.safeParse(measure);
    if (!measureParsed.success) {
      throw refuse(`“${measure}” is no measure; one of ${measureSchema.options.join(', ')}.`);
    }
    const userStage: Stage = stageParsed.data;
    return {
      // Another PromQL under the same name is another signal: its history is read anew.
      id: `own/${name}/${shortHash(promql)}`,
      name,
      unit: unit.slice(0, 40),
      stage: userStage,
      layer: layerOf(measureParsed.data),
      measure: measureParsed.data,
      promql,
      nameLabels: [],
    };
  });
}

function labelName(checked: CheckedSettings, key: string): string {
  const name = checked.text(key);
  if (name !== '' && !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    throw badSetting(fields, key, 'this is no label name.');
  }
  return name;
}

interface Plan {
  readonly queries: readonly PrometheusQuery[];
  readonly stepMs: number;
  readonly windowSeconds: number;
  readonly historyMs: number;
  readonly seriesCap: number;
  readonly serviceName: string;
  readonly serviceLabel: string;
  readonly customerLabel: string;
  readonly excludeProxies: string;
}

function planFrom(settings: Settings): Plan {
  const checked = checkSettings(fields, settings);
  const excludeProxies = checked.text('excludeProxies');
  if (excludeProxies.length > 500)
    throw badSetting(fields, 'excludeProxies', 'this is longer than 500 characters.');
  const sets = prometheusSets.filter((set) => checked.boolean(`set-${set.id}`));
  const queries = [...sets.flatMap((set) => set.queries), ...parseUserQueries(checked)];
  if (queries.length === 0) {
    throw badSetting(fields, 'queries', 'nothing is read: choose a set or write a query of your own.');
  }
  return {
    queries,
    stepMs: Math.round(checked.number('stepSeconds') * secondMs),
    windowSeconds: Math.round(checked.number('windowSeconds')),
    historyMs: checked.number('historyDays') * dayMs,
    seriesCap: Math.round(checked.number('seriesCap')),
    serviceName: checked.text('serviceName'),
    serviceLabel: labelName(checked, 'serviceLabel'),
    customerLabel: labelName(checked, 'customerLabel'),
    excludeProxies,
  };
}

function promqlText(query: PrometheusQuery, plan: Plan): string {
  const labels = new Set(
    ['job', ...query.nameLabels, plan.serviceLabel, plan.customerLabel].filter((name) => name !== ''),
  );
  // The regular expression stands inside a double-quoted PromQL string.
  const exclude = plan.excludeProxies.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '');
  return query.promql
    .replaceAll('$window', `${plan.windowSeconds}s`)
    .replaceAll('$exclude', () => exclude)
    .replaceAll('LABELS', [...labels].join(', '));
}

interface Series {
  readonly signal: SignalInput;
  readonly samples: SamplesInput;
}

function cut(text: string, most: number): string {
  return text.length > most ? text.slice(0, most) : text;
}

function describeSeries(
  query: PrometheusQuery,
  metric: Readonly<Record<string, string>>,
  plan: Plan,
): SignalInput {
  const labels = Object.entries(metric)
    .filter(([name]) => name !== '__name__')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const shown =
    query.nameLabels.length > 0
      ? labels.filter(([name]) => query.nameLabels.includes(name))
      : labels.filter(
          ([name]) => name !== 'job' && name !== plan.serviceLabel && name !== plan.customerLabel,
        );
  const suffix = shown.map(([, value]) => quoteForSentence(value, 60)).join(', ');
  const key = `${query.id}{${labels.map(([name, value]) => `${name}=${value}`).join(',')}}`;
  const service =
    plan.serviceName !== '' ? plan.serviceName : (metric[plan.serviceLabel] ?? metric.job ?? 'prometheus');
  const customer = plan.customerLabel === '' ? undefined : metric[plan.customerLabel];
  return {
    key: key.length > 400 ? `${key.slice(0, 380)}#${shortHash(key)}` : key,
    customerName:
      customer === undefined || customer === '' ? null : cut(quoteForSentence(customer, 120), 120),
    serviceName: cut(quoteForSentence(service === '' ? 'prometheus' : service, 110), 120),
    stage: query.stage,
    layer: query.layer,
    measure: query.measure,
    name: suffix === '' ? query.name : `${query.name} (${cut(suffix, 150)})`,
    unit: query.unit,
    stepMs: plan.stepMs,
  };
}

/** Samples on the grid of steps, with null where a step inside the series has no value or one that is no number. */
function samplesOf(key: string, values: readonly unknown[], stepMs: number): SamplesInput {
  const timesMs: number[] = [];
  const numbers: (number | null)[] = [];
  for (const pair of values) {
    if (!Array.isArray(pair)) continue;
    const [seconds, text]: readonly unknown[] = pair;
    if (typeof seconds !== 'number' || typeof text !== 'string') continue;
    const timeMs = Math.round(seconds * secondMs);
    const last = timesMs.at(-1);
    if (last !== undefined && timeMs <= last) continue;
    // A long hole stays a hole: three marks at its start say that it is known, the rest is plain absence.
    for (
      let hole = (last ?? timeMs) + stepMs, marks = 0;
      hole < timeMs && marks < 3;
      hole += stepMs, marks += 1
    ) {
      timesMs.push(hole);
      numbers.push(null);
    }
    const value = Number(text);
    timesMs.push(timeMs);
    numbers.push(Number.isFinite(value) ? value : null);
  }
  return { signalKey: key, timesMs, values: numbers };
}

interface RangeAnswer {
  readonly series: readonly Series[];
  readonly answeredSeries: number;
  readonly newestMs: number | null;
}

async function queryRange(
  client: HttpClient,
  query: PrometheusQuery,
  plan: Plan,
  range: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
  io: ConnectionIo,
): Promise<RangeAnswer> {
  const parameters = new URLSearchParams({
    query: promqlText(query, plan),
    start: String(range.fromMs / secondMs),
    end: String(range.toMs / secondMs),
    step: String(range.stepMs / secondMs),
  });
  const answer = await ask(client, '/api/v1/query_range', parameters, matrixSchema, io);
  const sorted = answer.data.result
    .map((entry) => ({ signal: describeSeries(query, entry.metric, plan), values: entry.values }))
    .sort((a, b) => (a.signal.key < b.signal.key ? -1 : 1));
  const series = sorted.slice(0, plan.seriesCap).map(({ signal, values }) => ({
    signal,
    samples: samplesOf(signal.key, values, range.stepMs),
  }));
  const newest = series.flatMap((entry) => entry.samples.timesMs.at(-1) ?? []);
  return {
    series,
    answeredSeries: sorted.length,
    newestMs: newest.length === 0 ? null : Math.max(...newest),
  };
}

/** GET while the address stays short, since some proxies let nothing else through; POST for long queries. */
function ask<Output>(
  client: HttpClient,
  path: string,
  parameters: URLSearchParams,
  schema: z.ZodType<Output>,
  io: ConnectionIo,
): Promise<Output> {
  const text = parameters.toString();
  const maxBytes = mostAnswerBytes;
  return text.length < 4000
    ? client.json(`${path}?${text}`, schema, io, { maxBytes })
    : client.json(path, schema, io, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: text,
        maxBytes,
      });
}

/** The next stretch to read for one query, or null when it is up to date. */
function nextRange(
  position: Position | undefined,
  plan: Plan,
  nowMs: number,
  knownSeries: number | undefined,
): {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly history: boolean;
} | null {
  const settledMs = nowMs - Math.min(plan.stepMs, mostSettleMs);
  const oldestMs = settledMs - plan.historyMs;
  const atMs = Math.max(position?.atMs ?? 0, oldestMs);
  const points = Math.min(
    mostPoints - 1,
    Math.max(60, Math.floor(batchSamples / Math.max(1, knownSeries ?? plan.seriesCap))),
  );
  const coarse = settledMs - atMs > catchUpMs && plan.stepMs < historyStepMs;
  const stepMs = coarse ? historyStepMs : plan.stepMs;
  const fromMs = Math.floor(atMs / stepMs) * stepMs + stepMs;
  const lastMs = Math.floor(settledMs / stepMs) * stepMs;
  const toMs = Math.min(lastMs, fromMs + (points - 1) * stepMs);
  return toMs < fromMs ? null : { fromMs, toMs, stepMs, history: coarse };
}

function createPrometheus(settings: Settings): Source {
  const plan = planFrom(settings);
  const client = createHttpClient(settings);
  /** What this instance learned; losing it costs a few more questions and nothing else. */
  const knownSeries = new Map<string, number>();
  const askAgainMs = new Map<string, number>();
  const capSaid = new Set<string>();

  async function poll(cursor: Cursor | null, io: ConnectionIo): Promise<Batch> {
    const parsed = cursorSchema.safeParse(cursor);
    const positions: Record<string, Position> = {};
    for (const query of plan.queries) {
      const position = parsed.success ? parsed.data.positions[query.id] : undefined;
      if (position !== undefined) positions[query.id] = position;
    }
    const nowMs = io.nowMs();
    const signals = new Map<string, SignalInput>();
    const samples: SamplesInput[] = [];
    const rejected: Batch['rejected'][number][] = [];
    const gaps: Batch['gaps'][number][] = [];
    let sampleCount = 0;
    let historyRequests = 0;
    let answered = 0;
    let history = false;
    let firstTrouble: WatchfloorError | null = null;
    let more = false;
    let behind = 0;

    for (const query of plan.queries) {
      const position = positions[query.id];
      const known = knownSeries.get(query.id);
      const range = nextRange(position, plan, nowMs, known);
      if (range === null) continue;
      if (range.history) behind += 1;
      if ((askAgainMs.get(query.id) ?? 0) > nowMs) continue;
      if (sampleCount >= batchSamples || (range.history && historyRequests >= batchRequests)) {
        more = true;
        continue;
      }
      if (range.history) historyRequests += 1;
      let answer: RangeAnswer;
      try {
        answer = await queryRange(client, query, plan, range, io);
      } catch (thrown) {
        const data = toErrorData(thrown);
        const trouble = new WatchfloorError(data.code, data.message, data.details);
        // A question that Prometheus refuses concerns that question alone; anything else concerns them all.
        if (data.code !== 'refused' && data.code !== 'too-large') throw trouble;
        firstTrouble ??= trouble;
        rejected.push({
          reason: `Query “${query.name}”: ${data.message}`,
          raw: promqlText(query, plan),
          place: '',
        });
        askAgainMs.set(query.id, nowMs + absentRetryMs);
        if (data.code !== 'too-large') continue;
        // The next question may be as large: one such answer a poll is enough.
        more = true;
        break;
      }
      answered += 1;
      history ||= range.history;
      if (position !== undefined && position.atMs < nowMs - plan.historyMs - lateMs && plan.historyMs > 0) {
        gaps.push({
          fromMs: position.atMs,
          toMs: range.fromMs,
          reason: `Further back than the ${formatDuration(plan.historyMs)} of history that are read.`,
        });
      }
      if (answer.answeredSeries > plan.seriesCap && !capSaid.has(query.id)) {
        capSaid.add(query.id);
        rejected.push({
          reason: `Query “${query.name}” answers with ${answer.answeredSeries} series; the first ${plan.seriesCap} by name are watched. Narrow it, or raise “Most series a query”.`,
          raw: promqlText(query, plan),
          place: '',
        });
      }
      for (const entry of answer.series) {
        signals.set(entry.signal.key, entry.signal);
        if (entry.samples.timesMs.length > 0) samples.push(entry.samples);
        sampleCount += entry.samples.timesMs.length;
      }
      knownSeries.set(query.id, answer.series.length);
      const everSeries = answer.series.length > 0 || (position?.series ?? 0) > 0;
      // The newest steps may still be filled by a late scrape: they are asked for again until they are too old.
      const oldestOpenMs = Math.floor((nowMs - lateMs) / range.stepMs) * range.stepMs;
      const complete =
        range.history || !everSeries
          ? range.toMs
          : Math.min(range.toMs, Math.max(answer.newestMs ?? range.fromMs - range.stepMs, oldestOpenMs));
      positions[query.id] = {
        atMs: complete,
        series: answer.series.length > 0 ? answer.series.length : (position?.series ?? 0),
      };
      const next = nextRange(positions[query.id], plan, nowMs, knownSeries.get(query.id));
      if (!everSeries && next === null) askAgainMs.set(query.id, nowMs + absentRetryMs);
      // A hole that a late scrape may still fill is no reason to ask again at once.
      if (next !== null && complete === range.toMs) more = true;
    }
    if (answered === 0 && firstTrouble !== null && Object.keys(positions).length === 0) throw firstTrouble;
    const total = plan.queries.length;
    return {
      ...emptyBatch,
      cursor: { version: 1, positions },
      events: sampleCount,
      signals: [...signals.values()],
      samples,
      rejected,
      gaps: gaps.slice(0, 1),
      more,
      progress: history
        ? {
            done: Math.max(0, total - behind),
            total,
            text: `Reading ${formatDuration(plan.historyMs)} of history`,
          }
        : null,
    };
  }

  async function countSeries(promql: string, io: ConnectionIo): Promise<number> {
    const answer = await ask(
      client,
      '/api/v1/query',
      new URLSearchParams({ query: promql }),
      vectorSchema,
      io,
    );
    return answer.data.resultType === 'scalar' ? 0 : answer.data.result.length;
  }

  async function clockDifferenceMs(io: ConnectionIo): Promise<number | null> {
    const answer = await ask(
      client,
      '/api/v1/query',
      new URLSearchParams({ query: 'time()' }),
      vectorSchema,
      io,
    );
    const seconds = Number(answer.data.result[1]);
    return Number.isFinite(seconds) ? seconds * secondMs - io.nowMs() : null;
  }

  async function reachOfHistory(witness: string, io: ConnectionIo): Promise<string> {
    for (const days of [14, 7, 3, 1]) {
      if ((await countSeries(`count(${witness} offset ${days}d)`, io)) > 0)
        return `at least ${counted(days, 'day')}`;
    }
    return 'less than a day: baselines will learn as they go';
  }

  async function test(io: ConnectionIo): Promise<TestResult> {
    const lines: TestResult['lines'] = [];
    const tell = (level: TestResult['lines'][number]['level'], text: string) => lines.push({ level, text });
    try {
      const build = await client.json('/api/v1/status/buildinfo', buildSchema, io);
      tell('ok', `Prometheus ${quoteForSentence(build.data.version, 40)} answers at ${client.host}.`);
    } catch (thrown) {
      tell('error', toErrorData(thrown).message);
      return { ok: false, lines };
    }
    let found = 0;
    let ok = true;
    try {
      const differenceMs = await clockDifferenceMs(io);
      if (differenceMs !== null && Math.abs(differenceMs) > 10 * secondMs) {
        tell(
          'warning',
          `Its clock is ${formatDuration(Math.abs(differenceMs))} ${differenceMs > 0 ? 'ahead of' : 'behind'} ours: samples will look ${differenceMs > 0 ? 'future-dated' : 'late'}.`,
        );
      }
      let historySaid = false;
      for (const set of prometheusSets) {
        const queries = plan.queries.filter((query) => query.id.startsWith(`${set.id}/`));
        if (queries.length === 0) continue;
        if ((await countSeries(`count(${set.witness})`, io)) === 0) {
          tell('info', `${set.label}: not there (no ${set.witness}).`);
          continue;
        }
        const counts = [];
        for (const query of queries) {
          const count = await countSeries(promqlText(query, plan), io);
          found += count;
          counts.push(`${query.name} ${count}`);
        }
        tell('ok', `${set.label}: ${counts.join(', ')} series.`);
        if (!historySaid) {
          historySaid = true;
          tell('info', `History reaches back ${await reachOfHistory(set.witness, io)}.`);
        }
      }
      for (const query of plan.queries.filter((candidate) => candidate.id.startsWith('own/'))) {
        try {
          const count = await countSeries(promqlText(query, plan), io);
          found += count;
          const over = count > plan.seriesCap ? `; only the first ${plan.seriesCap} will be watched` : '';
          tell(count === 0 || over !== '' ? 'warning' : 'ok', `${query.name}: ${count} series${over}.`);
        } catch (thrown) {
          ok = false;
          tell('error', `${query.name}: ${toErrorData(thrown).message}`);
        }
      }
    } catch (thrown) {
      tell('error', toErrorData(thrown).message);
      return { ok: false, lines };
    }
    if (found === 0) {
      tell('warning', 'Nothing to watch was found: no set is present and no query of your own answers.');
    }
    return { ok: ok && found > 0, lines };
  }

  return { intervalMs: plan.stepMs, poll, test };
}

/** Signals from a Prometheus server (HTTP API v1). */
export const prometheusSourceKind: SourceKind = { descriptor, create: createPrometheus };
