import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import type { Alert } from '../../shared/domain/alert.ts';
import { formatCount } from '../../shared/domain/quantity.ts';
import type { Finding, Signal } from '../../shared/domain/signal.ts';
import {
  Age,
  CallView,
  EmptyState,
  FindingPin,
  SafeText,
  SeverityBadge,
  stageWords,
  Tabs,
  Time,
  useAppStore,
  useCall,
  useKeptState,
} from '../ui/index.ts';

/** What is open now: actionable alerts, and the findings that charts show, each with its sentence. */
export function OpenPanel({
  findings,
  signals,
  onFinding,
}: {
  readonly findings: readonly Finding[];
  readonly signals: ReadonlyMap<string, Signal>;
  readonly onFinding: (finding: Finding) => void;
}) {
  const store = useAppStore();
  const [tab, setTab] = useKeptState<'alerts' | 'findings'>('watch.open', 'alerts');
  const call = useCall(
    'alerts.query',
    {
      lane: 'actionable',
      text: '',
      fromMs: null,
      toMs: null,
      includeDone: false,
      sort: 'received',
      upToSequence: null,
      offset: 0,
      limit: 50,
    },
    { events: ['alerts.changed'] },
  );
  const open = findings.filter((finding) => finding.state === 'open');
  return (
    <Tabs
      label="What is open"
      active={tab}
      onChange={setTab}
      tabs={[
        { id: 'alerts', label: 'Actionable', count: call.data?.total ?? null },
        { id: 'findings', label: 'Open findings', count: open.length },
      ]}
    >
      {tab === 'alerts' ? (
        <CallView call={call} label="Loading alerts" errorTitle="The alerts could not be loaded">
          {(data) =>
            data.rows.length === 0 ? (
              <EmptyState title="Nothing needs you">
                Alerts that need a person appear here with the reason in one sentence.
              </EmptyState>
            ) : (
              <Items label="Actionable alerts">
                {data.rows.map((alert) => (
                  <AlertItem
                    key={alert.id}
                    alert={alert}
                    onOpen={() => store.getState().goTo('queue', { alertId: alert.id })}
                  />
                ))}
              </Items>
            )
          }
        </CallView>
      ) : open.length === 0 ? (
        <EmptyState title="Nothing deviates">Every signal is within what is usual for this hour.</EmptyState>
      ) : (
        <Items label="Open findings">
          {[...open].reverse().map((finding) => (
            <button key={finding.id} type="button" className="open-item" onClick={() => onFinding(finding)}>
              <span className="open-line">
                <FindingPin finding={finding} />
                <span className="truncate grow">
                  {signals.get(finding.signalId)?.name ?? 'Signal'}{' '}
                  <span className="faint">{stageWords[finding.stage].toLowerCase()}</span>
                </span>
                <span className="faint small">
                  since <Time timeMs={finding.startMs} format="clock" />
                </span>
              </span>
              <span className="open-why">
                <SafeText text={finding.sentence} limit={400} plain />
              </span>
            </button>
          ))}
        </Items>
      )}
    </Tabs>
  );
}

function AlertItem({ alert, onOpen }: { readonly alert: Alert; readonly onOpen: () => void }) {
  return (
    <button type="button" className="open-item" onClick={onOpen}>
      <span className="open-line">
        <SeverityBadge severity={alert.severity} compact hollow={alert.status !== 'new'} />
        <span className="truncate grow open-title">
          <SafeText text={alert.title} limit={160} plain />
        </span>
        <span className="mono tabular faint">×{formatCount(alert.count)}</span>
        <span className="small open-age">
          <Age timeMs={alert.receivedMs} />
        </span>
      </span>
      <span className="open-why">
        <SafeText text={alert.why} limit={400} plain />
      </span>
    </button>
  );
}

/** A list of buttons through which j, k and the arrows move. */
function Items({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = ['j', 'ArrowDown'].includes(event.key) ? 1 : ['k', 'ArrowUp'].includes(event.key) ? -1 : 0;
    if (step === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = [...(ref.current?.querySelectorAll<HTMLButtonElement>('.open-item') ?? [])];
    const index = items.findIndex((item) => item.isSameNode(document.activeElement));
    items[Math.max(0, Math.min(items.length - 1, index + step))]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: the keys of a list of buttons belong to their group
    <div ref={ref} role="group" aria-label={label} className="open-items" onKeyDown={onKeyDown}>
      {children}
    </div>
  );
}
