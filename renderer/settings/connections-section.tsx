import { useState } from 'react';
import type { Connection, Descriptor } from '../../shared/domain/connection.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  Badge,
  CallView,
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorNote,
  HealthBadge,
  LoadingState,
  MenuButton,
  ProgressBar,
  SafeText,
  SimulatedMark,
  SplitPane,
  Time,
  useApp,
  useCall,
  useCommands,
} from '../ui/index.ts';
import { ConnectionPane } from './connection-pane.tsx';

const roleWords = {
  source: { one: 'source', many: 'Sources', add: 'Add source' },
  target: { one: 'target', many: 'Targets', add: 'Add target' },
} as const;

type Open =
  | { readonly kind: 'stored'; readonly id: string }
  | { readonly kind: 'new'; readonly descriptor: Descriptor };

/** The list of sources or targets with how each does, and the form of the one that is open. */
export function ConnectionsSection({
  role,
  openId,
  onOpen,
}: {
  readonly role: Connection['role'];
  readonly openId: string | null;
  readonly onOpen: (id: string | null) => void;
}) {
  const customers = useApp((state) => state.customers);
  const connections = useCall('connections.list', {}, { events: ['connections.changed'] });
  const kinds = useCall('connections.kinds', {});
  const [adding, setAdding] = useState<Descriptor | null>(null);
  const rows = (connections.data ?? []).filter((row) => row.role === role);
  const addable = (kinds.data ?? []).filter((kind) => kind.role === role && kind.userAddable);
  const stored = rows.find((row) => row.id === openId);
  const open: Open | null =
    adding !== null ? { kind: 'new', descriptor: adding } : stored ? { kind: 'stored', id: stored.id } : null;
  const words = roleWords[role];
  const close = () => {
    setAdding(null);
    onOpen(null);
  };
  useCommands([
    {
      id: `settings.${role}.close`,
      title: 'Close the form',
      group: 'Settings',
      keys: ['Escape'],
      hidden: true,
      enabled: open !== null,
      run: close,
    },
    ...addable.map((kind) => ({
      id: `settings.add.${role}.${kind.kind}`,
      title: `${words.add}: ${kind.name}`,
      group: 'Settings',
      run: () => setAdding(kind),
    })),
  ]);
  const addButton = (
    <MenuButton
      label={words.add}
      icon="plus"
      showLabel
      align="end"
      items={addable.map((kind) => ({
        id: kind.kind,
        label: kind.name,
        hint: kind.summary,
        onSelect: () => setAdding(kind),
      }))}
    />
  );
  const customerName = (id: string | null) =>
    id === null ? '–' : (customers.find((each) => each.id === id)?.name ?? id);

  // Beside an open form there is room for the name and the health; the rest stands in the form.
  const isNarrow = open !== null;
  const wideColumns: readonly DataColumn<Connection>[] = [
    {
      key: 'last',
      header: 'Last success',
      render: (row) =>
        row.health.lastSuccessMs === null ? (
          <span className="quiet">None yet</span>
        ) : (
          <Time timeMs={row.health.lastSuccessMs} format="clock" />
        ),
    },
    ...(role === 'source'
      ? [
          {
            key: 'lag',
            header: 'Lag',
            align: 'end' as const,
            data: true,
            render: (row: Connection) => (row.health.lagMs === null ? '–' : formatDuration(row.health.lagMs)),
          },
          {
            key: 'received',
            header: 'Received',
            align: 'end' as const,
            data: true,
            render: (row: Connection) => row.health.eventsReceived.toLocaleString('en'),
          },
          {
            key: 'rejected',
            header: 'Rejected',
            align: 'end' as const,
            data: true,
            render: (row: Connection) => row.health.recordsRejected.toLocaleString('en'),
          },
        ]
      : []),
    {
      key: 'customer',
      header: 'Customer',
      render: (row) => <SafeText text={customerName(row.customerId)} limit={60} plain />,
    },
  ];
  const main = (
    <div className="settings-list">
      <div className="settings-bar">
        <p className="quiet grow">
          {role === 'source'
            ? 'Where signals and alerts come from. What a source could not tell is never shown as zero.'
            : 'Where approved blocks are applied. A target does nothing before somebody approved.'}
        </p>
        {addButton}
      </div>
      {kinds.error ? <ErrorNote error={kinds.error} /> : null}
      <CallView call={connections} label={`Reading the ${words.one}s`}>
        {() => (
          <DataTable<Connection>
            label={words.many}
            rows={rows}
            keyOf={(row) => row.id}
            onOpen={(row) => {
              setAdding(null);
              onOpen(row.id);
            }}
            isActive={(row) => open?.kind === 'stored' && row.id === open.id}
            empty={
              <EmptyState title={`No ${words.one} yet`} action={addButton}>
                {role === 'source'
                  ? 'Connect Prometheus, Alertmanager, HAProxy, Suricata or a webhook; “Test this source” says what it sees before anything is stored.'
                  : 'Connect the HAProxy that stands in front of the service; “Test this target” checks its configuration without changing anything.'}
              </EmptyState>
            }
            columns={[
              {
                key: 'name',
                header: 'Name',
                render: (row) => (
                  <span className="connection-name">
                    <SafeText text={row.name} limit={80} plain /> {row.simulated ? <SimulatedMark /> : null}
                    {isNarrow ? <span className="connection-kind">{row.kind}</span> : null}
                  </span>
                ),
              },
              ...(isNarrow
                ? []
                : [
                    {
                      key: 'kind',
                      header: 'Kind',
                      render: (row: Connection) => <span className="quiet">{row.kind}</span>,
                    },
                  ]),
              {
                key: 'health',
                header: 'Health',
                render: (row) => (
                  <span className="connection-health">
                    {row.enabled ? <HealthBadge state={row.health.state} /> : <Badge outline>Disabled</Badge>}
                    <span className="connection-sentence">
                      <SafeText text={row.health.sentence} limit={180} plain />
                    </span>
                    {row.health.progress ? (
                      <ProgressBar
                        label={row.health.progress.text}
                        done={row.health.progress.done}
                        total={row.health.progress.total}
                      />
                    ) : null}
                  </span>
                ),
              },
              ...(isNarrow ? [] : wideColumns),
            ]}
          />
        )}
      </CallView>
    </div>
  );

  const descriptor =
    open === null
      ? undefined
      : open.kind === 'new'
        ? open.descriptor
        : kinds.data?.find((kind) => kind.kind === stored?.kind && kind.role === role);
  return (
    <SplitPane
      id="settings.connection"
      paneLabel={role === 'source' ? 'Source' : 'Target'}
      initialSize={588}
      minSize={360}
      main={main}
      pane={
        open === null ? null : descriptor === undefined ? (
          <LoadingState label="Reading its form" />
        ) : (
          <ConnectionPane
            key={open.kind === 'stored' ? open.id : `new ${descriptor.kind}`}
            descriptor={descriptor}
            connection={open.kind === 'stored' ? (stored ?? null) : null}
            onClose={close}
            onSaved={(saved) => {
              setAdding(null);
              onOpen(saved.id);
              connections.refetch();
            }}
            onRemoved={() => {
              close();
              connections.refetch();
            }}
          />
        )
      }
    />
  );
}
