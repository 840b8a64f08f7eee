import { useState } from 'react';
import { type Disposition, dispositions } from '../../shared/domain/alert.ts';
import { dispositionWords, FormDialog, SelectField, TextAreaField } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';
import { ScopeNote } from './scope-note.tsx';
import type { Scope } from './use-queue-selection.ts';

/** Asks how alerts are closed. A false positive begins in the reason: the next analyst wants to know why. */
export function CloseDialog({
  scope,
  initial,
  onClose,
  onConfirm,
}: {
  readonly scope: Scope;
  readonly initial: Disposition;
  readonly onClose: () => void;
  readonly onConfirm: (disposition: Disposition, reason: string) => void;
}) {
  const [disposition, setDisposition] = useState<Disposition>(initial);
  const [reason, setReason] = useState('');
  const all = countAlerts(scope.count + scope.mergedCount);
  const isFalsePositive = initial === 'false-positive';
  const missing = disposition === 'false-positive' && reason.trim() === '';
  return (
    <FormDialog
      title={isFalsePositive ? `False positive: ${all}` : `Close ${all}`}
      width="small"
      onClose={onClose}
      confirmLabel={`Close ${all}`}
      ready={!missing}
      onConfirm={() => onConfirm(disposition, reason.trim())}
    >
      <ScopeNote scope={scope} />
      <SelectField
        label="Disposition"
        value={disposition}
        onChange={setDisposition}
        options={dispositions.map((value) => ({ value, label: dispositionWords[value] }))}
      />
      <TextAreaField
        label="Reason"
        value={reason}
        onChange={setReason}
        rows={3}
        maxLength={2000}
        autoFocus={isFalsePositive}
        required={disposition === 'false-positive'}
        help="Kept with the alerts and in the audit log."
      />
    </FormDialog>
  );
}
