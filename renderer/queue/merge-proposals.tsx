import type { MethodOutput } from '../../shared/api/contract.ts';
import { Button, CallView, Dialog, EmptyState, SafeText, useCall, useCommands } from '../ui/index.ts';
import { AlertList } from './merge-section.tsx';

export type GroupProposal = MethodOutput<'alerts.proposeGroups'>[number];

/** So many proposals have a key. */
const mostKeys = 9;

/** Alerts that belong together, each group with its reason; choosing one leads on to merging it. */
export function MergeProposals({
  alertId,
  onClose,
  onChoose,
  onOpenAlert,
}: {
  /** Only what this one belongs to; null for all that is open. */
  readonly alertId: string | null;
  readonly onClose: () => void;
  readonly onChoose: (proposal: GroupProposal) => void;
  readonly onOpenAlert: (alertId: string) => void;
}) {
  const call = useCall('alerts.proposeGroups', { alertId });
  useCommands(
    (call.data ?? []).slice(0, mostKeys).map((proposal, index) => ({
      id: `queue.proposals.${index + 1}`,
      title: `Merge the ${index + 1}. proposal`,
      group: 'Queue',
      keys: [`${index + 1}`],
      hidden: true,
      run: () => onChoose(proposal),
    })),
    'dialog',
  );
  return (
    <Dialog
      title={alertId === null ? 'Alerts that belong together' : 'What this alert belongs to'}
      onClose={onClose}
      footer={
        <Button onClick={onClose} keys="Escape">
          Close
        </Button>
      }
    >
      <CallView call={call} label="Comparing open alerts">
        {(proposals) =>
          proposals.length === 0 ? (
            <EmptyState title={alertId === null ? 'Nothing belongs together' : 'It stands by itself'}>
              Open alerts of one customer belong together when they share an address, host, user or the like,
              or are of one rule, and came within 15 min of each other. What is in more than 100 alerts is no
              reason. To merge others, select them first.
            </EmptyState>
          ) : (
            <ul className="merge-proposals" aria-label="Proposals">
              {proposals.map((proposal, index) => (
                <li key={proposal.alertIds[0]}>
                  <div className="merge-proposal-head">
                    <p>
                      <SafeText text={proposal.reason} limit={400} />
                    </p>
                    <Button
                      small
                      variant={index === 0 ? 'primary' : 'default'}
                      {...(index < mostKeys ? { keys: `${index + 1}` } : {})}
                      onClick={() => onChoose(proposal)}
                    >
                      Merge {proposal.alertIds.length.toLocaleString('en')}…
                    </Button>
                  </div>
                  <AlertList
                    label={proposal.reason}
                    alerts={proposal.sample.slice(0, 4)}
                    onOpen={onOpenAlert}
                  />
                  {proposal.alertIds.length > 4 ? (
                    <p className="quiet">{(proposal.alertIds.length - 4).toLocaleString('en')} more</p>
                  ) : null}
                </li>
              ))}
            </ul>
          )
        }
      </CallView>
    </Dialog>
  );
}
