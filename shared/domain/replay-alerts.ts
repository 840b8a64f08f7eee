import { type Alert, type AlertStatus, type Severity, severitySchema } from './alert.ts';
import type { ReplayAlert } from './replay-facts.ts';

/** What people had made of an alert at a moment. */
export interface AlertStand {
  readonly status: AlertStatus;
  readonly severity: Severity;
  readonly assignee: string | null;
}

interface Change {
  readonly timeMs: number;
  readonly stand: AlertStand;
}

const undone = 'Undone: ';
const setSeverity = 'Severity set to ';

/** What a line of an alert's history makes of it; the lines are those that the core writes. */
function changed(stand: AlertStand, sentence: string, actor: string): AlertStand {
  if (sentence === 'Acknowledged') return { ...stand, status: 'acknowledged' };
  if (sentence === 'Taken') return { ...stand, status: 'in-progress', assignee: actor };
  if (sentence === 'Released') {
    return {
      ...stand,
      assignee: null,
      status: stand.status === 'in-progress' ? 'acknowledged' : stand.status,
    };
  }
  if (sentence.startsWith('Closed as ')) return { ...stand, status: 'closed' };
  if (sentence === 'Reopened') {
    return { ...stand, status: stand.assignee === null ? 'new' : 'in-progress' };
  }
  if (/^(?:Came back|Came again)/.test(sentence)) return { ...stand, status: 'new' };
  if (sentence.startsWith('Linked to case ')) {
    return { ...stand, status: stand.status === 'closed' ? stand.status : 'in-progress' };
  }
  if (sentence.startsWith(setSeverity)) {
    const severity = severitySchema.safeParse(sentence.slice(setSeverity.length));
    return severity.success ? { ...stand, severity: severity.data } : stand;
  }
  return stand;
}

/** How an alert stood from each line of its history on. */
function changesOf(alert: ReplayAlert, firstSeverity: Severity): Change[] {
  const done: { readonly sentence: string; readonly before: AlertStand }[] = [];
  let stand: AlertStand = { status: 'new', severity: firstSeverity, assignee: null };
  return [...alert.history]
    .sort((left, right) => left.timeMs - right.timeMs)
    .map(({ timeMs, actor, sentence }) => {
      if (sentence.startsWith(undone)) {
        const place = done.findLastIndex((each) => each.sentence === sentence.slice(undone.length));
        stand = done.splice(place, place < 0 ? 0 : 1)[0]?.before ?? stand;
      } else {
        done.push({ sentence, before: stand });
        stand = changed(stand, sentence, actor);
      }
      return { timeMs, stand };
    });
}

/** How many of these rising numbers are at most so large. */
export function countUpTo(rising: Float64Array, most: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is known of an alert elsewhere from an entry that arrived there: as it was when somebody wrote it down. */
export interface AlertWord {
  readonly knownMs: number;
  readonly severity: Severity;
  readonly title: string;
  readonly count: number;
  readonly lastSeenMs: number;
}

/** An alert, ready to be asked how it was at any moment. */
export interface AlertTrack {
  readonly alert: ReplayAlert;
  /** From here on it was known there; infinite where it never was. */
  readonly knownFromMs: number;
  /** Whether its occurrences came to that workstation as they were received. */
  readonly isLocal: boolean;
  readonly occurred: Float64Array;
  readonly received: Float64Array;
  /** The latest occurrence among those received up to each place of `received`. */
  readonly latest: Float64Array;
  readonly changes: readonly Change[];
  readonly firstStand: AlertStand;
  /** By arrival; what a workstation knows that did not receive the alert itself. */
  readonly words: readonly AlertWord[];
}

/**
 * @param words what entries said of it, by their arrival at the workstation
 * @param isLocal the workstation received it itself
 */
export function alertTrack(alert: ReplayAlert, words: readonly AlertWord[], isLocal: boolean): AlertTrack {
  // What it was before a person set it is what was written down when it was linked.
  const wasSet = alert.history.some(({ sentence }) => sentence.startsWith(setSeverity));
  const pairs = alert.receivedMsOf
    .map((receivedMs, index) => ({ receivedMs, occurredMs: alert.occurredMs[index] ?? receivedMs }))
    .sort((left, right) => left.receivedMs - right.receivedMs);
  let lastMs = alert.firstSeenMs;
  const latest = Float64Array.from(pairs, ({ occurredMs }) => {
    lastMs = Math.max(lastMs, occurredMs);
    return lastMs;
  });
  const firstSeverity = (wasSet ? words[0]?.severity : undefined) ?? alert.severity;
  return {
    alert,
    isLocal,
    knownFromMs: isLocal ? alert.receivedMs : (words[0]?.knownMs ?? Number.POSITIVE_INFINITY),
    occurred: Float64Array.from(alert.occurredMs).sort(),
    received: Float64Array.from(pairs, ({ receivedMs }) => receivedMs),
    latest,
    changes: changesOf(alert, firstSeverity),
    firstStand: { status: 'new', severity: firstSeverity, assignee: null },
    words,
  };
}

function lastBefore<T>(rows: readonly T[], timeOf: (row: T) => number, timeMs: number): T | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && timeOf(row) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return rows[low - 1];
}

/** An alert as a row of a queue of then. */
export interface AlertThen extends AlertStand {
  readonly id: string;
  readonly title: string;
  readonly lane: Alert['lane'];
  readonly firstSeenMs: number;
  /** Of what was known then. */
  readonly lastSeenMs: number;
  readonly count: number;
  /** False where the count is the least that it was: older occurrences are known by number only. */
  readonly isExact: boolean;
}

function counted(track: AlertTrack, times: Float64Array, kept: number): Pick<AlertThen, 'count' | 'isExact'> {
  const { leftOut, count } = track.alert;
  if (times.length === 0) return { count: Math.max(1, count), isExact: count <= 1 };
  if (kept > 0) return { count: leftOut + kept, isExact: true };
  return { count: 1, isExact: leftOut === 0 };
}

/** The alert as it was known at a moment; null before it was. */
export function knownThen(track: AlertTrack, timeMs: number): AlertThen | null {
  if (track.knownFromMs > timeMs) return null;
  const { id, title, lane, firstSeenMs } = track.alert;
  if (!track.isLocal) {
    const word = lastBefore(track.words, ({ knownMs }) => knownMs, timeMs);
    if (word === undefined) return null;
    const { severity, count, lastSeenMs } = word;
    const base = { id, title: word.title, lane, firstSeenMs, lastSeenMs, severity, count };
    return { ...base, status: 'in-progress', assignee: null, isExact: true };
  }
  const stand = lastBefore(track.changes, (change) => change.timeMs, timeMs)?.stand ?? track.firstStand;
  const kept = countUpTo(track.received, timeMs);
  const lastSeenMs = track.latest[kept - 1] ?? firstSeenMs;
  return { id, title, lane, firstSeenMs, lastSeenMs, ...stand, ...counted(track, track.received, kept) };
}

/** What had happened by a moment by all that is known now; null where it had not begun. */
export function trueThen(track: AlertTrack, timeMs: number): AlertThen | null {
  const { alert } = track;
  if (alert.firstSeenMs > timeMs) return null;
  const stand = lastBefore(track.changes, (change) => change.timeMs, timeMs)?.stand ?? track.firstStand;
  const { id, title, lane, firstSeenMs, severity } = alert;
  const kept = countUpTo(track.occurred, timeMs);
  const lastSeenMs = track.occurred[kept - 1] ?? firstSeenMs;
  return {
    id,
    title,
    lane,
    firstSeenMs,
    lastSeenMs,
    ...stand,
    // What it turned out to be.
    severity,
    ...counted(track, track.occurred, kept),
  };
}
