import type { Health } from '../../shared/domain/connection.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { formatDuration, minuteMs, secondMs } from '../../shared/domain/time.ts';
import type { Store, StoredConnection } from '../db/index.ts';
import type { Batch, ConnectionIo, Source, SourceKind } from '../sources/source.ts';
import type { Hub } from './hub.ts';
import type { Inbox } from './inbox.ts';
import type { Ingest } from './ingest.ts';
import type { Log } from './log.ts';
import type { SecretStore } from './secrets.ts';
import { createTurns } from './turns.ts';

const longestBackoffMs = 5 * minuteMs;
/** A poll that takes longer than this is given up, whatever the source's own limits are. */
const longestPollMs = 5 * minuteMs;
/** So many sources at once hold a batch: what more would bring waits where it is, and not in memory. */
export const mostBatchesAtOnce = 8;
/** A server that takes longer to answer holds nothing yet: others have its turn meanwhile. */
const slowAnswerMs = secondMs;
/** How much later than its interval a source's newest record may be before it is said to lag. */
const lagAllowanceMs = 60 * secondMs;

/** Runs every enabled source: polls or listens, stores, backs off when it fails, and knows how each does. */
export interface Poller {
  start(connection: StoredConnection): void;
  /** Ends the source's work; what it was in the middle of is not stored. */
  stop(connectionId: string): Promise<void>;
  health(connectionId: string): Health;
  close(): Promise<void>;
}

export interface PollerDeps {
  readonly store: Store;
  readonly hub: Hub;
  readonly ingest: Ingest;
  readonly inbox: Inbox;
  readonly secrets: SecretStore;
  readonly log: Log;
  readonly kinds: ReadonlyMap<string, SourceKind>;
  readonly nowMs: () => number;
  /** Uniform in [0, 1): the jitter. */
  readonly random: () => number;
}

interface Running {
  readonly controller: AbortController;
  readonly intervalMs: () => number;
  ended: Promise<void>;
  startedMs: number;
  lastAttemptMs: number | null;
  nextAttemptMs: number | null;
  failures: number;
  problem: string | null;
  progress: Health['progress'];
  listening: string | null;
}

/** Waits, or returns early when the signal aborts. */
function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    signal.addEventListener('abort', done);
  });
}

/** What a source or target may use of the outside. */
export function connectionIo(
  connectionId: string,
  deps: Pick<PollerDeps, 'secrets' | 'log' | 'nowMs'>,
  signal: AbortSignal,
  secretsNow: Readonly<Record<string, string | null>> = {},
): ConnectionIo {
  return {
    nowMs: deps.nowMs,
    signal,
    secret: (key) =>
      Object.hasOwn(secretsNow, key) ? (secretsNow[key] ?? null) : deps.secrets.get(connectionId, key),
    log: (level, text) => deps.log.write(level, connectionId, text),
  };
}

export function createPoller(deps: PollerDeps): Poller {
  const { store, hub, ingest, inbox, log } = deps;
  const runs = new Map<string, Running>();
  const turns = createTurns(mostBatchesAtOnce);

  /** Polls once and stores what came. Gives the batch, or null where the source was stopped in between. */
  async function pollOnce(connection: StoredConnection, source: Source, run: Running): Promise<Batch | null> {
    const { signal } = run.controller;
    let leave = await turns.enter(signal);
    if (signal.aborted) return null;
    run.lastAttemptMs = deps.nowMs();
    let hasLeft = false;
    const slow = setTimeout(() => {
      hasLeft = true;
      leave();
    }, slowAnswerMs);
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(longestPollMs)]);
      const batch = await source.poll?.(
        store.connections.cursor(connection.id),
        connectionIo(connection.id, deps, limit),
      );
      clearTimeout(slow);
      if (hasLeft) leave = await turns.enter(signal);
      if (signal.aborted || !batch) return null;
      await ingest.take(connection, batch);
      return batch;
    } finally {
      clearTimeout(slow);
      leave();
    }
  }

  async function pollForever(connection: StoredConnection, source: Source, run: Running): Promise<void> {
    const signal = run.controller.signal;
    while (!signal.aborted) {
      run.lastAttemptMs = deps.nowMs();
      run.nextAttemptMs = null;
      let waitMs: number;
      try {
        const batch = await pollOnce(connection, source, run);
        if (signal.aborted || !batch) return;
        run.failures = 0;
        run.problem = null;
        run.progress = batch.progress;
        // A beat, not a pause: what the poll itself took is no part of the interval. A slow one still gets its rest.
        const tookMs = deps.nowMs() - run.lastAttemptMs;
        waitMs = batch.more ? 0 : Math.max(source.intervalMs / 2, source.intervalMs - tookMs);
      } catch (thrown) {
        if (signal.aborted) return;
        run.failures += 1;
        const error = toErrorData(thrown);
        run.problem = error.message;
        log.write('warning', connection.id, `${error.message} ${error.details ?? ''}`);
        // Full jitter between half and the whole of a doubling wait: many sources on one dead server spread out.
        const fullMs = Math.min(
          longestBackoffMs,
          Math.max(source.intervalMs, secondMs) * 2 ** Math.min(run.failures - 1, 10),
        );
        waitMs = fullMs * (0.5 + 0.5 * deps.random());
      }
      run.nextAttemptMs = deps.nowMs() + waitMs;
      hub.statusChanged();
      await sleep(waitMs, signal);
    }
  }

  async function listenForever(connection: StoredConnection, source: Source, run: Running): Promise<void> {
    const signal = run.controller.signal;
    while (!signal.aborted) {
      run.lastAttemptMs = deps.nowMs();
      try {
        const server = await source.listen?.(connectionIo(connection.id, deps, signal), async (push) => {
          const before = run.problem;
          try {
            await inbox.keep(connection, push, signal);
            run.problem = null;
          } catch (thrown) {
            run.problem = toErrorData(thrown).message;
            throw thrown;
          } finally {
            if (run.problem !== before) hub.statusChanged();
          }
        });
        if (!server) return;
        run.failures = 0;
        run.problem = null;
        run.listening = server.address;
        hub.statusChanged();
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve(), { once: true });
        });
        run.listening = null;
        await server.close();
      } catch (thrown) {
        if (signal.aborted) return;
        run.failures += 1;
        run.problem = toErrorData(thrown).message;
        log.write('warning', connection.id, run.problem);
        hub.statusChanged();
        await sleep(
          Math.min(longestBackoffMs, secondMs * 2 ** run.failures) * (0.5 + 0.5 * deps.random()),
          signal,
        );
      }
    }
  }

  function sentenceOf(
    run: Running,
    lagMs: number | null,
    lagging: boolean,
    lastSuccessMs: number | null,
  ): string {
    const nowMs = deps.nowMs();
    if (run.problem !== null) {
      const next =
        run.nextAttemptMs === null
          ? ''
          : ` Next try in ${formatDuration(Math.max(0, run.nextAttemptMs - nowMs))}.`;
      return `${run.problem}${next}`;
    }
    if (run.progress) return run.progress.text;
    if (run.listening !== null) return `Listening at ${run.listening}.`;
    if (lagging && lagMs !== null) return `Answers, but its newest record is ${formatDuration(lagMs)} old.`;
    if (lastSuccessMs === null) return 'Waiting for the first answer.';
    return lagMs === null ? 'Answers; nothing to report yet.' : 'All is well.';
  }

  /** What was accepted from a source and is not in the queue yet, as the end of its sentence. */
  function filingWords(connectionId: string): string {
    const records = inbox.waitingRecords(connectionId);
    if (records === 0) return '';
    const problem = inbox.problem(connectionId);
    const count = records.toLocaleString('en');
    return problem === null
      ? ` ${count} accepted, being filed.`
      : ` ${count} accepted and kept, not filed yet: ${problem}`;
  }

  return {
    start(connection) {
      if (!connection.enabled || runs.has(connection.id)) return;
      const run: Running = {
        controller: new AbortController(),
        intervalMs: () => source?.intervalMs ?? minuteMs,
        ended: Promise.resolve(),
        startedMs: deps.nowMs(),
        lastAttemptMs: null,
        nextAttemptMs: null,
        failures: 0,
        problem: null,
        progress: null,
        listening: null,
      };
      let source: Source | null = null;
      runs.set(connection.id, run);
      const kind = deps.kinds.get(connection.kind);
      try {
        if (!kind)
          throw new WatchfloorError(
            'bad-input',
            `This version has no source of the kind ${connection.kind}.`,
          );
        source = kind.create(connection.settings);
      } catch (thrown) {
        run.failures = 1;
        run.problem = toErrorData(thrown).message;
        hub.statusChanged();
        return;
      }
      const made = source;
      const work = made.listen ? listenForever(connection, made, run) : pollForever(connection, made, run);
      run.ended = work.catch((thrown: unknown) => {
        run.problem = toErrorData(thrown).message;
        log.write('error', connection.id, String(thrown));
      });
      hub.statusChanged();
    },
    async stop(connectionId) {
      const run = runs.get(connectionId);
      if (!run) return;
      runs.delete(connectionId);
      run.controller.abort();
      await run.ended;
      hub.statusChanged();
    },
    health(connectionId) {
      const run = runs.get(connectionId);
      const counters = store.connections.counters(connectionId);
      const gaps = store.connections.gaps(connectionId);
      const nowMs = deps.nowMs();
      const lagMs = counters.newestRecordMs === null ? null : Math.max(0, nowMs - counters.newestRecordMs);
      const base = {
        lastSuccessMs: counters.lastSuccessMs,
        lastAttemptMs: run?.lastAttemptMs ?? null,
        nextAttemptMs: run?.nextAttemptMs ?? null,
        lagMs,
        consecutiveFailures: run?.failures ?? 0,
        eventsReceived: counters.eventsReceived,
        recordsRejected: counters.recordsRejected,
        lastRejection: counters.lastRejection,
        gaps,
        unmapped: [...counters.unmapped],
        progress: run?.progress ?? null,
      };
      const filing = filingWords(connectionId);
      if (!run) return { ...base, state: 'stopped', sentence: `Switched off.${filing}` };
      // Only signals are expected to come all the time; a quiet alert source is a good one.
      const givesSignals = store.signals.hasAny(connectionId);
      const lagging =
        givesSignals &&
        lagMs !== null &&
        lagMs > run.intervalMs() * 2 + lagAllowanceMs &&
        run.progress === null;
      const state: Health['state'] =
        run.problem !== null || inbox.problem(connectionId) !== null
          ? 'failing'
          : run.progress !== null
            ? 'back-filling'
            : lagging
              ? 'lagging'
              : counters.lastSuccessMs === null && run.listening === null
                ? 'starting'
                : 'ok';
      const sentence = sentenceOf(run, lagMs, lagging, counters.lastSuccessMs);
      return { ...base, state, sentence: `${sentence}${filing}` };
    },
    async close() {
      const all = [...runs.values()];
      runs.clear();
      for (const run of all) run.controller.abort();
      await Promise.all(all.map((run) => run.ended));
    },
  };
}
