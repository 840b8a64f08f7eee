import type { CaseEntry, CaseState } from '../../shared/domain/case.ts';
import { toSafeLine } from '../../shared/domain/safe-text.ts';
import { type EntryNames, entrySentence } from '../../shared/report/entry-sentence.ts';

/** What a timeline shows: everything, or one sort of thing. */
export const timelineSorts = ['all', 'notes', 'comments', 'events', 'decisions', 'evidence'] as const;
export type TimelineSort = (typeof timelineSorts)[number];

const kindsOf: Readonly<Record<Exclude<TimelineSort, 'all'>, ReadonlySet<string>>> = {
  notes: new Set(['note-added']),
  comments: new Set(['comment-added']),
  events: new Set(['event-added', 'alert-linked', 'sighting-noted']),
  decisions: new Set([
    'case-opened',
    'header-changed',
    'mitigation-noted',
    'case-merged',
    'case-merged-into',
  ]),
  evidence: new Set(['evidence-added', 'custody-noted', 'signals-saved', 'snapshots-taken']),
};

/** One row: an entry at its moment. */
export interface TimelineItem {
  readonly entry: CaseEntry;
  /** An event stands where it occurred, all else where it was recorded. */
  readonly timeMs: number;
  /** Entries of the same kind by the same person right after, folded into this one. */
  readonly more: readonly CaseEntry[];
}

export interface TimelineFilter {
  readonly sort: TimelineSort;
  /** Words that the row's sentence or author must have; empty lets all through. */
  readonly text: string;
  /** A writer's name; empty lets all through. */
  readonly author: string;
  /** Epoch ms; null is open. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

const foldable = new Set(['observable-added', 'alert-linked', 'technique-tagged', 'checklist-item-added']);

/** Runs of observables, alerts or techniques that were added at once stand as one line that unfolds. */
export function foldTimeline(
  entries: readonly CaseEntry[],
): readonly { readonly entry: CaseEntry; readonly more: readonly CaseEntry[] }[] {
  const items: { entry: CaseEntry; more: CaseEntry[] }[] = [];
  for (const entry of entries) {
    const last = items.at(-1);
    const kind = entry.payload?.kind;
    if (
      last &&
      kind !== undefined &&
      foldable.has(kind) &&
      last.entry.payload?.kind === kind &&
      last.entry.writerId === entry.writerId &&
      Math.abs(entry.timeMs - last.entry.timeMs) < 60_000
    ) {
      last.more.push(entry);
    } else {
      items.push({ entry, more: [] });
    }
  }
  return items;
}

/** When a row stands: an event where it occurred as it is held now, all else where it was recorded. */
function momentOf(entry: CaseEntry, occurred: ReadonlyMap<string, number>): number {
  if (entry.payload?.kind !== 'event-added') return entry.timeMs;
  return occurred.get(entry.payload.eventId) ?? entry.payload.occurredMs;
}

/** The rows of a timeline, newest first. */
export function timelineItems(
  state: Pick<CaseState, 'timeline' | 'events'>,
  filter: TimelineFilter,
  names: EntryNames,
): readonly TimelineItem[] {
  const occurred = new Map(state.events.map(({ id, occurredMs }) => [id, occurredMs]));
  const kinds = filter.sort === 'all' ? null : kindsOf[filter.sort];
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const entries = state.timeline.filter((entry) => {
    if (kinds !== null && !kinds.has(entry.payload?.kind ?? '')) return false;
    if (filter.author !== '' && entry.writerName !== filter.author) return false;
    const timeMs = momentOf(entry, occurred);
    if (filter.fromMs !== null && timeMs < filter.fromMs) return false;
    if (filter.toMs !== null && timeMs > filter.toMs) return false;
    if (words.length === 0) return true;
    const text = searchedText(entry, names);
    return words.every((word) => text.includes(word));
  });
  const items = foldTimeline(entries).map(({ entry, more }) => ({
    entry,
    more,
    timeMs: momentOf(entry, occurred),
  }));
  // A stable sort: what was recorded at one moment stays in the order in which it was.
  return items.sort((left, right) => left.timeMs - right.timeMs).reverse();
}

function searchedText(entry: CaseEntry, names: EntryNames): string {
  const { payload } = entry;
  const long =
    payload?.kind === 'note-added' || payload?.kind === 'note-revised'
      ? payload.markdown
      : payload?.kind === 'comment-added'
        ? payload.text
        : toSafeLine(entrySentence(payload, names));
  return `${entry.writerName} ${long}`.toLowerCase();
}

/** Times of a timeline, epoch ms, as they are shown on its strip. */
export function timelineMoments(state: Pick<CaseState, 'timeline' | 'events'>): readonly number[] {
  const occurred = new Map(state.events.map(({ id, occurredMs }) => [id, occurredMs]));
  return state.timeline.map((entry) => momentOf(entry, occurred));
}

/** A stretch of time, epoch ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From the first moment to the last, at least a minute wide; null where there are none. */
export function spanOf(moments: readonly number[]): Span | null {
  if (moments.length === 0) return null;
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const moment of moments) {
    if (moment < fromMs) fromMs = moment;
    if (moment > toMs) toMs = moment;
  }
  return { fromMs, toMs: Math.max(toMs, fromMs + 60_000) };
}

/** How many moments fall into each of so many equal parts of a stretch. */
export function countsIn(moments: readonly number[], { fromMs, toMs }: Span, parts: number): number[] {
  const counts = new Array<number>(parts).fill(0);
  for (const moment of moments) {
    if (moment < fromMs || moment > toMs) continue;
    const part = Math.min(parts - 1, Math.floor(((moment - fromMs) / (toMs - fromMs)) * parts));
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

export interface Zoom {
  /** Below 1 makes it narrower. */
  readonly factor?: number;
  /** Moves it by a part of its length. */
  readonly shift?: number;
  /** The moment that stays where it is while it gets narrower or wider; its middle unless told, epoch ms. */
  readonly aroundMs?: number;
}

/** A stretch made narrower or wider, or moved, within the whole. */
export function zoomed(span: Span, whole: Span, { factor = 1, shift = 0, aroundMs }: Zoom): Span {
  const beforeMs = span.toMs - span.fromMs;
  const lengthMs = Math.min(whole.toMs - whole.fromMs, Math.max(1_000, beforeMs * factor));
  const anchorMs = aroundMs ?? (span.fromMs + span.toMs) / 2;
  const wantedMs = anchorMs - ((anchorMs - span.fromMs) / beforeMs) * lengthMs + beforeMs * shift;
  const fromMs = Math.max(whole.fromMs, Math.min(whole.toMs - lengthMs, wantedMs));
  return { fromMs: Math.round(fromMs), toMs: Math.round(fromMs + lengthMs) };
}

/** The newest moment within a stretch: what happened last stays in sight where it is zoomed. */
export function newestIn(moments: readonly number[], { fromMs, toMs }: Span): number {
  return moments.reduce(
    (newest, moment) => (moment >= fromMs && moment <= toMs && moment > newest ? moment : newest),
    fromMs,
  );
}
