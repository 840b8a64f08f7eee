import { csvCell } from '../domain/alert-export.ts';
import type { CaseState } from '../domain/case.ts';
import { toSafeLine } from '../domain/safe-text.ts';
import { wholeTimeline } from '../report/retrospective.ts';
import type { TimelineRow } from '../report/retrospective-model.ts';
import type { ExchangeContext } from './exchange-facts.ts';

/** What kind of moment a row's time is. */
const timeMeanings: Readonly<Record<TimelineRow['kind'], string>> = {
  observed: 'Signal Deviated',
  alert: 'Alert First Seen',
  event: 'Event Occurred',
  analyst: 'Case Entry Written',
  mitigation: 'Mitigation Step',
};

/** The four fields that Timesketch asks for, under its names, and ours after them. */
const columns = [
  'message',
  'datetime',
  'timestamp',
  'timestamp_desc',
  'kind',
  'actor',
  'case_id',
  'tlp',
  'simulated',
] as const;

function fieldsOf(
  state: CaseState,
  row: TimelineRow,
): Record<(typeof columns)[number], string | number | boolean> {
  return {
    message: toSafeLine(row.text),
    datetime: new Date(row.timeMs).toISOString().replace('Z', '+00:00'),
    // Microseconds since 1970.
    timestamp: Math.round(row.timeMs * 1_000),
    timestamp_desc: timeMeanings[row.kind],
    kind: row.kind,
    actor: toSafeLine(row.actor ?? ''),
    case_id: state.id,
    tlp: state.tlp,
    simulated: state.simulated,
  };
}

function rowsOf(state: CaseState, context: ExchangeContext) {
  return wholeTimeline({ ...context, case: state })
    .filter(({ timeMs }) => Math.abs(timeMs) <= 8.64e15)
    .map((row) => fieldsOf(state, row));
}

/** The whole timeline of a case as CSV that Timesketch reads; no text in it is a formula to a spreadsheet. */
export function timesketchCsv(state: CaseState, context: ExchangeContext): string {
  const lines = rowsOf(state, context).map((fields) =>
    columns.map((column) => csvCell(String(fields[column]))).join(','),
  );
  return [columns.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

/** The same as JSON Lines. */
export function timesketchJsonl(state: CaseState, context: ExchangeContext): string {
  return rowsOf(state, context)
    .map((fields) => `${JSON.stringify(fields)}\n`)
    .join('');
}
