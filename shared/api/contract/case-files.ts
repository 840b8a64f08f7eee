import { z } from 'zod';
import { exportDraftSchema, exportedSchema, importPreviewSchema } from '../../case-file/report.ts';
import { reviewSchema } from '../../case-file/review.ts';
import { caseStateSchema, tlpSchema } from '../../domain/case.ts';
import { caseExportFormatSchema, exportedCaseSchema } from '../../exchange/case-export-format.ts';
import { leftOutSchema, stixLimits } from '../../exchange/stix-left-out.ts';
import { done, filePath, id, none, type TopicMethods } from './common.ts';

const caseFileInput = z.object({
  path: filePath,
  /** age identities (`AGE-SECRET-KEY-1...`) and the passphrase to try on an encrypted file. */
  identities: z.array(z.string().max(200)).max(100).default([]),
  passphrase: z.string().max(1000).nullable().default(null),
});

/** Files of cases: bytes on their way in and out, evidence, case files and other formats, and the review of a case file. */
export const caseFileMethods = {
  /**
   * Verifies a case file and, when nothing is wrong with it, shows it in place of the workspace, which goes on behind
   * it; `workspace.changed` says so. The file is not imported and nothing is written beside it. Long, can be cancelled.
   */
  'review.open': {
    input: caseFileInput.extend({
      /** Of a file whose bytes came up from a window; null takes that of the path. */
      name: z.string().max(255).nullable().default(null),
    }),
    output: reviewSchema,
  },
  /** Puts the file away and shows the workspace again. */
  'review.close': { input: none, output: done },

  /**
   * Files that a screen has as bytes: announced, sent in pieces in order, finished, and taken away when they were used.
   * The core forgets them when it closes and at its next start.
   */
  'uploads.begin': {
    input: z.object({ name: z.string().max(1_000), sizeBytes: z.number().int().nonnegative() }),
    output: z.object({ id: z.string() }),
  },
  'uploads.write': {
    input: z.object({
      id,
      offset: z.number().int().nonnegative(),
      /** Of 1 MiB at most. */
      base64: z.base64().max(1_398_104),
    }),
    output: z.object({ writtenBytes: z.number().int() }),
  },
  'uploads.finish': { input: z.object({ id }), output: z.object({ path: z.string() }) },
  'uploads.discard': { input: z.object({ id }), output: done },

  /** What an export for an audience would hold and leave out, and where to; nothing is written. */
  'cases.draftExport': {
    input: z.object({ caseId: id, audience: tlpSchema.nullable() }),
    output: exportDraftSchema.extend({
      /** Whether the desktop can ask for the place in its own dialog. */
      canBrowse: z.boolean(),
    }),
  },
  /** Asks in the desktop's own dialog where to export to; null when the analyst thought better of it. */
  'cases.browseExport': {
    input: z.object({ path: filePath }),
    output: z.object({ path: z.string().nullable() }),
  },
  /** Writes a `.wfcase` file on this machine; see resources/case-file. Long, and can be cancelled. */
  'cases.export': {
    input: z.object({
      caseId: id,
      path: filePath,
      /** False: a file that is there already stays, which is a `conflict`. */
      replaces: z.boolean().default(true),
      /** age recipients (`age1...`) or a passphrase encrypt it; neither leaves it readable. */
      recipients: z.array(z.string().max(200)).max(100).default([]),
      passphrase: z.string().min(1).max(1000).nullable().default(null),
      /** Payloads that these people may not see are left out. */
      audience: tlpSchema.nullable().default(null),
    }),
    output: exportedSchema,
  },
  /** Verifies a `.wfcase` file on this machine and says what importing it would change. Long, and can be cancelled. */
  'cases.previewImport': { input: caseFileInput, output: importPreviewSchema },
  /** Verifies it and merges it by union, in one transaction: any number of times, in any order with others. */
  'cases.import': {
    input: caseFileInput.extend({
      /** Of the file that was previewed; null takes whatever is there. */
      expectedSha256: z.string().max(64).nullable().default(null),
    }),
    output: importPreviewSchema,
  },
  /** Evidence of any size from a file. For the command line alone: a screen may not have files read. */
  'cases.addEvidenceFile': { input: z.object({ caseId: id, path: filePath }), output: caseStateSchema },
  /** Evidence of any size from an upload. Long, and can be cancelled. */
  'cases.addEvidence': {
    input: z.object({
      caseId: id,
      name: z.string().min(1).max(255),
      mediaType: z.string().max(120),
      /** Finished; taken away once it is in the case. */
      uploadId: id,
    }),
    output: caseStateSchema,
  },
  'cases.readEvidence': {
    input: z.object({
      caseId: id,
      evidenceId: id,
      /** Opening goes into the audit log; an image in a note is shown by itself. */
      purpose: z.enum(['note', 'view']),
    }),
    output: z.object({ name: z.string(), mediaType: z.string(), base64: z.string(), verified: z.boolean() }),
  },

  /** Evidence of any size to be saved, in pieces; goes into the audit log. */
  'evidence.begin': {
    input: z.object({ caseId: id, evidenceId: id }),
    output: z.object({ id: z.string(), sizeBytes: z.number().int() }),
  },
  'evidence.next': {
    input: z.object({ id }),
    output: z.object({
      base64: z.string(),
      /** null until all was read: whether it has the hash that it was added with. */
      isVerified: z.boolean().nullable(),
    }),
  },
  /** Gives up what was begun. */
  'evidence.end': { input: z.object({ id }), output: done },

  /** The case as text in a format in which others read cases; written into the audit log before it is handed out. */
  'cases.exportAs': {
    input: z.object({ caseId: id, format: caseExportFormatSchema }),
    output: exportedCaseSchema,
  },
  /** Adds the observables and techniques of a STIX 2.1 bundle from outside to a case. */
  'cases.importStix': {
    input: z.object({ caseId: id, text: z.string().max(stixLimits.characters) }),
    output: z.object({
      added: z.number().int(),
      /** Were in the case already. */
      known: z.number().int(),
      techniques: z.number().int(),
      leftOut: z.array(leftOutSchema),
    }),
  },
} as const satisfies TopicMethods;
