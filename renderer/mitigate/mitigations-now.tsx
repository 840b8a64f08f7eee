import type { Orphan } from '../../shared/domain/mitigation.ts';
import { Button, CallView, DataTable, Notice, Pane, SafeText, Time } from '../ui/index.ts';
import { ActiveRow, WaitingRow } from './mitigation-rows.tsx';
import type { MitigateDesk } from './use-mitigate-desk.ts';

/** What waits for a decision, what is in force, and what is on a target that the ledger does not know. */
export function MitigationsNow({ desk }: { readonly desk: MitigateDesk }) {
  const { waiting, active, orphans } = desk;
  return (
    <CallView
      call={desk.mitigations}
      label="Reading the mitigations"
      errorTitle="The mitigations could not be read"
    >
      {() => (
        <div className="mitigate-now">
          <Pane title={`Waiting for approval (${waiting.length})`} padded={false} className="mitigate-pane">
            {waiting.length === 0 ? (
              <p className="mitigate-none">
                Nothing waits. Propose a block from an alert or a case with <kbd className="kbd">p</kbd>.
              </p>
            ) : (
              <ul className="mitigation-list" aria-label="Waiting for approval">
                {waiting.map((row) => (
                  <WaitingRow
                    key={row.id}
                    row={row}
                    customer={desk.customerName(row.customerId)}
                    onDecide={() => desk.openDialog({ kind: 'approve', id: row.id })}
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
                    customer={desk.customerName(row.customerId)}
                    onOpen={() => desk.openDialog({ kind: 'approve', id: row.id })}
                    onUndo={() => desk.openDialog({ kind: 'undo', mitigation: row })}
                    onVerify={() => desk.ask(row)}
                    onApply={() => desk.apply(row)}
                  />
                ))}
              </ul>
            )}
          </Pane>
          {orphans.length > 0 ? (
            <Orphans orphans={orphans} onRemove={(orphan) => desk.openDialog({ kind: 'orphan', orphan })} />
          ) : null}
        </div>
      )}
    </CallView>
  );
}

function Orphans({
  orphans,
  onRemove,
}: {
  readonly orphans: readonly Orphan[];
  readonly onRemove: (orphan: Orphan) => void;
}) {
  return (
    <Pane
      title={`On a target, not in the ledger (${orphans.length})`}
      padded={false}
      className="mitigate-pane"
    >
      <Notice tone="warning">
        These carry our mark but the ledger does not know them: another installation made them, or the data
        directory is older than they are.
      </Notice>
      <DataTable
        label="Orphans"
        rows={orphans}
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
              <Button small variant="danger" onClick={() => onRemove(orphan)}>
                Remove
              </Button>
            ),
          },
        ]}
      />
    </Pane>
  );
}
