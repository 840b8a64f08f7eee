import { z } from 'zod';
import { laneSchema, severitySchema } from './alert.ts';
import { scenarioNameSchema } from './range.ts';
import { findingSchema } from './signal.ts';
import { dayMs, hourMs, minuteMs } from './time.ts';

/** Signals that one back-test takes at most. */
export const mostBackTestSignals = 200;
/** How far back one may begin, before the samples run out anyway. */
export const longestBackTestMs = 90 * dayMs;

/** Of the engine's internal choices those that say how much it raises, each within what still makes sense. */
export const backTestChoicesSchema = z.strictObject({
  probability: z.number().min(1e-6).max(0.05),
  levelMs: z.number().min(minuteMs).max(dayMs),
  acceptMs: z
    .number()
    .min(hourMs)
    .max(14 * dayMs),
  noveltyThreshold: z.number().min(0.5).max(20),
});
export type BackTestChoices = z.infer<typeof backTestChoicesSchema>;

export const backTestRequestSchema = z.object({
  signalIds: z.array(z.string().min(1).max(200)).min(1).max(mostBackTestSignals),
  fromMs: z.number().finite(),
  toMs: z.number().finite(),
  a: backTestChoicesSchema,
  /** null: only what A raises. */
  b: backTestChoicesSchema.nullable(),
  /** In the range: a scenario that is played into the traffic of the first signal's service, near the end. */
  scenario: z.object({ name: scenarioNameSchema, seed: z.number().int().min(0).max(1_000_000) }).nullable(),
});
/** What is to be replayed. */
export type BackTestRequest = z.infer<typeof backTestRequestSchema>;

const laneCounts = z.object({ actionable: z.number().int(), informational: z.number().int() });
/** How many of each lane. */
export type LaneCounts = z.infer<typeof laneCounts>;

export const backTestIncidentSchema = z.object({
  id: z.string(),
  serviceId: z.string(),
  lane: laneSchema,
  severity: severitySchema,
  title: z.string(),
  why: z.string(),
  openedMs: z.number(),
  /** null: still open at the end of the range. */
  closedMs: z.number().nullable(),
});
export type BackTestIncident = z.infer<typeof backTestIncidentSchema>;

export const backTestOutcomeSchema = z.object({
  /** Findings that opened within the range, as they stood at its end. */
  findings: laneCounts,
  incidents: laneCounts,
  /** By UTC day, every day of the range. */
  days: z.array(laneCounts.extend({ dayMs: z.number() })),
  /** Newest first, bounded. */
  incidentRows: z.array(backTestIncidentSchema),
});
/** What one setting of the engine would have raised. */
export type BackTestOutcome = z.infer<typeof backTestOutcomeSchema>;

export const backTestMomentSchema = z.object({
  signalId: z.string(),
  startMs: z.number(),
  /** What A raised there, and B; null for neither. Never both null. */
  a: findingSchema.nullable(),
  b: findingSchema.nullable(),
});
/** One moment of one signal at which at least one of the two settings raised something. */
export type BackTestMoment = z.infer<typeof backTestMomentSchema>;

export const backTestResultSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  /** Distance of what was replayed within the range, ms; null: the samples themselves. */
  meansMs: z.number().nullable(),
  samples: z.number().int(),
  /** Of the signals that had samples: the least and the most history before the range, ms. */
  warmUp: z.object({ leastMs: z.number(), mostMs: z.number() }),
  /** Signals without a sample in the range: nothing can be said of them. */
  silentSignalIds: z.array(z.string()),
  a: backTestOutcomeSchema,
  b: backTestOutcomeSchema.nullable(),
  /** What both raised, only A, only B. */
  agreement: z.object({ both: z.number().int(), onlyA: z.number().int(), onlyB: z.number().int() }),
  /** Newest first, bounded. */
  moments: z.array(backTestMomentSchema),
  momentsLeftOut: z.number().int(),
  /** Where a scenario was played in. */
  scenario: z.object({ label: z.string(), startMs: z.number(), endMs: z.number() }).nullable(),
});
/** What a replay found. */
export type BackTestResult = z.infer<typeof backTestResultSchema>;
