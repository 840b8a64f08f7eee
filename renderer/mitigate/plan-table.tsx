import type { ActionPlan } from '../../shared/domain/mitigation.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { Badge, Button, CallView, DataTable, EmptyState, Time } from '../ui/index.ts';
import type { MitigateDesk } from './use-mitigate-desk.ts';

/** What customers agreed to beforehand; retired plans last. */
export function PlanTable({ desk }: { readonly desk: MitigateDesk }) {
  return (
    <CallView call={desk.plans} label="Reading the plans">
      {(data) => (
        <DataTable<ActionPlan>
          label="Action plans"
          rows={data.toSorted((left, right) => Number(left.retired) - Number(right.retired))}
          keyOf={(plan) => plan.id}
          onOpen={(plan) => desk.openDialog({ kind: 'plan', plan })}
          empty={
            <EmptyState
              title="No action plan yet"
              action={
                <Button variant="primary" onClick={() => desk.openDialog({ kind: 'plan', plan: null })}>
                  Write a plan
                </Button>
              }
            >
              A plan says what a customer agreed to beforehand: what may be blocked, on which target, by whose
              agreement and for how long at most.
            </EmptyState>
          }
          columns={[
            {
              key: 'name',
              header: 'Plan',
              render: (plan) => (
                <span>
                  {plan.name} <span className="quiet">v{plan.version}</span>{' '}
                  {plan.retired ? <Badge outline>Retired</Badge> : null}
                </span>
              ),
            },
            { key: 'customer', header: 'Customer', render: (plan) => desk.customerName(plan.customerId) },
            { key: 'target', header: 'Target', render: (plan) => desk.targetName(plan.targetId) },
            {
              key: 'ttl',
              header: 'Usual / longest',
              data: true,
              render: (plan) => `${formatDuration(plan.defaultTtlMs)} / ${formatDuration(plan.maxTtlMs)}`,
            },
            {
              key: 'width',
              header: 'Widest',
              data: true,
              render: (plan) => `/${plan.widestPrefixV4}, /${plan.widestPrefixV6}`,
            },
            {
              key: 'rate',
              header: 'An hour',
              align: 'end',
              data: true,
              render: (plan) => plan.maxEntriesPerHour.toLocaleString('en'),
            },
            {
              key: 'people',
              header: 'Approval',
              render: (plan) => (plan.samePersonMayApprove ? 'One person' : 'Two people'),
            },
            {
              key: 'agreed',
              header: 'Agreed',
              render: (plan) => (
                <span>
                  {plan.agreedBy} <Time timeMs={plan.agreedMs} age={false} />
                </span>
              ),
            },
            {
              key: 'retire',
              header: 'Retire',
              hideHeader: true,
              align: 'end',
              render: (plan) =>
                plan.retired ? null : (
                  <Button
                    small
                    variant="quiet"
                    onClick={(event) => {
                      event.stopPropagation();
                      desk.openDialog({ kind: 'retire', plan });
                    }}
                  >
                    Retire
                  </Button>
                ),
            },
          ]}
        />
      )}
    </CallView>
  );
}
