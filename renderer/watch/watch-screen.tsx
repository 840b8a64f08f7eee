import { useEffect, useMemo } from 'react';
import type { Service } from '../../shared/domain/customer.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  Button,
  EmptyState,
  LoadingState,
  Screen,
  SelectField,
  SplitPane,
  Tabs,
  useAction,
  useApp,
  useAppStore,
  useCommands,
  useCoreNow,
  useKeptState,
  useShowTime,
} from '../ui/index.ts';
import { BreakdownPanel } from './breakdown-panel.tsx';
import { ChartGrid } from './chart-grid.tsx';
import { serviceInTrouble } from './choose-signals.ts';
import { LifeOfRequest } from './life-of-request.tsx';
import { OpenPanel } from './open-panel.tsx';
import { RangePanel } from './range-panel.tsx';
import { useFindings } from './use-findings.ts';
import { useHistory } from './use-history.ts';
import './watch.css';

const windows = [
  { id: '900000', label: '15 min', keys: '1' },
  { id: '3600000', label: '1 h', keys: '2' },
  { id: '21600000', label: '6 h', keys: '3' },
  { id: '86400000', label: '24 h', keys: '4' },
] as const;
type WindowId = (typeof windows)[number]['id'];

/** What happens now: the way of a request, its charts, what is open, and what the traffic is made of. */
export function WatchScreen() {
  const store = useAppStore();
  const hello = useApp((state) => state.hello);
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const signals = useApp((state) => state.signals);
  const customerId = useApp((state) => state.customerId);
  const chosenServiceId = useApp((state) => state.serviceId);
  const brush = useApp((state) => state.brush);
  const [windowId, setWindowId] = useKeptState<WindowId>('watch.window', '3600000');
  const showTime = useShowTime();
  const coreNow = useCoreNow();
  const windowMs = Number(windowId);
  const findings = useFindings(windowMs);

  const shownServices = useMemo(
    () => services.filter((service) => customerId === null || service.customerId === customerId),
    [services, customerId],
  );
  const chosen = shownServices.find((service) => service.id === chosenServiceId);
  // Without a choice the service in trouble is shown first; once shown it stays, so that nothing jumps.
  const [heldServiceId, setHeldServiceId] = useKeptState<string | null>('watch.held-service', null);
  const trouble = serviceInTrouble(findings);
  const held = shownServices.find((service) => service.id === heldServiceId);
  const active =
    chosen ?? held ?? shownServices.find((service) => service.id === trouble) ?? shownServices[0] ?? null;
  useEffect(() => {
    if (trouble !== null && heldServiceId === null) setHeldServiceId(trouble);
  }, [trouble, heldServiceId, setHeldServiceId]);

  const activeSignals = useMemo(
    () => signals.filter((signal) => signal.serviceId === active?.id),
    [signals, active?.id],
  );
  const signalsById = useMemo(() => new Map(signals.map((signal) => [signal.id, signal])), [signals]);
  const customerNames = useMemo(() => new Map(customers.map((each) => [each.id, each.name])), [customers]);
  const otherSignalIds = useMemo(
    () =>
      signals
        .filter((signal) => shownServices.some((service) => service.id === signal.serviceId))
        .filter((signal) => signal.serviceId !== active?.id)
        .map((signal) => signal.id),
    [signals, shownServices, active?.id],
  );
  // The strips of the other services need their newest values only.
  useHistory(otherSignalIds, 5 * 60_000);

  const choose = (service: Service) => store.getState().setFocus({ customerId, serviceId: service.id });
  const step = (by: number) => {
    const index = shownServices.findIndex((service) => service.id === active?.id);
    const next = shownServices[(index + by + shownServices.length) % shownServices.length];
    if (next) choose(next);
  };
  const showFinding = (finding: Finding) => {
    const service = services.find((each) => each.id === finding.serviceId);
    if (service) store.getState().setFocus({ customerId, serviceId: service.id });
    store.getState().setBrush({
      fromMs: finding.startMs - 60_000,
      toMs: Math.max(finding.endMs ?? coreNow(), finding.startMs + 60_000),
    });
  };

  useCommands([
    ...windows.map((each) => ({
      id: `watch.window-${each.id}`,
      title: `Show the last ${each.label}`,
      group: 'Watch',
      keys: [each.keys],
      run: () => setWindowId(each.id),
    })),
    { id: 'watch.next', title: 'Next service', group: 'Watch', keys: [']'], run: () => step(1) },
    { id: 'watch.previous', title: 'Previous service', group: 'Watch', keys: ['['], run: () => step(-1) },
    {
      id: 'watch.brush',
      title: 'Brush the last 5 minutes',
      group: 'Watch',
      keys: ['b'],
      run: () => store.getState().setBrush({ fromMs: coreNow() - 300_000, toMs: coreNow() }),
    },
    {
      id: 'watch.clear',
      title: 'Clear the brushed range',
      group: 'Watch',
      keys: ['Escape'],
      enabled: brush !== null,
      run: () => store.getState().setBrush(null),
    },
    {
      id: 'watch.charts',
      title: 'Go to the first chart',
      group: 'Watch',
      keys: ['c'],
      run: () => document.querySelector<HTMLElement>('.chart-grid-pane .chart')?.focus(),
    },
    {
      id: 'watch.open',
      title: 'Go to what is open',
      group: 'Watch',
      keys: ['o'],
      run: () => document.querySelector<HTMLElement>('.open-item')?.focus(),
    },
  ]);

  if (!hello) {
    return (
      <Screen label="Watch">
        <LoadingState label="Starting" />
      </Screen>
    );
  }
  if (signals.length === 0) return <NothingWatched />;

  return (
    <Screen
      label="Watch"
      bar={
        <>
          <SelectField
            label="Customer"
            hideLabel
            className="watch-customer"
            value={customerId ?? ''}
            options={[
              { value: '', label: 'All customers' },
              ...customers.map((each) => ({ value: each.id, label: each.name })),
            ]}
            onChange={(value) =>
              store.getState().setFocus({ customerId: value === '' ? null : value, serviceId: null })
            }
          />
          <Tabs label="Time range" look="segmented" tabs={windows} active={windowId} onChange={setWindowId} />
          {brush ? (
            <span className="brush-chip">
              <span className="tabular">
                {showTime(brush.fromMs, 'clock')} to {showTime(brush.toMs, 'clock')},{' '}
                {formatDuration(brush.toMs - brush.fromMs)}
              </span>
              <Button small icon="queue" onClick={() => store.getState().goTo('queue')}>
                Show in queue
              </Button>
              <Button small variant="quiet" keys="Escape" onClick={() => store.getState().setBrush(null)}>
                Clear
              </Button>
            </span>
          ) : (
            <span className="faint small truncate">Drag on a chart to brush a range</span>
          )}
          <span className="grow" />
          <RangePanel customerId={active?.customerId ?? customerId} />
        </>
      }
    >
      <LifeOfRequest
        services={shownServices}
        signals={signals}
        findings={findings}
        activeServiceId={active?.id ?? null}
        customerNames={customerNames}
        onChoose={choose}
      />
      <SplitPane
        id="watch.bottom"
        side="bottom"
        initialSize={250}
        minSize={140}
        minMain={262}
        paneLabel="What is open, and traffic"
        main={
          <section
            className="chart-area"
            aria-label={toSafeExcerpt(`Charts of ${active?.name ?? 'the service'}`, 300)}
          >
            <ChartGrid
              signals={activeSignals}
              findings={findings}
              windowMs={windowMs}
              onFinding={showFinding}
            />
          </section>
        }
        pane={
          <div className="watch-bottom">
            <section className="watch-open" aria-label="What is open">
              <OpenPanel findings={findings} signals={signalsById} onFinding={showFinding} />
            </section>
            <BreakdownPanel customerId={active?.customerId ?? null} serviceId={active?.id ?? null} />
          </div>
        }
      />
    </Screen>
  );
}

/** Nothing has come yet: what will be here, and what to do now. */
function NothingWatched() {
  const store = useAppStore();
  const sources = useApp((state) => state.status?.sources.length ?? 0);
  const inRange = useApp((state) => state.hello?.workspace === 'range');
  const enter = useAction('app.openWorkspace');
  return (
    <Screen label="Watch">
      {sources > 0 || inRange ? (
        <EmptyState title="No signals yet">
          The sources are connected; their signals appear here with the first samples.
        </EmptyState>
      ) : (
        <EmptyState
          title="Nothing is watched yet"
          action={
            <>
              <Button
                variant="primary"
                onClick={() => store.getState().goTo('settings', { section: 'sources' })}
              >
                Connect a source
              </Button>
              <Button busy={enter.running} onClick={() => void enter.run({ workspace: 'range' })}>
                Enter the range
              </Button>
            </>
          }
        >
          Once a source delivers, its signals are drawn here with what is usual for each hour, and every
          deviation is marked. The range is a simulated network to try everything on.
        </EmptyState>
      )}
    </Screen>
  );
}
