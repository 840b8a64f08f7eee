import { Worker } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { workerFile } from '../worker-file.ts';

/** What the thread is given. */
export interface CheckpointJob {
  readonly databasePath: string;
  /** 32-bit integers, as `CheckpointWord` names them. */
  readonly words: SharedArrayBuffer;
}

/** What each of the shared integers says. */
export const CheckpointWord = {
  /** Counts commits; the thread sleeps on it. */
  commits: 0,
  /** 1 when the thread is to end. */
  stop: 1,
  /** 1 while the thread's own checkpoints fail: the writer's come back, and what they meet is said by commits. */
  failing: 2,
  /** 1 while the thread leaves the end of a long log to the writer, whom no commit overtakes; it sleeps on it. */
  left: 3,
} as const;
const wordCount = 4;

/** Pages of 4 KiB in the log from which on it is moved: what changes often is in it many times, and moved once. */
export const movedPages = 4_000;
/** A log longer than this gets the quiet moment that it lacks: the writer moves the few pages left after a commit. */
export const longestPages = 16_000;
/** 256 MiB: where a commit moves the log itself although there is a thread, lest it grow without end. */
export const relievedPages = 65_536;

/** The thread needs next to nothing: it lets SQLite work. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 4 };
const mostFailures = 3;

/**
 * SQLite's log is moved into the database file (a "checkpoint") by a thread of its own, so that no commit waits for it.
 * What makes a commit durable stays where it was: the log is synced before the commit returns. The thread is there
 * while there is much to move, and ends by itself afterwards.
 *
 * The thread never holds the writer's lock: SQLite's FULL, RESTART and TRUNCATE hold it while they copy, while they sync
 * the file and while they wait for readers, and on a disk that is busy one sync may last longer than a writer waits. A
 * PASSIVE one holds the lock of checkpoints alone. It never gets to the end of a log that is written without a rest, so
 * the writer itself does that, when the thread has left it little to do.
 * @see https://sqlite.org/c3ref/wal_checkpoint_v2.html
 */
export interface Checkpoints {
  /** After each commit. @returns whether the writer may leave the log to the thread */
  committed(): boolean;
  /** Ends the thread and waits until it has let go of the database. */
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  readonly words: Int32Array;
  readonly ended: Promise<void>;
}

/** Pages in the log, and how many of them are in the file. */
export interface LogState {
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * @returns the log as it was when this began: commits of others may have come since
 * @see https://sqlite.org/pragma.html#pragma_wal_checkpoint
 */
export function checkpoint(connection: Database.Database, mode: 'NOOP' | 'PASSIVE'): LogState {
  const [state] = connection.pragma(`wal_checkpoint(${mode})`) as LogState[];
  return state ?? { log: 0, checkpointed: 0 };
}

export const waiting = ({ log, checkpointed }: LogState): number => log - checkpointed;

/** How many pages of the log are not in the file yet. */
export function waitingPages(connection: Database.Database): number {
  try {
    return waiting(checkpoint(connection, 'NOOP'));
  } catch {
    // Somebody goes through rows of this connection.
    return 0;
  }
}

/** @param writer the connection whose commits are told; asked how long the log is while there is no thread */
export function createCheckpoints(databasePath: string, writer: Database.Database): Checkpoints {
  let thread: Thread | null = null;
  let failures = 0;
  let isClosed = false;

  function start(): Thread {
    const words = new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT);
    const job: CheckpointJob = { databasePath, words };
    const worker = new Worker(workerFile(import.meta.dirname, 'checkpoint-worker'), {
      workerData: job,
      resourceLimits,
    });
    // No process stays for it alone.
    worker.unref();
    worker.on('error', () => {
      failures += 1;
    });
    const ended = new Promise<void>((resolve) => {
      worker.on('exit', () => {
        thread = null;
        resolve();
      });
    });
    return { worker, words: new Int32Array(words), ended };
  }

  function wake({ words }: Thread): void {
    Atomics.add(words, CheckpointWord.commits, 1);
    Atomics.notify(words, CheckpointWord.commits);
  }

  /** Lets the thread go on. */
  function takeBack({ words }: Thread): void {
    Atomics.store(words, CheckpointWord.left, 0);
    Atomics.notify(words, CheckpointWord.left);
  }

  /** Moves the end of a long log if the thread has left it, so that the next commit begins the log anew. */
  function moveEnd(owner: Thread): void {
    if (Atomics.load(owner.words, CheckpointWord.left) === 0) return;
    try {
      const state = checkpoint(writer, 'NOOP');
      // Much of it is work for the thread again.
      if (state.log > longestPages && waiting(state) < movedPages) checkpoint(writer, 'PASSIVE');
    } catch {
      // Somebody goes through rows of this connection, or the disk refuses, which the thread will meet, too.
      return;
    }
    takeBack(owner);
  }

  return {
    committed() {
      if (isClosed || failures >= mostFailures) return false;
      if (thread !== null) {
        moveEnd(thread);
        wake(thread);
      } else if (waitingPages(writer) >= movedPages) {
        thread = start();
      }
      return thread === null || Atomics.load(thread.words, CheckpointWord.failing) === 0;
    },
    async close() {
      isClosed = true;
      if (thread === null) return;
      const { worker, words, ended } = thread;
      Atomics.store(words, CheckpointWord.stop, 1);
      takeBack(thread);
      wake(thread);
      worker.ref();
      await ended;
    },
  };
}
