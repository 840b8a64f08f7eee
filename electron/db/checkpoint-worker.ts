/**
 * The thread in which SQLite's log is moved into the database file: its own connection, which reads and writes no row.
 * It sleeps until a commit wakes it, and ends when it is told to or has had nothing to do for a while.
 */
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type CheckpointJob, CheckpointWord, movedPages } from './checkpoints.ts';

/** A log longer than this gets the quiet moment that it lacks: writers wait while the few pages left are moved. */
const longestPages = 16_000;
/** After so long without a commit the rest is moved, too. */
const quietMs = 2_000;
/** After so long without much to move the thread is not needed. */
const idleMs = 30_000;
/** While one pass runs, commits come; the next moves what they brought. */
const mostPasses = 8;
/** Where it failed, e.g. for want of space, it is tried again so much later. */
const againMs = 1_000;
/** Long enough for a commit that is under way. */
const patienceMs = 100;

interface LogState {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/** @see https://sqlite.org/pragma.html#pragma_wal_checkpoint */
function checkpoint(database: Database.Database, mode: 'NOOP' | 'PASSIVE' | 'RESTART'): LogState {
  const [state] = database.pragma(`wal_checkpoint(${mode})`) as LogState[];
  return state ?? { busy: 1, log: 0, checkpointed: 0 };
}

const waiting = ({ log, checkpointed }: LogState) => log - checkpointed;

/** Moves the log until nothing waits in it: then the next writer begins it anew. */
function moveLog(database: Database.Database): void {
  let state = checkpoint(database, 'PASSIVE');
  for (let pass = 1; pass < mostPasses && state.busy === 0 && waiting(state) > 0; pass += 1) {
    state = checkpoint(database, 'PASSIVE');
  }
  if (state.log > longestPages) checkpoint(database, 'RESTART');
}

function work(database: Database.Database, words: Int32Array): void {
  let neededMs = performance.now();
  let isQuiet: boolean = false;
  while (performance.now() - neededMs < idleMs) {
    const seen = Atomics.load(words, CheckpointWord.commits);
    if (Atomics.load(words, CheckpointWord.stop) === 1) return;
    let pauseMs: number = isQuiet ? idleMs : quietMs;
    try {
      const isMuch = waiting(checkpoint(database, 'NOOP')) >= movedPages;
      if (isMuch) neededMs = performance.now();
      if (isMuch || isQuiet) moveLog(database);
      Atomics.store(words, CheckpointWord.failing, 0);
    } catch {
      Atomics.store(words, CheckpointWord.failing, 1);
      pauseMs = againMs;
    }
    isQuiet = Atomics.wait(words, CheckpointWord.commits, seen, pauseMs) === 'timed-out';
  }
}

function run({ databasePath, words }: CheckpointJob): void {
  const database = new Database(databasePath, { fileMustExist: true, timeout: patienceMs });
  try {
    // What was moved is durable before the log that had it is begun anew.
    database.pragma('synchronous = FULL');
    work(database, new Int32Array(words));
  } finally {
    database.close();
  }
}

run(workerData as CheckpointJob);
