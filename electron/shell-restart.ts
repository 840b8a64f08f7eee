/** When the core ended by itself, newest last, UTC epoch ms. Only those that count are kept. */
export type CrashHistory = { readonly timesMs: readonly number[] };

export const noCrashes: CrashHistory = { timesMs: [] };

/** A core that has run this long since its last crash is taken to be well. */
const forgetAfterMs = 60_000;
const firstDelayMs = 200;
const longestDelayMs = 5_000;
const mostCrashes = 6;

/** Adds one crash and forgets those of a quieter time. */
export function recordCrash(history: CrashHistory, nowMs: number): CrashHistory {
  const lastMs = history.timesMs.at(-1);
  const stillCounting = lastMs !== undefined && nowMs - lastMs < forgetAfterMs;
  return { timesMs: [...(stillCounting ? history.timesMs : []), nowMs] };
}

/** How long to wait before the next start; null when starting again would only fail again. */
export function crashDelayMs(history: CrashHistory): number | null {
  const count = history.timesMs.length;
  if (count >= mostCrashes) return null;
  return Math.min(firstDelayMs * 2 ** Math.max(count - 1, 0), longestDelayMs);
}
