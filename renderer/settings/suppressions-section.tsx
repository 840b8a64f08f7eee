import { useState } from 'react';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { mostSuppressions, type SuppressionEffect } from '../../shared/domain/suppression.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import {
  Badge,
  Button,
  CallView,
  type Column,
  EmptyState,
  Facts,
  IconButton,
  Pane,
  SafeText,
  Section,
  SeverityBadge,
  SplitPane,
  Time,
  useApp,
  useCall,
  useCommands,
  useKeptState,
  useNow,
  VirtualTable,
} from '../ui/index.ts';
import { EndDialog, ExtendDialog, MaintenanceDialog } from './suppression-dialogs.tsx';
import {
  scopeWords,
  suppressionState,
  suppressionStateWords,
  suppressionTime,
  weeklyWords,
} from './suppression-words.ts';

type OpenDialog = 'maintenance' | 'extend' | 'end';

const kindWords = { query: 'Suppression', maintenance: 'Maintenance' } as const;

/** What is kept from calling anybody: by whom, why, until when, and what each of it hid. */
export function SuppressionsSection({
  openId,
  onOpen,
}: {
  readonly openId: string | null;
  readonly onOpen: (id: string | null) => void;
}) {
  const call = useCall('suppressions.list', {}, { everyMs: 5_000, events: ['alerts.changed'] });
  const goTo = useApp((state) => state.goTo);
  const notify = useApp((state) => state.notify);
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const nowMs = useNow();
  const [activeId, setActiveId] = useKeptState<string | null>('settings.suppression.active', null);
  const [dialog, setDialog] = useState<OpenDialog | null>(null);

  const rows = call.data ?? [];
  const activePlace = Math.max(
    0,
    rows.findIndex(({ id }) => id === (openId ?? activeId)),
  );
  const active = rows[activePlace];
  const open = rows.find(({ id }) => id === openId);
  const isOver = active === undefined || suppressionState(active, nowMs) === 'ended';
  const names = {
    customer: (id: string) => customers.find((each) => each.id === id)?.name,
    service: (id: string) => services.find((each) => each.id === id)?.name,
  };
  const inForce = rows.filter((row) => suppressionState(row, nowMs) !== 'ended').length;
  const showInQueue = (row: SuppressionEffect | undefined) => {
    if (row) goTo('queue', { query: `suppressed:${row.id}`, includeDone: true });
  };
  const done = (text: string) => {
    setDialog(null);
    notify({ text, tone: 'good' });
    call.refetch();
  };
  useCommands([
    {
      id: 'settings.maintenance.new',
      title: 'New maintenance window',
      group: 'Suppressions',
      keys: ['n'],
      run: () => setDialog('maintenance'),
    },
    {
      id: 'settings.suppression.show',
      title: 'Show in the queue what it hid',
      group: 'Suppressions',
      keys: ['s'],
      enabled: active !== undefined,
      run: () => showInQueue(active),
    },
    {
      id: 'settings.suppression.extend',
      title: 'Change the end of the suppression',
      group: 'Suppressions',
      keys: ['e'],
      enabled: !isOver && active.weekly === false,
      run: () => setDialog('extend'),
    },
    {
      id: 'settings.suppression.end',
      title: 'End the suppression now',
      group: 'Suppressions',
      keys: ['t'],
      enabled: !isOver,
      run: () => setDialog('end'),
    },
    {
      id: 'settings.suppression.close',
      title: 'Close the details',
      group: 'Suppressions',
      keys: ['Escape'],
      hidden: true,
      enabled: open !== undefined,
      run: () => onOpen(null),
    },
  ]);

  // Beside open details there is room for what it is about; the rest stands in them.
  const kind: readonly Column<SuppressionEffect>[] = [
    {
      key: 'kind',
      header: 'Kind',
      width: '98px',
      render: (row) => (row.weekly ? 'Weekly' : kindWords[row.scope.kind]),
    },
  ];
  const wide: readonly Column<SuppressionEffect>[] = [
    {
      key: 'owner',
      header: 'Owner',
      width: '116px',
      render: (row) => <SafeText text={row.owner} limit={60} plain />,
    },
    {
      key: 'up-to',
      header: 'Up to',
      width: '124px',
      render: (row) => <SeverityBadge severity={row.upTo} />,
    },
  ];
  const columns: readonly Column<SuppressionEffect>[] = [
    {
      key: 'state',
      header: 'State',
      width: '78px',
      render: (row) => {
        const state = suppressionState(row, nowMs);
        return (
          <span className={state === 'in-force' ? 'suppression-in-force' : 'quiet'}>
            {suppressionStateWords[state]}
          </span>
        );
      },
    },
    {
      key: 'time',
      header: 'Time',
      width: '136px',
      data: true,
      render: (row) => (
        <span title={`${formatUtc(row.startMs)} to ${formatUtc(row.endedMs ?? row.endMs)}`}>
          {suppressionTime(row, nowMs)}
        </span>
      ),
    },
    ...(open === undefined ? kind : []),
    {
      key: 'what',
      header: 'Reason and alerts',
      width: 'minmax(180px, 1fr)',
      render: (row) => {
        const scope = scopeWords(row, names);
        return (
          <span title={toSafeExcerpt(`${row.reason}. ${scope}`, 700)}>
            <span className="suppression-reason">
              <SafeText text={row.reason} limit={160} plain />
            </span>
            <span className={row.scope.kind === 'query' ? 'suppression-scope mono' : 'suppression-scope'}>
              <SafeText text={scope} limit={220} plain />
            </span>
          </span>
        );
      },
    },
    ...(open === undefined ? wide : []),
    {
      key: 'hidden',
      header: 'Hid',
      width: '76px',
      align: 'end',
      data: true,
      render: (row) => row.hidden.toLocaleString('en'),
    },
  ];

  const main = (
    <div className="settings-list is-filling">
      <div className="settings-bar">
        <h2 className="settings-heading">Suppressions</h2>
        <p className="quiet grow">
          {/* Beside open details there is no room for it. */}
          {open === undefined
            ? 'A suppression holds alerts out of the queue; a maintenance window keeps them informational. Both are agreed by somebody, end by themselves, and lose nothing. '
            : ''}
          {inForce === 0 ? '' : `${inForce.toLocaleString('en')} of ${mostSuppressions} in force or to come.`}
        </p>
        <Button icon="plus" keys="n" onClick={() => setDialog('maintenance')}>
          Maintenance window
        </Button>
      </div>
      <CallView call={call} label="Reading the suppressions">
        {() => (
          <VirtualTable<SuppressionEffect>
            label="Suppressions and maintenance windows"
            count={rows.length}
            rowAt={(index) => rows[index]}
            keyOf={(row) => row.id}
            activeIndex={rows.length === 0 ? -1 : activePlace}
            onActiveChange={(index) => {
              const id = rows[index]?.id ?? null;
              setActiveId(id);
              if (openId !== null) onOpen(id);
            }}
            onOpen={(index) => onOpen(rows[index]?.id ?? null)}
            screenKeys
            keysGroup="List of suppressions"
            rowLabel={(row) =>
              `${kindWords[row.scope.kind]}, ${suppressionStateWords[suppressionState(row, nowMs)]}: ${toSafeExcerpt(row.reason, 200)}`
            }
            rowClass={(row) => (suppressionState(row, nowMs) === 'ended' ? 'suppression-ended' : null)}
            empty={
              <EmptyState
                title="Nothing is suppressed"
                action={<Button onClick={() => setDialog('maintenance')}>Plan a maintenance window</Button>}
              >
                In the queue, h suppresses all alerts like the one at hand, Shift+h the search that is shown.
                What is held is listed here with its reason and its end.
              </EmptyState>
            }
            columns={columns}
          />
        )}
      </CallView>
    </div>
  );

  return (
    <>
      <SplitPane
        id="settings.suppression"
        paneLabel="Details of the suppression"
        initialSize={440}
        minSize={340}
        main={main}
        pane={
          open === undefined ? null : (
            <SuppressionPane
              suppression={open}
              scope={scopeWords(open, names)}
              nowMs={nowMs}
              onShow={() => showInQueue(open)}
              onExtend={() => setDialog('extend')}
              onEnd={() => setDialog('end')}
              onClose={() => onOpen(null)}
            />
          )
        }
      />
      {dialog === 'maintenance' ? (
        <MaintenanceDialog
          onClose={() => setDialog(null)}
          onDone={(made) => {
            setActiveId(made.id);
            done('Saved the maintenance window');
          }}
        />
      ) : null}
      {dialog === 'extend' && active !== undefined ? (
        <ExtendDialog
          suppression={active}
          onClose={() => setDialog(null)}
          onDone={() => done('Changed its end')}
        />
      ) : null}
      {dialog === 'end' && active !== undefined ? (
        <EndDialog
          suppression={active}
          onClose={() => setDialog(null)}
          onDone={() => done('Ended. What goes on is in the queue')}
        />
      ) : null}
    </>
  );
}

/** All of one suppression: what was agreed, and what it hid. */
function SuppressionPane({
  suppression,
  scope,
  nowMs,
  onShow,
  onExtend,
  onEnd,
  onClose,
}: {
  readonly suppression: SuppressionEffect;
  readonly scope: string;
  readonly nowMs: number;
  readonly onShow: () => void;
  readonly onExtend: () => void;
  readonly onEnd: () => void;
  readonly onClose: () => void;
}) {
  const goTo = useApp((state) => state.goTo);
  const { hidden, holding, newest, weekly, endedMs, endedBy } = suppression;
  const isOver = suppressionState(suppression, nowMs) === 'ended';
  const isHold = suppression.scope.kind === 'query';
  return (
    <Pane
      title={
        <span className="suppression-title">
          {isHold ? 'Suppression' : 'Maintenance window'}
          <Badge outline>{suppressionStateWords[suppressionState(suppression, nowMs)]}</Badge>
        </span>
      }
      aside={<IconButton icon="close" label="Close details" keys="Escape" onClick={onClose} />}
    >
      <p className="suppression-why">
        <SafeText text={suppression.reason} multiline limit={500} />
      </p>
      <div className="suppression-buttons">
        <Button keys="s" onClick={onShow}>
          Show in the queue
        </Button>
        <Button keys="e" disabled={isOver || weekly} onClick={onExtend}>
          Another end
        </Button>
        <Button keys="t" disabled={isOver} onClick={onEnd}>
          End now
        </Button>
      </div>
      <Section title="Agreed">
        <Facts
          items={[
            {
              name: isHold ? 'Alerts' : 'For',
              value: (
                <span className={isHold ? 'mono suppression-query' : undefined}>
                  <SafeText text={scope} multiline limit={2000} />
                </span>
              ),
            },
            { name: 'Up to', value: <SeverityBadge severity={suppression.upTo} /> },
            { name: 'Owner', value: <SafeText text={suppression.owner} plain /> },
            { name: 'Made', value: <Time timeMs={suppression.createdMs} /> },
            ...(weekly
              ? [{ name: 'When', value: weeklyWords(suppression) }]
              : [
                  { name: 'From', value: <Time timeMs={suppression.startMs} /> },
                  { name: 'Until', value: <Time timeMs={suppression.endMs} /> },
                ]),
            ...(endedMs === null
              ? []
              : [
                  { name: 'Ended', value: <Time timeMs={endedMs} /> },
                  { name: 'Ended by', value: <SafeText text={endedBy ?? 'itself, at its time'} plain /> },
                ]),
          ]}
        />
      </Section>
      <Section title={isHold ? `Hid ${countOf(hidden)}` : `Moved ${countOf(hidden)}`}>
        {hidden === 0 ? (
          <p className="quiet">
            {isHold ? 'Nothing yet. What matches appears here and not in the queue.' : 'Nothing yet.'}
          </p>
        ) : (
          <>
            <p className="quiet">
              {holding === hidden
                ? isHold
                  ? 'All of them are still held.'
                  : 'All of them are still informational because of it.'
                : `${holding.toLocaleString('en')} still ${isHold ? 'held' : 'informational because of it'}.`}
              {hidden > newest.length ? ` The newest ${newest.length}:` : ''}
            </p>
            <ul className="suppression-newest" aria-label="The newest alerts">
              {newest.map((alert) => (
                <li key={alert.alertId}>
                  <button
                    type="button"
                    className="suppression-alert"
                    onClick={() =>
                      goTo('queue', {
                        query: `suppressed:${suppression.id}`,
                        includeDone: true,
                        alertId: alert.alertId,
                      })
                    }
                  >
                    <SeverityBadge severity={alert.severity} compact />
                    <Time timeMs={alert.sinceMs} format="clock" age={false} />
                    <SafeText text={alert.title} limit={160} plain />
                    <span className="tabular quiet">×{alert.count.toLocaleString('en')}</span>
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </Section>
    </Pane>
  );
}

function countOf(alerts: number): string {
  return `${alerts.toLocaleString('en')} ${alerts === 1 ? 'alert' : 'alerts'}`;
}
