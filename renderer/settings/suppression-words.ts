import { isInForce, type Suppression, windowAt } from '../../shared/domain/suppression.ts';
import { formatDuration } from '../../shared/domain/time.ts';

export type SuppressionState = 'in-force' | 'to-come' | 'ended';

/** Where a suppression stands at a moment. */
export function suppressionState(suppression: Suppression, nowMs: number): SuppressionState {
  if (windowAt(suppression, nowMs) === null) return 'ended';
  return isInForce(suppression, nowMs) ? 'in-force' : 'to-come';
}

export const suppressionStateWords = {
  'in-force': 'In force',
  'to-come': 'To come',
  ended: 'Ended',
} as const satisfies Record<SuppressionState, string>;

/** `51 min left`, `in 2 d`, `3 h ago`. */
export function suppressionTime(suppression: Suppression, nowMs: number): string {
  const window = windowAt(suppression, nowMs);
  if (window === null) return `${formatDuration(nowMs - (suppression.endedMs ?? suppression.endMs))} ago`;
  return window.startMs <= nowMs
    ? `${formatDuration(window.endMs - nowMs)} left`
    : `in ${formatDuration(window.startMs - nowMs)}`;
}

/** Which alerts it is for. */
export function scopeWords(
  { scope }: Pick<Suppression, 'scope'>,
  names: {
    readonly customer: (id: string) => string | undefined;
    readonly service: (id: string) => string | undefined;
  },
): string {
  if (scope.kind === 'query') return scope.text;
  const customer = names.customer(scope.customerId) ?? scope.customerId;
  return scope.serviceId === null
    ? `${customer}, all services`
    : `${customer}, ${names.service(scope.serviceId) ?? scope.serviceId}`;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** `Every Tuesday 22:00 for 2 h, UTC`. */
export function weeklyWords({ startMs, endMs }: Pick<Suppression, 'startMs' | 'endMs'>): string {
  const start = new Date(startMs);
  return `Every ${weekdays[start.getUTCDay()]} ${start.toISOString().slice(11, 16)} for ${formatDuration(endMs - startMs)}, UTC`;
}
