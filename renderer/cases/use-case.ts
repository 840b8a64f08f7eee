import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import type { AnalystEntry, CaseState } from '../../shared/domain/case.ts';
import { stateOf } from '../../shared/domain/case-fold.ts';
import { type CaseLog, needsReading, readLog, takeEntry } from '../../shared/domain/case-log.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { useApp, useClient } from '../ui/index.ts';
import type { CaseEdit } from './case-desk.tsx';

export interface OpenCase {
  readonly state: CaseState | null;
  readonly error: ErrorData | null;
  readonly refetch: () => void;
  readonly edit: CaseEdit;
}

type Since = MethodOutput<'cases.since'>;

/** The log of a case as far as it came here, under the name by which the core knows it. */
export interface HeldLog {
  readonly name: string;
  readonly log: CaseLog;
  readonly state: CaseState;
}

/**
 * Takes what the core has beyond what is here: a long case of which one entry is new costs that entry. The same held
 * log comes back where nothing is new.
 */
export function takeSince(caseId: string, held: HeldLog | null, since: Since): HeldLog {
  const { log: name, from, entries, simulated } = since;
  if (held !== null && held.name === name && from <= held.log.timeline.length) {
    // Two answers may overlap.
    const fresh = entries.slice(held.log.timeline.length - from);
    if (fresh.length === 0) return held;
    if (!fresh.some(needsReading)) {
      for (const entry of fresh) takeEntry(held.log, entry);
      return { name, log: held.log, state: stateOf(held.log, simulated) };
    }
  }
  const whole = from === 0 || held === null ? entries : [...held.log.timeline.slice(0, from), ...entries];
  const log = readLog(caseId, whole);
  return { name, log, state: stateOf(log, simulated) };
}

/** Changes elsewhere are asked for this much later, so that what comes with them is in the answer. */
const eventDelayMs = 120;

/** One case, folded here from its entries and kept fresh; what the analyst just did is there at once. */
export function useCase(caseId: string): OpenCase {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const [held, setHeld] = useState<HeldLog | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);
  const latest = useRef<HeldLog | null>(null);
  /** One question after the other, each from what the one before brought. */
  const queue = useRef<Promise<CaseState | null>>(Promise.resolve(null));
  const isShown = useRef(true);

  const fetch = useCallback((): Promise<CaseState | null> => {
    queue.current = queue.current.then(async () => {
      const known = latest.current;
      if (!client.isAttached()) return known?.state ?? null;
      try {
        const since = await client.call('cases.since', {
          id: caseId,
          known: known === null ? null : { log: known.name, entries: known.log.timeline.length },
        });
        if (!isShown.current) return null;
        latest.current = takeSince(caseId, known, since);
        setHeld(latest.current);
        setError(null);
      } catch (thrown) {
        if (isShown.current && latest.current === null) setError(toErrorData(thrown));
      }
      return latest.current?.state ?? null;
    });
    return queue.current;
  }, [client, caseId]);

  useEffect(() => {
    isShown.current = true;
    latest.current = null;
    setHeld(null);
    void fetch();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = null;
        void fetch();
      }, eventDelayMs);
    };
    const stops = [client.on('cases.changed', soon), client.onGap(soon)];
    return () => {
      isShown.current = false;
      if (timer !== null) clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [client, fetch]);

  const change = useCallback(
    async (work: () => Promise<unknown>) => {
      try {
        await work();
      } catch (thrown) {
        const failure = toErrorData(thrown);
        notify({ text: failure.message, tone: 'error', details: failure.details });
        return null;
      }
      return fetch();
    },
    [notify, fetch],
  );
  const edit = useMemo((): CaseEdit => {
    const appendAll = (entries: readonly AnalystEntry[]) =>
      change(() => client.call('cases.appendAll', { caseId, entries: [...entries] }));
    return { append: (entry) => appendAll([entry]), appendAll, change };
  }, [change, client, caseId]);
  return { state: held?.state ?? null, error, refetch: () => void fetch(), edit };
}

/** An id for something that the analyst adds to a case, e.g. a note: unique without asking the core. */
export function newEntryId(prefix: string): string {
  return `${prefix}-${crypto.randomUUID()}`;
}
