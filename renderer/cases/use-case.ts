import { useCallback, useState } from 'react';
import type { AnalystEntry, CaseState } from '../../shared/domain/case.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { useApp, useCall, useClient } from '../ui/index.ts';

export interface OpenCase {
  readonly state: CaseState | null;
  readonly loading: boolean;
  readonly error: ErrorData | null;
  readonly refetch: () => void;
  /** Adds an entry; null when it failed, which was then said at the bottom edge. */
  readonly append: (entry: AnalystEntry) => Promise<CaseState | null>;
  /** Runs any other call that answers with the case. */
  readonly change: (work: () => Promise<CaseState>) => Promise<CaseState | null>;
}

/** One case, kept fresh; what the analyst just did is there at once. */
export function useCase(caseId: string): OpenCase {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const call = useCall('cases.get', { id: caseId }, { events: ['cases.changed'] });
  const [own, setOwn] = useState<CaseState | null>(null);
  const fetched = call.data?.id === caseId ? call.data : null;
  // Entries are only ever added, so the longer timeline is the newer state.
  const state = own?.id === caseId && own.timeline.length > (fetched?.timeline.length ?? -1) ? own : fetched;

  const change = useCallback(
    async (work: () => Promise<CaseState>) => {
      try {
        const next = await work();
        setOwn(next);
        return next;
      } catch (thrown) {
        const error = toErrorData(thrown);
        notify({ text: error.message, tone: 'error', details: error.details });
        return null;
      }
    },
    [notify],
  );
  const append = useCallback(
    (entry: AnalystEntry) => change(() => client.call('cases.append', { caseId, entry })),
    [change, client, caseId],
  );
  return { state, loading: call.loading, error: call.error, refetch: call.refetch, append, change };
}

/** An id for something that the analyst adds to a case, e.g. a note: unique without asking the core. */
export function newEntryId(prefix: string): string {
  return `${prefix}-${crypto.randomUUID()}`;
}
