import { z } from 'zod';
import { severitySchema } from './alert.ts';
import {
  casePhaseSchema,
  caseStatusSchema,
  custodyActionSchema,
  entryPayloadSchema,
  papSchema,
  snapshotRefSchema,
  tlpSchema,
  verdictSchema,
} from './case-payload.ts';
import { entityKindSchema } from './entity.ts';
import { signalWindowSchema } from './signal.ts';

export * from './case-payload.ts';

export const caseEntrySchema = z.object({
  /** Of the header; 1 are entries from before kinds, keys and what is replaced stood in it. */
  version: z.union([z.literal(1), z.literal(2)]),
  id: z.string(),
  caseId: z.string(),
  writerId: z.string(),
  writerName: z.string(),
  /** First 32 hex digits of the SHA-256 of the author's public key; null in version 1. */
  keyFingerprint: z.string().nullable(),
  /** Position in this writer's chain of this case, from 0. */
  sequence: z.number().int(),
  /** Hybrid logical clock `ms:counter`, both fixed width, so that text order is time order. */
  clock: z.string(),
  timeMs: z.number(),
  previousHash: z.string(),
  /** May be one that this version does not know; empty for a withheld one of version 1. */
  kind: z.string(),
  /** Version of the payload's shape. */
  schema: z.number().int(),
  /** Whom its payload may be shown to; null where it goes by the case's own marking. */
  tlp: tlpSchema.nullable(),
  /** Hashes of the entries whose values this one replaces: what it does not name was not known to its author. */
  replaces: z.array(z.string()),
  hash: z.string(),
  /** The payload was withheld or erased; the chain still verifies by its commitment. */
  withheld: z.boolean(),
  /** null where it is withheld or of a kind that is not known here. */
  payload: entryPayloadSchema.nullable(),
});
export type CaseEntry = z.infer<typeof caseEntrySchema>;

export const caseConflictSchema = z.object({
  /** What was changed apart: a field of the case, the text of a note, a field of a task, a custom field, ... */
  subject: z.enum(['case', 'note', 'task', 'event', 'checklist-item', 'observable', 'custom-field']),
  /** Of the case, note, task, event, item or observable; the name of a custom field. */
  id: z.string(),
  field: z.string(),
  /** In clock order; the last is what is shown until an entry sets the field anew. */
  values: z.array(
    z.object({
      entryId: z.string(),
      value: z.union([z.string(), z.boolean(), z.number(), z.null()]),
      writerName: z.string(),
      keyFingerprint: z.string().nullable(),
      timeMs: z.number(),
    }),
  ),
});
/** One field to which several people gave different values, none of whom knew of the other. */
export type CaseConflict = z.infer<typeof caseConflictSchema>;

export const caseSummarySchema = z.object({
  id: z.string(),
  title: z.string(),
  customerId: z.string().nullable(),
  severity: severitySchema,
  status: caseStatusSchema,
  phase: casePhaseSchema,
  tlp: tlpSchema,
  pap: papSchema,
  assignee: z.string().nullable(),
  openedMs: z.number(),
  changedMs: z.number(),
  alertCount: z.number().int(),
  openTaskCount: z.number().int(),
  simulated: z.boolean(),
});
export type CaseSummary = z.infer<typeof caseSummarySchema>;

export const caseListRowSchema = caseSummarySchema.extend({
  /** Fields with several values that nobody has settled. */
  conflictCount: z.number().int(),
});
/** A case as a list of cases shows it. */
export type CaseListRow = z.infer<typeof caseListRowSchema>;

export const caseStateSchema = caseSummarySchema.extend({
  notes: z.array(
    z.object({
      id: z.string(),
      markdown: z.string(),
      writerName: z.string(),
      addedMs: z.number(),
      revisedMs: z.number().nullable(),
    }),
  ),
  tasks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      done: z.boolean(),
      assignee: z.string().nullable(),
      addedMs: z.number(),
      dueMs: z.number().nullable(),
      checklist: z.array(z.object({ id: z.string(), text: z.string(), done: z.boolean() })),
    }),
  ),
  observables: z.array(
    z.object({
      id: z.string(),
      kind: entityKindSchema,
      value: z.string(),
      from: z.enum(['alert', 'note', 'analyst']),
      addedMs: z.number(),
      /** null where nobody judged it. */
      verdict: verdictSchema.nullable(),
      /** null goes by the case's own marking. */
      tlp: tlpSchema.nullable(),
      note: z.string(),
      tags: z.array(z.string()),
      /** As people noted them; what alerts saw is not among them. In order of time. */
      sightings: z.array(
        z.object({
          id: z.string(),
          seenMs: z.number(),
          count: z.number(),
          where: z.string(),
          writerName: z.string(),
        }),
      ),
    }),
  ),
  evidence: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      mediaType: z.string(),
      sizeBytes: z.number(),
      sha256: z.string(),
      addedMs: z.number(),
      writerName: z.string(),
      /** What happened to it outside the app, in order of time. */
      custody: z.array(
        z.object({
          id: z.string(),
          action: custodyActionSchema,
          occurredMs: z.number(),
          person: z.string(),
          reason: z.string(),
          writerName: z.string(),
          recordedMs: z.number(),
        }),
      ),
    }),
  ),
  /** What people say happened, in order of when it did. */
  events: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      text: z.string(),
      occurredMs: z.number(),
      detectedMs: z.number().nullable(),
      recordedMs: z.number(),
      writerName: z.string(),
      /** The entry that added it; withdrawing that takes the event away. */
      entryId: z.string(),
      revisedMs: z.number().nullable(),
    }),
  ),
  comments: z.array(
    z.object({
      id: z.string(),
      entryId: z.string(),
      text: z.string(),
      mentions: z.array(z.string()),
      writerName: z.string(),
      addedMs: z.number(),
    }),
  ),
  /** Custom fields by name. */
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
  techniques: z.array(z.string()),
  alerts: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      why: z.string(),
      severity: severitySchema,
      firstSeenMs: z.number(),
      lastSeenMs: z.number(),
      count: z.number(),
    }),
  ),
  mitigations: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      sentence: z.string(),
      entries: z.array(z.string()),
      targetName: z.string(),
      timeMs: z.number(),
    }),
  ),
  slices: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      fromMs: z.number(),
      toMs: z.number(),
      signals: z.array(
        z.object({ name: z.string(), unit: z.string(), stage: z.string(), window: signalWindowSchema }),
      ),
    }),
  ),
  conflicts: z.array(caseConflictSchema),
  /** Entries that were withdrawn, with the correction that did it. */
  withdrawn: z.array(
    z.object({
      entryId: z.string(),
      byEntryId: z.string(),
      reason: z.string(),
      writerName: z.string(),
      timeMs: z.number(),
    }),
  ),
  /** Cases whose entries count here. */
  mergedCases: z.array(z.string()),
  /** The case in which this one's entries count too. */
  mergedInto: z.string().nullable(),
  /** Entries whose payloads are not here. */
  withheld: z.number().int(),
  /** The newest snapshot of each alert and mitigation. */
  snapshots: z.array(snapshotRefSchema),
  /** All entries in clock order: the timeline. */
  timeline: z.array(caseEntrySchema),
});
/** Everything seen on a case, folded from its entries. */
export type CaseState = z.infer<typeof caseStateSchema>;
