import { useEffect, useRef, useState } from 'react';
import type { Alert } from '../../shared/domain/alert.ts';
import {
  Button,
  EmptyState,
  ErrorState,
  Icon,
  LoadingState,
  laneWords,
  severityWords,
  VirtualTable,
} from '../ui/index.ts';
import { JumpBar } from './jump-bar.tsx';
import { mergeWords } from './merge-mark.tsx';
import { countAlerts } from './queue-words.ts';
import type { QueueColumns } from './use-queue-columns.ts';
import type { QueueDesk } from './use-queue-desk.ts';

/** The alerts themselves, with what is new above them. */
export function QueueList({ desk, columns }: { readonly desk: QueueDesk; readonly columns: QueueColumns }) {
  const { list, place, search, selection, tableRef } = desk;
  return (
    <>
      {desk.jumpOpen ? (
        <JumpBar
          list={list}
          query={search.query}
          activeIndex={place.index}
          onJump={(index) => {
            place.moveTo(index);
            tableRef.current?.scrollTo(index);
          }}
          onClose={() => {
            desk.setJumpOpen(false);
            tableRef.current?.focus();
          }}
        />
      ) : null}
      <NewAlerts count={list.newer} />
      {list.newer > 0 ? (
        <button type="button" className="queue-new" aria-keyshortcuts="n" onClick={() => void desk.showNew()}>
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
          label={search.lane === 'all' ? 'Alerts of both lanes' : `${laneWords[search.lane]} alerts`}
          handle={tableRef}
          columns={columns.shown}
          count={list.total}
          rowAt={list.rowAt}
          keyOf={idOf}
          activeIndex={place.index}
          onActiveChange={place.moveTo}
          isSelected={selection.has}
          onToggle={selection.toggle}
          onOpen={(index) => {
            const row = list.rowAt(index);
            if (row) place.setDetailId(row.id);
          }}
          onRangeShown={list.showRange}
          onResize={columns.resize}
          screenKeys
          keysGroup="Queue list"
          rowLabel={rowLabel}
          rowClass={rowClass}
          empty={<NothingHere desk={desk} />}
        />
      )}
    </>
  );
}

/** How often a screen reader is told of new alerts at most. */
const announceEveryMs = 10_000;

/** Says politely how many alerts are new; in a flood, once in a while. */
function NewAlerts({ count }: { readonly count: number }) {
  const [said, setSaid] = useState(0);
  const latest = useRef(count);
  latest.current = count;
  const isAny = count > 0;
  useEffect(() => {
    setSaid(latest.current);
    if (!isAny) return;
    const timer = setInterval(() => setSaid(latest.current), announceEveryMs);
    return () => clearInterval(timer);
  }, [isAny]);
  return (
    <p className="visually-hidden" role="status">
      {said === 0 ? '' : `${countAlerts(said)} new. N shows ${said === 1 ? 'it' : 'them'}.`}
    </p>
  );
}

/** Why there is no row, and what to do. */
function NothingHere({ desk: { list, search } }: { readonly desk: QueueDesk }) {
  if (list.loading) return <LoadingState label="Reading the queue" />;
  if (search.isFiltered) {
    return (
      <EmptyState
        title="No alert matches"
        action={<Button onClick={search.clear}>Clear the search and filters</Button>}
      >
        {search.includeDone
          ? 'Nothing in this lane matches.'
          : 'Closed, snoozed and suppressed alerts are left out.'}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={search.lane === 'actionable' ? 'Nothing needs you now' : 'No alerts here'}>
      {search.lane === 'actionable'
        ? 'Alerts that need a person appear here by themselves. What was stopped on its way is in the informational lane.'
        : 'What is worth knowing but was stopped on its way appears here by itself.'}
    </EmptyState>
  );
}

const idOf = (alert: Alert) => alert.id;

const rowLabel = (alert: Alert) =>
  `${severityWords[alert.severity]}: ${alert.title.slice(0, 200)}${mergeWords(alert)}`;

function rowClass(alert: Alert): string | null {
  if (alert.status === 'closed') return 'alert-closed';
  if (alert.snoozedUntilMs !== null || alert.suppressed === 'held') return 'alert-snoozed';
  return alert.status === 'new' ? 'alert-new' : null;
}
