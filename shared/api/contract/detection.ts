import { z } from 'zod';
import { backTestRequestSchema, backTestResultSchema } from '../../domain/back-test.ts';
import { lessonInForceSchema } from '../../domain/lesson.ts';
import { noiseSchema } from '../../domain/noise.ts';
import {
  breakdownSchema,
  dimensionSchema,
  findingSchema,
  layerSchema,
  measureSchema,
  signalSchema,
  signalWindowSchema,
  stageSchema,
} from '../../domain/signal.ts';
import { id, none, type TopicMethods, timeMs } from './common.ts';

/** What is measured, what deviated, what verdicts taught of it, and what calls too much. */
export const detectionMethods = {
  /** What called people in the last seven days against each customer's budget, and where it came from. */
  'noise.read': { input: z.object({ customerId: id.nullable() }), output: noiseSchema },

  'signals.list': { input: none, output: z.array(signalSchema) },
  'signals.update': {
    input: z.object({
      id,
      customerId: id,
      serviceId: id,
      stage: stageSchema,
      layer: layerSchema,
      measure: measureSchema,
      name: z.string().min(1).max(200),
      unit: z.string().max(40),
    }),
    output: signalSchema,
  },
  'signals.window': {
    input: z.object({
      signalIds: z.array(id).min(1).max(40),
      fromMs: timeMs,
      toMs: timeMs,
      maxPoints: z.number().int().min(10).max(20_000),
    }),
    output: z.array(signalWindowSchema),
  },
  'signals.breakdown': {
    input: z.object({
      customerId: id.nullable(),
      serviceId: id.nullable(),
      dimension: dimensionSchema,
      fromMs: timeMs,
      toMs: timeMs,
    }),
    output: breakdownSchema,
  },

  'findings.list': {
    input: z.object({ fromMs: timeMs, toMs: timeMs, signalId: id.nullable() }),
    output: z.array(findingSchema),
  },
  /** How often an alert would have fired for the same reason in the last 30 days, and what its verdict teaches. */
  'findings.history': {
    input: z.object({ alertId: id }),
    output: z.object({
      /** From here on: less than 30 days back where the signals are younger. */
      sinceMs: z.number(),
      /** Earlier findings at least as improbable, the newest first. */
      fired: z.array(findingSchema),
      /** How many earlier actionable findings a verdict on this one would have moved to the informational lane. */
      wouldMove: z.number().int(),
      /** False where there are more findings than were looked at. */
      isExact: z.boolean(),
    }),
  },

  /**
   * What verdicts taught and still teach, the newest first. `isWhole` is false where older ones are left out,
   * `isExact` where not all findings were counted.
   */
  'lessons.list': {
    input: none,
    output: z.object({ lessons: z.array(lessonInForceSchema), isWhole: z.boolean(), isExact: z.boolean() }),
  },

  /**
   * Replays the engine over stored samples in a worker and tells what it would have raised. Long: it reports signals
   * done of all, and can be cancelled. One at a time; a second one is refused with `conflict`.
   */
  'backtest.run': { input: backTestRequestSchema, output: backTestResultSchema },
} as const satisfies TopicMethods;
