import type { Alert, Severity } from '../../shared/domain/alert.ts';
import { severities } from '../../shared/domain/alert.ts';
import {
  alertClocks,
  type Clock,
  type ClockSummary,
  type ClockTarget,
  type ClockTargets,
  clockedDays,
  clockTargetsSchema,
  mostClocked,
  summarizeClocks,
  targetFor,
} from '../../shared/domain/clock.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { dayMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';
import type { Analysts } from './analysts.ts';

const targetsKey = 'clocks.targets';

/** Times to detect, acknowledge, mitigate and close, against what was agreed. */
export interface Clocks {
  targets(): ClockTargets;
  /** Null takes a customer's own target away, or everybody's, so that what is behind it counts again. */
  setTarget(customerId: string | null, severity: Severity, target: ClockTarget | null): ClockTargets;
  of(alertId: string): Clock[];
  summary(customerId: string | null): ClockSummary;
}

export function createClocks({
  store,
  analysts,
  nowMs,
}: {
  readonly store: Store;
  readonly analysts: Analysts;
  readonly nowMs: () => number;
}): Clocks {
  // Written by this module alone; what an earlier version wrote may lack a clock.
  const targets = (): ClockTargets => clockTargetsSchema.safeParse(store.settings.get(targetsKey)).data ?? [];

  /** When the first mitigation of each alert was verified. */
  function verifiedTimes(): ReadonlyMap<string, number> {
    const times = new Map<string, number>();
    for (const { alertId, verifiedMs } of store.mitigations.list()) {
      if (alertId === null || verifiedMs === null) continue;
      times.set(alertId, Math.min(verifiedMs, times.get(alertId) ?? verifiedMs));
    }
    return times;
  }

  function clocksOf(alert: Alert, verified: ReadonlyMap<string, number>, agreed: ClockTargets): Clock[] {
    const suppressed = alert.suppressionIds.length === 0 ? [] : store.suppressions.history(alert.id);
    const history = [...store.alerts.history(alert.id), ...suppressed].sort(
      (left, right) => left.timeMs - right.timeMs,
    );
    return alertClocks(alert, history, verified.get(alert.id) ?? null, targetFor(agreed, alert));
  }

  return {
    targets,
    setTarget(customerId, severity, target) {
      const writer = analysts.writer();
      const customer = customerId === null ? null : store.customers.get(customerId);
      if (customerId !== null && customer === null) {
        throw new WatchfloorError('bad-input', 'This customer is not there any more.');
      }
      const others = targets().filter((each) => each.customerId !== customerId || each.severity !== severity);
      const after = target === null ? others : [...others, { customerId, severity, target }];
      store.transaction(() => {
        store.settings.set(targetsKey, after);
        store.audit.append(writer, {
          action: 'clocks.target-set',
          sentence: `${writer.name} ${target === null ? 'took back' : 'set'} the response targets for ${severity} alerts of ${customer?.name ?? 'all customers'}.`,
          details: { customerId, severity, target },
        });
      });
      return after;
    },
    of(alertId) {
      const alert = store.alerts.get(alertId);
      if (!alert) throw new WatchfloorError('not-found', 'There is no such alert.');
      return clocksOf(alert, verifiedTimes(), targets());
    },
    summary(customerId) {
      const now = nowMs();
      const agreed = targets();
      const verified = verifiedTimes();
      const alerts = store.alerts.actionableSince(now - clockedDays * dayMs, customerId, mostClocked + 1);
      const read = alerts.slice(0, mostClocked);
      return {
        alerts: read.length,
        isExact: alerts.length <= mostClocked,
        rows: severities.toReversed().map((severity) =>
          summarizeClocks(
            severity,
            targetFor(agreed, { customerId, severity }),
            read
              .filter((alert) => alert.severity === severity)
              .map((alert) => clocksOf(alert, verified, agreed)),
            now,
          ),
        ),
      };
    },
  };
}
