import type { ReactNode } from 'react';
import { z } from 'zod';
import { type AlertQuery, alertSortSchema } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { leadEntity } from '../../shared/domain/lead-entity.ts';
import { defang } from '../../shared/domain/observables.ts';
import { formatAge, formatUtc, hourMs } from '../../shared/domain/time.ts';
import {
  type Column,
  dispositionWords,
  laneWords,
  MitigatedBadge,
  SafeText,
  SeverityBadge,
  showTime,
  statusWords,
  useApp,
  useNow,
} from '../ui/index.ts';
import { MergeMark } from './merge-mark.tsx';
import { shortAge, shortCount } from './queue-words.ts';

/** The orders that the core has, and what each is called. */
export const sortWords = {
  received: 'Newest first',
  'last-seen': 'Last seen first',
  severity: 'Worst first',
  count: 'Most first',
  'first-seen': 'First seen last',
  title: 'By title',
  status: 'By status',
  assignee: 'By assignee',
  customer: 'By customer',
  service: 'By service',
  source: 'By source',
  lane: 'By lane',
  disposition: 'By disposition',
  mitigated: 'Let through first',
  entity: 'By entity',
  technique: 'By ATT&CK technique',
} as const satisfies Record<AlertQuery['sort'], string>;

export const sorts = alertSortSchema.options;

/** Orders that begin with the greatest; the others begin with the least, or with A. */
const greatestFirst: ReadonlySet<AlertQuery['sort']> = new Set([
  'received',
  'last-seen',
  'first-seen',
  'severity',
  'count',
]);

/** Which way the values of an order run down the list. */
export const directionOf = (sort: AlertQuery['sort'], reversed: boolean): 'ascending' | 'descending' =>
  greatestFirst.has(sort) === reversed ? 'ascending' : 'descending';

/** An order as it was remembered; the newest first where it cannot be understood. */
export function readSort(stored: unknown): AlertQuery['sort'] {
  return sorts.find((sort) => sort === stored) ?? 'received';
}

/** Received: the time of day and the age; older than a day, the date. */
function ReceivedCell({ timeMs, withAge }: { readonly timeMs: number; readonly withAge: boolean }) {
  const nowMs = useNow();
  const zone = useApp((state) => state.settings.zone);
  const full = showTime(timeMs, zone);
  const isOld = Math.abs(nowMs - timeMs) > 20 * hourMs;
  return (
    <span className="received" title={`${formatUtc(timeMs)}, ${formatAge(timeMs, nowMs)}`}>
      <time dateTime={formatUtc(timeMs)}>
        {isOld && withAge ? full.slice(5, 16).replace('T', ' ') : full.slice(11, 19)}
      </time>
      {withAge ? <span className="received-age">{shortAge(nowMs - timeMs)}</span> : null}
    </span>
  );
}

/** A column of the queue, shown or not. */
export interface QueueColumn extends Column<Alert> {
  /** Without a choice of the analyst, lists of at least this width have it; Infinity: only when chosen. */
  readonly fromPx: number;
  /** The order of rows that its header asks for. */
  readonly sort: AlertQuery['sort'];
}

/** What an analyst chose; null leaves it to the room there is. */
export interface ColumnLayout {
  /** Keys in order. */
  readonly shown: readonly string[];
  /** Pixels by key, where they differ from a column's own. */
  readonly widths: Readonly<Record<string, number>>;
}

const layoutSchema = z.object({
  shown: z.array(z.string().max(40)).max(40),
  widths: z.record(z.string(), z.number().min(24).max(2_000)),
});

/** A layout as it was remembered; what cannot be understood is no choice. */
export function readColumnLayout(stored: unknown): ColumnLayout | null {
  return layoutSchema.safeParse(stored).data ?? null;
}

/** The title takes what room is left, and is never left out: a row without it says nothing. */
export const titleKey = 'title';
const leastTitlePx = 180;
const gapPx = 12;
/** The box, and the distance at both edges. */
const edgesPx = 28 + 3 * gapPx;

/** A column's width in pixels, its own or as chosen; of the title the least one. */
export function widthOf(column: Pick<Column<Alert>, 'key' | 'width'>, layout: ColumnLayout | null): number {
  const own = column.key === titleKey ? leastTitlePx : Number.parseInt(column.width, 10);
  return layout?.widths[column.key] ?? own;
}

interface ColumnNames {
  readonly customer: (id: string | null) => string;
  readonly service: (id: string | null) => string;
  readonly source: (alert: Alert) => string;
  /** How long is left to answer an alert; `otherwise` while there is time. */
  readonly clock: (alert: Alert, otherwise: ReactNode) => ReactNode;
}

/**
 * The queue's columns for the room there is, or as they were chosen: then those that do not fit are left out from the
 * end, for what a narrow pane leaves out stands in the details.
 * @param widthPx of the list
 */
export function queueColumns(
  widthPx: number,
  names: ColumnNames,
  layout: ColumnLayout | null,
): readonly QueueColumn[] {
  const all = allColumns(widthPx >= 700, names);
  if (layout === null) return all.filter((column) => widthPx >= column.fromPx);
  const chosen = layout.shown.flatMap((key) => all.find((column) => column.key === key) ?? []);
  const title = all.find((column) => column.key === titleKey);
  if (title !== undefined && !chosen.includes(title)) chosen.unshift(title);
  let left = widthPx - edgesPx - (title === undefined ? 0 : widthOf(title, layout));
  return chosen
    .filter((column) => {
      if (column.key === titleKey) return true;
      left -= widthOf(column, layout) + gapPx;
      return left >= 0;
    })
    .map((column) => {
      const width = widthOf(column, layout);
      return { ...column, width: column.key === titleKey ? `minmax(${width}px, 1fr)` : `${width}px` };
    });
}

/** Every column there is, in the order in which they stand without a choice. */
export function allColumns(isMiddle: boolean, names: ColumnNames): readonly QueueColumn[] {
  return [
    {
      key: 'severity',
      fromPx: 0,
      sort: 'severity',
      header: 'Severity',
      hideHeader: !isMiddle,
      width: isMiddle ? '108px' : '16px',
      render: (alert) => (
        <SeverityBadge severity={alert.severity} compact={!isMiddle} hollow={alert.status !== 'new'} />
      ),
    },
    {
      key: 'received',
      fromPx: 0,
      sort: 'received',
      header: 'Received',
      width: isMiddle ? '124px' : '64px',
      data: true,
      render: (alert) => <ReceivedCell timeMs={alert.receivedMs} withAge={isMiddle} />,
    },
    {
      key: titleKey,
      fromPx: 0,
      sort: 'title',
      header: 'Title and why',
      width: isMiddle ? 'minmax(180px, 1fr)' : 'minmax(120px, 1fr)',
      render: (alert) => (
        <>
          <MergeMark alert={alert} />
          <span className="cell-title">
            <SafeText text={alert.title} limit={160} plain />
          </span>
          <span className="cell-why">
            <SafeText text={alert.why} limit={220} plain />
          </span>
        </>
      ),
    },
    {
      key: 'entity',
      fromPx: 560,
      sort: 'entity',
      header: 'Entity',
      width: isMiddle ? '176px' : '148px',
      data: true,
      render: (alert) => {
        const entity = leadEntity(alert.entities);
        if (entity === null) return null;
        const more = alert.entities.length - 1;
        return (
          <span className="cell-entity">
            <SafeText text={defang(entity.kind, entity.value)} limit={60} plain />
            {more > 0 ? <span className="quiet"> +{more}</span> : null}
          </span>
        );
      },
    },
    {
      key: 'count',
      fromPx: 0,
      sort: 'count',
      header: 'Count',
      width: '60px',
      align: 'end',
      data: true,
      render: (alert) => {
        const count = alert.merged?.count ?? alert.count;
        return <span title={count.toLocaleString('en')}>×{shortCount(count)}</span>;
      },
    },
    {
      key: 'customer',
      fromPx: 1_180,
      sort: 'customer',
      header: 'Customer',
      width: '104px',
      render: (alert) => <SafeText text={names.customer(alert.customerId)} limit={60} plain />,
    },
    {
      key: 'service',
      fromPx: Infinity,
      sort: 'service',
      header: 'Service',
      width: '140px',
      render: (alert) => <SafeText text={names.service(alert.serviceId)} limit={60} plain />,
    },
    {
      key: 'source',
      fromPx: 1_560,
      sort: 'source',
      header: 'Source',
      width: '104px',
      render: (alert) => (
        <span className="quiet">
          <SafeText text={names.source(alert)} limit={60} plain />
        </span>
      ),
    },
    {
      key: 'status',
      fromPx: 0,
      sort: 'status',
      header: 'Status',
      width: '94px',
      render: (alert) =>
        alert.status !== 'closed' && (alert.snoozedUntilMs !== null || alert.suppressed === 'held') ? (
          <span className="quiet">{alert.suppressed === 'held' ? 'Suppressed' : 'Snoozed'}</span>
        ) : (
          names.clock(
            alert,
            <span className={alert.status === 'new' ? 'status-new' : 'quiet'}>
              {statusWords[alert.status]}
            </span>,
          )
        ),
    },
    {
      key: 'mitigated',
      fromPx: 1_180,
      sort: 'mitigated',
      header: 'Mitigated',
      width: '92px',
      render: (alert) => <MitigatedBadge mitigated={alert.mitigated} short />,
    },
    {
      key: 'assignee',
      fromPx: 1_180,
      sort: 'assignee',
      header: 'Assignee',
      width: '92px',
      render: (alert) =>
        alert.assignee === null ? (
          <span className="quiet">–</span>
        ) : (
          <SafeText text={alert.assignee} limit={40} plain />
        ),
    },
    {
      key: 'first-seen',
      fromPx: Infinity,
      sort: 'first-seen',
      header: 'First seen',
      width: '124px',
      data: true,
      render: (alert) => <ReceivedCell timeMs={alert.firstSeenMs} withAge />,
    },
    {
      key: 'last-seen',
      fromPx: Infinity,
      sort: 'last-seen',
      header: 'Last seen',
      width: '124px',
      data: true,
      render: (alert) => <ReceivedCell timeMs={alert.lastSeenMs} withAge />,
    },
    {
      key: 'lane',
      fromPx: Infinity,
      sort: 'lane',
      header: 'Lane',
      width: '104px',
      render: (alert) => <span className="quiet">{laneWords[alert.lane]}</span>,
    },
    {
      key: 'disposition',
      fromPx: Infinity,
      sort: 'disposition',
      header: 'Disposition',
      width: '116px',
      render: (alert) => (
        <span className="quiet">
          {alert.disposition === null ? '–' : dispositionWords[alert.disposition]}
        </span>
      ),
    },
    {
      key: 'techniques',
      fromPx: Infinity,
      sort: 'technique',
      header: 'ATT&CK',
      width: '96px',
      data: true,
      render: (alert) => <SafeText text={alert.techniques.join(' ')} limit={40} plain />,
    },
  ];
}
