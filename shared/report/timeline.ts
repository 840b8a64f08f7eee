import type { CaseEntry, CaseState } from '../domain/case.ts';
import type { LedgerRow } from '../domain/mitigation.ts';
import { defang } from '../domain/observables.ts';
import type { Finding } from '../domain/signal.ts';
import { formatUtc, secondMs } from '../domain/time.ts';
import { entryNames, entrySentence, listWords } from './entry-sentence.ts';
import type { TimelineRow } from './retrospective-model.ts';

function eventSentence({ title, detectedMs, text }: CaseState['events'][number]): string {
  const detected = detectedMs === null ? '' : ` (detected ${formatUtc(detectedMs)})`;
  return `${title}${detected}${text === '' ? '' : `: ${text}`}`;
}

const longestBurstMs = 10 * secondMs;
const namedInBurst = 5;

/** Observables that one person added in one go are one event: opening a case takes dozens from its alerts. */
function inBursts(entries: readonly CaseEntry[]): CaseEntry[][] {
  const bursts: CaseEntry[][] = [];
  for (const entry of entries) {
    const current = bursts.at(-1);
    const first = current?.[0];
    const belongs =
      first?.payload?.kind === 'observable-added' &&
      entry.payload?.kind === 'observable-added' &&
      entry.writerId === first.writerId &&
      entry.timeMs - first.timeMs <= longestBurstMs;
    if (belongs) current?.push(entry);
    else bursts.push([entry]);
  }
  return bursts;
}

function burstSentence(entries: readonly CaseEntry[]): string {
  const values = entries.flatMap(({ payload }) =>
    payload?.kind === 'observable-added' ? [defang(payload.entityKind, payload.value)] : [],
  );
  const named = values.slice(0, namedInBurst);
  const rest = values.length - named.length;
  return `Added ${values.length} observables: ${listWords(rest > 0 ? [...named, `${rest} more`] : named)}`;
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
  const names = entryNames(state.timeline);
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
    ...state.events.map(
      (event): TimelineRow => ({
        timeMs: event.occurredMs,
        kind: 'event',
        actor: event.writerName,
        text: eventSentence(event),
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
  for (const entries of inBursts(state.timeline)) {
    const [entry] = entries;
    if (entry === undefined) continue;
    const { payload } = entry;
    if (payload?.kind === 'mitigation-noted' && inLedger.has(payload.mitigationId)) continue;
    rows.push({
      timeMs: entry.timeMs,
      kind: payload?.kind === 'mitigation-noted' ? 'mitigation' : 'analyst',
      actor: entry.writerName,
      text: entries.length === 1 ? entrySentence(payload, names) : burstSentence(entries),
    });
  }
  // A stable sort: rows of one moment stay as written, cause before effect.
  return rows.sort((a, b) => a.timeMs - b.timeMs);
}
