import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { uniform } from '../../shared/testing/random.ts';
import { appPaths } from '../app-paths.ts';
import { environmentName } from '../core/secrets.ts';
import { openStore } from '../db/index.ts';
import { signPush } from '../sources/webhook.ts';
import { connectToHost } from '../testing/host-client.ts';
import { startHostProcess } from '../testing/host-process.ts';
import { answers, findProgram, freePort } from '../testing/real/programs.ts';
import { startAlertmanager } from '../testing/real/servers.ts';
import { say } from './bench.ts';
import { memoryMebibytes } from './measured.ts';

const seed = 20_261_130;
const alertsAPost = 1_000;
const pageRows = 100;
const longestFilingMs = 300_000;
const secret = 'a signing secret of the benchmark';
const sourceId = 'so_bench';

/** What one of the two did with the same alerts. */
interface Served {
  readonly acceptedPerSecond: number;
  /** Of its process, when all were accepted. */
  readonly postPeakMebibytes: number;
  readonly listMs: number;
  /** The same when they were listed, too. */
  readonly peakMebibytes: number;
}

export interface Beside {
  /** What it accepted is on disk; `filedPerSecond` counts until the last of them is in the queue, too. */
  readonly watchfloor: Served & { readonly filedPerSecond: number };
  readonly alertmanager: Served;
}

/** Whether this machine has what the comparison needs. */
export function canCompare(): boolean {
  return findProgram('prometheus-alertmanager') !== null && existsSync('/proc/self/status');
}

/** Bodies of posts in Alertmanager's own form, each alert with labels of its own. */
function bodies(alertCount: number): readonly string[] {
  const startsAt = new Date(Date.now() - 60_000).toISOString();
  const alertAt = (index: number) => ({
    labels: {
      alertname: `SeededAlert${Math.floor(uniform(seed, index, 1) * 40)}`,
      instance: `host-${index}.example:9100`,
      job: 'node',
      severity: ['critical', 'warning', 'info'][Math.floor(uniform(seed, index, 2) * 3)] ?? 'info',
      service: `service-${Math.floor(uniform(seed, index, 3) * 60)}`,
      source_ip: `203.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
    },
    annotations: {
      summary: `Seeded alert ${index} is firing`,
      description: `The value is ${(uniform(seed, index, 4) * 100).toFixed(2)} for more than five minutes.`,
    },
    startsAt,
    generatorURL: 'http://prometheus.example:9090/graph',
  });
  return Array.from({ length: Math.ceil(alertCount / alertsAPost) }, (_, post) =>
    JSON.stringify(
      Array.from({ length: Math.min(alertsAPost, alertCount - post * alertsAPost) }, (_, index) =>
        alertAt(post * alertsAPost + index),
      ),
    ),
  );
}

async function postAll(
  url: string,
  posts: readonly string[],
  headersOf: (body: string) => Readonly<Record<string, string>>,
): Promise<number> {
  const startedMs = performance.now();
  for (const body of posts) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(body) },
      body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 300)}`);
  }
  return (performance.now() - startedMs) / 1_000;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function runAlertmanager(
  folder: string,
  posts: readonly string[],
  alertCount: number,
): Promise<Served> {
  // Inhibition would make its list slower by the square of its length.
  const server = await startAlertmanager(folder, { inhibits: false });
  try {
    const seconds = await postAll(`${server.url}/api/v2/alerts`, posts, () => ({}));
    const postPeakMebibytes = memoryMebibytes(server.pid, 'VmHWM') ?? Number.NaN;
    const listMs = await timed(async () => {
      const answer = await fetch(`${server.url}/api/v2/alerts`);
      const list: unknown = await answer.json();
      if (!Array.isArray(list) || list.length !== alertCount) throw new Error('The list is not whole.');
    });
    return {
      acceptedPerSecond: alertCount / seconds,
      postPeakMebibytes,
      listMs,
      peakMebibytes: memoryMebibytes(server.pid, 'VmHWM') ?? Number.NaN,
    };
  } finally {
    await server.stop();
  }
}

async function runWatchfloor(
  folder: string,
  posts: readonly string[],
  alertCount: number,
): Promise<Beside['watchfloor']> {
  const dataDirectory = join(folder, 'beside');
  const port = await freePort();
  const store = openStore(dataDirectory, { nowMs: () => Date.now(), appVersion: 'bench' });
  store.connections.save({
    id: sourceId,
    role: 'source',
    kind: 'webhook',
    name: 'Bench',
    customerId: null,
    enabled: true,
    settings: { port },
  });
  store.close();
  const host = await startHostProcess({
    node: process.execPath,
    // As the command line runs itself.
    nodeFlags: process.execArgv,
    bundles: appPaths(import.meta.dirname).bundles,
    dataDirectory,
    workspace: 'live',
    env: { [environmentName(sourceId, 'signingSecret')]: secret },
  });
  try {
    const url = `http://127.0.0.1:${port}/events`;
    while (!(await answers(url).catch(() => false))) await delay(20);
    const startedMs = performance.now();
    const seconds = await postAll(url, posts, (body) => {
      const time = String(Math.floor(Date.now() / 1_000));
      return {
        'x-watchfloor-timestamp': time,
        'x-watchfloor-signature': `sha256=${signPush(secret, time, body)}`,
      };
    });
    const postPeakMebibytes = memoryMebibytes(host.pid, 'VmHWM') ?? Number.NaN;
    const client = await connectToHost(host.address);
    const firstPage = () =>
      client.call('alerts.query', {
        lane: null,
        text: '',
        fromMs: null,
        toMs: null,
        includeDone: false,
        sort: 'received',
        upToSequence: null,
        offset: 0,
        limit: pageRows,
      });
    const endMs = performance.now() + longestFilingMs;
    while ((await firstPage()).total < alertCount) {
      if (performance.now() > endMs) throw new Error('What was accepted does not come into the queue.');
      await delay(100);
    }
    const filedPerSecond = alertCount / ((performance.now() - startedMs) / 1_000);
    const listMs = await timed(async () => {
      const { total } = await firstPage();
      if (total !== alertCount) throw new Error(`${total} alerts are there, not ${alertCount}.`);
    });
    client.close();
    return {
      acceptedPerSecond: alertCount / seconds,
      filedPerSecond,
      postPeakMebibytes,
      listMs,
      peakMebibytes: memoryMebibytes(host.pid, 'VmHWM') ?? Number.NaN,
    };
  } finally {
    await host.stop();
  }
}

/**
 * The same alerts, posted in the same thousands to a real Alertmanager and to the webhook source of a running host,
 * whose answer means that they are on disk; then all of them listed there, and here, once all are in the queue, the
 * first page with its count.
 */
export async function compareWithAlertmanager(folder: string, alertCount: number): Promise<Beside> {
  const posts = bodies(alertCount);
  say(`${alertCount} alerts to Alertmanager`);
  const alertmanager = await runAlertmanager(folder, posts, alertCount);
  say(`${alertCount} alerts to Watchfloor`);
  const watchfloor = await runWatchfloor(folder, posts, alertCount);
  return { watchfloor, alertmanager };
}
