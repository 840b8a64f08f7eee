import { z } from 'zod';
import { laneSchema, mitigatedSchema, severitySchema } from './alert.ts';
import { entitySchema } from './entity.ts';
import { dimensionSchema, stageSchema } from './signal.ts';

export const incidentSchema = z.object({
  /** Deterministic: the service and the start of its first finding. */
  id: z.string(),
  customerId: z.string(),
  serviceId: z.string(),
  openedMs: z.number(),
  closedMs: z.number().nullable(),
  state: z.enum(['open', 'closed']),
  lane: laneSchema,
  severity: severitySchema,
  mitigated: mitigatedSchema,
  title: z.string(),
  /** Why it is here and in this lane, in one sentence. */
  why: z.string(),
  /** The stage that deviated first: where to look. */
  firstStage: stageSchema,
  /** Stages in the order in which they deviated. */
  stageOrder: z.array(z.object({ stage: stageSchema, startMs: z.number() })),
  findingIds: z.array(z.string()),
  signalIds: z.array(z.string()),
  entities: z.array(entitySchema),
  /** ATT&CK technique ids that the signature suggests. */
  techniques: z.array(z.string()),
});
/** Findings of one service that belong together; it raises one alert. */
export type Incident = z.infer<typeof incidentSchema>;

export const breakdownSummarySchema = z.object({
  dimension: dimensionSchema,
  total: z.number(),
  /** Total of an ordinary interval of the same length; null where that is not known. */
  usualTotal: z.number().nullable(),
  rows: z.array(
    z.object({
      value: z.string(),
      count: z.number(),
      /** Count in an ordinary interval of the same length; null where that is not known. */
      usual: z.number().nullable(),
      /** Of the count, how many were stopped on the way; null where the source cannot tell. */
      mitigated: z.number().nullable(),
    }),
  ),
  sourceName: z.string(),
});
/** Who or what made up a service's traffic during an incident, beside what is usual. */
export type BreakdownSummary = z.infer<typeof breakdownSummarySchema>;
