import { type Alert, type Severity, severities } from '../../shared/domain/alert.ts';
import {
  alertClocks,
  type Clock,
  type ClockSummary,
  type ClockTarget,
  type ClockTargets,
  summarizeClocks,
  targetFor,
} from '../../shared/domain/clock.ts';
import { noise } from './seeded-noise.ts';

/** Clocks of the core in the page: people who answer fast mostly, and not always. */
export function createFakeClocks(readClock: () => number) {
  let targets: ClockTargets = [];

  function clocksOf(alert: Alert): Clock[] {
    const target = targetFor(targets, alert);
    const after = (name: keyof ClockTarget) => target[name] * 1.6 * noise('clock', name, alert.id) ** 1.5;
    const seenMs = alert.receivedMs + after('acknowledge');
    const closedMs = seenMs + after('close') / 20;
    const history = [
      ...(alert.status === 'new' ? [] : [{ timeMs: seenMs, sentence: 'Acknowledged' }]),
      ...(alert.status === 'closed' ? [{ timeMs: closedMs, sentence: 'Closed as unknown' }] : []),
    ];
    const isStopped = alert.status !== 'new' && noise('stopped', alert.id) > 0.4;
    return alertClocks(alert, history, isStopped ? alert.receivedMs + after('mitigate') : null, target);
  }

  return {
    targets: () => targets,
    setTarget(customerId: string | null, severity: Severity, target: ClockTarget | null): ClockTargets {
      const others = targets.filter((each) => each.customerId !== customerId || each.severity !== severity);
      targets = target === null ? others : [...others, { customerId, severity, target }];
      return targets;
    },
    of: clocksOf,
    summary(alerts: readonly Alert[], customerId: string | null): ClockSummary {
      const own = alerts.filter((alert) => customerId === null || alert.customerId === customerId);
      return {
        alerts: own.length,
        isExact: true,
        rows: severities
          .toReversed()
          .map((severity) =>
            summarizeClocks(
              severity,
              targetFor(targets, { customerId, severity }),
              own.filter((alert) => alert.severity === severity).map(clocksOf),
              readClock(),
            ),
          ),
      };
    },
  };
}
