import { z } from 'zod';
import { alertSchema, occurrenceSchema } from '../domain/alert.ts';
import { actionPlanSchema, ledgerRowSchema, mitigationSchema } from '../domain/mitigation.ts';
import { idSchema, publicKeySchema, signatureSchema } from './entry-line.ts';

/** Occurrences that go with an alert, the newest; how many were left out is said. */
export const mostOccurrences = 100;

export const alertSnapshotSchema = z.object({
  subject: z.literal('alert'),
  /** Without what is of one queue alone: its place there, snoozes and suppressions. */
  alert: alertSchema.omit({
    sequence: true,
    caseId: true,
    snoozedUntilMs: true,
    suppressed: true,
    suppressionIds: true,
  }),
  history: z.array(z.object({ timeMs: z.number(), actor: z.string(), sentence: z.string() })),
  occurrences: z.array(occurrenceSchema).max(mostOccurrences),
  occurrencesLeftOut: z.number().int().min(0),
});
export type AlertSnapshot = z.infer<typeof alertSnapshotSchema>;

export const auditLineSchema = z.object({
  writerId: idSchema,
  writerSequence: z.number().int().min(0),
  actor: z.string(),
  timeMs: z.number(),
  action: z.string(),
  sentence: z.string(),
  /** Canonical JSON text. */
  details: z.string(),
  previousHash: z.string(),
  hash: z.string(),
  signature: signatureSchema,
  publicKey: publicKeySchema,
});
/** A row of the audit log with its own signature and the key to check it. */
export type AuditLine = z.infer<typeof auditLineSchema>;

export const mitigationSnapshotSchema = z.object({
  subject: z.literal('mitigation'),
  mitigation: mitigationSchema,
  ledger: z.array(ledgerRowSchema.omit({ sequence: true })),
  /** The plan in the version that was in force for it; null where it is not here any more. */
  plan: actionPlanSchema.nullable(),
  audit: z.array(auditLineSchema),
});
export type MitigationSnapshot = z.infer<typeof mitigationSnapshotSchema>;

/**
 * A line of `alerts.jsonl` or `mitigations.jsonl`; entries name it by the SHA-256 of its canonical JSON text. Members
 * that a later version added are left alone.
 */
export const snapshotSchema = z.discriminatedUnion('subject', [
  alertSnapshotSchema,
  mitigationSnapshotSchema,
]);
export type Snapshot = z.infer<typeof snapshotSchema>;
