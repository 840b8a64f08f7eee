import { useEffect, useRef, useState } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import { useClient, useCoreEvent } from '../ui/index.ts';

type View = MethodOutput<'views.list'>[number];

/** Counting rests at least so long, and so many times as long as it took: a tenth of the core's time at most. */
const leastRestMs = 2 * secondMs;
const restShare = 9;

/**
 * How many alerts each view finds now. Counted one after the other, anew when alerts changed and once a minute, for
 * some views ask for the last hour; a view that could not be counted has no number.
 */
export function useViewCounts(views: readonly View[]): ReadonlyMap<string, number> {
  const client = useClient();
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(new Map());
  const changed = useRef<() => void>(() => undefined);
  useCoreEvent('alerts.changed', () => changed.current());
  const key = JSON.stringify(views);
  // biome-ignore lint/correctness/useExhaustiveDependencies: views are compared by their content
  useEffect(() => {
    const abort = new AbortController();
    let isStale = true;
    let isBusy = false;
    let rest: ReturnType<typeof setTimeout> | null = null;
    const countAll = async () => {
      isStale = false;
      isBusy = true;
      const startedMs = performance.now();
      const next = new Map<string, number>();
      for (const view of views) {
        try {
          const { count } = await client.call(
            'alerts.count',
            { query: view.query },
            { signal: abort.signal },
          );
          next.set(view.id, count);
        } catch {
          // The list itself says what is wrong with the core; a number that is not known is left out.
        }
        if (abort.signal.aborted) return;
      }
      setCounts(next);
      isBusy = false;
      rest = setTimeout(
        () => {
          rest = null;
          if (isStale) void countAll();
        },
        Math.max(leastRestMs, restShare * (performance.now() - startedMs)),
      );
    };
    changed.current = () => {
      isStale = true;
      if (!isBusy && rest === null) void countAll();
    };
    const everyMinute = setInterval(() => changed.current(), minuteMs);
    if (views.length > 0) void countAll();
    else setCounts(new Map());
    return () => {
      abort.abort();
      clearInterval(everyMinute);
      if (rest !== null) clearTimeout(rest);
      changed.current = () => undefined;
    };
  }, [client, key]);
  return counts;
}
