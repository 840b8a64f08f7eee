import { useState } from 'react';
import type { Alert, Severity } from '../../shared/domain/alert.ts';
import { severities, severityRank } from '../../shared/domain/alert.ts';
import {
  FormDialog,
  SelectField,
  severityWords,
  TextField,
  useAction,
  useApp,
  useCall,
} from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';

const newCase = 'new';

/** Makes a case of alerts, or adds them to one that is open. */
export function EscalateDialog({
  alertIds,
  sample,
  onClose,
  onDone,
}: {
  readonly alertIds: readonly string[];
  /** Rows of the selection that are at hand: they propose title, severity and customer. */
  readonly sample: readonly Alert[];
  readonly onClose: () => void;
  readonly onDone: (caseId: string, title: string, isNew: boolean) => void;
}) {
  const customers = useApp((state) => state.customers);
  const cases = useCall('cases.list', { status: null, text: '' }, { events: ['cases.changed'] });
  const worst = sample.reduce<Severity>(
    (found, alert) => (severityRank(alert.severity) > severityRank(found) ? alert.severity : found),
    'informational',
  );
  const customerIds = new Set(sample.map((alert) => alert.customerId));
  const [target, setTarget] = useState<string>(newCase);
  const [title, setTitle] = useState(sample[0]?.title.slice(0, 300) ?? '');
  const [severity, setSeverity] = useState<Severity>(worst);
  const [customerId, setCustomerId] = useState(customerIds.size === 1 ? ([...customerIds][0] ?? '') : '');
  const open = useAction('cases.open');
  const link = useAction('cases.linkAlerts');
  const openCases = (cases.data ?? []).filter((each) => each.status !== 'closed');
  const isNew = target === newCase;
  // What is merged under these goes with them.
  const scope = useCall('alerts.scope', { selection: { by: 'ids', ids: [...alertIds] } });

  const confirm = async () => {
    if (isNew) {
      const made = await open.run({
        alertIds: [...alertIds],
        title: title.trim(),
        severity,
        customerId: customerId === '' ? null : customerId,
      });
      if (made) onDone(made.id, made.title, true);
    } else {
      const changed = await link.run({ caseId: target, alertIds: [...alertIds] });
      if (changed) onDone(changed.id, changed.title, false);
    }
  };

  return (
    <FormDialog
      title={`Case from ${countAlerts(alertIds.length + (scope.data?.merged ?? 0))}`}
      onClose={onClose}
      confirmLabel={isNew ? 'Open case' : 'Add to case'}
      withEnter
      ready={!isNew || title.trim() !== ''}
      busy={open.running || link.running}
      error={open.error ?? link.error}
      onConfirm={() => void confirm()}
    >
      <SelectField
        label="Case"
        value={target}
        onChange={setTarget}
        options={[
          { value: newCase, label: 'A new case' },
          ...openCases.map((each) => ({ value: each.id, label: each.title.slice(0, 120) })),
        ]}
      />
      {isNew ? (
        <>
          <TextField label="Title" value={title} onChange={setTitle} maxLength={300} required autoFocus />
          <div className="field-pair">
            <SelectField
              label="Severity"
              value={severity}
              onChange={setSeverity}
              options={severities.toReversed().map((value) => ({ value, label: severityWords[value] }))}
            />
            <SelectField
              label="Customer"
              value={customerId}
              onChange={setCustomerId}
              options={[
                { value: '', label: 'None' },
                ...customers.map((customer) => ({ value: customer.id, label: customer.name })),
              ]}
            />
          </div>
        </>
      ) : null}
    </FormDialog>
  );
}
