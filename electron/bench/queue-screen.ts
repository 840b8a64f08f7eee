import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from '../../shared/api/client.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { appPaths } from '../app-paths.ts';
import { connectLocally } from '../core/local-socket.ts';
import { connectToHost } from '../testing/host-client.ts';
import { startHostProcess } from '../testing/host-process.ts';
import { type BenchResult, median, say } from './bench.ts';
import { type DrivenPage, startDrivenBrowser, until } from './chromium.ts';
import { type FrameRecorder, recordFrames } from './frame-recorder.ts';
import { memoryMebibytes } from './measured.ts';
import { seedQueue } from './queue-seed.ts';

/** From so many alerts on it is measured at full length; below it only has to come to its end. */
const wholeRows = 1_000_000;
const newAlertsASecond = 500;
const batchEveryMs = 100;
const openings = 5;
const statusChanges = 10;
const bulks = 5;

/** What the page shows, as expressions in it. */
const list = `document.querySelector('[role="grid"]')`;
const activeRow = `${list}?.querySelector('.is-active')`;
const hasRows = `(${list}?.querySelectorAll('.vtable-row:not(.is-pending)').length ?? 0) > 10`;
const hasNoGaps = `${hasRows} && ${list}.querySelector('.is-pending') === null`;

/**
 * The queue's screen on many alerts: `watchfloor serve` and an installed Chromium. A frame is measured
 * by how much of the processor the page's main thread took for it, scripts included, since a machine that does other
 * things makes every clock lie; what the clock said stands beside it. A key is timed by the clock, from the event itself until the change is painted.
 * @param rows how many alerts the store is seeded with
 */
export async function runQueueScreenBench(rows: number): Promise<BenchResult> {
  const isWhole = rows >= wholeRows;
  const folder = mkdtempSync(join(tmpdir(), 'watchfloor-bench-screen-'));
  try {
    say(`seeding ${rows} alerts`);
    seedQueue(folder, rows);
    const host = await startHostProcess({
      node: process.execPath,
      bundles: appPaths(import.meta.dirname).bundles,
      dataDirectory: folder,
      workspace: 'live',
    });
    try {
      const first = await connectToHost(host.address);
      await first.call('app.setAnalyst', { name: 'Bench' });
      first.close();
      const browser = await startDrivenBrowser();
      try {
        const { page } = browser;
        await page.goTo(host.address);
        await until(page, `document.querySelector('nav button[aria-label*="actionable"]') !== null`);
        // Until what comes with the first connection has been drawn.
        await delay(1_000);
        const frames = await recordFrames(page);
        const opening = await measureOpening(page, frames);
        await showEverything(page, rows);
        const scrolling = await measureScrolling(page, frames, isWhole ? 200 : 20);
        const statusChangeMs = await measureStatusChange(page, frames);
        const coreIdleMebibytes = memoryMebibytes(host.pid, 'VmRSS') ?? Number.NaN;
        const flood = await measureFlood(page, frames, folder, isWhole ? 60 : 8);
        const coreFloodMebibytes = memoryMebibytes(host.pid, 'VmRSS') ?? Number.NaN;
        const bulkCloseMs = await measureBulkClose(page, frames);
        return {
          figures: {
            alerts: rows,
            ...opening,
            ...scrolling,
            statusChangeMs,
            ...flood,
            bulkCloseMs,
            coreIdleMebibytes,
            coreFloodMebibytes,
          },
          goals: {
            openMs: { max: 500 },
            scrollLongestFrameMs: { max: 50 },
            moveLongestFrameMs: { max: 50 },
            statusChangeMs: { max: 50 },
            floodLongestFrameMs: { max: 50 },
            floodBusyShare: { max: 0.4 },
            floodHeapGrowthShare: { max: 0.1 },
            bulkCloseMs: { max: 500 },
            coreIdleMebibytes: { max: 200 },
            coreFloodMebibytes: { max: 350 },
          },
        };
      } finally {
        await browser.close();
      }
    } finally {
      await host.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From the watch screen to the rows of the queue, the first time and again. */
async function measureOpening(page: DrivenPage, frames: FrameRecorder) {
  const times: number[] = [];
  for (let opening = 0; opening < openings; opening += 1) {
    await page.press('g');
    times.push(await frames.keyToPaint('q', hasNoGaps));
    await page.press('g');
    await page.press('w');
    await until(page, `${list} === null`);
  }
  await page.press('g');
  await frames.keyToPaint('q', hasNoGaps);
  say(`opened in ${times.map((time) => Math.round(time)).join(', ')} ms`);
  return { openFirstMs: times[0] ?? Number.NaN, openMs: median(times) };
}

/** Both lanes, closed ones too: the list has every alert. */
async function showEverything(page: DrivenPage, rows: number): Promise<void> {
  await page.press('3');
  await page.evaluate(
    `[...document.querySelectorAll('.screen-bar label')].find((label) => label.textContent.includes('Closed too')).click()`,
  );
  await until(page, `${list}?.getAttribute('aria-rowcount') === '${rows + 1}' && ${hasNoGaps}`);
}

/** Pages one after the other as fast as they can be painted, then single rows as fast as keys can be sent. */
async function measureScrolling(page: DrivenPage, frames: FrameRecorder, pages: number) {
  const place = () => page.evaluate(`Number(${activeRow}?.getAttribute('aria-rowindex') ?? 0)`);
  await page.press('j');
  const scrolled = await frames.during(async () => {
    for (let turn = 0; turn < pages; turn += 1) {
      await page.press('PageDown');
      await page.evaluate('new Promise(requestAnimationFrame)');
    }
    await until(page, hasNoGaps);
  });
  const before = Number(await place());
  const moved = await frames.during(async () => {
    for (let step = 0; step < pages; step += 1) await page.press('j');
    await until(page, hasNoGaps);
  });
  const rowsMoved = Number(await place()) - before;
  if (rowsMoved !== pages) {
    throw new WatchfloorError('internal', `${pages} presses of a key moved by ${rowsMoved} rows.`);
  }
  await page.press('Home');
  await until(page, hasNoGaps);
  say(`scrolled: ${JSON.stringify({ scrolled, moved })}`);
  return {
    scrollLongestFrameMs: scrolled.longestMs,
    scrollFramesOver50Ms: scrolled.over50Ms,
    scrollLongestWallMs: scrolled.longestWallMs,
    moveLongestFrameMs: moved.longestMs,
    moveLongestWallMs: moved.longestWallMs,
  };
}

/** One alert acknowledged, from the key to its row saying so. */
async function measureStatusChange(page: DrivenPage, frames: FrameRecorder): Promise<number> {
  const isNew = `${activeRow}?.classList.contains('alert-new') === true`;
  const times: number[] = [];
  while (times.length < statusChanges) {
    await page.press('j');
    await delay(100);
    if ((await page.evaluate(isNew)) !== true) continue;
    times.push(await frames.keyToPaint('a', `!(${isNew})`));
  }
  say(`acknowledged in ${times.map((time) => Math.round(time)).join(', ')} ms`);
  await page.press('Home');
  return median(times);
}

/** EVE lines of alerts that are all new. */
function newLines(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return `${JSON.stringify({
      timestamp: new Date().toISOString().replace('Z', '000+0000'),
      flow_id: number,
      event_type: 'alert',
      src_ip: `100.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`,
      src_port: 40_000,
      dest_ip: '192.0.2.10',
      dest_port: 443,
      proto: 'TCP',
      alert: {
        action: 'allowed',
        gid: 1,
        signature_id: 2_900_000 + (number % 40),
        rev: 1,
        signature: `LOCAL Came while the screen was measured ${number % 40}`,
        severity: 2,
      },
    })}\n`;
  }).join('');
}

async function localClient(folder: string): Promise<Client> {
  const port = await connectLocally(folder);
  if (port === null)
    throw new WatchfloorError('unavailable', 'The core does not listen to the command line.');
  return createClient(port);
}

/** New alerts come all the time while the analyst looks at the list. */
async function measureFlood(page: DrivenPage, frames: FrameRecorder, folder: string, seconds: number) {
  const client = await localClient(folder);
  const batch = (newAlertsASecond * batchEveryMs) / 1_000;
  let sent = 0;
  const floodFor = async (durationMs: number) => {
    const startedMs = performance.now();
    for (let turn = 1; turn * batchEveryMs <= durationMs; turn += 1) {
      const text = newLines(sent, batch);
      await client.call('ingest.lines', { kind: 'suricata-eve', stream: 'bench', text, last: false });
      sent += batch;
      await delay(Math.max(0, startedMs + turn * batchEveryMs - performance.now()));
    }
  };
  try {
    say(`${newAlertsASecond} alerts a second for ${seconds} s`);
    const edgeMs = Math.min(10, seconds / 4) * 1_000;
    await floodFor(edgeMs);
    const heapFirst = await page.heapBytes();
    const busyBefore = await page.busyMs();
    const startedMs = performance.now();
    const flood = await frames.during(() => floodFor(seconds * 1_000 - edgeMs));
    const tookMs = performance.now() - startedMs;
    const busyShare = ((await page.busyMs()) - busyBefore) / tookMs;
    const heapLast = await page.heapBytes();
    await until(page, `document.querySelector('.queue-new') !== null`);
    say(`flood: ${JSON.stringify({ ...flood, busyShare, heapFirst, heapLast, sent, tookMs })}`);
    return {
      floodAlertsASecond: ((sent - (edgeMs / batchEveryMs) * batch) / tookMs) * 1_000,
      floodLongestFrameMs: flood.longestMs,
      floodFramesOver50Ms: flood.over50Ms,
      floodLongestWallMs: flood.longestWallMs,
      floodBusyShare: busyShare,
      heapMebibytes: heapLast / 1_048_576,
      floodHeapGrowthShare: heapLast / heapFirst - 1,
    };
  } finally {
    client.close();
  }
}

/** Everything closed, from the key that confirms it to the rows in sight saying so; taken back, and again. */
async function measureBulkClose(page: DrivenPage, frames: FrameRecorder): Promise<number> {
  const hasOpen = `${list}.querySelector('.vtable-row:not(.alert-closed)') !== null`;
  await page.press('n');
  await until(page, `document.querySelector('.queue-new') === null && ${hasNoGaps}`);
  const times: number[] = [];
  while (times.length < bulks) {
    await page.press('Control+a');
    await until(page, `document.querySelector('.queue-target').textContent.startsWith('All ')`);
    await page.press('c');
    await until(page, `document.querySelector('dialog[open]') !== null`);
    times.push(
      await frames.keyToPaint(
        'Control+Enter',
        `document.querySelector('dialog[open]') === null && ${hasNoGaps} && !(${hasOpen})`,
      ),
    );
    await until(page, `document.querySelector('.bottom-toasts button[aria-keyshortcuts="u"]') !== null`);
    await page.press('u');
    await until(page, hasOpen);
  }
  say(`closed in ${times.map((time) => Math.round(time)).join(', ')} ms`);
  return median(times);
}
