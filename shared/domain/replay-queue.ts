import type { CaseEntry } from './case.ts';
import { type AlertThen, type AlertTrack, knownThen, trueThen } from './replay-alerts.ts';

/** An alert at a moment: as it was known, and as it was. */
export interface QueueRow {
  readonly id: string;
  /** null: not known yet. */
  readonly known: AlertThen | null;
  /** null: it had not begun. */
  readonly actual: AlertThen | null;
  /** From when on it was known there; infinite where it never was. */
  readonly knownFromMs: number;
  /** Whether it was linked to the case, as far as was known. */
  readonly isLinked: boolean;
  /** The greater, the higher in the queue: what is open, then the worst, then the newest. */
  readonly urgency: number;
}

/** When an alert was linked to the case or taken out, by when that was known. */
export type Links = readonly { readonly knownMs: number; readonly isLinked: boolean }[];

/** When alerts were linked to the case and taken out, as known there. */
export function linksOf(
  entries: readonly CaseEntry[],
  contentOf: (entry: CaseEntry) => number,
): ReadonlyMap<string, Links> {
  const links = new Map<string, { knownMs: number; isLinked: boolean }[]>();
  for (const entry of entries) {
    const { payload } = entry;
    if (payload?.kind !== 'alert-linked' && payload?.kind !== 'alert-unlinked') continue;
    const all = links.get(payload.alertId) ?? [];
    all.push({ knownMs: contentOf(entry), isLinked: payload.kind === 'alert-linked' });
    links.set(payload.alertId, all);
  }
  for (const all of links.values()) all.sort((left, right) => left.knownMs - right.knownMs);
  return links;
}

const severityRanks = { informational: 0, low: 1, medium: 2, high: 3, critical: 4 } as const;
/** More than any time in ms, so that times only order what is equally urgent. */
const aboveTimes = 1e13;

function urgencyOf({ status, severity, firstSeenMs }: AlertThen): number {
  return ((status === 'closed' ? 0 : 5) + severityRanks[severity]) * aboveTimes + firstSeenMs;
}

function queueRow(track: AlertTrack, links: Links, timeMs: number): QueueRow | null {
  const known = knownThen(track, timeMs);
  const actual = trueThen(track, timeMs);
  const shown = known ?? actual;
  if (shown === null) return null;
  return {
    id: track.alert.id,
    known,
    actual,
    knownFromMs: track.knownFromMs,
    isLinked: links.findLast(({ knownMs }) => knownMs <= timeMs)?.isLinked ?? false,
    urgency: urgencyOf(shown),
  };
}

/**
 * The rows of a queue at any moment. Of most alerts nothing changes any more, or nothing is there yet, at most
 * moments: their last rows are made once.
 */
export function queueOf(
  tracks: readonly AlertTrack[],
  links: ReadonlyMap<string, Links>,
): (timeMs: number) => QueueRow[] {
  const ends = tracks.map((track) => {
    const own = links.get(track.alert.id) ?? [];
    const times = [
      track.alert.firstSeenMs,
      track.knownFromMs,
      track.occurred.at(-1) ?? 0,
      track.received.at(-1) ?? 0,
      track.changes.at(-1)?.timeMs ?? 0,
      track.words.at(-1)?.knownMs ?? 0,
      own.at(-1)?.knownMs ?? 0,
    ].filter((timeMs) => Number.isFinite(timeMs));
    const endMs = Math.max(...times);
    return { track, links: own, endMs, last: queueRow(track, own, endMs) };
  });
  return (timeMs) => {
    const rows: QueueRow[] = [];
    for (const { track, links: own, endMs, last } of ends) {
      const row = timeMs >= endMs ? last : queueRow(track, own, timeMs);
      if (row !== null) rows.push(row);
    }
    return rows.sort((left, right) => right.urgency - left.urgency || (left.id < right.id ? -1 : 1));
  };
}
