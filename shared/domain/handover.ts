import { z } from 'zod';
import { severitySchema } from './alert.ts';
import { tlpSchema } from './case.ts';

/*
 * A shift handover: what one shift leaves to the next. A pack is made from facts, edited by who goes (a draft), signed,
 * gone through by who comes, and countersigned. See resources/handover for the file that it travels in.
 */

/** The parts of a pack in their order: what needs a person first. */
export const handoverSections = [
  'alerts',
  'approvals',
  'blocks',
  'cases',
  'tasks',
  'snoozed',
  'sources',
  'suppressions',
  'added',
] as const;
export const handoverSectionSchema = z.enum(handoverSections);
export type HandoverSection = z.infer<typeof handoverSectionSchema>;

/** The heading of each part, and what it says when there is nothing. */
export const handoverSectionWords = {
  alerts: { title: 'Open actionable alerts', none: 'No actionable alert is open.' },
  approvals: { title: 'Approvals waiting', none: 'Nothing waits for approval.' },
  blocks: {
    title: 'Blocks that end during the next shift',
    none: 'No block ends during the next shift.',
  },
  cases: {
    title: 'Cases touched since the last handover',
    none: 'No case was touched since the last handover.',
  },
  tasks: { title: 'Promises and tasks due', none: 'No task is open.' },
  snoozed: { title: 'Snoozed, will be back', none: 'No actionable alert is snoozed.' },
  sources: { title: 'Sources in trouble', none: 'No source is in trouble.' },
  suppressions: {
    title: 'Suppressions and windows about to end',
    none: 'No suppression or maintenance window ends during the next shift.',
  },
  added: { title: 'Also', none: 'Nothing was added by hand.' },
} as const satisfies Record<HandoverSection, { readonly title: string; readonly none: string }>;

export const handoverLimits = {
  /** Items of one part; how many more there are is said. */
  items: 50,
  title: 300,
  text: 1_000,
  details: 6,
  detail: 300,
  remark: 1_000,
  notes: 20_000,
  dropped: 200,
  countersignatures: 8,
  /** Of a whole file. */
  fileBytes: 4 * 1024 * 1024,
} as const;

const line = (most: number) => z.string().max(most);
const timeMs = z.number().int().min(-8_640_000_000_000_000).max(8_640_000_000_000_000);
const handoverId = z.string().regex(/^ho_[0-9a-zA-Z_-]{8,60}$/);
const itemKey = z.string().min(1).max(300);

export const handoverLinkSchema = z.strictObject({
  kind: z.enum(['alert', 'case', 'mitigation', 'source', 'suppression']),
  id: z.string().min(1).max(200),
});
/** What an item is about, by its id where the handover was made. */
export type HandoverLink = z.infer<typeof handoverLinkSchema>;

export const handoverItemSchema = z.strictObject({
  /** Unique in its pack. */
  key: itemKey,
  title: line(handoverLimits.title).min(1),
  /** What is so, in one or two sentences. */
  text: line(handoverLimits.text),
  details: z.array(line(handoverLimits.detail)).max(handoverLimits.details),
  severity: severitySchema.nullable(),
  /** When it ends or is due. */
  dueMs: timeMs.nullable(),
  link: handoverLinkSchema.nullable(),
  /** By the outgoing analyst. */
  remark: line(handoverLimits.remark),
});
/** One thing that the next shift must know. */
export type HandoverItem = z.infer<typeof handoverItemSchema>;

export const handoverPartSchema = z.strictObject({
  section: handoverSectionSchema,
  /** In the order that the outgoing analyst gave them, the most important first. */
  items: z.array(handoverItemSchema).max(handoverLimits.items),
  /** How many more there were beyond these, exactly. */
  more: z.number().int().min(0).max(1_000_000_000),
  /** Why nobody knew what belongs here when it was made; null where that was known. */
  gap: line(handoverLimits.text).nullable(),
});
export type HandoverPart = z.infer<typeof handoverPartSchema>;

export const handoverPackSchema = z.strictObject({
  id: handoverId,
  /** When its facts were read. */
  madeMs: timeMs,
  /** From when on cases count as touched, and the handover that this goes back to; null: there was none. */
  sinceMs: timeMs,
  sinceHandoverId: handoverId.nullable(),
  shiftEndsMs: timeMs.nullable(),
  nextShiftEndsMs: timeMs,
  /** Whom it may be shown to: the own organisation, or fewer where a case in it says so. */
  tlp: tlpSchema,
  /** Made in the range. */
  simulated: z.boolean(),
  parts: z.array(handoverPartSchema).length(handoverSections.length),
  /** What the outgoing analyst took out, and why: it stays to be seen. */
  dropped: z
    .array(
      z.strictObject({
        section: handoverSectionSchema,
        item: handoverItemSchema,
        reason: line(handoverLimits.remark).min(1),
      }),
    )
    .max(handoverLimits.dropped),
  notes: line(handoverLimits.notes),
});
/** All that a handover says. */
export type HandoverPack = z.infer<typeof handoverPackSchema>;

export const handoverDraftSchema = z.strictObject({
  pack: handoverPackSchema,
  /** Rises with every change: only what was seen is signed. */
  revision: z.number().int(),
  nextShiftHours: z.number().int().min(1).max(24),
});
export type HandoverDraft = z.infer<typeof handoverDraftSchema>;

/** What the incoming analyst says of an item. */
export const handoverAnswers = ['open', 'ticked', 'queried'] as const;
export const handoverAnswerSchema = z.strictObject({
  key: itemKey,
  state: z.enum(handoverAnswers),
  /** What is asked, where it is queried. */
  remark: line(handoverLimits.remark),
});
export type HandoverAnswer = z.infer<typeof handoverAnswerSchema>;

/** Who signed as people read it. */
export const handoverSignerSchema = z.object({
  name: z.string(),
  /** First 32 hex digits of the SHA-256 of the key. */
  keyFingerprint: z.string(),
  /** This key has written here before. */
  isKnown: z.boolean(),
  signedMs: z.number(),
});
export type HandoverSigner = z.infer<typeof handoverSignerSchema>;

export const handoverCountersignedSchema = handoverSignerSchema.extend({
  answers: z.array(handoverAnswerSchema),
  remark: z.string(),
  /** The same key or name as the outgoing analyst's. */
  isSamePerson: z.boolean(),
  /** Signed, by its clock, before the handover itself was. */
  isClockBehind: z.boolean(),
});
export type HandoverCountersigned = z.infer<typeof handoverCountersignedSchema>;

export const handoverStates = ['draft', 'signed', 'countersigned'] as const;
export const handoverStateSchema = z.enum(handoverStates);
export type HandoverState = z.infer<typeof handoverStateSchema>;

export const handoverRowSchema = z.object({
  id: z.string(),
  state: handoverStateSchema,
  madeMs: z.number(),
  signedMs: z.number().nullable(),
  outgoing: z.string().nullable(),
  incoming: z.array(z.string()),
  /** `file`: it was made at another workstation. */
  origin: z.enum(['here', 'file']),
  itemCount: z.number().int(),
});
/** A handover in the list. */
export type HandoverRow = z.infer<typeof handoverRowSchema>;

export const handoverViewSchema = z.object({
  row: handoverRowSchema,
  pack: handoverPackSchema,
  /** Of a draft; else null. */
  draft: z.object({ revision: z.number().int(), nextShiftHours: z.number().int() }).nullable(),
  outgoing: handoverSignerSchema.extend({ writtenBy: z.string() }).nullable(),
  countersignatures: z.array(handoverCountersignedSchema),
  /** The checklist of whoever works here, as far as they got: an answer an item, in the order of the pack. */
  checklist: z.array(handoverAnswerSchema),
  /** Keys of items whose subject is here, so that they lead there. */
  reachable: z.array(z.string()),
  /** Whoever works here has countersigned it. */
  isCountersignedByMe: z.boolean(),
  /** Whoever works here signed it as the outgoing analyst. */
  isMine: z.boolean(),
  /** SHA-256 of what was signed, hex; null for a draft. */
  sha256: z.string().nullable(),
  /** A safe name for its file. */
  fileName: z.string(),
});
/** One handover with everything that a screen shows of it. */
export type HandoverView = z.infer<typeof handoverViewSchema>;

/** A change of a draft by the outgoing analyst. */
export const handoverEditSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('remark'), key: itemKey, remark: line(handoverLimits.remark) }),
  z.object({ type: z.literal('notes'), notes: line(handoverLimits.notes) }),
  /** Within its part: -1 is one up. */
  z.object({
    type: z.literal('move'),
    key: itemKey,
    by: z.number().int().min(-handoverLimits.items).max(handoverLimits.items),
  }),
  z.object({
    type: z.literal('drop'),
    key: itemKey,
    reason: line(handoverLimits.remark).trim().min(1),
  }),
  z.object({ type: z.literal('restore'), key: itemKey }),
  z.object({
    type: z.literal('add'),
    title: line(handoverLimits.title).trim().min(1),
    text: line(handoverLimits.text).trim(),
  }),
  z.object({ type: z.literal('remove'), key: itemKey }),
]);
export type HandoverEdit = z.infer<typeof handoverEditSchema>;

/** All items of a pack in the order of its parts. */
export function handoverItems(pack: Pick<HandoverPack, 'parts'>): readonly HandoverItem[] {
  return pack.parts.flatMap(({ items }) => items);
}

/** How many answers are of each state. */
export function countAnswers(
  answers: readonly HandoverAnswer[],
): Readonly<Record<HandoverAnswer['state'], number>> {
  const counts = { open: 0, ticked: 0, queried: 0 };
  for (const { state } of answers) counts[state] += 1;
  return counts;
}

const count = (number: number, one: string, many = `${one}s`) =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

/** What a countersignature says of the checklist, in words: `12 items ticked, 1 queried, 2 not gone through`. */
export function answerWords(answers: readonly HandoverAnswer[]): string {
  const { open, ticked, queried } = countAnswers(answers);
  if (answers.length === 0) return 'there was nothing to go through';
  if (open + queried === 0)
    return answers.length === 1 ? 'its one item ticked' : `all ${answers.length} items ticked`;
  return [
    `${count(ticked, 'item')} ticked`,
    ...(queried === 0 ? [] : [`${queried} queried`]),
    ...(open === 0 ? [] : [`${open} not gone through`]),
  ].join(', ');
}
