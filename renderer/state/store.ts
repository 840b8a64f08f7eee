import { createContext, useCallback, useContext, useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppState } from './app-state.ts';
import { createBrushSlice } from './brush.ts';
import { createConnectionSlice } from './connection.ts';
import { createMessagesSlice } from './messages.ts';
import { createScreenSlice, type Destination, type ScreenName } from './screen.ts';
import { createSessionSlice, readCoreClock } from './session.ts';

export type AppStore = StoreApi<AppState>;

/** Puts the slices together: called once, at the root (and by each test). */
export function createAppStore(): AppStore {
  return createStore<AppState>()((...api) => ({
    ...createConnectionSlice(...api),
    ...createSessionSlice(...api),
    ...createScreenSlice(...api),
    ...createBrushSlice(...api),
    ...createMessagesSlice(...api),
  }));
}

export const AppStoreContext = createContext<AppStore | null>(null);

/** The store itself, for handlers that read once: `useAppStore().getState()`. */
export function useAppStore(): AppStore {
  const store = useContext(AppStoreContext);
  if (!store) throw new Error('useAppStore is used outside of AppProvider.');
  return store;
}

/** Reads a piece of the state and follows it: `useApp((state) => state.brush)`. */
export function useApp<T>(selector: (state: AppState) => T): T {
  return useStore(useAppStore(), selector);
}

/**
 * Like useState, but kept while the screen is not shown, so that coming back finds everything as it was.
 * @param key unique in the app, e.g. `queue.lane`
 */
export function useKeptState<T>(
  key: string,
  initial: T,
): readonly [T, (next: T | ((before: T) => T)) => void] {
  const store = useAppStore();
  // The key is the value's type tag: one key is used in one place only.
  const value = useApp((state) => (Object.hasOwn(state.kept, key) ? (state.kept[key] as T) : initial));
  const initialRef = useRef(initial);
  const set = useCallback(
    (next: T | ((before: T) => T)) => {
      const { kept, keep } = store.getState();
      const before = Object.hasOwn(kept, key) ? (kept[key] as T) : initialRef.current;
      keep(key, typeof next === 'function' ? (next as (before: T) => T)(before) : next);
    },
    [store, key],
  );
  return [value, set];
}

/** Calls back once for every arrival at this screen, with what it is asked to show. */
export function useArrival(screen: ScreenName, onArrive: (destination: Destination) => void): void {
  const store = useAppStore();
  const arrival = useApp((state) => state.arrival);
  const latest = useRef(onArrive);
  latest.current = onArrive;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new arrival is what sets this off
  useEffect(() => {
    const state = store.getState();
    if (state.screen === screen) latest.current(state.destination);
  }, [store, screen, arrival]);
}

/** The core's clock now, epoch ms; in the range it is the simulated one. */
export function useCoreNow(): () => number {
  const store = useAppStore();
  return useCallback(() => readCoreClock(store.getState().clock, Date.now()), [store]);
}
