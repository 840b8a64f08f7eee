import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { secondMs } from '../../shared/domain/time.ts';
import type { Store, StoredConnection, WaitingPushes } from '../db/index.ts';
import { type Batch, emptyBatch, type Push, type SourceKind } from '../sources/source.ts';
import { faultPoint } from './fault-points.ts';
import type { Hub } from './hub.ts';
import { type Ingest, recordsPerTransaction } from './ingest.ts';
import type { Log } from './log.ts';

/** Pushes have stopped coming for now when none came for so long; then what waits is filed without a pause. */
const quietMs = 50;
/** While they keep coming, what waits has a turn so often: senders are answered first, and nothing waits unseen. */
const turnEveryMs = secondMs;
/** So much of one connection waits at most; beyond, senders wait, and what waits is filed without a pause. */
const mostBytes = 128 * 1024 * 1024;
const mostPushes = 20_000;
/** A sender waits so long for room, then it is told to come again. */
const longestRoomWaitMs = 10 * secondMs;
const retryMs = 5 * secondMs;
/** So long closing files what waits; what is left is filed after the next start. */
const longestClosingMs = secondMs;

/**
 * Between a sender and the queue: a push is on disk when its sender is told that it was accepted, and is filed, read
 * into alerts, soon after. Reading it and everything that follows takes many times as long as keeping it.
 */
export interface Inbox {
  /** Begins to file, at first what an earlier run left. */
  start(): void;
  /**
   * Keeps a push; resolves when it is on disk.
   * @throws {WatchfloorError} `storage`; `unavailable` where too much waits and there is no room soon
   */
  keep(connection: StoredConnection, push: Push, signal: AbortSignal): Promise<void>;
  /** Files all that waits of a connection. @throws what keeps it from being filed */
  empty(connectionId: string): Promise<void>;
  /** Records of a connection that wait. */
  waitingRecords(connectionId: string): number;
  /** Why nothing of a connection can be filed at this time, in words; null where it can. */
  problem(connectionId: string): string | null;
  close(): Promise<void>;
}

export interface InboxDeps {
  readonly store: Store;
  readonly ingest: Ingest;
  readonly kinds: ReadonlyMap<string, SourceKind>;
  readonly hub: Pick<Hub, 'statusChanged'>;
  readonly log: Log;
}

interface Waiting {
  pushes: number;
  records: number;
  bytes: number;
  problem: string | null;
  /** Monotonic ms; nothing is tried again before. */
  retryAtMs: number;
}

function joined(batches: readonly Batch[]): Batch {
  const [only] = batches;
  if (only !== undefined && batches.length === 1) return only;
  return {
    ...emptyBatch,
    events: batches.reduce((sum, { events }) => sum + events, 0),
    occurrences: batches.flatMap(({ occurrences }) => occurrences),
    context: batches.flatMap(({ context }) => context),
    rejected: batches.flatMap(({ rejected }) => rejected),
    unmapped: batches.flatMap(({ unmapped }) => unmapped),
  };
}

export function createInbox({ store, ingest, kinds, hub, log }: InboxDeps): Inbox {
  const waiting = new Map<string, Waiting>();
  /** Those for whom there was no room, until something was filed. */
  const forRoom = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isStarted = false;
  let isClosed = false;
  let lastKeptMs = Number.NEGATIVE_INFINITY;
  let lastTurnMs = Number.NEGATIVE_INFINITY;
  /** One turn at a time. */
  let work: Promise<unknown> = Promise.resolve();

  const now = () => performance.now();
  const isFull = ({ bytes, pushes }: Pick<Waiting, 'bytes' | 'pushes'>) =>
    bytes >= mostBytes || pushes >= mostPushes;

  function waitingOf(connectionId: string): Waiting {
    const found = waiting.get(connectionId);
    if (found) return found;
    const made = { pushes: 0, records: 0, bytes: 0, problem: null, retryAtMs: Number.NEGATIVE_INFINITY };
    waiting.set(connectionId, made);
    return made;
  }

  function count({ connectionId, pushes, records, bytes }: WaitingPushes): void {
    const held = waitingOf(connectionId);
    held.pushes += pushes;
    held.records += records;
    held.bytes += bytes;
    // The order is that of turns: whose last push was filed has none.
    if (held.pushes === 0) waiting.delete(connectionId);
  }

  /** Stores what is in the oldest pushes of a connection, and takes these away, in one. */
  async function fileOldest(connectionId: string): Promise<void> {
    const connection = store.connections.get(connectionId);
    const source = connection === null ? undefined : kinds.get(connection.kind)?.create(connection.settings);
    if (!connection || !source?.readPush) {
      throw new WatchfloorError(
        'unavailable',
        'There is no source any more that could read what was pushed.',
      );
    }
    const pushes = store.pushes.oldest(connectionId, recordsPerTransaction);
    if (pushes.length === 0) throw new WatchfloorError('internal', 'What was pushed is not there any more.');
    const batch = joined(pushes.map((push) => source.readPush?.(push) ?? emptyBatch));
    await ingest.take(connection, batch, { pushes: pushes.map(({ id }) => id) });
    count({
      connectionId,
      pushes: -pushes.length,
      records: -pushes.reduce((sum, { records }) => sum + records, 0),
      bytes: -pushes.reduce((sum, { body }) => sum + body.length, 0),
    });
  }

  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = work.then(task);
    work = mine.catch(() => undefined);
    return mine;
  }

  /** One turn: some of the connection whose turn is the longest ago. */
  async function takeTurn(): Promise<void> {
    const next = [...waiting].find(([, { retryAtMs }]) => retryAtMs <= now());
    if (next === undefined) return;
    const [connectionId, held] = next;
    // To the end of the row.
    waiting.delete(connectionId);
    waiting.set(connectionId, held);
    try {
      await fileOldest(connectionId);
      held.problem = null;
    } catch (thrown) {
      const { message, details } = toErrorData(thrown);
      if (held.problem !== message) {
        log.write(
          'error',
          connectionId,
          `What was pushed is kept and not filed yet: ${message} ${details ?? ''}`,
        );
      }
      held.problem = message;
      held.retryAtMs = now() + retryMs;
    }
    lastTurnMs = now();
    for (const wake of forRoom) wake();
    hub.statusChanged();
  }

  /** How long until the next turn; null where nothing waits. */
  function untilTurnMs(): number | null {
    if (waiting.size === 0) return null;
    const all = [...waiting.values()];
    const untilRetryMs = Math.max(0, Math.min(...all.map(({ retryAtMs }) => retryAtMs)) - now());
    if (untilRetryMs > 0 || all.some(isFull)) return untilRetryMs;
    return Math.max(0, Math.min(lastKeptMs + quietMs, lastTurnMs + turnEveryMs) - now());
  }

  function schedule(): void {
    if (timer !== null || !isStarted || isClosed) return;
    const waitMs = untilTurnMs();
    if (waitMs === null) return;
    timer = setTimeout(() => {
      timer = null;
      // More may have come since.
      if ((untilTurnMs() ?? 0) > 0) schedule();
      else void inTurn(takeTurn).then(schedule);
    }, waitMs);
  }

  /** Resolves when something was filed, or the wait is over. */
  function roomMayBe(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(limit);
        signal.removeEventListener('abort', done);
        forRoom.delete(done);
        resolve();
      };
      const limit = setTimeout(done, longestRoomWaitMs);
      signal.addEventListener('abort', done);
      forRoom.add(done);
    });
  }

  return {
    start() {
      for (const left of store.pushes.waiting()) count(left);
      isStarted = true;
      schedule();
    },
    async keep(connection, push, signal) {
      const endMs = now() + longestRoomWaitMs;
      while (isFull(waiting.get(connection.id) ?? { bytes: 0, pushes: 0 })) {
        if (now() >= endMs) throw new WatchfloorError('unavailable', 'Too much waits to be filed.');
        await roomMayBe(signal);
        if (signal.aborted) break;
      }
      if (signal.aborted || isClosed) {
        throw new WatchfloorError('unavailable', 'The source is being stopped.');
      }
      store.transaction(() => store.pushes.keep(connection.id, push));
      faultPoint('inbox:after-keep');
      if (waiting.size === 0) lastTurnMs = now();
      lastKeptMs = now();
      const { records, body } = push;
      count({ connectionId: connection.id, pushes: 1, records, bytes: body.length });
      schedule();
    },
    empty: (connectionId) =>
      inTurn(async () => {
        while (waiting.has(connectionId)) await fileOldest(connectionId);
      }),
    waitingRecords: (connectionId) => waiting.get(connectionId)?.records ?? 0,
    problem: (connectionId) => waiting.get(connectionId)?.problem ?? null,
    async close() {
      isClosed = true;
      if (timer) clearTimeout(timer);
      for (const wake of forRoom) wake();
      const endMs = now() + longestClosingMs;
      await inTurn(async () => {
        while (isStarted && waiting.size > 0 && now() < endMs) {
          const before = lastTurnMs;
          await takeTurn();
          // Nothing can be filed now.
          if (lastTurnMs === before) return;
        }
      });
    },
  };
}
