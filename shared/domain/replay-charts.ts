import type { CaseEntry } from './case.ts';
import { pointsFromWindow, type SeriesPoints } from './series.ts';
import type { Finding, Gap, SignalWindow } from './signal.ts';

/** A signal of the case over the whole incident. */
export interface SignalTrack {
  readonly signalId: string;
  readonly name: string;
  readonly unit: string;
  readonly stage: string;
  readonly stretches: readonly Stretch[];
}

/** What one entry saved of a signal. */
interface Stretch {
  readonly window: SignalWindow;
  readonly points: SeriesPoints;
  /** From here on samples were known as they came; before it none of them was. */
  readonly knownFromMs: number;
}

/** A signal as it was known at a moment. */
export interface ChartThen {
  readonly signalId: string;
  readonly name: string;
  readonly unit: string;
  readonly stage: string;
  readonly points: SeriesPoints;
  readonly findings: readonly Finding[];
  readonly gaps: readonly Gap[];
}

/**
 * @param isLocal whether an entry's writer sat at the workstation: then its sources had polled the samples there as
 *   they came, long before anybody saved them with the case
 */
export function signalTracks(
  entries: readonly CaseEntry[],
  arrivalOf: (entry: CaseEntry) => number,
  isLocal: (entry: CaseEntry) => boolean,
): SignalTrack[] {
  const tracks = new Map<string, { track: Omit<SignalTrack, 'stretches'>; stretches: Stretch[] }>();
  for (const entry of entries) {
    if (entry.payload?.kind !== 'signals-saved') continue;
    for (const { name, unit, stage, window } of entry.payload.signals) {
      const { signalId } = window;
      const held = tracks.get(signalId) ?? { track: { signalId, name, unit, stage }, stretches: [] };
      const knownFromMs = isLocal(entry) ? Number.NEGATIVE_INFINITY : arrivalOf(entry);
      held.stretches.push({ window, points: pointsFromWindow(window), knownFromMs });
      tracks.set(signalId, held);
    }
  }
  // Those that deviated first: what an analyst looks at is on top.
  const firstMs = (stretches: readonly Stretch[]) =>
    Math.min(...stretches.flatMap(({ window }) => window.findings.map(({ startMs }) => startMs)));
  return [...tracks.values()]
    .map(({ track, stretches }) => ({ ...track, stretches }))
    .sort((left, right) => {
      const [one, other] = [firstMs(left.stretches), firstMs(right.stretches)];
      return one === other ? 0 : one - other;
    });
}

function pointsUpTo(points: SeriesPoints, timeMs: number): SeriesPoints {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points.timesMs[(points.start + middle) % points.capacity] ?? 0) <= timeMs) low = middle + 1;
    else high = middle;
  }
  // Charts keep what they made of points until these are filled anew.
  return { ...points, length: low, fills: points.fills + low + 1 };
}

/** A finding as it was at a moment: not ended yet, and its peak not come, where that was later. */
function findingThen(finding: Finding, timeMs: number): Finding {
  const isOpen = finding.endMs === null || finding.endMs > timeMs;
  return {
    ...finding,
    state: isOpen ? 'open' : finding.state,
    endMs: isOpen ? null : finding.endMs,
    peakMs: Math.min(finding.peakMs, timeMs),
  };
}

/**
 * The signals at a moment: what had been measured by then, and what had been found in it.
 * @param everywhere also what was not known at the workstation
 */
export function chartsAt(
  tracks: readonly SignalTrack[],
  timeMs: number,
  { everywhere = false }: { readonly everywhere?: boolean } = {},
): ChartThen[] {
  return tracks.flatMap(({ stretches, ...rest }) => {
    // Of stretches that tell of this moment the one that tells most.
    const known = everywhere ? stretches : stretches.filter(({ knownFromMs }) => knownFromMs <= timeMs);
    const reach = ({ window }: Stretch) => Math.min(window.timesMs.at(-1) ?? 0, timeMs);
    const best = known.reduce<Stretch | null>(
      (most, each) =>
        most === null || reach(each) > reach(most) || (reach(each) === reach(most) && isLonger(each, most))
          ? each
          : most,
      null,
    );
    if (best === null) return [];
    const { window, points } = best;
    return [
      {
        ...rest,
        points: pointsUpTo(points, timeMs),
        // It takes a sample that deviates to find it.
        findings: window.findings
          .filter(({ startMs }) => startMs + window.stepMs <= timeMs)
          .map((finding) => findingThen(finding, timeMs)),
        gaps: window.gaps
          .filter(({ fromMs }) => fromMs <= timeMs)
          .map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, timeMs) })),
      },
    ];
  });
}

const isLonger = (one: Stretch, other: Stretch): boolean =>
  one.window.timesMs.length > other.window.timesMs.length;
