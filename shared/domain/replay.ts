import type { CaseEntry, CaseState, CaseSummary } from './case.ts';
import { foldCase, summaryOf } from './case-fold.ts';
import { type AlertTrack, type AlertWord, alertTrack, countUpTo } from './replay-alerts.ts';
import { type ChartThen, chartsAt, type SignalTrack, signalTracks } from './replay-charts.ts';
import { type DecisionRow, decisionsAt, decisionTracks } from './replay-decisions.ts';
import type { ReplayFacts } from './replay-facts.ts';
import { linksOf, type QueueRow, queueOf } from './replay-queue.ts';

/*
 * What was known on one workstation at any second of an incident. Everything is by the time at which it arrived there,
 * by that workstation's clock; beside it stands what is known now of the same second. An index is built once; asking
 * it is a matter of a few milliseconds, whatever the moment.
 */

/** What became of an entry after it was written. */
export interface Correction {
  readonly kind: 'withdrawn' | 'revised';
  /** When it was known there. */
  readonly knownMs: number;
  readonly writerName: string;
}

/** An entry at a moment. */
export interface TimelineRow {
  readonly entry: CaseEntry;
  /** When it arrived there; infinite where it never did. */
  readonly arrivedMs: number;
  /** What it speaks of happened then: of a dated event that moment, otherwise when it was written. */
  readonly occurredMs: number;
  /** It had arrived by the moment. */
  readonly isKnown: boolean;
  /** It had arrived without its content, which came later or never. */
  readonly isWithheldThen: boolean;
  /** The first correction that was known by the moment, and the first that came later. */
  readonly corrected: Correction | null;
  readonly correctedSince: Correction | null;
}

/** Entries at a moment, the newest first, made as they are asked for. */
export interface Timeline {
  readonly count: number;
  rowAt(index: number): TimelineRow | undefined;
}

/** The case's own fields as they stood. */
export type HeaderThen = Pick<
  CaseSummary,
  'title' | 'severity' | 'status' | 'phase' | 'tlp' | 'pap' | 'assignee'
>;

/** Everything at one moment. */
export interface ReplayMoment {
  readonly timeMs: number;
  /** null before the case was there. */
  readonly header: HeaderThen | null;
  readonly queue: readonly QueueRow[];
  readonly charts: { readonly known: readonly ChartThen[]; readonly actual: readonly ChartThen[] };
  readonly timeline: { readonly known: Timeline; readonly actual: Timeline };
  readonly decisions: readonly DecisionRow[];
}

/** A moment at which something became known. */
export interface Mark {
  readonly timeMs: number;
  readonly kind: 'entry' | 'alert' | 'finding' | 'mitigation';
}

export interface Replay {
  readonly workstationId: string;
  /** From just before the first of what is known to the last. */
  readonly fromMs: number;
  readonly toMs: number;
  /** By time. */
  readonly marks: readonly Mark[];
  at(timeMs: number): ReplayMoment;
  /** The case folded from what had arrived; some ten milliseconds for ten thousand entries. */
  stateAt(timeMs: number): CaseState;
  /** The next and the last moment at which an entry arrived; null where there is none. */
  nextEntry(timeMs: number): number | null;
  previousEntry(timeMs: number): number | null;
}

export interface ReplayInput {
  readonly state: Pick<CaseState, 'id' | 'simulated' | 'timeline'>;
  readonly facts: ReplayFacts;
  readonly workstationId: string;
}

const payloadSuffix = '/payload';
const leadMs = 60_000;
/** Kinds that the case's own fields hang on; of a withheld entry of version 1 the kind is not told. */
const headerKinds = new Set(['case-opened', 'header-changed', 'entry-withdrawn', 'case-merged', '']);

interface Known {
  readonly entry: CaseEntry;
  readonly arrivedMs: number;
  readonly occurredMs: number;
}

function occurredOf(entry: CaseEntry): number {
  return entry.payload?.kind === 'event-added' ? entry.payload.occurredMs : entry.timeMs;
}

/** What entries did to others: taken back, or said anew. */
function correctionsOf(
  entries: readonly CaseEntry[],
  arrivalOf: (entry: CaseEntry) => number,
): ReadonlyMap<string, readonly Correction[]> {
  const found = new Map<string, Correction[]>();
  const spoken = new Map<string, string>();
  const correct = (entryId: string | undefined, kind: Correction['kind'], by: CaseEntry) => {
    if (entryId === undefined) return;
    const all = found.get(entryId) ?? [];
    all.push({ kind, knownMs: arrivalOf(by), writerName: by.writerName });
    found.set(entryId, all);
  };
  for (const entry of entries) {
    const { payload } = entry;
    switch (payload?.kind) {
      case 'note-added':
        spoken.set(`note ${payload.noteId}`, entry.id);
        break;
      case 'event-added':
        spoken.set(`event ${payload.eventId}`, entry.id);
        break;
      case 'note-revised':
        correct(spoken.get(`note ${payload.noteId}`), 'revised', entry);
        spoken.set(`note ${payload.noteId}`, entry.id);
        break;
      case 'event-revised':
        correct(spoken.get(`event ${payload.eventId}`), 'revised', entry);
        spoken.set(`event ${payload.eventId}`, entry.id);
        break;
      case 'entry-withdrawn':
        correct(payload.entryId, 'withdrawn', entry);
        break;
      default:
        break;
    }
  }
  for (const all of found.values()) all.sort((left, right) => left.knownMs - right.knownMs);
  return found;
}

/** When entries, and payloads that came later, arrived at a workstation. */
function arrivalsAt({ state, facts, workstationId }: ReplayInput) {
  const own = facts.workstations.find(({ id }) => id === workstationId);
  const writers = new Set(own?.writers);
  const told = new Map<string, number>();
  for (const { timeMs, refs } of own?.arrivals ?? []) for (const ref of refs) told.set(ref, timeMs);
  // Of imports from before arrivals were kept nothing is told; of another workstation it is not known to have come.
  const otherwise = workstationId === facts.ownWorkstationId;
  const isLocal = (entry: CaseEntry) => writers.has(entry.writerId);
  const arrivalOf = (entry: CaseEntry): number =>
    told.get(entry.id) ?? (isLocal(entry) || otherwise ? entry.timeMs : Number.POSITIVE_INFINITY);
  const contentOf = (entry: CaseEntry): number =>
    entry.withheld ? Number.POSITIVE_INFINITY : (told.get(`${entry.id}${payloadSuffix}`) ?? arrivalOf(entry));
  return { arrivalOf, contentOf, isLocal, entries: state.timeline };
}

/** What entries say of each alert, by when that was known. */
function alertWords(
  entries: readonly CaseEntry[],
  contentOf: (entry: CaseEntry) => number,
): ReadonlyMap<string, readonly AlertWord[]> {
  const words = new Map<string, AlertWord[]>();
  for (const entry of entries) {
    if (entry.payload?.kind !== 'alert-linked') continue;
    const knownMs = contentOf(entry);
    if (knownMs === Number.POSITIVE_INFINITY) continue;
    const { alertId, title, severity, count, lastSeenMs } = entry.payload;
    const said = words.get(alertId) ?? [];
    said.push({ knownMs, title, severity, count, lastSeenMs });
    words.set(alertId, said);
  }
  for (const said of words.values()) said.sort((left, right) => left.knownMs - right.knownMs);
  return words;
}

/** Alerts that this workstation received itself: its writers linked them or took their snapshots. */
function receivedThere(entries: readonly CaseEntry[], isLocal: (entry: CaseEntry) => boolean): Set<string> {
  const received = new Set<string>();
  for (const entry of entries) {
    if (!isLocal(entry)) continue;
    if (entry.payload?.kind === 'alert-linked') received.add(entry.payload.alertId);
    if (entry.payload?.kind !== 'snapshots-taken') continue;
    for (const { subject, id } of entry.payload.snapshots) if (subject === 'alert') received.add(id);
  }
  return received;
}

function timelineOf(
  sorted: readonly Known[],
  times: Float64Array,
  timeMs: number,
  row: (known: Known) => TimelineRow,
): Timeline {
  const count = countUpTo(times, timeMs);
  return {
    count,
    rowAt(index) {
      const known = index < 0 || index >= count ? undefined : sorted[count - 1 - index];
      return known === undefined ? undefined : row(known);
    },
  };
}

interface Span {
  readonly tracks: readonly AlertTrack[];
  readonly signals: readonly SignalTrack[];
  readonly times: readonly number[];
}

function spanOf({ tracks, signals, times }: Span): { fromMs: number; toMs: number } {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  const see = (timeMs: number) => {
    if (!Number.isFinite(timeMs)) return;
    if (timeMs < fromMs) fromMs = timeMs;
    if (timeMs > toMs) toMs = timeMs;
  };
  for (const timeMs of times) see(timeMs);
  for (const { alert, knownFromMs } of tracks) {
    see(alert.firstSeenMs);
    see(alert.lastSeenMs);
    see(knownFromMs);
  }
  for (const { stretches } of signals) {
    for (const { window } of stretches) {
      see(window.timesMs[0] ?? Number.NaN);
      see(window.timesMs.at(-1) ?? Number.NaN);
    }
  }
  return fromMs > toMs ? { fromMs: 0, toMs: 0 } : { fromMs: fromMs - leadMs, toMs };
}

/** Builds the index: some hundred milliseconds for ten thousand entries and five thousand alerts. */
export function createReplay(input: ReplayInput): Replay {
  const { state, facts, workstationId } = input;
  const { arrivalOf, contentOf, isLocal, entries } = arrivalsAt(input);
  const all = entries.map((entry): Known => {
    return { entry, arrivedMs: arrivalOf(entry), occurredMs: occurredOf(entry) };
  });
  const byArrival = all.toSorted((left, right) => left.arrivedMs - right.arrivedMs);
  const arrivedTimes = Float64Array.from(byArrival, ({ arrivedMs }) => arrivedMs);
  const byOccurrence = all.toSorted((left, right) => left.occurredMs - right.occurredMs);
  const occurredTimes = Float64Array.from(byOccurrence, ({ occurredMs }) => occurredMs);
  const corrections = correctionsOf(entries, arrivalOf);
  const words = alertWords(entries, contentOf);
  const links = linksOf(entries, contentOf);
  const received = receivedThere(entries, isLocal);
  const tracks = facts.alerts.map((alert) =>
    alertTrack(alert, words.get(alert.id) ?? [], received.has(alert.id)),
  );
  const queueAt = queueOf(tracks, links);
  const signals = signalTracks(entries, contentOf, isLocal);
  const decisions = decisionTracks(facts.mitigations, entries, contentOf, isLocal);
  const headers = byArrival.filter(({ entry }) => headerKinds.has(entry.kind));
  const headerTimes = Float64Array.from(headers, ({ arrivedMs }) => arrivedMs);
  const steps = decisions.flatMap(({ known }) => known.map(({ timeMs }) => timeMs));
  const finite = [...arrivedTimes].filter((timeMs) => Number.isFinite(timeMs));
  const { fromMs, toMs } = spanOf({ tracks, signals, times: [...finite, ...steps] });

  function known(entry: CaseEntry, timeMs: number): CaseEntry {
    return contentOf(entry) <= timeMs ? entry : { ...entry, withheld: true, payload: null };
  }

  // Where a content came after its entry, the number of entries does not tell what was known.
  const isByCount = headers.every(({ entry, arrivedMs }) => entry.withheld || contentOf(entry) === arrivedMs);
  let headerCount = -1;
  let header: HeaderThen | null = null;
  function headerAt(timeMs: number): HeaderThen | null {
    const count = countUpTo(headerTimes, timeMs);
    if (isByCount && count === headerCount) return header;
    headerCount = count;
    if (count === 0) header = null;
    else {
      const folded = foldCase(
        state.id,
        headers.slice(0, count).map(({ entry }) => known(entry, timeMs)),
        state.simulated,
      );
      const { title, severity, status, phase, tlp, pap, assignee } = summaryOf(folded);
      header = { title, severity, status, phase, tlp, pap, assignee };
    }
    return header;
  }

  /** @param shown the entry as it is shown: as it was known, or as it is known now */
  function row({ entry, arrivedMs, occurredMs }: Known, timeMs: number, shown: CaseEntry): TimelineRow {
    const found = corrections.get(entry.id) ?? [];
    const isKnown = arrivedMs <= timeMs;
    return {
      entry: shown,
      arrivedMs,
      occurredMs,
      isKnown,
      isWithheldThen: isKnown && !entry.withheld && contentOf(entry) > timeMs,
      corrected: found.find(({ knownMs }) => knownMs <= timeMs) ?? null,
      correctedSince: found.find(({ knownMs }) => knownMs > timeMs) ?? null,
    };
  }

  const marks: Mark[] = [
    ...new Map(finite.map((timeMs) => [timeMs, { timeMs, kind: 'entry' as const }])).values(),
    ...tracks.map(({ knownFromMs }) => ({ timeMs: knownFromMs, kind: 'alert' as const })),
    ...steps.map((timeMs) => ({ timeMs, kind: 'mitigation' as const })),
    ...signals.flatMap(({ stretches }) =>
      stretches.flatMap(({ window }) =>
        window.findings.map(({ startMs }) => ({ timeMs: startMs, kind: 'finding' as const })),
      ),
    ),
  ];

  return {
    workstationId,
    fromMs,
    toMs,
    marks: marks
      .filter(({ timeMs }) => Number.isFinite(timeMs) && timeMs >= fromMs && timeMs <= toMs)
      .sort((left, right) => left.timeMs - right.timeMs),
    at: (timeMs) => ({
      timeMs,
      header: headerAt(timeMs),
      queue: queueAt(timeMs),
      charts: {
        known: chartsAt(signals, timeMs),
        actual: chartsAt(signals, timeMs, { everywhere: true }),
      },
      timeline: {
        known: timelineOf(byArrival, arrivedTimes, timeMs, (each) =>
          row(each, timeMs, known(each.entry, timeMs)),
        ),
        actual: timelineOf(byOccurrence, occurredTimes, timeMs, (each) => row(each, timeMs, each.entry)),
      },
      decisions: decisionsAt(decisions, timeMs),
    }),
    stateAt(timeMs) {
      const count = countUpTo(arrivedTimes, timeMs);
      const arrived = byArrival.slice(0, count).map(({ entry }) => known(entry, timeMs));
      return foldCase(state.id, arrived, state.simulated);
    },
    nextEntry: (timeMs) =>
      arrivedTimes.subarray(countUpTo(arrivedTimes, timeMs)).find(Number.isFinite) ?? null,
    previousEntry(timeMs) {
      const before = countUpTo(arrivedTimes, timeMs - 0.5);
      return before === 0 ? null : (arrivedTimes[before - 1] ?? null);
    },
  };
}
