import type { ActionPlan, Mitigation, Orphan } from '../../shared/domain/mitigation.ts';
import { ConfirmDialog, ReasonDialog } from '../ui/index.ts';
import { ApprovalDialog } from './approval-dialog.tsx';
import { MitigationFlow, type ProposalStart } from './mitigation-flow.tsx';
import { PlanDialog } from './plan-dialog.tsx';
import { shortEntry } from './proposal.ts';
import type { MitigateDesk } from './use-mitigate-desk.ts';

/** The dialog that is open, with what it is about. */
export type OpenDialog =
  | { readonly kind: 'approve'; readonly id: string }
  | { readonly kind: 'undo'; readonly mitigation: Mitigation }
  | { readonly kind: 'plan'; readonly plan: ActionPlan | null }
  | { readonly kind: 'retire'; readonly plan: ActionPlan }
  | { readonly kind: 'orphan'; readonly orphan: Orphan }
  | { readonly kind: 'propose'; readonly start: ProposalStart };

/** Shows the dialog that is open, if one is. */
export function MitigateDialogs({ desk }: { readonly desk: MitigateDesk }) {
  const { dialog } = desk;
  const close = () => desk.openDialog(null);
  switch (dialog?.kind) {
    case 'approve':
      return <ApprovalDialog mitigationId={dialog.id} onClose={close} />;
    case 'propose':
      return <MitigationFlow start={dialog.start} onClose={close} />;
    case 'plan':
      return (
        <PlanDialog
          plan={dialog.plan}
          onClose={close}
          onSaved={(plan) => {
            close();
            desk.planSaved(plan);
          }}
        />
      );
    case 'undo': {
      const { mitigation } = dialog;
      const { entries, targetName } = mitigation;
      return (
        <ReasonDialog
          title={`Undo the block on ${targetName}`}
          confirmLabel="Remove the block"
          onClose={close}
          onConfirm={(reason) => {
            close();
            desk.undo(mitigation, reason);
          }}
        >
          <p>
            Removes {entries.slice(0, 6).map(shortEntry).join(', ')}
            {entries.length > 6 ? ` and ${entries.length - 6} more` : ''} from {targetName}. Traffic from
            there passes again.
          </p>
        </ReasonDialog>
      );
    }
    case 'retire':
      return (
        <ConfirmDialog
          title={`Retire plan ${dialog.plan.name}`}
          confirmLabel="Retire plan"
          danger
          onClose={close}
          onConfirm={() => {
            close();
            desk.retire(dialog.plan);
          }}
        >
          Nothing new can be proposed under it. What is in force stays until its end; the ledger keeps the
          plan.
        </ConfirmDialog>
      );
    case 'orphan':
      return (
        <ConfirmDialog
          title={`Remove ${shortEntry(dialog.orphan.entry)} from ${dialog.orphan.targetName}`}
          confirmLabel="Remove entry"
          danger
          typed={dialog.orphan.targetName}
          onClose={close}
          onConfirm={() => {
            close();
            desk.removeOrphan(dialog.orphan);
          }}
        >
          Another installation may still rely on it. Traffic from there passes again; this cannot be undone
          here.
        </ConfirmDialog>
      );
    case undefined:
      return null;
  }
}
