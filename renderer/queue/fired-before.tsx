import type { Disposition } from '../../shared/domain/alert.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { dayMs, formatUtc } from '../../shared/domain/time.ts';
import { Time } from '../ui/index.ts';

/** So many moments are listed; the chart has them all. */
const shownMoments = 5;
const width = 320;
const height = 22;

/** How often the same reason would have raised an alert, when, and what a verdict teaches. */
export function FiredBefore({
  fired,
  wouldMove,
  isExact,
  sinceMs,
  untilMs,
  disposition,
}: {
  readonly fired: readonly Finding[];
  readonly wouldMove: number;
  readonly isExact: boolean;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly disposition: Disposition | null;
}) {
  const days = Math.max(1, Math.round((untilMs - sinceMs) / dayMs));
  const atLeast = isExact ? '' : 'at least ';
  const isTaught = disposition === 'false-positive' || disposition === 'benign-positive';
  const times = `${fired.length.toLocaleString('en')} ${fired.length === 1 ? 'time' : 'times'}`;
  const moves = `${wouldMove.toLocaleString('en')} earlier ${wouldMove === 1 ? 'finding' : 'findings'} of those days`;
  return (
    <section className="fired-before" aria-label="The last 30 days">
      <p>
        Would have fired {atLeast}
        <strong className="tabular">{times}</strong> in the last {days} {days === 1 ? 'day' : 'days'} for the
        same reason or a stronger one{days < 30 ? ': that is all the history there is' : ''}.
      </p>
      <svg
        className="fired-line"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${times} between ${formatUtc(sinceMs)} and ${formatUtc(untilMs)}`}
      >
        <line x1={0} x2={width} y1={height - 4} y2={height - 4} className="fired-axis" />
        {fired.map((finding) => {
          const share = (finding.startMs - sinceMs) / Math.max(1, untilMs - sinceMs);
          const x = Math.max(1, Math.min(width - 1, share * width));
          return <line key={finding.id} x1={x} x2={x} y1={3} y2={height - 4} className="fired-mark" />;
        })}
      </svg>
      {fired.length > 0 ? (
        <p className="quiet">
          {fired.slice(0, shownMoments).map((finding, index) => (
            <span key={finding.id}>
              {index > 0 ? ' · ' : ''}
              <Time timeMs={finding.startMs} />
            </span>
          ))}
          {fired.length > shownMoments ? ` · ${fired.length - shownMoments} more` : ''}
        </p>
      ) : null}
      <p className="quiet">
        {isTaught
          ? `This verdict teaches: what is like it and not clearly worse goes to the informational lane. That would have moved ${moves}. Reopen the alert, or undo the verdict, to take it back.`
          : `Judged a false or benign positive, it would teach: ${moves} would have gone to the informational lane.`}
      </p>
    </section>
  );
}
