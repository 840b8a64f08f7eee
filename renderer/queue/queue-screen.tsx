import './queue.css';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type AlertQuery, alertSortSchema } from '../../shared/api/contract.ts';
import {
  type Alert,
  type AlertAction,
  type Disposition,
  type Lane,
  lanes,
  severities,
} from '../../shared/domain/alert.ts';
import { quoteQueryValue } from '../../shared/domain/alert-query.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { likeThisQuery, type Suppression } from '../../shared/domain/suppression.ts';
import { formatUtc, hourMs } from '../../shared/domain/time.ts';
import { MitigationFlow, type ProposalStart } from '../mitigate/mitigation-flow.tsx';
import { proposalFromAlerts } from '../mitigate/proposal.ts';
import type { Brush } from '../state/brush.ts';
import { offerFile } from '../ui/download.ts';
import {
  Button,
  CheckboxField,
  EmptyState,
  ErrorState,
  Icon,
  IconButton,
  LoadingState,
  laneWords,
  Menu,
  MenuButton,
  type MenuItem,
  Screen,
  SelectField,
  SplitPane,
  severityWords,
  Tabs,
  useApp,
  useAppStore,
  useArrival,
  useClient,
  useCommands,
  useCoreNow,
  useDebounced,
  useKeptState,
  useRememberedState,
  useShowTime,
  VirtualTable,
  type VirtualTableHandle,
} from '../ui/index.ts';
import { useWidth } from '../ui/use-size.ts';
import { AlertDetail } from './alert-detail.tsx';
import { useClockMark } from './clock-mark.tsx';
import { CloseDialog } from './close-dialog.tsx';
import { ColumnsDialog } from './columns-dialog.tsx';
import { EscalateDialog } from './escalate-dialog.tsx';
import { ExportDialog, type ExportSelection, type FrozenExport } from './export-dialog.tsx';
import { HeldNote } from './held-note.tsx';
import { JumpBar } from './jump-bar.tsx';
import { QueryBar } from './query-bar.tsx';
import { allColumns, queueColumns, readColumnLayout } from './queue-columns.tsx';
import { countAlerts, describeAction, snoozeChoices } from './queue-words.ts';
import { SavedViews } from './saved-views.tsx';
import { type SuppressBy, SuppressDialog, type SuppressStart } from './suppress-dialog.tsx';
import { useAlertWindow } from './use-alert-window.ts';
import { writeExport } from './write-export.ts';

type LaneChoice = Lane | 'all';

/** Rows chosen one by one, or everything that matches, up to the sequence at which the list is frozen. */
type Selection = { readonly kind: 'some'; readonly ids: ReadonlySet<string> } | { readonly kind: 'all' };

const nothingSelected: Selection = { kind: 'some', ids: new Set() };
/** So many rows are selected one by one or as a range at most, as the contract says. */
const mostSelected = 10_000;
/** A case takes so many alerts at once, as the contract says. */
const mostCaseAlerts = 10_000;
/** From so many on, an action shows its progress at the bottom edge. */
const manyAlerts = 200;

const sortWords = {
  received: 'Newest first',
  'last-seen': 'Last seen first',
  severity: 'Worst first',
  count: 'Most first',
  'first-seen': 'First seen last',
  title: 'By title',
  status: 'By status',
  assignee: 'By assignee',
  customer: 'By customer',
  source: 'By source',
} as const satisfies Record<AlertQuery['sort'], string>;

const sorts = alertSortSchema.options;

function readSort(stored: unknown): AlertQuery['sort'] {
  return sorts.find((sort) => sort === stored) ?? 'received';
}

type OpenDialog =
  | { readonly kind: 'close'; readonly disposition: Disposition }
  | { readonly kind: 'escalate'; readonly alertIds: readonly string[]; readonly sample: readonly Alert[] }
  | { readonly kind: 'columns' }
  | { readonly kind: 'export'; readonly selection: ExportSelection }
  | { readonly kind: 'propose'; readonly start: ProposalStart }
  | { readonly kind: 'suppress'; readonly start: SuppressStart };

/** The queue: what needs a person, in two lanes, frozen until asked. */
export function QueueScreen() {
  const client = useClient();
  const store = useAppStore();
  const readNow = useCoreNow();
  const showTime = useShowTime();
  const status = useApp((state) => state.status);
  const brush = useApp((state) => state.brush);
  const customerId = useApp((state) => state.customerId);
  const serviceId = useApp((state) => state.serviceId);
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const signals = useApp((state) => state.signals);
  const shiftEndsMs = useApp((state) => state.settings.shiftEndsMs);
  const goTo = useApp((state) => state.goTo);
  const notify = useApp((state) => state.notify);

  const [lane, setLane] = useKeptState<LaneChoice>('queue.lane', 'actionable');
  const [text, setText] = useKeptState('queue.text', '');
  const [sort, setSort] = useRememberedState('queue.sort', readSort);
  const [layout, setLayout] = useRememberedState('queue.columns', readColumnLayout);
  const [includeDone, setIncludeDone] = useKeptState('queue.include-done', false);
  const [detailId, setDetailId] = useKeptState<string | null>('queue.detail', null);
  const [evidenceOpen, setEvidenceOpen] = useKeptState('queue.evidence', false);
  const [active, setActive] = useKeptState<{ index: number; id: string | null }>('queue.active', {
    index: 0,
    id: null,
  });
  const [selection, setSelection] = useState<Selection>(nothingSelected);
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [snoozeOpen, setSnoozeOpen] = useState(false);
  const [jumpOpen, setJumpOpen] = useState(false);
  const snoozeRef = useRef<HTMLButtonElement>(null);
  const searchRef = useRef<HTMLInputElement>(null);
  const tableRef = useRef<VirtualTableHandle>(null);
  /** Where a range of rows began, and what it holds. */
  const range = useRef<{
    readonly index: number;
    readonly id: string | null;
    readonly ids: readonly string[];
  } | null>(null);
  const rangeRound = useRef(0);
  const [listRef, listWidth] = useWidth<HTMLDivElement>();

  const appliedText = useDebounced(text, 300);
  const customerName = customers.find((each) => each.id === customerId)?.name;
  const serviceName = services.find((each) => each.id === serviceId)?.name;
  const query = useMemo<AlertQuery>(() => {
    const focus = [
      customerName === undefined ? '' : `customer:${quoteQueryValue(customerName)}`,
      serviceName === undefined ? '' : `service:${quoteQueryValue(serviceName)}`,
    ]
      .filter((term) => term !== '')
      .join(' ');
    const typed = appliedText.trim();
    return {
      lane: lane === 'all' ? null : lane,
      text: focus === '' ? typed : typed === '' ? focus : `(${typed}) ${focus}`,
      fromMs: brush?.fromMs ?? null,
      toMs: brush?.toMs ?? null,
      includeDone,
      sort,
    };
  }, [lane, appliedText, customerName, serviceName, brush, includeDone, sort]);
  const list = useAlertWindow(query);

  useArrival('queue', (destination) => {
    if (destination.query !== undefined) {
      setText(destination.query);
      setLane('all');
    }
    if (destination.includeDone !== undefined) setIncludeDone(destination.includeDone);
    if (destination.alertId !== undefined) setDetailId(destination.alertId);
  });

  // The highlight stays on its alert; when that left the list, on the place where it was.
  useEffect(() => {
    if (list.total === 0) return;
    const place = active.id === null ? -1 : list.indexOf(active.id);
    const index = place >= 0 ? place : Math.min(Math.max(active.index, 0), list.total - 1);
    const id = list.rowAt(index)?.id ?? null;
    if (index !== active.index || (id !== null && id !== active.id)) {
      setActive({ index, id });
      if (detailId !== null && detailId === active.id && id !== null) setDetailId(id);
    }
  }, [list, active, detailId, setActive, setDetailId]);

  const selectedCount = selection.kind === 'all' ? list.total : selection.ids.size;
  const activeRow = list.rowAt(active.index);
  const targetCount = selectedCount > 0 ? selectedCount : activeRow ? 1 : 0;
  const hasTarget = targetCount > 0;

  const moveTo = useCallback(
    (index: number) => {
      const row = list.rowAt(index);
      setActive({ index, id: row?.id ?? null });
      if (row && detailId !== null) setDetailId(row.id);
    },
    [list, detailId, setActive, setDetailId],
  );
  const toggle = (index: number, extend: boolean) => {
    if (extend) {
      void selectRange(index);
      return;
    }
    const row = list.rowAt(index);
    if (!row) return;
    setSelection((before) => {
      // From "everything" one click begins anew with that row: an exception from a million is not a selection.
      const ids = new Set(before.kind === 'all' ? [] : before.ids);
      if (!ids.delete(row.id)) ids.add(row.id);
      return { kind: 'some', ids };
    });
    range.current = { index, id: row.id, ids: [row.id] };
  };
  /** Everything from where the range began to here; what it held beyond that is let go of. */
  const selectRange = async (index: number) => {
    const begun = range.current ?? { index: active.index, id: active.id, ids: [] };
    const place = begun.id === null ? -1 : list.indexOf(begun.id);
    const from = place >= 0 ? place : begun.index;
    const [first, last] = [Math.min(from, index), Math.max(from, index)];
    if (last - first >= mostSelected) {
      notify({
        text: `A range takes ${countAlerts(mostSelected)} at most. Ctrl+A takes everything that matches.`,
        tone: 'warning',
      });
      return;
    }
    const apply = (ids: readonly string[]) => {
      setSelection((before) => {
        const next = new Set(before.kind === 'all' ? [] : before.ids);
        for (const id of begun.ids) next.delete(id);
        for (const id of ids) next.add(id);
        return { kind: 'some', ids: next };
      });
      range.current = { ...begun, ids };
    };
    const mine = ++rangeRound.current;
    const here = list.idsBetween(first, last);
    // What is here is selected at once: keys come faster than answers.
    if (here !== null) {
      apply(here);
      return;
    }
    try {
      const ids = await list.readIds(first, last);
      if (mine === rangeRound.current) apply(ids);
    } catch (thrown) {
      notify({ text: toErrorData(thrown).message, tone: 'error' });
    }
  };
  const clearSelection = () => {
    setSelection(nothingSelected);
    range.current = null;
    rangeRound.current += 1;
  };

  const loadedTargets = (): readonly Alert[] => {
    if (selection.kind === 'some' && selection.ids.size > 0) {
      return [...selection.ids]
        .map((id) => list.rowAt(list.indexOf(id)))
        .filter((row): row is Alert => row !== undefined);
    }
    if (selection.kind === 'all') {
      const rows: Alert[] = [];
      for (let index = 0; index < Math.min(list.total, 100); index += 1) {
        const row = list.rowAt(index);
        if (row) rows.push(row);
      }
      return rows;
    }
    return activeRow ? [activeRow] : [];
  };

  const act = async (action: AlertAction) => {
    if (!hasTarget) return;
    const { upToSequence } = list;
    const ids =
      selection.kind === 'some' && selection.ids.size > 0
        ? [...selection.ids]
        : activeRow
          ? [activeRow.id]
          : [];
    const chosen =
      selection.kind === 'all' && upToSequence !== null
        ? ({ by: 'query', query, upToSequence } as const)
        : ({ by: 'ids', ids } as const);
    if (chosen.by === 'ids' && chosen.ids.length === 0) return;
    const state = store.getState();
    const abort = new AbortController();
    const job =
      targetCount >= manyAlerts
        ? state.startJob({
            label: `${countAlerts(targetCount)}: working`,
            total: targetCount,
            cancel: () => abort.abort(),
          })
        : null;
    try {
      const done = await client.call(
        'alerts.act',
        { selection: chosen, action },
        {
          signal: abort.signal,
          onProgress: (progress) => {
            if (job !== null) state.updateJob(job, { done: progress.done, total: progress.total });
          },
        },
      );
      const { undoId } = done;
      notify({
        text: describeAction(action, done.changed, (timeMs) => showTime(timeMs, 'clock')),
        ...(undoId === null ? {} : { undo: () => void undo(undoId) }),
      });
      clearSelection();
      await list.renew();
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: error.message, tone: 'error', details: error.details });
    } finally {
      if (job !== null) state.endJob(job);
    }
  };
  const undo = async (undoId: string) => {
    try {
      const undone = await client.call('alerts.undo', { undoId });
      notify({ text: `Took it back for ${countAlerts(undone.changed)}` });
      await list.renew();
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: error.message, tone: 'error', details: error.details });
    }
  };

  /** The ids of everything that is chosen; "everything" is read page by page, with its progress shown. */
  const collectIds = async (): Promise<readonly string[] | null> => {
    if (selection.kind === 'some') {
      return selection.ids.size > 0 ? [...selection.ids] : activeRow ? [activeRow.id] : [];
    }
    if (list.total > mostCaseAlerts) {
      notify({
        text: `A case takes ${countAlerts(mostCaseAlerts)} at most; ${countAlerts(list.total)} match. Narrow the search first.`,
        tone: 'warning',
      });
      return null;
    }
    const state = store.getState();
    let cancelled = false;
    const job = state.startJob({
      label: 'Reading the alerts',
      total: list.total,
      cancel: () => {
        cancelled = true;
      },
    });
    const ids: string[] = [];
    try {
      while (!cancelled && ids.length < list.total) {
        const answer = await client.call('alerts.query', {
          ...query,
          upToSequence: list.upToSequence,
          offset: ids.length,
          limit: 500,
        });
        if (answer.rows.length === 0) break;
        ids.push(...answer.rows.map((row) => row.id));
        state.updateJob(job, { done: ids.length });
      }
      return cancelled ? null : ids;
    } catch (thrown) {
      notify({ text: toErrorData(thrown).message, tone: 'error' });
      return null;
    } finally {
      state.endJob(job);
    }
  };
  const startExport = () => {
    const { upToSequence } = list;
    if (selection.kind === 'some' && selection.ids.size > 0) {
      setDialog({ kind: 'export', selection: { by: 'ids', ids: [...selection.ids] } });
    } else if (upToSequence !== null) {
      setDialog({ kind: 'export', selection: { by: 'query', query, upToSequence } });
    }
  };
  const exportFrozen = async (frozen: FrozenExport) => {
    setDialog(null);
    const state = store.getState();
    const abort = new AbortController();
    const { length } = frozen.sequences;
    const job = state.startJob({
      label: `Exporting ${countAlerts(length)}`,
      total: length,
      cancel: () => abort.abort(),
    });
    const nameIn = (rows: readonly { readonly id: string; readonly name: string }[]) => (id: string) =>
      rows.find((row) => row.id === id)?.name ?? null;
    try {
      const made = await writeExport(
        client,
        frozen,
        {
          customer: nameIn(customers),
          service: nameIn(services),
          source: nameIn(status?.sources ?? []),
        },
        { signal: abort.signal, onDone: (done) => state.updateJob(job, { done }) },
      );
      if (made === null) {
        notify({ text: 'Nothing was exported' });
        return;
      }
      const name = exportName(readNow(), frozen.format);
      offerFile(name, made.file);
      const gone = length - made.written;
      notify({
        text: `Saved ${name}: ${countAlerts(made.written)}${gone === 0 ? '' : `; ${gone.toLocaleString('en')} are no longer there`}`,
        tone: gone === 0 ? 'good' : 'warning',
      });
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: `Nothing was exported. ${error.message}`, tone: 'error', details: error.details });
    } finally {
      state.endJob(job);
    }
  };
  const escalate = async () => {
    const sample = loadedTargets();
    const alertIds = await collectIds();
    if (alertIds !== null && alertIds.length > 0) setDialog({ kind: 'escalate', alertIds, sample });
  };
  const propose = () => {
    const rows = loadedTargets();
    const ownRanges = customers.flatMap((customer) => customer.ownRanges);
    if (rows.length > 0) setDialog({ kind: 'propose', start: proposalFromAlerts(rows, ownRanges) });
  };
  const suppress = (by: SuppressBy) => {
    const rows = loadedTargets();
    const like = activeRow
      ? likeThisQuery(activeRow, {
          customer: customers.find((each) => each.id === activeRow.customerId)?.name ?? null,
          service: services.find((each) => each.id === activeRow.serviceId)?.name ?? null,
          source: status?.sources.find((each) => each.id === activeRow.sourceId)?.name ?? null,
          signal: signals.find((each) => each.id === activeRow.signalIds[0])?.name ?? null,
        })
      : null;
    // The lane is a part of what is shown; the time is not: a suppression has its own.
    const search = query.text === '' ? null : lane === 'all' ? query.text : `lane:${lane} (${query.text})`;
    const worst =
      severities.findLast((severity) => rows.some((row) => row.severity === severity)) ?? 'medium';
    setDialog({ kind: 'suppress', start: { by, like, search, worst } });
  };
  const suppressed = ({ id, endMs }: Suppression) => {
    setDialog(null);
    clearSelection();
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
  };
  const showNew = async () => {
    await list.showNewest();
    tableRef.current?.scrollTo(0);
  };

  const group = 'Queue';
  useCommands([
    {
      id: 'queue.search',
      title: 'Search the queue',
      group,
      keys: ['/'],
      run: () => {
        searchRef.current?.focus();
        searchRef.current?.select();
      },
    },
    {
      id: 'queue.acknowledge',
      title: 'Acknowledge',
      group,
      keys: ['a'],
      enabled: hasTarget,
      run: () => void act({ type: 'acknowledge' }),
    },
    {
      id: 'queue.take',
      title: 'Take',
      group,
      keys: ['i'],
      enabled: hasTarget,
      run: () => void act({ type: 'take' }),
    },
    {
      id: 'queue.escalate',
      title: 'Escalate to a case',
      group,
      keys: ['e'],
      enabled: hasTarget,
      run: () => void escalate(),
    },
    {
      id: 'queue.propose',
      title: 'Propose a mitigation',
      group,
      keys: ['p'],
      enabled: hasTarget,
      run: propose,
    },
    {
      id: 'queue.snooze',
      title: 'Snooze',
      group,
      keys: ['s'],
      enabled: hasTarget,
      run: () => setSnoozeOpen(true),
    },
    {
      id: 'queue.false-positive',
      title: 'Close as false positive',
      group,
      keys: ['f'],
      enabled: hasTarget,
      run: () => setDialog({ kind: 'close', disposition: 'false-positive' }),
    },
    {
      id: 'queue.close',
      title: 'Close with a disposition',
      group,
      keys: ['c'],
      enabled: hasTarget,
      run: () => setDialog({ kind: 'close', disposition: 'true-positive' }),
    },
    {
      id: 'queue.suppress',
      title: 'Suppress all alerts like this one',
      group,
      keys: ['h'],
      enabled: activeRow !== undefined,
      run: () => suppress('like'),
    },
    {
      id: 'queue.suppress-search',
      title: 'Suppress everything that this search finds',
      group,
      keys: ['Shift+h'],
      enabled: query.text !== '',
      run: () => suppress('search'),
    },
    { id: 'queue.suppressed', title: 'Show what suppressions hold', group, run: () => showHeld() },
    {
      id: 'queue.select-all',
      title: 'Select everything that matches',
      group,
      keys: ['Ctrl+a'],
      enabled: list.total > 0,
      run: () => setSelection({ kind: 'all' }),
    },
    {
      id: 'queue.evidence',
      title: 'Show the evidence',
      group,
      keys: ['v'],
      enabled: detailId !== null || activeRow !== undefined,
      run: () => {
        if (detailId === null && activeRow) {
          setDetailId(activeRow.id);
          setEvidenceOpen(true);
        } else setEvidenceOpen((open) => !open);
      },
    },
    {
      id: 'queue.newest',
      title: 'Show new alerts',
      group,
      keys: ['n'],
      enabled: list.newer > 0,
      run: () => void showNew(),
    },
    {
      id: 'queue.back',
      title: 'Clear the selection or close the details',
      group,
      keys: ['Escape'],
      hidden: true,
      enabled: selectedCount > 0 || detailId !== null,
      run: () => {
        if (selectedCount > 0) clearSelection();
        else setDetailId(null);
      },
    },
    {
      id: 'queue.lane-actionable',
      title: 'Actionable lane',
      group,
      keys: ['1'],
      run: () => setLane('actionable'),
    },
    {
      id: 'queue.lane-informational',
      title: 'Informational lane',
      group,
      keys: ['2'],
      run: () => setLane('informational'),
    },
    {
      id: 'queue.jump',
      title: 'Jump to a title that begins with …',
      group,
      keys: ["'"],
      enabled: list.total > 0,
      run: () => setJumpOpen(true),
    },
    {
      id: 'queue.export',
      title: 'Export as CSV or JSON Lines',
      group,
      keys: ['Shift+e'],
      enabled: list.total > 0,
      run: startExport,
    },
    {
      id: 'queue.columns',
      title: 'Choose columns',
      group,
      keys: ['Shift+c'],
      run: () => setDialog({ kind: 'columns' }),
    },
    ...sorts.map((value) => ({
      id: `queue.sort-${value}`,
      title: `Order: ${sortWords[value].toLowerCase()}`,
      group,
      run: () => setSort(value),
    })),
    { id: 'queue.lane-all', title: 'Both lanes', group, keys: ['3'], run: () => setLane('all') },
  ]);

  const clock = useClockMark();
  const sources = status?.sources;
  const columnNames = useMemo(
    () => ({
      clock,
      customer: (id: string | null) =>
        id === null ? '–' : (customers.find((each) => each.id === id)?.name ?? id),
      service: (id: string | null) =>
        id === null ? '–' : (services.find((each) => each.id === id)?.name ?? id),
      source: (alert: Alert) =>
        alert.sourceId === 'detection'
          ? 'Detection'
          : ((sources ?? []).find((each) => each.id === alert.sourceId)?.name ?? alert.sourceKind),
    }),
    [customers, services, sources, clock],
  );
  const columns = queueColumns(listWidth, columnNames, layout).map((column) => ({
    ...column,
    sorted: column.sort === sort,
    onSort: column.sort === undefined ? undefined : () => setSort(column.sort ?? 'received'),
  }));
  const shownKeys = columns.map((column) => column.key);

  const snoozeItems: readonly MenuItem[] = snoozeChoices(readNow(), shiftEndsMs).map((choice) => ({
    id: choice.label,
    label: choice.label,
    hint: `until ${showTime(choice.untilMs)}`,
    onSelect: () => void act({ type: 'snooze', untilMs: choice.untilMs }),
  }));
  const moreItems: readonly MenuItem[] = [
    {
      id: 'export',
      label: selectedCount > 0 ? `Export ${countAlerts(selectedCount)}…` : 'Export everything that matches…',
      icon: 'download',
      onSelect: startExport,
    },
    { id: 'reopen', label: 'Reopen', onSelect: () => void act({ type: 'reopen' }) },
    { id: 'wake', label: 'Wake from snooze', onSelect: () => void act({ type: 'wake' }) },
    {
      id: 'release',
      label: 'Release, so that another can take it',
      onSelect: () => void act({ type: 'release' }),
    },
    { id: 'suppress', label: 'Suppress all like this…', onSelect: () => suppress('like') },
    ...lanes.map((value) => ({
      id: `lane-${value}`,
      label: `Move to ${laneWords[value].toLowerCase()}`,
      onSelect: () => void act({ type: 'set-lane', lane: value, reason: '' }),
    })),
    ...severities.toReversed().map((value) => ({
      id: `severity-${value}`,
      label: `Set severity ${severityWords[value].toLowerCase()}`,
      onSelect: () => void act({ type: 'set-severity', severity: value }),
    })),
  ];

  const showHeld = () => {
    clearSelection();
    setLane('all');
    setText('suppressed:any');
  };
  const isFiltered = appliedText.trim() !== '' || brush !== null || customerId !== null || serviceId !== null;
  const clearFilters = () => {
    setText('');
    store.getState().setBrush(null);
    store.getState().setFocus({ customerId: null, serviceId: null });
  };

  const main = (
    <div className="queue-main" ref={listRef}>
      <div className="queue-actions" role="toolbar" aria-label="Alert actions">
        <span className="queue-target tabular" role="status">
          {selection.kind === 'all'
            ? `All ${countAlerts(list.total)} that match`
            : selectedCount > 0
              ? `${countAlerts(selectedCount)} selected`
              : list.upToSequence === null
                ? ''
                : countAlerts(list.total)}
        </span>
        <HeldNote onShow={showHeld} />
        <Button small keys="a" disabled={!hasTarget} onClick={() => void act({ type: 'acknowledge' })}>
          Acknowledge
        </Button>
        <Button small keys="i" disabled={!hasTarget} onClick={() => void act({ type: 'take' })}>
          Take
        </Button>
        <Button small keys="e" disabled={!hasTarget} onClick={() => void escalate()}>
          Case
        </Button>
        <Button small keys="p" disabled={!hasTarget} onClick={propose}>
          Mitigate
        </Button>
        <Button
          small
          keys="s"
          disabled={!hasTarget}
          ref={snoozeRef}
          aria-haspopup="menu"
          aria-expanded={snoozeOpen}
          onClick={() => setSnoozeOpen((open) => !open)}
        >
          Snooze
        </Button>
        <Button
          small
          keys="f"
          disabled={!hasTarget}
          onClick={() => setDialog({ kind: 'close', disposition: 'false-positive' })}
        >
          False positive
        </Button>
        <Button
          small
          keys="c"
          disabled={!hasTarget}
          onClick={() => setDialog({ kind: 'close', disposition: 'true-positive' })}
        >
          Close
        </Button>
        <MenuButton label="More alert actions" icon="more" disabled={!hasTarget} items={moreItems} />
      </div>
      {jumpOpen ? (
        <JumpBar
          list={list}
          query={query}
          activeIndex={active.index}
          onJump={(index) => {
            moveTo(index);
            tableRef.current?.scrollTo(index);
          }}
          onClose={() => {
            setJumpOpen(false);
            tableRef.current?.focus();
          }}
        />
      ) : null}
      {list.newer > 0 ? (
        <button type="button" className="queue-new" aria-keyshortcuts="n" onClick={() => void showNew()}>
          <Icon name="chevron-up" size={12} />
          {list.newer.toLocaleString('en')} new <kbd className="kbd">n</kbd>
        </button>
      ) : null}
      {list.error && list.total === 0 ? (
        <ErrorState
          error={list.error}
          title="The queue could not be read"
          onRetry={() => void list.showNewest()}
        />
      ) : (
        <VirtualTable<Alert>
          label={lane === 'all' ? 'Alerts of both lanes' : `${laneWords[lane]} alerts`}
          handle={tableRef}
          columns={columns}
          count={list.total}
          rowAt={list.rowAt}
          keyOf={(alert) => alert.id}
          activeIndex={active.index}
          onActiveChange={moveTo}
          isSelected={(alert) => selection.kind === 'all' || selection.ids.has(alert.id)}
          onToggle={toggle}
          onOpen={(index) => {
            const row = list.rowAt(index);
            if (row) setDetailId(row.id);
          }}
          onRangeShown={list.showRange}
          onResize={(key, widthPx) =>
            setLayout({
              shown: layout?.shown ?? shownKeys,
              widths: { ...layout?.widths, [key]: widthPx },
            })
          }
          screenKeys
          keysGroup="Queue list"
          rowLabel={(alert) => `${severityWords[alert.severity]}: ${alert.title.slice(0, 200)}`}
          rowClass={rowClass}
          empty={
            list.loading ? (
              <LoadingState label="Reading the queue" />
            ) : isFiltered ? (
              <EmptyState
                title="No alert matches"
                action={<Button onClick={clearFilters}>Clear the search and filters</Button>}
              >
                {includeDone
                  ? 'Nothing in this lane matches.'
                  : 'Closed, snoozed and suppressed alerts are left out.'}
              </EmptyState>
            ) : (
              <EmptyState title={lane === 'actionable' ? 'Nothing needs you now' : 'No alerts here'}>
                {lane === 'actionable'
                  ? 'Alerts that need a person appear here by themselves. What was stopped on its way is in the informational lane.'
                  : 'What is worth knowing but was stopped on its way appears here by itself.'}
              </EmptyState>
            )
          }
        />
      )}
    </div>
  );

  return (
    <Screen
      label="Queue"
      bar={
        <>
          <Tabs<LaneChoice>
            label="Lane"
            look="segmented"
            active={lane}
            onChange={(next) => {
              clearSelection();
              setLane(next);
            }}
            tabs={[
              { id: 'actionable', label: 'Actionable', count: status?.actionableOpen ?? null, keys: '1' },
              {
                id: 'informational',
                label: 'Informational',
                count: status?.informationalOpen ?? null,
                keys: '2',
              },
              { id: 'all', label: 'Both', keys: '3' },
            ]}
          />
          <QueryBar
            value={text}
            onChange={(next) => {
              clearSelection();
              setText(next);
            }}
            onDone={() => tableRef.current?.focus()}
            inputRef={searchRef}
          />
          {brush ? (
            <Chip label="Time" onRemove={() => store.getState().setBrush(null)}>
              {brushWords(brush, showTime)}
            </Chip>
          ) : null}
          {customerName === undefined && serviceName === undefined ? null : (
            <Chip
              label="Watched"
              onRemove={() => store.getState().setFocus({ customerId: null, serviceId: null })}
            >
              {[customerName, serviceName]
                .filter((name) => name !== undefined)
                .join(' · ')
                .slice(0, 60)}
            </Chip>
          )}
          <SelectField
            label="Order"
            hideLabel
            value={sort}
            onChange={setSort}
            options={sorts.map((value) => ({
              value,
              label: sortWords[value],
            }))}
          />
          <IconButton
            icon="columns"
            label="Columns"
            keys="Shift+c"
            onClick={() => setDialog({ kind: 'columns' })}
          />
          <CheckboxField label="Closed too" checked={includeDone} onChange={setIncludeDone} />
          <SavedViews
            query={{ ...query, text: appliedText.trim() }}
            onOpen={(view) => {
              clearSelection();
              setLane(view.lane ?? 'all');
              setText(view.text);
              setSort(view.sort);
              setIncludeDone(view.includeDone);
              store
                .getState()
                .setBrush(
                  view.fromMs !== null && view.toMs !== null
                    ? { fromMs: view.fromMs, toMs: view.toMs }
                    : null,
                );
            }}
          />
        </>
      }
    >
      <SplitPane
        id="queue.detail"
        paneLabel="Alert details"
        initialSize={500}
        main={main}
        pane={
          detailId === null ? null : (
            <AlertDetail
              alertId={detailId}
              row={list.rowAt(list.indexOf(detailId))}
              evidenceOpen={evidenceOpen}
              onEvidence={setEvidenceOpen}
              onClose={() => setDetailId(null)}
              onOpenAlert={setDetailId}
              onSearch={(next) => {
                const before = { lane, text };
                clearSelection();
                setLane('all');
                setText(next);
                notify({
                  text: `Searching ${next.slice(0, 80)}`,
                  undo: () => {
                    setLane(before.lane);
                    setText(before.text);
                  },
                });
              }}
            />
          )
        }
      />
      {snoozeOpen ? (
        <Menu
          label="Snooze until"
          items={snoozeItems}
          anchor={snoozeRef.current}
          onClose={() => setSnoozeOpen(false)}
        />
      ) : null}
      {dialog?.kind === 'close' ? (
        <CloseDialog
          count={targetCount}
          initial={dialog.disposition}
          onClose={() => setDialog(null)}
          onConfirm={(disposition, reason) => {
            setDialog(null);
            void act({ type: 'close', disposition, reason });
          }}
        />
      ) : null}
      {dialog?.kind === 'escalate' ? (
        <EscalateDialog
          alertIds={dialog.alertIds}
          sample={dialog.sample}
          onClose={() => setDialog(null)}
          onDone={(caseId, title, isNew) => {
            setDialog(null);
            clearSelection();
            notify({
              text: isNew ? `Opened the case “${cutTitle(title)}”` : `Added to “${cutTitle(title)}”`,
              tone: 'good',
            });
            goTo('cases', { caseId });
          }}
        />
      ) : null}
      {dialog?.kind === 'export' ? (
        <ExportDialog
          selection={dialog.selection}
          readNow={readNow}
          onClose={() => setDialog(null)}
          onConfirm={(frozen) => void exportFrozen(frozen)}
        />
      ) : null}
      {dialog?.kind === 'columns' ? (
        <ColumnsDialog
          columns={allColumns(true, columnNames)}
          shown={shownKeys}
          layout={layout}
          onChange={setLayout}
          onClose={() => setDialog(null)}
        />
      ) : null}
      {dialog?.kind === 'suppress' ? (
        <SuppressDialog start={dialog.start} onClose={() => setDialog(null)} onDone={suppressed} />
      ) : null}
      {dialog?.kind === 'propose' ? (
        <MitigationFlow start={dialog.start} onClose={() => setDialog(null)} />
      ) : null}
    </Screen>
  );
}

/** E.g. `alerts-2026-11-26T021407Z.csv`: no sign that some system does not take. */
function exportName(nowMs: number, format: FrozenExport['format']): string {
  return `alerts-${formatUtc(nowMs).replaceAll(':', '')}.${format}`;
}

/** A title in a message: its beginning is enough. */
function cutTitle(title: string): string {
  return title.length <= 80 ? title : `${title.slice(0, 79)}…`;
}

/** A range of hours by the clock; of days by their dates, as charts write them: the bar is narrow. */
function brushWords({ fromMs, toMs }: Brush, showTime: ReturnType<typeof useShowTime>): string {
  const end = (timeMs: number) =>
    toMs - fromMs < 20 * hourMs ? showTime(timeMs, 'clock') : showTime(timeMs).slice(5, 10);
  return end(fromMs) === end(toMs) ? end(fromMs) : `${end(fromMs)}–${end(toMs)}`;
}

function rowClass(alert: Alert): string | null {
  if (alert.status === 'closed') return 'alert-closed';
  if (alert.snoozedUntilMs !== null || alert.suppressed === 'held') return 'alert-snoozed';
  return alert.status === 'new' ? 'alert-new' : null;
}

/** A filter that came from elsewhere, with its remove button. */
function Chip({
  label,
  children,
  onRemove,
}: {
  readonly label: string;
  readonly children: string | readonly string[];
  readonly onRemove: () => void;
}) {
  return (
    <span className="chip">
      <span className="chip-label">{label}</span>
      <span className="tabular">{children}</span>
      <button
        type="button"
        className="chip-remove"
        aria-label={`Remove the filter ${label}`}
        onClick={onRemove}
      >
        <Icon name="close" size={10} />
      </button>
    </span>
  );
}
