import { z } from 'zod';
import { type Alert, type Severity, severitySchema } from './alert.ts';
import { dayMs, hourMs, minuteMs } from './time.ts';

/*
 * The clocks of an actionable alert. Detection runs from the first occurrence to the receipt; the others run from the
 * moment at which the alert called: its receipt, or the last time that it came back into the queue by itself.
 */

export const clockNames = ['detect', 'acknowledge', 'mitigate', 'close'] as const;
export type ClockName = (typeof clockNames)[number];

const durationMs = z
  .number()
  .int()
  .min(minuteMs)
  .max(90 * dayMs);
export const clockTargetSchema = z.object({
  detect: durationMs,
  acknowledge: durationMs,
  mitigate: durationMs,
  close: durationMs,
});
/** How long each may take, ms. */
export type ClockTarget = z.infer<typeof clockTargetSchema>;

export const clockTargetsSchema = z.array(
  z.object({
    /** null: of every customer that has none of its own. */
    customerId: z.string().nullable(),
    severity: severitySchema,
    target: clockTargetSchema,
  }),
);
export type ClockTargets = z.infer<typeof clockTargetsSchema>;

/** What holds until somebody agrees otherwise. */
export const defaultTargets: Readonly<Record<Severity, ClockTarget>> = {
  critical: { detect: 5 * minuteMs, acknowledge: 5 * minuteMs, mitigate: 30 * minuteMs, close: 8 * hourMs },
  high: { detect: 5 * minuteMs, acknowledge: 15 * minuteMs, mitigate: hourMs, close: dayMs },
  medium: { detect: 15 * minuteMs, acknowledge: hourMs, mitigate: 4 * hourMs, close: 3 * dayMs },
  low: { detect: hourMs, acknowledge: 4 * hourMs, mitigate: dayMs, close: 7 * dayMs },
  informational: { detect: hourMs, acknowledge: dayMs, mitigate: 7 * dayMs, close: 14 * dayMs },
};

/** The target that counts for an alert: the customer's own, else everybody's, else the default. */
export function targetFor(
  targets: ClockTargets,
  { customerId, severity }: Pick<Alert, 'customerId' | 'severity'>,
): ClockTarget {
  const of = (id: string | null) =>
    targets.find((each) => each.customerId === id && each.severity === severity)?.target;
  return (customerId === null ? undefined : of(customerId)) ?? of(null) ?? defaultTargets[severity];
}

export const clockSchema = z.object({
  name: z.enum(clockNames),
  targetMs: z.number(),
  /** When the target is over; of detection when it would have been. */
  dueMs: z.number(),
  /** How long it took; null while it runs, or where it is not needed. */
  takenMs: z.number().nullable(),
  /** `not-needed`: nothing had to be done, or when it was done is not known. */
  state: z.enum(['done', 'running', 'not-needed']),
});
export type Clock = z.infer<typeof clockSchema>;

interface HistoryLine {
  readonly timeMs: number;
  readonly sentence: string;
}

const called = /^(?:Came back|Came again|Came into the queue|Woke early)/;
const seen = /^(?:Acknowledged|Taken|Closed as|Linked to case)/;
const undone = /^Undone: (?:Acknowledged|Taken|Closed as)/;

/**
 * The clocks of an alert, by its history.
 * @param history oldest first
 * @param verifiedMs when the first mitigation for it was verified on its target; null before
 */
export function alertClocks(
  alert: Pick<Alert, 'firstSeenMs' | 'receivedMs' | 'status' | 'mitigated'>,
  history: readonly HistoryLine[],
  verifiedMs: number | null,
  target: ClockTarget,
): Clock[] {
  let callsMs = alert.receivedMs;
  let seenMs: number | null = null;
  let closedMs: number | null = null;
  for (const { timeMs, sentence } of history) {
    if (called.test(sentence)) {
      callsMs = timeMs;
      seenMs = null;
      closedMs = null;
    } else if (undone.test(sentence)) {
      seenMs = null;
      closedMs = null;
    } else if (seen.test(sentence)) {
      seenMs ??= timeMs;
      if (sentence.startsWith('Closed as')) closedMs = timeMs;
    }
  }
  const isClosed = alert.status === 'closed';
  const after = (doneMs: number | null) => (doneMs === null ? null : Math.max(0, doneMs - callsMs));
  const clock = (
    name: ClockName,
    takenMs: number | null,
    isOver: boolean,
    fromMs: number = callsMs,
  ): Clock => ({
    name,
    targetMs: target[name],
    dueMs: fromMs + target[name],
    takenMs,
    state: takenMs !== null ? 'done' : isOver ? 'not-needed' : 'running',
  });
  const stoppedMs = alert.mitigated === 'yes' ? callsMs : verifiedMs;
  return [
    clock('detect', Math.max(0, alert.receivedMs - alert.firstSeenMs), true, alert.firstSeenMs),
    clock('acknowledge', alert.status === 'new' ? null : after(seenMs), alert.status !== 'new'),
    clock('mitigate', after(stoppedMs), isClosed),
    clock('close', isClosed ? after(closedMs) : null, isClosed),
  ];
}

/** The share of a target from which on a list says how much of it is left. */
const shownFrom = { acknowledge: 0.5, close: 0.25 } as const;

/**
 * What a list says of an alert's next clock, without its history: how long is left to acknowledge or to close it, and
 * negative how long it is over; null while there is time, and where nobody is called.
 */
export function nextClock(
  alert: Alert,
  targets: ClockTargets,
  nowMs: number,
): { readonly name: 'acknowledge' | 'close'; readonly leftMs: number } | null {
  if (alert.lane !== 'actionable' || alert.status === 'closed' || alert.suppressed === 'held') return null;
  if (alert.snoozedUntilMs !== null) return null;
  // Since when one calls that was held before is in its history alone.
  if (alert.suppressionIds.length > 0) return null;
  const name = alert.status === 'new' ? 'acknowledge' : 'close';
  const targetMs = targetFor(targets, alert)[name];
  const leftMs = alert.receivedMs + targetMs - nowMs;
  return leftMs > targetMs * shownFrom[name] ? null : { name, leftMs };
}

/** Actionable alerts that are counted: the newest of the last 30 days. */
export const clockedDays = 30;
export const mostClocked = 2_000;

export const clockSummarySchema = z.object({
  /** Alerts that were looked at; `isExact` false: the newest only. */
  alerts: z.number().int(),
  isExact: z.boolean(),
  rows: z.array(
    z.object({
      severity: severitySchema,
      alerts: z.number().int(),
      target: clockTargetSchema,
      clocks: z.array(
        z.object({
          name: z.enum(clockNames),
          /** How many it is known of, the median of how long it took, and how many were within the target. */
          done: z.number().int(),
          medianMs: z.number().nullable(),
          within: z.number().int(),
          /** Running and over already: they count as not within. */
          over: z.number().int(),
        }),
      ),
    }),
  ),
});
/** How fast people answer, by severity, against the targets. */
export type ClockSummary = z.infer<typeof clockSummarySchema>;
export type ClockSummaryRow = ClockSummary['rows'][number];

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const high = sorted[middle];
  if (high === undefined) return null;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}

/** One row of the summary, from the clocks of alerts of one severity. Each is judged by its own target. */
export function summarizeClocks(
  severity: Severity,
  target: ClockTarget,
  alerts: readonly (readonly Clock[])[],
  nowMs: number,
): ClockSummaryRow {
  return {
    severity,
    alerts: alerts.length,
    target,
    clocks: clockNames.map((name) => {
      const own = alerts.flatMap((clocks) => clocks.filter((clock) => clock.name === name));
      const taken = own.flatMap(({ takenMs }) => (takenMs === null ? [] : [takenMs]));
      return {
        name,
        done: taken.length,
        medianMs: median(taken),
        within: own.filter(({ takenMs, targetMs }) => takenMs !== null && takenMs <= targetMs).length,
        over: own.filter(({ state, dueMs }) => state === 'running' && dueMs < nowMs).length,
      };
    }),
  };
}
