import './merge.css';
import { type ReactNode, useState } from 'react';
import type { Alert, AlertAction } from '../../shared/domain/alert.ts';
import { type MenuItem, useCommands } from '../ui/index.ts';
import { MergeDialog } from './merge-dialog.tsx';
import { MergeProposals } from './merge-proposals.tsx';
import { SplitDialog } from './split-dialog.tsx';

type Open =
  | {
      readonly kind: 'merge';
      readonly count: number;
      readonly sample: readonly Alert[];
      readonly reason: string | null;
      /** Null: what is selected. */
      readonly ids: readonly string[] | null;
    }
  | { readonly kind: 'proposals'; readonly alertId: string | null }
  | { readonly kind: 'split'; readonly alert: Alert };

/** Merging and splitting what is chosen: their keys, entries of the menu, and dialogs. */
export function useMergeFlow({
  count,
  chosen,
  act,
  onOpenAlert,
}: {
  /** How many alerts are chosen, and the rows of these that are at hand. */
  readonly count: number;
  readonly chosen: readonly Alert[];
  /** Does something to what is chosen, or to these alone. */
  readonly act: (action: AlertAction, ids?: readonly string[]) => Promise<void>;
  readonly onOpenAlert: (alertId: string) => void;
}): { readonly items: readonly MenuItem[]; readonly dialog: ReactNode } {
  const [open, setOpen] = useState<Open | null>(null);
  const rows = chosen;
  const [only] = rows;
  const one = count === 1 && only !== undefined ? only : null;
  // Of many not all rows are at hand: then the core says that there is nothing to do.
  const canUnmerge =
    count > rows.length || rows.some(({ parentId, merged }) => parentId !== null || merged !== null);
  const canRejoin =
    count > rows.length || rows.some(({ split, partOf }) => split !== null || partOf !== null);
  const close = () => setOpen(null);

  const merge = () => {
    if (count > 1) setOpen({ kind: 'merge', count, sample: rows, reason: null, ids: null });
    else if (one !== null) setOpen({ kind: 'proposals', alertId: one.id });
  };
  const propose = () => setOpen({ kind: 'proposals', alertId: null });
  const split = () => {
    if (one !== null) setOpen({ kind: 'split', alert: one });
  };
  const unmerge = () => void act({ type: 'unmerge' });
  const rejoin = () => void act({ type: 'unsplit' });

  const group = 'Queue';
  useCommands([
    {
      id: 'queue.merge',
      title: 'Merge, or see what belongs together',
      group,
      keys: ['m'],
      enabled: count > 0,
      run: merge,
    },
    {
      id: 'queue.unmerge',
      title: 'Unmerge',
      group,
      keys: ['Shift+m'],
      enabled: count > 0 && canUnmerge,
      run: unmerge,
    },
    {
      id: 'queue.split',
      title: 'Split into parts',
      group,
      keys: ['Shift+s'],
      enabled: one !== null,
      run: split,
    },
    {
      id: 'queue.unsplit',
      title: 'Put parts together again',
      group,
      keys: ['Shift+u'],
      enabled: count > 0 && canRejoin,
      run: rejoin,
    },
    { id: 'queue.proposals', title: 'Show alerts that belong together', group, run: propose },
  ]);

  const items: readonly MenuItem[] = [
    {
      id: 'merge',
      label: count > 1 ? 'Merge…' : 'Merge with what belongs to it…',
      hint: 'm',
      onSelect: merge,
    },
    ...(canUnmerge ? [{ id: 'unmerge', label: 'Unmerge', hint: 'Shift+M', onSelect: unmerge }] : []),
    ...(one === null ? [] : [{ id: 'split', label: 'Split into parts…', hint: 'Shift+S', onSelect: split }]),
    ...(canRejoin
      ? [{ id: 'unsplit', label: 'Put parts together again', hint: 'Shift+U', onSelect: rejoin }]
      : []),
  ];

  return { items, dialog: dialogOf() };

  function dialogOf(): ReactNode {
    switch (open?.kind) {
      case 'merge':
        return (
          <MergeDialog
            count={open.count}
            sample={open.sample}
            reason={open.reason}
            onClose={close}
            onConfirm={(leaderId) => {
              close();
              const merging = { type: 'merge', leaderId } as const;
              void act(merging, open.ids ?? undefined);
            }}
          />
        );
      case 'proposals':
        return (
          <MergeProposals
            alertId={open.alertId}
            onClose={close}
            onChoose={({ alertIds, sample, reason }) =>
              setOpen({ kind: 'merge', count: alertIds.length, sample, reason, ids: alertIds })
            }
            onOpenAlert={(alertId) => {
              close();
              onOpenAlert(alertId);
            }}
          />
        );
      case 'split':
        return (
          <SplitDialog
            alert={open.alert}
            onClose={close}
            onConfirm={(by) => {
              const { id } = open.alert;
              close();
              void act({ type: 'split', by }, [id]);
            }}
          />
        );
      case undefined:
        return null;
    }
  }
}
