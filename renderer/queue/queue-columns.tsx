import type { Alert } from '../../shared/domain/alert.ts';
import { defang } from '../../shared/domain/observables.ts';
import { formatAge, formatUtc } from '../../shared/domain/time.ts';
import {
  type Column,
  MitigatedBadge,
  SafeText,
  SeverityBadge,
  showTime,
  statusWords,
  useApp,
  useNow,
} from '../ui/index.ts';
import { shortCount } from './queue-words.ts';

/** Received: the time of day and the age; older than a day, the date. */
function ReceivedCell({ timeMs }: { readonly timeMs: number }) {
  const nowMs = useNow();
  const zone = useApp((state) => state.settings.zone);
  const full = showTime(timeMs, zone);
  const isOld = Math.abs(nowMs - timeMs) > 20 * 3_600_000;
  return (
    <span className="received" title={formatUtc(timeMs)}>
      <time dateTime={formatUtc(timeMs)}>
        {isOld ? full.slice(5, 16).replace('T', ' ') : full.slice(11, 19)}
      </time>
      <span className="received-age">{formatAge(timeMs, nowMs)}</span>
    </span>
  );
}

/** The entity that names the alert best: who attacked, then what was attacked. */
export function leadEntity(alert: Alert): Alert['entities'][number] | null {
  return (
    alert.entities.find((entity) => entity.role === 'source') ??
    alert.entities.find((entity) => entity.role === 'destination') ??
    alert.entities[0] ??
    null
  );
}

/**
 * The queue's columns for the room there is: what a narrow pane leaves out stands in the details.
 * @param widthPx of the list
 */
export function queueColumns(
  widthPx: number,
  names: {
    readonly customer: (id: string | null) => string;
    readonly source: (id: string) => string;
  },
): readonly Column<Alert>[] {
  const isWide = widthPx >= 1_180;
  const isMiddle = widthPx >= 780;
  const columns: (Column<Alert> | false)[] = [
    {
      key: 'severity',
      header: 'Severity',
      width: isMiddle ? '112px' : '30px',
      render: (alert) => (
        <SeverityBadge severity={alert.severity} compact={!isMiddle} hollow={alert.status !== 'new'} />
      ),
    },
    {
      key: 'received',
      header: 'Received',
      width: '152px',
      data: true,
      render: (alert) => <ReceivedCell timeMs={alert.receivedMs} />,
    },
    {
      key: 'title',
      header: 'Title',
      width: 'minmax(140px, 1fr)',
      render: (alert) => (
        <span className="cell-title">
          <SafeText text={alert.title} limit={160} plain />
        </span>
      ),
    },
    isMiddle && {
      key: 'why',
      header: 'Why',
      width: isWide ? 'minmax(160px, 1.3fr)' : 'minmax(120px, 1fr)',
      render: (alert) => (
        <span className="quiet">
          <SafeText text={alert.why} limit={220} plain />
        </span>
      ),
    },
    {
      key: 'entity',
      header: 'Entity',
      width: isMiddle ? '156px' : '132px',
      data: true,
      render: (alert) => {
        const entity = leadEntity(alert);
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
      header: 'Count',
      width: '62px',
      align: 'end',
      data: true,
      render: (alert) => <span title={alert.count.toLocaleString('en')}>×{shortCount(alert.count)}</span>,
    },
    isWide && {
      key: 'customer',
      header: 'Customer',
      width: '112px',
      render: (alert) => <SafeText text={names.customer(alert.customerId)} limit={60} plain />,
    },
    isWide && {
      key: 'source',
      header: 'Source',
      width: '104px',
      render: (alert) => (
        <span className="quiet">
          <SafeText text={names.source(alert.sourceId)} limit={60} plain />
        </span>
      ),
    },
    {
      key: 'status',
      header: 'Status',
      width: '104px',
      render: (alert) =>
        alert.snoozedUntilMs !== null && alert.status !== 'closed' ? (
          <span className="quiet">Snoozed</span>
        ) : (
          <span className={alert.status === 'new' ? 'status-new' : 'quiet'}>{statusWords[alert.status]}</span>
        ),
    },
    isMiddle && {
      key: 'mitigated',
      header: 'Mitigated',
      width: '92px',
      render: (alert) => <MitigatedBadge mitigated={alert.mitigated} short />,
    },
    isWide && {
      key: 'assignee',
      header: 'Assignee',
      width: '96px',
      render: (alert) =>
        alert.assignee === null ? (
          <span className="quiet">–</span>
        ) : (
          <SafeText text={alert.assignee} limit={40} plain />
        ),
    },
  ];
  return columns.filter((column) => column !== false);
}
