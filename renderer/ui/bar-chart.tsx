import {
  Bar,
  CartesianGrid,
  Cell,
  Line,
  LineChart,
  BarChart as RechartsBarChart,
  Tooltip as RechartsTooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatQuantity } from '../../shared/domain/quantity.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { niceDomain, timeTicks } from '../../shared/domain/series.ts';
import { useApp } from '../state/store.ts';
import { ChartFrame } from './chart-frame.tsx';
import { showTime } from './time.tsx';
import { useWidth } from './use-size.ts';

export interface HistoryChartProps {
  readonly title: string;
  readonly unit: string;
  readonly timesMs: readonly number[];
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  readonly height?: number;
}

/** Lines that do not move by the second: distributions, months. Missing values stay gaps. */
export function HistoryChart({ title, unit, timesMs, lines, height = 180 }: HistoryChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const zone = useApp((state) => state.settings.zone);
  const rows = timesMs.map((timeMs, index) => ({
    timeMs,
    ...Object.fromEntries(lines.map((line, place) => [`v${place}`, line.values[index] ?? null])),
  }));
  const all = lines.flatMap((line) => line.values.filter((value): value is number => value !== null));
  const domain = niceDomain(Math.min(...all), Math.max(...all), { unit });
  const fromMs = timesMs[0] ?? 0;
  const toMs = timesMs.at(-1) ?? 1;
  const ticks = timeTicks(fromMs, toMs, Math.max(2, Math.floor(width / 90)));
  return (
    <ChartFrame title={title} unit={unit}>
      <div
        ref={ref}
        className="chart"
        style={{ height }}
        role="img"
        aria-label={toSafeExcerpt(`${title}, ${unit}`, 300)}
      >
        {width === 0 ? null : (
          <LineChart
            accessibilityLayer={false}
            width={width}
            height={height}
            data={rows}
            margin={{ top: 6, right: 8, bottom: 0, left: 0 }}
          >
            <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
            <XAxis
              dataKey="timeMs"
              type="number"
              domain={[fromMs, toMs]}
              ticks={[...ticks.timesMs]}
              tickFormatter={(value: number) =>
                ticks.stepMs >= 86_400_000
                  ? showTime(value, zone).slice(5, 10)
                  : showTime(value, zone).slice(11, 16)
              }
              tick={{ fontSize: 11, fill: 'var(--chart-axis)' }}
              stroke="var(--line)"
            />
            <YAxis
              type="number"
              domain={[domain.min, domain.max]}
              width={46}
              tickCount={4}
              tickFormatter={(value: number) => formatQuantity(value, '')}
              tick={{ fontSize: 11, fill: 'var(--chart-axis)' }}
              stroke="var(--line)"
            />
            <RechartsTooltip
              isAnimationActive={false}
              contentStyle={{
                background: 'var(--surface-dialog)',
                border: '1px solid var(--line-strong)',
                borderRadius: 4,
              }}
              labelStyle={{ color: 'var(--text)' }}
              labelFormatter={(value) => showTime(Number(value), zone)}
              formatter={(value) => formatQuantity(Number(value), unit)}
            />
            {lines.map((line, index) => (
              <Line
                key={line.name}
                dataKey={`v${index}`}
                name={line.name}
                stroke={`var(--chart-${(index % 4) + 1})`}
                strokeWidth={1.25}
                dot={false}
                connectNulls={false}
                isAnimationActive={false}
              />
            ))}
          </LineChart>
        )}
      </div>
    </ChartFrame>
  );
}

export interface BarChartProps {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly { readonly name: string; readonly value: number; readonly marked?: boolean }[];
  readonly height?: number;
}

/** Amounts by name, upright bars; `marked` ones are drawn in the second colour. */
export function BarChart({ title, unit, bars, height = 160 }: BarChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const domain = niceDomain(0, Math.max(0, ...bars.map((bar) => bar.value)), { unit });
  return (
    <ChartFrame title={title} unit={unit}>
      <div
        ref={ref}
        className="chart"
        style={{ height }}
        role="img"
        aria-label={toSafeExcerpt(
          `${title}: ${bars.map((bar) => `${bar.name} ${formatQuantity(bar.value, unit)}`).join(', ')}`,
          4_000,
        )}
      >
        {width === 0 ? null : (
          <RechartsBarChart
            accessibilityLayer={false}
            width={width}
            height={height}
            data={[...bars]}
            margin={{ top: 6, right: 8, bottom: 0, left: 0 }}
          >
            <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
            <XAxis
              dataKey="name"
              type="category"
              tick={{ fontSize: 11, fill: 'var(--chart-axis)' }}
              stroke="var(--line)"
            />
            <YAxis
              type="number"
              domain={[domain.min, domain.max]}
              width={46}
              tickCount={4}
              tickFormatter={(value: number) => formatQuantity(value, '')}
              tick={{ fontSize: 11, fill: 'var(--chart-axis)' }}
              stroke="var(--line)"
            />
            <Bar dataKey="value" isAnimationActive={false} maxBarSize={36}>
              {bars.map((bar) => (
                <Cell key={bar.name} fill={bar.marked ? 'var(--chart-4)' : 'var(--chart-1)'} />
              ))}
            </Bar>
          </RechartsBarChart>
        )}
      </div>
    </ChartFrame>
  );
}
