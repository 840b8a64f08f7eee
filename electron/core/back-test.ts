import { Worker } from 'node:worker_threads';
import type { CallContext } from '../../shared/api/server.ts';
import {
  type BackTestRequest,
  type BackTestResult,
  longestBackTestMs,
} from '../../shared/domain/back-test.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { Store } from '../db/index.ts';
import { workerFile } from '../worker-file.ts';
import type { BackTestJob, BackTestWord } from './back-test-worker.ts';

/** How soon a cancel is noticed. */
const lookEveryMs = 50;
const mostMebibytes = 512;

/** Back-tests of this workspace: one at a time, off the main path. */
export interface BackTests {
  /**
   * @throws WatchfloorError `conflict` while another runs, `cancelled` when the caller stopped it or the core closes,
   *   `bad-input`, `not-found` and `too-large` as the replay says
   */
  run(request: BackTestRequest, context: CallContext): Promise<BackTestResult>;
  close(): Promise<void>;
}

export function createBackTests(deps: {
  readonly store: Store;
  readonly appVersion: string;
  readonly nowMs: () => number;
}): BackTests {
  let stop: (() => Promise<void>) | null = null;

  function start(request: BackTestRequest, context: CallContext): Promise<BackTestResult> {
    const job: BackTestJob = {
      dataDirectory: deps.store.dataDirectory,
      appVersion: deps.appVersion,
      simulated: deps.store.simulated,
      nowMs: deps.nowMs(),
      request,
    };
    const worker = new Worker(workerFile(import.meta.dirname, 'back-test-worker'), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: mostMebibytes },
    });
    return new Promise((resolve, reject) => {
      // Settled when the thread is gone: whoever hears of its end may start the next one at once.
      let settle = () =>
        reject(
          new WatchfloorError('internal', 'The back-test ended without an answer. Nothing was changed.'),
        );
      const fail = (error: WatchfloorError) => {
        settle = () => reject(error);
      };
      stop = async () => {
        fail(new WatchfloorError('cancelled', 'The back-test was stopped.'));
        await worker.terminate();
      };
      const timer = setInterval(() => {
        if (context.isCancelled()) void stop?.();
      }, lookEveryMs);
      worker.on('message', (word: BackTestWord) => {
        if (word.type === 'progress') {
          const { done, total } = word;
          const text = `Replaying signal ${Math.min(total, Math.floor(done) + 1)} of ${total}`;
          context.progress({ done, total, text });
        } else if (word.type === 'result') settle = () => resolve(word.result);
        else fail(new WatchfloorError(word.error.code, word.error.message, word.error.details));
      });
      worker.on('error', (thrown) => {
        fail(
          new WatchfloorError(
            'internal',
            'The back-test broke off. Nothing was changed; choose fewer signals or a shorter range.',
            String(thrown),
          ),
        );
      });
      worker.on('exit', () => {
        clearInterval(timer);
        stop = null;
        settle();
      });
    });
  }

  return {
    async run(request, context) {
      if (stop !== null) {
        throw new WatchfloorError('conflict', 'Another back-test is running. Stop it, or wait for its end.');
      }
      if (!(request.toMs > request.fromMs) || request.toMs - request.fromMs > longestBackTestMs) {
        throw new WatchfloorError('bad-input', 'A back-test covers more than nothing and at most 90 days.');
      }
      context.progress({ done: 0, total: request.signalIds.length, text: 'Opening the history' });
      return start(request, context);
    },
    async close() {
      await stop?.();
    },
  };
}
