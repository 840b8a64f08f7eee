import { describe, expect, it } from 'vitest';
import { WatchfloorError } from './result.ts';
import {
  decodeRollUps,
  decodeSamples,
  encodeRollUps,
  encodeSamples,
  rollUp,
  rollUpFurther,
  type SampleColumns,
} from './sample-chunk.ts';

/** Seeded numbers from 0 up to 1 (mulberry32), so that a failure can be seen again. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const hardValues = [0, -0, 1, -1, 0.1, 1e-320, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53, Math.PI];

function randomSamples(seed: number): SampleColumns {
  const random = randomNumbers(seed);
  const count = Math.floor(random() * 400);
  const step = 1 + Math.floor(random() * 400_000);
  const nullShare = [0, 0, 0.1, 0.9, 1][seed % 5] ?? 0;
  const bandShare = [0, 1, 0.5][seed % 3] ?? 0;
  let timeMs = Math.floor((random() - 0.3) * 4e12);
  const timesMs: number[] = [];
  const values: (number | null)[] = [];
  const bands: (number | null)[][] = [[], [], []];
  for (let index = 0; index < count; index += 1) {
    timeMs += random() < 0.9 ? step : 1 + Math.floor(random() * 1e10);
    timesMs.push(timeMs);
    const kind = random();
    const value =
      kind < 0.1
        ? (hardValues[Math.floor(random() * hardValues.length)] ?? 0)
        : kind < 0.5
          ? Math.round(random() * 1000)
          : (random() - 0.5) * 1e9;
    values.push(random() < nullShare ? null : value);
    const isBand = random() < bandShare;
    for (const band of bands) band.push(isBand ? Math.fround(random() * 1e6) : null);
  }
  const [expected = [], low = [], high = []] = bands;
  return { timesMs, values, expected, low, high };
}

describe('sample chunks', () => {
  it('give back exactly what was packed, whatever it is', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const samples = randomSamples(seed);
      expect(decodeSamples(encodeSamples(samples)), `seed ${seed}`).toEqual(samples);
    }
  });

  it('round bands to 32 bits', () => {
    const band = { expected: [0.1], low: [-1e300], high: [123_456_789.123] };
    const decoded = decodeSamples(encodeSamples({ timesMs: [5], values: [0.1], ...band }));
    expect(decoded).toEqual({
      timesMs: [5],
      values: [0.1],
      expected: [Math.fround(0.1)],
      low: [Number.NEGATIVE_INFINITY],
      high: [Math.fround(123_456_789.123)],
    });
  });

  it('cost little for a regular hour', () => {
    const timesMs = Array.from({ length: 3600 }, (_, index) => 1_772_582_400_000 + index * 1000);
    const none = timesMs.map(() => null);
    const steady = encodeSamples({
      timesMs,
      values: timesMs.map(() => 42),
      expected: none,
      low: none,
      high: none,
    });
    expect(steady.length).toBeLessThan(2 * 3600 + 40);
  });

  it('refuse damaged bytes in words and never take much time or memory over them', () => {
    const bytes = encodeSamples(randomSamples(1));
    const random = randomNumbers(99);
    for (let round = 0; round < 2_000; round += 1) {
      const damaged = bytes.slice(0, random() < 0.5 ? bytes.length : Math.floor(random() * bytes.length));
      for (let count = 0; count < 3; count += 1) {
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      }
      try {
        decodeSamples(damaged);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(WatchfloorError);
      }
    }
    expect(() => decodeSamples(new Uint8Array())).toThrow('cannot be read');
    expect(() => decodeSamples(new Uint8Array([1, 255, 255, 255, 255, 127]))).toThrow('cannot be read');
    expect(() => decodeRollUps(new Uint8Array([1, 2]))).toThrow('cannot be read');
  });
});

describe('roll-ups', () => {
  it('count, average and bound each interval', () => {
    const rolled = rollUp(
      {
        timesMs: [60_000, 70_000, 119_999, 120_000, 240_000],
        values: [1, null, 5, 7, null],
        expected: [2, null, 4, null, 6],
        low: [1, null, 3, null, 5],
        high: [3, null, 5, null, 7],
      },
      60_000,
    );
    expect(rolled).toEqual([
      { timeMs: 60_000, count: 2, mean: 3, min: 1, max: 5, expected: 3, low: 2, high: 4 },
      { timeMs: 120_000, count: 1, mean: 7, min: 7, max: 7, expected: null, low: null, high: null },
      { timeMs: 240_000, count: 0, mean: null, min: null, max: null, expected: 6, low: 5, high: 7 },
    ]);
    expect(decodeRollUps(encodeRollUps(rolled))).toEqual(rolled);
  });

  it('joined further equal the samples rolled up at once', () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const samples = randomSamples(seed * 3);
      const plain = {
        ...samples,
        values: samples.values.map((value) => (value === null ? null : Math.round(value % 1000))),
      };
      const noBands = {
        ...plain,
        expected: plain.values.map(() => null),
        low: plain.values.map(() => null),
        high: plain.values.map(() => null),
      };
      const atOnce = rollUp(noBands, 3_600_000);
      const inSteps = rollUpFurther(rollUp(noBands, 60_000), 3_600_000);
      expect(inSteps.map((one) => ({ ...one, mean: one.mean?.toFixed(6) }))).toEqual(
        atOnce.map((one) => ({ ...one, mean: one.mean?.toFixed(6) })),
      );
    }
  });
});
