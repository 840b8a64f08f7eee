import { useState } from 'react';
import type { ActionPlan, Mitigation, Orphan } from '../../shared/domain/mitigation.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { useApp, useArrival, useCall, useClient, useKeptState } from '../ui/index.ts';
import type { OpenDialog } from './mitigate-dialogs.tsx';
import { activeMitigations, pastMitigations, waitingMitigations } from './mitigation-words.ts';
import { shortEntry } from './proposal.ts';

const tabIds = ['now', 'plans', 'ledger'] as const;
export type TabId = (typeof tabIds)[number];

export type MitigateDesk = ReturnType<typeof useMitigateDesk>;

/** The mitigations, plans and orphans, what of them is shown, and what can be done to each. */
export function useMitigateDesk() {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const customers = useApp((state) => state.customers);
  const [tab, setTab] = useKeptState<TabId>('mitigate.tab', 'now');
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const mitigations = useCall('mitigations.list', {}, { events: ['mitigations.changed'] });
  const plans = useCall('plans.list', {}, { events: ['settings.changed'] });
  const connections = useCall('connections.list', {}, { events: ['connections.changed'] });
  const orphans = useCall('mitigations.orphans', {}, { events: ['mitigations.changed'] });

  useArrival('mitigate', (destination) => {
    const section = tabIds.find((id) => id === destination.section);
    if (section) setTab(section);
    if (destination.mitigationId !== undefined) setDialog({ kind: 'approve', id: destination.mitigationId });
  });

  const attempt = async (work: () => Promise<unknown>, said: string) => {
    try {
      await work();
      notify({ text: said, tone: 'good' });
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: error.message, tone: 'error', details: error.details });
    }
  };

  const rows = mitigations.data ?? [];
  return {
    tab,
    setTab,
    /** The dialog that is open, or none. */
    dialog,
    openDialog: setDialog,
    mitigations,
    plans,
    orphans: orphans.data ?? [],
    waiting: waitingMitigations(rows),
    active: activeMitigations(rows),
    past: pastMitigations(rows),
    customerName: (id: string) => customers.find((each) => each.id === id)?.name ?? id,
    targetName: (id: string) => connections.data?.find((each) => each.id === id)?.name ?? id,
    propose: () =>
      setDialog({
        kind: 'propose',
        start: { alertId: null, caseId: null, customerId: null, entries: [], reason: '' },
      }),
    /** Asks the target whether it has the block. */
    ask: ({ id, targetName }: Mitigation) =>
      void attempt(() => client.call('mitigations.verify', { id }), `Asked ${targetName}`),
    apply: ({ id, targetName }: Mitigation) =>
      void attempt(() => client.call('mitigations.apply', { id }), `Applied on ${targetName}`),
    undo: ({ id, targetName }: Mitigation, reason: string) =>
      void attempt(() => client.call('mitigations.undo', { id, reason }), `Removed from ${targetName}`),
    planSaved: (plan: ActionPlan) => {
      plans.refetch();
      notify({ text: `Saved plan ${plan.name} v${plan.version}`, tone: 'good' });
    },
    retire: ({ id, name }: ActionPlan) =>
      void attempt(() => client.call('plans.retire', { id }), `Retired plan ${name}`).then(plans.refetch),
    removeOrphan: ({ targetId, entry, targetName }: Orphan) =>
      void attempt(
        () => client.call('mitigations.removeOrphan', { targetId, entry }),
        `Removed ${shortEntry(entry)} from ${targetName}`,
      ).then(orphans.refetch),
  };
}
