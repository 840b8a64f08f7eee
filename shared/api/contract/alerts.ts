import { z } from 'zod';
import {
  alertActionSchema,
  alertGroupingSchema,
  alertSchema,
  laneSchema,
  occurrenceHistogramSchema,
  occurrenceSchema,
  severitySchema,
  undoableActionSchema,
} from '../../domain/alert.ts';
import { exportFormatSchema } from '../../domain/alert-export.ts';
import { splitBySchema } from '../../domain/alert-split.ts';
import { caseSummarySchema } from '../../domain/case.ts';
import {
  clockSchema,
  clockSummarySchema,
  clockTargetSchema,
  clockTargetsSchema,
} from '../../domain/clock.ts';
import { addressOriginSchema } from '../../domain/enrichment.ts';
import { incidentSchema } from '../../domain/incident.ts';
import { findingSchema } from '../../domain/signal.ts';
import {
  newSuppressionSchema,
  suppressionEffectSchema,
  suppressionSchema,
} from '../../domain/suppression.ts';
import { techniqueSchema } from '../../domain/technique.ts';
import { done, id, none, type TopicMethods, timeMs } from './common.ts';

/** What a queue can be sorted by. */
export const alertSortSchema = z.enum([
  'received',
  'last-seen',
  'first-seen',
  'severity',
  'count',
  'title',
  'status',
  'assignee',
  'customer',
  'service',
  'source',
  'lane',
  'disposition',
  'mitigated',
  'entity',
  'technique',
]);
export type AlertSort = z.infer<typeof alertSortSchema>;

export const alertQuerySchema = z.object({
  lane: laneSchema.nullable(),
  /** The query bar's text; see shared/query/parse-query.ts for its grammar. */
  text: z.string().max(2000),
  fromMs: timeMs.nullable(),
  toMs: timeMs.nullable(),
  /** Include closed, snoozed and suppressed alerts even where the text does not ask for them. */
  includeDone: z.boolean(),
  sort: alertSortSchema,
  /** Turns the whole order round; in its own it starts with the newest, worst and most, and with A. */
  reversed: z.boolean().optional(),
});
export type AlertQuery = z.infer<typeof alertQuerySchema>;

const alertSelection = z.discriminatedUnion('by', [
  z.object({ by: z.literal('ids'), ids: z.array(id).min(1).max(10_000) }),
  z.object({ by: z.literal('query'), query: alertQuerySchema, upToSequence: z.number().int() }),
  /** What `alerts.freeze` froze, whatever matches by now. */
  z.object({ by: z.literal('frozen'), scopeId: id }),
]);

export type AlertSelection = z.infer<typeof alertSelection>;

/** The queue: alerts, what is done with many at once, what holds them back, how fast they are answered. */
export const alertMethods = {
  'alerts.query': {
    input: alertQuerySchema.extend({
      /** Rows received after this one are left out, so that nothing moves; null takes the newest. */
      upToSequence: z.number().int().nullable(),
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(500),
    }),
    output: z.object({
      rows: z.array(alertSchema),
      /** How many match; at least so many where `isExact` says no: then `alerts.count` knows. */
      total: z.number().int(),
      isExact: z.boolean(),
      upToSequence: z.number().int(),
      /** How many rows that match came after upToSequence. */
      newer: z.number().int(),
      /** How many alerts are merged under the rows of the whole list: actions are on these, too. */
      merged: z.number().int(),
      /** Where the text could not be understood: what and where; rows then match the rest. */
      problem: z.string().nullable(),
    }),
  },
  'alerts.get': {
    input: z.object({ id }),
    output: z.object({
      alert: alertSchema,
      /** Newest first, at most 50. */
      occurrences: z.array(occurrenceSchema),
      findings: z.array(findingSchema),
      /** What the findings together are; null for alerts that a source sent. */
      incident: incidentSchema.nullable(),
      /** Why its occurrences are one; null for alerts of detection, and where no record says so. */
      grouping: alertGroupingSchema.nullable(),
      /** How its occurrences lie in time; null where none is kept. */
      histogram: occurrenceHistogramSchema.nullable(),
      /** Where its addresses come from, of those of which anything is known. */
      origins: z.object({
        rows: z.array(addressOriginSchema.extend({ address: z.string() })),
        /** The day and the makers of the data; null where there are none. */
        source: z.object({ made: z.string(), notice: z.string() }).nullable(),
      }),
      /** Its ATT&CK techniques by their names; ids that ATT&CK does not have are left out. */
      techniques: z.array(techniqueSchema),
      related: z.array(alertSchema),
      /** The alert that it is merged under, or that it is a part of; null where there is none. */
      parent: alertSchema.nullable(),
      whole: alertSchema.nullable(),
      /** What is merged under it, at any depth, the nearest first; at most 100 of them, and how many there are. */
      members: z.array(alertSchema),
      memberCount: z.number().int(),
      /** Of a split alert its parts, of a part all parts of its alert. */
      parts: z.array(alertSchema),
      /** Other cases that have one of its telling entities among their observables, last changed first. */
      cases: z.array(z.object({ case: caseSummarySchema, shared: z.array(z.string()) })),
      history: z.array(z.object({ timeMs: z.number(), actor: z.string(), sentence: z.string() })),
      context: z.array(
        z.object({
          id: z.string(),
          timeMs: z.number(),
          type: z.string(),
          summary: z.string(),
          raw: z.string(),
        }),
      ),
    }),
  },
  /**
   * Keeps which alerts a selection is now, so that what is shown of it and what is done with it are the same alerts.
   * The core keeps the last few; after that, or a restart, a scope is `not-found`.
   */
  'alerts.freeze': {
    input: z.object({
      selection: alertSelection,
      /** Also the alerts merged under these. */
      withMerged: z.boolean().optional(),
    }),
    output: z.object({
      scopeId: z.string(),
      count: z.number().int(),
      /** How many of each severity, from the mildest to the worst. */
      bySeverity: z.array(z.number().int()).length(severitySchema.options.length),
    }),
  },
  /** How many alerts a selection is now, and how many more are merged under these: what is done is done to all. */
  'alerts.scope': {
    input: z.object({ selection: alertSelection }),
    output: z.object({ chosen: z.number().int(), merged: z.number().int() }),
  },
  /** A page of a scope as its alerts are now, newest first; those that are not there any more are left out. */
  'alerts.readFrozen': {
    input: z.object({
      scopeId: id,
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(500),
    }),
    output: z.array(alertSchema),
  },
  /** Writes into the audit log that alerts of a scope were exported, before the file is handed out. */
  'alerts.recordExport': {
    input: z.object({ scopeId: id, format: exportFormatSchema, written: z.number().int().min(0) }),
    output: done,
  },
  'alerts.act': {
    input: z.object({ selection: alertSelection, action: alertActionSchema }),
    output: z.object({ changed: z.number().int(), undoId: z.string().nullable() }),
  },
  /** What was done to alerts and can be taken back, the newest first. */
  'alerts.undoable': {
    input: z.object({ limit: z.number().int().min(1).max(20) }),
    output: z.array(undoableActionSchema),
  },
  'alerts.undo': {
    input: z.object({ undoId: id }),
    output: z.object({
      changed: z.number().int(),
      /** Alerts that somebody changed since: these stay as they are. */
      skipped: z.number().int(),
      /** At most the first thousand of them. */
      skippedIds: z.array(z.string()),
    }),
  },
  /** What splitting an alert would make; nothing is changed. `problem` says why it cannot be split. */
  'alerts.previewSplit': {
    input: z.object({ id, by: splitBySchema }),
    output: z.object({
      parts: z.array(
        z.object({ label: z.string(), count: z.number().int(), firstMs: z.number(), lastMs: z.number() }),
      ),
      problem: z.string().nullable(),
    }),
  },
  /**
   * Open alerts that belong together, with the reason: among the newest 2,000 open ones, or with an alert given those
   * received within two hours of it, and only what it belongs to.
   */
  'alerts.proposeGroups': {
    input: z.object({ alertId: id.nullable() }),
    output: z.array(
      z.object({
        reason: z.string(),
        alertIds: z.array(z.string()),
        /** The first ten of them. */
        sample: z.array(alertSchema),
      }),
    ),
  },
  /**
   * Looks for the free text of a query in the raw records of alerts, the newest first; queries with that text find these
   * alerts from then on. It takes seconds where records are many, and can be cancelled.
   */
  'alerts.searchRecords': {
    input: z.object({ text: z.string().max(2000) }),
    output: z.object({
      /** Alerts of which a record has one of the texts. */
      alerts: z.number().int(),
      /** Whether all records were looked through; else `backToMs` says how far. */
      isWhole: z.boolean(),
      backToMs: z.number().nullable(),
    }),
  },
  /** Exactly, however long it takes; it can be cancelled. */
  'alerts.count': {
    input: z.object({
      query: alertQuerySchema,
      /** Later ones are not counted; without it all are. */
      upToSequence: z.number().int().optional(),
    }),
    output: z.object({ count: z.number().int() }),
  },

  /** Suppressions and maintenance windows: what is in force or to come, then the newest 100 that ended. */
  'suppressions.list': { input: none, output: z.array(suppressionEffectSchema) },
  /** What a suppression by this search would hold now, and would have held in the last 30 days. */
  'suppressions.preview': {
    input: z.object({ text: z.string().max(2000), upTo: severitySchema }),
    output: z.object({
      /** Why it cannot be suppressed by; null where it can. */
      problem: z.string().nullable(),
      open: z.number().int(),
      /** Open ones of the search that are worse than `upTo` and stay. */
      worse: z.number().int(),
      lastMonth: z.number().int(),
      truePositives: z.number().int(),
    }),
  },
  /** Holds what is there in slices, with progress; what comes meanwhile is held as it comes. */
  'suppressions.add': { input: newSuppressionSchema, output: suppressionSchema },
  'suppressions.setEnd': { input: z.object({ id, endMs: timeMs }), output: suppressionSchema },
  /** Lets one alert into the queue; what held it does not take it again. */
  'suppressions.release': { input: z.object({ alertId: id }), output: done },
  /**
   * Ends it now. What goes on at its source comes into the queue; with `everything` all that it holds does, as if it
   * had never been.
   */
  'suppressions.end': { input: z.object({ id, everything: z.boolean() }), output: suppressionSchema },

  /** What was agreed beside the defaults. */
  'clocks.targets': { input: none, output: clockTargetsSchema },
  /** Null takes an agreement back, so that what is behind it counts again. */
  'clocks.setTarget': {
    input: z.object({
      customerId: id.nullable(),
      severity: severitySchema,
      target: clockTargetSchema.nullable(),
    }),
    output: clockTargetsSchema,
  },
  'clocks.of': { input: z.object({ alertId: id }), output: z.array(clockSchema) },
  /** How fast people answered in the last 30 days, by severity; of everybody where the customer is null. */
  'clocks.summary': { input: z.object({ customerId: id.nullable() }), output: clockSummarySchema },

  'views.list': {
    input: none,
    output: z.array(z.object({ id: z.string(), name: z.string(), query: alertQuerySchema })),
  },
  'views.save': {
    input: z.object({ id: id.nullable(), name: z.string().trim().min(1).max(80), query: alertQuerySchema }),
    output: z.object({ id: z.string(), name: z.string(), query: alertQuerySchema }),
  },
  'views.remove': { input: z.object({ id }), output: done },
} as const satisfies TopicMethods;
