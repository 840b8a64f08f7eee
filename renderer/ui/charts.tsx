/**
 * Charts: SeriesChart (a stretch that stands still), LiveChart (moves by the second) are our own SVG;
 * HistoryChart and BarChart are recharts, for what does not move.
 */
export * from './bar-chart.tsx';
export * from './chart-frame.tsx';
export { type Crosshair, CrosshairContext, createCrosshair } from './crosshair.ts';
export * from './live-chart.tsx';
export * from './series-chart.tsx';
