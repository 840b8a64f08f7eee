import { memo, type PointerEvent, useMemo } from 'react';
import type { Mark } from '../../shared/domain/replay.ts';
import { timeTicks } from '../../shared/domain/series.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { useApp } from '../state/store.ts';
import { showTime } from '../ui/time.tsx';
import { useWidth } from '../ui/use-size.ts';

/** One lane a kind, from the top. */
const lanes = ['alert', 'finding', 'mitigation', 'entry'] as const satisfies readonly Mark['kind'][];
const laneHeight = 12;
const height = lanes.length * laneHeight;
export const laneWords = {
  alert: 'alerts',
  finding: 'findings',
  mitigation: 'mitigations',
  entry: 'entries',
} as const satisfies Record<Mark['kind'], string>;

/** The marks of one lane as one path: a tick a pixel at most, however many there are. */
function ticksOf(
  marks: readonly Mark[],
  kind: Mark['kind'],
  toX: (timeMs: number) => number,
  top: number,
): string {
  const places = new Set<number>();
  for (const mark of marks) if (mark.kind === kind) places.add(Math.round(toX(mark.timeMs)));
  return [...places].map((x) => `M${x + 0.5} ${top + 1}v${laneHeight - 2}`).join('');
}

const Marks = memo(function Marks({
  marks,
  fromMs,
  toMs,
  width,
}: {
  readonly marks: readonly Mark[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
}) {
  const zone = useApp((state) => state.settings.zone);
  const toX = (timeMs: number) => ((timeMs - fromMs) / Math.max(1, toMs - fromMs)) * (width - 1);
  return (
    <svg width={width} height={height + 16} aria-hidden="true" className="scrubber-marks">
      {lanes.map((kind, lane) => (
        <path
          key={kind}
          className={`scrubber-tick is-${kind}`}
          d={ticksOf(marks, kind, toX, lane * laneHeight)}
        />
      ))}
      {timeTicks(fromMs, toMs, Math.max(2, Math.floor(width / 120))).timesMs.map((timeMs) => {
        const x = toX(timeMs);
        return x < 24 || x > width - 24 ? null : (
          <text key={timeMs} x={x} y={height + 13} textAnchor="middle" className="chart-tick">
            {showTime(timeMs, zone, 'clock').slice(0, 5)}
          </text>
        );
      })}
    </svg>
  );
});

/** The incident from end to end, what became known when, and the moment that is looked at. */
export function Scrubber({
  marks,
  fromMs,
  toMs,
  timeMs,
  onSeek,
}: {
  readonly marks: readonly Mark[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly timeMs: number;
  readonly onSeek: (timeMs: number) => void;
}) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const share = (timeMs - fromMs) / Math.max(1, toMs - fromMs);
  const seekTo = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = (event.clientX - box.left) / Math.max(1, box.width);
    // To the second: what is finer tells nothing.
    onSeek(Math.round((fromMs + at * (toMs - fromMs)) / 1_000) * 1_000);
  };
  const legend = useMemo(() => lanes.map((kind) => laneWords[kind]).join(', '), []);
  return (
    <div
      ref={ref}
      className="scrubber"
      role="slider"
      tabIndex={0}
      aria-label={`Moment of the incident; marked are ${legend}`}
      aria-valuemin={Math.floor(fromMs / 1_000)}
      aria-valuemax={Math.floor(toMs / 1_000)}
      aria-valuenow={Math.floor(timeMs / 1_000)}
      aria-valuetext={formatUtc(timeMs)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
      }}
    >
      {width === 0 ? null : <Marks marks={marks} fromMs={fromMs} toMs={toMs} width={width} />}
      <div className="scrubber-past" style={{ transform: `scaleX(${share})` }} />
      <div
        className="scrubber-head"
        style={{ transform: `translateX(${share * Math.max(0, width - 1)}px)` }}
      />
    </div>
  );
}
