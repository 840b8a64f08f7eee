import type { Incident, Vector } from '../../shared/domain/incident.ts';
import { formatMagnitude, formatQuantity } from '../../shared/domain/quantity.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import {
  type Dimension,
  dimensions,
  type Finding,
  type Signal,
  type Stage,
} from '../../shared/domain/signal.ts';
import { formatDuration, secondMs } from '../../shared/domain/time.ts';
import { dimensionWords } from '../ui/index.ts';

export interface MixGroup {
  readonly dimension: Dimension;
  readonly parts: Vector['parts'];
}

/** The values of a vector by dimension, first the dimension in which the excess is least like the usual. */
export function mixGroups(parts: Vector['parts']): readonly MixGroup[] {
  const lift = ({ parts: own }: MixGroup) =>
    Math.max(...own.map(({ share, usualShare }) => share - usualShare));
  return [...new Set(parts.map(({ dimension }) => dimension))]
    .map(
      (dimension): MixGroup => ({
        dimension,
        parts: parts
          .filter((part) => part.dimension === dimension)
          .toSorted((left, right) => right.share - left.share),
      }),
    )
    .sort((left, right) => lift(right) - lift(left));
}

/** `Paths` becomes `paths` within a sentence; `TCP flags` stays. */
function withinSentence(words: string): string {
  return /^[A-Z][a-z]/.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words;
}

/** Which dimensions no source tells, in one sentence; null where all are told. */
export function notKnownSentence({ notKnown }: Pick<Vector, 'notKnown'>): string | null {
  if (notKnown.length === 0) return null;
  if (notKnown.length === dimensions.length) {
    return 'Not known: what makes up the excess; no source of this service breaks its traffic down.';
  }
  const names = notKnown.map((dimension) => withinSentence(dimensionWords[dimension])).join(', ');
  return `Not known: ${names}; no source of this service tells ${notKnown.length === 1 ? 'it' : 'them'}.`;
}

/** How much earlier the first deviation was than the first word of a firewall, WAF, IDS or filter. */
export function leadSentence({ firstAlarm, state }: Pick<Incident, 'firstAlarm' | 'state'>): string {
  if (firstAlarm === null) {
    return state === 'open'
      ? 'No firewall or filter has said anything so far'
      : 'No firewall or filter said anything';
  }
  const { leadMs } = firstAlarm;
  const name = `“${toSafeExcerpt(firstAlarm.name, 80)}”`;
  if (Math.abs(leadMs) < secondMs) return `In the same second as ${name}`;
  return leadMs > 0
    ? `${formatDuration(leadMs)} before ${name}`
    : `${name} spoke ${formatDuration(-leadMs)} earlier`;
}

/** Stages that deviated in the same second, and how long after the first one; null for the first itself. */
export interface OrderStep {
  readonly stages: readonly Stage[];
  readonly after: string | null;
}

/** Stages in the order in which they deviated. */
export function orderSteps(stageOrder: Incident['stageOrder']): readonly OrderStep[] {
  const firstMs = stageOrder[0]?.startMs ?? 0;
  const steps: OrderStep[] = [];
  for (const [index, { stage, startMs }] of stageOrder.entries()) {
    const afterMs = startMs - firstMs;
    const after = index === 0 ? null : afterMs < secondMs ? 'same second' : `+${formatDuration(afterMs)}`;
    const last = steps.at(-1);
    if (last !== undefined && last.after === after) {
      steps[steps.length - 1] = { stages: [...last.stages, stage], after };
    } else {
      steps.push({ stages: [stage], after });
    }
  }
  return steps;
}

/** What filters stopped at its peak, one line a counter: `Stopped by the WAF 8.1 k requests/s, usually 95`. */
export function stoppedLines(
  findings: readonly Finding[],
  signalOf: (signalId: string) => Signal | undefined,
): readonly string[] {
  return findings.flatMap((finding) => {
    const signal = signalOf(finding.signalId);
    if (signal?.measure !== 'mitigated' || finding.direction !== 'up') return [];
    const { name, unit } = signal;
    return [
      `${toSafeExcerpt(name, 80)} ${formatQuantity(finding.observed, unit)}, usually ${formatMagnitude(finding.expected, unit)}`,
    ];
  });
}

/** A band with its magnitude once: `38.6–55.5 Mbit/s`, `925.7–1.33 k`. */
export function bandWords({ low, high }: Pick<Finding, 'low' | 'high'>, unit: string): string {
  const [from, to] = [formatMagnitude(low, unit), formatMagnitude(high, unit)];
  const tail = (text: string) => /[^\d.,]*$/.exec(text)?.[0] ?? '';
  const shared = tail(from) === tail(to) ? tail(from).length : 0;
  return `${from.slice(0, from.length - shared)}–${to}`;
}
