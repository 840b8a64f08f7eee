import { z } from 'zod';
import { caseDigestSchema } from '../../case-file/report.ts';
import { severitySchema } from '../../domain/alert.ts';
import {
  analystEntrySchema,
  caseEntrySchema,
  caseListRowSchema,
  caseStateSchema,
  caseStatusSchema,
  caseSummarySchema,
  tlpSchema,
} from '../../domain/case.ts';
import { entityKindSchema } from '../../domain/entity.ts';
import { replayFactsSchema } from '../../domain/replay-facts.ts';
import { techniqueSchema } from '../../domain/technique.ts';
import { id, none, type TopicMethods, timeMs } from './common.ts';

/** Cases: their entries, what they share with others, merging, and the techniques that they name. */
export const caseMethods = {
  'cases.list': {
    input: z.object({ status: caseStatusSchema.nullable(), text: z.string().max(500) }),
    output: z.array(caseListRowSchema),
  },
  'cases.open': {
    input: z.object({
      alertIds: z.array(id).max(10_000),
      title: z.string().trim().max(300).nullable(),
      severity: severitySchema.nullable(),
      customerId: id.nullable(),
    }),
    output: caseStateSchema,
  },
  'cases.get': { input: z.object({ id }), output: caseStateSchema },
  'cases.append': {
    input: z.object({
      caseId: id,
      entry: analystEntrySchema,
      /** Whom it may be shown to; null goes by the case's own marking. */
      tlp: tlpSchema.nullable().default(null),
    }),
    output: caseStateSchema,
  },
  /** Entries that belong together, in one transaction: all of them or none. */
  'cases.appendAll': {
    input: z.object({
      caseId: id,
      entries: z.array(analystEntrySchema).min(1).max(500),
      tlp: tlpSchema.nullable().default(null),
    }),
    output: z.object({ entryIds: z.array(z.string()) }),
  },
  /**
   * The case's entries, and those merged into it, in clock order, beyond what the asker has: the first `entries` of the
   * log by this name. Another name, e.g. after an import, means that it must begin anew: `from` is then 0.
   */
  'cases.since': {
    input: z.object({
      id,
      known: z.object({ log: z.string().max(200), entries: z.number().int().nonnegative() }).nullable(),
    }),
    output: z.object({
      log: z.string(),
      from: z.number().int(),
      entries: z.array(caseEntrySchema),
      /** Whether the workspace is the range's. */
      simulated: z.boolean(),
    }),
  },
  /** Where else the case's observables were seen: in stored alerts, and by people in other cases. */
  'cases.observablesSeen': {
    input: z.object({ caseId: id }),
    output: z.array(
      z.object({
        observableId: z.string(),
        /** In so many alerts; from a thousand on there may be more. */
        alerts: z.number().int(),
        /** In so many other cases; likewise. */
        cases: z.number().int(),
        firstSeenMs: z.number().nullable(),
        lastSeenMs: z.number().nullable(),
      }),
    ),
  },
  /** The twenty other cases that share most observables with it. */
  'cases.related': {
    input: z.object({ caseId: id }),
    output: z.array(
      z.object({
        case: caseSummarySchema,
        /** The first twenty of them. */
        shared: z.array(z.object({ kind: entityKindSchema, value: z.string() })),
        sharedCount: z.number().int(),
      }),
    ),
  },
  /** The newest fifty comments, in any case, that mention whoever asks. */
  'cases.mentions': {
    input: none,
    output: z.array(
      z.object({ case: caseSummarySchema, text: z.string(), writerName: z.string(), timeMs: z.number() }),
    ),
  },
  /** The other case's entries count here too; what both say of alerts and mitigations stays where it is. */
  'cases.merge': {
    input: z.object({ caseId: id, otherCaseId: id, reason: z.string().trim().max(2000) }),
    output: caseStateSchema,
  },
  'cases.unmerge': {
    input: z.object({ caseId: id, otherCaseId: id, reason: z.string().trim().max(2000) }),
    output: caseStateSchema,
  },
  /** What a replay of the case needs beside its state: what came when, and where. Can be cancelled. */
  'cases.replay': { input: z.object({ id }), output: replayFactsSchema },
  /** One hash of the folded state and one of the entries: equal wherever the same entries are. */
  'cases.digest': { input: z.object({ id }), output: caseDigestSchema },
  'cases.linkAlerts': {
    input: z.object({ caseId: id, alertIds: z.array(id).min(1).max(10_000) }),
    output: caseStateSchema,
  },
  'cases.unlinkAlert': {
    input: z.object({ caseId: id, alertId: id, reason: z.string().max(2000) }),
    output: caseStateSchema,
  },
  /** Saves the service's signals around the case's alerts with the case. */
  'cases.saveSignals': {
    input: z.object({ caseId: id, fromMs: timeMs, toMs: timeMs, title: z.string().max(300) }),
    output: caseStateSchema,
  },
  /** Whether the case's entry chains verify, in words. */
  'cases.verify': { input: z.object({ id }), output: z.object({ ok: z.boolean(), sentence: z.string() }) },

  /** The tactics of ATT&CK in their order, each with those of the techniques that belong to it. */
  'techniques.matrix': {
    input: z.object({ techniqueIds: z.array(z.string().max(20)).max(1_000) }),
    output: z.array(z.object({ id: z.string(), name: z.string(), techniques: z.array(techniqueSchema) })),
  },
  'techniques.search': {
    input: z.object({ text: z.string().max(100) }),
    output: z.array(techniqueSchema),
  },
} as const satisfies TopicMethods;
