import { createContext, useContext } from 'react';
import {
  appendSample,
  createSeriesBuffer,
  fillFromWindow,
  type SeriesBuffer,
} from '../../shared/domain/series.ts';
import type { LiveSample, SignalWindow } from '../../shared/domain/signal.ts';

/**
 * The newest samples of each signal in ring buffers, outside of React: charts read them
 * once a second, at the page's one tick.
 */
export interface LiveSamples {
  /** The buffer of a signal, made when it is first asked for. */
  buffer(signalId: string): SeriesBuffer;
  /** Takes a stretch of history as the base; live points after its end stay. */
  fill(window: SignalWindow): void;
  push(rows: readonly LiveSample[]): void;
  /** Calls back after a history was filled in; charts read points themselves once a second. */
  subscribeFills(listener: () => void): () => void;
  fillCount(): number;
  clear(): void;
}

/** @param capacity points kept a signal; an hour of seconds and a bit more unless told */
export function createLiveSamples(capacity = 4_000): LiveSamples {
  const buffers = new Map<string, SeriesBuffer>();
  const listeners = new Set<() => void>();
  let fills = 0;

  function buffer(signalId: string): SeriesBuffer {
    let found = buffers.get(signalId);
    if (!found) {
      found = createSeriesBuffer(capacity);
      buffers.set(signalId, found);
    }
    return found;
  }

  function announce(): void {
    fills += 1;
    for (const listener of listeners) listener();
  }

  return {
    buffer,
    fill(window) {
      fillFromWindow(buffer(window.signalId), window);
      announce();
    },
    push(rows) {
      for (const row of rows) {
        const known = buffers.get(row.signalId);
        if (known) appendSample(known, row);
      }
    },
    subscribeFills(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    fillCount: () => fills,
    clear() {
      buffers.clear();
      announce();
    },
  };
}

export const LiveContext = createContext<LiveSamples | null>(null);

export function useLiveSamples(): LiveSamples {
  const live = useContext(LiveContext);
  if (!live) throw new Error('useLiveSamples is used outside of AppProvider.');
  return live;
}
