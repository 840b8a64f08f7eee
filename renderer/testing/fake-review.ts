import type { Handlers } from '../../shared/api/server.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { CaseState } from '../../shared/domain/case.ts';
import type { Mitigation } from '../../shared/domain/mitigation.ts';
import type { ReplayAlert } from '../../shared/domain/replay-facts.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { secondMs } from '../../shared/domain/time.ts';

const shownOccurrences = 40;

/** Occurrences at even distances between the first and the last, each received some seconds later. */
function replayAlert(alert: Alert): ReplayAlert {
  const kept = Math.min(alert.count, shownOccurrences);
  const stepMs = kept < 2 ? 0 : (alert.lastSeenMs - alert.firstSeenMs) / (kept - 1);
  const occurredMs = Array.from({ length: kept }, (_, index) => alert.firstSeenMs + index * stepMs);
  return {
    ...alert,
    occurredMs,
    receivedMsOf: occurredMs.map((timeMs) => Math.max(alert.receivedMs, timeMs + 4 * secondMs)),
    leftOut: alert.count - kept,
    history:
      alert.status === 'new'
        ? []
        : [{ timeMs: alert.receivedMs + 90 * secondMs, actor: 'Ada', sentence: 'Acknowledged' }],
  };
}

/** Looking at case files, and back in time, in the made-up core: there are no files. */
export function fakeReview(deps: {
  readonly caseOf: (id: string) => CaseState;
  readonly alertOf: (id: string) => Alert;
  readonly mitigations: () => readonly Mitigation[];
}): Pick<Handlers, 'review.open' | 'review.close' | 'cases.replay'> {
  return {
    'review.open': () => {
      throw new WatchfloorError(
        'refused',
        'This is a demonstration in the page: no file can be opened here.',
      );
    },
    'review.close': () => ({ done: true }),
    'cases.replay': ({ id }) => {
      const state = deps.caseOf(id);
      return {
        alerts: state.alerts.map((each) => replayAlert(deps.alertOf(each.id))),
        mitigations: deps
          .mitigations()
          .filter(({ caseId }) => caseId === id)
          .map((mitigation) => ({
            ...mitigation,
            ledger: [
              {
                timeMs: mitigation.proposedMs,
                actor: mitigation.proposedBy,
                state: 'proposed' as const,
                sentence: 'Proposed.',
              },
            ],
          })),
        workstations: [
          {
            id: 'workstation-1',
            name: 'Ada',
            writers: [...new Set(state.timeline.map(({ writerId }) => writerId))].sort(),
            arrivals: [],
          },
        ],
        ownWorkstationId: 'workstation-1',
        exporterWorkstationId: null,
      };
    },
  };
}
