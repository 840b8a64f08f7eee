import { flushSync } from 'react-dom';
import type { Root } from 'react-dom/client';
import type { LiveSample } from '../../shared/domain/signal.ts';
import { AppProvider, type AppRoot } from '../state/provider.tsx';
import { fakeFinding } from '../testing/fake-findings.ts';
import { fakeWindow, sampleAt } from '../testing/fake-signals.ts';
import { LiveChart, type Ticker } from '../ui/index.ts';
import '../frame/frame.css';
import '../watch/watch.css';

/** What the bench found, read from `window.__watchBench` by whoever drives the page. */
export interface WatchBenchResult {
  /** Main-thread time of one update of all charts together, from the new points to after the paint, ms. */
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly updates: number;
  readonly charts: number;
  readonly pointsPerChart: number;
}

declare global {
  interface Window {
    __watchBench?: WatchBenchResult;
  }
}

const signalIds = [
  'shop.bits',
  'shop.edge-rate',
  'shop.edge-latency',
  'shop.waf',
  'shop.origin-rate',
  'shop.origin-latency',
] as const;
const windowMs = 3_600_000;
const warmUps = 20;
const updates = 120;

/** A ticker that moves when it is told to. */
function createManualTicker(startMs: number): Ticker & { readonly moveTo: (timeMs: number) => void } {
  const listeners = new Set<() => void>();
  let nowMs = startMs;
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    nowMs: () => nowMs,
    moveTo(timeMs) {
      nowMs = timeMs;
      for (const listener of listeners) listener();
    },
  };
}

/** Runs a task in a frame and gives how long the main thread was busy with it, to after the paint, ms. */
function timeFrame(task: () => void): Promise<number> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const startMs = performance.now();
      task();
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve(performance.now() - startMs);
      channel.port2.postMessage(null);
    });
  });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/**
 * Six live charts with an hour of one-second points each, band, findings and axes as on the watch screen; every
 * update appends one point to each and draws all of them. No core is needed.
 */
export function runWatchBench(reactRoot: Root, root: AppRoot): void {
  const startMs = Math.floor(Date.now() / 1_000) * 1_000;
  const attackStartMs = startMs - 540_000;
  const findings = signalIds.map((id) => fakeFinding(id, attackStartMs, 'actionable', 14));
  const ticker = createManualTicker(startMs);
  for (const id of signalIds) {
    root.live.buffer(id);
    root.live.fill(fakeWindow(id, startMs - windowMs + 1_000, startMs, 3_700, startMs, attackStartMs, []));
  }
  flushSync(() =>
    reactRoot.render(
      <AppProvider root={{ ...root, ticker }}>
        <main className="chart-area bench-area">
          <div className="chart-grid-pane">
            {signalIds.map((id, index) => (
              <LiveChart
                key={id}
                title={id}
                unit="requests/s"
                signals={[{ id, name: id }]}
                windowMs={windowMs}
                findings={findings.slice(index, index + 1)}
                height={132}
              />
            ))}
          </div>
        </main>
      </AppProvider>,
    ),
  );

  async function run(): Promise<WatchBenchResult> {
    await document.fonts.ready;
    const times: number[] = [];
    for (let round = 1; round <= warmUps + updates; round += 1) {
      const timeMs = startMs + round * 1_000;
      const rows: LiveSample[] = signalIds.map((id) => sampleAt(id, timeMs, timeMs, attackStartMs));
      const tookMs = await timeFrame(() => {
        root.live.push(rows);
        flushSync(() => ticker.moveTo(timeMs));
      });
      if (round > warmUps) times.push(tookMs);
    }
    times.sort((a, b) => a - b);
    return {
      medianMs: quantile(times, 0.5),
      p95Ms: quantile(times, 0.95),
      updates,
      charts: signalIds.length,
      pointsPerChart: windowMs / 1_000,
    };
  }

  void run().then((result) => {
    window.__watchBench = result;
    document.title = `Watch bench: median ${result.medianMs.toFixed(1)} ms, p95 ${result.p95Ms.toFixed(1)} ms`;
  });
}
