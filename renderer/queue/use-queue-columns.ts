import { useMemo } from 'react';
import { z } from 'zod';
import type { Alert } from '../../shared/domain/alert.ts';
import { useApp, useRememberedState } from '../ui/index.ts';
import { useClockMark } from './clock-mark.tsx';
import {
  allColumns,
  type ColumnLayout,
  directionOf,
  type QueueColumn,
  queueColumns,
  readColumnLayout,
} from './queue-columns.tsx';
import type { QueueSearch } from './use-queue-search.ts';

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
export function useQueueColumns(
  widthPx: number,
  { sort, reversed, sortBy }: Pick<QueueSearch, 'sort' | 'reversed' | 'sortBy'>,
): QueueColumns {
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  // The status comes once a second, and with it the same names: rows are not drawn again for that.
  const sourcesKey = useApp(({ status }) =>
    JSON.stringify((status?.sources ?? []).map(({ id, name }) => [id, name])),
  );
  const clock = useClockMark();
  const [layout, setLayout] = useRememberedState('queue.columns', readColumnLayout);
  const names = useMemo(() => {
    const sources = new Map(z.array(z.tuple([z.string(), z.string()])).parse(JSON.parse(sourcesKey)));
    const nameIn = (rows: readonly { readonly id: string; readonly name: string }[]) => {
      const byId = new Map(rows.map(({ id, name }) => [id, name]));
      return (id: string | null) => (id === null ? '–' : (byId.get(id) ?? id));
    };
    return {
      clock,
      customer: nameIn(customers),
      service: nameIn(services),
      source: ({ sourceId, sourceKind }: Pick<Alert, 'sourceId' | 'sourceKind'>) =>
        sourceId === 'detection' ? 'Detection' : (sources.get(sourceId) ?? sourceKind),
    };
  }, [customers, services, sourcesKey, clock]);
  const shown = useMemo(
    () =>
      queueColumns(widthPx, names, layout).map((column) => ({
        ...column,
        sorted: column.sort === sort ? directionOf(sort, reversed) : undefined,
        onSort: column.sort === undefined ? undefined : () => sortBy(column.sort ?? 'received'),
      })),
    [widthPx, names, layout, sort, reversed, sortBy],
  );
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
