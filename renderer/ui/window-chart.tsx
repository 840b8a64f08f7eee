import { pointsFromWindow } from '../../shared/domain/series.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { useCall } from '../api/use-call.ts';
import { SeriesChart } from './series-chart.tsx';
import { CallView } from './states.tsx';

export interface WindowChartProps {
  readonly signalId: string;
  readonly title: string;
  readonly unit: string;
  readonly range: { readonly fromMs: number; readonly toMs: number };
  /** Pinned on it, in place of those that the store has there. */
  readonly findings: readonly Finding[];
  readonly note: string;
  readonly height?: number;
  readonly onFinding?: (finding: Finding) => void;
}

/** A stretch of one signal's past as it is stored, with the findings that are to be seen on it. */
export function WindowChart({
  signalId,
  title,
  unit,
  range,
  findings,
  note,
  height = 132,
  onFinding,
}: WindowChartProps) {
  const windows = useCall('signals.window', { signalIds: [signalId], ...range, maxPoints: 800 });
  return (
    <CallView call={windows} label="Loading the signal">
      {([window]) =>
        window === undefined ? null : (
          <SeriesChart
            title={title}
            unit={unit}
            fromMs={range.fromMs}
            toMs={range.toMs}
            series={[{ id: signalId, name: title, points: pointsFromWindow(window) }]}
            findings={findings}
            gaps={window.gaps}
            height={height}
            note={note}
            {...(onFinding ? { onFinding } : {})}
          />
        )
      }
    </CallView>
  );
}
