import { WatchfloorError } from '../shared/domain/result.ts';

/** A series as it stood in a file: one entry a row, in the file's order. */
export interface CsvSeries {
  readonly timesMs: readonly number[];
  /** null where the file has no number. */
  readonly values: readonly (number | null)[];
  /** The timestamps as they stood there. */
  readonly stamps: readonly string[];
  /** The values as they stood there. */
  readonly texts: readonly string[];
}

const timeNames = new Set(['timestamp', 'time', 'date', 'datetime', '@timestamp']);
const valueNames = new Set(['value', 'count', 'requests_per_minute']);
const plainTime = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?$/;
const zonedTime = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|z|[+-]\d\d:?\d\d)$/;
const epoch = /^-?\d{1,16}(\.\d+)?$/;
/** Epoch numbers from here on are milliseconds: as seconds they would lie beyond the year 5000. */
const leastEpochMs = 1e11;
/** The span of times that a Date can hold. */
const largestMs = 8.64e15;

/** @returns UTC epoch milliseconds, NaN for what is no time */
export function parseStamp(text: string): number {
  if (epoch.test(text)) {
    const number = Number(text);
    const ms = Math.abs(number) >= leastEpochMs ? number : number * 1_000;
    return Math.abs(ms) <= largestMs ? ms : Number.NaN;
  }
  if (plainTime.test(text)) return Date.parse(`${text.replace(' ', 'T')}Z`);
  return zonedTime.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
}

function parseValue(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || /^(nan|null|none|na|n\/a)$/i.test(trimmed)) return null;
  // Number() would also read "0x10" and " ".
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : null;
}

/** The cells of one line; a cell in double quotes may hold commas and doubled quotes (RFC 4180, no line breaks). */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  return [...line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted?.replaceAll('""', '"') ?? plain ?? '').trim(),
  );
}

/**
 * Reads a CSV text with a header that names a time and a value column (`timestamp,value`, `TimeStamp,Value,Label`,
 * ...); further columns are left alone. Times are RFC 3339, `YYYY-MM-DD HH:MM:SS` in UTC, or epoch seconds or
 * milliseconds. An empty value or NaN is a missing sample.
 * @throws WatchfloorError `bad-input` with the number of the line that cannot be read
 */
export function parseCsvSeries(csv: string): CsvSeries {
  const lines = csv.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.length > 0 && (lines.at(-1) ?? '').trim() === '') lines.pop();
  const header = cellsOf(lines[0] ?? '').map((name) => name.toLowerCase());
  const timeAt = header.findIndex((name) => timeNames.has(name));
  if (timeAt < 0) {
    throw new WatchfloorError(
      'bad-input',
      'Line 1 names no time column. It must be a header such as "timestamp,value".',
    );
  }
  const named = header.findIndex((name) => valueNames.has(name));
  const valueAt = named >= 0 ? named : header.findIndex((_name, index) => index !== timeAt);
  if (valueAt < 0) throw new WatchfloorError('bad-input', 'Line 1 names no value column.');
  const timesMs: number[] = [];
  const values: (number | null)[] = [];
  const stamps: string[] = [];
  const texts: string[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const cells = cellsOf(lines[index] ?? '');
    const stamp = cells[timeAt] ?? '';
    const text = cells[valueAt] ?? '';
    const timeMs = parseStamp(stamp);
    const value = cells.length > Math.max(timeAt, valueAt) ? parseValue(text) : undefined;
    if (!Number.isFinite(timeMs) || value === undefined) {
      throw new WatchfloorError(
        'bad-input',
        `Line ${index + 1}: ${Number.isFinite(timeMs) ? 'no number' : 'no time'} where one is needed.`,
      );
    }
    timesMs.push(timeMs);
    values.push(value);
    stamps.push(stamp);
    texts.push(text);
  }
  return { timesMs, values, stamps, texts };
}
