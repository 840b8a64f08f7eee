import { useState } from 'react';
import { type Alert, type Severity, severityRank } from '../../shared/domain/alert.ts';
import { type NewCase, NewCaseFields } from '../cases/new-case-fields.tsx';
import { FormDialog, SelectField, useAction, useCall } from '../ui/index.ts';
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
  const cases = useCall('cases.list', { status: null, text: '' }, { events: ['cases.changed'] });
  const worst = sample.reduce<Severity>(
    (found, alert) => (severityRank(alert.severity) > severityRank(found) ? alert.severity : found),
    'informational',
  );
  const customerIds = new Set(sample.map((alert) => alert.customerId));
  const [target, setTarget] = useState<string>(newCase);
  const [fields, setFields] = useState<NewCase>({
    title: sample[0]?.title.slice(0, 300) ?? '',
    severity: worst,
    customerId: customerIds.size === 1 ? ([...customerIds][0] ?? null) : null,
  });
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
        ...fields,
        title: fields.title.trim(),
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
      ready={!isNew || fields.title.trim() !== ''}
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
      {isNew ? <NewCaseFields value={fields} onChange={setFields} /> : null}
    </FormDialog>
  );
}
