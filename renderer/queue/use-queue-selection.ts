import { useRef, useState } from 'react';
import type { AlertQuery, MethodInput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { useApp } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';
import type { AlertWindow } from './use-alert-window.ts';
import type { QueuePlace } from './use-queue-place.ts';

/** Which alerts a request is about, as the contract has it. */
export type AlertSelection = MethodInput<'alerts.act'>['selection'];

/** Rows chosen one by one, or everything that matches, up to the sequence at which the list is frozen. */
type Chosen = { readonly kind: 'some'; readonly ids: ReadonlySet<string> } | { readonly kind: 'all' };

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
  /** The same, or 1 for the row at hand where none is chosen. */
  readonly targetCount: number;
  readonly has: (alert: Alert) => boolean;
  /** One row; with `extend` everything from where the range began to here. */
  readonly toggle: (index: number, extend: boolean) => void;
  readonly selectAll: () => void;
  readonly clear: () => void;
  /** What an action is about, or null for nothing. */
  readonly target: () => AlertSelection | null;
  /** Rows of it that are here. */
  readonly rows: () => readonly Alert[];
}

export function useQueueSelection(list: AlertWindow, place: QueuePlace, query: AlertQuery): QueueSelection {
  const notify = useApp((state) => state.notify);
  const [chosen, setChosen] = useState<Chosen>(nothing);
  /** Where a range of rows began, and what it holds. */
  const range = useRef<{
    readonly index: number;
    readonly id: string | null;
    readonly ids: readonly string[];
  } | null>(null);
  const round = useRef(0);

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

  const count = chosen.kind === 'all' ? list.total : chosen.ids.size;
  return {
    isAll: chosen.kind === 'all',
    count,
    targetCount: count > 0 ? count : place.row ? 1 : 0,
    has: (alert) => chosen.kind === 'all' || chosen.ids.has(alert.id),
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
      range.current = { index, id: row.id, ids: [row.id] };
    },
    selectAll: () => setChosen({ kind: 'all' }),
    clear: () => {
      setChosen(nothing);
      range.current = null;
      round.current += 1;
    },
    target: () => {
      const { upToSequence } = list;
      if (chosen.kind === 'all') return upToSequence === null ? null : { by: 'query', query, upToSequence };
      if (chosen.ids.size > 0) return { by: 'ids', ids: [...chosen.ids] };
      return place.row ? { by: 'ids', ids: [place.row.id] } : null;
    },
    rows: () => {
      if (chosen.kind === 'all') {
        const indexes = Array.from({ length: Math.min(list.total, mostLookedAt) }, (_, index) => index);
        return indexes.flatMap((index) => list.rowAt(index) ?? []);
      }
      if (chosen.ids.size > 0) return [...chosen.ids].flatMap((id) => list.rowAt(list.indexOf(id)) ?? []);
      return place.row ? [place.row] : [];
    },
  };
}
