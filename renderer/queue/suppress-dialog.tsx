import { useState } from 'react';
import { type Severity, severityRank } from '../../shared/domain/alert.ts';
import type { Suppression } from '../../shared/domain/suppression.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { Notice, Tabs, TextAreaField, useCall, useCoreNow, useDebounced } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';
import { SuppressionForm } from './suppression-form.tsx';

/** By what can be suppressed: everything like the alert at hand, or the search that is shown. */
export type SuppressBy = 'like' | 'search';
export interface SuppressStart {
  readonly by: SuppressBy;
  /** The searches; null where there is none. */
  readonly like: string | null;
  readonly search: string | null;
  /** The worst of the alerts at hand. */
  readonly worst: Severity;
}

/** Nothing critical is suppressed unless somebody says so. */
function usualUpTo(worst: Severity): Severity {
  return severityRank(worst) > severityRank('high') ? 'high' : worst;
}

/** Agrees a suppression: which alerts, why, until when, and what that would hold. */
export function SuppressDialog({
  start,
  onClose,
  onDone,
}: {
  readonly start: SuppressStart;
  readonly onClose: () => void;
  readonly onDone: (made: Suppression) => void;
}) {
  const readNow = useCoreNow();
  const [by, setBy] = useState<SuppressBy>(start.by);
  const [text, setText] = useState(start[start.by] ?? '');
  const [upTo, setUpTo] = useState<Severity>(usualUpTo(start.worst));
  const settled = useDebounced(text, 300);
  const { data } = useCall('suppressions.preview', { text: settled, upTo });
  const { like, search } = start;
  const choose = (next: SuppressBy) => {
    setBy(next);
    setText(start[next] ?? '');
  };
  return (
    <SuppressionForm
      title="Suppress alerts"
      confirmLabel={(durationMs) =>
        durationMs === null ? 'Suppress' : `Suppress for ${formatDuration(durationMs)}`
      }
      // What was typed last has not been looked at yet.
      scope={settled === text ? { kind: 'query', text: text.trim() } : null}
      problems={data?.problem ? [data.problem] : []}
      reasonHelp="Stands with every alert that it holds, in the list of suppressions and in the audit log."
      startMs={readNow()}
      endLabel="Until"
      initialEnd="4h"
      upTo={upTo}
      onUpTo={setUpTo}
      onClose={onClose}
      onDone={onDone}
    >
      {like !== null && search !== null ? (
        <Tabs<SuppressBy>
          label="Which alerts"
          look="segmented"
          active={by}
          onChange={choose}
          tabs={[
            { id: 'like', label: 'All like this alert' },
            { id: 'search', label: 'The search that is shown' },
          ]}
        />
      ) : null}
      <TextAreaField
        label="Alerts"
        value={text}
        onChange={setText}
        rows={2}
        mono
        maxLength={2000}
        required
        help={
          data === null || data.problem !== null || settled !== text ? (
            'In the language of the search. What a person took or joined to a case stays with them.'
          ) : (
            <span role="status">
              Holds <strong className="tabular">{countAlerts(data.open)}</strong> now
              {data.worse === 0
                ? ''
                : `; ${data.worse.toLocaleString('en')} ${data.worse === 1 ? 'is' : 'are'} worse than it covers and ${data.worse === 1 ? 'stays' : 'stay'}`}
              . In the last 30 days <span className="tabular">{data.lastMonth.toLocaleString('en')}</span>{' '}
              matched.
            </span>
          )
        }
        error={settled === text ? data?.problem : null}
      />
      {data !== null && data.truePositives > 0 ? (
        <Notice tone="warning">
          {data.truePositives.toLocaleString('en')} of the alerts of the last 30 days turned out to be true
          positives.
        </Notice>
      ) : null}
    </SuppressionForm>
  );
}
