import { z } from 'zod';

/** The scenarios of the range. The detector never sees these names. */
export const scenarioNames = [
  'syn-flood',
  'udp-amplification',
  'http-flood',
  'cache-busting',
  'slow-loris',
  'credential-stuffing',
  'slow-origin-failure',
  'loss-of-reachability',
  'flash-crowd',
] as const;
export const scenarioNameSchema = z.enum(scenarioNames);
export type ScenarioName = z.infer<typeof scenarioNameSchema>;

export const rangeStatusSchema = z.object({
  /** False in a workspace that is not the range. */
  running: z.boolean(),
  /** How many times shorter scenarios and the pauses between them are. The range's clock is always the real one. */
  speed: z.number(),
  historyProgress: z.number().min(0).max(1),
  scenarios: z.array(
    z.object({
      name: scenarioNameSchema,
      label: z.string(),
      summary: z.string(),
      isAttack: z.boolean(),
    }),
  ),
  active: z.array(
    z.object({
      name: scenarioNameSchema,
      customerId: z.string(),
      startedMs: z.number(),
      endsMs: z.number(),
    }),
  ),
  nextByItselfMs: z.number().nullable(),
});
export type RangeStatus = z.infer<typeof rangeStatusSchema>;
