import { z } from 'zod';
import type { Alert } from './alert.ts';
import { dayMs, minuteMs } from './time.ts';

/** So many days are looked back on, today included. */
export const noiseDays = 7;
/** What calls is read from so many alerts at most, the newest. */
export const mostNoiseAlerts = 5_000;
/** So many of a kind are told, the loudest. */
const mostGroups = 8;

export const noiseKinds = ['source', 'service', 'signal', 'rule'] as const;
/** By what noise is told: its source, service and signal by id, the rule by the title that its alerts bear. */
export type NoiseKind = (typeof noiseKinds)[number];

export const noiseGroupSchema = z.object({
  key: z.string(),
  /** Of a service or of the alerts of a rule; null where there is none, or several. */
  customerId: z.string().nullable(),
  count: z.number().int(),
  /** How many have a disposition, and of those how many are false or benign positives. */
  judged: z.number().int(),
  nothing: z.number().int(),
});
/** Actionable alerts that have one thing in common. */
export type NoiseGroup = z.infer<typeof noiseGroupSchema>;

export const noiseSchema = z.object({
  /** UTC days, the oldest first; the last one is today so far. */
  days: z.array(
    z.object({
      dayMs: z.number(),
      /** How much of it Watchfloor ran, and how long it is (today: until now). */
      watchedMs: z.number(),
      lengthMs: z.number(),
    }),
  ),
  /** By customer, null for alerts of nobody known: how many actionable alerts were received on each of the days. */
  customers: z.array(z.object({ customerId: z.string().nullable(), counts: z.array(z.number().int()) })),
  /** What calls, of the customer that was asked for, the loudest first. */
  groups: z.record(z.enum(noiseKinds), z.array(noiseGroupSchema)),
  /** On how many alerts the groups rest; false where older ones of these days were left aside. */
  alerts: z.number().int(),
  isExact: z.boolean(),
});
/** What called people in the last days, and from where it came. */
export type Noise = z.infer<typeof noiseSchema>;

/** What is needed of an alert to tell where noise comes from. */
export type NoiseAlert = Pick<
  Alert,
  'customerId' | 'serviceId' | 'sourceId' | 'title' | 'signalIds' | 'disposition'
>;

/** The start of the UTC day that a moment belongs to. */
export function startOfDay(timeMs: number): number {
  return Math.floor(timeMs / dayMs) * dayMs;
}

/** Where actionable alerts come from. An alert counts once for each of its signals. */
export function noiseGroups(alerts: readonly NoiseAlert[]): Noise['groups'] {
  const keysOf: Record<NoiseKind, (alert: NoiseAlert) => readonly string[]> = {
    source: ({ sourceId }) => [sourceId],
    service: ({ serviceId }) => (serviceId === null ? [] : [serviceId]),
    signal: ({ signalIds }) => signalIds,
    rule: ({ title }) => [title],
  };
  const groupBy = (kind: NoiseKind): NoiseGroup[] => {
    const groups = new Map<string, NoiseGroup>();
    for (const alert of alerts) {
      const isNothing = alert.disposition === 'false-positive' || alert.disposition === 'benign-positive';
      for (const key of keysOf[kind](alert)) {
        const group = groups.get(key) ?? {
          key,
          customerId: alert.customerId,
          count: 0,
          judged: 0,
          nothing: 0,
        };
        groups.set(key, {
          key,
          customerId: group.customerId === alert.customerId ? group.customerId : null,
          count: group.count + 1,
          judged: group.judged + (alert.disposition === null ? 0 : 1),
          nothing: group.nothing + (isNothing ? 1 : 0),
        });
      }
    }
    return [...groups.values()].sort((left, right) => right.count - left.count).slice(0, mostGroups);
  };
  return {
    source: groupBy('source'),
    service: groupBy('service'),
    signal: groupBy('signal'),
    rule: groupBy('rule'),
  };
}

/** Less than this missing of a day is a start or an update, and hides nothing. */
const missableMs = 10 * minuteMs;

/** Whether a day was watched: then no alert means that nothing called; else it is not known. */
export function watchedHow({ watchedMs, lengthMs }: Noise['days'][number]): 'whole' | 'partly' | 'not' {
  if (watchedMs >= lengthMs - missableMs) return 'whole';
  return watchedMs > 0 ? 'partly' : 'not';
}

/** How long Watchfloor ran on a UTC day. */
export interface WatchedDay {
  readonly dayMs: number;
  readonly watchedMs: number;
}

/** Adds a stretch in which Watchfloor ran; it may go over midnight. Only the newest days are kept. */
export function addWatched(days: readonly WatchedDay[], fromMs: number, toMs: number): readonly WatchedDay[] {
  const watched = new Map(days.map((day) => [day.dayMs, day.watchedMs]));
  for (let at = fromMs; at < toMs; ) {
    const day = startOfDay(at);
    const endMs = Math.min(toMs, day + dayMs);
    watched.set(day, (watched.get(day) ?? 0) + endMs - at);
    at = endMs;
  }
  return [...watched]
    .map(([day, watchedMs]) => ({ dayMs: day, watchedMs }))
    .sort((left, right) => left.dayMs - right.dayMs)
    .slice(-4 * noiseDays);
}
