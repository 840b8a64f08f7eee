import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDetector, restoreDetector } from './detector.ts';
import { factsOfSeries, judgeSample, judgeSeries, usualStepMs } from './judge-series.ts';

const startMs = Date.UTC(2026, 2, 3);

/** Values that hurt: extremes, constants, tiny steps, nothing at all. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 1_000, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, 5e-324, 1e-300, 1e300, -1e300, Number.MAX_VALUE, -7) },
  { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY) },
);
/** Distances of samples: late, twice, a second to a year. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(1_000, 10_000, 60_000, 300_000, 3_600_000) },
  { weight: 1, arbitrary: fc.constantFrom(-60_000, 0, 86_400_000, 365 * 86_400_000) },
);

interface Series {
  readonly timesMs: readonly number[];
  readonly values: readonly (number | null)[];
}

const series: fc.Arbitrary<Series> = fc
  .record({
    usual: fc.constantFrom(1_000, 60_000, 300_000, 3_600_000),
    points: fc.array(fc.tuple(value, fc.option(step, { freq: 12 })), { minLength: 1, maxLength: 400 }),
    repeat: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ usual, points, repeat }) => {
    const timesMs: number[] = [];
    const values: (number | null)[] = [];
    let timeMs = startMs;
    for (let round = 0; round < repeat; round += 1) {
      for (const [each, distance] of points) {
        timeMs += distance ?? usual;
        timesMs.push(timeMs);
        values.push(each);
      }
    }
    return { timesMs, values };
  });

function numbersIn(thing: unknown): number[] {
  if (typeof thing === 'number') return [thing];
  if (thing === null || typeof thing !== 'object') return [];
  return Object.values(thing).flatMap(numbersIn);
}

describe('any series at all', { timeout: 120_000 }, () => {
  it('never throws, never gives what is no number, and never lets the state grow', () => {
    fc.assert(
      fc.property(series, ({ timesMs, values }) => {
        const detector = createDetector(factsOfSeries('any', timesMs));
        for (const [index, timeMs] of timesMs.entries()) {
          const { band, changes, actionableScore, informationalScore } = detector.step(
            timeMs,
            values[index] ?? null,
          );
          const told = [band, changes, actionableScore, informationalScore].flatMap(numbersIn);
          expect(told.every(Number.isFinite)).toBe(true);
          if (band !== null) expect(band.low <= band.expected && band.expected <= band.high).toBe(true);
        }
        const state = JSON.stringify(detector.serialize());
        expect(state.length).toBeLessThan(64_000);
        // What is no number would be stored as null and refused at the next start.
        expect(() => restoreDetector(factsOfSeries('any', timesMs), JSON.parse(state))).not.toThrow();
      }),
      { numRuns: 60, seed: 20_260_311 },
    );
  });

  it('gives the same however it is cut and stored in between', () => {
    fc.assert(
      fc.property(series, fc.array(fc.nat(2_400), { maxLength: 4 }), ({ timesMs, values }, cuts) => {
        const facts = factsOfSeries('cut', timesMs);
        const whole = judgeSeries(timesMs, values, 'cut');
        let detector = createDetector(facts);
        const cut = timesMs.map((timeMs, index) => {
          if (cuts.includes(index)) {
            detector = restoreDetector(facts, JSON.parse(JSON.stringify(detector.serialize())));
          }
          return judgeSample(detector, timeMs, values[index] ?? null);
        });
        expect(cut).toEqual(whole);
      }),
      { numRuns: 60, seed: 20_260_312 },
    );
  });
});

describe('two lanes over a series', () => {
  const minutes = 14 * 288;
  const times = Array.from({ length: minutes + 40 }, (_, index) => startMs + index * 300_000);
  const usual = (timeMs: number, index: number) =>
    500 + 200 * Math.sin((timeMs / 86_400_000) * 2 * Math.PI) + ((index * 7_919) % 23);

  it('an outage is for a person at its first sample, and scores high in both lanes', () => {
    const judged = judgeSeries(
      times,
      times.map((timeMs, index) => (index >= minutes ? 0 : usual(timeMs, index))),
    );
    expect(judged.slice(0, minutes).some(({ isActionableRaised }) => isActionableRaised)).toBe(false);
    expect(judged[minutes]).toMatchObject({ isActionableRaised: true });
    expect(judged[minutes]?.actionableScore).toBeGreaterThan(5);
    expect(judged[minutes]?.informationalScore).toBeGreaterThan(3);
  });

  it('a change of spread alone is news that calls nobody', () => {
    const judged = judgeSeries(
      times,
      times.map((timeMs, index) => usual(timeMs, index) + (index >= minutes ? (index % 2) * 90 - 45 : 0)),
    );
    const after = judged.slice(minutes);
    expect(after.some(({ isActionableRaised }) => isActionableRaised)).toBe(false);
    expect(after.some(({ isInformationalRaised }) => isInformationalRaised)).toBe(true);
  });

  it('the usual step of a series is its middle one, a minute where there is none', () => {
    expect(usualStepMs([0, 300, 600, 5_000, 5_300])).toBe(300);
    expect(usualStepMs([5])).toBe(60_000);
  });
});
