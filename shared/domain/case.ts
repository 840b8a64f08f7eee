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

/** What an entry says, by kind. Entries are only ever added; the case is folded from them. */
export const entryPayloadSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('case-opened'),
    title: text(300).min(1),
    customerId: z.string().nullable(),
    severity: severitySchema,
    tlp: tlpSchema,
    pap: papSchema,
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
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
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
]);
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
]);
export type AnalystEntry = z.infer<typeof analystEntrySchema>;

export const caseEntrySchema = z.object({
  id: z.string(),
  caseId: z.string(),
  writerId: z.string(),
  writerName: z.string(),
  /** Position in this writer's chain of this case, from 0. */
  sequence: z.number().int(),
  /** Hybrid logical clock `ms:counter`, both fixed width, so that text order is time order. */
  clock: z.string(),
  timeMs: z.number(),
  previousHash: z.string(),
  hash: z.string(),
  /** null where the payload was withheld or erased; the chain still verifies by its commitment. */
  payload: entryPayloadSchema.nullable(),
});
export type CaseEntry = z.infer<typeof caseEntrySchema>;

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
  /** All entries in clock order: the timeline. */
  timeline: z.array(caseEntrySchema),
});
/** Everything seen on a case, folded from its entries. */
export type CaseState = z.infer<typeof caseStateSchema>;
