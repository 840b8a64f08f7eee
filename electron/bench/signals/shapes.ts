import type { Measure } from '../../../shared/domain/signal.ts';
import { dayMs, minuteMs } from '../../../shared/domain/time.ts';
import { normal } from '../../../shared/testing/random.ts';

/** One query of the made-up Prometheus, the same in every service. */
export interface BenchQuery {
  readonly name: string;
  readonly unit: string;
  readonly stage: string;
  readonly measure: Measure;
  readonly level: number;
}

/** Most series that Prometheus' source takes of one query. */
export const seriesAQuery = 500;

/** Ten queries of up to 500 series each: what a service of a large network shows of itself. */
export const benchQueries: readonly BenchQuery[] = [
  { name: 'Requests', unit: 'requests/s', stage: 'edge', measure: 'rate', level: 600 },
  { name: 'Origin requests', unit: 'requests/s', stage: 'origin', measure: 'rate', level: 220 },
  { name: 'Cache hits', unit: 'requests/s', stage: 'cache', measure: 'rate', level: 380 },
  { name: 'Latency', unit: 'ms', stage: 'edge', measure: 'latency', level: 80 },
  { name: 'Origin latency', unit: 'ms', stage: 'origin', measure: 'latency', level: 140 },
  { name: 'Packets', unit: 'packets/s', stage: 'network', measure: 'packets', level: 9_000 },
  { name: 'Bits', unit: 'bit/s', stage: 'network', measure: 'bits', level: 4e7 },
  { name: 'Connections', unit: 'connections', stage: 'network', measure: 'connections', level: 1_200 },
  { name: 'Refused', unit: 'requests/s', stage: 'waf', measure: 'mitigated', level: 6 },
  { name: 'Load', unit: '%', stage: 'origin', measure: 'saturation', level: 35 },
];

/** Services that share one course of the day; what is trained for one of them serves all. */
export const benchShapes = 4;

/** One service in so many has a surge that somebody must be told of. */
const surgeEvery = 25;
/** When within each five minutes it comes, and for how long, ms. */
const surgeFromMs = 2 * minuteMs;
const surgeLastsMs = minuteMs;

/**
 * What one series is at a moment, in its query's unit: a daily course and noise, now and then a surge.
 * @param surges false for the history that detectors are trained on
 */
export function benchValue(query: BenchQuery, series: number, timeMs: number, surges: boolean): number {
  const shape = series % benchShapes;
  const course = 1 + 0.4 * Math.sin((2 * Math.PI * timeMs) / dayMs + shape);
  const noise = 1 + 0.04 * normal(series, query.level, timeMs);
  const within = timeMs % (5 * minuteMs);
  const surge =
    surges &&
    query.measure === 'rate' &&
    series % surgeEvery === 3 &&
    within >= surgeFromMs &&
    within < surgeFromMs + surgeLastsMs;
  return query.level * (1 + 0.1 * shape) * course * noise * (surge ? 6 : 1);
}
