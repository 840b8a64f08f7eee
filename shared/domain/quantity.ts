/** A number made readable: its digits and what stands after them. */
export interface Quantity {
  readonly number: string;
  /** Magnitude and unit together, e.g. `k requests/s`, `Gbit/s`, `ms`; may be empty. */
  readonly unit: string;
}

const magnitudes = [
  { size: 1e12, sign: 'T' },
  { size: 1e9, sign: 'G' },
  { size: 1e6, sign: 'M' },
  { size: 1e3, sign: 'k' },
] as const;

/** Units whose prefix is written on the unit itself (`1.21 Gbit/s`) and not on the number (`142.3 k requests/s`). */
const prefixed = /^(bit|bits|b|B|byte|bytes|Hz|W)(\/s)?$/;

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Three significant digits, four in the hundreds (`142.3`), no needless zeros: exact enough to act on. */
function readable(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  if (size >= 10) return trimZeros(value.toFixed(1));
  if (size >= 0.01) return trimZeros(value.toFixed(size >= 1 ? 2 : 3));
  return value.toPrecision(2);
}

/**
 * A value with its unit for people. `ratio` is shown as percent; times take milliseconds below ten seconds and
 * seconds above; others get k, M, G, T. null and what is no number give `not known`.
 */
export function toQuantity(value: number | null, unit: string): Quantity {
  if (value === null || !Number.isFinite(value)) return { number: 'not known', unit: '' };
  if (unit === 'ratio') return { number: readable(value * 100), unit: '%' };
  if (unit === '%') return { number: readable(value), unit };
  if (unit === 'ms' || unit === 's') {
    const milliseconds = unit === 's' ? value * 1_000 : value;
    return Math.abs(milliseconds) >= 10_000
      ? { number: readable(milliseconds / 1_000), unit: 's' }
      : { number: readable(milliseconds), unit: 'ms' };
  }
  // 999.95 would be written as 1000: the next magnitude starts where rounding reaches it.
  const magnitude = magnitudes.find(({ size }) => Math.abs(value) >= size * 0.99995);
  if (magnitude === undefined) return { number: readable(value), unit };
  return {
    number: readable(value / magnitude.size),
    unit:
      unit === ''
        ? magnitude.sign
        : prefixed.test(unit)
          ? `${magnitude.sign}${unit}`
          : `${magnitude.sign} ${unit}`,
  };
}

/** The same as one text: `142.3 k requests/s`, `412 ms`, `1.21 Gbit/s`, `99.2%`, `not known`. */
export function formatQuantity(value: number | null, unit: string): string {
  const { number, unit: shownUnit } = toQuantity(value, unit);
  return shownUnit === '' ? number : shownUnit === '%' ? `${number}%` : `${number} ${shownUnit}`;
}

/** The same without the unit where it stands nearby anyway: `8.1 k`. Times, shares, bits and bytes keep theirs. */
export function formatMagnitude(value: number | null, unit: string): string {
  const keepsUnit = unit === 'ratio' || unit === '%' || unit === 'ms' || unit === 's' || prefixed.test(unit);
  return formatQuantity(value, keepsUnit ? unit : '');
}

/** A count in full with thin separators: `1,204`. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? count.toLocaleString('en') : 'not known';
}

/** A share from 0 to 1 as percent: `8%`, `0.9%`, `<0.1%`. */
export function formatShare(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return 'not known';
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1%';
  return `${percent >= 10 ? percent.toFixed(0) : trimZeros(percent.toFixed(1))}%`;
}

/** A size in bytes: `512 B`, `1.5 kB`, `48 MB`. */
export function formatBytes(bytes: number): string {
  return formatQuantity(bytes, 'B');
}
