import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { formatAge, formatUtc, formatUtcClock } from '../../shared/domain/time.ts';
import { readCoreClock } from '../state/session.ts';
import { useApp, useAppStore } from '../state/store.ts';

/** One clock for the whole page: everything that shows an age moves at the same tick. */
export interface Ticker {
  subscribe(listener: () => void): () => void;
  /** This machine's time at the last tick, epoch ms. */
  nowMs(): number;
}

/** A ticker by the second. Timers, not animation frames: a hidden window has few of those. */
export function createTicker(readClock: () => number = Date.now): Ticker {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | null = null;
  let now = readClock();
  return {
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        now = readClock();
        for (const each of listeners) each();
      }, 1_000);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && timer) {
          clearInterval(timer);
          timer = null;
        }
      };
    },
    nowMs: () => now,
  };
}

export const TickerContext = createContext<Ticker>(createTicker());

/** The core's time now, epoch ms; the component is drawn again every second. */
export function useNow(): number {
  const ticker = useContext(TickerContext);
  const store = useAppStore();
  return readCoreClock(
    store.getState().clock,
    useSyncExternalStore(ticker.subscribe, ticker.nowMs, ticker.nowMs),
  );
}

/** How long ago, following the clock. */
export function Age({ timeMs }: { readonly timeMs: number }) {
  const now = useNow();
  return (
    <span className="age tabular" title={formatUtc(timeMs)}>
      {formatAge(timeMs, now)}
    </span>
  );
}

export interface TimeProps {
  readonly timeMs: number | null;
  /** `clock`: the time of day alone; `full`: with its date. */
  readonly format?: 'clock' | 'full';
  /** With its age beside it; on unless told. */
  readonly age?: boolean;
}

/** A moment, in UTC unless the analyst's zone setting says local, with its age. `null` is "not known". */
export function Time({ timeMs, format = 'full', age = true }: TimeProps) {
  const zone = useApp((state) => state.settings.zone);
  if (timeMs === null) return <span className="time">not known</span>;
  return (
    <span className="time">
      <time dateTime={formatUtc(timeMs)} title={formatUtc(timeMs)} className="tabular">
        {showTime(timeMs, zone, format)}
      </time>
      {age ? (
        <>
          {' '}
          <Age timeMs={timeMs} />
        </>
      ) : null}
    </span>
  );
}

/** A moment as text, by the zone setting: RFC 3339 with Z in UTC, with its offset in local time. */
export function showTime(timeMs: number, zone: 'utc' | 'local', format: 'clock' | 'full' = 'full'): string {
  if (zone === 'utc' || !Number.isFinite(timeMs)) {
    return format === 'clock' ? formatUtcClock(timeMs) : formatUtc(timeMs);
  }
  const offsetMinutes = -new Date(timeMs).getTimezoneOffset();
  const shifted = formatUtc(timeMs + offsetMinutes * 60_000);
  if (format === 'clock') return shifted.slice(11, 19);
  const size = Math.abs(offsetMinutes);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${shifted.slice(0, -1)}${offsetMinutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** `showTime` by the analyst's setting, for texts. */
export function useShowTime(): (timeMs: number, format?: 'clock' | 'full') => string {
  const zone = useApp((state) => state.settings.zone);
  return (timeMs, format = 'full') => showTime(timeMs, zone, format);
}

/** A value that follows another only after it stood still for a while, e.g. a search text. */
export function useDebounced<T>(value: T, delayMs = 200): T {
  const [held, setHeld] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setHeld(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return held;
}
