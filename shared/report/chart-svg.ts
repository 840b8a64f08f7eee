import { formatMagnitude } from '../domain/quantity.ts';
import {
  bandPath,
  type Columns,
  columnWidthMs,
  linePath,
  niceDomain,
  pointsFromWindow,
  reduceToColumns,
  type Scale,
  timeTicks,
  toPixel,
  valueTicks,
} from '../domain/series.ts';
import { dayMs, formatUtc, minuteMs } from '../domain/time.ts';
import { type Html, html, noHtml } from './html.ts';
import type { ReportChart } from './retrospective-model.ts';

const size = { width: 720, height: 176, left: 62, right: 8, top: 10, bottom: 22 } as const;
const plotWidth = size.width - size.left - size.right;
const plotHeight = size.height - size.top - size.bottom;

function columnsOf(chart: ReportChart, mostColumns: number): Columns {
  const columnMs = columnWidthMs(chart.toMs - chart.fromMs, mostColumns);
  return reduceToColumns(pointsFromWindow(chart.window), chart.fromMs, chart.toMs, columnMs);
}

function timeWords(timeMs: number, stepMs: number): string {
  const text = formatUtc(timeMs);
  if (stepMs >= dayMs) return text.slice(5, 10);
  return stepMs >= minuteMs ? text.slice(11, 16) : text.slice(11, 19);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Pixel of a moment, kept within the plot. */
function timePixel(x: Scale, timeMs: number): number {
  return round(Math.min(Math.max(toPixel(x, timeMs), 0), plotWidth));
}

function area(name: string, fromX: number, toX: number): Html {
  return html`<rect class="${name}" x="${fromX}" y="0" width="${round(Math.max(1, toX - fromX))}" height="${plotHeight}"/>`;
}

function valueAxis(y: Scale, unit: string): Html[] {
  return valueTicks(y, 3).map((tick) => {
    const at = round(y.size - toPixel(y, tick));
    return html`<line class="chart-grid" x1="0" x2="${plotWidth}" y1="${at}" y2="${at}"/><text x="-6" y="${round(at + 3.5)}" text-anchor="end">${formatMagnitude(tick, unit)}</text>`;
  });
}

function timeAxis(x: Scale, chart: ReportChart): Html[] {
  const { stepMs, timesMs } = timeTicks(chart.fromMs, chart.toMs, 7);
  return timesMs.map((timeMs) => {
    const at = timePixel(x, timeMs);
    return html`<line class="chart-axis" x1="${at}" x2="${at}" y1="${plotHeight}" y2="${plotHeight + 4}"/><text x="${at}" y="${plotHeight + 15}" text-anchor="${at > plotWidth - 16 ? 'end' : 'middle'}">${timeWords(timeMs, stepMs)}</text>`;
  });
}

function findingMarks(x: Scale, chart: ReportChart): Html[] {
  return chart.window.findings.map((finding) => {
    const start = timePixel(x, finding.startMs);
    const pin = `${round(start - 4)},${plotHeight} ${round(start + 4)},${plotHeight} ${start},${plotHeight - 7}`;
    return html`${area('chart-finding', start, timePixel(x, finding.endMs ?? chart.toMs))}<polygon class="chart-pin" points="${pin}"/>`;
  });
}

function actionMarks(x: Scale, chart: ReportChart): Html[] {
  return chart.marks.map((mark) => {
    const at = timePixel(x, mark.timeMs);
    const isNearEnd = at > plotWidth - 80;
    const wordX = round(isNearEnd ? at - 4 : at + 4);
    return html`<line class="chart-mark" x1="${at}" x2="${at}" y1="0" y2="${plotHeight}"/><text class="chart-mark-word" x="${wordX}" y="9" text-anchor="${isNearEnd ? 'end' : 'start'}">${mark.label}</text>`;
  });
}

/** Our own path, whole: it is numbers and letters of commands, and a text's bound would cut it. */
function pathData(path: string): Html {
  return { markup: path };
}

/**
 * One signal of a report as an SVG figure, by the same reduction and paths as the charts on the screen: the expected
 * band, the line, gaps hatched, findings shaded with their pins, countermeasures as dashed marks.
 */
export function chartSvg(chart: ReportChart): Html {
  const columns = columnsOf(chart, 600);
  const x: Scale = { kind: 'linear', min: chart.fromMs, max: chart.toMs, size: plotWidth };
  const domain = niceDomain(columns.valueMin, columns.valueMax, { unit: chart.unit });
  const y: Scale = { kind: 'linear', ...domain, size: plotHeight };
  const period = `${formatUtc(chart.fromMs)} to ${formatUtc(chart.toMs)}`;
  const details = [chart.stage, chart.unit, period, chart.window.rolledUp ? 'means of longer intervals' : '']
    .filter((each) => each !== '')
    .join(', ');
  const gaps = chart.window.gaps.map((gap) =>
    area('chart-gap', timePixel(x, gap.fromMs), timePixel(x, gap.toMs)),
  );
  const empty =
    columns.count === 0
      ? html`<text x="${plotWidth / 2}" y="${plotHeight / 2}" text-anchor="middle">no samples saved</text>`
      : noHtml;
  // Columns stand for a little time before the window's first moment and after its last: the view cuts them off.
  return html`<figure><figcaption>${chart.title} <span class="quiet">${details}</span></figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${`${chart.title}, ${period}`}"><defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="chart-hatch" x1="0" y1="0" x2="0" y2="5"/></pattern></defs><g transform="translate(${size.left} ${size.top})">${valueAxis(y, chart.unit)}${gaps}${findingMarks(x, chart)}<svg width="${plotWidth}" height="${plotHeight}" viewBox="0 0 ${plotWidth} ${plotHeight}"><path class="chart-band" d="${pathData(bandPath(columns, x, y))}"/><path class="chart-line" d="${pathData(linePath(columns, x, y))}"/></svg>${timeAxis(x, chart)}<line class="chart-axis" x1="0" x2="${plotWidth}" y1="${plotHeight}" y2="${plotHeight}"/>${actionMarks(x, chart)}${empty}</g></svg></figure>
`;
}

const bars = '▁▂▃▄▅▆▇█';
const mostBars = 60;

/** A chart as one line of text, at most about 60 columns wide; a column without samples is a space. */
export function sparkline(chart: ReportChart): string {
  const columns = columnsOf(chart, mostBars);
  const firstColumn = Math.floor(chart.fromMs / columns.columnMs);
  const lastColumn = Math.floor(chart.toMs / columns.columnMs);
  const shown = Array.from({ length: Math.max(1, lastColumn - firstColumn + 1) }, () => ' ');
  const most = columns.max
    .slice(0, columns.count)
    .filter((value) => Number.isFinite(value))
    .reduce((best, value) => Math.max(best, value), 0);
  for (let index = 0; index < columns.count; index += 1) {
    const value = columns.max[index] ?? Number.NaN;
    const place = Math.floor((columns.timesMs[index] ?? 0) / columns.columnMs) - firstColumn;
    if (Number.isNaN(value) || place < 0 || place >= shown.length) continue;
    const level = most > 0 ? Math.floor((Math.max(0, value) / most) * (bars.length - 1)) : 0;
    shown[place] = bars[level] ?? ' ';
  }
  return shown.join('');
}
