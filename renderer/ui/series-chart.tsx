import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  useContext,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Severity } from '../../shared/domain/alert.ts';
import { formatQuantity, toQuantity } from '../../shared/domain/quantity.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import {
  bandPath,
  type Columns,
  type ColumnsCache,
  columnWidthMs,
  fromPixel,
  lastTimeMs,
  linePath,
  niceDomain,
  readNearest,
  reduceAgain,
  type Scale,
  type SeriesPoints,
  timeTicks,
  toPixel,
  valueTicks,
} from '../../shared/domain/series.ts';
import type { Finding, Gap } from '../../shared/domain/signal.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import type { Brush } from '../state/brush.ts';
import { useApp } from '../state/store.ts';
import { SeverityShape, severityShapePath } from './badges.tsx';
import { ChartFrame } from './chart-frame.tsx';
import { classNames } from './class-names.ts';
import { type Crosshair, CrosshairContext } from './crosshair.ts';
import { showTime } from './time.tsx';
import { useWidth } from './use-size.ts';

export interface ChartSeries {
  readonly id: string;
  readonly name: string;
  readonly points: SeriesPoints;
}

export interface SeriesChartProps {
  readonly title: string;
  readonly unit: string;
  /** At most four; the first one's expected band is drawn. */
  readonly series: readonly ChartSeries[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Draws the now-line. */
  readonly nowMs?: number | null;
  readonly findings?: readonly Finding[];
  /** Stretches without data: hatched. */
  readonly gaps?: readonly Gap[];
  readonly height?: number;
  readonly brush?: Brush | null;
  /** Given: a stretch can be brushed by dragging, or by Shift with the arrow keys. */
  readonly onBrush?: (brush: Brush | null) => void;
  readonly onFinding?: (finding: Finding) => void;
  /** A word on what the chart rests on, and the same as a sentence. */
  readonly note?: string | null;
  readonly noteTitle?: string | null;
  /** Begins with a logarithmic axis; `l` changes it. */
  readonly initialLog?: boolean;
}

const gutterLeft = 46;
const gutterRight = 8;
const gutterTop = 6;
const axisHeight = 16;
const pinLane = 12;

/**
 * How grave a finding is on the chart. What is informational stays low; the rest goes by surprise, -log10 of the
 * tail probability: 6 is one in a million samples.
 */
export function findingSeverity(finding: Finding): Severity {
  if (finding.lane === 'informational') return 'low';
  if (finding.surprise >= 20) return 'critical';
  if (finding.surprise >= 10) return 'high';
  return 'medium';
}

/**
 * Lines over time with the expected band, findings as pins, hatched gaps, now-line and a crosshair shared with the
 * other charts of the screen. Focused: arrows move the crosshair, Shift with arrows brushes, Esc clears, `l`
 * changes to a logarithmic axis.
 */
export const SeriesChart = memo(function SeriesChart({
  title,
  unit,
  series,
  fromMs: wantedFromMs,
  toMs: wantedToMs,
  nowMs = null,
  findings = [],
  gaps = [],
  height = 132,
  brush = null,
  onBrush,
  onFinding,
  note = null,
  noteTitle = null,
  initialLog = false,
}: SeriesChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [log, setLog] = useState(initialLog);
  const [drag, setDrag] = useState<{ fromMs: number; toMs: number } | null>(null);
  const crosshair = useContext(CrosshairContext);
  const zone = useApp((state) => state.settings.zone);
  const hatchId = useId();
  const plotWidth = Math.max(0, width - gutterLeft - gutterRight);
  const plotHeight = Math.max(10, height - gutterTop - axisHeight);
  const windowMs = Math.max(1, wantedToMs - wantedFromMs);
  const columnMs = columnWidthMs(windowMs, Math.max(50, plotWidth));
  // A live window moves by whole columns: in between only the newest columns have to be drawn anew. Each chart does
  // so at a moment of its own (less than a pixel apart), so that they never all have much to do at once.
  const phaseMs = columnMs * phaseOf(title);
  const shiftMs =
    nowMs === null ? 0 : Math.ceil((wantedToMs - phaseMs) / columnMs) * columnMs + phaseMs - wantedToMs;
  const fromMs = wantedFromMs + shiftMs;
  const toMs = wantedToMs + shiftMs;

  const caches = useRef<(ColumnsCache | null)[]>([]);
  caches.current =
    plotWidth === 0
      ? []
      : series.map((each, index) =>
          reduceAgain(caches.current[index] ?? null, each.points, {
            fromMs,
            toMs,
            columnMs: Math.max(columnMs, each.points.stepMs),
          }),
        );
  const reduced = caches.current.filter((cache) => cache !== null);
  const y = valueScale(
    reduced.flatMap((cache) => [cache.closed, cache.tail]),
    log,
    unit,
    plotHeight,
  );
  // Without values there is no scale, and none is made up.
  const hasValues = reduced.some((cache) => cache.closed.count > 0 || cache.tail.count > 0);
  const x: Scale = { kind: 'linear', min: fromMs, max: toMs, size: plotWidth };

  const clampTime = (timeMs: number) => Math.max(fromMs, Math.min(toMs, timeMs));
  const timeAt = (clientX: number, element: Element) => {
    const box = element.getBoundingClientRect();
    return clampTime(fromPixel(x, clientX - box.left - gutterLeft));
  };
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    const timeMs = timeAt(event.clientX, event.currentTarget);
    crosshair.set(timeMs);
    if (drag) setDrag({ ...drag, toMs: timeMs });
  };
  const onPointerDown = (event: PointerEvent<SVGSVGElement>) => {
    if (!onBrush || event.button !== 0) return;
    if (event.target instanceof Element && event.target.closest('.chart-pin')) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const timeMs = timeAt(event.clientX, event.currentTarget);
    setDrag({ fromMs: timeMs, toMs: timeMs });
  };
  const onPointerUp = () => {
    if (!drag) return;
    setDrag(null);
    const isClick = Math.abs(toPixel(x, drag.toMs) - toPixel(x, drag.fromMs)) < 4;
    if (isClick) {
      if (brush) onBrush?.(null);
      return;
    }
    onBrush?.({ fromMs: Math.min(drag.fromMs, drag.toMs), toMs: Math.max(drag.fromMs, drag.toMs) });
  };
  const anchorRef = useRef<number | null>(null);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const stride = Math.max(columnMs, windowMs / 120);
    const at = clampTime(crosshair.get() ?? toMs);
    switch (event.key) {
      case 'l':
        setLog((value) => !value);
        break;
      case 'ArrowLeft':
      case 'ArrowRight': {
        const next = clampTime(at + (event.key === 'ArrowRight' ? stride : -stride));
        crosshair.set(next);
        if (event.shiftKey && onBrush) {
          anchorRef.current ??= at;
          onBrush({ fromMs: Math.min(anchorRef.current, next), toMs: Math.max(anchorRef.current, next) });
        } else {
          anchorRef.current = null;
        }
        break;
      }
      case 'Home':
        crosshair.set(fromMs);
        break;
      case 'End':
        crosshair.set(toMs);
        break;
      case 'Escape':
        if (crosshair.get() === null && !brush) return;
        anchorRef.current = null;
        crosshair.set(null);
        if (brush) onBrush?.(null);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const shownBrush = drag
    ? { fromMs: Math.min(drag.fromMs, drag.toMs), toMs: Math.max(drag.fromMs, drag.toMs) }
    : brush;
  const shownFindings = findings.filter(
    (finding) => finding.startMs <= toMs && (finding.endMs ?? toMs) >= fromMs,
  );

  return (
    <ChartFrame
      title={title}
      unit={log ? `${unit}, log` : unit}
      note={note}
      noteTitle={noteTitle}
      legend={<Legend crosshair={crosshair} series={series} unit={unit} fromMs={fromMs} toMs={toMs} />}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a chart that takes keys is a group, no fieldset */}
      <div
        ref={ref}
        className="chart"
        role="group"
        aria-label={`${toSafeExcerpt(`${title}, ${unit}`, 300)}, ${formatDuration(Math.round(windowMs / 60_000) * 60_000)}, ${
          shownFindings.length === 0 ? 'no findings' : `${shownFindings.length} findings`
        }`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its crosshair and brush are moved by keys
        tabIndex={0}
        style={{ height }}
        onKeyDown={onKeyDown}
        onBlur={() => crosshair.set(null)}
      >
        {plotWidth === 0 ? null : (
          <svg
            width={width}
            height={height}
            aria-hidden="true"
            className={classNames('chart-svg', onBrush && 'is-brushable')}
            onPointerMove={onPointerMove}
            onPointerLeave={() => crosshair.set(null)}
            onPointerDown={onPointerDown}
            onPointerUp={onPointerUp}
          >
            <defs>
              <pattern
                id={hatchId}
                width="6"
                height="6"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <line x1="0" y1="0" x2="0" y2="6" className="chart-hatch" />
              </pattern>
              <clipPath id={`${hatchId}-clip`}>
                <rect x="0" y="-2" width={plotWidth} height={plotHeight + 4} />
              </clipPath>
            </defs>
            <g transform={`translate(${gutterLeft} ${gutterTop})`}>
              <Axes
                fromMs={fromMs}
                toMs={toMs}
                width={plotWidth}
                height={plotHeight}
                kind={y.kind}
                min={y.min}
                max={y.max}
                unit={unit}
                zone={zone}
                hasValues={hasValues}
              />
              <g clipPath={`url(#${hatchId}-clip)`}>
                {gaps.map((gap) => {
                  const left = toPixel(x, Math.max(gap.fromMs, fromMs));
                  const right = toPixel(x, Math.min(gap.toMs, toMs));
                  return right <= 0 || left >= plotWidth ? null : (
                    <rect
                      key={gap.fromMs}
                      className="chart-gap"
                      x={left}
                      width={Math.max(1, right - left)}
                      y={0}
                      height={plotHeight}
                      fill={`url(#${hatchId})`}
                    />
                  );
                })}
                {shownFindings.map((finding) => {
                  const left = toPixel(x, Math.max(finding.startMs, fromMs));
                  const right = toPixel(x, Math.min(finding.endMs ?? toMs, toMs));
                  return (
                    <rect
                      key={finding.id}
                      className={classNames('chart-finding', `severity-${findingSeverity(finding)}`)}
                      x={left}
                      width={Math.max(1, right - left)}
                      y={plotHeight - 2}
                      height={2}
                    />
                  );
                })}
                {reduced.map((cache, index) => (
                  <SeriesPaths
                    key={series[index]?.id ?? index}
                    place={index}
                    columns={cache.closed}
                    round={cache.round}
                    fromMs={fromMs}
                    toMs={toMs}
                    width={plotWidth}
                    height={plotHeight}
                    kind={y.kind}
                    min={y.min}
                    max={y.max}
                  />
                ))}
                {reduced.map((cache, index) => (
                  <TailPaths
                    key={series[index]?.id ?? index}
                    place={index}
                    columns={cache.tail}
                    x={x}
                    y={y}
                  />
                ))}
              </g>
              {nowMs !== null && nowMs >= fromMs && nowMs <= toMs ? (
                <line
                  className="chart-now"
                  x1={Math.round(toPixel(x, nowMs) * 2) / 2}
                  x2={Math.round(toPixel(x, nowMs) * 2) / 2}
                  y1={0}
                  y2={plotHeight}
                />
              ) : null}
              {shownBrush ? (
                <rect
                  className="chart-brush"
                  x={toPixel(x, clampTime(shownBrush.fromMs))}
                  width={Math.max(
                    1,
                    toPixel(x, clampTime(shownBrush.toMs)) - toPixel(x, clampTime(shownBrush.fromMs)),
                  )}
                  y={0}
                  height={plotHeight}
                />
              ) : null}
              <CrosshairLine crosshair={crosshair} x={x} height={plotHeight} />
              {shownFindings.map((finding) => {
                const severity = findingSeverity(finding);
                return (
                  // biome-ignore lint/a11y/noStaticElementInteractions: the same finding is in the list, reachable by key
                  <g
                    key={finding.id}
                    className={classNames('chart-pin', `severity-${severity}`)}
                    transform={`translate(${toPixel(x, clampTime(finding.startMs))} ${plotHeight - pinLane / 2})`}
                    onClick={onFinding ? () => onFinding(finding) : undefined}
                  >
                    <title>{finding.sentence}</title>
                    <path d={severityShapePath(severity, 4)} />
                  </g>
                );
              })}
            </g>
          </svg>
        )}
      </div>
    </ChartFrame>
  );
});

function valueScale(reduced: readonly Columns[], log: boolean, unit: string, size: number): Scale {
  let valueMin = Number.NaN;
  let valueMax = Number.NaN;
  let smallestPositive = Number.NaN;
  for (const columns of reduced) {
    if (!(valueMin <= columns.valueMin) && !Number.isNaN(columns.valueMin)) valueMin = columns.valueMin;
    if (!(valueMax >= columns.valueMax) && !Number.isNaN(columns.valueMax)) valueMax = columns.valueMax;
    if (!(smallestPositive <= columns.smallestPositive) && !Number.isNaN(columns.smallestPositive)) {
      smallestPositive = columns.smallestPositive;
    }
  }
  const domain = niceDomain(valueMin, valueMax, {
    log,
    unit,
    ...(Number.isNaN(smallestPositive) ? {} : { smallestPositive }),
  });
  return { kind: log ? 'log' : 'linear', min: domain.min, max: domain.max, size };
}

function tickLabel(value: number, unit: string): string {
  const quantity = toQuantity(value, unit);
  const magnitude = /^[kMGT]/.exec(quantity.unit)?.[0] ?? '';
  if (unit === 'ms' && quantity.unit === 's') return `${quantity.number} s`;
  return unit === '%'
    ? `${quantity.number}%`
    : `${quantity.number}${magnitude === '' ? '' : ` ${magnitude}`}`;
}

function timeTickLabel(timeMs: number, stepMs: number, zone: 'utc' | 'local'): string {
  const text = showTime(timeMs, zone);
  if (stepMs >= 86_400_000) return text.slice(5, 10);
  return stepMs >= 60_000 ? text.slice(11, 16) : text.slice(11, 19);
}

/** A number from 0 to 1 that spreads charts evenly, by their titles. */
function phaseOf(title: string): number {
  let hash = 0;
  for (const character of title) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_009;
  return hash / 1_009;
}

interface PlotProps {
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly height: number;
  readonly kind: Scale['kind'];
  readonly min: number;
  readonly max: number;
}

/** Grid and labels: drawn anew only when the window or the scale changed. */
const Axes = memo(function Axes({
  fromMs,
  toMs,
  width,
  height,
  kind,
  min,
  max,
  unit,
  zone,
  hasValues,
}: PlotProps & { readonly unit: string; readonly zone: 'utc' | 'local'; readonly hasValues: boolean }) {
  const x: Scale = { kind: 'linear', min: fromMs, max: toMs, size: width };
  const y: Scale = { kind, min, max, size: height };
  const ticks = timeTicks(fromMs, toMs, Math.max(2, Math.floor(width / 72)));
  return (
    <>
      {(hasValues ? valueTicks(y, Math.max(2, Math.floor(height / 28))) : []).map((mark) => {
        const top = Math.round(height - toPixel(y, mark)) + 0.5;
        return (
          <g key={mark}>
            <line className="chart-grid" x1={0} x2={width} y1={top} y2={top} />
            <text className="chart-tick" x={-6} y={top + 3.5} textAnchor="end">
              {tickLabel(mark, unit)}
            </text>
          </g>
        );
      })}
      {ticks.timesMs.map((time) => {
        const left = Math.round(toPixel(x, time)) + 0.5;
        return (
          <g key={time}>
            <line className="chart-time-tick" x1={left} x2={left} y1={height} y2={height + 3} />
            {left > 14 && left < width - 14 ? (
              <text className="chart-tick" x={left} y={height + 13} textAnchor="middle">
                {timeTickLabel(time, ticks.stepMs, zone)}
              </text>
            ) : null}
          </g>
        );
      })}
    </>
  );
});

/** Line and band of the columns that no longer change; their memory is reused, so `round` tells of new content. */
const SeriesPaths = memo(function SeriesPaths({
  place,
  columns,
  fromMs,
  toMs,
  width,
  height,
  kind,
  min,
  max,
}: PlotProps & { readonly place: number; readonly columns: Columns; readonly round: number }) {
  const x: Scale = { kind: 'linear', min: fromMs, max: toMs, size: width };
  const y: Scale = { kind, min, max, size: height };
  return (
    <>
      {place === 0 ? <path className="chart-band" d={bandPath(columns, x, y)} /> : null}
      <path className={`chart-line chart-line-${place + 1}`} d={linePath(columns, x, y)} />
    </>
  );
});

/** Line and band of the newest columns. */
function TailPaths({
  place,
  columns,
  x,
  y,
}: {
  readonly place: number;
  readonly columns: Columns;
  readonly x: Scale;
  readonly y: Scale;
}) {
  return (
    <>
      {place === 0 ? <path className="chart-band" d={bandPath(columns, x, y)} /> : null}
      <path className={`chart-line chart-line-${place + 1}`} d={linePath(columns, x, y)} />
    </>
  );
}

function useCrosshair(crosshair: Crosshair): number | null {
  return useSyncExternalStore(crosshair.subscribe, crosshair.get);
}

/** The crosshair alone is drawn anew when it moves, not the chart. */
function CrosshairLine({
  crosshair,
  x,
  height,
}: {
  readonly crosshair: Crosshair;
  readonly x: Scale;
  readonly height: number;
}) {
  const timeMs = useCrosshair(crosshair);
  if (timeMs === null || timeMs < x.min || timeMs > x.max) return null;
  const left = toPixel(x, timeMs);
  return <line className="chart-crosshair" x1={left} x2={left} y1={0} y2={height} />;
}

/** Values at the crosshair, or the newest ones, with what was expected. */
function Legend({
  crosshair,
  series,
  unit,
  fromMs,
  toMs,
}: {
  readonly crosshair: Crosshair;
  readonly series: readonly ChartSeries[];
  readonly unit: string;
  readonly fromMs: number;
  readonly toMs: number;
}) {
  const pointed = useCrosshair(crosshair);
  const zone = useApp((state) => state.settings.zone);
  const timeMs = pointed !== null && pointed >= fromMs && pointed <= toMs ? pointed : null;
  return (
    <>
      {timeMs === null ? null : (
        <span className="legend-time tabular">{showTime(timeMs, zone, 'clock')}</span>
      )}
      {series.map((each, index) => {
        const at = timeMs ?? lastTimeMs(each.points) ?? toMs;
        const reach = Math.max(each.points.stepMs, (toMs - fromMs) / 300, 1_000);
        const point = readNearest(each.points, at, reach);
        return (
          <span key={each.id} className="legend-item">
            {series.length > 1 ? (
              <>
                <span className={`legend-mark legend-mark-${index + 1}`} aria-hidden="true" />
                <span className="legend-name">{each.name}</span>
              </>
            ) : null}
            <span className="legend-value mono tabular">
              {point === null || point.value === null
                ? 'no data'
                : formatQuantity(point.value, unit.length > 6 ? '' : unit)}
            </span>
            {index === 0 && point?.low !== null && point?.high !== null && point !== null ? (
              <span className="legend-band mono tabular" title="Expected band">
                {formatQuantity(point.low, '')}–{formatQuantity(point.high, '')}
              </span>
            ) : null}
          </span>
        );
      })}
    </>
  );
}

/** A pin as it stands on charts, for legends and lists. */
export function FindingPin({ finding }: { readonly finding: Finding }) {
  return <SeverityShape severity={findingSeverity(finding)} />;
}
