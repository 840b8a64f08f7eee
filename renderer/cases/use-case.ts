import { useCallback, useMemo, useState } from 'react';
import type { AnalystEntry, CaseState } from '../../shared/domain/case.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { useApp, useCall, useClient } from '../ui/index.ts';
import type { CaseEdit } from './case-desk.tsx';

export interface OpenCase {
  readonly state: CaseState | null;
  readonly loading: boolean;
  readonly error: ErrorData | null;
  readonly refetch: () => void;
  readonly edit: CaseEdit;
}

/**
 * How many entries a case itself has, of which it only ever gets more: who has more is the newer state. Those of cases
 * merged into it go when a merge is taken back.
 */
function entriesIn(state: CaseState | null): number {
  return state === null ? -1 : state.timeline.filter((entry) => entry.caseId === state.id).length;
}

/** One case, kept fresh; what the analyst just did is there at once. */
export function useCase(caseId: string): OpenCase {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const call = useCall('cases.get', { id: caseId }, { events: ['cases.changed'] });
  const [own, setOwn] = useState<CaseState | null>(null);
  const fetched = call.data?.id === caseId ? call.data : null;
  const [ownEntries, fetchedEntries] = [
    useMemo(() => entriesIn(own), [own]),
    useMemo(() => entriesIn(fetched), [fetched]),
  ];
  const state = own?.id === caseId && ownEntries > fetchedEntries ? own : fetched;

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
  const appendAll = useCallback(
    (entries: readonly AnalystEntry[]) =>
      change(() => client.call('cases.appendAll', { caseId, entries: [...entries] })),
    [change, client, caseId],
  );
  const edit = useMemo(() => ({ append, appendAll, change }), [append, appendAll, change]);
  return { state, loading: call.loading, error: call.error, refetch: call.refetch, edit };
}

/** An id for something that the analyst adds to a case, e.g. a note: unique without asking the core. */
export function newEntryId(prefix: string): string {
  return `${prefix}-${crypto.randomUUID()}`;
}
