import { useCallback } from 'react';
import type { Progress } from '../../shared/api/envelope.ts';
import type { BackTestRequest, BackTestResult } from '../../shared/domain/back-test.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { useAppStore, useClient, useKeptState } from '../ui/index.ts';

/** How the last back-test stands. It goes on while another screen is shown. */
export type BackTestState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly progress: Progress | null; readonly cancel: () => void }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'done'; readonly result: BackTestResult };

const none: BackTestState = { kind: 'none' };

/** Runs back-tests and keeps the last one's outcome; its progress stands at the bottom edge, too. */
export function useBackTest(): {
  readonly state: BackTestState;
  readonly run: (request: BackTestRequest) => Promise<void>;
} {
  const client = useClient();
  const store = useAppStore();
  const [state, setState] = useKeptState<BackTestState>('backtest.state', none);
  const run = useCallback(
    async (request: BackTestRequest) => {
      const controller = new AbortController();
      const cancel = () => controller.abort();
      const { startJob, updateJob, endJob } = store.getState();
      const job = startJob({ label: 'Back-test', total: request.signalIds.length, cancel });
      setState({ kind: 'running', progress: null, cancel });
      try {
        const result = await client.call('backtest.run', request, {
          signal: controller.signal,
          onProgress: (progress) => {
            setState({ kind: 'running', progress, cancel });
            updateJob(job, { done: Math.floor(progress.done), total: progress.total });
          },
        });
        setState({ kind: 'done', result });
      } catch (thrown) {
        const error = toErrorData(thrown);
        setState(error.code === 'cancelled' ? { kind: 'stopped' } : { kind: 'failed', error });
      } finally {
        endJob(job);
      }
    },
    [client, store, setState],
  );
  return { state, run };
}
