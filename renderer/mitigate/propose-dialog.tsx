import { useState } from 'react';
import type { ActionPlan, Mitigation } from '../../shared/domain/mitigation.ts';
import { formatDuration, minuteMs } from '../../shared/domain/time.ts';
import {
  CallView,
  Dialog,
  EmptyState,
  FormDialog,
  NumberField,
  SelectField,
  TextAreaField,
  useAction,
  useApp,
  useCall,
} from '../ui/index.ts';
import { type ProposalStart, readEntries, shortEntry } from './proposal.ts';

export interface ProposeDialogProps {
  readonly start: ProposalStart;
  readonly onClose: () => void;
  readonly onProposed: (mitigation: Mitigation) => void;
}

/** Asks what to block, for how long and why. Nothing outside changes: it becomes a proposal to decide on. */
export function ProposeDialog({ start, onClose, onProposed }: ProposeDialogProps) {
  const plans = useCall('plans.list', {});
  const goTo = useApp((state) => state.goTo);
  const usable = (plans.data ?? []).filter((plan) => !plan.retired);
  if (plans.data !== null && usable.length === 0) {
    return (
      <FormDialog
        title="Propose a mitigation"
        width="small"
        onClose={onClose}
        confirmLabel="Write a plan"
        onConfirm={() => {
          onClose();
          goTo('mitigate', { section: 'plans' });
        }}
      >
        <EmptyState title="No action plan yet">
          A plan says what a customer agreed to beforehand: what may be blocked, on which target, for how long
          at most. Write one first.
        </EmptyState>
      </FormDialog>
    );
  }
  if (plans.data === null) {
    return (
      <Dialog title="Propose a mitigation" onClose={onClose}>
        <CallView call={plans} label="Loading the plans">
          {() => null}
        </CallView>
      </Dialog>
    );
  }
  // The customer's own plans come first; another customer's plan is a mistake more often than not.
  const ordered = [
    ...usable.filter((plan) => plan.customerId === start.customerId),
    ...usable.filter((plan) => plan.customerId !== start.customerId),
  ];
  return <ProposeForm start={start} plans={ordered} onClose={onClose} onProposed={onProposed} />;
}

function ProposeForm({
  start,
  plans,
  onClose,
  onProposed,
}: ProposeDialogProps & { readonly plans: readonly ActionPlan[] }) {
  const customers = useApp((state) => state.customers);
  const connections = useCall('connections.list', {});
  const first = plans[0];
  const [planId, setPlanId] = useState(first?.id ?? '');
  const plan = plans.find((each) => each.id === planId) ?? first;
  const [text, setText] = useState(start.entries.map(shortEntry).join('\n'));
  const [ttlMinutes, setTtlMinutes] = useState<number | null>(
    first ? Math.max(1, Math.round(first.defaultTtlMs / minuteMs)) : 30,
  );
  const [reason, setReason] = useState(start.reason);
  const propose = useAction('mitigations.propose');
  const read = readEntries(text);
  const customerName = (id: string) => customers.find((each) => each.id === id)?.name ?? id;
  const targetName = connections.data?.find((each) => each.id === plan?.targetId)?.name;
  const ttlMs = ttlMinutes === null ? null : Math.round(ttlMinutes * minuteMs);
  const ttlError =
    ttlMs === null || ttlMs <= 0
      ? 'How long? Every block has an end.'
      : plan && ttlMs > plan.maxTtlMs
        ? `The plan allows ${formatDuration(plan.maxTtlMs)} at most.`
        : null;
  const ready =
    plan !== undefined &&
    read.entries.length > 0 &&
    read.problems.length === 0 &&
    ttlError === null &&
    reason.trim() !== '';

  const submit = async () => {
    if (plan === undefined || ttlMs === null) return;
    const proposed = await propose.run({
      planId: plan.id,
      caseId: start.caseId,
      alertId: start.alertId,
      entries: [...read.entries],
      ttlMs,
      reason: reason.trim(),
    });
    if (proposed) onProposed(proposed);
  };

  return (
    <FormDialog
      title="Propose a mitigation"
      onClose={onClose}
      confirmLabel="Propose block"
      ready={ready}
      busy={propose.running}
      error={propose.error}
      lead={<span className="dialog-hint">Nothing changes on the target until it is approved.</span>}
      onConfirm={() => void submit()}
    >
      <SelectField
        label="Plan"
        value={planId}
        onChange={(next) => {
          setPlanId(next);
          const chosen = plans.find((each) => each.id === next);
          if (chosen) setTtlMinutes(Math.max(1, Math.round(chosen.defaultTtlMs / minuteMs)));
        }}
        options={plans.map((each) => ({
          value: each.id,
          label: `${each.name} v${each.version} · ${customerName(each.customerId)}`,
        }))}
        help={
          plan ? (
            <>
              Block on {targetName ?? 'its target'}, {formatDuration(plan.maxTtlMs)} at most, networks no
              wider than /{plan.widestPrefixV4} (IPv6 /{plan.widestPrefixV6}). Agreed by {plan.agreedBy}.
              {plan.samePersonMayApprove ? '' : ' Somebody else has to approve.'}
            </>
          ) : null
        }
      />
      <TextAreaField
        label="Addresses and networks"
        value={text}
        onChange={setText}
        rows={Math.min(8, Math.max(3, text.split('\n').length))}
        mono
        required
        autoFocus={start.entries.length === 0}
        placeholder={'198.51.100.7\n203.0.113.0/28'}
        error={read.problems.length > 0 ? read.problems.slice(0, 3).join(' ') : null}
        help={
          read.entries.length === 0
            ? 'One a line. Host names are refused: what a name means can change.'
            : `${read.entries.length} ${read.entries.length === 1 ? 'entry' : 'entries'}`
        }
      />
      <div className="field-pair">
        <NumberField
          label="Ends by itself after"
          value={ttlMinutes}
          onChange={setTtlMinutes}
          min={1}
          max={plan ? Math.floor(plan.maxTtlMs / minuteMs) : undefined}
          unit="min"
          error={ttlError}
          required
        />
      </div>
      <TextAreaField
        label="Reason"
        value={reason}
        onChange={setReason}
        rows={2}
        maxLength={2000}
        required
        autoFocus={start.entries.length > 0}
      />
    </FormDialog>
  );
}
