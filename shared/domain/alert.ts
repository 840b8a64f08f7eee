import { z } from 'zod';
import { splitBySchema } from './alert-split.ts';
import { entitySchema } from './entity.ts';

/** Severities from the mildest to the worst; the order is their rank. */
export const severities = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

/** Whether a person is needed now. */
export const lanes = ['actionable', 'informational'] as const;
export const laneSchema = z.enum(lanes);
export type Lane = z.infer<typeof laneSchema>;

export const alertStatuses = ['new', 'acknowledged', 'in-progress', 'closed'] as const;
export const alertStatusSchema = z.enum(alertStatuses);
export type AlertStatus = z.infer<typeof alertStatusSchema>;

export const dispositions = [
  'true-positive',
  'benign-positive',
  'false-positive',
  'duplicate',
  'unknown',
] as const;
export const dispositionSchema = z.enum(dispositions);
export type Disposition = z.infer<typeof dispositionSchema>;

/** Whether what was seen was stopped: by the edge, the WAF, the IPS. */
export const mitigatedSchema = z.enum(['no', 'partly', 'yes', 'not-known']);
export type Mitigated = z.infer<typeof mitigatedSchema>;

/** What the source itself says of the alert now; null where sources have no such notion. */
export const sourceStateSchema = z.enum(['firing', 'resolved', 'silenced', 'inhibited']);
export type SourceState = z.infer<typeof sourceStateSchema>;

/** What a suppression or a maintenance window does to an alert. */
export const suppressedSchema = z.enum(['held', 'lowered']);
export type Suppressed = z.infer<typeof suppressedSchema>;

export const alertSchema = z.object({
  /** hash(source, deduplication key, fixed UTC window): the same input gives the same alerts in any order. */
  id: z.string(),
  /** Rises with every alert received; lists are frozen at one of these so that rows never move by themselves. */
  sequence: z.number().int(),
  customerId: z.string().nullable(),
  serviceId: z.string().nullable(),
  /** The source that sent it, or `detection` for Watchfloor's own findings. */
  sourceId: z.string(),
  sourceKind: z.string(),
  title: z.string(),
  /** Why it is here, in one sentence. */
  why: z.string(),
  severity: severitySchema,
  lane: laneSchema,
  status: alertStatusSchema,
  disposition: dispositionSchema.nullable(),
  mitigated: mitigatedSchema,
  sourceState: sourceStateSchema.nullable(),
  /** Occurred times of the first and last occurrence. */
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
  /** When Watchfloor first received it. */
  receivedMs: z.number(),
  count: z.number().int(),
  entities: z.array(entitySchema),
  /** ATT&CK technique ids. */
  techniques: z.array(z.string()),
  /** Signals whose findings raised it; empty for alerts that a source sent. */
  signalIds: z.array(z.string()),
  assignee: z.string().nullable(),
  snoozedUntilMs: z.number().nullable(),
  /** `held`: a suppression keeps it out of the open queue; `lowered`: a maintenance window keeps it informational. */
  suppressed: suppressedSchema.nullable(),
  /** Every suppression and window that held or lowered it, the newest last: that one still does where it is suppressed. */
  suppressionIds: z.array(z.string()),
  caseId: z.string().nullable(),
  /** The alert that it is merged under. */
  parentId: z.string().nullable(),
  /** What it stands for with those merged under it, at any depth; null where none is. */
  merged: z
    .object({
      /** How many are merged under it. */
      alerts: z.number().int(),
      /** Occurrences of all together. */
      count: z.number().int(),
      /** The worst of all. */
      severity: severitySchema,
    })
    .nullable(),
  /** Its parts stand for it: how many there are, and how many occurrences came since. */
  split: z.object({ parts: z.number().int(), since: z.number().int() }).nullable(),
  /** The alert that it was split from, and in words what its occurrences have in common. */
  partOf: z.object({ id: z.string(), label: z.string() }).nullable(),
  /** From the range. */
  simulated: z.boolean(),
});
/** A queue item, made from occurrences or from an incident. */
export type Alert = z.infer<typeof alertSchema>;

export const occurrenceSchema = z.object({
  id: z.string(),
  alertId: z.string(),
  occurredMs: z.number(),
  receivedMs: z.number(),
  title: z.string(),
  mitigated: mitigatedSchema,
  entities: z.array(entitySchema),
  /** The record as the source sent it, cut to 64 KiB for display. */
  raw: z.string(),
});
/** One event that counts towards an alert. */
export type Occurrence = z.infer<typeof occurrenceSchema>;

export const alertGroupingSchema = z.object({
  /** The deduplication key as the source's adapter made it, cut to 1,000 characters. */
  key: z.string(),
  /** Length of the fixed UTC window, ms; 0: the key alone decides. */
  windowMs: z.number(),
  /** When that window began; null without one. */
  fromMs: z.number().nullable(),
});
/** Why the occurrences of an alert are one: source, key and window are the same. */
export type AlertGrouping = z.infer<typeof alertGroupingSchema>;

export const occurrenceHistogramSchema = z.object({
  fromMs: z.number(),
  bucketMs: z.number(),
  /** Exact counts of occurrences, a bucket each, 60 at most. */
  counts: z.array(z.number().int()),
  /** How many older occurrences are not counted, because there are too many. */
  leftOut: z.number().int(),
});
/** How the occurrences of an alert lie in time. */
export type OccurrenceHistogram = z.infer<typeof occurrenceHistogramSchema>;

/** What was done to alerts, by one person at one time, and can be taken back. */
export const undoableActionSchema = z.object({
  undoId: z.string(),
  timeMs: z.number(),
  actor: z.string(),
  sentence: z.string(),
  /** How many alerts it changed. */
  alerts: z.number().int(),
});
export type UndoableAction = z.infer<typeof undoableActionSchema>;

export const alertActionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('acknowledge') }),
  z.object({ type: z.literal('take') }),
  z.object({ type: z.literal('release') }),
  z.object({ type: z.literal('snooze'), untilMs: z.number() }),
  z.object({ type: z.literal('wake') }),
  z.object({ type: z.literal('close'), disposition: dispositionSchema, reason: z.string().max(2000) }),
  z.object({ type: z.literal('reopen') }),
  z.object({ type: z.literal('set-lane'), lane: laneSchema, reason: z.string().max(2000) }),
  z.object({ type: z.literal('set-severity'), severity: severitySchema }),
  /** Each stands for what is merged under it already. The leader is one of them; null takes the most urgent. */
  z.object({ type: z.literal('merge'), leaderId: z.string().min(1).max(200).nullable() }),
  /** Takes a merged alert out again; of one that leads, those right under it. */
  z.object({ type: z.literal('unmerge') }),
  /** Of one alert. */
  z.object({ type: z.literal('split'), by: splitBySchema }),
  /** Puts the parts of alerts together again. */
  z.object({ type: z.literal('unsplit') }),
]);
/** What an analyst can do to alerts, one or many at a time; each has an exact inverse. */
export type AlertAction = z.infer<typeof alertActionSchema>;

/** Rank of a severity, 0 (informational) to 4 (critical). */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}
