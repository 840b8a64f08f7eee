import './mitigate.css';
import { useState } from 'react';
import type { ActionPlan, Mitigation, MitigationState, Orphan } from '../../shared/domain/mitigation.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  Badge,
  Button,
  CallView,
  ConfirmDialog,
  DataTable,
  EmptyState,
  MitigationStateBadge,
  mitigationStateWords,
  Notice,
  Pane,
  ReasonDialog,
  SafeText,
  Screen,
  SimulatedMark,
  Tabs,
  Time,
  useApp,
  useArrival,
  useCall,
  useClient,
  useCommands,
  useKeptState,
  useNow,
} from '../ui/index.ts';
import { ApprovalDialog } from './approval-dialog.tsx';
import { MitigationFlow, type ProposalStart } from './mitigation-flow.tsx';
import {
  activeMitigations,
  endedWords,
  needsAttention,
  pastMitigations,
  waitingMitigations,
} from './mitigation-words.ts';
import { PlanDialog } from './plan-dialog.tsx';
import { shortEntry } from './proposal.ts';

const tabIds = ['now', 'plans', 'ledger'] as const;
type TabId = (typeof tabIds)[number];

type OpenDialog =
  | { readonly kind: 'approve'; readonly id: string }
  | { readonly kind: 'undo'; readonly mitigation: Mitigation }
  | { readonly kind: 'plan'; readonly plan: ActionPlan | null }
  | { readonly kind: 'retire'; readonly plan: ActionPlan }
  | { readonly kind: 'orphan'; readonly orphan: Orphan }
  | { readonly kind: 'propose'; readonly start: ProposalStart };

/** Blocks: what waits for a decision, what is in force and until when, what was agreed, what was done. */
export function MitigateScreen() {
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

  const rows = mitigations.data ?? [];
  const waiting = waitingMitigations(rows);
  const active = activeMitigations(rows);
  const customerName = (id: string) => customers.find((each) => each.id === id)?.name ?? id;
  const targetName = (id: string) => connections.data?.find((each) => each.id === id)?.name ?? id;
  const emptyStart: ProposalStart = {
    alertId: null,
    caseId: null,
    customerId: null,
    entries: [],
    reason: '',
  };

  const attempt = async (work: () => Promise<unknown>, said: string) => {
    try {
      await work();
      notify({ text: said, tone: 'good' });
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: error.message, tone: 'error', details: error.details });
    }
  };

  const ask = (row: Mitigation) =>
    void attempt(() => client.call('mitigations.verify', { id: row.id }), `Asked ${row.targetName}`);

  const group = 'Mitigate';
  useCommands([
    {
      id: 'mitigate.propose',
      title: 'Propose a mitigation',
      group,
      keys: ['p'],
      run: () => setDialog({ kind: 'propose', start: emptyStart }),
    },
    {
      id: 'mitigate.decide',
      title: 'Decide on the oldest proposal',
      group,
      keys: ['Enter'],
      enabled: waiting.length > 0 && tab === 'now',
      run: () => {
        const [oldest] = waiting;
        if (oldest) setDialog({ kind: 'approve', id: oldest.id });
      },
    },
    {
      id: 'mitigate.new-plan',
      title: 'New action plan',
      group,
      keys: ['n'],
      run: () => setDialog({ kind: 'plan', plan: null }),
    },
    ...active.slice(0, 20).flatMap((row) => [
      {
        id: `mitigate.verify.${row.id}`,
        title: `Ask ${row.targetName} about ${entryWords(row.entries)}`,
        group,
        enabled: mayAsk(row.state),
        run: () => ask(row),
      },
      {
        id: `mitigate.undo.${row.id}`,
        title: `Undo the block of ${entryWords(row.entries)} on ${row.targetName}`,
        group,
        enabled: mayUndo(row.state),
        run: () => setDialog({ kind: 'undo', mitigation: row }),
      },
    ]),
    { id: 'mitigate.tab-now', title: 'Waiting and active', group, keys: ['1'], run: () => setTab('now') },
    { id: 'mitigate.tab-plans', title: 'Plans', group, keys: ['2'], run: () => setTab('plans') },
    { id: 'mitigate.tab-ledger', title: 'Ledger', group, keys: ['3'], run: () => setTab('ledger') },
  ]);

  return (
    <Screen label="Mitigate">
      <Tabs<TabId>
        label="Mitigate"
        active={tab}
        onChange={setTab}
        tabs={[
          { id: 'now', label: 'Waiting and active', count: waiting.length + active.length, keys: '1' },
          {
            id: 'plans',
            label: 'Plans',
            count: (plans.data ?? []).filter((plan) => !plan.retired).length,
            keys: '2',
          },
          { id: 'ledger', label: 'Ledger', keys: '3' },
        ]}
        aside={
          tab === 'plans' ? (
            <Button small icon="plus" keys="n" onClick={() => setDialog({ kind: 'plan', plan: null })}>
              New plan
            </Button>
          ) : (
            <Button small keys="p" onClick={() => setDialog({ kind: 'propose', start: emptyStart })}>
              Propose
            </Button>
          )
        }
      >
        {tab === 'now' ? (
          <CallView
            call={mitigations}
            label="Reading the mitigations"
            errorTitle="The mitigations could not be read"
          >
            {() => (
              <div className="mitigate-now">
                <Pane
                  title={`Waiting for approval (${waiting.length})`}
                  padded={false}
                  className="mitigate-pane"
                >
                  {waiting.length === 0 ? (
                    <p className="mitigate-none">
                      Nothing waits. Propose a block from an alert or a case with <kbd className="kbd">p</kbd>
                      .
                    </p>
                  ) : (
                    <ul className="mitigation-list" aria-label="Waiting for approval">
                      {waiting.map((row) => (
                        <WaitingRow
                          key={row.id}
                          row={row}
                          customer={customerName(row.customerId)}
                          onDecide={() => setDialog({ kind: 'approve', id: row.id })}
                        />
                      ))}
                    </ul>
                  )}
                </Pane>
                <Pane title={`In force (${active.length})`} padded={false} className="mitigate-pane">
                  {active.length === 0 ? (
                    <p className="mitigate-none">
                      No block is in force. What is approved appears here with its time left.
                    </p>
                  ) : (
                    <ul className="mitigation-list" aria-label="In force">
                      {active.map((row) => (
                        <ActiveRow
                          key={row.id}
                          row={row}
                          customer={customerName(row.customerId)}
                          onOpen={() => setDialog({ kind: 'approve', id: row.id })}
                          onUndo={() => setDialog({ kind: 'undo', mitigation: row })}
                          onVerify={() => ask(row)}
                          onApply={() =>
                            void attempt(
                              () => client.call('mitigations.apply', { id: row.id }),
                              `Applied on ${row.targetName}`,
                            )
                          }
                        />
                      ))}
                    </ul>
                  )}
                </Pane>
                {(orphans.data ?? []).length > 0 ? (
                  <Pane
                    title={`On a target, not in the ledger (${orphans.data?.length ?? 0})`}
                    padded={false}
                    className="mitigate-pane"
                  >
                    <Notice tone="warning">
                      These carry our mark but the ledger does not know them: another installation made them,
                      or the data directory is older than they are.
                    </Notice>
                    <DataTable
                      label="Orphans"
                      rows={orphans.data ?? []}
                      keyOf={(orphan) => `${orphan.targetId} ${orphan.entry}`}
                      columns={[
                        {
                          key: 'entry',
                          header: 'Entry',
                          data: true,
                          render: (orphan) => <SafeText text={orphan.entry} plain />,
                        },
                        { key: 'target', header: 'Target', render: (orphan) => orphan.targetName },
                        {
                          key: 'ends',
                          header: 'Ends',
                          render: (orphan) => <Time timeMs={orphan.expiresMs} />,
                        },
                        {
                          key: 'remove',
                          header: 'Remove',
                          hideHeader: true,
                          align: 'end',
                          render: (orphan) => (
                            <Button
                              small
                              variant="danger"
                              onClick={() => setDialog({ kind: 'orphan', orphan })}
                            >
                              Remove
                            </Button>
                          ),
                        },
                      ]}
                    />
                  </Pane>
                ) : null}
              </div>
            )}
          </CallView>
        ) : null}
        {tab === 'plans' ? (
          <CallView call={plans} label="Reading the plans">
            {(data) => (
              <DataTable<ActionPlan>
                label="Action plans"
                rows={data.toSorted((left, right) => Number(left.retired) - Number(right.retired))}
                keyOf={(plan) => plan.id}
                onOpen={(plan) => setDialog({ kind: 'plan', plan })}
                empty={
                  <EmptyState
                    title="No action plan yet"
                    action={
                      <Button variant="primary" onClick={() => setDialog({ kind: 'plan', plan: null })}>
                        Write a plan
                      </Button>
                    }
                  >
                    A plan says what a customer agreed to beforehand: what may be blocked, on which target, by
                    whose agreement and for how long at most.
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
                  { key: 'customer', header: 'Customer', render: (plan) => customerName(plan.customerId) },
                  { key: 'target', header: 'Target', render: (plan) => targetName(plan.targetId) },
                  {
                    key: 'ttl',
                    header: 'Usual / longest',
                    data: true,
                    render: (plan) =>
                      `${formatDuration(plan.defaultTtlMs)} / ${formatDuration(plan.maxTtlMs)}`,
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
                            setDialog({ kind: 'retire', plan });
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
        ) : null}
        {tab === 'ledger' ? (
          <Ledger past={pastMitigations(rows)} onOpen={(id) => setDialog({ kind: 'approve', id })} />
        ) : null}
      </Tabs>

      {dialog?.kind === 'approve' ? (
        <ApprovalDialog mitigationId={dialog.id} onClose={() => setDialog(null)} />
      ) : null}
      {dialog?.kind === 'propose' ? (
        <MitigationFlow start={dialog.start} onClose={() => setDialog(null)} />
      ) : null}
      {dialog?.kind === 'plan' ? (
        <PlanDialog
          plan={dialog.plan}
          onClose={() => setDialog(null)}
          onSaved={(plan) => {
            setDialog(null);
            plans.refetch();
            notify({ text: `Saved plan ${plan.name} v${plan.version}`, tone: 'good' });
          }}
        />
      ) : null}
      {dialog?.kind === 'undo' ? (
        <ReasonDialog
          title={`Undo the block on ${dialog.mitigation.targetName}`}
          confirmLabel="Remove the block"
          onClose={() => setDialog(null)}
          onConfirm={(reason) => {
            const { id, targetName: name } = dialog.mitigation;
            setDialog(null);
            void attempt(() => client.call('mitigations.undo', { id, reason }), `Removed from ${name}`);
          }}
        >
          <p>
            Removes {dialog.mitigation.entries.slice(0, 6).map(shortEntry).join(', ')}
            {dialog.mitigation.entries.length > 6 ? ` and ${dialog.mitigation.entries.length - 6} more` : ''}{' '}
            from {dialog.mitigation.targetName}. Traffic from there passes again.
          </p>
        </ReasonDialog>
      ) : null}
      {dialog?.kind === 'retire' ? (
        <ConfirmDialog
          title={`Retire plan ${dialog.plan.name}`}
          confirmLabel="Retire plan"
          danger
          onClose={() => setDialog(null)}
          onConfirm={() => {
            const { plan } = dialog;
            setDialog(null);
            void attempt(
              () => client.call('plans.retire', { id: plan.id }),
              `Retired plan ${plan.name}`,
            ).then(plans.refetch);
          }}
        >
          Nothing new can be proposed under it. What is in force stays until its end; the ledger keeps the
          plan.
        </ConfirmDialog>
      ) : null}
      {dialog?.kind === 'orphan' ? (
        <ConfirmDialog
          title={`Remove ${shortEntry(dialog.orphan.entry)} from ${dialog.orphan.targetName}`}
          confirmLabel="Remove entry"
          danger
          typed={dialog.orphan.targetName}
          onClose={() => setDialog(null)}
          onConfirm={() => {
            const { targetId, entry, targetName: name } = dialog.orphan;
            setDialog(null);
            void attempt(
              () => client.call('mitigations.removeOrphan', { targetId, entry }),
              `Removed ${shortEntry(entry)} from ${name}`,
            ).then(orphans.refetch);
          }}
        >
          Another installation may still rely on it. Traffic from there passes again; this cannot be undone
          here.
        </ConfirmDialog>
      ) : null}
    </Screen>
  );
}

/** States in which the target can be asked whether it has the block, and in which the block can be taken back. */
function mayAsk(state: MitigationState): boolean {
  return mayUndo(state) || state === 'applying';
}
function mayUndo(state: MitigationState): boolean {
  return state === 'applied' || state === 'verified' || state === 'unknown' || state === 'lost';
}

/** The entries as words for names of buttons and commands. */
function entryWords(entries: readonly string[]): string {
  const shown = entries.slice(0, 3).map(shortEntry).join(', ');
  return entries.length > 3 ? `${shown} and ${entries.length - 3} more` : shown;
}

/** The entries in one line, the first few in full. */
function Entries({ entries }: { readonly entries: readonly string[] }) {
  return (
    <span className="mono mitigation-entries">
      {entries.slice(0, 4).map(shortEntry).join('  ')}
      {entries.length > 4 ? <span className="quiet"> +{entries.length - 4} more</span> : null}
    </span>
  );
}

function WaitingRow({
  row,
  customer,
  onDecide,
}: {
  readonly row: Mitigation;
  readonly customer: string;
  readonly onDecide: () => void;
}) {
  const failed = row.guards.filter((guard) => !guard.passed);
  return (
    <li className="mitigation-row">
      <div className="mitigation-main">
        <p className="mitigation-title">
          <Entries entries={row.entries} /> <span className="quiet">on</span> {row.targetName}{' '}
          <span className="quiet">for</span> {formatDuration(row.ttlMs)}{' '}
          {row.simulated ? <SimulatedMark /> : null}
        </p>
        <p className="mitigation-sub">
          <SafeText text={row.reason} limit={200} plain /> <span className="quiet">·</span> {customer}{' '}
          <span className="quiet">·</span> asked by <SafeText text={row.proposedBy} limit={60} plain />{' '}
          <Time timeMs={row.proposedMs} format="clock" />
        </p>
        {failed.length > 0 ? (
          <p className="mitigation-warning">
            {failed.length === 1 ? failed[0]?.sentence : `${failed.length} guards stand against it.`}
          </p>
        ) : null}
      </div>
      <Button
        small
        variant="primary"
        onClick={onDecide}
        aria-label={`Decide on ${row.entries.map(shortEntry).join(', ')}`}
      >
        Decide
      </Button>
    </li>
  );
}

/** How long a block still holds, counting down; after its end it says so until the target confirms. */
function TimeLeft({ expiresMs, ttlMs }: { readonly expiresMs: number; readonly ttlMs: number }) {
  const nowMs = useNow();
  const leftMs = expiresMs - nowMs;
  const share = Math.max(0, Math.min(1, leftMs / ttlMs));
  return (
    <span className="time-left">
      <strong className="tabular">{leftMs > 0 ? `${formatDuration(leftMs)} left` : 'Ending now'}</strong>
      <span className="time-left-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}

function ActiveRow({
  row,
  customer,
  onOpen,
  onUndo,
  onVerify,
  onApply,
}: {
  readonly row: Mitigation;
  readonly customer: string;
  readonly onOpen: () => void;
  readonly onUndo: () => void;
  readonly onVerify: () => void;
  readonly onApply: () => void;
}) {
  const isTrouble = needsAttention(row.state);
  const entries = entryWords(row.entries);
  return (
    <li
      className={
        isTrouble ? `mitigation-row is-trouble state-${row.state}` : `mitigation-row state-${row.state}`
      }
    >
      <div className="mitigation-main">
        <p className="mitigation-title">
          <MitigationStateBadge state={row.state} /> <Entries entries={row.entries} />{' '}
          <span className="quiet">on</span> {row.targetName} {row.simulated ? <SimulatedMark /> : null}
        </p>
        <p className={isTrouble ? 'mitigation-warning' : 'mitigation-sub'}>
          <SafeText text={row.sentence} limit={400} />
        </p>
        <p className="mitigation-sub quiet">
          {customer} · approved by <SafeText text={row.approvedBy ?? 'nobody'} limit={60} plain />
          {row.verifiedMs === null ? null : (
            <>
              {' '}
              · verified <Time timeMs={row.verifiedMs} format="clock" />
            </>
          )}
        </p>
      </div>
      {row.expiresMs === null ? null : <TimeLeft expiresMs={row.expiresMs} ttlMs={row.ttlMs} />}
      <span className="mitigation-actions">
        <Button small variant="quiet" onClick={onOpen} aria-label={`Details of ${entries}`}>
          Details
        </Button>
        {['approved', 'failed', 'lost'].includes(row.state) ? (
          <Button small variant="primary" onClick={onApply} aria-label={`Apply ${entries}`}>
            Apply
          </Button>
        ) : null}
        {mayAsk(row.state) ? (
          <Button small onClick={onVerify} aria-label={`Ask target about ${entries}`}>
            Ask target
          </Button>
        ) : null}
        {mayUndo(row.state) ? (
          <Button small onClick={onUndo} aria-label={`Undo the block of ${entries}`}>
            Undo
          </Button>
        ) : null}
      </span>
    </li>
  );
}

/** Everything that was ever done, newest first: rows are only added. */
function Ledger({
  past,
  onOpen,
}: {
  readonly past: readonly Mitigation[];
  readonly onOpen: (mitigationId: string) => void;
}) {
  const ledger = useCall(
    'mitigations.ledger',
    { mitigationId: null, limit: 500 },
    { events: ['mitigations.changed'] },
  );
  return (
    <CallView call={ledger} label="Reading the ledger">
      {(rows) =>
        rows.length === 0 ? (
          <EmptyState title="The ledger is empty">
            Every step of every block is written here, from its proposal to its end, and never changed.
          </EmptyState>
        ) : (
          <div className="ledger">
            {past.length > 0 ? (
              <Pane title={`Over (${past.length})`} padded={false} className="mitigate-pane">
                <DataTable<Mitigation>
                  label="Mitigations that are over"
                  rows={past.slice(0, 50)}
                  keyOf={(row) => row.id}
                  onOpen={(row) => onOpen(row.id)}
                  columns={[
                    { key: 'entries', header: 'Entries', render: (row) => <Entries entries={row.entries} /> },
                    { key: 'target', header: 'Target', render: (row) => row.targetName },
                    {
                      key: 'how',
                      header: 'How it ended',
                      render: (row) =>
                        row.endedHow === null ? mitigationStateWords[row.state] : endedWords[row.endedHow],
                    },
                    { key: 'when', header: 'Ended', render: (row) => <Time timeMs={row.endedMs} /> },
                    {
                      key: 'held',
                      header: 'Held',
                      data: true,
                      align: 'end',
                      render: (row) =>
                        row.appliedMs === null || row.endedMs === null
                          ? '–'
                          : formatDuration(row.endedMs - row.appliedMs),
                    },
                  ]}
                />
              </Pane>
            ) : null}
            <Pane title="Every step, newest first" padded={false} className="mitigate-pane">
              <DataTable
                label="Ledger"
                rows={rows.toSorted((left, right) => right.sequence - left.sequence)}
                keyOf={(row) => String(row.sequence)}
                onOpen={(row) => onOpen(row.mitigationId)}
                columns={[
                  {
                    key: 'time',
                    header: 'Time',
                    width: '200px',
                    render: (row) => <Time timeMs={row.timeMs} age={false} />,
                  },
                  {
                    key: 'state',
                    header: 'State',
                    width: '200px',
                    render: (row) => <MitigationStateBadge state={row.state} />,
                  },
                  {
                    key: 'actor',
                    header: 'By',
                    width: '160px',
                    render: (row) => <SafeText text={row.actor} plain />,
                  },
                  {
                    key: 'sentence',
                    header: 'What happened',
                    render: (row) => <SafeText text={row.sentence} limit={400} />,
                  },
                ]}
              />
            </Pane>
          </div>
        )
      }
    </CallView>
  );
}
