import { type ReactNode, useState } from 'react';
import { type Severity, severities } from '../../shared/domain/alert.ts';
import { type NewSuppression, readMoment, type Suppression } from '../../shared/domain/suppression.ts';
import {
  FormDialog,
  SelectField,
  severityWords,
  TextAreaField,
  TextField,
  useAction,
  useShowTime,
} from '../ui/index.ts';

/** How a moment is written in a field. */
export const momentHelp = 'a length of time like 4h or 3d, or UTC time like 2026-12-01T18:00.';

export interface SuppressionFormProps {
  readonly title: string;
  /** The words of the main button, by how long it will last; null while that is not known. */
  readonly confirmLabel: (durationMs: number | null) => string;
  /** What is covered; null while that is not complete. */
  readonly scope: NewSuppression['scope'] | null;
  /** The fields that say what is covered. */
  readonly children: ReactNode;
  /** What is wrong with these; nothing is sent while something is. */
  readonly problems: readonly string[];
  readonly reasonHelp: string;
  /** The field of the start, where it can be chosen. */
  readonly startField?: ReactNode;
  /** Epoch ms; null while it cannot be understood. */
  readonly startMs: number | null;
  readonly endLabel: string;
  /** As it is typed: a length of time, or a moment. */
  readonly initialEnd: string;
  readonly upTo: Severity;
  readonly onUpTo: (upTo: Severity) => void;
  /** Whether it comes again, where it can. */
  readonly weeklyField?: ReactNode;
  readonly weekly?: boolean;
  readonly onClose: () => void;
  readonly onDone: (made: Suppression) => void;
}

/** What suppressions and maintenance windows ask alike: why, until when, up to which severity. */
export function SuppressionForm({
  title,
  confirmLabel,
  scope,
  children,
  problems: ownProblems,
  reasonHelp,
  startField,
  startMs,
  endLabel,
  initialEnd,
  upTo,
  onUpTo,
  weeklyField,
  weekly = false,
  onClose,
  onDone,
}: SuppressionFormProps) {
  const showTime = useShowTime();
  const [reason, setReason] = useState('');
  const [end, setEnd] = useState(initialEnd);
  const add = useAction('suppressions.add');
  const endMs = startMs === null ? null : readMoment(end, startMs);
  const problems = [
    ...ownProblems,
    ...(startMs !== null && endMs === null ? [`The end: ${momentHelp}`] : []),
    ...(startMs !== null && endMs !== null && endMs <= startMs ? ['The end is not after the start.'] : []),
    ...(reason.trim() === '' ? ['Give a reason: whoever misses the alerts wants to know it.'] : []),
  ];
  const submit = async () => {
    if (scope === null || startMs === null || endMs === null) return;
    const made = await add.run({ scope, reason: reason.trim(), upTo, startMs, endMs, weekly });
    if (made) onDone(made);
  };
  const durationMs = startMs === null || endMs === null || endMs <= startMs ? null : endMs - startMs;
  return (
    <FormDialog
      title={title}
      onClose={onClose}
      confirmLabel={confirmLabel(durationMs)}
      busy={add.running}
      problems={problems}
      error={add.error}
      onConfirm={() => void submit()}
    >
      {children}
      <TextAreaField
        label="Reason"
        value={reason}
        onChange={setReason}
        rows={2}
        maxLength={500}
        required
        autoFocus
        help={reasonHelp}
      />
      <div className="field-pair">
        {startField}
        <TextField
          label={endLabel}
          value={end}
          onChange={setEnd}
          mono
          required
          maxLength={40}
          help={
            endMs === null
              ? '4h, 3d or 2026-12-01T18:00 (UTC); 90 days at most.'
              : `Ends by itself ${showTime(endMs)}.`
          }
        />
        <SelectField
          label="Covers up to"
          value={upTo}
          onChange={onUpTo}
          options={severities.map((severity) => ({ value: severity, label: severityWords[severity] }))}
          help={
            upTo === 'critical'
              ? 'Critical alerts, too: nobody is called for them.'
              : 'What is worse, or becomes worse, comes into the queue and calls.'
          }
        />
        {weeklyField}
      </div>
    </FormDialog>
  );
}
