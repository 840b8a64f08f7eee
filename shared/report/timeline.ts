import type { CaseState } from '../domain/case.ts';
import type { LedgerRow } from '../domain/mitigation.ts';
import type { Finding } from '../domain/signal.ts';
import { type EntryNames, entrySentence } from './entry-sentence.ts';
import type { TimelineRow } from './retrospective-model.ts';

function namesOf(state: CaseState): EntryNames {
  const taskTitles = new Map<string, string>();
  const observableValues = new Map<string, string>();
  const alertTitles = new Map<string, string>();
  for (const { payload } of state.timeline) {
    if (payload?.kind === 'task-added') taskTitles.set(payload.taskId, payload.title);
    if (payload?.kind === 'observable-added') observableValues.set(payload.observableId, payload.value);
    if (payload?.kind === 'alert-linked') alertTitles.set(payload.alertId, payload.title);
  }
  return { taskTitles, observableValues, alertTitles };
}

/**
 * Everything that happened, in order: what the signals did, the alerts' first occurrences, what people did, each
 * step of each countermeasure. Steps of a mitigation come from its ledger; the case's own notes of one are used
 * only where its ledger is not given.
 * @param signalNames by signal id, as far as known
 */
export function timelineOf(
  state: CaseState,
  findings: readonly Finding[],
  signalNames: ReadonlyMap<string, string>,
  ledgers: readonly (readonly LedgerRow[])[],
): TimelineRow[] {
  const names = namesOf(state);
  const inLedger = new Set(ledgers.flatMap((rows) => rows.map((row) => row.mitigationId)));
  const rows: TimelineRow[] = [
    ...findings.flatMap((finding): TimelineRow[] => [
      { timeMs: finding.startMs, kind: 'observed', actor: null, text: finding.sentence },
      ...(finding.endMs === null
        ? []
        : [
            {
              timeMs: finding.endMs,
              kind: 'observed',
              actor: null,
              text: `${signalNames.get(finding.signalId) ?? `A signal of the ${finding.stage}`} is back within what is usual.`,
            } as const,
          ]),
    ]),
    ...state.alerts.map(
      (alert): TimelineRow => ({
        timeMs: alert.firstSeenMs,
        kind: 'alert',
        actor: null,
        text: `First occurrence: ${alert.title}`,
      }),
    ),
    ...ledgers.flat().map(
      (row): TimelineRow => ({
        timeMs: row.timeMs,
        kind: 'mitigation',
        actor: row.actor,
        text: row.sentence,
      }),
    ),
  ];
  for (const entry of state.timeline) {
    const { payload } = entry;
    if (payload?.kind === 'mitigation-noted' && inLedger.has(payload.mitigationId)) continue;
    rows.push({
      timeMs: entry.timeMs,
      kind: payload?.kind === 'mitigation-noted' ? 'mitigation' : 'analyst',
      actor: entry.writerName,
      text: entrySentence(payload, names),
    });
  }
  // A stable sort: rows of one moment stay as written, cause before effect.
  return rows.sort((a, b) => a.timeMs - b.timeMs);
}
