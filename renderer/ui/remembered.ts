import { useCallback, useState } from 'react';
import { useKeptState } from '../state/store.ts';

/** What this machine remembers under a name, e.g. `split.queue.detail`; null when there is nothing to be read. */
export function readRemembered(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(`watchfloor.${name}`) ?? 'null');
  } catch {
    return null;
  }
}

/** Remembers a value on this machine, for the next start too. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`watchfloor.${name}`, JSON.stringify(value));
  } catch {
    // Without storage it lasts for this page only.
  }
}

/**
 * Like useKeptState, and remembered for the next start.
 * @param name unique in the app, e.g. `queue.sort`
 * @param read gives a value for whatever was stored: by an older version, or nothing (null)
 */
export function useRememberedState<T>(
  name: string,
  read: (stored: unknown) => T,
): readonly [T, (next: T) => void] {
  const [initial] = useState(() => read(readRemembered(name)));
  const [value, keep] = useKeptState<T>(name, initial);
  const set = useCallback(
    (next: T) => {
      remember(name, next);
      keep(() => next);
    },
    [name, keep],
  );
  return [value, set];
}
