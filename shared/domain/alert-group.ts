/** What decides which alert of a group leads; lane 0 is actionable, severity 4 critical. */
export interface Urgency {
  readonly isClosed: boolean;
  readonly lane: number;
  readonly severity: number;
  readonly sequence: number;
}

/**
 * Sorts the alert that leads first: open before closed, actionable before informational, then the worst, then what came first. A total order,
 * so that the same alerts have the same leader in whatever order they are merged.
 */
export function byUrgency(left: Urgency, right: Urgency): number {
  return (
    Number(left.isClosed) - Number(right.isClosed) ||
    left.lane - right.lane ||
    right.severity - left.severity ||
    left.sequence - right.sequence
  );
}
