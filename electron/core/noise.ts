import {
  addWatched,
  mostNoiseAlerts,
  type Noise,
  noiseDays,
  noiseGroups,
  startOfDay,
  type WatchedDay,
} from '../../shared/domain/noise.ts';
import { dayMs, minuteMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';

const watchedKey = 'core.watched-days';
/** Longer than this between two beats, and the machine slept or stood still: nothing was watched. */
const longestBeatMs = 3 * minuteMs;

/** Notes on which days Watchfloor ran, so that a day without alerts is told from a day on which nobody looked. */
export interface WatchLog {
  /** Watchfloor still runs. */
  beat(): void;
}

export function createWatchLog(store: Store, nowMs: () => number): WatchLog {
  let lastMs = nowMs();
  return {
    beat() {
      const now = nowMs();
      if (now > lastMs && now - lastMs <= longestBeatMs) {
        store.settings.set(watchedKey, addWatched(watchedDays(store), lastMs, now));
      }
      lastMs = now;
    },
  };
}

function watchedDays(store: Store): readonly WatchedDay[] {
  // Written by this module alone, under its own key.
  return (store.settings.get(watchedKey) as WatchedDay[] | null) ?? [];
}

/**
 * Actionable alerts of the last days by customer and day, and where they come from.
 * @param customerId whose noise is told by its sources; null for everybody's
 */
export function readNoise(store: Store, customerId: string | null, nowMs: number): Noise {
  const today = startOfDay(nowMs);
  const sinceMs = today - (noiseDays - 1) * dayMs;
  const watched = new Map(watchedDays(store).map((day) => [day.dayMs, day.watchedMs]));
  const days = Array.from({ length: noiseDays }, (_, index) => {
    const day = sinceMs + index * dayMs;
    return { dayMs: day, watchedMs: watched.get(day) ?? 0, lengthMs: Math.min(dayMs, nowMs - day) };
  });
  const counted = store.alerts.actionableByDay(sinceMs);
  const countsOf = (id: string | null) =>
    days.map((day) => counted.find((row) => row.customerId === id && row.dayMs === day.dayMs)?.count ?? 0);
  const ids = [
    ...store.customers.list().map(({ id }) => id),
    ...(counted.some((row) => row.customerId === null) ? [null] : []),
  ];
  const alerts = store.alerts.actionableSince(sinceMs, customerId, mostNoiseAlerts + 1);
  const read = alerts.slice(0, mostNoiseAlerts);
  return {
    days,
    customers: ids.map((id) => ({ customerId: id, counts: countsOf(id) })),
    groups: noiseGroups(read),
    alerts: read.length,
    isExact: alerts.length <= mostNoiseAlerts,
  };
}
