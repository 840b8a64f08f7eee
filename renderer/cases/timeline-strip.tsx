import { useMemo, useRef, useState } from 'react';
import { Button, useCommands, useShowTime } from '../ui/index.ts';
import { countsIn, newestIn, type Span, type Zoom, zoomed } from './timeline-items.ts';

const parts = 96;
const heightPx = 32;

/** Where in time the entries lie; brushing it, or keys, zoom the list below to a stretch. */
export function TimelineStrip({
  moments,
  whole,
  span,
  onZoom,
}: {
  readonly moments: readonly number[];
  readonly whole: Span;
  /** null is all of it. */
  readonly span: Span | null;
  readonly onZoom: (span: Span | null) => void;
}) {
  const showTime = useShowTime();
  const stripRef = useRef<SVGSVGElement>(null);
  const [brush, setBrush] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const shown = span ?? whole;
  const counts = useMemo(() => countsIn(moments, shown, parts), [moments, shown]);
  const most = Math.max(1, ...counts);
  const change = (how: Zoom) => {
    const next = zoomed(shown, whole, { ...how, aroundMs: newestIn(moments, shown) });
    onZoom(next.fromMs <= whole.fromMs && next.toMs >= whole.toMs ? null : next);
  };
  const group = 'Case';
  useCommands([
    {
      id: 'case.zoom-in',
      title: 'Zoom into the timeline',
      group,
      keys: ['+'],
      run: () => change({ factor: 0.5 }),
    },
    {
      id: 'case.zoom-out',
      title: 'Zoom out of the timeline',
      group,
      keys: ['-'],
      run: () => change({ factor: 2 }),
    },
    {
      id: 'case.earlier',
      title: 'Earlier in the timeline',
      group,
      keys: ['['],
      run: () => change({ shift: -0.5 }),
    },
    {
      id: 'case.later',
      title: 'Later in the timeline',
      group,
      keys: [']'],
      run: () => change({ shift: 0.5 }),
    },
    {
      id: 'case.zoom-none',
      title: 'Show the whole timeline',
      group,
      keys: ['0'],
      enabled: span !== null,
      run: () => onZoom(null),
    },
  ]);
  const placeOf = (clientX: number): number => {
    const box = stripRef.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return 0;
    return Math.max(0, Math.min(1, (clientX - box.left) / box.width));
  };
  const timeAt = (place: number) => Math.round(shown.fromMs + place * (shown.toMs - shown.fromMs));
  return (
    <div className="timeline-strip">
      <svg
        ref={stripRef}
        className="timeline-strip-bars"
        viewBox={`0 0 ${parts} ${heightPx}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Entries from ${showTime(shown.fromMs)} to ${showTime(shown.toMs)}; + and - zoom, [ and ] move`}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const place = placeOf(event.clientX);
          setBrush({ from: place, to: place });
        }}
        onPointerMove={(event) => {
          if (brush !== null) setBrush({ ...brush, to: placeOf(event.clientX) });
        }}
        onPointerUp={() => {
          if (brush === null) return;
          setBrush(null);
          const [left, right] = brush.from < brush.to ? [brush.from, brush.to] : [brush.to, brush.from];
          // A click is no stretch.
          if (right - left > 0.01) onZoom({ fromMs: timeAt(left), toMs: timeAt(right) });
        }}
        onPointerCancel={() => setBrush(null)}
        onDoubleClick={() => onZoom(null)}
      >
        {counts.map((count, part) =>
          count === 0 ? null : (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
              key={part}
              className="timeline-strip-bar"
              x={part + 0.1}
              width={0.8}
              y={heightPx - Math.max(3, (count / most) * heightPx)}
              height={Math.max(3, (count / most) * heightPx)}
            />
          ),
        )}
        {brush === null ? null : (
          <rect
            className="timeline-strip-brush"
            x={Math.min(brush.from, brush.to) * parts}
            width={Math.abs(brush.to - brush.from) * parts}
            y={0}
            height={heightPx}
          />
        )}
      </svg>
      <div className="timeline-strip-ends quiet tabular">
        <span>{showTime(shown.fromMs)}</span>
        {span === null ? null : (
          <Button small variant="quiet" keys="0" onClick={() => onZoom(null)}>
            Whole timeline
          </Button>
        )}
        <span>{showTime(shown.toMs)}</span>
      </div>
    </div>
  );
}
