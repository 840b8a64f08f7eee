import type { ReactNode } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { Button, Notice, SafeText, Section, SeverityBadge, statusWords, Time } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';

type Detail = MethodOutput<'alerts.get'>;

/** What an alert is merged under, or a part of, and whether parts stand for it. */
export function MergeNotes({
  detail,
  onOpenAlert,
}: {
  readonly detail: Detail;
  readonly onOpenAlert: (alertId: string) => void;
}) {
  const { alert, parent, whole, parts } = detail;
  const { split, partOf } = alert;
  return (
    <>
      {parent === null ? null : (
        <Notice
          action={
            <Button small onClick={() => onOpenAlert(parent.id)}>
              Open
            </Button>
          }
        >
          Merged under <SafeText text={parent.title} limit={120} plain />
        </Notice>
      )}
      {whole === null || partOf === null ? null : (
        <Notice
          action={
            <Button small onClick={() => onOpenAlert(whole.id)}>
              Open
            </Button>
          }
        >
          One of {parts.length.toLocaleString('en')} parts of{' '}
          <SafeText text={whole.title} limit={120} plain />: what came{' '}
          <SafeText text={partOf.label} limit={120} plain />
        </Notice>
      )}
      {split === null ? null : (
        <Notice>
          {split.parts.toLocaleString('en')} parts stand for it.{' '}
          {split.since === 0
            ? 'Nothing came since it was split.'
            : `${split.since.toLocaleString('en')} came since it was split, and are in none of them.`}
        </Notice>
      )}
    </>
  );
}

/** The alerts that an alert stands for, its parts, or the other parts of its alert: each can be opened. */
export function MergeSection({
  detail,
  onOpenAlert,
  onSearch,
}: {
  readonly detail: Detail;
  readonly onOpenAlert: (alertId: string) => void;
  readonly onSearch: (text: string) => void;
}) {
  const { alert, members, memberCount, parts } = detail;
  const { merged, split } = alert;
  const others = parts.filter(({ id }) => id !== alert.id);
  const partsTitle = split === null ? 'Other parts' : 'Its parts';
  return (
    <>
      {merged === null ? null : (
        <Section
          title={`Stands for ${countAlerts(merged.alerts + 1)}`}
          aside={
            <span className="tabular quiet">{merged.count.toLocaleString('en')} occurrences in all</span>
          }
        >
          <AlertList label="Merged under it" alerts={members} onOpen={onOpenAlert} />
          {memberCount > members.length ? (
            <p className="quiet">
              {(memberCount - members.length).toLocaleString('en')} more.{' '}
              <Button small variant="quiet" onClick={() => onSearch(`merged:${alert.id}`)}>
                Search them
              </Button>
            </p>
          ) : null}
        </Section>
      )}
      {others.length === 0 ? null : (
        <Section title={`${partsTitle} (${others.length})`}>
          <AlertList label={partsTitle} alerts={others} onOpen={onOpenAlert} words={partWords} />
        </Section>
      )}
    </>
  );
}

const partWords = (alert: Alert): ReactNode => (
  <SafeText text={alert.partOf?.label ?? alert.title} limit={160} plain />
);
const titleWords = (alert: Alert): ReactNode => <SafeText text={alert.title} limit={160} plain />;

/** Alerts in a row each, as short as can be. */
export function AlertList({
  label,
  alerts,
  onOpen,
  words = titleWords,
}: {
  readonly label: string;
  readonly alerts: readonly Alert[];
  readonly onOpen: (alertId: string) => void;
  readonly words?: (alert: Alert) => ReactNode;
}) {
  return (
    <ul className="related-list" aria-label={label}>
      {alerts.map((alert) => (
        <li key={alert.id}>
          <button type="button" className="related-row" onClick={() => onOpen(alert.id)}>
            <SeverityBadge severity={alert.severity} compact hollow={alert.status !== 'new'} />
            <Time timeMs={alert.firstSeenMs} format="clock" age={false} />
            {words(alert)}
            <span className="quiet">{statusWords[alert.status]}</span>
            <span className="tabular quiet">×{alert.count.toLocaleString('en')}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
