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
} as const;
const wordCount = 3;

/** Pages of 4 KiB in the log from which on it is moved: what changes often is in it many times, and moved once. */
export const movedPages = 4_000;
/** 256 MiB: where a commit moves the log itself although there is a thread, lest it grow without end. */
export const relievedPages = 65_536;

/** The thread needs next to nothing: it lets SQLite work. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 4 };
const mostFailures = 3;

/**
 * SQLite's log is moved into the database file (a "checkpoint") by a thread of its own, so that no commit waits for it.
 * What makes a commit durable stays where it was: the log is synced before the commit returns. The thread is there
 * while there is much to move, and ends by itself afterwards.
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

/** How many pages of the log are not in the file yet. */
export function waitingPages(connection: Database.Database): number {
  try {
    const [state] = connection.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[];
    return state === undefined ? 0 : state.log - state.checkpointed;
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

  return {
    committed() {
      if (isClosed || failures >= mostFailures) return false;
      if (thread !== null) wake(thread);
      else if (waitingPages(writer) >= movedPages) thread = start();
      return thread === null || Atomics.load(thread.words, CheckpointWord.failing) === 0;
    },
    async close() {
      isClosed = true;
      if (thread === null) return;
      const { worker, words, ended } = thread;
      Atomics.store(words, CheckpointWord.stop, 1);
      wake(thread);
      worker.ref();
      await ended;
    },
  };
}
