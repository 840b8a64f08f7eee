import { useState } from 'react';
import type { ActionPlan } from '../../shared/domain/mitigation.ts';
import { parseNetwork } from '../../shared/domain/network.ts';
import { hourMs, minuteMs } from '../../shared/domain/time.ts';
import {
  CheckboxField,
  FormDialog,
  NumberField,
  SelectField,
  TextAreaField,
  TextField,
  useAction,
  useApp,
  useCall,
} from '../ui/index.ts';

/** Writes down what a customer agreed to. Changing a plan makes a new version: what waits under the old one is void. */
export function PlanDialog({
  plan,
  onClose,
  onSaved,
}: {
  /** null writes a new one. */
  readonly plan: ActionPlan | null;
  readonly onClose: () => void;
  readonly onSaved: (plan: ActionPlan) => void;
}) {
  const customers = useApp((state) => state.customers);
  const connections = useCall('connections.list', {}, { events: ['connections.changed'] });
  const targets = (connections.data ?? []).filter((each) => each.role === 'target');
  const save = useAction('plans.save');
  const [name, setName] = useState(plan?.name ?? '');
  const [customerId, setCustomerId] = useState(plan?.customerId ?? customers[0]?.id ?? '');
  const [chosenTarget, setTargetId] = useState(plan?.targetId ?? '');
  const targetId = chosenTarget === '' ? (targets[0]?.id ?? '') : chosenTarget;
  const [agreedBy, setAgreedBy] = useState(plan?.agreedBy ?? '');
  const [maxTtl, setMaxTtl] = useState<number | null>((plan?.maxTtlMs ?? 4 * hourMs) / minuteMs);
  const [defaultTtl, setDefaultTtl] = useState<number | null>(
    (plan?.defaultTtlMs ?? 30 * minuteMs) / minuteMs,
  );
  const [widestV4, setWidestV4] = useState<number | null>(plan?.widestPrefixV4 ?? 24);
  const [widestV6, setWidestV6] = useState<number | null>(plan?.widestPrefixV6 ?? 48);
  const [perHour, setPerHour] = useState<number | null>(plan?.maxEntriesPerHour ?? 20);
  const [samePerson, setSamePerson] = useState(plan?.samePersonMayApprove ?? false);
  const [loopback, setLoopback] = useState(plan?.loopbackAllowed ?? false);
  const [allowText, setAllowText] = useState((plan?.allowList ?? []).join('\n'));

  const allowList = allowText.split(/[\s,;]+/).filter((each) => each !== '');
  const allowProblems = allowList.flatMap((each) => {
    const parsed = parseNetwork(each);
    return parsed.ok ? [] : [parsed.reason];
  });
  const problems = [
    name.trim() === '' ? 'The plan needs a name.' : null,
    customerId === '' ? 'The plan belongs to a customer; add one in the settings first.' : null,
    targetId === '' ? 'The plan needs a target; add one in the settings first.' : null,
    agreedBy.trim() === '' ? 'Who at the customer agreed?' : null,
    maxTtl === null || maxTtl <= 0 ? 'The longest block needs a length.' : null,
    defaultTtl === null || defaultTtl <= 0 ? 'The usual block needs a length.' : null,
    maxTtl !== null && defaultTtl !== null && defaultTtl > maxTtl
      ? 'The usual block is longer than the longest one.'
      : null,
    widestV4 === null || !isWhole(widestV4, 0, 32)
      ? 'The widest IPv4 network is a prefix length from 0 to 32.'
      : null,
    widestV6 === null || !isWhole(widestV6, 0, 128)
      ? 'The widest IPv6 network is a prefix length from 0 to 128.'
      : null,
    perHour === null || !isWhole(perHour, 1, 1_000_000)
      ? 'How many entries an hour, as a whole number?'
      : null,
    ...allowProblems,
  ].filter((problem) => problem !== null);

  const submit = async () => {
    if (
      maxTtl === null ||
      defaultTtl === null ||
      widestV4 === null ||
      widestV6 === null ||
      perHour === null
    ) {
      return;
    }
    const saved = await save.run({
      id: plan?.id ?? null,
      name: name.trim(),
      customerId,
      targetId,
      agreedBy: agreedBy.trim(),
      maxTtlMs: Math.round(maxTtl * minuteMs),
      defaultTtlMs: Math.round(defaultTtl * minuteMs),
      widestPrefixV4: widestV4,
      widestPrefixV6: widestV6,
      maxEntriesPerHour: perHour,
      samePersonMayApprove: samePerson,
      loopbackAllowed: loopback,
      allowList,
    });
    if (saved) onSaved(saved);
  };

  return (
    <FormDialog
      title={plan === null ? 'New action plan' : `Action plan ${plan.name} v${plan.version}`}
      onClose={onClose}
      confirmLabel="Save plan"
      busy={save.running}
      problems={problems}
      error={save.error}
      lead={
        plan === null ? null : (
          <span className="dialog-hint">
            Saving makes version {plan.version + 1}; open proposals have to be made anew.
          </span>
        )
      }
      onConfirm={() => void submit()}
    >
      <TextField label="Name" value={name} onChange={setName} maxLength={120} required autoFocus />
      <div className="field-pair">
        <SelectField
          label="Customer"
          value={customerId}
          onChange={setCustomerId}
          options={customers.map((each) => ({ value: each.id, label: each.name }))}
        />
        <SelectField
          label="Target"
          value={targetId}
          onChange={setTargetId}
          options={targets.map((each) => ({ value: each.id, label: each.name }))}
        />
      </div>
      <TextField
        label="Agreed by"
        value={agreedBy}
        onChange={setAgreedBy}
        maxLength={200}
        required
        help="Who at the customer agreed, e.g. a name and a ticket."
      />
      <div className="field-pair">
        <NumberField label="Usual block" value={defaultTtl} onChange={setDefaultTtl} min={1} unit="min" />
        <NumberField label="Longest block" value={maxTtl} onChange={setMaxTtl} min={1} unit="min" />
        <NumberField
          label="Entries an hour, at most"
          value={perHour}
          onChange={setPerHour}
          min={1}
          step={1}
        />
      </div>
      <div className="field-pair">
        <NumberField
          label="Widest IPv4 network"
          value={widestV4}
          onChange={setWidestV4}
          min={0}
          max={32}
          step={1}
          help="24 allows /24 to /32."
        />
        <NumberField
          label="Widest IPv6 network"
          value={widestV6}
          onChange={setWidestV6}
          min={0}
          max={128}
          step={1}
        />
      </div>
      <TextAreaField
        label="Never blocked"
        value={allowText}
        onChange={setAllowText}
        rows={3}
        mono
        placeholder={'192.0.2.53\n2001:db8:1::/48'}
        help="Resolvers, monitoring, partners: addresses and networks, one a line."
        error={allowProblems[0] ?? null}
      />
      <CheckboxField
        label="Who asks may also approve"
        checked={samePerson}
        onChange={setSamePerson}
        help="Off: two people are needed for every block."
      />
      <CheckboxField
        label="Loopback may be blocked"
        checked={loopback}
        onChange={setLoopback}
        help="Only for tests and for set-ups on one machine."
      />
    </FormDialog>
  );
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
