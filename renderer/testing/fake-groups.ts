import { type Alert, type AlertAction, severities, severityRank } from '../../shared/domain/alert.ts';
import type { SplitBy } from '../../shared/domain/alert-split.ts';

type Changes = ReadonlyMap<string, Partial<Alert>>;

/** What merging or unmerging changes of the demonstration's alerts; null for every other action. */
export function mergeChanges(
  chosen: readonly Alert[],
  action: AlertAction,
  changes: Changes,
): Map<string, Partial<Alert>> | null {
  if (action.type === 'merge') {
    const leader =
      chosen.find(({ id }) => id === action.leaderId) ??
      chosen.toSorted((left, right) => severityRank(right.severity) - severityRank(left.severity))[0];
    return new Map(
      chosen.flatMap(({ id }) =>
        leader === undefined || id === leader.id ? [] : [[id, { parentId: leader.id }]],
      ),
    );
  }
  if (action.type === 'unmerge') {
    const ids = chosen.flatMap(({ id, parentId }) => (parentId === null ? membersOf(id, changes) : [id]));
    return new Map(ids.map((id) => [id, { parentId: null }]));
  }
  return null;
}

/** Ids of what is merged under an alert, at any depth. */
export function membersOf(id: string, changes: Changes): string[] {
  return [...changes].flatMap(([child, { parentId }]) =>
    parentId === id ? [child, ...membersOf(child, changes)] : [],
  );
}

/** What an alert stands for with its members. */
export function standingOf(alert: Alert, members: readonly Alert[]): Alert['merged'] {
  if (members.length === 0) return null;
  const all = [alert, ...members];
  return {
    alerts: members.length,
    count: all.reduce((sum, each) => sum + each.count, 0),
    severity:
      severities.findLast((severity) => all.some((each) => each.severity === severity)) ?? alert.severity,
  };
}

/** Three parts of a made-up split, whose counts add up. */
export function fakeSplit(alert: Alert, by: SplitBy) {
  const most = Math.ceil(alert.count * 0.7);
  const more = Math.ceil((alert.count - most) / 2);
  const spanMs = alert.lastSeenMs - alert.firstSeenMs;
  const labels =
    by.kind === 'gap'
      ? ['the first of it', 'after a silence of 22 min', 'after a silence of 8 min']
      : ['from 203.0.113.7', 'from 203.0.113.21', 'from 198.51.100.4'];
  return [most, more, alert.count - most - more]
    .map((count, index) => ({
      label: labels[index] ?? '',
      count,
      firstMs: alert.firstSeenMs + (spanMs * index) / 3,
      lastMs: alert.firstSeenMs + (spanMs * (index + 1)) / 3,
    }))
    .filter(({ count }) => count > 0);
}
