import { useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { ApprovalDialog } from '../mitigate/approval-dialog.tsx';
import { MitigationFlow, type ProposalStart } from '../mitigate/mitigation-flow.tsx';
import { proposalFromCase, shortEntry } from '../mitigate/proposal.ts';
import {
  Button,
  MitigationStateBadge,
  SafeText,
  Section,
  Time,
  useApp,
  useCall,
  useClient,
  useCommands,
  useNow,
} from '../ui/index.ts';
import { useCaseDesk } from './case-desk.tsx';

/** So many alerts are asked for their attackers when a block is proposed from a case. */
const mostAskedAlerts = 40;

/** What was done or is asked for: as it is now where the core has it, else as the case noted it. */
export function CaseMitigations({ state }: { readonly state: CaseState }) {
  return useCaseDesk().isStored ? <LiveMitigations state={state} /> : <NotedMitigations state={state} />;
}

function NotedMitigations({ state: { mitigations } }: { readonly state: CaseState }) {
  return (
    <Section title={`Mitigations (${mitigations.length})`}>
      {mitigations.length === 0 ? (
        <p className="quiet">Nothing was proposed.</p>
      ) : (
        <ul className="panel-list" aria-label="Mitigations">
          {mitigations.map((row) => (
            <li key={row.id} className="panel-link is-stacked">
              <span className="panel-line">
                <SafeText text={row.state} limit={40} plain />
                <span className="quiet">
                  <Time timeMs={row.timeMs} format="clock" age={false} />
                </span>
              </span>
              <span className="mono panel-text">
                {row.entries.slice(0, 3).map(shortEntry).join(' ')}
                {row.entries.length > 3 ? ` +${row.entries.length - 3}` : ''}
              </span>
              <span className="quiet">
                on <SafeText text={row.targetName} limit={80} plain />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

type OpenDialog =
  | { readonly kind: 'propose'; readonly start: ProposalStart }
  | { readonly kind: 'mitigation'; readonly id: string };

function LiveMitigations({ state }: { readonly state: CaseState }) {
  const client = useClient();
  const customers = useApp((app) => app.customers);
  const { edit } = useCaseDesk();
  const nowMs = useNow();
  const mitigations = useCall('mitigations.list', {}, { events: ['mitigations.changed'] });
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const live = (mitigations.data ?? [])
    .filter((row) => row.caseId === state.id)
    .toSorted((left, right) => right.proposedMs - left.proposedMs);
  const propose = async () => {
    // Who attacked stands in the alerts alone: an observable does not say which side it was on.
    const details = await Promise.allSettled(
      state.alerts.slice(0, mostAskedAlerts).map(({ id }) => client.call('alerts.get', { id })),
    );
    const alerts = details.flatMap((each) => (each.status === 'fulfilled' ? [each.value.alert] : []));
    const ownRanges = customers.find((each) => each.id === state.customerId)?.ownRanges ?? [];
    setDialog({ kind: 'propose', start: proposalFromCase(state, alerts, ownRanges) });
  };
  useCommands(
    edit === null
      ? []
      : [
          {
            id: 'case.propose',
            title: 'Propose a mitigation',
            group: 'Case',
            keys: ['p'],
            run: () => void propose(),
          },
        ],
  );
  return (
    <Section
      title={`Mitigations (${live.length})`}
      aside={
        edit === null ? null : (
          <Button small keys="p" onClick={() => void propose()}>
            Propose mitigation
          </Button>
        )
      }
    >
      {live.length === 0 ? (
        <p className="quiet">Nothing was proposed yet.</p>
      ) : (
        <ul className="panel-list" aria-label="Mitigations">
          {live.map((row) => (
            <li key={row.id} className="panel-row">
              <button
                type="button"
                className="panel-link is-stacked"
                onClick={() => setDialog({ kind: 'mitigation', id: row.id })}
              >
                <span className="panel-line">
                  <MitigationStateBadge state={row.state} />
                  {row.expiresMs !== null && row.expiresMs > nowMs && row.endedMs === null ? (
                    <span className="tabular quiet">{formatDuration(row.expiresMs - nowMs)} left</span>
                  ) : null}
                </span>
                <span className="mono panel-text">
                  {row.entries.slice(0, 3).map(shortEntry).join(' ')}
                  {row.entries.length > 3 ? ` +${row.entries.length - 3}` : ''}
                </span>
                <span className="quiet">on {row.targetName}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {dialog?.kind === 'propose' ? (
        <MitigationFlow start={dialog.start} onClose={() => setDialog(null)} />
      ) : null}
      {dialog?.kind === 'mitigation' ? (
        <ApprovalDialog mitigationId={dialog.id} onClose={() => setDialog(null)} />
      ) : null}
    </Section>
  );
}
