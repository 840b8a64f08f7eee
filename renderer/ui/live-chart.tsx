import { useSyncExternalStore } from 'react';
import { findGaps } from '../../shared/domain/series.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import type { Brush } from '../state/brush.ts';
import { useLiveSamples } from '../state/live-samples.ts';
import { type ChartSeries, SeriesChart } from './series-chart.tsx';
import { useNow } from './time.tsx';

export interface LiveChartProps {
  readonly title: string;
  readonly unit: string;
  /** At most four signals of one unit; their history must have been filled into the live samples. */
  readonly signals: readonly { readonly id: string; readonly name: string }[];
  readonly windowMs: number;
  readonly findings?: readonly Finding[];
  readonly height?: number;
  readonly brush?: Brush | null;
  readonly onBrush?: (brush: Brush | null) => void;
  readonly onFinding?: (finding: Finding) => void;
  readonly note?: string | null;
  readonly noteTitle?: string | null;
}

const noFindings: readonly Finding[] = [];

/**
 * The newest stretch of some signals. It is drawn once a second, at the page's one tick, together with all others:
 * samples that come in between wait in their buffers.
 */
export function LiveChart({ signals, windowMs, findings = noFindings, ...rest }: LiveChartProps) {
  const live = useLiveSamples();
  const nowMs = useNow();
  // A history that was just filled in is shown at once, not at the next tick.
  useSyncExternalStore(live.subscribeFills, live.fillCount);
  const series: ChartSeries[] = signals.map((signal) => ({
    id: signal.id,
    name: signal.name,
    points: live.buffer(signal.id),
  }));
  const toMs = nowMs + windowMs * 0.01;
  const fromMs = nowMs - windowMs;
  const first = series[0];
  const gaps = first ? findGaps(first.points, fromMs, nowMs) : [];
  return (
    <SeriesChart
      {...rest}
      series={series}
      fromMs={fromMs}
      toMs={toMs}
      nowMs={nowMs}
      findings={findings}
      gaps={gaps}
    />
  );
}
