import { useCallback, useMemo, useState } from 'react';
import type { AlertQuery } from '../../shared/api/contract.ts';
import type { Lane } from '../../shared/domain/alert.ts';
import { quoteQueryValue } from '../../shared/query/print-query.ts';
import type { Brush } from '../state/brush.ts';
import {
  useApp,
  useAppStore,
  useArrival,
  useDebounced,
  useKeptState,
  useRememberedState,
} from '../ui/index.ts';
import { readSort } from './queue-columns.tsx';

const readReversed = (stored: unknown): boolean => stored === true;

export type LaneChoice = Lane | 'all';

/** What the queue is asked for: everything that decides which alerts the list has, and in which order. */
export interface QueueSearch {
  readonly lane: LaneChoice;
  readonly setLane: (lane: LaneChoice) => void;
  /** The text as it is being typed. */
  readonly text: string;
  readonly typeText: (text: string) => void;
  /** Asks for a text at once. */
  readonly setText: (text: string) => void;
  readonly sort: AlertQuery['sort'];
  /** Takes an order as it is by itself. */
  readonly setSort: (sort: AlertQuery['sort']) => void;
  /** Whether the order is turned round. */
  readonly reversed: boolean;
  /** Takes an order; the one that is taken already is turned round. */
  readonly sortBy: (sort: AlertQuery['sort']) => void;
  readonly includeDone: boolean;
  readonly setIncludeDone: (include: boolean) => void;
  readonly brush: Brush | null;
  readonly setBrush: (brush: Brush | null) => void;
  /** Customer and service that are watched on every screen; undefined for all. */
  readonly focusNames: readonly string[];
  readonly clearFocus: () => void;
  /** The question to the core, once typing has rested. */
  readonly query: AlertQuery;
  /** The same as an analyst asked it: without the focus that all screens have. */
  readonly ownQuery: AlertQuery;
  /** Whether something beside the lane narrows the list. */
  readonly isFiltered: boolean;
  readonly clear: () => void;
  /** Asks what a saved view asks. */
  readonly openView: (view: AlertQuery) => void;
}

/** Keeps the queue's search while other screens are shown; the order also for the next start. */
export function useQueueSearch(): QueueSearch {
  const store = useAppStore();
  const brush = useApp((state) => state.brush);
  const customerName = useApp(
    ({ customers, customerId }) => customers.find(({ id }) => id === customerId)?.name,
  );
  const serviceName = useApp(({ services, serviceId }) => services.find(({ id }) => id === serviceId)?.name);
  const isFocused = useApp((state) => state.customerId !== null || state.serviceId !== null);
  const [lane, setLane] = useKeptState<LaneChoice>('queue.lane', 'actionable');
  const [text, keepText] = useKeptState('queue.text', '');
  const [sort, keepSort] = useRememberedState('queue.sort', readSort);
  const [reversed, keepReversed] = useRememberedState('queue.reversed', readReversed);
  const setOrder = useCallback(
    (next: AlertQuery['sort'], turned: boolean) => {
      keepSort(next);
      keepReversed(turned);
    },
    [keepSort, keepReversed],
  );
  const sortBy = useCallback(
    (next: AlertQuery['sort']) => setOrder(next, next === sort && !reversed),
    [setOrder, sort, reversed],
  );
  const [includeDone, setIncludeDone] = useKeptState('queue.include-done', false);
  // What is typed is asked for once that rests; what a view or a click asks for, at once.
  const rested = useDebounced(text, 300);
  const [atOnce, setAtOnce] = useState<string | null>(null);
  const typed = (text === atOnce ? text : rested).trim();
  const setText = (next: string) => {
    setAtOnce(next);
    keepText(next);
  };

  const ownQuery = useMemo<AlertQuery>(
    () => ({
      lane: lane === 'all' ? null : lane,
      text: typed,
      fromMs: brush?.fromMs ?? null,
      toMs: brush?.toMs ?? null,
      includeDone,
      sort,
      ...(reversed ? { reversed } : {}),
    }),
    [lane, typed, brush, includeDone, sort, reversed],
  );
  const query = useMemo<AlertQuery>(() => {
    const focus = [
      customerName === undefined ? '' : `customer:${quoteQueryValue(customerName)}`,
      serviceName === undefined ? '' : `service:${quoteQueryValue(serviceName)}`,
    ]
      .filter((term) => term !== '')
      .join(' ');
    if (focus === '') return ownQuery;
    return { ...ownQuery, text: typed === '' ? focus : `(${typed}) ${focus}` };
  }, [ownQuery, typed, customerName, serviceName]);

  useArrival('queue', (destination) => {
    if (destination.query !== undefined) {
      setText(destination.query);
      setLane('all');
    }
    if (destination.includeDone !== undefined) setIncludeDone(destination.includeDone);
  });

  const { setBrush, setFocus } = store.getState();
  const clearFocus = () => setFocus({ customerId: null, serviceId: null });
  return {
    lane,
    setLane,
    text,
    typeText: keepText,
    setText,
    sort,
    setSort: (next) => setOrder(next, false),
    reversed,
    sortBy,
    includeDone,
    setIncludeDone,
    brush,
    setBrush,
    focusNames: [customerName, serviceName].filter((name) => name !== undefined),
    clearFocus,
    query,
    ownQuery,
    isFiltered: typed !== '' || brush !== null || isFocused,
    clear: () => {
      setText('');
      setBrush(null);
      clearFocus();
    },
    openView: (view) => {
      setLane(view.lane ?? 'all');
      setText(view.text);
      setOrder(view.sort, view.reversed ?? false);
      setIncludeDone(view.includeDone);
      setBrush(view.fromMs !== null && view.toMs !== null ? { fromMs: view.fromMs, toMs: view.toMs } : null);
    },
  };
}
