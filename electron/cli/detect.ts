import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type JudgedSample, judgeSeries } from '../../shared/detection/judge-series.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { type CsvSeries, parseCsvSeries } from '../csv-series.ts';

const longestFileBytes = 512 * 1024 * 1024;
const header =
  'timestamp,value,expected_low,expected_high,actionable_score,informational_score,actionable_raised,informational_raised';

function number(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(9)));
}

function score(value: number): string {
  return String(Math.round(value * 1e4) / 1e4);
}

function row(stamp: string, value: string, judged: JudgedSample): string {
  const { band, actionableScore, informationalScore } = judged;
  return [
    stamp,
    value,
    number(band?.low),
    number(band?.high),
    score(actionableScore),
    score(informationalScore),
    judged.isActionableRaised ? '1' : '0',
    judged.isInformationalRaised ? '1' : '0',
  ].join(',');
}

/** What the detector makes of a series, as CSV: one row for each row of the input, in its order. */
export function judgedCsv(series: CsvSeries, name: string): string {
  const judged = judgeSeries(series.timesMs, series.values, name);
  const rows = judged.map((each, index) => row(series.stamps[index] ?? '', series.texts[index] ?? '', each));
  return `${[header, ...rows].join('\n')}\n`;
}

function readSeries(path: string): CsvSeries {
  let text: string;
  try {
    if (statSync(path).size > longestFileBytes) throw new Error('larger than 512 MiB');
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new WatchfloorError('bad-input', `${path} cannot be read.`, String(thrown));
  }
  try {
    return parseCsvSeries(text);
  } catch (thrown) {
    if (!(thrown instanceof WatchfloorError)) throw thrown;
    throw new WatchfloorError(thrown.code, `${path}: ${thrown.message}`);
  }
}

/** Writes several files so that either all of them are there whole, or none was touched. */
function writeAll(files: Iterable<{ readonly path: string; readonly text: string }>): number {
  const written: { readonly path: string; readonly partial: string }[] = [];
  try {
    for (const { path, text } of files) {
      const partial = `${path}.partial`;
      mkdirSync(dirname(path), { recursive: true });
      written.push({ path, partial });
      writeFileSync(partial, text);
    }
    for (const { path, partial } of written) renameSync(partial, path);
  } catch (thrown) {
    for (const { partial } of written) rmSync(partial, { force: true });
    if (thrown instanceof WatchfloorError) throw thrown;
    throw new WatchfloorError(
      'storage',
      'The results cannot be written. Nothing was changed.',
      String(thrown),
    );
  }
  return written.length;
}

function* judgedFiles(from: string, to: string, names: readonly string[]) {
  for (const name of names) {
    const series = readSeries(join(from, name));
    yield { path: join(to, name), text: judgedCsv(series, basename(name, '.csv')) };
    process.stderr.write(`${name}: ${series.timesMs.length} samples\n`);
  }
}

/** `detect FILE`: the detector over one file, to standard output or a file. */
export function detectFile(path: string, out: string | null): number {
  const text = judgedCsv(readSeries(path), basename(path, '.csv'));
  if (out === null) process.stdout.write(text);
  else writeAll([{ path: resolve(out), text }]);
  return 0;
}

/** `detect --dir IN --out OUT`: the same over every CSV file of a folder; OUT gets the same tree. */
export function detectFolder(from: string, to: string): number {
  let names: string[];
  try {
    names = readdirSync(from, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.toLowerCase().endsWith('.csv'))
      .sort();
  } catch (thrown) {
    throw new WatchfloorError('bad-input', `${from} cannot be read.`, String(thrown));
  }
  if (names.length === 0) throw new WatchfloorError('bad-input', `${from} holds no CSV file.`);
  if (resolve(from) === resolve(to)) {
    throw new WatchfloorError(
      'bad-input',
      'The results need a folder of their own: they would replace what is read.',
    );
  }
  const count = writeAll(judgedFiles(from, to, names));
  process.stderr.write(`${count} files in ${to}\n`);
  return 0;
}
