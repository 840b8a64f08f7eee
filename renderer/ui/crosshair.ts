import { createContext } from 'react';

/** The moment that all charts of a screen point at together; null while none is pointed at. */
export interface Crosshair {
  get(): number | null;
  set(timeMs: number | null): void;
  subscribe(listener: () => void): () => void;
}

export function createCrosshair(): Crosshair {
  let current: number | null = null;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(timeMs) {
      if (timeMs === current) return;
      current = timeMs;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** Charts below one provider share their crosshair; without one they share the page's. */
export const CrosshairContext = createContext<Crosshair>(createCrosshair());
