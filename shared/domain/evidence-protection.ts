import { z } from 'zod';

/** How evidence lies on the disk of this workstation. */
export const evidenceProtectionSchema = z.object({
  /** Whether what is added now is encrypted, and what lies plain is encrypted in the background. */
  isEncrypting: z.boolean(),
  /** Pieces of evidence. */
  encrypted: z.number(),
  plain: z.number(),
  /** Encrypted with a key that is not available here. */
  unreadable: z.number(),
  /** The first of them, with what a case calls each. */
  unreadableFiles: z.array(
    z.object({ sha256: z.string(), name: z.string().nullable(), caseId: z.string().nullable() }),
  ),
});
export type EvidenceProtection = z.infer<typeof evidenceProtectionSchema>;
