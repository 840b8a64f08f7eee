/**
 * The thread in which SQLite's log is moved into the database file: its own connection, which reads and writes no row.
 * It sleeps until a commit wakes it, and ends when it is told to or has had nothing to do for a while.
 */
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import {
  type CheckpointJob,
  CheckpointWord,
  checkpoint,
  type LogState,
  longestPages,
  movedPages,
  relievedPages,
  waiting,
} from './checkpoints.ts';

/** After so long without a commit the rest is moved, too. */
const quietMs = 2_000;
/** After so long without much to move the thread is not needed. */
const idleMs = 30_000;
/**
 * Over a long log. While one pass runs, commits come, and SQLite syncs the file only where none did: the second pass is
 * short enough for that, and the third leaves the writer little to move and little to sync.
 */
const passes = 3;
/** Where it failed, e.g. for want of space, it is tried again so much later. */
const againMs = 1_000;

/** Moves what is in the log. @returns the log as it is then, with what commits brought meanwhile */
function moveLog(database: Database.Database): LogState {
  let state: LogState;
  let pass = 0;
  do {
    checkpoint(database, 'PASSIVE');
    state = checkpoint(database, 'NOOP');
    pass += 1;
  } while (pass < passes && state.log > longestPages && state.log < relievedPages);
  return state;
}

/** Leaves the end of the log to the writer's next commit: a pass of ours at that time would be in its way. */
function leaveEnd(words: Int32Array): void {
  Atomics.store(words, CheckpointWord.left, 1);
  if (Atomics.load(words, CheckpointWord.stop) === 0) {
    Atomics.wait(words, CheckpointWord.left, 1, quietMs);
  }
  Atomics.store(words, CheckpointWord.left, 0);
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
      const state = isMuch || isQuiet ? moveLog(database) : null;
      Atomics.store(words, CheckpointWord.failing, 0);
      if (state !== null && state.log > longestPages && !isQuiet) leaveEnd(words);
    } catch {
      Atomics.store(words, CheckpointWord.failing, 1);
      pauseMs = againMs;
    }
    isQuiet = Atomics.wait(words, CheckpointWord.commits, seen, pauseMs) === 'timed-out';
  }
}

function run({ databasePath, words }: CheckpointJob): void {
  const database = new Database(databasePath, { fileMustExist: true });
  try {
    // What was moved is durable before the log that had it is begun anew.
    database.pragma('synchronous = FULL');
    work(database, new Int32Array(words));
  } finally {
    database.close();
  }
}

run(workerData as CheckpointJob);
