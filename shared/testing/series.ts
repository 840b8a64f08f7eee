import { dayMs } from '../domain/time.ts';
import { normal } from './random.ts';

/** One point of a made series. */
export interface Point {
  readonly timeMs: number;
  readonly value: number | null;
}

/** How a made series looks; everything is a pure function of time and seed. */
export interface SeriesShape {
  readonly seed: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  /** Mean of a day. */
  readonly level: number;
  /** Height of the daily wave as a part of the level, 0 to 1. */
  readonly swing: number;
  /** Standard deviation of the noise as a part of the level. */
  readonly noise: number;
}

/** A daily wave with noise. Its value at a time is the same whatever the step. */
export function makeSeries(shape: SeriesShape): readonly Point[] {
  const points: Point[] = [];
  for (let timeMs = shape.fromMs; timeMs <= shape.toMs; timeMs += shape.stepMs) {
    points.push({ timeMs, value: valueOfShape(shape, timeMs) });
  }
  return points;
}

/** The value of a shape at one moment. */
export function valueOfShape(shape: SeriesShape, timeMs: number): number {
  const wave = 1 + shape.swing * Math.sin((timeMs / dayMs) * 2 * Math.PI);
  const noise = 1 + shape.noise * normal(shape.seed, Math.floor(timeMs / 1000));
  return Math.max(0, shape.level * wave * noise);
}
