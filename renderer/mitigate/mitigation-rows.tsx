import type { Mitigation } from '../../shared/domain/mitigation.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { Button, MitigationStateBadge, SafeText, SimulatedMark, Time, useNow } from '../ui/index.ts';
import { Entries } from './entries.tsx';
import { entryWords, mayAsk, mayUndo, needsAttention } from './mitigation-words.ts';
import { shortEntry } from './proposal.ts';

/** What waits for a decision: what is asked, for how long, why and by whom, and which guards stand against it. */
export function WaitingRow({
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

/** What is in force or on its way there, with its time left and what can be done to it. */
export function ActiveRow({
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
