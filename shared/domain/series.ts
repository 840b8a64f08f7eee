import type { Gap, LiveSample, SignalWindow } from './signal.ts';

/**
 * Points of one signal in typed arrays, oldest first from `start`, wrapping at `capacity`. A missing value is NaN.
 * Mutable on purpose: it is what the charts that move every second read.
 */
export interface SeriesBuffer {
  readonly capacity: number;
  start: number;
  length: number;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly expected: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Usual distance of points, ms; 0 while not known. */
  stepMs: number;
  /** Rises whenever history was filled in: what was read before may have changed. */
  fills: number;
}

/** Points of one signal as a chart takes them: a buffer, or plain arrays of a stretch that stands still. */
export type SeriesPoints = Readonly<
  Pick<
    SeriesBuffer,
    'capacity' | 'start' | 'length' | 'timesMs' | 'values' | 'expected' | 'low' | 'high' | 'stepMs' | 'fills'
  >
>;

export function createSeriesBuffer(capacity: number): SeriesBuffer {
  return {
    capacity,
    start: 0,
    length: 0,
    timesMs: new Float64Array(capacity),
    values: new Float64Array(capacity),
    expected: new Float64Array(capacity),
    low: new Float64Array(capacity),
    high: new Float64Array(capacity),
    stepMs: 0,
    fills: 0,
  };
}

const orNaN = (value: number | null | undefined): number =>
  value === null || value === undefined ? Number.NaN : value;

/** Time of the newest point, epoch ms; null in an empty buffer. */
export function lastTimeMs(points: SeriesPoints): number | null {
  if (points.length === 0) return null;
  return points.timesMs[(points.start + points.length - 1) % points.capacity] ?? null;
}

/**
 * Adds a point at the end; the oldest goes when the buffer is full. A point at the newest time replaces it; older
 * ones are left out, for the history has them.
 * @returns whether anything changed
 */
export function appendSample(buffer: SeriesBuffer, sample: Omit<LiveSample, 'signalId'>): boolean {
  const last = lastTimeMs(buffer);
  if (last !== null && sample.timeMs < last) return false;
  let place: number;
  if (last !== null && sample.timeMs === last) {
    place = (buffer.start + buffer.length - 1) % buffer.capacity;
  } else if (buffer.length === buffer.capacity) {
    place = buffer.start;
    buffer.start = (buffer.start + 1) % buffer.capacity;
  } else {
    place = (buffer.start + buffer.length) % buffer.capacity;
    buffer.length += 1;
  }
  buffer.timesMs[place] = sample.timeMs;
  buffer.values[place] = orNaN(sample.value);
  buffer.expected[place] = orNaN(sample.expected);
  buffer.low[place] = orNaN(sample.low);
  buffer.high[place] = orNaN(sample.high);
  return true;
}

/** Takes a stretch of history as the base of a buffer and keeps the points that are newer than its end. */
export function fillFromWindow(buffer: SeriesBuffer, window: SignalWindow): void {
  const end = window.timesMs.at(-1) ?? Number.NEGATIVE_INFINITY;
  const newer: Omit<LiveSample, 'signalId'>[] = [];
  for (let index = 0; index < buffer.length; index += 1) {
    const place = (buffer.start + index) % buffer.capacity;
    const timeMs = buffer.timesMs[place] ?? Number.NaN;
    if (timeMs > end) {
      newer.push({
        timeMs,
        value: buffer.values[place] ?? Number.NaN,
        expected: buffer.expected[place] ?? Number.NaN,
        low: buffer.low[place] ?? Number.NaN,
        high: buffer.high[place] ?? Number.NaN,
      });
    }
  }
  buffer.start = 0;
  buffer.length = 0;
  buffer.stepMs = window.stepMs;
  const from = Math.max(0, window.timesMs.length - buffer.capacity);
  for (let index = from; index < window.timesMs.length; index += 1) {
    appendSample(buffer, {
      timeMs: window.timesMs[index] ?? 0,
      value: window.values[index] ?? null,
      expected: window.expected[index] ?? null,
      low: window.low[index] ?? null,
      high: window.high[index] ?? null,
    });
  }
  for (const sample of newer) appendSample(buffer, sample);
  buffer.fills += 1;
}

/** A stretch of a signal as points to draw. */
export function pointsFromWindow(window: SignalWindow): SeriesPoints {
  const buffer = createSeriesBuffer(Math.max(1, window.timesMs.length));
  fillFromWindow(buffer, window);
  return buffer;
}

/** Where on a chart a value lies: pixels from 0 (first) to `size` (last). */
export interface Scale {
  readonly kind: 'linear' | 'log';
  readonly min: number;
  readonly max: number;
  readonly size: number;
}

/** The place of a value on a scale, px from the scale's beginning. On a log scale what is not positive lies at 0. */
export function toPixel(scale: Scale, value: number): number {
  if (scale.kind === 'log') {
    if (value <= 0 || scale.min <= 0) return 0;
    const span = Math.log(scale.max) - Math.log(scale.min);
    return span === 0 ? 0 : Math.max(0, ((Math.log(value) - Math.log(scale.min)) / span) * scale.size);
  }
  const span = scale.max - scale.min;
  return span === 0 ? 0 : ((value - scale.min) / span) * scale.size;
}

/** The value at a pixel: the inverse of toPixel. */
export function fromPixel(scale: Scale, pixel: number): number {
  const share = scale.size === 0 ? 0 : pixel / scale.size;
  if (scale.kind === 'log') {
    return Math.exp(Math.log(scale.min) + share * (Math.log(scale.max) - Math.log(scale.min)));
  }
  return scale.min + share * (scale.max - scale.min);
}

/**
 * Points reduced to columns: for each column that has any, its first, lowest, highest and last value. Columns are
 * aligned to the clock (column k covers [k, k+1) times `columnMs`), so that a gliding window shows the same columns
 * moved, never others.
 */
export interface Columns {
  readonly columnMs: number;
  readonly count: number;
  /** Middle of each column, epoch ms. */
  readonly timesMs: Float64Array;
  readonly first: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
  readonly expected: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** 1 where the line is broken before this column: no data in between. */
  readonly breaks: Uint8Array;
  readonly bandBreaks: Uint8Array;
  /** Over all values and the band, for the scale; NaN when there is nothing. */
  readonly valueMin: number;
  readonly valueMax: number;
  readonly smallestPositive: number;
}

/** Widths of columns that divide the clock evenly, ms. */
const columnWidthsMs = [
  250, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
] as const;

/** The narrowest even column for which the window has at most this many. */
export function columnWidthMs(windowMs: number, mostColumns: number): number {
  const wanted = windowMs / Math.max(1, mostColumns);
  return columnWidthsMs.find((width) => width >= wanted) ?? Math.ceil(wanted / 86_400_000) * 86_400_000;
}

/**
 * How far apart two points may be before the line between them would be a lie: 2.5 times the usual distance there.
 * Usual is the signal's step or the distance before, whichever is longer: history is coarser than what is live.
 */
const gapSteps = 2.5;

/**
 * Reduces the points between two moments to columns, without losing any peak: minimum and maximum of each column
 * are kept. One pass, no allocation a point. The point before the window is taken too, so that the line enters from
 * the edge.
 * @param reuse columns that are no longer needed: their memory is used again, so that a chart allocates nothing
 */
export function reduceToColumns(
  points: SeriesPoints,
  fromMs: number,
  toMs: number,
  columnMs: number,
  reuse: Columns | null = null,
): Columns {
  const most = Math.max(1, Math.ceil((toMs - fromMs) / columnMs) + 3);
  const room = reuse !== null && reuse.timesMs.length >= most ? reuse : null;
  const timesMs = room?.timesMs ?? new Float64Array(most);
  const first = room?.first ?? new Float64Array(most);
  const min = room?.min ?? new Float64Array(most);
  const max = room?.max ?? new Float64Array(most);
  const last = room?.last ?? new Float64Array(most);
  const expected = room?.expected ?? new Float64Array(most);
  const low = room?.low ?? new Float64Array(most);
  const high = room?.high ?? new Float64Array(most);
  const breaks = room?.breaks ?? new Uint8Array(most);
  const bandBreaks = room?.bandBreaks ?? new Uint8Array(most);
  const { capacity, start, length } = points;
  const leastGapMs = Math.max(points.stepMs * gapSteps, columnMs * 1.5);
  const firstIndex = lowerBound(points, fromMs - columnMs);
  let usualMs = Math.max(points.stepMs, nextSpacingMs(points, firstIndex));
  let lastBandMs = Number.NaN;
  let usualBandMs = usualMs;

  let count = 0;
  let column = Number.NaN;
  let columnHasValue = false;
  let broken = true;
  let lastValueMs = Number.NaN;
  let valueMin = Number.NaN;
  let valueMax = Number.NaN;
  let smallestPositive = Number.NaN;

  for (let index = firstIndex; index < length; index += 1) {
    const place = (start + index) % capacity;
    const timeMs = points.timesMs[place] ?? 0;
    if (timeMs > toMs) break;
    const value = points.values[place] ?? Number.NaN;
    const own = Math.floor(timeMs / columnMs);
    if (own !== column) {
      if (count === most) break;
      // A column that had only missing values is not one: its place is used again.
      if (count === 0 || columnHasValue || !Number.isNaN(expected[count - 1] ?? Number.NaN)) count += 1;
      column = own;
      columnHasValue = false;
      const at = count - 1;
      timesMs[at] = (own + 0.5) * columnMs;
      first[at] = Number.NaN;
      min[at] = Number.NaN;
      max[at] = Number.NaN;
      last[at] = Number.NaN;
      expected[at] = Number.NaN;
      low[at] = Number.NaN;
      high[at] = Number.NaN;
      breaks[at] = 0;
      bandBreaks[at] = 0;
    }
    const at = count - 1;
    const bandCentre = points.expected[place] ?? Number.NaN;
    if (!Number.isNaN(bandCentre)) {
      if (timeMs - lastBandMs > Math.max(leastGapMs, usualBandMs * gapSteps)) bandBreaks[at] = 1;
      if (timeMs > lastBandMs) usualBandMs = timeMs - lastBandMs;
      lastBandMs = timeMs;
      expected[at] = bandCentre;
      const bandLow = points.low[place] ?? Number.NaN;
      const bandHigh = points.high[place] ?? Number.NaN;
      if (!((low[at] ?? Number.NaN) <= bandLow)) low[at] = bandLow;
      if (!((high[at] ?? Number.NaN) >= bandHigh)) high[at] = bandHigh;
      if (!(valueMin <= bandLow)) valueMin = bandLow;
      if (!(valueMax >= bandHigh)) valueMax = bandHigh;
    }
    if (Number.isNaN(value)) {
      broken = true;
      continue;
    }
    if (timeMs - lastValueMs > Math.max(leastGapMs, usualMs * gapSteps)) broken = true;
    if (timeMs > lastValueMs) usualMs = timeMs - lastValueMs;
    lastValueMs = timeMs;
    if (!columnHasValue) {
      columnHasValue = true;
      first[at] = value;
      min[at] = value;
      max[at] = value;
      breaks[at] = broken ? 1 : 0;
    } else {
      if (value < (min[at] ?? 0)) min[at] = value;
      if (value > (max[at] ?? 0)) max[at] = value;
    }
    last[at] = value;
    broken = false;
    if (!(valueMin <= value)) valueMin = value;
    if (!(valueMax >= value)) valueMax = value;
    if (value > 0 && !(smallestPositive <= value)) smallestPositive = value;
  }
  return {
    columnMs,
    count,
    timesMs,
    first,
    min,
    max,
    last,
    expected,
    low,
    high,
    breaks,
    bandBreaks,
    valueMin,
    valueMax,
    smallestPositive,
  };
}

/** What a chart keeps between two drawings of one series; see reduceAgain. */
export interface ColumnsCache {
  readonly points: SeriesPoints;
  readonly fills: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly columnMs: number;
  /** Before this moment nothing can change any more but by a fill. */
  readonly closedToMs: number;
  /** Columns before closedToMs. */
  readonly closed: Columns;
  /** The columns that still grow, and the one before them, so that the line goes on without a break. */
  readonly tail: Columns;
  /** Rises with every new `closed`. */
  readonly round: number;
}

/** How many columns may grow at the end before all of them are closed anew. */
const mostOpenColumns = 4;

/**
 * Reduces a series that grows at its end: as long as window and column are the same and nothing was filled in, only
 * the newest columns are computed anew. Takes over the memory of what was there before: `before` is not used again.
 */
export function reduceAgain(
  before: ColumnsCache | null,
  points: SeriesPoints,
  window: { readonly fromMs: number; readonly toMs: number; readonly columnMs: number },
): ColumnsCache {
  const { fromMs, toMs, columnMs } = window;
  const newestColumnMs = Math.floor(Math.min(lastTimeMs(points) ?? fromMs, toMs) / columnMs) * columnMs;
  const isSame =
    before !== null &&
    before.points === points &&
    before.fills === points.fills &&
    before.fromMs === fromMs &&
    before.toMs === toMs &&
    before.columnMs === columnMs &&
    newestColumnMs - before.closedToMs < mostOpenColumns * columnMs;
  const own = before?.points === points ? before : null;
  const closedToMs = isSame ? before.closedToMs : newestColumnMs;
  return {
    points,
    fills: points.fills,
    fromMs,
    toMs,
    columnMs,
    closedToMs,
    closed: isSame
      ? before.closed
      : reduceToColumns(points, fromMs, closedToMs - 1, columnMs, own?.closed ?? null),
    tail: reduceToColumns(points, Math.max(fromMs, closedToMs), toMs, columnMs, own?.tail ?? null),
    round: isSame ? before.round : (before?.round ?? 0) + 1,
  };
}

/** Index (from the oldest) of the first point at or after a moment. */
export function lowerBound(points: SeriesPoints, timeMs: number): number {
  let lowIndex = 0;
  let highIndex = points.length;
  while (lowIndex < highIndex) {
    const middle = (lowIndex + highIndex) >> 1;
    if ((points.timesMs[(points.start + middle) % points.capacity] ?? 0) < timeMs) lowIndex = middle + 1;
    else highIndex = middle;
  }
  return lowIndex;
}

/** One point read out of a series. */
export interface ReadPoint {
  readonly timeMs: number;
  readonly value: number | null;
  readonly expected: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const orNull = (value: number | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value;

/** The point nearest to a moment, at most `withinMs` away; null where there is none. */
export function readNearest(points: SeriesPoints, timeMs: number, withinMs: number): ReadPoint | null {
  const after = lowerBound(points, timeMs);
  let best = -1;
  let bestDistance = withinMs;
  for (const index of [after - 1, after]) {
    if (index < 0 || index >= points.length) continue;
    const distance = Math.abs((points.timesMs[(points.start + index) % points.capacity] ?? 0) - timeMs);
    if (distance <= bestDistance) {
      best = index;
      bestDistance = distance;
    }
  }
  if (best < 0) return null;
  const place = (points.start + best) % points.capacity;
  return {
    timeMs: points.timesMs[place] ?? 0,
    value: orNull(points.values[place]),
    expected: orNull(points.expected[place]),
    low: orNull(points.low[place]),
    high: orNull(points.high[place]),
  };
}

/** The stretches of a window in which a series has no values: before its first, between, and after its newest. */
export function findGaps(points: SeriesPoints, fromMs: number, toMs: number): readonly Gap[] {
  const gaps: Gap[] = [];
  const leastMs = Math.max(1_000, points.stepMs) * gapSteps;
  let usualMs = 0;
  let lastValueMs: number | null = null;
  // The point before the window, if any, tells whether its beginning is covered.
  const firstIndex = Math.max(0, lowerBound(points, fromMs) - 1);
  for (let index = firstIndex; index < points.length; index += 1) {
    const place = (points.start + index) % points.capacity;
    const timeMs = points.timesMs[place] ?? 0;
    if (timeMs > toMs) break;
    if (Number.isNaN(points.values[place] ?? Number.NaN)) continue;
    if (lastValueMs === null) {
      usualMs = nextSpacingMs(points, index);
      if (timeMs - fromMs > Math.max(leastMs, usualMs * gapSteps)) gaps.push({ fromMs, toMs: timeMs });
    } else {
      const distanceMs = timeMs - lastValueMs;
      if (distanceMs > Math.max(leastMs, usualMs * gapSteps)) {
        gaps.push({ fromMs: Math.max(fromMs, lastValueMs), toMs: timeMs });
      }
      usualMs = distanceMs;
    }
    lastValueMs = timeMs;
  }
  // What should have come by now and did not is a gap, too.
  if (lastValueMs === null) gaps.push({ fromMs, toMs });
  else if (toMs - lastValueMs > Math.max(leastMs, usualMs * gapSteps, 5_000)) {
    gaps.push({ fromMs: Math.max(fromMs, lastValueMs), toMs });
  }
  return gaps;
}

/**
 * What is usual after a point, ms: the shorter of the next two distances. So the first distance of a series can be
 * judged, too: it is long only where what comes after is closer. 0 where too little follows.
 */
function nextSpacingMs(points: SeriesPoints, index: number): number {
  if (index + 2 >= points.length) return 0;
  const at = (place: number) => points.timesMs[(points.start + place) % points.capacity] ?? 0;
  return Math.min(at(index + 1) - at(index), at(index + 2) - at(index + 1));
}

const oneDecimal = (pixel: number): number => Math.round(pixel * 10) / 10;

/**
 * SVG path of the line through columns: within a column from its first value over both extremes to its last, so
 * that a one-second spike is as tall as it was. Broken where there is no data.
 * @param x scale of time, px from the left; @param y scale of values, drawn from the bottom up
 */
export function linePath(columns: Columns, x: Scale, y: Scale): string {
  let path = '';
  for (let index = 0; index < columns.count; index += 1) {
    const first = columns.first[index] ?? Number.NaN;
    if (Number.isNaN(first)) continue;
    const left = oneDecimal(toPixel(x, columns.timesMs[index] ?? 0));
    const min = columns.min[index] ?? first;
    const max = columns.max[index] ?? first;
    const last = columns.last[index] ?? first;
    const isBreak = columns.breaks[index] === 1 || path === '';
    path += `${isBreak ? 'M' : 'L'}${left} ${oneDecimal(y.size - toPixel(y, first))}`;
    if (min !== max) {
      // The nearer extreme first: up then down, or down then up, as it most likely was.
      const nearIsMin = Math.abs(first - min) < Math.abs(first - max);
      path += `V${oneDecimal(y.size - toPixel(y, nearIsMin ? min : max))}V${oneDecimal(y.size - toPixel(y, nearIsMin ? max : min))}`;
      if (last !== (nearIsMin ? max : min)) path += `V${oneDecimal(y.size - toPixel(y, last))}`;
    } else if (isBreak) {
      // A single point between two gaps would be an empty path: a short stroke shows it.
      path += 'h0.1';
    }
  }
  return path;
}

/** SVG path of the expected band, one closed shape for each stretch without a break. */
export function bandPath(columns: Columns, x: Scale, y: Scale): string {
  let path = '';
  let top: string[] = [];
  let bottom: string[] = [];
  const close = () => {
    if (top.length > 1) path += `M${top.join('L')}L${bottom.reverse().join('L')}Z`;
    top = [];
    bottom = [];
  };
  for (let index = 0; index < columns.count; index += 1) {
    const low = columns.low[index] ?? Number.NaN;
    const high = columns.high[index] ?? Number.NaN;
    if (Number.isNaN(low) || Number.isNaN(high)) {
      close();
      continue;
    }
    if (columns.bandBreaks[index] === 1) close();
    const left = oneDecimal(toPixel(x, columns.timesMs[index] ?? 0));
    top.push(`${left} ${oneDecimal(y.size - toPixel(y, high))}`);
    bottom.push(`${left} ${oneDecimal(y.size - toPixel(y, low))}`);
  }
  close();
  return path;
}

/**
 * Bounds of a value axis that hold these values with round ends. A linear axis of what cannot be negative begins
 * at 0; percent ends at 100 when it comes near, and begins just below its lowest value when all of it is high.
 */
export function niceDomain(
  valueMin: number,
  valueMax: number,
  options: { readonly log?: boolean; readonly smallestPositive?: number; readonly unit?: string } = {},
): { readonly min: number; readonly max: number } {
  if (Number.isNaN(valueMin) || Number.isNaN(valueMax))
    return options.log ? { min: 1, max: 10 } : { min: 0, max: 1 };
  if (options.log) {
    const bottom = Math.max(1e-9, options.smallestPositive ?? valueMin);
    const top = Math.max(bottom * 10, valueMax);
    return {
      min: 10 ** Math.floor(Math.log10(bottom)),
      max: options.unit === '%' && top <= 100 ? 100 : 10 ** Math.ceil(Math.log10(top * 1.0001)),
    };
  }
  const min = valueMin >= 0 ? 0 : -niceCeiling(-valueMin);
  if (options.unit === '%' && valueMax <= 100 && valueMax > 60) {
    // Reachability lives between 90 and 100: from 0 its drops could not be seen.
    return { min: percentFloors.find((floor) => floor < valueMin) ?? min, max: 100 };
  }
  const max = valueMax <= 0 ? (min < 0 ? 0 : 1) : niceCeiling(valueMax * 1.04);
  return { min, max };
}

/** Where an axis of percent may begin when everything lies above. */
const percentFloors = [98, 95, 90, 80, 50] as const;

/** The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const share = value / power;
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((each) => each >= share - 1e-9) ?? 10;
  return step * power;
}

/** Values at which a value axis is marked: round, and about `wanted` of them. */
export function valueTicks(scale: Pick<Scale, 'kind' | 'min' | 'max'>, wanted: number): readonly number[] {
  if (scale.kind === 'log') {
    const from = Math.round(Math.log10(scale.min));
    const to = Math.round(Math.log10(scale.max));
    const stride = Math.max(1, Math.ceil((to - from) / Math.max(1, wanted)));
    const ticks: number[] = [];
    for (let power = from; power <= to; power += stride) ticks.push(10 ** power);
    return ticks;
  }
  const span = scale.max - scale.min;
  if (!(span > 0)) return [scale.min];
  const rough = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  for (let index = Math.ceil(scale.min / step); index * step <= scale.max + step * 1e-6; index += 1) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}

const timeStepsMs = [
  1_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000,
  10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
] as const;

/** Moments at which a time axis is marked, on the clock's round numbers (UTC), at most `most` of them. */
export function timeTicks(
  fromMs: number,
  toMs: number,
  most: number,
): { readonly stepMs: number; readonly timesMs: readonly number[] } {
  const wanted = (toMs - fromMs) / Math.max(1, most);
  const stepMs = timeStepsMs.find((step) => step >= wanted) ?? Math.ceil(wanted / 604_800_000) * 604_800_000;
  const timesMs: number[] = [];
  for (let time = Math.ceil(fromMs / stepMs) * stepMs; time <= toMs; time += stepMs) timesMs.push(time);
  return { stepMs, timesMs };
}
