import type { MethodOutput } from '../../shared/api/contract.ts';
import type { AlertAction } from '../../shared/domain/alert.ts';
import { formatMagnitude } from '../../shared/domain/quantity.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import type { NewToast } from '../state/messages.ts';
import { dispositionWords, laneWords, severityWords } from '../ui/index.ts';

/** `1 alert`, `1,204 alerts`. */
export function countAlerts(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'alert' : 'alerts'}`;
}

/** What was done, for the bar at the bottom edge. */
export function describeAction(action: AlertAction, count: number, when: (timeMs: number) => string): string {
  const alerts = countAlerts(count);
  switch (action.type) {
    case 'acknowledge':
      return `Acknowledged ${alerts}`;
    case 'take':
      return `Took ${alerts}`;
    case 'release':
      return `Released ${alerts}`;
    case 'snooze':
      return `Snoozed ${alerts} until ${when(action.untilMs)}`;
    case 'wake':
      return `Woke ${alerts}`;
    case 'close':
      return `Closed ${alerts} as ${dispositionWords[action.disposition].toLowerCase()}`;
    case 'reopen':
      return `Reopened ${alerts}`;
    case 'set-lane':
      return `Moved ${alerts} to ${laneWords[action.lane].toLowerCase()}`;
    case 'set-severity':
      return `Set ${alerts} to ${severityWords[action.severity].toLowerCase()}`;
    case 'merge':
      return count === 0 ? 'These are one already' : `Merged ${countAlerts(count + 1)} into one`;
    case 'unmerge':
      return count === 0 ? 'Nothing here is merged' : `Unmerged ${alerts}`;
    case 'split':
      return `Split one alert into ${(count - 1).toLocaleString('en')} parts`;
    case 'unsplit':
      return count === 0 ? 'Nothing here is split' : 'Put the parts together again';
  }
}

/** What an undo did, and what it left because somebody changed it since. */
export function describeUndo({
  changed,
  skipped,
}: {
  readonly changed: number;
  readonly skipped: number;
}): string {
  const left = `${countAlerts(skipped)} ${skipped === 1 ? 'was changed since and stays as it is' : 'were changed since and stay as they are'}`;
  if (changed === 0 && skipped > 0) return `Nothing was taken back: ${left}`;
  return `Took it back for ${countAlerts(changed)}${skipped === 0 ? '' : `; ${left}`}`;
}

/** The message about an undo, with the ids of what it left as it is. */
export function undoMessage(undone: MethodOutput<'alerts.undo'>): NewToast {
  const text = describeUndo(undone);
  return undone.skipped === 0 ? { text } : { text, tone: 'warning', details: undone.skippedIds.join('\n') };
}

export interface SnoozeChoice {
  readonly label: string;
  readonly untilMs: number;
}

/** Until when an alert can sleep. The end of the shift is offered where it is known and still to come. */
export function snoozeChoices(nowMs: number, shiftEndsMs: number | null): readonly SnoozeChoice[] {
  const tomorrow = new Date(nowMs);
  tomorrow.setUTCHours(24 + 8, 0, 0, 0);
  return [
    { label: '15 min', untilMs: nowMs + 15 * minuteMs },
    { label: '1 h', untilMs: nowMs + hourMs },
    { label: '4 h', untilMs: nowMs + 4 * hourMs },
    ...(shiftEndsMs !== null && shiftEndsMs > nowMs + 5 * minuteMs
      ? [{ label: 'End of the shift', untilMs: shiftEndsMs }]
      : []),
    { label: 'Tomorrow 08:00 UTC', untilMs: tomorrow.getTime() },
  ];
}

/** A count that fits a narrow column: exact below ten thousand, `12.3 k` above. */
export function shortCount(count: number): string {
  return count < 10_000 ? count.toLocaleString('en') : formatMagnitude(count, '');
}

/** An age in its largest unit alone, for a narrow column: `12 s`, `8 min`, `3 h`, `2 d`. */
export function shortAge(ageMs: number): string {
  if (ageMs < minuteMs) return `${Math.max(0, Math.floor(ageMs / secondMs))} s`;
  if (ageMs < hourMs) return `${Math.floor(ageMs / minuteMs)} min`;
  if (ageMs < 2 * dayMs) return `${Math.floor(ageMs / hourMs)} h`;
  return `${Math.floor(ageMs / dayMs)} d`;
}
