import type { CaseState } from './case.ts';

/** When an incident went through its steps, UTC epoch ms; null is not known or not yet. */
export interface CaseClocks {
  /** The earliest that an event or a linked alert says; null where no event does: an alert alone is its own detection. */
  readonly occurredMs: number | null;
  /** When somebody or something first noticed: an event's detection, else a linked alert's first occurrence. */
  readonly detectedMs: number | null;
  /** When the case was opened. */
  readonly acknowledgedMs: number;
  /** When it was first called contained, or closed without that. */
  readonly containedMs: number | null;
  /** When it was last closed; null while it is open. */
  readonly closedMs: number | null;
}

const earliest = (times: readonly number[]): number | null =>
  times.length === 0 ? null : times.reduce((least, each) => Math.min(least, each));

/** The clocks of a case, as far as the case itself tells. */
export function caseClocks(
  state: Pick<CaseState, 'id' | 'status' | 'openedMs' | 'timeline' | 'withdrawn' | 'events' | 'alerts'>,
): CaseClocks {
  const gone = new Set(state.withdrawn.map(({ entryId }) => entryId));
  let containedMs: number | null = null;
  let closedMs: number | null = null;
  for (const { id, caseId, timeMs, payload } of state.timeline) {
    if (payload?.kind !== 'header-changed' || caseId !== state.id || gone.has(id)) continue;
    if (payload.status === 'contained' || payload.status === 'closed') containedMs ??= timeMs;
    if (payload.status === 'closed') closedMs = timeMs;
  }
  const seen = state.alerts.map(({ firstSeenMs }) => firstSeenMs);
  return {
    occurredMs:
      state.events.length === 0
        ? null
        : earliest([...state.events.map(({ occurredMs }) => occurredMs), ...seen]),
    detectedMs: earliest([...state.events.flatMap(({ detectedMs }) => detectedMs ?? []), ...seen]),
    acknowledgedMs: state.openedMs,
    containedMs: state.status === 'open' ? null : containedMs,
    closedMs: state.status === 'closed' ? closedMs : null,
  };
}

/** Time to detect, acknowledge, contain and close, ms; null where it is not known or has not come yet. */
export interface CaseDurations {
  readonly detectMs: number | null;
  readonly acknowledgeMs: number | null;
  readonly containMs: number | null;
  readonly closeMs: number | null;
}

/** Detection counts from the occurrence, all others from the detection. */
export function caseDurations(clocks: CaseClocks): CaseDurations {
  const since = (fromMs: number | null, toMs: number | null) =>
    fromMs === null || toMs === null || toMs < fromMs ? null : toMs - fromMs;
  const { occurredMs, detectedMs, acknowledgedMs, containedMs, closedMs } = clocks;
  return {
    detectMs: since(occurredMs, detectedMs),
    acknowledgeMs: since(detectedMs, acknowledgedMs),
    containMs: since(detectedMs, containedMs),
    closeMs: since(detectedMs, closedMs),
  };
}
