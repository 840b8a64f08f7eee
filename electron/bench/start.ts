import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { uniform } from '../../shared/testing/random.ts';
import { appPaths } from '../app-paths.ts';
import { connectToHost } from '../testing/host-client.ts';
import { startHostProcess } from '../testing/host-process.ts';
import { type BenchResult, median, say } from './bench.ts';
import { type DrivenBrowser, startDrivenBrowser } from './chromium.ts';

const alertCount = 100_000;
const runs = 5;
const seed = 20_261_122;
const longestWaitMs = 30_000;
const pollMs = 15;

/**
 * `watchfloor serve` on a data directory with 100,000 alerts: from spawning it to its `ready` line, against an empty
 * start of the same Node (the named baseline, interleaved with it), then until an analyst can use the page: the
 * screen's frame shows the core's counts, and the queue, once asked for, shows its rows. Medians over the runs.
 */
export async function runStartBench(): Promise<BenchResult> {
  const dataDirectory = await filledDataDirectory();
  const nodeMs: number[] = [];
  const readyMs: number[] = [];
  const usableMs: number[] = [];
  const rowsMs: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    nodeMs.push(await timedRun(['-e', '0']));
    const browser = await startDrivenBrowser();
    try {
      const times = await startOnce(dataDirectory, browser);
      readyMs.push(times.readyMs);
      usableMs.push(times.usableMs);
      rowsMs.push(times.rowsMs);
    } finally {
      await browser.close();
    }
    say(
      `run ${run} of ${runs}: empty Node ${Math.round(nodeMs.at(-1) ?? 0)} ms, ready ${Math.round(readyMs.at(-1) ?? 0)} ms, page ${Math.round(usableMs.at(-1) ?? 0)} ms more`,
    );
  }
  const emptyNodeStartMs = median(nodeMs);
  const spawnToReadyMs = median(readyMs);
  return {
    figures: {
      alerts: alertCount,
      runs,
      emptyNodeStartMs,
      spawnToReadyMs,
      readyAfterNodeStartMs: spawnToReadyMs - emptyNodeStartMs,
      readyToEmptyNodeStartRatio: spawnToReadyMs / emptyNodeStartMs,
      interactiveAfterReadyMs: median(usableMs),
      queueRowsAfterAskedMs: median(rowsMs),
    },
    goals: { readyAfterNodeStartMs: { max: 1_000 }, interactiveAfterReadyMs: { max: 2_000 } },
  };
}

/** A program of this Node to its end, ms. */
function timedRun(programArguments: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, programArguments, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(performance.now() - startedMs);
      else reject(new WatchfloorError('internal', `${programArguments.join(' ')} ended with ${code}.`));
    });
  });
}

async function startOnce(
  dataDirectory: string,
  browser: DrivenBrowser,
): Promise<{ readonly readyMs: number; readonly usableMs: number; readonly rowsMs: number }> {
  const host = await startHostProcess({
    node: process.execPath,
    bundles: appPaths(import.meta.dirname).bundles,
    dataDirectory,
    workspace: 'live',
  });
  try {
    const readyAtMs = performance.now();
    await browser.page.goTo(host.address);
    const isConnected = `document.querySelector('nav button[aria-label*="actionable"]') !== null`;
    await until(browser, isConnected, 'the counts of the core');
    const askedAtMs = performance.now();
    await browser.page.evaluate(`document.querySelector('nav button[aria-label*="actionable"]').click()`);
    await until(browser, `document.querySelectorAll('[role="row"]').length > 5`, 'rows in the queue');
    const shownAtMs = performance.now();
    return {
      readyMs: host.readyMs,
      usableMs: shownAtMs - readyAtMs,
      rowsMs: shownAtMs - askedAtMs,
    };
  } finally {
    await host.stop();
  }
}

async function until(browser: DrivenBrowser, expression: string, what: string): Promise<void> {
  const endMs = performance.now() + longestWaitMs;
  while (performance.now() < endMs) {
    if ((await browser.page.evaluate(expression)) === true) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const shown = await browser.page.evaluate('document.body.innerText.slice(0, 500)');
  throw new WatchfloorError('timed-out', `The page did not show ${what} within 30 s.`, String(shown));
}

/**
 * The data directory to start on: made once by this build's own `ingest` from seeded records, and kept in a private
 * folder of the temporary directory until the build changes.
 */
async function filledDataDirectory(): Promise<string> {
  const { bundles } = appPaths(import.meta.dirname);
  const built = join(dirname(bundles), '.electron.stamp');
  const version = existsSync(built) ? readFileSync(built, 'utf8').slice(0, 16) : 'no-stamp';
  const cache = join(tmpdir(), `watchfloor-bench-${process.getuid?.() ?? 'user'}`);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const owner = statSync(cache);
  if (process.getuid !== undefined && owner.uid !== process.getuid()) {
    throw new WatchfloorError('refused', `${cache} belongs to someone else; remove it or set TMPDIR.`);
  }
  const kept = join(cache, `start-${version}`);
  if (existsSync(kept)) return kept;
  for (const name of readdirSync(cache)) rmSync(join(cache, name), { recursive: true, force: true });
  say(`making a data directory with ${alertCount} alerts, once for this build`);
  const making = join(cache, 'making');
  const records = join(cache, 'records.json');
  writeRecords(records);
  const cli = join(bundles, 'cli.cjs');
  await timedRun([cli, 'ingest', '--data-dir', making, '--source', 'suricata-eve', records]);
  rmSync(records);
  await nameAnalyst(making);
  renameSync(making, kept);
  return kept;
}

/** EVE lines whose alerts are all different: the address of each source is its number. */
function writeRecords(path: string): void {
  const lines: string[] = [];
  const file = openSync(path, 'w', 0o600);
  try {
    for (let index = 0; index < alertCount; index += 1) {
      lines.push(recordLine(index));
      if (lines.length === 5_000 || index === alertCount - 1) {
        writeSync(file, `${lines.join('\n')}\n`);
        lines.length = 0;
      }
    }
  } finally {
    closeSync(file);
  }
}

function recordLine(index: number): string {
  const timeMs = Date.UTC(2026, 0, 5) + index * 6_000 + Math.floor(uniform(seed, index, 1) * 5_000);
  const signature = 2_000_000 + Math.floor(uniform(seed, index, 2) * 400);
  return JSON.stringify({
    timestamp: new Date(timeMs).toISOString().replace('Z', '000+0000'),
    flow_id: 1_000_000 + index,
    event_type: 'alert',
    src_ip: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
    src_port: 1_024 + (index % 60_000),
    dest_ip: '192.0.2.10',
    dest_port: 443,
    proto: 'TCP',
    alert: {
      action: uniform(seed, index, 3) < 0.5 ? 'blocked' : 'allowed',
      gid: 1,
      signature_id: signature,
      rev: 1,
      signature: `Seeded signature ${signature}`,
      category: 'Attempted Denial of Service',
      severity: 1 + Math.floor(uniform(seed, index, 4) * 3),
    },
  });
}

/** Starts once and gives the analyst's name, so that measured starts are those of every day and not the first. */
async function nameAnalyst(dataDirectory: string): Promise<void> {
  const host = await startHostProcess({
    node: process.execPath,
    bundles: appPaths(import.meta.dirname).bundles,
    dataDirectory,
    workspace: 'live',
  });
  try {
    const client = await connectToHost(host.address);
    await client.call('app.setAnalyst', { name: 'Bench' });
    client.close();
  } finally {
    await host.stop();
  }
}
