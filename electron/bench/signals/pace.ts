/** Lets this process live faster: its timers, its monotonic clock and a wall clock to give to a core. */
export interface Pace {
  /** UTC epoch ms, whole. */
  readonly nowMs: () => number;
  /** Resolves when the wall clock shows that moment. */
  until(timeMs: number): Promise<void>;
  /** Gives the process its own clocks back. */
  end(): void;
}

/**
 * Makes every timer of this process, and `performance.now`, run `factor` times as fast. What a core does on a beat
 * (polls, watchdog, housekeeping, gathered events) then keeps its proportion to its samples, and minutes of its life
 * can be measured in seconds. What it costs in processor time stays what it is.
 */
export function hurry(factor: number, startMs: number): Pace {
  const own = {
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    now: performance.now.bind(performance),
  };
  const began = own.now();
  const nowMs = () => Math.floor(startMs + (own.now() - began) * factor);
  globalThis.setTimeout = Object.assign(
    (work: (...values: unknown[]) => void, delayMs = 0, ...values: unknown[]) =>
      own.setTimeout(work, delayMs / factor, ...values),
    own.setTimeout,
  );
  globalThis.setInterval = Object.assign(
    (work: (...values: unknown[]) => void, delayMs = 0, ...values: unknown[]) =>
      own.setInterval(work, delayMs / factor, ...values),
    own.setInterval,
  );
  performance.now = () => began + (own.now() - began) * factor;
  return {
    nowMs,
    until: (timeMs) =>
      new Promise((resolve) => {
        own.setTimeout(resolve, Math.max(0, (timeMs - nowMs()) / factor));
      }),
    end() {
      globalThis.setTimeout = own.setTimeout;
      globalThis.setInterval = own.setInterval;
      performance.now = own.now;
    },
  };
}
