import type { Alert } from '../../shared/domain/alert.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import {
  covers,
  isInForce,
  type NewSuppression,
  type ParsedSuppression,
  parseSuppression,
  type Suppression,
  type SuppressionEffect,
  suppressionProblems,
} from '../../shared/domain/suppression.ts';
import { dayMs, hourMs, minuteMs } from '../../shared/domain/time.ts';
import type { QueryContext } from '../../shared/query/match-query.ts';

/** Suppressions and windows of the demonstration: each state that the list knows. */
function demoSuppressions(startMs: number): readonly Suppression[] {
  const make = (
    id: string,
    scope: Suppression['scope'],
    more: Pick<Suppression, 'reason' | 'startMs' | 'endMs'> & Partial<Suppression>,
  ): Suppression => ({
    id: `su_${id}`,
    scope,
    owner: 'Robin Keller',
    upTo: 'high',
    weekly: false,
    createdMs: more.startMs,
    endedMs: null,
    endedBy: null,
    ...more,
  });
  return [
    make(
      'disk',
      { kind: 'query', text: 'source:"Simulated network" title:"Disk of cache-07"' },
      {
        reason: 'The disk is replaced on Monday; the hardware is on its way',
        owner: 'Kim Analyst',
        upTo: 'medium',
        startMs: startMs - 4 * hourMs,
        endMs: startMs + 51 * minuteMs,
      },
    ),
    make(
      'pentest',
      { kind: 'query', text: 'customer:"Boreal Bank" title:"ET SCAN Potential SSH Scan"' },
      {
        reason: 'Agreed penetration test of Redline, until Friday evening',
        upTo: 'medium',
        startMs: startMs - 2 * dayMs,
        endMs: startMs + 33 * hourMs,
      },
    ),
    make(
      'database',
      { kind: 'maintenance', customerId: 'boreal', serviceId: 'ebank' },
      {
        reason: 'Weekly maintenance of the database',
        startMs: startMs - 40 * minuteMs,
        endMs: startMs + 80 * minuteMs,
        weekly: true,
      },
    ),
    make(
      'switch',
      { kind: 'maintenance', customerId: 'acme', serviceId: null },
      {
        reason: 'The core switch is replaced, announced by Acme’s network team',
        owner: 'Kim Analyst',
        startMs: startMs + 2 * dayMs,
        endMs: startMs + 2 * dayMs + 4 * hourMs,
        createdMs: startMs - dayMs,
      },
    ),
    make(
      'load-test',
      { kind: 'query', text: 'customer:"Acme Retail" title:"SQL injection attempt blocked"' },
      {
        reason: 'Rules of the WAF are tried before the release',
        startMs: startMs - 9 * hourMs,
        endMs: startMs - hourMs,
        endedMs: startMs - 3 * hourMs,
        endedBy: 'Robin Keller',
      },
    ),
  ];
}

/** Suppressions of the core in the page: what is in force is applied to every alert that is looked at. */
export function createFakeSuppressions(
  demoStartMs: number | null,
  readClock: () => number,
  owner: () => string,
) {
  const rows: ParsedSuppression[] =
    demoStartMs === null ? [] : demoSuppressions(demoStartMs).map(parseSuppression);

  const released = new Set<string>();

  function change(id: string, next: (before: Suppression) => Suppression): Suppression {
    const place = rows.findIndex((row) => row.id === id);
    const before = rows[place];
    if (!before) throw new WatchfloorError('not-found', 'This suppression is not there any more.');
    const after = parseSuppression(next(before));
    rows[place] = after;
    return withoutNode(after);
  }

  return {
    /** The alert as the suppressions leave it. */
    apply(alert: Alert, context: QueryContext): Alert {
      let shown = alert;
      for (const row of rows) {
        const isHold = row.scope.kind === 'query';
        const isInHand = alert.status === 'in-progress' || alert.assignee !== null;
        if ((isHold && isInHand) || (!isHold && alert.lane !== 'actionable')) continue;
        const wasThere = alert.receivedMs >= row.startMs && alert.receivedMs < (row.endedMs ?? row.endMs);
        const isIn = !released.has(alert.id) && isInForce(row, context.nowMs) && (isHold || wasThere);
        if (!(isIn || wasThere) || !covers(row, alert, context)) continue;
        shown = { ...shown, suppressionIds: [...shown.suppressionIds, row.id] };
        if (!isIn) continue;
        shown = isHold
          ? { ...shown, suppressed: 'held' }
          : { ...shown, suppressed: 'lowered', lane: 'informational' };
      }
      return shown;
    },
    list(alerts: readonly Alert[]): SuppressionEffect[] {
      return rows.map(withoutNode).map((row) => {
        const own = alerts.filter((alert) => alert.suppressionIds.includes(row.id));
        return {
          ...row,
          hidden: own.length,
          holding: own.filter((alert) => alert.suppressed !== null).length,
          newest: own.slice(0, 5).map((alert) => ({
            alertId: alert.id,
            title: alert.title,
            severity: alert.severity,
            count: alert.count,
            lastSeenMs: alert.lastSeenMs,
            sinceMs: Math.max(row.startMs, alert.receivedMs),
          })),
        };
      });
    },
    release(alertId: string): void {
      released.add(alertId);
    },
    add(asked: NewSuppression): Suppression {
      const nowMs = readClock();
      const [problem] = suppressionProblems(asked, nowMs);
      if (problem !== undefined) throw new WatchfloorError('bad-input', problem);
      const made: Suppression = {
        ...asked,
        id: `su_${rows.length + 1}`,
        owner: owner(),
        createdMs: nowMs,
        endedMs: null,
        endedBy: null,
      };
      rows.unshift(parseSuppression(made));
      return made;
    },
    setEnd: (id: string, endMs: number) => change(id, (before) => ({ ...before, endMs })),
    end: (id: string) => change(id, (before) => ({ ...before, endedMs: readClock(), endedBy: owner() })),
  };
}

function withoutNode({ node: _, ...suppression }: ParsedSuppression): Suppression {
  return suppression;
}
