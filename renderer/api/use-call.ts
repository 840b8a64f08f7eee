import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type {
  EventName,
  EventPayload,
  MethodInput,
  MethodName,
  MethodOutput,
} from '../../shared/api/contract.ts';
import type { Progress } from '../../shared/api/envelope.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import type { Hub } from './hub.ts';

export const HubContext = createContext<Hub | null>(null);

/** The client of the core, the same object for the life of the page, whatever the connection does. */
export function useClient(): Hub {
  const hub = useContext(HubContext);
  if (!hub) throw new Error('useClient is used outside of AppProvider.');
  return hub;
}

/** What a call gave so far. `data` stays while a newer answer is awaited, so that nothing flickers. */
export interface CallState<Output> {
  readonly data: Output | null;
  readonly error: ErrorData | null;
  readonly loading: boolean;
  /** Whether `data` answers another input than the one asked for now. */
  readonly stale: boolean;
  readonly progress: Progress | null;
  readonly refetch: () => void;
}

export interface UseCallOptions {
  /** Ask again when one of these events comes. Bursts are answered by one call. */
  readonly events?: readonly EventName[];
  /** Ask again every so many milliseconds. */
  readonly everyMs?: number;
}

/** An event is answered by a call this much later, so that what comes with it is in the answer. */
const eventDelayMs = 120;
/** However many events come, a call is not repeated faster than this. */
const leastBetweenMs = 600;

interface Held<Output> {
  readonly key: string | null;
  readonly data: Output | null;
  readonly error: ErrorData | null;
  readonly loading: boolean;
  readonly progress: Progress | null;
}

/**
 * Calls a method and keeps its answer fresh: again when the input changes, when one of `options.events` comes,
 * after a gap in the events and after a reconnect. An input of null makes no call.
 *
 *   const cases = useCall('cases.list', { status: null, text: '' }, { events: ['cases.changed'] });
 */
export function useCall<M extends MethodName>(
  method: M,
  input: MethodInput<M> | null,
  options: UseCallOptions = {},
): CallState<MethodOutput<M>> {
  const hub = useClient();
  const inputKey = input === null ? null : `${method} ${JSON.stringify(input)}`;
  const inputRef = useRef(input);
  inputRef.current = input;
  const [held, setHeld] = useState<Held<MethodOutput<M>>>({
    key: null,
    data: null,
    error: null,
    loading: inputKey !== null,
    progress: null,
  });
  const [round, setRound] = useState(0);
  const refetch = useCallback(() => setRound((value) => value + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the input is compared by its content, a round asks again
  useEffect(() => {
    const current = inputRef.current;
    if (inputKey === null || current === null || !hub.isAttached()) return;
    const abort = new AbortController();
    let stale = false;
    setHeld((before) => ({ ...before, loading: true, progress: null }));
    hub
      .call(method, current, {
        signal: abort.signal,
        onProgress: (progress) => {
          if (!stale) setHeld((before) => ({ ...before, progress }));
        },
      })
      .then(
        (data) => {
          if (!stale) setHeld({ key: inputKey, data, error: null, loading: false, progress: null });
        },
        (thrown: unknown) => {
          if (stale) return;
          setHeld((before) => ({
            key: inputKey,
            data: before.key === inputKey ? before.data : null,
            error: toErrorData(thrown),
            loading: false,
            progress: null,
          }));
        },
      );
    return () => {
      stale = true;
      abort.abort();
    };
  }, [hub, method, inputKey, round]);

  useEffect(() => hub.onGap(refetch), [hub, refetch]);

  const eventsKey = (options.events ?? []).join(' ');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let lastMs = 0;
    const soon = () => {
      const waitMs = Math.max(eventDelayMs, lastMs + leastBetweenMs - Date.now());
      timer ??= setTimeout(() => {
        timer = null;
        lastMs = Date.now();
        refetch();
      }, waitMs);
    };
    const names = eventsKey === '' ? [] : (eventsKey.split(' ') as EventName[]);
    const stops = names.map((name) => hub.on(name, soon));
    return () => {
      for (const stop of stops) stop();
      if (timer) clearTimeout(timer);
    };
  }, [hub, eventsKey, refetch]);

  const { everyMs } = options;
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(refetch, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, refetch]);

  return useMemo(
    () => ({
      data: held.data,
      error: held.error,
      loading: inputKey !== null && (held.loading || held.key !== inputKey),
      stale: inputKey !== null && held.data !== null && held.key !== inputKey,
      progress: held.progress,
      refetch,
    }),
    [held, inputKey, refetch],
  );
}

/** Listens to an event of the core while the component is shown. */
export function useCoreEvent<E extends EventName>(
  event: E,
  listener: (payload: EventPayload<E>) => void,
): void {
  const hub = useClient();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => hub.on(event, (payload) => latest.current(payload)), [hub, event]);
}

export interface ActionState<M extends MethodName> {
  /** Resolves with the answer, or with null when it failed; then `error` says why. */
  readonly run: (input: MethodInput<M>) => Promise<MethodOutput<M> | null>;
  readonly running: boolean;
  readonly progress: Progress | null;
  readonly error: ErrorData | null;
  readonly clearError: () => void;
  /** Asks the core to stop; the call then fails with `cancelled`. */
  readonly cancel: () => void;
}

/** A method that a person sets off: whether it runs, how far it is, what went wrong. */
export function useAction<M extends MethodName>(method: M): ActionState<M> {
  const hub = useClient();
  const [state, setState] = useState<{
    running: boolean;
    progress: Progress | null;
    error: ErrorData | null;
  }>({ running: false, progress: null, error: null });
  const abort = useRef<AbortController | null>(null);
  const run = useCallback(
    async (input: MethodInput<M>) => {
      const controller = new AbortController();
      abort.current = controller;
      setState({ running: true, progress: null, error: null });
      try {
        const output = await hub.call(method, input, {
          signal: controller.signal,
          onProgress: (progress) => setState((before) => ({ ...before, progress })),
        });
        setState({ running: false, progress: null, error: null });
        return output;
      } catch (thrown) {
        setState({ running: false, progress: null, error: toErrorData(thrown) });
        return null;
      }
    },
    [hub, method],
  );
  const clearError = useCallback(() => setState((before) => ({ ...before, error: null })), []);
  const cancel = useCallback(() => abort.current?.abort(), []);
  return { run, running: state.running, progress: state.progress, error: state.error, clearError, cancel };
}
