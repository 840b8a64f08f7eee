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

/** Stages in the order in which they deviated, each with how long after the first; null for the first itself. */
export function orderSteps(
  stageOrder: Incident['stageOrder'],
): readonly { readonly stage: Stage; readonly after: string | null }[] {
  const firstMs = stageOrder[0]?.startMs ?? 0;
  return stageOrder.map(({ stage, startMs }, index) => {
    const afterMs = startMs - firstMs;
    const after = afterMs < secondMs ? 'same second' : `+${formatDuration(afterMs)}`;
    return { stage, after: index === 0 ? null : after };
  });
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
