import type { Alert } from '../../shared/domain/alert.ts';
import { defang } from '../../shared/domain/observables.ts';
import { formatAge, formatUtc, hourMs } from '../../shared/domain/time.ts';
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
import { shortAge, shortCount } from './queue-words.ts';

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

/** The entity that names the alert best: the address that attacked, then who else, then what was attacked. */
export function leadEntity(alert: Alert): Alert['entities'][number] | null {
  const sources = alert.entities.filter((entity) => entity.role === 'source');
  return (
    sources.find((entity) => entity.kind === 'ip' || entity.kind === 'cidr') ??
    sources[0] ??
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
    readonly source: (alert: Alert) => string;
  },
): readonly Column<Alert>[] {
  const isWidest = widthPx >= 1_560;
  const isWide = widthPx >= 1_180;
  const isMiddle = widthPx >= 700;
  const columns: (Column<Alert> | false)[] = [
    {
      key: 'severity',
      header: 'Severity',
      hideHeader: !isMiddle,
      width: isMiddle ? '108px' : '16px',
      render: (alert) => (
        <SeverityBadge severity={alert.severity} compact={!isMiddle} hollow={alert.status !== 'new'} />
      ),
    },
    {
      key: 'received',
      header: 'Received',
      width: isMiddle ? '124px' : '64px',
      data: true,
      render: (alert) => <ReceivedCell timeMs={alert.receivedMs} withAge={isMiddle} />,
    },
    {
      key: 'title',
      header: 'Title and why',
      width: isMiddle ? 'minmax(180px, 1fr)' : 'minmax(120px, 1fr)',
      render: (alert) => (
        <>
          <span className="cell-title">
            <SafeText text={alert.title} limit={160} plain />
          </span>
          <span className="cell-why">
            <SafeText text={alert.why} limit={220} plain />
          </span>
        </>
      ),
    },
    widthPx >= 560 && {
      key: 'entity',
      header: 'Entity',
      width: isMiddle ? '176px' : '148px',
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
      width: '60px',
      align: 'end',
      data: true,
      render: (alert) => <span title={alert.count.toLocaleString('en')}>×{shortCount(alert.count)}</span>,
    },
    isWide && {
      key: 'customer',
      header: 'Customer',
      width: '104px',
      render: (alert) => <SafeText text={names.customer(alert.customerId)} limit={60} plain />,
    },
    isWidest && {
      key: 'source',
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
      header: 'Status',
      width: '94px',
      render: (alert) =>
        alert.snoozedUntilMs !== null && alert.status !== 'closed' ? (
          <span className="quiet">Snoozed</span>
        ) : (
          <span className={alert.status === 'new' ? 'status-new' : 'quiet'}>{statusWords[alert.status]}</span>
        ),
    },
    isWide && {
      key: 'mitigated',
      header: 'Mitigated',
      width: '92px',
      render: (alert) => <MitigatedBadge mitigated={alert.mitigated} short />,
    },
    isWide && {
      key: 'assignee',
      header: 'Assignee',
      width: '92px',
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
