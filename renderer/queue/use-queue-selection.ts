import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { AlertQuery, MethodInput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { useApp, useClient } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';
import type { AlertWindow } from './use-alert-window.ts';
import type { QueuePlace } from './use-queue-place.ts';

/** Alerts that stay the same ones whatever comes or goes: what a dialog shows and what is then done. */
export interface Scope {
  readonly target: Exclude<MethodInput<'alerts.act'>['selection'], { by: 'query' }>;
  readonly count: number;
  /** How many of each severity, from the mildest to the worst; null where the rows themselves are at hand. */
  readonly bySeverity: readonly number[] | null;
  /** The search whose every answer it is; null for rows chosen one by one. */
  readonly search: string | null;
  /** What of that search was not understood; it is what the rest finds. */
  readonly problem: string | null;
  /** Rows of it that are here. */
  readonly rows: readonly Alert[];
  /** How many are merged under these: what is done is done to them, too. */
  readonly mergedCount: number;
}

/** Rows chosen one by one, or everything that matched when that was chosen. */
type Chosen =
  | { readonly kind: 'some'; readonly ids: ReadonlySet<string> }
  | {
      readonly kind: 'all';
      readonly upToSequence: number;
      /** null until the core has frozen it. */
      readonly count: number | null;
      /** Resolves with null when that failed. */
      readonly frozen: Promise<Omit<Scope, 'rows' | 'mergedCount'> | null>;
    };

const nothing: Chosen = { kind: 'some', ids: new Set() };
/** So many rows are selected one by one or as a range at most, as the contract says. */
const mostSelected = 10_000;
/** Of everything that matches, so many rows are looked at to propose what a dialog begins with. */
const mostLookedAt = 100;

/** What is chosen in the list: what an action is about. */
export interface QueueSelection {
  readonly isAll: boolean;
  /** How many alerts are chosen. */
  readonly count: number;
  readonly has: (alert: Alert) => boolean;
  /** One row; with `extend` everything from where the range began to here. */
  readonly toggle: (index: number, extend: boolean) => void;
  /** Everything that matches now, and is in the list: it stays these alerts. */
  readonly selectAll: () => void;
  readonly clear: () => void;
  /** To be asked before something begins: clears afterwards unless something else was chosen meanwhile. */
  readonly clearLater: () => () => void;
  /** Whether there is anything for an action to be about. */
  readonly hasTarget: boolean;
  /** Rows here of what an action is about. */
  readonly rows: () => readonly Alert[];
  /** What an action is about: what is chosen now, else the row at hand now; null for nothing. */
  readonly scope: () => Promise<Scope | null>;
}

export function useQueueSelection(list: AlertWindow, place: QueuePlace, query: AlertQuery): QueueSelection {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const [chosen, setChosen] = useState<Chosen>(nothing);
  /** Where a range of rows began, and what it holds. */
  const range = useRef<{
    readonly index: number;
    readonly id: string | null;
    readonly ids: readonly string[];
  } | null>(null);
  /** Answers to an older round are dropped. */
  const round = useRef(0);
  const freezing = useRef<AbortController | null>(null);
  /** Lets go of what a range began with, and of what is still being asked for. */
  const forget = useCallback(() => {
    range.current = null;
    round.current += 1;
    freezing.current?.abort();
    freezing.current = null;
  }, []);

  const { sort: _sort, reversed: _reversed, ...matching } = query;
  const matchingKey = JSON.stringify(matching);
  // What was chosen of one search is nothing that another one shows.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the search is compared by its content
  useLayoutEffect(() => {
    setChosen(nothing);
    forget();
  }, [matchingKey, forget]);

  const selectAll = () => {
    const { upToSequence, problem } = list;
    // The rows shown answer an older question for a moment: nobody has seen what would be chosen.
    if (upToSequence === null || !list.current) return;
    forget();
    const mine = round.current;
    const abort = new AbortController();
    freezing.current = abort;
    const asked = { selection: { by: 'query', query, upToSequence } } as const;
    const frozen = client.call('alerts.freeze', asked, { signal: abort.signal }).then(
      ({ scopeId, count, bySeverity }) => {
        if (mine === round.current) setChosen({ kind: 'all', upToSequence, count, frozen });
        return { target: { by: 'frozen', scopeId } as const, count, bySeverity, search: query.text, problem };
      },
      (thrown: unknown) => {
        if (mine !== round.current) return null;
        setChosen(nothing);
        notify({ text: toErrorData(thrown).message, tone: 'error' });
        return null;
      },
    );
    setChosen({ kind: 'all', upToSequence, count: null, frozen });
  };

  /** Everything from where the range began to here; what it held beyond that is let go of. */
  const selectRange = async (index: number) => {
    const begun = range.current ?? { index: place.index, id: place.row?.id ?? null, ids: [] };
    const start = begun.id === null ? -1 : list.indexOf(begun.id);
    const from = start >= 0 ? start : begun.index;
    const [first, last] = [Math.min(from, index), Math.max(from, index)];
    if (last - first >= mostSelected) {
      notify({
        text: `A range takes ${countAlerts(mostSelected)} at most. Ctrl+A takes everything that matches.`,
        tone: 'warning',
      });
      return;
    }
    const apply = (ids: readonly string[]) => {
      setChosen((before) => {
        const next = new Set(before.kind === 'all' ? [] : before.ids);
        for (const id of begun.ids) next.delete(id);
        for (const id of ids) next.add(id);
        return { kind: 'some', ids: next };
      });
      range.current = { ...begun, ids };
    };
    const mine = ++round.current;
    const here = list.idsBetween(first, last);
    // What is here is selected at once: keys come faster than answers.
    if (here !== null) {
      apply(here);
      return;
    }
    try {
      const ids = await list.readIds(first, last);
      if (mine === round.current) apply(ids);
    } catch (thrown) {
      notify({ text: toErrorData(thrown).message, tone: 'error' });
    }
  };

  const idsNow = (some: ReadonlySet<string>): string[] =>
    some.size > 0 ? [...some] : place.row ? [place.row.id] : [];
  const rowsNow = (): readonly Alert[] => {
    if (chosen.kind === 'some') return idsNow(chosen.ids).flatMap((id) => list.rowAt(list.indexOf(id)) ?? []);
    const indexes = Array.from({ length: Math.min(list.total, mostLookedAt) }, (_, index) => index);
    return indexes.flatMap((index) => list.rowAt(index) ?? []);
  };
  /** Counted by the core: not all rows are at hand. */
  const withMerged = async (scope: Omit<Scope, 'mergedCount'>): Promise<Scope | null> => {
    try {
      const { merged } = await client.call('alerts.scope', { selection: scope.target });
      return { ...scope, mergedCount: merged };
    } catch (thrown) {
      notify({ text: toErrorData(thrown).message, tone: 'error' });
      return null;
    }
  };

  const scopeNow = async (): Promise<Scope | null> => {
    const rows = rowsNow();
    if (chosen.kind === 'all') {
      const frozen = await chosen.frozen;
      return frozen === null ? null : withMerged({ ...frozen, rows });
    }
    const ids = idsNow(chosen.ids);
    if (ids.length === 0) return null;
    const scope: Omit<Scope, 'mergedCount'> = {
      target: { by: 'ids', ids },
      count: ids.length,
      bySeverity: null,
      search: null,
      problem: null,
      rows,
    };
    // Without a question to the core where the rows themselves tell: a dialog is there before the next key.
    const isPlain = rows.length === ids.length && rows.every(({ merged }) => merged === null);
    return isPlain ? { ...scope, mergedCount: 0 } : withMerged(scope);
  };

  const clear = () => {
    setChosen(nothing);
    forget();
  };

  const count = chosen.kind === 'all' ? (chosen.count ?? list.total) : chosen.ids.size;
  return {
    isAll: chosen.kind === 'all',
    count,
    hasTarget: count > 0 || place.row !== undefined,
    has: (alert) =>
      chosen.kind === 'all' ? alert.sequence <= chosen.upToSequence : chosen.ids.has(alert.id),
    toggle: (index, extend) => {
      if (extend) {
        void selectRange(index);
        return;
      }
      const row = list.rowAt(index);
      if (!row) return;
      setChosen((before) => {
        // From "everything" one click begins anew with that row: an exception from a million is not a selection.
        const ids = new Set(before.kind === 'all' ? [] : before.ids);
        if (!ids.delete(row.id)) ids.add(row.id);
        return { kind: 'some', ids };
      });
      forget();
      range.current = { index, id: row.id, ids: [row.id] };
    },
    selectAll,
    clear,
    clearLater: () => {
      const mine = round.current;
      return () => {
        if (mine === round.current) clear();
      };
    },
    rows: rowsNow,
    scope: scopeNow,
  };
}
