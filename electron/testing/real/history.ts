import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { sequence } from '../../../shared/testing/random.ts';
import { ordinaryRate } from './load.ts';

/** One line of a metrics page: name, labels as they stand there, value. */
interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** The samples of a page in the text format that Prometheus scrapes. */
export function parseMetricsPage(page: string): readonly Sample[] {
  return page.split('\n').flatMap((line) => {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    return match === null ? [] : [{ name: match[1] ?? '', labels: match[2] ?? '', value: Number(match[3]) }];
  });
}

/** What is written into the past: those metrics that HAProxy's ready-made set reads. */
const counters = [
  'haproxy_frontend_http_requests_total',
  'haproxy_frontend_connections_total',
  'haproxy_frontend_bytes_in_total',
  'haproxy_frontend_bytes_out_total',
  'haproxy_frontend_requests_denied_total',
  'haproxy_frontend_denied_connections_total',
  'haproxy_frontend_http_responses_total',
  'haproxy_backend_http_responses_total',
  'haproxy_backend_connection_errors_total',
];
const gauges = [
  'haproxy_frontend_current_sessions',
  'haproxy_backend_current_queue',
  'haproxy_backend_response_time_average_seconds',
  'haproxy_server_status',
  'haproxy_process_start_time_seconds',
];

/** A number with the spread of a count with this mean (normal beyond 30, exact below). */
function poisson(mean: number, random: () => number): number {
  if (mean <= 0) return 0;
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** Gauges move on a machine that does other things as well: HAProxy gives response times in whole milliseconds. */
function gaugeValue(sample: Sample, random: () => number): number {
  if (sample.name === 'haproxy_backend_response_time_average_seconds') return poisson(1.5, random) / 1_000;
  if (sample.name === 'haproxy_frontend_current_sessions') return poisson(0.3, random);
  return sample.value;
}

/**
 * Writes OpenMetrics text of a past that fits the live server: every counter rises by what ordinary requests at
 * `ordinaryRate` would have made it rise, in the proportion to requests that the live page shows after a trial of
 * ordinary load; gauges stand as the page has them, or move a little around what is usual. So baselines learned from it expect the live load at any hour.
 * @param options.page a metrics page of the live server after a trial of ordinary load
 * @param options.requestsProxy the frontend that took the requests of that trial
 */
export async function writeHistory(options: {
  readonly path: string;
  readonly page: string;
  readonly proxies: readonly string[];
  readonly requestsProxy: string;
  readonly job: string;
  readonly instance: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly meanPerSecond: number;
  readonly seed: number;
}): Promise<void> {
  const random = sequence(options.seed);
  const samples = parseMetricsPage(options.page).filter(
    (sample) =>
      sample.name === 'haproxy_process_start_time_seconds' ||
      options.proxies.some((proxy) => sample.labels.includes(`proxy="${proxy}"`)),
  );
  const trial = samples.find(
    (sample) =>
      sample.name === 'haproxy_frontend_http_requests_total' &&
      sample.labels.includes(`proxy="${options.requestsProxy}"`),
  );
  if (trial === undefined || trial.value < 1)
    throw new Error('The trial load left no requests on the metrics page.');
  const times: number[] = [];
  for (let timeMs = options.fromMs; timeMs <= options.toMs; timeMs += options.stepMs) times.push(timeMs);
  let requests = 0;
  const totals = times.map((timeMs) => {
    requests += poisson((ordinaryRate(timeMs, options.meanPerSecond) * options.stepMs) / 1_000, random);
    return requests;
  });
  const stream = createWriteStream(options.path);
  const write = async (text: string) => {
    if (!stream.write(text)) await new Promise<void>((resolve) => stream.once('drain', resolve));
  };
  for (const name of [...counters, ...gauges]) {
    const isCounter = counters.includes(name);
    const series = samples.filter((sample) => sample.name === name);
    if (series.length === 0) continue;
    const family = isCounter ? name.replace(/_total$/, '') : name;
    await write(`# TYPE ${family} ${isCounter ? 'counter' : 'gauge'}\n`);
    for (const each of series) {
      const labels = [each.labels, `instance="${options.instance}"`, `job="${options.job}"`].filter(
        (part) => part !== '',
      );
      const head = `${name}{${labels.join(',')}} `;
      const share = each.value / trial.value;
      let text = '';
      for (const [index, timeMs] of times.entries()) {
        const value = isCounter ? Math.round(share * (totals[index] ?? 0)) : gaugeValue(each, random);
        text += `${head}${value} ${timeMs / 1_000}\n`;
        if (text.length > 500_000) {
          await write(text);
          text = '';
        }
      }
      await write(text);
    }
  }
  stream.end('# EOF\n');
  await finished(stream);
}
