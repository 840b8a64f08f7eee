import { type Bench, type BenchOptions, missedGoals, rounded } from './bench.ts';

/** Every benchmark, each loaded only when it is asked for. */
const benches: Readonly<Record<string, Bench>> = {
  start: {
    summary:
      'serve on 100,000 alerts: spawn to ready against an empty Node start, then until the page is usable',
    run: async () => (await import('./start.ts')).runStartBench(),
  },
  ingest: {
    summary:
      'EVE lines to committed alerts and context, against bare inserts, on a million alerts, and beside Alertmanager (--rows)',
    run: async ({ rows }) => (await import('./ingest.ts')).runIngestBench(rows ?? 1_000_000),
  },
  queue: {
    summary:
      'a million alerts: pages and counts of forty queries, closing all of them and undoing it (--rows)',
    run: async ({ rows }) => (await import('./queue.ts')).runQueueBench(rows ?? 1_000_000),
  },
  'queue-screen': {
    summary:
      'the screen on a million alerts, in an installed Chromium: open, scroll, a flood, keys to pixels (--rows)',
    run: async ({ rows }) => (await import('./queue-screen.ts')).runQueueScreenBench(rows ?? 1_000_000),
  },
  case: {
    summary: 'cases: opening, folding, a file with evidence out and in, verifying a million entries (--rows)',
    run: async ({ rows }) => (await import('./case.ts')).runCaseBench(rows ?? 1_000_000),
  },
  watch: {
    summary: 'six live charts of 3,600 points: main-thread time of an update, in an installed Chromium',
    run: async () => (await import('./watch.ts')).runWatchBench(),
  },
  detect: {
    summary: 'the detector on recorded data with labels and on real traffic with faults put in; its speed',
    run: async () => (await import('./detect.ts')).runDetectBench(),
  },
  range: {
    summary: 'a hundred seeds of every scenario on the range: called, named, placed; quiet days',
    run: async () => (await import('./range.ts')).runRangeBench(),
  },
  signals: {
    summary: '5,000 signals at one sample each 10 s, from fetch to the screen: processor time, against 500',
    run: async () => (await import('./signals/signals.ts')).runSignalsBench(),
  },
};

/** What can be measured, one line each. */
export function benchNames(): string {
  return Object.entries(benches)
    .map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
    .join('\n');
}

/**
 * Runs one benchmark and prints its result as one line of JSON on standard output: `bench`, `figures`, `goals`,
 * `missed`. Words on the way go to standard error.
 *
 * @param names what was asked for; exactly one
 * @param isAsserted whether a missed goal is a failure
 * @param options what else was asked for
 * @returns the exit code: 0, 1 when a goal is missed and asserted, 2 for wrong use
 */
export async function runBench(
  names: readonly string[],
  isAsserted: boolean,
  options: BenchOptions,
): Promise<number> {
  const [name] = names;
  const bench = name !== undefined && Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (name === undefined || bench === undefined || names.length > 1) {
    const what =
      names.length > 1 ? 'one at a time' : name === undefined ? 'which one' : `there is no ${name}`;
    process.stderr.write(`watchfloor bench: ${what}. There is:\n${benchNames()}\n`);
    return 2;
  }
  const result = await bench.run(options);
  const missed = missedGoals(result);
  process.stdout.write(
    `${JSON.stringify({ bench: name, figures: rounded(result.figures), goals: result.goals, missed })}\n`,
  );
  if (missed.length > 0) process.stderr.write(`goals missed: ${missed.join(', ')}\n`);
  return isAsserted && missed.length > 0 ? 1 : 0;
}
