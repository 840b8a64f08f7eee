import { describe, expect, it } from 'vitest';
import {
  appendSample,
  bandPath,
  type Columns,
  columnWidthMs,
  createSeriesBuffer,
  fillFromWindow,
  findGaps,
  fromPixel,
  lastTimeMs,
  linePath,
  niceDomain,
  readNearest,
  reduceAgain,
  reduceToColumns,
  type Scale,
  type SeriesBuffer,
  timeTicks,
  toPixel,
  valueTicks,
} from './series.ts';

const sample = (
  timeMs: number,
  value: number | null,
  band: readonly [number, number, number] | null = null,
) => ({
  timeMs,
  value,
  low: band?.[0] ?? null,
  expected: band?.[1] ?? null,
  high: band?.[2] ?? null,
});

function bufferOf(
  points: readonly (readonly [number, number | null])[],
  stepMs = 1_000,
  capacity = 100,
): SeriesBuffer {
  const buffer = createSeriesBuffer(capacity);
  buffer.stepMs = stepMs;
  for (const [timeMs, value] of points) appendSample(buffer, sample(timeMs, value));
  return buffer;
}

const rows = (columns: Columns) =>
  Array.from({ length: columns.count }, (_, index) => [
    columns.timesMs[index],
    columns.first[index],
    columns.min[index],
    columns.max[index],
    columns.last[index],
  ]);

describe('series buffer', () => {
  it('keeps the newest points when it is full, oldest first', () => {
    const buffer = bufferOf(
      [1, 2, 3, 4, 5].map((n) => [n * 1_000, n] as const),
      1_000,
      3,
    );
    expect(lastTimeMs(buffer)).toBe(5_000);
    expect(readNearest(buffer, 3_000, 10)?.value).toBe(3);
    expect(readNearest(buffer, 2_000, 10)).toBe(null);
  });

  it('replaces the newest point at its own time and leaves out what is older', () => {
    const buffer = bufferOf([[1_000, 1]]);
    expect([appendSample(buffer, sample(1_000, 7)), appendSample(buffer, sample(500, 9))]).toEqual([
      true,
      false,
    ]);
    expect(readNearest(buffer, 1_000, 1)).toEqual({
      timeMs: 1_000,
      value: 7,
      expected: null,
      low: null,
      high: null,
    });
  });

  it('takes history as its base and keeps the live points that are newer', () => {
    const buffer = bufferOf([
      [3_000, 30],
      [4_000, 40],
    ]);
    fillFromWindow(buffer, {
      signalId: 's',
      stepMs: 1_000,
      rolledUp: false,
      timesMs: [1_000, 2_000, 3_000],
      values: [1, null, 3],
      expected: [1, 1, 1],
      low: [0, 0, 0],
      high: [2, 2, 2],
      gaps: [],
      findings: [],
    });
    expect([1_000, 2_000, 3_000, 4_000].map((time) => readNearest(buffer, time, 1)?.value)).toEqual([
      1,
      null,
      3,
      40,
    ]);
  });
});

describe('reduction to columns', () => {
  it('keeps first, extremes and last of each column, so that no peak is lost', () => {
    const buffer = bufferOf([
      [0, 5],
      [1_000, 90],
      [2_000, 1],
      [3_000, 6],
      [4_000, 7],
    ]);
    expect(rows(reduceToColumns(buffer, 0, 8_000, 4_000))).toEqual([
      [2_000, 5, 1, 90, 6],
      [6_000, 7, 7, 7, 7],
    ]);
  });

  it('gives the same columns while the window glides', () => {
    const buffer = bufferOf(Array.from({ length: 60 }, (_, n) => [n * 1_000, (n * 37) % 11] as const));
    const before = rows(reduceToColumns(buffer, 10_000, 40_000, 5_000));
    const after = rows(reduceToColumns(buffer, 12_000, 42_000, 5_000));
    const shared = (list: typeof before) =>
      list.filter(([time]) => (time ?? 0) > 15_000 && (time ?? 0) < 38_000);
    expect(shared(after)).toEqual(shared(before));
  });

  it('breaks the line at missing values and long distances, never draws them as zero', () => {
    const buffer = bufferOf([
      [0, 1],
      [1_000, null],
      [2_000, 2],
      [9_000, 3],
      [10_000, 4],
    ]);
    const columns = reduceToColumns(buffer, 0, 11_000, 1_000);
    expect(rows(columns).map((row) => row[1])).toEqual([1, 2, 3, 4]);
    expect([...columns.breaks.slice(0, columns.count)]).toEqual([1, 1, 1, 0]);
    expect(columns.valueMin).toBe(1);
  });

  it('draws coarse history before live seconds as one line', () => {
    const minutes = [0, 1, 2, 3, 4].map((n) => [n * 60_000, 5] as const);
    const seconds = [1, 2, 3].map((n) => [240_000 + n * 1_000, 5] as const);
    const columns = reduceToColumns(bufferOf([...minutes, ...seconds]), 0, 300_000, 1_000);
    expect([...columns.breaks.slice(0, columns.count)]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('finds the gaps: before the first value, between, and up to now', () => {
    const buffer = bufferOf([
      [0, 1],
      [1_000, 1],
      [9_000, 1],
      [10_000, 1],
    ]);
    expect(findGaps(buffer, -20_000, 30_000)).toEqual([
      { fromMs: -20_000, toMs: 0 },
      { fromMs: 1_000, toMs: 9_000 },
      { fromMs: 10_000, toMs: 30_000 },
    ]);
    expect(findGaps(buffer, 500, 10_500)).toEqual([{ fromMs: 1_000, toMs: 9_000 }]);
    expect(findGaps(createSeriesBuffer(4), 0, 5_000)).toEqual([{ fromMs: 0, toMs: 5_000 }]);
  });

  it('chooses columns that divide the clock', () => {
    expect([
      columnWidthMs(3_600_000, 600),
      columnWidthMs(3_600_000, 500),
      columnWidthMs(300_000, 400),
    ]).toEqual([10_000, 10_000, 1_000]);
  });
});

describe('reduction that goes on', () => {
  it('gives the same columns as a reduction from scratch, and leaves closed ones alone', () => {
    const buffer = bufferOf(Array.from({ length: 40 }, (_, n) => [n * 1_000, (n * 7) % 13] as const));
    const window = { fromMs: 0, toMs: 70_000, columnMs: 5_000 };
    let cache = reduceAgain(null, buffer, window);
    const rounds = [cache.round];
    for (let n = 40; n < 62; n += 1) {
      appendSample(buffer, sample(n * 1_000, (n * 7) % 13));
      cache = reduceAgain(cache, buffer, window);
      rounds.push(cache.round);
    }
    expect([rounds[0], rounds.at(-1)]).toEqual([1, 2]);
    expect([...rows(cache.closed), ...rows(cache.tail).slice(1)]).toEqual(
      rows(reduceToColumns(buffer, 0, 70_000, 5_000)),
    );
  });
});

describe('paths', () => {
  const x: Scale = { kind: 'linear', min: 0, max: 10_000, size: 100 };
  const y: Scale = { kind: 'linear', min: 0, max: 10, size: 50 };

  it('draws a column with a peak as a vertical stroke and begins anew after a break', () => {
    const buffer = bufferOf([
      [0, 2],
      [500, 8],
      [1_000, 4],
      [9_000, 5],
    ]);
    expect(linePath(reduceToColumns(buffer, 0, 10_000, 1_000), x, y)).toBe('M5 40V40V10L15 30M95 25h0.1');
  });

  it('closes the band along its lower edge', () => {
    const buffer = createSeriesBuffer(10);
    buffer.stepMs = 1_000;
    for (const timeMs of [0, 1_000, 2_000]) appendSample(buffer, sample(timeMs, 5, [4, 5, 6]));
    expect(bandPath(reduceToColumns(buffer, 0, 10_000, 1_000), x, y)).toBe(
      'M5 20L15 20L25 20L25 30L15 30L5 30Z',
    );
  });

  it('draws nothing of nothing', () => {
    expect(linePath(reduceToColumns(createSeriesBuffer(5), 0, 1_000, 100), x, y)).toBe('');
  });
});

describe('axes', () => {
  it('maps values to pixels and back, linear and logarithmic', () => {
    const log: Scale = { kind: 'log', min: 1, max: 1_000, size: 30 };
    expect([Math.round(toPixel(log, 10)), toPixel(log, 0), Math.round(fromPixel(log, 20))]).toEqual([
      10, 0, 100,
    ]);
    const linear: Scale = { kind: 'linear', min: 10, max: 20, size: 100 };
    expect([toPixel(linear, 15), fromPixel(linear, 50)]).toEqual([50, 15]);
  });

  it('begins at zero, ends at a round number, and ends percent at 100', () => {
    expect([
      niceDomain(20, 137),
      niceDomain(91.3, 99.9, { unit: '%' }),
      niceDomain(12, 99.9, { unit: '%' }),
      niceDomain(Number.NaN, Number.NaN),
      niceDomain(0, 900, { log: true, smallestPositive: 3 }),
      niceDomain(0, 0),
    ]).toEqual([
      { min: 0, max: 150 },
      { min: 90, max: 100 },
      { min: 0, max: 100 },
      { min: 0, max: 1 },
      { min: 1, max: 1_000 },
      { min: 0, max: 1 },
    ]);
  });

  it('marks round values and moments', () => {
    expect(valueTicks({ kind: 'linear', min: 0, max: 150 }, 3)).toEqual([0, 50, 100, 150]);
    expect(valueTicks({ kind: 'log', min: 1, max: 1_000 }, 4)).toEqual([1, 10, 100, 1_000]);
    expect(timeTicks(30_000, 3_600_000, 6)).toEqual({
      stepMs: 600_000,
      timesMs: [600_000, 1_200_000, 1_800_000, 2_400_000, 3_000_000, 3_600_000],
    });
  });
});
