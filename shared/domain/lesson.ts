import { z } from 'zod';

/** Judged incidents that teach: so many of a service, the newest; and so many are listed. */
export const mostLessons = 100;

export const lessonInForceSchema = z.object({
  /** The alert that was judged: reopening it ends the lesson. */
  alertId: z.string(),
  title: z.string(),
  customerId: z.string().nullable(),
  serviceId: z.string().nullable(),
  disposition: z.enum(['false-positive', 'benign-positive']),
  /** Who judged, when, and the reason they gave; the reason may be empty. */
  actor: z.string(),
  judgedMs: z.number(),
  reason: z.string(),
  /** Deviations of these signals in these directions are covered while they are not clearly worse. */
  covers: z.array(z.object({ signalId: z.string(), direction: z.enum(['up', 'down']) })),
  /** How many later findings it moved to the informational lane, and when the last of them began. */
  hidden: z.number().int(),
  lastHiddenMs: z.number().nullable(),
  /** How many findings of the 30 days before the verdict it would have moved. */
  wouldHaveHidden: z.number().int(),
});
/** What a verdict taught and still does, with what came of it. */
export type LessonInForce = z.infer<typeof lessonInForceSchema>;
