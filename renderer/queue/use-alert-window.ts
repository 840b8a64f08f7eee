import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { AlertQuery } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { useClient, useCoreEvent } from '../ui/index.ts';

/** Rows are asked for in pages of this many. */
const pageSize = 100;
/** Pages kept at most; a million rows never lie in the page at once. */
const mostPages = 60;

interface Held {
  /** Which query these rows answer; null before the first answer. */
  readonly key: string | null;
  readonly pages: ReadonlyMap<number, readonly Alert[]>;
  readonly total: number;
  readonly isExact: boolean;
  readonly newer: number;
  readonly merged: number;
  readonly upToSequence: number | null;
  readonly problem: string | null;
  readonly error: ErrorData | null;
  readonly loading: boolean;
}

const nothing: Held = {
  key: null,
  pages: new Map(),
  total: 0,
  isExact: true,
  newer: 0,
  merged: 0,
  upToSequence: null,
  problem: null,
  error: null,
  loading: true,
};

/** A frozen list of alerts of any length, of which only what is looked at is here. */
export interface AlertWindow {
  /** At least so many where `isExact` says no: then they are still being counted. */
  readonly total: number;
  readonly isExact: boolean;
  /** How many that match came since the list was frozen. */
  readonly newer: number;
  /** How many are merged under those of the list. */
  readonly merged: number;
  readonly upToSequence: number | null;
  readonly problem: string | null;
  readonly error: ErrorData | null;
  readonly loading: boolean;
  /** Whether the rows shown answer the query asked (and not the one before). */
  readonly current: boolean;
  /** Whether rows of another query are shown while the answer is on its way. */
  readonly stale: boolean;
  rowAt(index: number): Alert | undefined;
  /** The place of an alert among the rows that are here; -1 when it is not. */
  indexOf(alertId: string): number;
  /** The ids from one place to another, both included; null when some of these rows are not here. */
  idsBetween(fromIndex: number, toIndex: number): readonly string[] | null;
  /** The same, asked of the core. */
  readIds(fromIndex: number, toIndex: number): Promise<readonly string[]>;
  /** Fetches what is missing between two places. */
  showRange(fromIndex: number, toIndex: number): void;
  /** Takes in what is new: the list is frozen again at the newest. */
  showNewest(): Promise<void>;
  /** Asks again for the rows that are here, without taking in what is new. */
  renew(): Promise<void>;
}

/**
 * Holds a queue that never moves by itself: the rows are frozen at the sequence of the first answer, changes to
 * them are drawn where they stand, and what comes is only counted until the analyst asks for it.
 */
export function useAlertWindow(query: AlertQuery): AlertWindow {
  const client = useClient();
  const key = JSON.stringify(query);
  const [held, setHeld] = useState<Held>(nothing);
  const heldRef = useRef(held);
  heldRef.current = held;
  const queryRef = useRef(query);
  queryRef.current = query;
  /** Answers to an older round are dropped. */
  const round = useRef(0);
  const asked = useRef(new Set<number>());
  const shown = useRef({ fromPage: 0, toPage: 0 });

  const ask = useCallback(
    (page: number, upToSequence: number | null, limit = pageSize) =>
      client.call('alerts.query', { ...queryRef.current, upToSequence, offset: page * pageSize, limit }),
    [client],
  );

  /** Counts what an answer left open, in the background. */
  const countExactly = useCallback(
    async (upToSequence: number) => {
      const mine = round.current;
      try {
        const { count } = await client.call('alerts.count', { query: queryRef.current, upToSequence });
        if (mine === round.current) setHeld((before) => ({ ...before, total: count, isExact: true }));
      } catch {
        // A later answer counts again.
      }
    },
    [client],
  );

  const readIds = useCallback(
    async (fromIndex: number, toIndex: number) => {
      const ids: string[] = [];
      while (fromIndex + ids.length <= toIndex) {
        const { rows } = await client.call('alerts.query', {
          ...queryRef.current,
          upToSequence: heldRef.current.upToSequence,
          offset: fromIndex + ids.length,
          limit: Math.min(500, toIndex - fromIndex - ids.length + 1),
        });
        if (rows.length === 0) break;
        ids.push(...rows.map((row) => row.id));
      }
      return ids;
    },
    [client],
  );

  const start = useCallback(async () => {
    const mine = ++round.current;
    const forKey = JSON.stringify(queryRef.current);
    asked.current.clear();
    setHeld((before) => ({ ...before, loading: true }));
    try {
      const answer = await ask(0, null);
      if (mine !== round.current) return;
      setHeld({
        key: forKey,
        pages: new Map([[0, answer.rows]]),
        total: answer.total,
        isExact: answer.isExact,
        newer: answer.newer,
        merged: answer.merged,
        upToSequence: answer.upToSequence,
        problem: answer.problem,
        error: null,
        loading: false,
      });
      if (!answer.isExact) void countExactly(answer.upToSequence);
    } catch (thrown) {
      if (mine !== round.current) return;
      setHeld((before) => ({ ...before, error: toErrorData(thrown), loading: false }));
    }
  }, [ask, countExactly]);

  const renew = useCallback(async () => {
    const { upToSequence, key: heldKey, loading } = heldRef.current;
    // What is being read from the beginning is as new as can be; dropping its answer could go on forever in a flood.
    if (loading) return;
    // Rows of another search are nothing to be renewed.
    if (upToSequence === null || heldKey !== JSON.stringify(queryRef.current)) return start();
    const mine = ++round.current;
    asked.current.clear();
    const { fromPage, toPage } = shown.current;
    const wanted = Array.from({ length: toPage - fromPage + 1 }, (_, index) => fromPage + index);
    try {
      const answers = await Promise.all(
        wanted.map(async (page) => ({ page, answer: await ask(page, upToSequence) })),
      );
      const last = answers.at(-1)?.answer;
      const exact = answers.find(({ answer }) => answer.isExact)?.answer;
      if (mine !== round.current || last === undefined) return;
      setHeld((before) => ({
        ...before,
        pages: new Map(
          answers.map(({ page, answer }) => [page, keepSame(before.pages.get(page), answer.rows)]),
        ),
        // The number known before stands until the new one is counted.
        total: exact?.total ?? before.total,
        newer: last.newer,
        merged: last.merged,
        problem: last.problem,
        error: null,
        loading: false,
      }));
      if (exact === undefined) void countExactly(upToSequence);
    } catch (thrown) {
      if (mine === round.current) setHeld((before) => ({ ...before, error: toErrorData(thrown) }));
    }
  }, [ask, countExactly, start]);

  const showRange = useCallback(
    (fromIndex: number, toIndex: number) => {
      const fromPage = Math.floor(fromIndex / pageSize);
      const toPage = Math.floor(toIndex / pageSize);
      shown.current = { fromPage, toPage };
      const { upToSequence, pages, total } = heldRef.current;
      if (upToSequence === null) return;
      const mine = round.current;
      const lastPage = Math.min(toPage, Math.ceil(total / pageSize) - 1);
      for (let page = fromPage; page <= lastPage; page += 1) {
        if (pages.has(page) || asked.current.has(page)) continue;
        asked.current.add(page);
        ask(page, upToSequence).then(
          (answer) => {
            asked.current.delete(page);
            if (mine !== round.current) return;
            // Rows left the list since it was frozen: places have shifted, so all that is in sight is asked anew.
            if (answer.isExact && heldRef.current.isExact && answer.total !== heldRef.current.total) {
              void renew();
              return;
            }
            setHeld((before) => {
              const kept = [...before.pages].filter(
                ([each]) => before.pages.size < mostPages || Math.abs(each - page) < mostPages / 2,
              );
              return { ...before, pages: new Map([...kept, [page, answer.rows]]) };
            });
          },
          (thrown: unknown) => {
            asked.current.delete(page);
            if (mine === round.current) setHeld((before) => ({ ...before, error: toErrorData(thrown) }));
          },
        );
      }
    },
    [ask, renew],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the query is compared by its content
  useEffect(() => {
    void start();
  }, [start, key]);

  // A new answer may leave out pages that are in sight, e.g. when the list begins anew while it is scrolled.
  const { pages } = held;
  useEffect(() => {
    if (pages.size === 0) return;
    const { fromPage, toPage } = shown.current;
    showRange(fromPage * pageSize, toPage * pageSize);
  }, [pages, showRange]);

  // During a flood everything changes all the time: what is in sight is renewed twice a second, not more.
  const renewTimer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const renewSoon = useCallback(() => {
    renewTimer.current ??= setTimeout(() => {
      renewTimer.current = null;
      void renew();
    }, 500);
  }, [renew]);

  // What is new is counted by the core, which alone knows what matches; bursts are answered by one question.
  const peekTimer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const peekSoon = useCallback(() => {
    peekTimer.current ??= setTimeout(() => {
      peekTimer.current = null;
      const { upToSequence } = heldRef.current;
      if (upToSequence === null) return;
      const mine = round.current;
      ask(0, upToSequence, 1).then(
        (answer) => {
          if (mine !== round.current) return;
          // Alerts of before that match only now (moved to this lane, reopened, woken) are new to this list, too.
          const joined = answer.isExact && heldRef.current.isExact ? answer.total - heldRef.current.total : 0;
          const newer = answer.newer + Math.max(0, joined);
          // Nothing is in sight that could move, so the first alert appears by itself.
          if (heldRef.current.total === 0 && newer > 0) void start();
          else setHeld((before) => (before.newer === newer ? before : { ...before, newer }));
        },
        () => undefined,
      );
    }, 250);
  }, [ask, start]);
  useEffect(
    () => () => {
      if (peekTimer.current) clearTimeout(peekTimer.current);
      if (renewTimer.current) clearTimeout(renewTimer.current);
      peekTimer.current = null;
      renewTimer.current = null;
    },
    [],
  );

  const places = useMemo(
    () =>
      new Map(
        [...pages].flatMap(([page, rows]) =>
          rows.map((row, place) => [row.id, page * pageSize + place] as const),
        ),
      ),
    [pages],
  );

  useCoreEvent('alerts.changed', ({ rows, many, latestSequence }) => {
    const isHere = rows.map((row) => places.has(row.id));
    if (many) renewSoon();
    else if (isHere.includes(true)) {
      setHeld((before) => ({ ...before, pages: patchRows(before.pages, rows) }));
    }
    const { upToSequence } = heldRef.current;
    if (many || latestSequence > (upToSequence ?? Infinity) || isHere.includes(false)) peekSoon();
  });
  useEffect(
    () =>
      client.onGap(() => {
        void renew();
        peekSoon();
      }),
    [client, renew, peekSoon],
  );

  return useMemo(
    () => ({
      total: held.total,
      isExact: held.isExact,
      newer: held.newer,
      merged: held.merged,
      upToSequence: held.upToSequence,
      problem: held.problem,
      error: held.error,
      loading: held.loading,
      current: held.key === key,
      stale: held.key !== null && held.key !== key && held.error === null,
      rowAt: (index) => held.pages.get(Math.floor(index / pageSize))?.[index % pageSize],
      indexOf: (alertId) => places.get(alertId) ?? -1,
      idsBetween: (fromIndex, toIndex) => {
        const ids: string[] = [];
        for (let index = fromIndex; index <= toIndex; index += 1) {
          const row = held.pages.get(Math.floor(index / pageSize))?.[index % pageSize];
          if (row === undefined) return null;
          ids.push(row.id);
        }
        return ids;
      },
      readIds,
      showRange,
      showNewest: start,
      renew,
    }),
    [held, places, key, readIds, showRange, start, renew],
  );
}

/** New rows, of which those that did not change are the very same as before: nothing of them is drawn again. */
export function keepSame(before: readonly Alert[] | undefined, rows: readonly Alert[]): readonly Alert[] {
  if (before === undefined) return rows;
  const known = new Map(before.map((row) => [row.id, row]));
  return rows.map((row) => {
    const same = known.get(row.id);
    return same !== undefined && JSON.stringify(same) === JSON.stringify(row) ? same : row;
  });
}

/** The same pages with changed rows drawn where they stand; the very same map when none of them is here. */
export function patchRows(
  pages: ReadonlyMap<number, readonly Alert[]>,
  rows: readonly Alert[],
): ReadonlyMap<number, readonly Alert[]> {
  const changed = new Map(rows.map((row) => [row.id, row]));
  let touched = false;
  const next = new Map<number, readonly Alert[]>();
  for (const [page, old] of pages) {
    if (!old.some((row) => changed.has(row.id))) {
      next.set(page, old);
      continue;
    }
    touched = true;
    next.set(
      page,
      old.map((row) => changed.get(row.id) ?? row),
    );
  }
  return touched ? next : pages;
}
