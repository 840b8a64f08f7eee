import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type CsvSeries, parseCsvSeries } from '../../csv-series.ts';

/** A labelled series: anomaly windows as first and last index. */
export interface NabSeries extends CsvSeries {
  readonly name: string;
  readonly windows: readonly { readonly from: number; readonly to: number }[];
}

const windowsSchema = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));

function timeOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').replace(/\.0+$/, '')}Z`);
}

/** Reads a folder of the Numenta Anomaly Benchmark: `data/<category>/<file>.csv` and `windows.json`. */
export function readNab(folder: string): readonly NabSeries[] {
  const windows = windowsSchema.parse(JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8')));
  return readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => {
      const series = parseCsvSeries(readFileSync(join(folder, 'data', name), 'utf8'));
      const marked = (windows[name.replaceAll('\\', '/')] ?? []).map(([first, last]) => ({
        from: series.timesMs.findIndex((timeMs) => timeMs >= timeOf(first)),
        to: series.timesMs.findLastIndex((timeMs) => timeMs <= timeOf(last)),
      }));
      return { ...series, name, windows: marked };
    });
}

/** What a hit, a miss and a false alert weigh. */
export interface NabProfile {
  readonly truePositive: number;
  readonly falseNegative: number;
  readonly falsePositive: number;
}

/** The three application profiles of the benchmark. */
export const nabProfiles = {
  standard: { truePositive: 1, falseNegative: 1, falsePositive: 0.11 },
  low_fp: { truePositive: 1, falseNegative: 1, falsePositive: 0.22 },
  low_fn: { truePositive: 1, falseNegative: 2, falsePositive: 0.11 },
} as const satisfies Record<string, NabProfile>;

/** Scaled sigmoid of a position relative to a window (Lavin and Ahmad 2015). */
function scaledSigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** Indices of the first part of a series that is not scored. */
function probation(length: number): number {
  return Math.min(Math.floor(0.15 * length), 750);
}

interface RawScore {
  readonly hits: number;
  readonly windows: number;
  readonly missed: number;
  readonly falseAlerts: number;
}

/** @param alerts indices of alerting points, ascending */
function rawScore(series: NabSeries, alerts: readonly number[]): RawScore {
  const first = probation(series.timesMs.length);
  let falseAlerts = 0;
  const earliest = new Map<number, number>();
  let past = -1;
  for (const index of alerts) {
    if (index < first) continue;
    while (past + 1 < series.windows.length && (series.windows[past + 1]?.from ?? 0) <= index) past += 1;
    const window = series.windows[past];
    if (window === undefined) {
      falseAlerts -= 1;
    } else if (index <= window.to) {
      if (!earliest.has(past)) earliest.set(past, index);
    } else {
      const width = window.to - window.from + 1;
      falseAlerts += scaledSigmoid((index - window.to) / Math.max(1, width - 1));
    }
  }
  let hits = 0;
  for (const [at, index] of earliest) {
    const window = series.windows[at];
    if (window === undefined) continue;
    const width = window.to - window.from + 1;
    hits += scaledSigmoid(-(width - (index - window.from)) / width) / scaledSigmoid(-1);
  }
  return {
    hits,
    windows: series.windows.length,
    missed: series.windows.length - earliest.size,
    falseAlerts,
  };
}

/** The score of alerts over a corpus, 100 for every window at its first point and nothing else, 0 for silence. */
export function nabScore(
  corpus: readonly { readonly series: NabSeries; readonly alerts: readonly number[] }[],
  profile: NabProfile,
): number {
  let raw = 0;
  let nothing = 0;
  let perfect = 0;
  for (const { series, alerts } of corpus) {
    const { hits, windows, missed, falseAlerts } = rawScore(series, alerts);
    raw += hits * profile.truePositive - missed * profile.falseNegative + falseAlerts * profile.falsePositive;
    nothing -= windows * profile.falseNegative;
    perfect += windows * profile.truePositive;
  }
  return (100 * (raw - nothing)) / (perfect - nothing);
}

function indicesFrom(scores: ArrayLike<number>, threshold: number): number[] {
  const alerts: number[] = [];
  for (let index = 0; index < scores.length; index += 1) {
    if ((scores[index] ?? 0) >= threshold) alerts.push(index);
  }
  return alerts;
}

const sweepSteps = 400;

/**
 * The best score over all thresholds, one threshold for the whole corpus, as the public table has it: in-sample.
 * @param scores one list a series, as long as the series
 */
export function nabSwept(
  corpus: readonly { readonly series: NabSeries; readonly scores: ArrayLike<number> }[],
  profile: NabProfile,
): { readonly score: number; readonly threshold: number } {
  let highest = 0;
  for (const { scores } of corpus) {
    for (let index = 0; index < scores.length; index += 1) highest = Math.max(highest, scores[index] ?? 0);
  }
  let best = { score: Number.NEGATIVE_INFINITY, threshold: 0 };
  for (let step = 1; step <= sweepSteps; step += 1) {
    const threshold = (highest * step) / sweepSteps;
    const score = nabScore(
      corpus.map(({ series, scores }) => ({ series, alerts: indicesFrom(scores, threshold) })),
      profile,
    );
    if (score > best.score) best = { score, threshold };
  }
  return best;
}
