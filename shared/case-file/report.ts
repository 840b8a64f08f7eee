import { z } from 'zod';
import { tlpSchema } from '../domain/case.ts';

export const fileProblemSchema = z.object({ at: z.string(), sentence: z.string() });

/** Who made a case file, by its own word and signature, and whether their key is known here. */
export const exporterSchema = z.object({
  name: z.string(),
  keyFingerprint: z.string(),
  exportedMs: z.number(),
  /** The data directory from which it came. */
  workstationId: z.string(),
  writtenBy: z.string(),
  isKnown: z.boolean(),
});

const count = z.number().int();

export const caseFileCountsSchema = z.object({
  cases: count,
  entries: count,
  chains: count,
  forks: count,
  withheld: count,
  writers: count,
  alerts: count,
  mitigations: count,
  evidence: count,
  evidenceBytes: count,
});

export const importPreviewSchema = z.object({
  /**
   * SHA-256 over manifest and signature, which determine every other byte; `cases.import` takes it back, so that what is
   * imported is what was shown.
   */
  sha256: z.string(),
  /** As the exporter was told it; null where there is no signature to read. */
  manifestSha256: z.string().nullable(),
  sizeBytes: count,
  /** The case that was exported; null where the file does not tell. */
  caseId: z.string().nullable(),
  isEncrypted: z.boolean(),
  /** The first hundred; a file with any cannot be imported. */
  problems: z.array(fileProblemSchema),
  problemCount: count,
  exporter: exporterSchema.nullable(),
  /** For whom payloads were left out; null where for nobody. */
  audience: tlpSchema.nullable(),
  withheld: z.array(z.object({ kind: z.string(), count })),
  /** Evidence and snapshots that the exporter did not have. */
  missing: count,
  counts: caseFileCountsSchema,
  writers: z.array(
    z.object({
      writerId: z.string(),
      name: z.string(),
      keyFingerprint: z.string(),
      entries: count,
      isKnown: z.boolean(),
    }),
  ),
  cases: z.array(
    z.object({
      id: z.string(),
      /** null where it is withheld. */
      title: z.string().nullable(),
      isNew: z.boolean(),
      newEntries: count,
      newPayloads: count,
    }),
  ),
});
/** What a case file is and what importing it would change. */
export type ImportPreview = z.infer<typeof importPreviewSchema>;

export const exportDraftSchema = z.object({
  /** A name that is free, where people look for what they saved. */
  path: z.string(),
  entries: count,
  /** Of which kinds the audience would not get what the entries say. */
  withheld: z.array(z.object({ kind: z.string(), count })),
});
/** What an export would be. */
export type ExportDraft = z.infer<typeof exportDraftSchema>;

/**
 * Details of the error of a call that would open an encrypted file without what opens it: what to ask the analyst for.
 */
export const sealedDetails = { passphrase: 'sealed with a passphrase', keys: 'sealed for keys' } as const;

/** Details of the error of an export to where a file is that was not to be replaced. */
export const takenDetails = 'a file is there already';

export const exportedSchema = z.object({
  path: z.string(),
  sizeBytes: count,
  /** Of the manifest, which covers all but the exporter's signature. */
  manifestSha256: z.string(),
  exporter: z.object({ name: z.string(), keyFingerprint: z.string() }),
  counts: z.object({ entries: count, alerts: count, mitigations: count, evidence: count }),
  withheld: z.array(z.object({ kind: z.string(), count })),
  missing: count,
});
export type ExportedCaseFile = z.infer<typeof exportedSchema>;

export const caseDigestSchema = z.object({
  foldVersion: count,
  state: z.string(),
  entries: z.string(),
  entryCount: count,
});
