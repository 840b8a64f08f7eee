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

/** What an analyst holds an observable to be. */
export const verdicts = ['malicious', 'suspicious', 'benign', 'unknown'] as const;
export const verdictSchema = z.enum(verdicts);
export type Verdict = z.infer<typeof verdictSchema>;

/** What can happen to evidence outside the app, as far as its chain of custody goes. */
export const custodyActions = [
  'collected',
  'handed-over',
  'received',
  'copied',
  'moved',
  'examined',
  'returned',
  'destroyed',
] as const;
export const custodyActionSchema = z.enum(custodyActions);
export type CustodyAction = z.infer<typeof custodyActionSchema>;

const text = (most: number) => z.string().max(most);
/** Ids of things that are made by whoever adds them. */
const id = text(200).min(1);
/** UTC epoch ms, 1970 to 9999. */
const moment = z.number().int().min(0).max(253_402_300_799_999);
const markdown = text(100_000);
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const techniqueIdSchema = z.string().regex(/^T\d{4}(\.\d{3})?$/);

export const snapshotRefSchema = z.object({
  subject: z.enum(['alert', 'mitigation']),
  id: text(200).min(1),
  sha256: sha256Schema,
  sizeBytes: z.number().int().nonnegative(),
});
export type SnapshotRef = z.infer<typeof snapshotRefSchema>;

const caseOpened = z.object({
  kind: z.literal('case-opened'),
  title: text(300).min(1),
  customerId: z.string().nullable(),
  severity: severitySchema,
  tlp: tlpSchema,
  pap: papSchema,
  /** Made in the range; travels with the case. */
  simulated: z.literal(true).optional(),
});
const headerChanged = z.object({
  kind: z.literal('header-changed'),
  title: text(300).min(1).optional(),
  severity: severitySchema.optional(),
  status: caseStatusSchema.optional(),
  phase: casePhaseSchema.optional(),
  tlp: tlpSchema.optional(),
  pap: papSchema.optional(),
  assignee: text(120).nullable().optional(),
});
const noteAdded = z.object({ kind: z.literal('note-added'), noteId: z.string(), markdown });
const noteRevised = z.object({ kind: z.literal('note-revised'), noteId: z.string(), markdown });
const taskAdded = z.object({
  kind: z.literal('task-added'),
  taskId: z.string(),
  title: text(500).min(1),
});
const taskChanged = z.object({
  kind: z.literal('task-changed'),
  taskId: z.string(),
  title: text(500).min(1).optional(),
  done: z.boolean().optional(),
  assignee: text(120).nullable().optional(),
});
const observableAdded = z.object({
  kind: z.literal('observable-added'),
  observableId: z.string(),
  entityKind: entityKindSchema,
  value: text(2048).min(1),
  from: z.enum(['alert', 'note', 'analyst']),
});
const observableRemoved = z.object({
  kind: z.literal('observable-removed'),
  observableId: z.string(),
  reason: text(2000),
});
const evidenceAdded = z.object({
  kind: z.literal('evidence-added'),
  evidenceId: z.string(),
  name: text(255).min(1),
  mediaType: text(120),
  sizeBytes: z.number().int().nonnegative(),
  sha256: sha256Schema,
});
const techniqueTagged = z.object({
  kind: z.literal('technique-tagged'),
  techniqueId: techniqueIdSchema,
});
const techniqueUntagged = z.object({
  kind: z.literal('technique-untagged'),
  techniqueId: techniqueIdSchema,
});
const alertLinked = z.object({
  kind: z.literal('alert-linked'),
  alertId: z.string(),
  /** What the alert was when it was linked, so that the case can be read without the database. */
  title: text(2000),
  why: text(4000),
  severity: severitySchema,
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
  count: z.number().int(),
});
const alertUnlinked = z.object({
  kind: z.literal('alert-unlinked'),
  alertId: z.string(),
  reason: text(2000),
});
const mitigationNoted = z.object({
  kind: z.literal('mitigation-noted'),
  mitigationId: z.string(),
  state: z.string(),
  sentence: text(4000),
  entries: z.array(z.string()).max(1000),
  targetName: text(200),
});
const signalsSaved = z.object({
  kind: z.literal('signals-saved'),
  sliceId: z.string(),
  title: text(300),
  fromMs: z.number(),
  toMs: z.number(),
  signals: z
    .array(z.object({ name: text(300), unit: text(40), stage: text(40), window: signalWindowSchema }))
    .max(24),
});
/** What an alert or a mitigation was at a moment, with all that belongs to it, as bytes named by their hash. */
const snapshotsTaken = z.object({
  kind: z.literal('snapshots-taken'),
  snapshots: z.array(snapshotRefSchema).min(1).max(1000),
});
/** A correction: the named entry has no effect any more, as if it had never been; it stays in the timeline. */
const entryWithdrawn = z.object({
  kind: z.literal('entry-withdrawn'),
  entryId: text(200).min(1),
  reason: text(2000),
});
/** All entries of the other case count here too, but for its header. Withdrawing this entry takes it back. */
const caseMerged = z.object({
  kind: z.literal('case-merged'),
  otherCaseId: text(200).min(1),
  reason: text(2000),
});
const caseMergedInto = z.object({
  kind: z.literal('case-merged-into'),
  otherCaseId: text(200).min(1),
  reason: text(2000),
});
/** Something that happened, said by a person: when it happened and when it was noticed are two times beside the entry's. */
const eventAdded = z.object({
  kind: z.literal('event-added'),
  eventId: id,
  occurredMs: moment,
  /** null where nobody knows, or where it was noticed as it happened. */
  detectedMs: moment.nullable(),
  title: text(300).min(1),
  text: text(4000),
});
const eventRevised = z.object({
  kind: z.literal('event-revised'),
  eventId: id,
  occurredMs: moment.optional(),
  detectedMs: moment.nullable().optional(),
  title: text(300).min(1).optional(),
  text: text(4000).optional(),
});
const taskDueSet = z.object({ kind: z.literal('task-due-set'), taskId: id, dueMs: moment.nullable() });
/** Items are a set of their own: what two people add apart is all there. */
const checklistItemAdded = z.object({
  kind: z.literal('checklist-item-added'),
  taskId: id,
  itemId: id,
  text: text(500).min(1),
});
const checklistItemChanged = z.object({
  kind: z.literal('checklist-item-changed'),
  itemId: id,
  text: text(500).min(1).optional(),
  done: z.boolean().optional(),
});
const checklistItemRemoved = z.object({ kind: z.literal('checklist-item-removed'), itemId: id });
/** What is held of an observable; it stays with the value, also where that is removed and added again. */
const observableAssessed = z.object({
  kind: z.literal('observable-assessed'),
  observableId: id,
  verdict: verdictSchema.optional(),
  /** null goes by the case's own marking. */
  tlp: tlpSchema.nullable().optional(),
  note: text(2000).optional(),
});
const observableTag = text(60).min(1);
const observableTagged = z.object({
  kind: z.literal('observable-tagged'),
  observableId: id,
  tag: observableTag,
});
const observableUntagged = z.object({
  kind: z.literal('observable-untagged'),
  observableId: id,
  tag: observableTag,
});
const sightingNoted = z.object({
  kind: z.literal('sighting-noted'),
  sightingId: id,
  observableId: id,
  seenMs: moment,
  count: z.number().int().min(1).max(999_999_999),
  /** In which log, on which machine, by whom. */
  where: text(300),
});
const commentAdded = z.object({
  kind: z.literal('comment-added'),
  commentId: id,
  text: text(10_000).min(1),
  /** Names of analysts, as their entries are signed. */
  mentions: z.array(text(120).min(1)).max(50),
});
/** null takes the field away. */
const fieldSet = z.object({
  kind: z.literal('field-set'),
  name: text(80).min(1),
  value: text(2000).nullable(),
});
/** What happened to evidence outside the app. What happens inside it is in the audit log. */
const custodyNoted = z.object({
  kind: z.literal('custody-noted'),
  custodyId: id,
  evidenceId: id,
  action: custodyActionSchema,
  occurredMs: moment,
  /** Who did it, or to whom it went. */
  person: text(200).min(1),
  reason: text(2000),
});

/** Kinds that the core alone writes. New kinds stand at the end, here as below. */
const kindsOfTheCore = [
  caseOpened,
  evidenceAdded,
  alertLinked,
  alertUnlinked,
  mitigationNoted,
  signalsSaved,
  snapshotsTaken,
  caseMerged,
  caseMergedInto,
] as const;
/** Kinds that a person may append through the contract. */
const kindsOfPeople = [
  headerChanged,
  noteAdded,
  noteRevised,
  taskAdded,
  taskChanged,
  observableAdded,
  observableRemoved,
  techniqueTagged,
  techniqueUntagged,
  entryWithdrawn,
  eventAdded,
  eventRevised,
  taskDueSet,
  checklistItemAdded,
  checklistItemChanged,
  checklistItemRemoved,
  observableAssessed,
  observableTagged,
  observableUntagged,
  sightingNoted,
  commentAdded,
  fieldSet,
  custodyNoted,
] as const;

/** What an entry says, by kind. Entries are only ever added; the case is folded from them. */
export const entryPayloadSchema = z.discriminatedUnion('kind', [...kindsOfTheCore, ...kindsOfPeople]);
/** The version of the payloads' shapes; a known kind with a later one is kept and not understood. */
export const payloadSchemaVersion = 1;
export type EntryPayload = z.infer<typeof entryPayloadSchema>;
export type EntryKind = EntryPayload['kind'];

export const analystEntrySchema = z.discriminatedUnion('kind', kindsOfPeople);
export type AnalystEntry = z.infer<typeof analystEntrySchema>;
