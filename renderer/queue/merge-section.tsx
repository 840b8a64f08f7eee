import type { ReactNode } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { Button, Notice, SafeText, Section, SeverityBadge, statusWords, Time } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';

type Detail = MethodOutput<'alerts.get'>;

/** What an alert is merged under or a part of, and what it stands for: each can be opened. */
export function MergeSection({
  detail,
  onOpenAlert,
  onSearch,
}: {
  readonly detail: Detail;
  readonly onOpenAlert: (alertId: string) => void;
  readonly onSearch: (text: string) => void;
}) {
  const { alert, parent, whole, members, memberCount, parts } = detail;
  const { merged, split, partOf } = alert;
  const siblings = parts.filter(({ id }) => id !== alert.id);
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
          One of {(siblings.length + 1).toLocaleString('en')} parts of{' '}
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
      {split !== null && parts.length > 0 ? (
        <Section title={`Its parts (${parts.length})`}>
          <AlertList label="Its parts" alerts={parts} onOpen={onOpenAlert} words={partWords} />
        </Section>
      ) : null}
      {partOf !== null && siblings.length > 0 ? (
        <Section title={`Other parts (${siblings.length})`}>
          <AlertList label="Other parts" alerts={siblings} onOpen={onOpenAlert} words={partWords} />
        </Section>
      ) : null}
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
