import type { Lane } from '../../shared/domain/alert.ts';
import type { Finding, Signal } from '../../shared/domain/signal.ts';
import { expectedAt, fakeSignals, shapeOf } from './fake-signals.ts';

/** A finding on the attacked service for a signal. */
export function fakeFinding(signalId: string, startMs: number, lane: Lane, surprise: number): Finding {
  const signal = fakeSignals.find((each) => each.id === signalId) ?? (fakeSignals[0] as Signal);
  const shape = shapeOf(signalId);
  const expected = expectedAt(signalId, startMs);
  const observed = expected * shape.attack;
  return {
    id: `finding-${signalId}-${startMs}`,
    signalId,
    customerId: signal.customerId,
    serviceId: signal.serviceId,
    stage: signal.stage,
    kind: 'deviation',
    direction: shape.attack > 1 ? 'up' : 'down',
    lane,
    state: 'open',
    startMs,
    peakMs: startMs + 90_000,
    endMs: null,
    observed,
    expected,
    low: expected * 0.84,
    high: expected * 1.16,
    surprise,
    historyMs: 14 * 86_400_000,
    sentence: `${shape.name} ${shape.attack > 1 ? `${shape.attack}x above` : `${Math.round((1 - shape.attack) * 100)}% below`} the usual Sunday 03:00, since 9 min`,
  };
}

/** Moments of the last 30 days at which the like of the attack was found, the newest first. */
export function earlierMoments(nowMs: number): Finding[] {
  return [2, 5.4, 8, 11.7, 16, 21.3, 27].map((days, index) => {
    const startMs = nowMs - days * 86_400_000;
    const signalId = index % 3 === 1 ? 'shop.origin-latency' : 'shop.edge-rate';
    const finding = fakeFinding(signalId, startMs, 'actionable', 14 + index);
    return { ...finding, state: 'closed' as const, endMs: startMs + (6 + index * 4) * 60_000 };
  });
}
