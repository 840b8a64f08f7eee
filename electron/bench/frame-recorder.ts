import { z } from 'zod';
import type { DrivenPage, TraceEvent } from './chromium.ts';

/** Runs in the measured page, so it is text: asks for one frame after the other, and times keys. */
const script = `(() => {
  if (globalThis.__recorder !== undefined) return;
  const frame = () => requestAnimationFrame(frame);
  frame();
  globalThis.__recorder = {
    shown: null,
    /** From the next press of a key until something holds and is painted: shown, ms. */
    awaitKey(holds) {
      this.shown = new Promise((resolve) => {
        addEventListener('keydown', ({ timeStamp }) => {
          const look = () => {
            if (!holds()) return requestAnimationFrame(look);
            const painted = new MessageChannel();
            painted.port1.onmessage = () => resolve(performance.now() - timeStamp);
            painted.port2.postMessage(null);
          };
          requestAnimationFrame(look);
        }, { capture: true, once: true });
      });
    },
  };
})()`;

/** Frames of a page: how much of the processor its main thread took for each, everything between two included. */
export interface FrameRecord {
  readonly frames: number;
  readonly longestMs: number;
  readonly over50Ms: number;
  /** The longest as a clock saw it: with what else the machine did meanwhile. */
  readonly longestWallMs: number;
}

/**
 * Sums up a trace by frames. What lies within something else is a part of it.
 * @param events of all threads; the main thread is the one that runs the callbacks of frames
 */
export function framesOf(events: readonly TraceEvent[]): FrameRecord {
  const isFrame = ({ name }: TraceEvent) => name === 'FireAnimationFrame';
  const first = events.find(isFrame);
  const own = events
    .filter(({ pid, tid }) => pid === first?.pid && tid === first.tid)
    .sort((left, right) => left.ts - right.ts || right.dur - left.dur);
  const work: { usedUs: number; wallUs: number }[] = [];
  let endUs = 0;
  for (const event of own) {
    // Between two frames it counts to the one that it follows.
    if (isFrame(event)) work.push({ usedUs: 0, wallUs: 0 });
    const frame = work.at(-1);
    if (frame === undefined || event.ts < endUs) continue;
    endUs = event.ts + event.dur;
    frame.usedUs += event.tdur;
    frame.wallUs += event.dur;
  }
  const longest = (of: (frame: { usedUs: number; wallUs: number }) => number) =>
    Math.max(0, ...work.map(of)) / 1_000;
  return {
    frames: work.length,
    longestMs: longest(({ usedUs }) => usedUs),
    over50Ms: work.filter(({ usedUs }) => usedUs > 50_000).length,
    longestWallMs: longest(({ wallUs }) => wallUs),
  };
}

/** Measures frames of a page, and how long keys take to show. */
export interface FrameRecorder {
  /** Frames of the page while something is done with it. */
  during(work: () => Promise<void>): Promise<FrameRecord>;
  /** Presses a key and gives how long it took until an expression holds and is painted, ms. */
  keyToPaint(keys: string, holds: string): Promise<number>;
}

export async function recordFrames(page: DrivenPage): Promise<FrameRecorder> {
  await page.evaluate(script);
  return {
    async during(work) {
      const end = await page.trace();
      await work();
      return framesOf(await end());
    },
    async keyToPaint(keys, holds) {
      await page.evaluate(`__recorder.awaitKey(() => ${holds})`);
      await page.press(keys);
      return z.number().parse(await page.evaluate('__recorder.shown'));
    },
  };
}
