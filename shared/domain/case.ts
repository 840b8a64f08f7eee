import { z } from 'zod';
import { severitySchema } from './alert.ts';
import { entityKindSchema } from './entity.ts';
import { signalWindowSchema } from './signal.ts';

/** Traffic Light Protocol 2.0 (FIRST). */
export const tlps = ['TLP:RED', 'TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR'] as const;
export const tlpSchema = z.enum(tlps);
export type Tlp = z.infer<typeof tlpSchema>;

/** Permissible Actions Protocol. */
export const paps = ['PAP:RED', 'PAP:AMBER', 'PAP:GREEN', 'PAP:CLEAR'] as const;
export const papSchema = z.enum(paps);
export type Pap = z.infer<typeof papSchema>;

export const caseStatuses = ['open', 'contained', 'closed'] as const;
export const caseStatusSchema = z.enum(caseStatuses);
export type CaseStatus = z.infer<typeof caseStatusSchema>;

/** Phases of NIST SP 800-61 revision 2. */
export const casePhases = [
  'preparation',
  'detection-and-analysis',
  'containment-eradication-recovery',
  'post-incident',
] as const;
export const casePhaseSchema = z.enum(casePhases);
export type CasePhase = z.infer<typeof casePhaseSchema>;

const text = (most: number) => z.string().max(most);

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export const snapshotRefSchema = z.object({
  subject: z.enum(['alert', 'mitigation']),
  id: text(200).min(1),
  sha256: sha256Schema,
  sizeBytes: z.number().int().nonnegative(),
});
export type SnapshotRef = z.infer<typeof snapshotRefSchema>;

/** What an entry says, by kind. Entries are only ever added; the case is folded from them. */
export const entryPayloadSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('case-opened'),
    title: text(300).min(1),
    customerId: z.string().nullable(),
    severity: severitySchema,
    tlp: tlpSchema,
    pap: papSchema,
    /** Made in the range; travels with the case. */
    simulated: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('header-changed'),
    title: text(300).min(1).optional(),
    severity: severitySchema.optional(),
    status: caseStatusSchema.optional(),
    phase: casePhaseSchema.optional(),
    tlp: tlpSchema.optional(),
    pap: papSchema.optional(),
    assignee: text(120).nullable().optional(),
  }),
  z.object({ kind: z.literal('note-added'), noteId: z.string(), markdown: text(100_000) }),
  z.object({ kind: z.literal('note-revised'), noteId: z.string(), markdown: text(100_000) }),
  z.object({ kind: z.literal('task-added'), taskId: z.string(), title: text(500).min(1) }),
  z.object({
    kind: z.literal('task-changed'),
    taskId: z.string(),
    title: text(500).min(1).optional(),
    done: z.boolean().optional(),
    assignee: text(120).nullable().optional(),
  }),
  z.object({
    kind: z.literal('observable-added'),
    observableId: z.string(),
    entityKind: entityKindSchema,
    value: text(2048).min(1),
    from: z.enum(['alert', 'note', 'analyst']),
  }),
  z.object({ kind: z.literal('observable-removed'), observableId: z.string(), reason: text(2000) }),
  z.object({
    kind: z.literal('evidence-added'),
    evidenceId: z.string(),
    name: text(255).min(1),
    mediaType: text(120),
    sizeBytes: z.number().int().nonnegative(),
    sha256: sha256Schema,
  }),
  z.object({ kind: z.literal('technique-tagged'), techniqueId: z.string().regex(/^T\d{4}(\.\d{3})?$/) }),
  z.object({ kind: z.literal('technique-untagged'), techniqueId: z.string().regex(/^T\d{4}(\.\d{3})?$/) }),
  z.object({
    kind: z.literal('alert-linked'),
    alertId: z.string(),
    /** What the alert was when it was linked, so that the case can be read without the database. */
    title: text(2000),
    why: text(4000),
    severity: severitySchema,
    firstSeenMs: z.number(),
    lastSeenMs: z.number(),
    count: z.number().int(),
  }),
  z.object({ kind: z.literal('alert-unlinked'), alertId: z.string(), reason: text(2000) }),
  z.object({
    kind: z.literal('mitigation-noted'),
    mitigationId: z.string(),
    state: z.string(),
    sentence: text(4000),
    entries: z.array(z.string()).max(1000),
    targetName: text(200),
  }),
  z.object({
    kind: z.literal('signals-saved'),
    sliceId: z.string(),
    title: text(300),
    fromMs: z.number(),
    toMs: z.number(),
    signals: z
      .array(z.object({ name: text(300), unit: text(40), stage: text(40), window: signalWindowSchema }))
      .max(24),
  }),
  /** What an alert or a mitigation was at a moment, with all that belongs to it, as bytes named by their hash. */
  z.object({
    kind: z.literal('snapshots-taken'),
    snapshots: z.array(snapshotRefSchema).min(1).max(1000),
  }),
  /** A correction: the named entry has no effect any more, as if it had never been; it stays in the timeline. */
  z.object({ kind: z.literal('entry-withdrawn'), entryId: text(200).min(1), reason: text(2000) }),
  /** All entries of the other case count here too, but for its header. Withdrawing this entry takes it back. */
  z.object({ kind: z.literal('case-merged'), otherCaseId: text(200).min(1), reason: text(2000) }),
  z.object({ kind: z.literal('case-merged-into'), otherCaseId: text(200).min(1), reason: text(2000) }),
]);
/** The version of the payloads' shapes; a known kind with a later one is kept and not understood. */
export const payloadSchemaVersion = 1;
export type EntryPayload = z.infer<typeof entryPayloadSchema>;
export type EntryKind = EntryPayload['kind'];

/** What a person may append through the contract; the rest is written by the core alone. */
export const analystEntrySchema = z.discriminatedUnion('kind', [
  entryPayloadSchema.options[1],
  entryPayloadSchema.options[2],
  entryPayloadSchema.options[3],
  entryPayloadSchema.options[4],
  entryPayloadSchema.options[5],
  entryPayloadSchema.options[6],
  entryPayloadSchema.options[7],
  entryPayloadSchema.options[9],
  entryPayloadSchema.options[10],
  entryPayloadSchema.options[16],
]);
export type AnalystEntry = z.infer<typeof analystEntrySchema>;

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
  /** What was changed apart: a field of the case, the text of a note, a field of a task. */
  subject: z.enum(['case', 'note', 'task']),
  /** Of the case, note or task. */
  id: z.string(),
  field: z.string(),
  /** In clock order; the last is what is shown until an entry sets the field anew. */
  values: z.array(
    z.object({
      entryId: z.string(),
      value: z.union([z.string(), z.boolean(), z.null()]),
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
    }),
  ),
  observables: z.array(
    z.object({
      id: z.string(),
      kind: entityKindSchema,
      value: z.string(),
      from: z.enum(['alert', 'note', 'analyst']),
      addedMs: z.number(),
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
    }),
  ),
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
