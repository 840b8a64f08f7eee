import type { SourceState } from '../../shared/domain/alert.ts';
import type { AlertRow } from './alert-rows.ts';
import type { AlertState } from './alert-states.ts';
import { laneRank, mitigatedBit, severityAt, statusRank } from './enums.ts';

/*
 * What brings an alert back that a person put aside. A closed or snoozed alert stays so while more of the same comes;
 * it comes back when what comes is worse than what the person saw.
 */

/** So many times as often as when it was snoozed is worse. */
const timesAsOften = 10;
const letThrough = mitigatedBit('no') | mitigatedBit('partly');

/** An alert as it was. */
export interface Before {
  readonly row: AlertRow;
  readonly state: AlertState;
}

interface Now {
  readonly severity: number;
  readonly lane: number;
  readonly mitigatedMask: number;
  readonly count: number;
}

/** How often an alert had come when it was snoozed, and until when; nulls where it is not. */
export interface SnoozeMark {
  readonly snoozed_count: number | null;
  readonly snoozed_for_ms: number | null;
}

/** What of an alert a snooze is measured by: how often it had come before what came first after that. */
export function snoozeMark({ row, state }: Before): SnoozeMark {
  if (state.snoozedUntilMs === null) return { snoozed_count: null, snoozed_for_ms: null };
  return row.snoozed_for_ms === state.snoozedUntilMs
    ? row
    : { snoozed_count: row.count, snoozed_for_ms: state.snoozedUntilMs };
}

const severityRose = ({ state }: Before, now: Now): string | null =>
  now.severity > state.severitySeen ? `its severity rose to ${severityAt(now.severity)}` : null;

const gotThrough = ({ row }: Before, now: Now): string | null =>
  (now.mitigatedMask & letThrough) !== 0 && (row.mitigated_mask & letThrough) === 0
    ? 'something of it was let through'
    : null;

/** What had ended and begins again, unless a person judged it to be nothing. */
function beginsAgain(
  { row, state }: Before,
  now: Now & { readonly sourceState: SourceState },
): string | null {
  const isNothing = state.disposition === 'false-positive' || state.disposition === 'benign-positive';
  return now.lane === laneRank('actionable') &&
    row.source_state === 'resolved' &&
    now.sourceState === 'firing' &&
    !isNothing
    ? 'it had ended and begins again'
    : null;
}

/** What wakes a snoozed alert early. */
function wakes(before: Before, now: Now): string | null {
  const worse = severityRose(before, now) ?? gotThrough(before, now);
  if (worse !== null) return worse;
  const { laneSet, laneSeen } = before.state;
  // A lane that a person set is theirs.
  if (laneSet === null && now.lane < laneSeen) return 'it became actionable';
  const { snoozed_count } = snoozeMark(before);
  return snoozed_count !== null && now.count >= snoozed_count * timesAsOften
    ? `it has come ${now.count.toLocaleString('en')} times, ${snoozed_count.toLocaleString('en')} when it was snoozed`
    : null;
}

function broughtBack(
  { state }: Before,
  whenClosed: string | null,
  whenSnoozed: string | null,
): string | null {
  if (state.status === statusRank('closed')) return whenClosed === null ? null : `Came back: ${whenClosed}`;
  return state.snoozedUntilMs === null || whenSnoozed === null ? null : `Woke early: ${whenSnoozed}`;
}

/** The line of history with which occurrences bring an alert back; null where it stays as it is. */
export function occurrencesWorse(before: Before, now: Now): string | null {
  return broughtBack(before, severityRose(before, now) ?? gotThrough(before, now), wakes(before, now));
}

/**
 * The same for the alert of an incident, which is told anew as a whole: a closed one comes back by its severity, and
 * when it had ended and begins again.
 */
export function incidentWorse(
  before: Before,
  now: Now & { readonly sourceState: SourceState },
): string | null {
  const again = beginsAgain(before, now);
  return broughtBack(before, severityRose(before, now) ?? again, wakes(before, now) ?? again);
}
