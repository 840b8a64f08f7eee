import { useCallback, useEffect, useState } from 'react';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { useLiveSamples } from '../state/live-samples.ts';
import { useApp, useClient, useCoreNow } from '../ui/index.ts';

/** Points asked for a signal: an hour of seconds. */
const mostPoints = 3_700;
/** While history is still being loaded behind the screen, what is there so far is shown. */
const loadingRefreshMs = 4_000;
/** While a source lags, its past is filled in late. */
const behindRefreshMs = 10_000;
/** Windows longer than an hour rest on roll-ups, which are asked anew now and then. */
const refreshMs = 60_000;

/**
 * Fills the live samples of these signals with their history, again when the window changes, after gaps in the
 * events, and every minute where roll-ups are shown.
 */
export function useHistory(
  signalIds: readonly string[],
  windowMs: number,
): { readonly loading: boolean; readonly error: ErrorData | null; readonly retry: () => void } {
  const client = useClient();
  const live = useLiveSamples();
  const coreNow = useCoreNow();
  const [state, setState] = useState<{ loading: boolean; error: ErrorData | null }>({
    loading: true,
    error: null,
  });
  const [round, setRound] = useState(0);
  const retry = useCallback(() => setRound((value) => value + 1), []);
  const key = signalIds.join('\n');

  useEffect(() => client.onGap(retry), [client, retry]);
  const isLoadingHistory = useApp(
    (app) =>
      (app.range?.running === true && app.range.historyProgress < 1) ||
      (app.status?.sources.some(({ health }) => ['back-filling', 'starting'].includes(health.state)) ??
        false),
  );
  // A source that lags fills its past later: its newest points never come as live ones.
  const isBehind = useApp(
    (app) => app.status?.sources.some(({ health }) => health.state === 'lagging') ?? false,
  );
  const everyMs = isLoadingHistory
    ? loadingRefreshMs
    : isBehind
      ? behindRefreshMs
      : windowMs > 3_600_000
        ? refreshMs
        : null;
  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(retry, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, retry]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a round asks again, and so does the end of loading
  useEffect(() => {
    const ids = key === '' ? [] : key.split('\n');
    if (ids.length === 0) return;
    let stale = false;
    const nowMs = coreNow();
    setState((before) => ({ ...before, loading: true }));
    // A few signals a call, so that the first charts are there before the last.
    const batches = Array.from({ length: Math.ceil(ids.length / 4) }, (_, index) =>
      ids.slice(index * 4, index * 4 + 4),
    );
    void (async () => {
      try {
        for (const batch of batches) {
          const windows = await client.call('signals.window', {
            signalIds: batch,
            fromMs: nowMs - windowMs,
            toMs: nowMs + 5_000,
            maxPoints: mostPoints,
          });
          if (stale) return;
          for (const window of windows) live.fill(window);
        }
        setState({ loading: false, error: null });
      } catch (thrown) {
        if (!stale) setState({ loading: false, error: toErrorData(thrown) });
      }
    })();
    return () => {
      stale = true;
    };
  }, [client, live, coreNow, key, windowMs, round, isLoadingHistory, isBehind]);

  return { ...state, retry };
}
