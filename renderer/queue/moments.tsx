import { useState } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { formatMagnitude } from '../../shared/domain/quantity.ts';
import type { Finding, Signal } from '../../shared/domain/signal.ts';
import { dayMs, formatDuration, formatUtc, minuteMs } from '../../shared/domain/time.ts';
import { Button, DataTable, SafeText, Time, useApp, WindowChart } from '../ui/index.ts';

/** So many moments are listed at first; the line has them all. */
const shownMoments = 5;
/** More are not listed: nobody reads on, and the line still has them. */
const mostListed = 100;
const width = 320;
const height = 22;

/** As much on either side of a moment as it lasted, between ten minutes and three hours. */
function rangeAround({ startMs, endMs }: Finding): { readonly fromMs: number; readonly toMs: number } {
  const lastedMs = (endMs ?? startMs) - startMs;
  const sideMs = Math.min(180 * minuteMs, Math.max(10 * minuteMs, lastedMs));
  return { fromMs: startMs - sideMs, toMs: startMs + lastedMs + sideMs };
}

/** How often the same reason would have raised an alert, when, how that looked, and what a verdict teaches. */
export function Moments({
  alert,
  past,
  own,
  leadingId,
  signalOf,
}: {
  readonly alert: Alert;
  readonly past: MethodOutput<'findings.history'>;
  /** The alert's own findings, pinned beside the earlier ones. */
  readonly own: readonly Finding[];
  /** The signal that tells most of this alert. */
  readonly leadingId: string | undefined;
  readonly signalOf: (signalId: string) => Signal | undefined;
}) {
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const goTo = useApp((state) => state.goTo);
  const { fired, sinceMs, wouldMove, isExact } = past;
  const untilMs = alert.firstSeenMs;
  const days = Math.max(1, Math.round((untilMs - sinceMs) / dayMs));
  const isTaught = alert.disposition === 'false-positive' || alert.disposition === 'benign-positive';
  const times = `${fired.length.toLocaleString('en')} ${fired.length === 1 ? 'time' : 'times'}`;
  const moves = `${wouldMove.toLocaleString('en')} earlier ${wouldMove === 1 ? 'finding' : 'findings'} of those days`;
  const listed = fired.slice(0, all ? mostListed : shownMoments);
  const chosen = fired.find(({ id }) => id === chosenId);
  const nameOf = (signalId: string) => signalOf(signalId)?.name ?? 'Signal';
  const unitOf = (signalId: string) => signalOf(signalId)?.unit ?? '';
  // The month of the signal that the chosen moment is on, else of the leading one.
  const monthId = chosen?.signalId ?? leadingId;
  const onMonth = fired.filter(({ signalId }) => signalId === monthId);
  // Whole minutes: an alert that goes on does not ask for the month anew every second.
  const monthToMs = Math.ceil(Math.max(alert.lastSeenMs, untilMs) / (10 * minuteMs)) * 10 * minuteMs;
  return (
    <section className="moments" aria-label="The last 30 days">
      <p>
        Would have fired {isExact ? '' : 'at least '}
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
          const isChosen = finding.id === chosenId;
          return (
            <line
              key={finding.id}
              x1={x}
              x2={x}
              y1={isChosen ? 0 : 3}
              y2={height - 4}
              className={isChosen ? 'fired-mark is-chosen' : 'fired-mark'}
            />
          );
        })}
      </svg>
      {fired.length > 0 ? (
        <DataTable
          label="Moments at which it would have fired"
          rows={listed}
          keyOf={(moment) => moment.id}
          onOpen={(moment) => setChosenId(moment.id === chosenId ? null : moment.id)}
          isActive={(moment) => moment.id === chosenId}
          columns={[
            {
              key: 'start',
              header: 'Began',
              width: '45%',
              render: (moment) => <Time timeMs={moment.startMs} />,
            },
            {
              key: 'signal',
              header: 'Signal',
              render: (moment) => <SafeText text={nameOf(moment.signalId)} limit={60} plain />,
            },
            {
              key: 'observed',
              header: 'At its peak',
              align: 'end',
              data: true,
              render: (moment) => formatMagnitude(moment.observed, unitOf(moment.signalId)),
            },
          ]}
        />
      ) : null}
      {!all && fired.length > listed.length ? (
        <div className="row">
          <Button small variant="quiet" onClick={() => setAll(true)}>
            Show {fired.length > mostListed ? `the newest ${mostListed}` : `all ${fired.length}`} moments
          </Button>
        </div>
      ) : null}
      {chosen ? (
        <WindowChart
          signalId={chosen.signalId}
          title={nameOf(chosen.signalId)}
          unit={unitOf(chosen.signalId)}
          range={rangeAround(chosen)}
          findings={[chosen]}
          height={120}
          note={chosen.endMs === null ? 'still open' : `for ${formatDuration(chosen.endMs - chosen.startMs)}`}
        />
      ) : null}
      {monthId === undefined || fired.length === 0 ? null : (
        <WindowChart
          signalId={monthId}
          title={nameOf(monthId)}
          unit={unitOf(monthId)}
          range={{ fromMs: sinceMs, toMs: monthToMs }}
          findings={[...onMonth, ...own.filter(({ signalId }) => signalId === monthId)]}
          height={120}
          note={`${days} ${days === 1 ? 'day' : 'days'}, ${onMonth.length} ${onMonth.length === 1 ? 'moment' : 'moments'}`}
          onFinding={(finding) => {
            if (fired.includes(finding)) setChosenId(finding.id);
          }}
        />
      )}
      <p className="quiet">
        {isTaught ? (
          <>
            This verdict teaches: what is like it and not clearly worse goes to the informational lane. That
            would have moved {moves}. Reopen the alert to take it back, or{' '}
            <button
              type="button"
              className="link-button"
              onClick={() => goTo('settings', { section: 'lessons' })}
            >
              see all that verdicts taught
            </button>
            .
          </>
        ) : (
          `Judged a false or benign positive, it would teach: ${moves} would have gone to the informational lane.`
        )}
      </p>
    </section>
  );
}
