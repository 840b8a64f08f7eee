import { z } from 'zod';

/** Where on the life of a request a signal is measured, in the order a request passes. */
export const stages = ['client', 'network', 'edge', 'waf', 'cache', 'origin'] as const;
export const stageSchema = z.enum(stages);
export type Stage = z.infer<typeof stageSchema>;

export const layerSchema = z.enum(['L3', 'L4', 'L7']);
export type Layer = z.infer<typeof layerSchema>;

/** Of stages that deviate in the same moment the client comes last: it is where others' trouble is felt. */
export function stageRank(stage: Stage): number {
  return stage === 'client' ? stages.length : stages.indexOf(stage);
}

/**
 * What is measured. `mitigated` counts what a firewall, WAF or DDoS filter stopped; `resolution` is the share of
 * look-ups of a name that were answered, `certificate` how long the one that is served remains valid, in days.
 */
export const measures = [
  'rate',
  'latency',
  'errors',
  'reachability',
  'availability',
  'resolution',
  'certificate',
  'packets',
  'bits',
  'connections',
  'mitigated',
  'saturation',
  'other',
] as const;
export const measureSchema = z.enum(measures);
export type Measure = z.infer<typeof measureSchema>;

/** How much a baseline rests on: `learning` raises nothing actionable, `seasonal` knows the hour of the week. */
export const baselineStateSchema = z.enum(['learning', 'warm', 'seasonal']);
export type BaselineState = z.infer<typeof baselineStateSchema>;

export const signalSchema = z.object({
  id: z.string(),
  sourceId: z.string(),
  /** The source's own stable name of it, unique within the source. */
  key: z.string(),
  customerId: z.string(),
  serviceId: z.string(),
  stage: stageSchema,
  layer: layerSchema,
  measure: measureSchema,
  name: z.string(),
  /** Shown after numbers, e.g. `requests/s`, `ms`, `%`, `bit/s`. */
  unit: z.string(),
  /** Usual distance of samples, ms. */
  stepMs: z.number(),
  baselineState: baselineStateSchema,
  /** How much history the baseline rests on, ms. */
  historyMs: z.number(),
  lastSampleMs: z.number().nullable(),
});
/** One time series. Its samples are (time, value); a missing sample is a gap and never zero. */
export type Signal = z.infer<typeof signalSchema>;

export const gapSchema = z.object({ fromMs: z.number(), toMs: z.number() });
export type Gap = z.infer<typeof gapSchema>;

export const findingSchema = z.object({
  id: z.string(),
  signalId: z.string(),
  customerId: z.string(),
  serviceId: z.string(),
  stage: stageSchema,
  /** A deviation from what is expected; something new about a signal; or what a rule says. */
  kind: z.enum([
    'deviation',
    'season',
    'novelty',
    'level',
    'spread',
    'distribution',
    'shape',
    'source-silent',
    'origin-unreachable',
    'name-resolution',
    'certificate',
    'burn-rate',
  ]),
  direction: z.enum(['up', 'down']),
  lane: z.enum(['actionable', 'informational']),
  state: z.enum(['open', 'closed']),
  startMs: z.number(),
  peakMs: z.number(),
  endMs: z.number().nullable(),
  /** At the peak: what was seen, what was expected and the band around it, in the signal's unit. */
  observed: z.number(),
  expected: z.number(),
  low: z.number(),
  high: z.number(),
  /** -log10 of the tail probability at the peak: 6 means one in a million samples. */
  surprise: z.number(),
  /** How much history the baseline rested on, ms. */
  historyMs: z.number(),
  sentence: z.string(),
});
/** An interval in which a signal deviates from its baseline: it opens, escalates, closes. */
export type Finding = z.infer<typeof findingSchema>;

const noveltyKinds: ReadonlySet<Finding['kind']> = new Set([
  'season',
  'novelty',
  'level',
  'spread',
  'distribution',
  'shape',
]);

/** Something new about one signal, as opposed to a deviation from what is expected or what a rule says. */
export function isNovelty({ kind }: Pick<Finding, 'kind'>): boolean {
  return noveltyKinds.has(kind);
}

export const signalWindowSchema = z.object({
  signalId: z.string(),
  /** Distance of points in this answer, ms: the signal's own step, or a roll-up's. */
  stepMs: z.number(),
  /** True where points are 1-minute or 1-hour roll-ups (mean of the interval), not the samples themselves. */
  rolledUp: z.boolean(),
  timesMs: z.array(z.number()),
  /** null is a missing sample. Same length as timesMs, as are the three below. */
  values: z.array(z.number().nullable()),
  expected: z.array(z.number().nullable()),
  low: z.array(z.number().nullable()),
  high: z.array(z.number().nullable()),
  gaps: z.array(gapSchema),
  findings: z.array(findingSchema),
});
/** A stretch of one signal, ready to draw. */
export type SignalWindow = z.infer<typeof signalWindowSchema>;

export const liveSampleSchema = z.object({
  signalId: z.string(),
  timeMs: z.number(),
  value: z.number().nullable(),
  expected: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
/** One new point of a signal with what was expected there. */
export type LiveSample = z.infer<typeof liveSampleSchema>;

/**
 * Dimensions by which traffic is broken down, with ECS names where ECS has one; `tcp.flags` are written as flag names
 * (`SYN`, `SYN ACK`), `packet.size` as ranges of bytes (`64-127`).
 */
export const dimensions = [
  'source.ip',
  'source.as',
  'source.country',
  'url.path',
  'url.query',
  'user_agent',
  'http.method',
  'http.status',
  'source.port',
  'destination.port',
  'network.transport',
  'tcp.flags',
  'packet.size',
] as const;
export const dimensionSchema = z.enum(dimensions);
export type Dimension = z.infer<typeof dimensionSchema>;

export const breakdownRowSchema = z.object({
  value: z.string(),
  count: z.number(),
  /** Share of the total, 0 to 1. */
  share: z.number(),
  /** Its share in the hour before the range, 0 to 1; null where that is not known. */
  usualShare: z.number().nullable(),
  /** Of the count, how many were stopped on the way; null where the source cannot tell. */
  mitigated: z.number().nullable(),
});
export const breakdownSchema = z.discriminatedUnion('known', [
  z.object({
    known: z.literal(true),
    dimension: dimensionSchema,
    sourceId: z.string(),
    unit: z.string(),
    fromMs: z.number(),
    toMs: z.number(),
    total: z.number(),
    /** Total of as long a time in the hour before; null where that is not known. */
    usualTotal: z.number().nullable(),
    /** Largest first, at most 50. */
    rows: z.array(breakdownRowSchema),
  }),
  z.object({ known: z.literal(false), dimension: dimensionSchema, reason: z.string() }),
]);
/** Who or what made up the traffic of a range. Where no source tells, that is said, and never zero. */
export type Breakdown = z.infer<typeof breakdownSchema>;
