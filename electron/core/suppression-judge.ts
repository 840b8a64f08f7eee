import { type Alert, severityRank } from '../../shared/domain/alert.ts';
import {
  covers,
  endedWords,
  goesOn,
  isInForce,
  type ParsedSuppression,
  parseSuppression,
  type Suppression,
  suppressionName,
} from '../../shared/domain/suppression.ts';
import type { QueryContext } from '../../shared/query/match-query.ts';
import type { Store } from '../db/index.ts';

/** Alerts that suppressions and maintenance windows changed. */
export interface Judged {
  readonly changedIds: readonly string[];
  /** Of these, those that came into the queue. */
  readonly releasedIds: readonly string[];
  /** Of all that were judged, those that a suppression holds now: they call nobody. */
  readonly heldIds: readonly string[];
}

const nothing: Judged = { changedIds: [], releasedIds: [], heldIds: [] };

/** Judges alerts by what is in force when they come or change, so that no query ever has to. */
export interface SuppressionJudge {
  /** Looks at alerts inside the caller's transaction. */
  judge(alertIds: readonly string[]): Judged;
  /** What is in force or to come, each parsed once. */
  open(): readonly ParsedSuppression[];
  /** Whether a suppression covers an alert, asked many times: of one moment. */
  covering(suppression: Suppression): (alert: Alert) => boolean;
  /** Suppressions were made, changed or ended. */
  changed(): void;
}

export function createSuppressionJudge(store: Store, nowMs: () => number): SuppressionJudge {
  let known: readonly ParsedSuppression[] | null = null;

  function open(): readonly ParsedSuppression[] {
    known ??= store.suppressions
      .unsettled()
      .map(({ suppression }) => suppression)
      .filter(({ endedMs }) => endedMs === null)
      .map(parseSuppression)
      // A suppression goes before a window: what is out of the queue needs no lane.
      .sort((left, right) => Number(right.scope.kind === 'query') - Number(left.scope.kind === 'query'));
    return known;
  }

  function createContext(): QueryContext {
    const once = (read: (id: string) => string | null) => {
      const names = new Map<string, string | null>();
      return (id: string) => {
        if (!names.has(id)) names.set(id, read(id));
        return names.get(id) ?? null;
      };
    };
    return {
      nowMs: nowMs(),
      analystName: null,
      customerName: once((id) => store.customers.get(id)?.name ?? null),
      serviceName: once((id) => store.services.get(id)?.name ?? null),
      sourceName: once((id) => store.connections.get(id)?.name ?? null),
      signalName: once((id) => store.signals.get(id)?.name ?? null),
      originOf: store.enrichment.originOf,
      hasRecord: (alert, text) => store.suppressions.hasRecord(text, alert.sequence),
    };
  }

  /** Why what held an alert does so no longer; null where it does. */
  function whyNoLonger(alert: Alert, current: ParsedSuppression, context: QueryContext): string | null {
    const name = suppressionName(current);
    if (!isInForce(current, context.nowMs)) {
      return goesOn(alert, context.nowMs) ? `Came again after ${name} ${endedWords(current)}` : null;
    }
    if (severityRank(alert.severity) > severityRank(current.upTo)) {
      return `Came into the queue: its severity rose to ${alert.severity}, and ${name} covers up to ${current.upTo}`;
    }
    if (!covers(current, alert, context)) return `Came into the queue: ${name} does not match it any more`;
    const isThrough = alert.mitigated === 'no' || alert.mitigated === 'partly';
    return current.scope.kind === 'query' && isThrough && store.suppressions.wasStopped(alert.id)
      ? `Came into the queue: something of it was let through; all was stopped when ${name} held it`
      : null;
  }

  function suppressionFor(
    alert: Alert,
    inForce: readonly ParsedSuppression[],
    context: QueryContext,
  ): ParsedSuppression | undefined {
    if (alert.status === 'closed') return undefined;
    return inForce.find(
      (each) =>
        // What came out of a suppression because it got worse is not held by it again.
        !(each.scope.kind === 'query' && alert.suppressionIds.includes(each.id)) &&
        covers(each, alert, context),
    );
  }

  return {
    open,
    covering(suppression) {
      const parsed = parseSuppression(suppression);
      const context = createContext();
      return (alert) => covers(parsed, alert, context);
    },
    changed() {
      known = null;
    },
    judge(alertIds) {
      if (alertIds.length === 0) return nothing;
      const context = createContext();
      const inForce = open().filter(
        // One that still looks through older records goes through what came meanwhile when it has.
        (each) => isInForce(each, context.nowMs) && store.suppressions.isReady(each),
      );
      if (inForce.length === 0 && !store.suppressions.hasSuppressed()) return nothing;
      const byId = new Map(open().map((each) => [each.id, each]));
      const released = new Set<string>();
      const held: string[] = [];
      const toHold = new Map<string, string[]>();
      for (const alert of store.alerts.getMany(alertIds)) {
        const currentId = alert.suppressed === null ? undefined : alert.suppressionIds.at(-1);
        if (currentId !== undefined) {
          const current = byId.get(currentId) ?? parseSuppression(store.suppressions.get(currentId));
          byId.set(currentId, current);
          const sentence = whyNoLonger(alert, current, context);
          if (sentence === null) {
            if (alert.suppressed === 'held') held.push(alert.id);
            continue;
          }
          store.suppressions.release([alert.id], sentence);
          released.add(alert.id);
        }
        const next = suppressionFor(alert, inForce, context);
        if (next === undefined) continue;
        const ids = toHold.get(next.id);
        if (ids) ids.push(alert.id);
        else toHold.set(next.id, [alert.id]);
      }
      const begun = [...toHold].flatMap(([id, ids]) => {
        const begunIds = store.suppressions.begin(id, ids);
        if (byId.get(id)?.scope.kind === 'query') held.push(...begunIds);
        return begunIds;
      });
      const changedIds = [...new Set([...released, ...begun])];
      for (const id of begun) released.delete(id);
      return { changedIds, releasedIds: [...released], heldIds: held };
    },
  };
}
