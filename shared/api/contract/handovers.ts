import { z } from 'zod';
import {
  handoverAnswerSchema,
  handoverEditSchema,
  handoverRowSchema,
  handoverViewSchema,
} from '../../domain/handover.ts';
import { done, filePath, id, none, type TopicMethods } from './common.ts';

/** A `.wfhandover` file on this machine, or its bytes as a page has them. */
const handoverFileInput = z.union([
  z.object({ path: filePath }),
  z.object({ base64: z.string().max(6_000_000) }),
]);

/** Reports of cases, and shift handovers. */
export const handoverMethods = {
  'reports.build': {
    input: z.object({ caseId: id, format: z.enum(['html', 'pdf', 'markdown']) }),
    output: z.object({ name: z.string(), mediaType: z.string(), base64: z.string() }),
  },

  /** Shift handovers: a draft first, then the newest. See resources/handover for their files. */
  'handovers.list': { input: none, output: z.array(handoverRowSchema) },
  'handovers.get': { input: z.object({ id }), output: handoverViewSchema },
  /** Makes the draft, or reads the facts of the one that is there anew and keeps what was said in it. */
  'handovers.make': {
    input: z.object({ nextShiftHours: z.number().int().min(1).max(24).nullable().default(null) }),
    output: handoverViewSchema,
  },
  'handovers.edit': { input: z.object({ id, edit: handoverEditSchema }), output: handoverViewSchema },
  /** Of a draft: what is signed stays. */
  'handovers.discard': { input: z.object({ id }), output: done },
  /** Signs the draft as it was shown: another revision is refused with `conflict`. */
  'handovers.sign': {
    input: z.object({ id, revision: z.number().int() }),
    output: handoverViewSchema,
  },
  'handovers.answer': { input: z.object({ id, answer: handoverAnswerSchema }), output: handoverViewSchema },
  /** Refused while items are open, unless `withOpen`: then which ones were is part of what is signed. */
  'handovers.countersign': {
    input: z.object({ id, withOpen: z.boolean(), remark: z.string().trim().max(1_000).default('') }),
    output: handoverViewSchema,
  },
  /** The file's text, for saving in a browser, and a path where there is none yet. */
  'handovers.read': {
    input: z.object({ id }),
    output: z.object({ name: z.string(), text: z.string(), path: z.string() }),
  },
  /** Writes a `.wfhandover` file on this machine. */
  'handovers.export': {
    /** Without `replaces` a file that is there is left alone: `conflict`. */
    input: z.object({ id, path: filePath, replaces: z.boolean().default(true) }),
    output: z.object({ path: z.string(), sizeBytes: z.number().int() }),
  },
  /** Verifies a file and takes it in by union; the same one again changes nothing. */
  'handovers.import': {
    input: handoverFileInput,
    output: z.object({
      view: handoverViewSchema,
      isNew: z.boolean(),
      newCountersignatures: z.number().int(),
    }),
  },
  'handovers.build': {
    input: z.object({ id, format: z.enum(['html', 'pdf']) }),
    output: z.object({ name: z.string(), mediaType: z.string(), base64: z.string() }),
  },
} as const satisfies TopicMethods;
