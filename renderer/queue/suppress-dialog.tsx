import { useState } from 'react';
import { type Severity, severities, severityRank } from '../../shared/domain/alert.ts';
import { readMoment, type Suppression } from '../../shared/domain/suppression.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  Button,
  Dialog,
  ErrorNote,
  FormErrors,
  Notice,
  SelectField,
  severityWords,
  Tabs,
  TextAreaField,
  TextField,
  useAction,
  useCall,
  useCommands,
  useCoreNow,
  useDebounced,
  useShowTime,
} from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';

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

/** The choice of the severity up to which something is covered. */
export function UpToField({
  value,
  onChange,
}: {
  readonly value: Severity;
  readonly onChange: (value: Severity) => void;
}) {
  return (
    <SelectField
      label="Covers up to"
      value={value}
      onChange={onChange}
      options={severities.map((severity) => ({ value: severity, label: severityWords[severity] }))}
      help={
        value === 'critical'
          ? 'Critical alerts, too: nobody is called for them.'
          : 'What is worse, or becomes worse, comes into the queue and calls.'
      }
    />
  );
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
  const showTime = useShowTime();
  const [by, setBy] = useState<SuppressBy>(start.by);
  const [text, setText] = useState(start[start.by] ?? '');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('4h');
  const [upTo, setUpTo] = useState<Severity>(usualUpTo(start.worst));
  const [tried, setTried] = useState(false);
  const settled = useDebounced(text, 300);
  const preview = useCall('suppressions.preview', { text: settled, upTo });
  const add = useAction('suppressions.add');

  const nowMs = readNow();
  const endMs = readMoment(until, nowMs);
  const { data } = preview;
  const problems = [
    ...(data?.problem ? [data.problem] : []),
    ...(reason.trim() === '' ? ['Give a reason: whoever misses the alerts wants to know it.'] : []),
    ...(endMs === null
      ? ['Give the end as a length of time like 4h or 3d, or as UTC time like 2026-12-01T18:00.']
      : endMs <= nowMs
        ? ['The end is past already.']
        : []),
  ];
  const submit = async () => {
    setTried(true);
    if (problems.length > 0 || endMs === null || add.running || settled !== text) return;
    const made = await add.run({
      scope: { kind: 'query', text: text.trim() },
      reason: reason.trim(),
      upTo,
      startMs: nowMs,
      endMs,
      weekly: false,
    });
    if (made) onDone(made);
  };
  useCommands(
    [
      {
        id: 'queue.suppress.confirm',
        title: 'Suppress the alerts',
        group: 'Queue',
        keys: ['Ctrl+Enter'],
        hidden: true,
        whileTyping: true,
        run: () => void submit(),
      },
    ],
    'dialog',
  );
  const { like, search } = start;
  const choose = (next: SuppressBy) => {
    setBy(next);
    setText(start[next] ?? '');
  };
  return (
    <Dialog
      title="Suppress alerts"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} keys="Escape">
            Not now
          </Button>
          <Button variant="primary" keys="Ctrl+Enter" busy={add.running} onClick={() => void submit()}>
            {endMs === null || endMs <= nowMs ? 'Suppress' : `Suppress for ${formatDuration(endMs - nowMs)}`}
          </Button>
        </>
      }
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
      <TextAreaField
        label="Reason"
        value={reason}
        onChange={setReason}
        rows={2}
        maxLength={500}
        required
        autoFocus
        help="Stands with every alert that it holds, in the list of suppressions and in the audit log."
      />
      <div className="field-pair">
        <TextField
          label="Until"
          value={until}
          onChange={setUntil}
          mono
          required
          maxLength={40}
          help={
            endMs === null
              ? '4h, 3d or 2026-12-01T18:00 (UTC); 90 days at most.'
              : `Ends by itself ${showTime(endMs)}.`
          }
        />
        <UpToField value={upTo} onChange={setUpTo} />
      </div>
      {tried ? <FormErrors errors={problems} /> : null}
      {add.error ? <ErrorNote error={add.error} /> : null}
    </Dialog>
  );
}
