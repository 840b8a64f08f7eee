/**
 * The thread in which a back-test runs: its own connection, reading alone, below everything else in priority. It ends
 * by itself after its one answer.
 */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { BackTestRequest, BackTestResult } from '../../shared/domain/back-test.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { openStore } from '../db/index.ts';
import { type ReplayProgress, replayHistory } from './back-test-replay.ts';

/** What the thread is given. */
export interface BackTestJob {
  readonly dataDirectory: string;
  readonly appVersion: string;
  readonly simulated: boolean;
  readonly nowMs: number;
  readonly request: BackTestRequest;
}

/** What it says. */
export type BackTestWord =
  | ({ readonly type: 'progress' } & ReplayProgress)
  | { readonly type: 'result'; readonly result: BackTestResult }
  | { readonly type: 'error'; readonly error: ErrorData };

const lowPriority = 10;
/** Words on the way: more often than this nobody reads them. */
const progressEveryMs = 100;

function run(job: BackTestJob, tell: (word: BackTestWord) => void): void {
  const store = openStore(job.dataDirectory, {
    nowMs: () => job.nowMs,
    appVersion: job.appVersion,
    simulated: job.simulated,
    readOnly: true,
  });
  try {
    let toldMs = Number.NEGATIVE_INFINITY;
    const result = replayHistory(store, job.request, (progress) => {
      if (performance.now() - toldMs < progressEveryMs) return;
      toldMs = performance.now();
      tell({ type: 'progress', ...progress });
    });
    tell({ type: 'result', result });
  } finally {
    store.close();
  }
}

const port = parentPort;
if (port !== null) {
  const tell = (word: BackTestWord) => port.postMessage(word);
  try {
    // On Linux a thread has a priority of its own; elsewhere this would slow the whole core.
    if (process.platform === 'linux') setPriority(lowPriority);
    // Given by `back-test.ts` alone.
    run(workerData as BackTestJob, tell);
  } catch (thrown) {
    tell({ type: 'error', error: toErrorData(thrown) });
  }
}
