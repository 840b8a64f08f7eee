import { useMemo } from 'react';
import { useApp, useRememberedState } from '../ui/index.ts';
import { useClockMark } from './clock-mark.tsx';
import {
  allColumns,
  type ColumnLayout,
  type QueueColumn,
  queueColumns,
  readColumnLayout,
} from './queue-columns.tsx';

/** The queue's columns and what the analyst made of them. */
export interface QueueColumns {
  /** Every one there is. */
  readonly all: readonly QueueColumn[];
  /** Those that the list has now. */
  readonly shown: readonly QueueColumn[];
  readonly layout: ColumnLayout | null;
  readonly setLayout: (layout: ColumnLayout | null) => void;
  readonly resize: (key: string, widthPx: number) => void;
}

/**
 * Columns as they were chosen, or for the room there is; remembered for the next start.
 * @param widthPx of the list
 */
export function useQueueColumns(widthPx: number): QueueColumns {
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const sources = useApp((state) => state.status?.sources);
  const clock = useClockMark();
  const [layout, setLayout] = useRememberedState('queue.columns', readColumnLayout);
  const names = useMemo(
    () => ({
      clock,
      customer: (id: string | null) =>
        id === null ? '–' : (customers.find((each) => each.id === id)?.name ?? id),
      service: (id: string | null) =>
        id === null ? '–' : (services.find((each) => each.id === id)?.name ?? id),
      source: (alert: { readonly sourceId: string; readonly sourceKind: string }) =>
        alert.sourceId === 'detection'
          ? 'Detection'
          : ((sources ?? []).find((each) => each.id === alert.sourceId)?.name ?? alert.sourceKind),
    }),
    [customers, services, sources, clock],
  );
  const shown = useMemo(() => queueColumns(widthPx, names, layout), [widthPx, names, layout]);
  const all = useMemo(() => allColumns(true, names), [names]);
  return {
    all,
    shown,
    layout,
    setLayout,
    resize: (key, width) =>
      setLayout({
        shown: layout?.shown ?? shown.map((column) => column.key),
        widths: { ...layout?.widths, [key]: width },
      }),
  };
}
