import './clock-mark.css';
import { type ReactNode, useCallback } from 'react';
import type { Alert } from '../../shared/domain/alert.ts';
import { type Clock, type ClockName, type ClockTargets, nextClock } from '../../shared/domain/clock.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { classNames, ErrorNote, Facts, Section, useCall, useNow } from '../ui/index.ts';
import { shortAge } from './queue-words.ts';

const verbs = { acknowledge: 'acknowledge', close: 'close' } as const;

/** How long is left to acknowledge or close an alert once half of it is gone; else what stands there anyway. */
function ClockMark({
  alert,
  targets,
  otherwise,
}: {
  readonly alert: Alert;
  readonly targets: ClockTargets;
  readonly otherwise: ReactNode;
}) {
  const nowMs = useNow();
  const clock = nextClock(alert, targets, nowMs);
  if (clock === null) return otherwise;
  const isOver = clock.leftMs < 0;
  const words = isOver ? 'over' : 'left';
  return (
    <span
      className={classNames('clock-mark tabular', isOver && 'is-over')}
      title={`${formatDuration(Math.abs(clock.leftMs))} ${isOver ? 'over the time' : 'left'} to ${verbs[clock.name]} it`}
    >
      {shortAge(Math.abs(clock.leftMs))} {words}
      <span className="visually-hidden"> to {verbs[clock.name]}</span>
    </span>
  );
}

/** Draws the mark of an alert in the list, by what was agreed; the targets are read once a minute. */
export function useClockMark(): (alert: Alert, otherwise: ReactNode) => ReactNode {
  const call = useCall('clocks.targets', {}, { everyMs: 60_000 });
  const targets = call.data;
  return useCallback(
    (alert, otherwise) =>
      targets === null ? otherwise : <ClockMark alert={alert} targets={targets} otherwise={otherwise} />,
    [targets],
  );
}

export const clockWords = {
  detect: 'Detect',
  acknowledge: 'Acknowledge',
  mitigate: 'Mitigate',
  close: 'Close',
} as const satisfies Record<ClockName, string>;

/** `4 min, within 15 min`, `7 min left of 15 min`, `12 min over 15 min`. */
export function clockSentence({ state, takenMs, targetMs, dueMs }: Clock, nowMs: number): string {
  const target = formatDuration(targetMs);
  if (takenMs !== null) {
    const taken = takenMs < 1_000 ? 'at once' : formatDuration(takenMs);
    return takenMs <= targetMs ? `${taken}, within ${target}` : `${taken}, target ${target}`;
  }
  if (state === 'not-needed') return 'Not needed, or not known';
  const leftMs = dueMs - nowMs;
  return leftMs >= 0
    ? `${formatDuration(leftMs)} left of ${target}`
    : `${formatDuration(-leftMs)} over ${target}`;
}

/** The clocks of an actionable alert: what each took, or how long is left. */
export function AlertClocks({ alert }: { readonly alert: Alert }) {
  const isShown = alert.lane === 'actionable';
  const call = useCall('clocks.of', isShown ? { alertId: alert.id } : null, {
    events: ['alerts.changed', 'mitigations.changed'],
  });
  const nowMs = useNow();
  if (!isShown) return null;
  return (
    <Section title="Clocks">
      {call.error ? <ErrorNote error={call.error} /> : null}
      <Facts
        items={(call.data ?? []).map((clock) => {
          const isMissed =
            clock.takenMs === null
              ? clock.state === 'running' && clock.dueMs < nowMs
              : clock.takenMs > clock.targetMs;
          return {
            name: clockWords[clock.name],
            value: (
              <span className={classNames('tabular', isMissed && 'clock-missed')}>
                {clockSentence(clock, nowMs)}
              </span>
            ),
          };
        })}
      />
    </Section>
  );
}
