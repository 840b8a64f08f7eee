import { z } from 'zod';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { appPaths } from '../app-paths.ts';
import { type BenchResult, median, say } from './bench.ts';
import { startDrivenBrowser } from './chromium.ts';
import { serveFolder } from './static-server.ts';

/** What the renderer's page `?bench=watch` leaves on the window when it is done. */
const pageResult = z.object({ medianMs: z.number(), p95Ms: z.number() });

const runs = 3;
const longestRunMs = 180_000;
const pollMs = 200;

/**
 * Six live charts with an hour of 1-second points each, updated every second, in an installed Chromium: how long one
 * update of all six keeps the main thread. Each run is a browser of its own; the figures are medians over the runs.
 */
export async function runWatchBench(): Promise<BenchResult> {
  const server = await serveFolder(appPaths(import.meta.dirname).renderer);
  const results: z.infer<typeof pageResult>[] = [];
  try {
    for (let run = 1; run <= runs; run += 1) {
      const result = await runOnce(`${server.address}?bench=watch`);
      say(`run ${run} of ${runs}: median ${result.medianMs} ms, 95th percentile ${result.p95Ms} ms`);
      results.push(result);
    }
  } finally {
    await server.close();
  }
  return {
    figures: {
      updateMedianMs: median(results.map(({ medianMs }) => medianMs)),
      updateP95Ms: median(results.map(({ p95Ms }) => p95Ms)),
      runs,
    },
    goals: { updateMedianMs: { max: 16 }, updateP95Ms: { max: 33 } },
  };
}

async function runOnce(address: string): Promise<z.infer<typeof pageResult>> {
  const browser = await startDrivenBrowser();
  try {
    await browser.page.goTo(address);
    const endMs = performance.now() + longestRunMs;
    while (performance.now() < endMs) {
      const result = pageResult.safeParse(await browser.page.evaluate('globalThis.__watchBench ?? null'));
      if (result.success) return result.data;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    throw new WatchfloorError('timed-out', 'The page with the charts did not finish within three minutes.');
  } finally {
    await browser.close();
  }
}
