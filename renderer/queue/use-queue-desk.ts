import { type RefObject, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type AlertAction, severities } from '../../shared/domain/alert.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { likeThisQuery, type Suppression } from '../../shared/domain/suppression.ts';
import { proposalFromAlerts } from '../mitigate/proposal.ts';
import {
  keysWaitFor,
  useApp,
  useAppStore,
  useClient,
  useCoreNow,
  useKeysStore,
  useKeysWait,
  useShowTime,
  type VirtualTableHandle,
} from '../ui/index.ts';
import type { OpenDialog } from './queue-dialogs.tsx';
import type { SuppressBy } from './suppress-dialog.tsx';
import { type AlertActions, useAlertActions } from './use-alert-actions.ts';
import { type AlertWindow, useAlertWindow } from './use-alert-window.ts';
import { type QueuePlace, useQueuePlace } from './use-queue-place.ts';
import { type QueueSearch, useQueueSearch } from './use-queue-search.ts';
import { type QueueSelection, type Scope, useQueueSelection } from './use-queue-selection.ts';
import { type RecordSearch, useRecordSearch } from './use-record-search.ts';

/** Everything that the parts of the queue's screen share: what is asked, shown, chosen, and can be done with it. */
export interface QueueDesk {
  readonly search: QueueSearch;
  readonly list: AlertWindow;
  readonly records: RecordSearch;
  readonly place: QueuePlace;
  readonly selection: QueueSelection;
  /** Does something to what is chosen, or the row at hand. */
  readonly act: (action: AlertAction) => void;
  readonly actOn: AlertActions['actOn'];
  /** Opens what a dialog is about together with it: both stay the same alerts. */
  readonly openWithScope: (make: (scope: Scope) => OpenDialog) => void;
  readonly dialog: OpenDialog | null;
  readonly openDialog: (dialog: OpenDialog | null) => void;
  readonly jumpOpen: boolean;
  readonly setJumpOpen: (open: boolean) => void;
  readonly searchRef: RefObject<HTMLInputElement | null>;
  readonly tableRef: RefObject<VirtualTableHandle | null>;
  /** The core's time now, epoch ms. */
  readonly readNow: () => number;
  readonly showTime: ReturnType<typeof useShowTime>;
  readonly escalate: () => void;
  readonly propose: () => void;
  readonly suppress: (by: SuppressBy) => void;
  readonly suppressed: (made: Suppression) => void;
  readonly exportAlerts: () => void;
  readonly showNew: () => Promise<void>;
  /** Shows what suppressions hold out of the queue. */
  readonly showHeld: () => void;
  /** Searches for something and offers the way back. */
  readonly searchFor: (text: string) => void;
}

export function useQueueDesk(): QueueDesk {
  const client = useClient();
  const store = useAppStore();
  const keys = useKeysStore();
  const readNow = useCoreNow();
  const showTime = useShowTime();
  const notify = useApp((state) => state.notify);
  const search = useQueueSearch();
  const list = useAlertWindow(search.query);
  // A key right after a search, a view or a lane is about what that finds.
  useKeysWait(list.stale);
  const records = useRecordSearch(search.query, list);
  const place = useQueuePlace(list);
  const selection = useQueueSelection(list, place, search.query);
  const { actOn, idsForCase } = useAlertActions(list, selection);
  const [dialog, openDialog] = useState<OpenDialog | null>(null);
  const [jumpOpen, setJumpOpen] = useState(false);
  const searchRef = useRef<HTMLInputElement>(null);
  const tableRef = useRef<VirtualTableHandle>(null);

  const likeThis = (): string | null => {
    const { row } = place;
    if (row === undefined) return null;
    const { customers, services, signals, status } = store.getState();
    return likeThisQuery(row, {
      customer: customers.find((each) => each.id === row.customerId)?.name ?? null,
      service: services.find((each) => each.id === row.serviceId)?.name ?? null,
      source: status?.sources.find((each) => each.id === row.sourceId)?.name ?? null,
      signal: signals.find((each) => each.id === row.signalIds[0])?.name ?? null,
    });
  };

  const withScope = (use: (scope: Scope) => void | Promise<void>) => {
    void keysWaitFor(keys, async () => {
      const scope = await selection.scope();
      if (scope !== null) await use(scope);
    });
  };
  /** Open when this returns: keys that waited for it are the dialog's. */
  const openNow = (next: OpenDialog) => flushSync(() => openDialog(next));

  return {
    search,
    list,
    records,
    place,
    selection,
    act: (action) => withScope((scope) => void actOn(scope, action)),
    actOn,
    openWithScope: (make) => withScope((scope) => openNow(make(scope))),
    dialog,
    openDialog,
    jumpOpen,
    setJumpOpen,
    searchRef,
    tableRef,
    readNow,
    showTime,
    escalate: () =>
      withScope(async (scope) => {
        const alertIds = await idsForCase(scope);
        if (alertIds !== null && alertIds.length > 0) {
          openNow({ kind: 'escalate', alertIds, sample: scope.rows });
        }
      }),
    propose: () =>
      withScope(({ rows }) => {
        const ownRanges = store.getState().customers.flatMap((customer) => customer.ownRanges);
        if (rows.length > 0) openNow({ kind: 'propose', start: proposalFromAlerts(rows, ownRanges) });
      }),
    suppress: (by) => {
      const like = likeThis();
      const { lane, query } = search;
      // The lane is a part of what is shown; the time is not: a suppression has its own.
      const shown = query.text === '' ? null : lane === 'all' ? query.text : `lane:${lane} (${query.text})`;
      withScope(({ rows }) => {
        const worst =
          severities.findLast((severity) => rows.some((row) => row.severity === severity)) ?? 'medium';
        openNow({ kind: 'suppress', start: { by, like, search: shown, worst } });
      });
    },
    suppressed: ({ id, endMs }) => {
      openDialog(null);
      selection.clear();
      notify({
        text: `Suppressed until ${showTime(endMs)}`,
        undo: () => {
          void client
            .call('suppressions.end', { id, everything: true })
            .then(() => list.renew())
            .catch((thrown: unknown) => notify({ text: toErrorData(thrown).message, tone: 'error' }));
        },
      });
      void list.renew();
    },
    exportAlerts: () => {
      const { upToSequence } = list;
      if (selection.count > 0) withScope(({ target }) => openNow({ kind: 'export', selection: target }));
      else if (upToSequence !== null) {
        openDialog({ kind: 'export', selection: { by: 'query', query: search.query, upToSequence } });
      }
    },
    showNew: async () => {
      await list.showNewest();
      tableRef.current?.scrollTo(0);
    },
    showHeld: () => {
      selection.clear();
      search.setLane('all');
      search.setText('suppressed:any');
    },
    searchFor: (text) => {
      const before = { lane: search.lane, text: search.text };
      selection.clear();
      search.setLane('all');
      search.setText(text);
      notify({
        text: `Searching ${text.slice(0, 80)}`,
        undo: () => {
          search.setLane(before.lane);
          search.setText(before.text);
        },
      });
    },
  };
}
