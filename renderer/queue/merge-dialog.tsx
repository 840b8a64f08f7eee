import { useState } from 'react';
import { type Alert, lanes, severityRank } from '../../shared/domain/alert.ts';
import { byUrgency, type Urgency } from '../../shared/domain/alert-group.ts';
import { FormDialog, RadioField, SafeText, SeverityBadge, Time } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';

/** Of so many alerts one can be chosen to lead. */
const mostChoices = 8;

const urgencyOf = ({ status, lane, severity, sequence }: Alert): Urgency => ({
  isClosed: status === 'closed',
  lane: lanes.indexOf(lane),
  severity: severityRank(severity),
  sequence,
});

/** Asks which of the alerts leads, and says what merging them means. */
export function MergeDialog({
  count,
  sample,
  reason,
  onClose,
  onConfirm,
}: {
  /** How many are merged, the one that leads among them. */
  readonly count: number;
  /** Rows of these that are at hand. */
  readonly sample: readonly Alert[];
  /** Why they belong together, where somebody said so. */
  readonly reason: string | null;
  readonly onClose: () => void;
  /** Null: the most urgent of all leads. */
  readonly onConfirm: (leaderId: string | null) => void;
}) {
  const choices = sample
    .toSorted((left, right) => byUrgency(urgencyOf(left), urgencyOf(right)))
    .slice(0, mostChoices);
  const [first] = choices;
  // Of those that are not at hand one may be more urgent.
  const [leaderId, setLeaderId] = useState<string | null>(sample.length < count ? null : (first?.id ?? null));
  const below = sample.reduce((sum, { merged }) => sum + (merged?.alerts ?? 0), 0);
  return (
    <FormDialog
      title={`Merge ${countAlerts(count)}`}
      onClose={onClose}
      confirmLabel={`Merge ${countAlerts(count)}`}
      onConfirm={() => onConfirm(leaderId)}
    >
      {reason === null ? null : (
        <p>
          <SafeText text={reason} limit={400} />
        </p>
      )}
      <RadioField
        label="Which one leads?"
        value={leaderId}
        onChange={setLeaderId}
        autoFocus
        options={[
          ...(sample.length < count ? [{ value: null, label: 'The most urgent of all' }] : []),
          ...choices.map((alert) => ({ value: alert.id, label: <Candidate alert={alert} /> })),
        ]}
        help={
          sample.length > choices.length
            ? `${(sample.length - choices.length).toLocaleString('en')} more of these could lead by themselves.`
            : null
        }
      />
      <p className="quiet">
        One row stands for all of them
        {below > 0 ? `, and for ${countAlerts(below)} merged under these already` : ''}. What is done to it is
        done to all. Each stays an alert of its own, and unmerging gives back exactly what was.
      </p>
    </FormDialog>
  );
}

/** What tells an alert from others that could lead. */
function Candidate({ alert }: { readonly alert: Alert }) {
  return (
    <>
      <SeverityBadge severity={alert.severity} compact />
      <Time timeMs={alert.firstSeenMs} format="clock" age={false} />
      <SafeText text={alert.title} limit={160} plain />
      <span className="tabular quiet">
        {alert.merged === null ? '' : `+${alert.merged.alerts.toLocaleString('en')} `}×
        {(alert.merged?.count ?? alert.count).toLocaleString('en')}
      </span>
    </>
  );
}
