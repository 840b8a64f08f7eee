import { uniform } from '../../shared/testing/random.ts';
import type { FaultPoint } from '../core/fault-points.ts';

/** When the core dies: inside a named point at its nth passing, or so long after the work began. */
export type Moment =
  | { readonly kind: 'point'; readonly point: FaultPoint; readonly passing: number }
  | { readonly kind: 'random'; readonly afterMs: number };

export function momentName(moment: Moment): string {
  return moment.kind === 'point'
    ? `${moment.point}, passing ${moment.passing}`
    : `${moment.afterMs} ms after the work began`;
}

/** What makes the core die at a moment by itself; nothing for a random one. */
export function momentEnvironment(moment: Moment): Record<string, string> {
  return moment.kind === 'point' ? { WATCHFLOOR_FAULT_POINT: `${moment.point}:${moment.passing}` } : {};
}

/** Random moments, spread over the first `withinMs` of the work; the same seed gives the same. */
export function randomMoments(seed: number, count: number, withinMs: number): Moment[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'random',
    afterMs: Math.round(uniform(seed, index, withinMs) * withinMs),
  }));
}
