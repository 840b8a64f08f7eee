import { z } from 'zod';
import { laneSchema, mitigatedSchema, severitySchema } from './alert.ts';
import { entitySchema } from './entity.ts';
import { dimensionSchema, stageSchema } from './signal.ts';

export const vectorPartSchema = z.object({
  dimension: dimensionSchema,
  value: z.string(),
  /** Its part of what came on top of the usual, 0 to 1. */
  share: z.number(),
  /** Its part of the usual traffic, 0 to 1. */
  usualShare: z.number(),
});
export const vectorSchema = z.object({
  /** By its common name, e.g. `SYN flood`. */
  name: z.string(),
  /** What most of the excess is; null where no source breaks the traffic down. */
  sentence: z.string().nullable(),
  /** The values that explain the excess, by dimension, the largest first; empty where no source tells. */
  parts: z.array(vectorPartSchema),
  /** Dimensions that no source of this service tells: nothing is known of them, which is not nothing. */
  notKnown: z.array(dimensionSchema),
});
/** How an attack or a failure works, as far as what was measured tells. */
export type Vector = z.infer<typeof vectorSchema>;

export const firstAlarmSchema = z.object({
  /** What spoke: a firewall, a WAF, an IDS or an anti-DDoS filter, by its alert's or its counter's name. */
  name: z.string(),
  atMs: z.number(),
  /** From the first deviation to it, ms: negative where it spoke first. */
  leadMs: z.number(),
});
/** The first word of a filter or a firewall on the same incident. */
export type FirstAlarm = z.infer<typeof firstAlarmSchema>;

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
  /** null where nothing surges and nothing fails that has a name. */
  vector: vectorSchema.nullable(),
  /** null while no firewall, WAF, IDS or anti-DDoS filter has said anything. */
  firstAlarm: firstAlarmSchema.nullable(),
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
