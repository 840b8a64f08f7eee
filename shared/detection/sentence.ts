import { formatMagnitude, formatQuantity } from '../domain/quantity.ts';
import type { BaselineState } from '../domain/signal.ts';
import { dayMs, formatDuration } from '../domain/time.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** The half hour a moment belongs to, as a person says it: `Tuesday 02:00` (UTC). */
export function formatHalfHour(timeMs: number): string {
  const slotMs = Math.floor(timeMs / 1_800_000) * 1_800_000;
  const weekday = weekdays[(((Math.floor(slotMs / dayMs) + 4) % 7) + 7) % 7] ?? '';
  return `${weekday} ${clock(slotMs)}`;
}

function clock(timeMs: number): string {
  const minutes = Math.floor((((timeMs % dayMs) + dayMs) % dayMs) / 60_000);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** What a finding's sentence is made of; values in the signal's unit. */
export interface DeviationFacts {
  readonly name: string;
  readonly unit: string;
  readonly multiplicative: boolean;
  readonly observed: number;
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  readonly timeMs: number;
  readonly lastedMs: number;
  readonly baselineState: BaselineState;
  /** It lasted so long that it is expected from now on. */
  readonly isAccepted?: boolean;
}

function howFar(facts: DeviationFacts): string {
  const { observed, expected } = facts;
  const word = observed >= expected ? 'above' : 'below';
  if (!facts.multiplicative) {
    const points = Math.abs(observed - expected) * (facts.unit === '%' ? 1 : 100);
    return `${points >= 10 ? Math.round(points) : points.toFixed(1)} points ${word}`;
  }
  // Beside a usual of nearly nothing a ratio says nothing.
  if (expected <= 0 || observed < 0 || observed / expected >= 1000) return `far ${word}`;
  const ratio = observed / expected;
  if (ratio >= 2) return `${ratio >= 100 ? Math.round(ratio) : ratio.toFixed(1)}x ${word}`;
  return `${Math.round(Math.abs(ratio - 1) * 100)}% ${word}`;
}

function usual(facts: DeviationFacts): string {
  switch (facts.baselineState) {
    case 'seasonal':
      return `the usual ${formatHalfHour(facts.timeMs)}`;
    case 'warm':
      return `the usual ${formatHalfHour(facts.timeMs).split(' ')[1] ?? ''}`;
    case 'learning':
      return 'the last hours (still learning)';
  }
}

/**
 * Why a finding is here, in one sentence: `HTTP requests 14.2x above the usual Tuesday 02:00, 8.1 k requests/s where
 * 540 to 620 is usual, for 3 min.`
 */
export function deviationSentence(facts: DeviationFacts): string {
  const range = `${formatMagnitude(facts.low, facts.unit)} to ${formatMagnitude(facts.high, facts.unit)} is usual`;
  const lasted = facts.lastedMs >= 1000 ? `, for ${formatDuration(facts.lastedMs)}` : '';
  const accepted = facts.isAccepted === true ? '; it is expected from now on' : '';
  return `${facts.name} ${howFar(facts)} ${usual(facts)}, ${formatQuantity(facts.observed, facts.unit)} where ${range}${lasted}${accepted}.`;
}

/** What is said of something new that is no emergency; values in the signal's unit. */
export interface NoveltyFacts {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'season' | 'novelty' | 'level' | 'spread' | 'distribution' | 'shape';
  readonly direction: 1 | -1;
  readonly observed: number;
  /** Mean of all that is remembered. */
  readonly usual: number;
  readonly timeMs: number;
  /** Samples over which it is judged. */
  readonly samples: number;
  readonly historyMs: number;
  readonly baselineState: BaselineState;
}

/** What is new about a signal, in one sentence. */
export function noveltySentence(facts: NoveltyFacts): string {
  const { name, unit, kind, samples } = facts;
  const history = formatDuration(facts.historyMs);
  const seen = formatQuantity(facts.observed, unit);
  const mean = `${formatMagnitude(facts.usual, unit)} is its mean`;
  const over = `over the last ${samples} samples`;
  switch (kind) {
    case 'season':
      return `${name} at ${seen} is unlike ${formatHalfHour(facts.timeMs)} as it usually is (${mean}).`;
    case 'novelty':
      return `${name} at ${seen} is ${facts.direction > 0 ? 'higher' : 'lower'} than ever in ${history} (${mean}).`;
    case 'level':
      return `${name} has run ${facts.direction > 0 ? 'above' : 'below'} what is usual for these hours ${over}, now ${seen} (${mean}).`;
    case 'spread':
      return `${name} varies ${over} as it rarely has in ${history}, now ${seen} (${mean}).`;
    case 'distribution':
      return `The values of ${name} ${over} are spread unlike any before in ${history}, now ${seen} (${mean}).`;
    case 'shape':
      return `${name} follows a course unlike any before in ${history}, now ${seen} (${mean}).`;
  }
}

/** How improbable a deviation is, in words: `about 1 in 10,000 samples`. @param surprise -log10 of the probability */
export function improbabilityWords(surprise: number): string {
  if (surprise >= 9) return 'less than 1 in 1,000,000,000 samples';
  const magnitude = 10 ** Math.max(0, surprise);
  const step = 10 ** Math.floor(Math.log10(magnitude));
  return `about 1 in ${(Math.round(magnitude / step) * step).toLocaleString('en')} samples`;
}
