import { WatchfloorError } from './result.ts';

/*
 * Samples of one signal, packed: times as differences of differences, values as what changed in their bits since
 * the value before. Both ideas are Facebook's Gorilla (Pelkonen et al., VLDB 2015), here in whole bytes: a
 * regular hour costs one byte a time, a steady value one byte a sample.
 *
 *   byte 0       format, 1
 *   varint       count
 *   varint       first time, then zigzag varints: first difference, then differences of differences
 *   4 columns    value (64 bit), expected, low, high (32 bit: a drawn band needs no more)
 *
 * A column is a mode byte (0: all null, 1: none null, 2: a bitmap of what is there follows), then for each value
 * that is there a byte `leading zero bytes << 4 | trailing zero bytes` of the exclusive or, and the bytes between.
 */

/** Columns of equal length; times rise, whole milliseconds. null is a gap. */
export interface SampleColumns {
  readonly timesMs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly expected: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

const format = 1;

class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, lowest first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  signed(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw damaged('it ends too early');
    this.#at += 1;
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count += 1) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw damaged('a number is too long');
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }
}

function damaged(what: string): WatchfloorError {
  return new WatchfloorError('storage', 'A stored stretch of samples cannot be read.', what);
}

function writeColumn(writer: ByteWriter, values: readonly (number | null)[], bytesEach: 4 | 8): void {
  const present = values.reduce((count: number, value) => (value === null ? count : count + 1), 0);
  writer.byte(present === 0 ? 0 : present === values.length ? 1 : 2);
  if (present === 0) return;
  if (present < values.length) {
    for (let start = 0; start < values.length; start += 8) {
      let bits = 0;
      for (let bit = 0; bit < 8; bit += 1) {
        const value = values[start + bit];
        if (value !== null && value !== undefined) bits |= 1 << bit;
      }
      writer.byte(bits);
    }
  }
  const view = new DataView(new ArrayBuffer(8));
  const previous = new Uint8Array(bytesEach);
  const changed = new Uint8Array(bytesEach);
  for (const value of values) {
    if (value === null) continue;
    if (bytesEach === 8) view.setFloat64(0, value);
    else view.setFloat32(0, value);
    let leading = bytesEach as number;
    let trailing = 0;
    for (let index = 0; index < bytesEach; index += 1) {
      const byte = view.getUint8(index);
      const difference = byte ^ (previous[index] ?? 0);
      previous[index] = byte;
      changed[index] = difference;
      if (difference !== 0) {
        if (leading === bytesEach) leading = index;
        trailing = bytesEach - 1 - index;
      }
    }
    writer.byte((leading << 4) | trailing);
    for (let index = leading; index < bytesEach - trailing; index += 1) writer.byte(changed[index] ?? 0);
  }
}

function readColumn(reader: ByteReader, count: number, bytesEach: 4 | 8): (number | null)[] {
  const mode = reader.byte();
  if (mode > 2) throw damaged('a column has an unknown mode');
  if (mode === 0) return new Array<number | null>(count).fill(null);
  const bitmap: number[] = [];
  if (mode === 2) for (let start = 0; start < count; start += 8) bitmap.push(reader.byte());
  const view = new DataView(new ArrayBuffer(8));
  const values: (number | null)[] = [];
  for (let position = 0; position < count; position += 1) {
    if (mode === 2 && ((bitmap[position >> 3] ?? 0) & (1 << (position & 7))) === 0) {
      values.push(null);
      continue;
    }
    const header = reader.byte();
    const leading = header >> 4;
    const trailing = header & 15;
    if (leading > bytesEach || trailing > bytesEach) throw damaged('a value is out of shape');
    for (let index = leading; index < bytesEach - trailing; index += 1) {
      view.setUint8(index, view.getUint8(index) ^ reader.byte());
    }
    values.push(bytesEach === 8 ? view.getFloat64(0) : view.getFloat32(0));
  }
  return values;
}

/** Packs samples. The bands come back rounded to 32-bit floats, everything else exactly. */
export function encodeSamples(samples: SampleColumns): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(format);
  writer.varint(samples.timesMs.length);
  let previous = 0;
  let previousDifference = 0;
  for (const [index, timeMs] of samples.timesMs.entries()) {
    if (index === 0) {
      writer.signed(timeMs);
    } else {
      writer.signed(timeMs - previous - previousDifference);
      previousDifference = timeMs - previous;
    }
    previous = timeMs;
  }
  writeColumn(writer, samples.values, 8);
  writeColumn(writer, samples.expected, 4);
  writeColumn(writer, samples.low, 4);
  writeColumn(writer, samples.high, 4);
  return writer.finish();
}

/** @throws WatchfloorError `storage` when the bytes are not a whole chunk */
export function decodeSamples(bytes: Uint8Array): SampleColumns {
  const reader = new ByteReader(bytes);
  if (reader.byte() !== format) throw damaged('its format is not known');
  const count = reader.varint();
  // Every time costs a byte at least: anything else is damage, not a reason to fill the memory.
  if (count > bytes.length) throw damaged('its count is out of shape');
  const timesMs: number[] = [];
  let previous = 0;
  let previousDifference = 0;
  for (let index = 0; index < count; index += 1) {
    const coded = reader.signed();
    if (index > 0) previousDifference += coded;
    previous = index === 0 ? coded : previous + previousDifference;
    timesMs.push(previous);
  }
  const columns = {
    timesMs,
    values: readColumn(reader, count, 8),
    expected: readColumn(reader, count, 4),
    low: readColumn(reader, count, 4),
    high: readColumn(reader, count, 4),
  };
  if (!reader.done) throw damaged('something follows its end');
  return columns;
}

/** One interval's samples as a roll-up. The band is the mean of the samples' bands. */
export interface RollUp {
  readonly timeMs: number;
  /** How many samples had a value. */
  readonly count: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly expected: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

interface Running {
  timeMs: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  expected: number;
  low: number;
  high: number;
  bands: number;
}

/**
 * Rolls samples up into fixed UTC intervals, in time order.
 * @param samples in time order
 * @param intervalMs length of an interval; intervals start at multiples of it
 */
export function rollUp(samples: SampleColumns, intervalMs: number): RollUp[] {
  const rolled: RollUp[] = [];
  let running: Running | null = null;
  const finish = (of: Running): RollUp => ({
    timeMs: of.timeMs,
    count: of.count,
    mean: of.count === 0 ? null : of.sum / of.count,
    min: of.count === 0 ? null : of.min,
    max: of.count === 0 ? null : of.max,
    expected: of.bands === 0 ? null : of.expected / of.bands,
    low: of.bands === 0 ? null : of.low / of.bands,
    high: of.bands === 0 ? null : of.high / of.bands,
  });
  for (const [index, timeMs] of samples.timesMs.entries()) {
    const start = Math.floor(timeMs / intervalMs) * intervalMs;
    if (running === null || running.timeMs !== start) {
      if (running !== null) rolled.push(finish(running));
      running = {
        timeMs: start,
        count: 0,
        sum: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
        expected: 0,
        low: 0,
        high: 0,
        bands: 0,
      };
    }
    const value = samples.values[index] ?? null;
    if (value !== null) {
      running.count += 1;
      running.sum += value;
      running.min = Math.min(running.min, value);
      running.max = Math.max(running.max, value);
    }
    const expected = samples.expected[index] ?? null;
    const low = samples.low[index] ?? null;
    const high = samples.high[index] ?? null;
    if (expected !== null && low !== null && high !== null) {
      running.expected += expected;
      running.low += low;
      running.high += high;
      running.bands += 1;
    }
  }
  if (running !== null) rolled.push(finish(running));
  return rolled;
}

/** Joins finer roll-ups into coarser ones: means and bands weighted by how many samples each stands for. */
export function rollUpFurther(rollUps: readonly RollUp[], intervalMs: number): RollUp[] {
  const joined: RollUp[] = [];
  let group: RollUp[] = [];
  let start = Number.NaN;
  const flush = () => {
    if (group.length === 0) return;
    const counted = group.filter((one) => one.mean !== null);
    const banded = group.filter((one) => one.expected !== null);
    const count = counted.reduce((sum, one) => sum + one.count, 0);
    const bandWeight = banded.reduce((sum, one) => sum + Math.max(1, one.count), 0);
    const band = (pick: (one: RollUp) => number | null) =>
      bandWeight === 0
        ? null
        : banded.reduce((sum, one) => sum + (pick(one) ?? 0) * Math.max(1, one.count), 0) / bandWeight;
    joined.push({
      timeMs: start,
      count,
      mean: count === 0 ? null : counted.reduce((sum, one) => sum + (one.mean ?? 0) * one.count, 0) / count,
      min: count === 0 ? null : Math.min(...counted.map((one) => one.min ?? Number.POSITIVE_INFINITY)),
      max: count === 0 ? null : Math.max(...counted.map((one) => one.max ?? Number.NEGATIVE_INFINITY)),
      expected: band((one) => one.expected),
      low: band((one) => one.low),
      high: band((one) => one.high),
    });
    group = [];
  };
  for (const one of rollUps) {
    const at = Math.floor(one.timeMs / intervalMs) * intervalMs;
    if (at !== start) {
      flush();
      start = at;
    }
    group.push(one);
  }
  flush();
  return joined;
}

/** Packs roll-ups; means come back exactly, the rest rounded to 32-bit floats. */
export function encodeRollUps(rollUps: readonly RollUp[]): Uint8Array {
  const timesMs = rollUps.map((one) => one.timeMs);
  const means = encodeSamples({
    timesMs,
    values: rollUps.map((one) => one.mean),
    expected: rollUps.map((one) => one.expected),
    low: rollUps.map((one) => one.low),
    high: rollUps.map((one) => one.high),
  });
  const spread = encodeSamples({
    timesMs,
    values: rollUps.map((one) => one.count),
    expected: rollUps.map(() => null),
    low: rollUps.map((one) => one.min),
    high: rollUps.map((one) => one.max),
  });
  const bytes = new Uint8Array(4 + means.length + spread.length);
  new DataView(bytes.buffer).setUint32(0, means.length);
  bytes.set(means, 4);
  bytes.set(spread, 4 + means.length);
  return bytes;
}

/** @throws WatchfloorError `storage` when the bytes are not whole roll-ups */
export function decodeRollUps(bytes: Uint8Array): RollUp[] {
  if (bytes.length < 4) throw damaged('it ends too early');
  const split = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const means = decodeSamples(bytes.subarray(4, split));
  const spread = decodeSamples(bytes.subarray(split));
  return means.timesMs.map((timeMs, index) => ({
    timeMs,
    count: spread.values[index] ?? 0,
    mean: means.values[index] ?? null,
    min: spread.low[index] ?? null,
    max: spread.high[index] ?? null,
    expected: means.expected[index] ?? null,
    low: means.low[index] ?? null,
    high: means.high[index] ?? null,
  }));
}
