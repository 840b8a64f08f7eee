import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Status } from '../../shared/api/contract.ts';
import type { Finding, Signal } from '../../shared/domain/signal.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { ErrorState, LiveChart, useApp, useAppStore } from '../ui/index.ts';
import { orderForCharts } from './choose-signals.ts';
import { useHistory } from './use-history.ts';

/** The charts of one service, all with one time axis, one crosshair and one brush. */
export function ChartGrid({
  signals,
  findings,
  windowMs,
  onFinding,
}: {
  readonly signals: readonly Signal[];
  readonly findings: readonly Finding[];
  readonly windowMs: number;
  readonly onFinding: (finding: Finding) => void;
}) {
  const store = useAppStore();
  const brush = useApp((state) => state.brush);
  const ordered = useMemo(() => orderForCharts(signals), [signals]);
  const history = useHistory(
    ordered.map((signal) => signal.id),
    windowMs,
  );
  const [ref, height] = useChartHeight(history.error !== null && !history.loading);
  const bySignal = useMemo(() => {
    const map = new Map<string, Finding[]>();
    for (const finding of findings) {
      const list = map.get(finding.signalId) ?? [];
      map.set(finding.signalId, list);
      list.push(finding);
    }
    return map;
  }, [findings]);
  if (history.error && !history.loading) {
    return (
      <ErrorState title="The charts could not be loaded" error={history.error} onRetry={history.retry} />
    );
  }
  return (
    <div ref={ref} className="chart-grid-pane" aria-busy={history.loading}>
      {ordered.map((signal) => (
        <ChartOfSignal
          key={signal.id}
          signal={signal}
          findings={bySignal.get(signal.id) ?? none}
          windowMs={windowMs}
          height={height}
          brush={brush}
          onBrush={store.getState().setBrush}
          onFinding={onFinding}
        />
      ))}
    </div>
  );
}

const none: readonly Finding[] = [];

/** A chart's caption, padding and border, px, as the kit's style sheet draws them. */
const captionPx = 31;
const usualRowPx = 130;

/** How high charts are so that whole rows of them fill the pane, px: half a chart tells nothing. */
function useChartHeight(isHidden: boolean) {
  const ref = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(usualRowPx - captionPx);
  useLayoutEffect(() => {
    const pane = ref.current?.parentElement;
    if (isHidden || !pane) return;
    const observer = new ResizeObserver(() => {
      const rows = Math.max(1, Math.round(pane.clientHeight / usualRowPx));
      setHeight(Math.max(84, Math.min(150, Math.floor(pane.clientHeight / rows) - captionPx)));
    });
    observer.observe(pane);
    return () => observer.disconnect();
  }, [isHidden]);
  return [ref, height] as const;
}

/** The most important thing to know about a chart beside its values: a word, and a sentence on pointing at it. */
function noteOf(
  signal: Signal,
  source: Status['sources'][number] | null,
): { readonly note: string | null; readonly noteTitle: string | null } {
  if (source?.health.state === 'failing') return { note: 'source fails', noteTitle: source.health.sentence };
  if (source?.health.state === 'lagging') {
    const { lagMs, sentence } = source.health;
    return { note: lagMs === null ? 'lags' : `${formatDuration(lagMs)} behind`, noteTitle: sentence };
  }
  if (signal.baselineState === 'learning') {
    return {
      note: 'learning',
      noteTitle: `${formatDuration(signal.historyMs)} of history so far: what is usual is still being learned.`,
    };
  }
  return { note: null, noteTitle: null };
}

function ChartOfSignal({
  signal,
  ...rest
}: {
  readonly signal: Signal;
  readonly findings: readonly Finding[];
  readonly windowMs: number;
  readonly height: number;
  readonly brush: { readonly fromMs: number; readonly toMs: number } | null;
  readonly onBrush: (brush: { readonly fromMs: number; readonly toMs: number } | null) => void;
  readonly onFinding: (finding: Finding) => void;
}) {
  // What a chart rests on is said on the chart: a source that lags or fails makes its newest part doubtful.
  const source = useApp((state) => state.status?.sources.find((each) => each.id === signal.sourceId) ?? null);
  // Two sources may measure the same thing, each in its own way: then the source's name tells them apart.
  const isTwofold = useApp((state) =>
    state.signals.some(
      (other) =>
        other.serviceId === signal.serviceId &&
        other.name === signal.name &&
        other.sourceId !== signal.sourceId,
    ),
  );
  const title = isTwofold && source ? `${signal.name} · ${source.name}` : signal.name;
  const lines = useMemo(() => [{ id: signal.id, name: signal.name }], [signal.id, signal.name]);
  return <LiveChart {...rest} title={title} unit={signal.unit} signals={lines} {...noteOf(signal, source)} />;
}
