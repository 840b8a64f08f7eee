import { useCallback, useLayoutEffect } from 'react';
import type { Alert } from '../../shared/domain/alert.ts';
import { useArrival, useKeptState } from '../ui/index.ts';
import type { AlertWindow } from './use-alert-window.ts';

/** Where the analyst is in the list, and which alert stands open beside it. */
export interface QueuePlace {
  readonly index: number;
  /** The row that keys act on; undefined while it is being fetched, and in an empty list. */
  readonly row: Alert | undefined;
  readonly moveTo: (index: number) => void;
  readonly detailId: string | null;
  readonly setDetailId: (alertId: string | null) => void;
  readonly evidenceOpen: boolean;
  readonly setEvidenceOpen: (open: boolean) => void;
}

/** Keeps the place in the list: on its alert while that is there, else where it was. */
export function useQueuePlace(list: AlertWindow): QueuePlace {
  const [active, setActive] = useKeptState<{ readonly index: number; readonly id: string | null }>(
    'queue.active',
    { index: 0, id: null },
  );
  const [detailId, setDetailId] = useKeptState<string | null>('queue.detail', null);
  const [evidenceOpen, setEvidenceOpen] = useKeptState('queue.evidence', false);

  useArrival('queue', ({ alertId }) => {
    if (alertId !== undefined) setDetailId(alertId);
  });

  useLayoutEffect(() => {
    if (list.total === 0) return;
    const place = active.id === null ? -1 : list.indexOf(active.id);
    const index = place >= 0 ? place : Math.min(Math.max(active.index, 0), list.total - 1);
    const id = list.rowAt(index)?.id ?? null;
    if (index !== active.index || (id !== null && id !== active.id)) {
      // A key that moved on since this was drawn counts.
      setActive((now) => (now.index === active.index && now.id === active.id ? { index, id } : now));
      if (detailId !== null && detailId === active.id && id !== null) setDetailId(id);
    }
  }, [list, active, detailId, setActive, setDetailId]);

  const moveTo = useCallback(
    (index: number) => {
      const row = list.rowAt(index);
      setActive({ index, id: row?.id ?? null });
      if (row && detailId !== null) setDetailId(row.id);
    },
    [list, detailId, setActive, setDetailId],
  );
  return {
    index: active.index,
    row: list.rowAt(active.index),
    moveTo,
    detailId,
    setDetailId,
    evidenceOpen,
    setEvidenceOpen,
  };
}
