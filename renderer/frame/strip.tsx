import { useEffect } from 'react';
import type { Status } from '../../shared/api/contract.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { formatUtcClock } from '../../shared/domain/time.ts';
import { Icon } from '../ui/icon.tsx';
import {
  Button,
  classNames,
  SimulatedMark,
  showTime,
  useAction,
  useApp,
  useAppStore,
  useNow,
} from '../ui/index.ts';

/** The line at the top: how things stand in words, whether the sources can be relied on, the clocks. */
export function Strip() {
  const status = useApp((state) => state.status);
  const hello = useApp((state) => state.hello);
  const waiting = status?.actionableOpen ?? 0;
  // What waits shows on the taskbar, too.
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Watchfloor` : 'Watchfloor';
  }, [waiting]);
  return (
    <section className="strip" aria-label="Overall state">
      <Overall status={status} />
      <SourcesHealth status={status} />
      <span className="grow" />
      {hello?.simulated ? <RangeControls liveConfigured={hello.liveConfigured} /> : null}
      <Clocks />
    </section>
  );
}

function Overall({ status }: { readonly status: Status | null }) {
  const store = useAppStore();
  if (!status) return <span className="strip-overall secondary">Waiting for the core</span>;
  // The queue decides what needs a person: findings that belong to a crowd, or to what was stopped, do not.
  const calm = status.actionableOpen === 0 && status.mitigationsUnknown === 0;
  return (
    <div className={classNames('strip-overall', calm ? 'is-calm' : 'is-alarmed')} role="status">
      <span className="strip-dot" aria-hidden="true" />
      <button type="button" className="strip-link" onClick={() => store.getState().goTo('queue')}>
        <strong className="tabular">{status.actionableOpen.toLocaleString('en')}</strong> actionable
        <span className="strip-separator"> · </span>
        <span className="tabular">{status.informationalOpen.toLocaleString('en')}</span> informational
      </button>
      {status.mitigationsUnknown > 0 ? (
        <button
          type="button"
          className="strip-link strip-bad"
          onClick={() => store.getState().goTo('mitigate')}
        >
          <Icon name="warning" size={12} /> {status.mitigationsUnknown} mitigation
          {status.mitigationsUnknown === 1 ? '' : 's'} not known
        </button>
      ) : status.approvalsWaiting > 0 ? (
        <button
          type="button"
          className="strip-link strip-minor"
          onClick={() => store.getState().goTo('mitigate')}
        >
          {status.approvalsWaiting} waiting for approval
        </button>
      ) : status.mitigationsActive > 0 ? (
        <button
          type="button"
          className="strip-link strip-minor"
          onClick={() => store.getState().goTo('mitigate')}
        >
          {status.mitigationsActive} active mitigation{status.mitigationsActive === 1 ? '' : 's'}
        </button>
      ) : null}
    </div>
  );
}

/** Worst first: what a screen that depends on it must say. */
const healthRank = { failing: 0, lagging: 1, stopped: 2, 'back-filling': 3, starting: 4, ok: 5 } as const;

function SourcesHealth({ status }: { readonly status: Status | null }) {
  const store = useAppStore();
  if (!status || status.sources.length === 0) return null;
  const healthy = status.sources.filter((source) => source.health.state === 'ok').length;
  const worst = [...status.sources].sort(
    (a, b) => healthRank[a.health.state] - healthRank[b.health.state],
  )[0];
  const trouble = worst && worst.health.state !== 'ok' ? worst : null;
  return (
    <button
      type="button"
      className="strip-link strip-sources"
      title={trouble ? toSafeExcerpt(trouble.health.sentence, 600) : 'All sources deliver'}
      onClick={() => store.getState().goTo('settings', { section: 'sources' })}
    >
      <span>
        Sources{' '}
        <span className="tabular">
          {healthy}/{status.sources.length}
        </span>
      </span>
      {trouble ? (
        <span
          className={classNames(
            'truncate',
            trouble.health.state === 'failing'
              ? 'strip-bad'
              : trouble.health.state === 'lagging'
                ? 'strip-warning'
                : 'secondary',
          )}
        >
          {trouble.health.state === 'failing' || trouble.health.state === 'lagging' ? (
            <Icon name="warning" size={12} />
          ) : null}{' '}
          {trouble.name}: {trouble.health.progress?.text ?? trouble.health.sentence}
        </span>
      ) : null}
    </button>
  );
}

function RangeControls({ liveConfigured }: { readonly liveConfigured: boolean }) {
  const store = useAppStore();
  const leave = useAction('app.openWorkspace');
  return (
    <div className="strip-range">
      <SimulatedMark />
      {liveConfigured ? null : (
        <Button
          small
          variant="primary"
          busy={leave.running}
          onClick={() => {
            void leave.run({ workspace: 'live' }).then((done) => {
              if (done) store.getState().goTo('settings', { section: 'sources' });
            });
          }}
        >
          Connect real sources
        </Button>
      )}
      <Button small busy={leave.running} onClick={() => void leave.run({ workspace: 'live' })}>
        Leave the range
      </Button>
    </div>
  );
}

function Clocks() {
  const now = useNow();
  const zone = useApp((state) => state.settings.zone);
  const shiftEndsMs = useApp((state) => state.settings.shiftEndsMs);
  const analyst = useApp((state) => state.hello?.analyst?.name ?? null);
  const leftMs = shiftEndsMs === null ? null : shiftEndsMs - Date.now();
  return (
    <div className="strip-clocks">
      <span className="mono tabular strip-clock">
        {zone === 'utc' ? `UTC ${formatUtcClock(now)}` : `Local ${showTime(now, 'local', 'clock')}`}
      </span>
      {leftMs === null ? null : (
        <span className="secondary tabular">
          {leftMs > 0 ? `shift ${hoursAndMinutes(leftMs)} left` : 'shift over'}
        </span>
      )}
      {analyst ? (
        <span className="secondary truncate strip-analyst" title="Analyst">
          {analyst}
        </span>
      ) : null}
    </div>
  );
}

function hoursAndMinutes(durationMs: number): string {
  const minutes = Math.floor(durationMs / 60_000);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}
