const prefixes = [
  { factor: 1e12, symbol: 'T' },
  { factor: 1e9, symbol: 'G' },
  { factor: 1e6, symbol: 'M' },
  { factor: 1e3, symbol: 'k' },
] as const;

/** Units whose prefix is written on the unit itself (`1.21 Gbit/s`) and not on the number (`142.3 k requests/s`). */
const prefixedUnits = new Set(['bit/s', 'B/s', 'bit', 'B', 'bytes/s', 'bytes', 'Hz']);

/** Three significant digits from 1 up, four in the hundreds (`142.3`), no trailing zeros: exact enough to act on. */
function plainNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const digits = size >= 1000 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.01 ? 3 : 0;
  if (size < 0.01) return value.toPrecision(2).replace(/\.?0+(e|$)/, '$1');
  return value
    .toFixed(digits)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

function scaled(value: number): { readonly text: string; readonly symbol: string } {
  const size = Math.abs(value);
  // 999.95 would be written as 1000.0: the next prefix starts where rounding reaches it.
  const prefix = size < 999.95 ? undefined : prefixes.find((candidate) => size >= candidate.factor * 0.99995);
  return prefix === undefined
    ? { text: plainNumber(value), symbol: '' }
    : { text: plainNumber(value / prefix.factor), symbol: prefix.symbol };
}

/** Milliseconds and seconds in the one that reads best. */
function duration(value: number, unit: 'ms' | 's'): string {
  const milliseconds = unit === 's' ? value * 1000 : value;
  return Math.abs(milliseconds) >= 10_000
    ? `${plainNumber(milliseconds / 1000)} s`
    : `${plainNumber(milliseconds)} ms`;
}

/**
 * A number of a signal with its unit, for people: `142.3 k requests/s`, `1.21 Gbit/s`, `412 ms`, `99.2%`.
 * @param value in `unit`; not finite gives `not known`
 * @param unit as the signal has it; `ratio` is shown as a percentage, an empty unit gives the bare number
 */
export function formatQuantity(value: number, unit: string): string {
  if (!Number.isFinite(value)) return 'not known';
  if (unit === 'ratio') return `${plainNumber(value * 100)}%`;
  if (unit === '%') return `${plainNumber(value)}%`;
  if (unit === 'ms' || unit === 's') return duration(value, unit);
  const { text, symbol } = scaled(value);
  if (unit === '') return symbol === '' ? text : `${text} ${symbol}`;
  if (prefixedUnits.has(unit)) return `${text} ${symbol}${unit}`;
  return symbol === '' ? `${text} ${unit}` : `${text} ${symbol} ${unit}`;
}

/** The same without the unit where the unit stands nearby anyway: `8.1 k`. Times and percentages keep theirs. */
export function formatMagnitude(value: number, unit: string): string {
  if (unit === 'ratio' || unit === '%' || unit === 'ms' || unit === 's' || prefixedUnits.has(unit)) {
    return formatQuantity(value, unit);
  }
  return formatQuantity(value, '');
}
