import type { CaseState } from '../domain/case.ts';
import type { Finding, SignalWindow } from '../domain/signal.ts';
import type { ImpactRow } from './retrospective-model.ts';

export type SavedSignal = CaseState['slices'][number]['signals'][number];

interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a rate adds up to over time: the unit of the sum and the milliseconds in the rate's own unit of time. */
function summable(unit: string): { readonly unit: string; readonly perMs: number } | null {
  const match = /^(.+)\/(s|min|h)$/.exec(unit);
  const counted = match?.[1];
  if (match === null || counted === undefined) return null;
  const perMs = match[2] === 's' ? 1_000 : match[2] === 'min' ? 60_000 : 3_600_000;
  return { unit: counted, perMs };
}

/** Joins intervals that overlap or touch; sorted by start. */
export function joinIntervals(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.filter(({ fromMs, toMs }) => toMs > fromMs).sort((a, b) => a.fromMs - b.fromMs);
  const joined: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && fromMs <= last.toMs) {
      last.toMs = Math.max(last.toMs, toMs);
    } else {
      joined.push({ fromMs, toMs });
    }
  }
  return joined;
}

function overlapMs(intervals: readonly Interval[], fromMs: number, toMs: number): number {
  return intervals.reduce(
    (sum, each) => sum + Math.max(0, Math.min(toMs, each.toMs) - Math.max(fromMs, each.fromMs)),
    0,
  );
}

/**
 * Integrates value minus expected over the intervals. A sample stands for the time since the one before it, without
 * the known gaps in between; what no sample covers is counted as missing and adds nothing.
 * @returns `sum` in the signal's unit times milliseconds
 */
export function integrateExcess(
  window: SignalWindow,
  intervals: readonly Interval[],
): { readonly sum: number; readonly coveredMs: number; readonly missingMs: number } {
  const gaps = joinIntervals(window.gaps);
  let sum = 0;
  let coveredMs = 0;
  for (const [index, timeMs] of window.timesMs.entries()) {
    const value = window.values[index] ?? null;
    const expected = window.expected[index] ?? null;
    if (value === null || expected === null) continue;
    const sinceMs = window.timesMs[index - 1] ?? timeMs - window.stepMs;
    for (const interval of intervals) {
      const fromMs = Math.max(sinceMs, interval.fromMs);
      const toMs = Math.min(timeMs, interval.toMs);
      if (toMs <= fromMs) continue;
      const widthMs = toMs - fromMs - overlapMs(gaps, fromMs, toMs);
      sum += (value - expected) * widthMs;
      coveredMs += widthMs;
    }
  }
  const wholeMs = intervals.reduce((total, each) => total + each.toMs - each.fromMs, 0);
  return { sum, coveredMs, missingMs: Math.max(0, wholeMs - coveredMs) };
}

/** Units in which "3 times the usual" misleads or means little: shares and percentages. */
function isShare(unit: string): boolean {
  return unit === '%' || unit === 'ratio';
}

function factorOf(finding: Finding, unit: string): number | null {
  return isShare(unit) || !(finding.expected > 0) ? null : finding.observed / finding.expected;
}

/**
 * What the incident did to each saved signal, by its strongest finding; the numbers of the integral come from the
 * samples saved with the case. Signals without a finding are given as steady.
 * @param findings all findings known, also of signals that are not saved; those are left out here
 */
export function impactOf(
  signals: readonly SavedSignal[],
  findings: readonly Finding[],
): { readonly rows: readonly ImpactRow[]; readonly steady: readonly SavedSignal[] } {
  const rows: ImpactRow[] = [];
  const steady: SavedSignal[] = [];
  for (const signal of signals) {
    const own = findings.filter((finding) => finding.signalId === signal.window.signalId);
    const strongest = own.reduce<Finding | null>(
      (best, finding) => (best === null || finding.surprise > best.surprise ? finding : best),
      null,
    );
    if (strongest === null) {
      steady.push(signal);
      continue;
    }
    rows.push(impactRow(signal, own, strongest));
  }
  return { rows: rows.sort((a, b) => a.fromMs - b.fromMs || a.name.localeCompare(b.name, 'en')), steady };
}

function impactRow(signal: SavedSignal, own: readonly Finding[], strongest: Finding): ImpactRow {
  const lastSavedMs = signal.window.timesMs.at(-1) ?? null;
  const sameWay = own.filter((finding) => finding.direction === strongest.direction);
  const isOpen = own.some((finding) => finding.endMs === null);
  const intervals = joinIntervals(
    sameWay.flatMap((finding) => {
      const toMs = finding.endMs ?? lastSavedMs;
      return toMs === null ? [] : [{ fromMs: finding.startMs, toMs }];
    }),
  );
  const summed = summable(signal.unit);
  const integral = integrateExcess(signal.window, intervals);
  const deviatedMs = intervals.reduce((total, each) => total + each.toMs - each.fromMs, 0);
  return {
    signalId: signal.window.signalId,
    name: signal.name,
    unit: signal.unit,
    stage: signal.stage,
    direction: strongest.direction,
    peak: strongest.observed,
    peakMs: strongest.peakMs,
    usual: strongest.expected,
    usualLow: strongest.low,
    usualHigh: strongest.high,
    factor: factorOf(strongest, signal.unit),
    surprise: strongest.surprise,
    fromMs: Math.min(...own.map((finding) => finding.startMs)),
    toMs: isOpen ? null : Math.max(...own.map((finding) => finding.endMs ?? finding.startMs)),
    deviatedMs: intervals.length === 0 ? null : deviatedMs,
    excess:
      summed === null || integral.coveredMs === 0
        ? null
        : { amount: integral.sum / summed.perMs, unit: summed.unit },
    missingMs: integral.missingMs,
  };
}

/** Each signal saved with a case once: in the slice saved last. Order as first saved. */
export function savedSignals(state: CaseState): { signal: SavedSignal; fromMs: number; toMs: number }[] {
  const bySignal = new Map<string, { signal: SavedSignal; fromMs: number; toMs: number }>();
  for (const slice of state.slices) {
    for (const signal of slice.signals) {
      bySignal.set(signal.window.signalId, { signal, fromMs: slice.fromMs, toMs: slice.toMs });
    }
  }
  return [...bySignal.values()];
}
