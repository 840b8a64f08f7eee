import type { LessonInForce } from '../domain/lesson.ts';
import type { Finding } from '../domain/signal.ts';
import { dayMs } from '../domain/time.ts';

/** What a person said of an earlier incident, and the deviations that it rested on. */
export interface Verdict {
  readonly alertId: string;
  readonly disposition: 'false-positive' | 'benign-positive';
  readonly actor: string;
  readonly timeMs: number;
  readonly findings: readonly Finding[];
}

/** What an earlier verdict says of a new deviation. */
export interface Lesson {
  readonly alertId: string;
  readonly sentence: string;
}

/**
 * A deviation is like one that was judged while it is no more than a thousand times rarer and no more than half as
 * far out again: beyond that it is clearly worse, and a verdict on something small says nothing of it.
 */
const mostRarer = 3;
const mostFurther = 1.5;

/** How many times the expected, or the expected over it for a fall: 1 and more. */
function distanceOf({ observed, expected, direction }: Finding): number {
  const least = Math.max(Math.abs(expected), Math.abs(observed)) * 1e-6 + 1e-12;
  const seen = Math.max(Math.abs(observed), least);
  const usual = Math.max(Math.abs(expected), least);
  return direction === 'up' ? seen / usual : usual / seen;
}

/** Whether a deviation is of the kind of another and not clearly worse. Never true of what a rule says. */
export function isLike(finding: Finding, judged: Finding): boolean {
  return (
    finding.kind === 'deviation' &&
    judged.kind === 'deviation' &&
    finding.signalId === judged.signalId &&
    finding.direction === judged.direction &&
    finding.surprise <= judged.surprise + mostRarer &&
    distanceOf(finding) <= distanceOf(judged) * mostFurther
  );
}

const words = {
  'false-positive': 'a false positive',
  'benign-positive': 'benign',
} as const satisfies Record<Verdict['disposition'], string>;

/** The newest verdict on the like of a deviation; null where there is none. A verdict taken back is none. */
export function lessonFor(finding: Finding, verdicts: readonly Verdict[]): Lesson | null {
  const [verdict] = verdicts
    .filter(({ findings }) => findings.some((judged) => judged.id !== finding.id && isLike(finding, judged)))
    .toSorted((a, b) => b.timeMs - a.timeMs);
  if (verdict === undefined) return null;
  const day = new Date(verdict.timeMs).toISOString().slice(0, 10);
  return {
    alertId: verdict.alertId,
    sentence: `like one that ${verdict.actor} judged ${words[verdict.disposition]} on ${day}`,
  };
}

/**
 * Of earlier findings, those that are at least as improbable as one of these on the same signal, in its direction and
 * lane: how often an alert would have fired for the same reason.
 */
export function firedBefore(earlier: readonly Finding[], own: readonly Finding[]): readonly Finding[] {
  const ids = new Set(own.map(({ id }) => id));
  return earlier.filter(
    (finding) =>
      !ids.has(finding.id) &&
      own.some(
        (mine) =>
          finding.signalId === mine.signalId &&
          finding.kind === mine.kind &&
          finding.direction === mine.direction &&
          finding.lane === mine.lane &&
          finding.surprise >= mine.surprise,
      ),
  );
}

/** Of earlier findings, those that verdicts on these would have moved out of the actionable lane. */
export function wouldHaveMoved(earlier: readonly Finding[], own: readonly Finding[]): readonly Finding[] {
  const ids = new Set(own.map(({ id }) => id));
  return earlier.filter(
    (finding) =>
      !ids.has(finding.id) && finding.lane === 'actionable' && own.some((judged) => isLike(finding, judged)),
  );
}

/** How far back before a verdict it is told what it would have moved. */
export const lessonLookBackMs = 30 * dayMs;

/** What one verdict covers and what came of it. */
export type LessonEffect = Pick<
  LessonInForce,
  'alertId' | 'covers' | 'hidden' | 'lastHiddenMs' | 'wouldHaveHidden'
>;

/**
 * What each verdict covers, what it has moved since, and what it would have moved before. A finding that several
 * verdicts cover counts for the newest that was given when it began. Verdicts on what teaches nothing are left out.
 * @param deviations actionable deviations as detection saw them, in any order
 */
export function lessonEffects(
  verdicts: readonly Verdict[],
  deviations: readonly Finding[],
): readonly LessonEffect[] {
  const bySignal = new Map<string, Finding[]>();
  for (const finding of deviations) {
    const known = bySignal.get(finding.signalId);
    if (known) known.push(finding);
    else bySignal.set(finding.signalId, [finding]);
  }
  const verdictsOf = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    for (const signalId of new Set(verdict.findings.map((finding) => finding.signalId))) {
      verdictsOf.set(signalId, [...(verdictsOf.get(signalId) ?? []), verdict]);
    }
  }
  const hiddenBy = new Map<string, Finding[]>();
  for (const [signalId, findings] of bySignal) {
    for (const finding of findings) {
      const given = (verdictsOf.get(signalId) ?? []).filter(({ timeMs }) => timeMs <= finding.startMs);
      const lesson = lessonFor(finding, given);
      if (lesson) hiddenBy.set(lesson.alertId, [...(hiddenBy.get(lesson.alertId) ?? []), finding]);
    }
  }
  return verdicts.flatMap((verdict): LessonEffect[] => {
    const own = verdict.findings.filter(({ kind }) => kind === 'deviation');
    if (own.length === 0) return [];
    const covers = new Map(
      own.map(({ signalId, direction }) => [`${signalId} ${direction}`, { signalId, direction }]),
    );
    const earlier = [...new Set(own.map(({ signalId }) => signalId))]
      .flatMap((signalId) => bySignal.get(signalId) ?? [])
      .filter(({ startMs }) => startMs < verdict.timeMs && startMs >= verdict.timeMs - lessonLookBackMs);
    const hidden = hiddenBy.get(verdict.alertId) ?? [];
    return [
      {
        alertId: verdict.alertId,
        covers: [...covers.values()],
        hidden: hidden.length,
        lastHiddenMs: hidden.length === 0 ? null : Math.max(...hidden.map(({ startMs }) => startMs)),
        wouldHaveHidden: wouldHaveMoved(earlier, own).length,
      },
    ];
  });
}
