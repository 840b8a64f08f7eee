import type { Mitigation } from '../../shared/domain/mitigation.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  CallView,
  DataTable,
  EmptyState,
  MitigationStateBadge,
  mitigationStateWords,
  Pane,
  SafeText,
  Time,
  useCall,
} from '../ui/index.ts';
import { Entries } from './entries.tsx';
import { endedWords } from './mitigation-words.ts';

/** Everything that was ever done, newest first: rows are only added. */
export function Ledger({
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
