import { useState } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import {
  Button,
  EmptyState,
  ErrorNote,
  LoadingState,
  Notice,
  SafeText,
  Time,
  useAction,
  useCall,
  useCommands,
  VirtualTable,
} from '../ui/index.ts';

type AuditRow = MethodOutput<'audit.list'>[number];

/** Who did what, hash-chained and signed; the chain can be verified here. */
export function AuditSection() {
  const call = useCall('audit.list', { limit: 2_000 }, { everyMs: 10_000 });
  const verify = useAction('audit.verify');
  const [result, setResult] = useState<MethodOutput<'audit.verify'> | null>(null);
  const [activeIndex, setActiveIndex] = useState(0);
  const rows = (call.data ?? []).toSorted((left, right) => right.sequence - left.sequence);
  const check = async () => {
    const answer = await verify.run({});
    if (answer) setResult(answer);
  };
  useCommands([
    {
      id: 'settings.audit.verify',
      title: 'Verify the audit log',
      group: 'Settings',
      keys: ['v'],
      run: () => void check(),
    },
  ]);
  return (
    <div className="settings-list is-filling">
      <div className="settings-bar">
        <p className="quiet grow">
          Rows are only added, each chained to the one before by its hash and signed.
        </p>
        <Button icon="lock" keys="v" busy={verify.running} onClick={() => void check()}>
          Verify
        </Button>
      </div>
      {result ? <Notice tone={result.ok ? 'good' : 'error'}>{result.sentence}</Notice> : null}
      {verify.error ? <ErrorNote error={verify.error} /> : null}
      {call.error ? <ErrorNote error={call.error} /> : null}
      <VirtualTable<AuditRow>
        label="Audit log, newest first"
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => String(row.sequence)}
        activeIndex={rows.length === 0 ? -1 : Math.min(activeIndex, rows.length - 1)}
        onActiveChange={setActiveIndex}
        screenKeys
        keysGroup="Audit log"
        empty={
          call.loading ? (
            <LoadingState label="Reading the audit log" />
          ) : (
            <EmptyState title="Nothing was done yet">
              What people and Watchfloor do is written here.
            </EmptyState>
          )
        }
        columns={[
          {
            key: 'sequence',
            header: 'No.',
            width: '60px',
            align: 'end',
            data: true,
            render: (row) => row.sequence.toLocaleString('en'),
          },
          {
            key: 'time',
            header: 'Time',
            width: '180px',
            render: (row) => <Time timeMs={row.timeMs} age={false} />,
          },
          {
            key: 'actor',
            header: 'By',
            width: '140px',
            render: (row) => <SafeText text={row.actor} limit={60} plain />,
          },
          {
            key: 'action',
            header: 'Action',
            width: '180px',
            data: true,
            render: (row) => <SafeText text={row.action} limit={60} plain />,
          },
          {
            key: 'sentence',
            header: 'What happened',
            width: 'minmax(200px, 1fr)',
            render: (row) => <SafeText text={row.sentence} limit={300} plain />,
          },
          {
            key: 'hash',
            header: 'Hash',
            width: '120px',
            data: true,
            render: (row) => (
              <span className="quiet" title={row.hash}>
                {row.hash.slice(0, 12)}…
              </span>
            ),
          },
        ]}
      />
    </div>
  );
}
