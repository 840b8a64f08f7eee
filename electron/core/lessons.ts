import { lessonEffects, lessonLookBackMs, type Verdict } from '../../shared/detection/lessons.ts';
import { type LessonInForce, mostLessons } from '../../shared/domain/lesson.ts';
import type { Store } from '../db/index.ts';

/** The line of an alert's history that a verdict left, and the reason that was given with it. */
const closedAs = /^Closed as [a-z ]+(?:: (?<reason>.*))?$/s;

interface GivenVerdict extends Verdict {
  readonly reason: string;
}

/** What people said of earlier incidents of a service, null for all, the newest incident first. */
export function readVerdicts(store: Store, serviceId: string | null, nowMs: number): readonly GivenVerdict[] {
  return store.incidents.judged(serviceId).map(({ alertId, disposition }) => {
    const said = store.alerts.history(alertId).findLast(({ sentence }) => closedAs.test(sentence));
    return {
      alertId,
      disposition,
      actor: said?.actor ?? 'somebody',
      timeMs: said?.timeMs ?? nowMs,
      reason: closedAs.exec(said?.sentence ?? '')?.groups?.reason ?? '',
      findings: store.findings.forAlert(alertId),
    };
  });
}

/** Every lesson that is in force, the newest verdict first, with what it moved and would have moved. */
export function listLessons(
  store: Store,
  nowMs: number,
): { readonly lessons: LessonInForce[]; readonly isWhole: boolean; readonly isExact: boolean } {
  const verdicts = readVerdicts(store, null, nowMs);
  if (verdicts.length === 0) return { lessons: [], isWhole: true, isExact: true };
  const signalIds = [
    ...new Set(verdicts.flatMap(({ findings }) => findings.map(({ signalId }) => signalId))),
  ];
  const sinceMs = Math.min(...verdicts.map(({ timeMs }) => timeMs)) - lessonLookBackMs;
  const { findings: deviations, isExact } = store.findings.deviations(signalIds, sinceMs);
  const alerts = new Map(
    store.alerts.getMany(verdicts.map(({ alertId }) => alertId)).map((alert) => [alert.id, alert]),
  );
  const lessons = lessonEffects(verdicts, deviations).flatMap((effect): LessonInForce[] => {
    const verdict = verdicts.find(({ alertId }) => alertId === effect.alertId);
    const alert = alerts.get(effect.alertId);
    if (!verdict || !alert) return [];
    const { title, customerId, serviceId } = alert;
    const { disposition, actor, timeMs, reason } = verdict;
    return [{ ...effect, title, customerId, serviceId, disposition, actor, judgedMs: timeMs, reason }];
  });
  return {
    lessons: lessons.toSorted((left, right) => right.judgedMs - left.judgedMs),
    isWhole: verdicts.length < mostLessons,
    isExact,
  };
}
