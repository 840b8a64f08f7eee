import { useState } from 'react';
import type { Severity } from '../../shared/domain/alert.ts';
import { readMoment, type Suppression, type SuppressionEffect } from '../../shared/domain/suppression.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { momentHelp, SuppressionForm } from '../queue/suppression-form.tsx';
import {
  CheckboxField,
  FormDialog,
  SelectField,
  TextField,
  useAction,
  useApp,
  useCoreNow,
  useShowTime,
} from '../ui/index.ts';

/** Agrees a maintenance window of a customer or service. */
export function MaintenanceDialog({
  onClose,
  onDone,
}: {
  readonly onClose: () => void;
  readonly onDone: (made: Suppression) => void;
}) {
  const readNow = useCoreNow();
  const showTime = useShowTime();
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const [customerId, setCustomerId] = useState(customers[0]?.id ?? '');
  const [serviceId, setServiceId] = useState('');
  const [start, setStart] = useState('now');
  const [weekly, setWeekly] = useState(false);
  const [upTo, setUpTo] = useState<Severity>('high');
  const startMs = readMoment(start, readNow());
  return (
    <SuppressionForm
      title="New maintenance window"
      confirmLabel={() => 'Save window'}
      scope={{ kind: 'maintenance', customerId, serviceId: serviceId === '' ? null : serviceId }}
      problems={[
        ...(customerId === '' ? ['Choose a customer. One can be added in “Customers”.'] : []),
        ...(startMs === null ? [`The start: now, or ${momentHelp}`] : []),
      ]}
      reasonHelp="Stands with every alert that comes in the window, and in the audit log."
      startMs={startMs}
      startField={
        <TextField
          label="Starts"
          value={start}
          onChange={setStart}
          mono
          required
          maxLength={40}
          help={startMs === null ? 'now, 4h, 3d or 2026-12-01T18:00 (UTC).' : showTime(startMs)}
        />
      }
      endLabel="Lasts, or ends"
      initialEnd="2h"
      upTo={upTo}
      onUpTo={setUpTo}
      weekly={weekly}
      weeklyField={
        <CheckboxField
          label="Again at the same time of every week (UTC)"
          checked={weekly}
          onChange={setWeekly}
          help="Until somebody ends it."
        />
      }
      onClose={onClose}
      onDone={onDone}
    >
      <div className="field-pair">
        <SelectField
          label="Customer"
          value={customerId}
          onChange={(id) => {
            setCustomerId(id);
            setServiceId('');
          }}
          options={customers.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <SelectField
          label="Service"
          value={serviceId}
          onChange={setServiceId}
          options={[
            { value: '', label: 'All services' },
            ...services
              .filter((service) => service.customerId === customerId)
              .map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </div>
    </SuppressionForm>
  );
}

/** Gives a suppression or window another end. */
export function ExtendDialog({
  suppression,
  onClose,
  onDone,
}: {
  readonly suppression: Suppression;
  readonly onClose: () => void;
  readonly onDone: (changed: Suppression) => void;
}) {
  const readNow = useCoreNow();
  const showTime = useShowTime();
  const [until, setUntil] = useState('1d');
  const save = useAction('suppressions.setEnd');
  const nowMs = readNow();
  // From its end on: "one day more".
  const endMs = readMoment(until, Math.max(nowMs, suppression.endMs));
  const problems =
    endMs === null ? [`The end: ${momentHelp}`] : endMs <= nowMs ? ['The end is past already.'] : [];
  const submit = async () => {
    if (endMs === null) return;
    const changed = await save.run({ id: suppression.id, endMs });
    if (changed) onDone(changed);
  };
  return (
    <FormDialog
      title="Another end"
      width="small"
      onClose={onClose}
      confirmLabel="Change the end"
      busy={save.running}
      problems={problems}
      error={save.error}
      onConfirm={() => void submit()}
    >
      <p className="quiet">
        It ends {showTime(suppression.endMs)}. A length of time is added to that; no suppression lasts longer
        than 90 days from now.
      </p>
      <TextField
        label="Longer by, or until"
        value={until}
        onChange={setUntil}
        mono
        required
        autoFocus
        maxLength={40}
        help={
          endMs === null
            ? `As ${momentHelp}`
            : `Ends ${showTime(endMs)}, in ${formatDuration(endMs - nowMs)}.`
        }
      />
    </FormDialog>
  );
}

/** Ends a suppression or window before its time. */
export function EndDialog({
  suppression,
  onClose,
  onDone,
}: {
  readonly suppression: SuppressionEffect;
  readonly onClose: () => void;
  readonly onDone: (ended: Suppression) => void;
}) {
  const [everything, setEverything] = useState(false);
  const end = useAction('suppressions.end');
  const submit = async () => {
    const ended = await end.run({ id: suppression.id, everything });
    if (ended) onDone(ended);
  };
  const isHold = suppression.scope.kind === 'query';
  const held = `${suppression.holding.toLocaleString('en')} ${suppression.holding === 1 ? 'alert' : 'alerts'}`;
  return (
    <FormDialog
      title={isHold ? 'End the suppression now' : 'End the maintenance window for good'}
      width="small"
      onClose={onClose}
      confirmLabel="End it now"
      busy={end.running}
      error={end.error}
      focus="confirm"
      onConfirm={() => void submit()}
    >
      <p>
        {isHold ? `It holds ${held}.` : `It keeps ${held} in the informational lane.`} What still goes on at
        its source comes into the queue and calls. The rest stays with it and can be found.
      </p>
      <CheckboxField
        label="Bring back the rest, too"
        checked={everything}
        onChange={setEverything}
        help="As if it had never been."
      />
    </FormDialog>
  );
}
