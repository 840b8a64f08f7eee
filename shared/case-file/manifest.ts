import { z } from 'zod';
import { tlpSchema } from '../domain/case.ts';
import { canonicalJson } from '../domain/entry-chain.ts';
import { fingerprintSchema, idSchema, publicKeySchema, signatureSchema } from './entry-line.ts';

/** The version of the format that is written here and the only one that is read. */
export const caseFileVersion = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The members between manifest and evidence, in their order. */
export const recordPaths = ['writers.jsonl', 'entries.jsonl', 'alerts.jsonl', 'mitigations.jsonl'] as const;
export type RecordPath = (typeof recordPaths)[number];
export const manifestPath = 'manifest.json';
export const arrivalsPath = 'arrivals.jsonl';
export const signaturePath = 'signature.json';
export const evidencePath = (hash: string) => `evidence/${hash}`;

/** Evidence files of one case file, cases that are merged, kinds: more is not read. */
const mostFiles = 100_000;

export const manifestSchema = z.strictObject({
  format: z.literal('watchfloor-case'),
  version: z.literal(caseFileVersion),
  /** The case that was exported. */
  caseId: idSchema,
  /** It and all that are merged into it, sorted. */
  cases: z.array(idSchema).min(1).max(10_000),
  /** For whom payloads were left out; null where nobody was thought of. */
  audience: tlpSchema.nullable(),
  entries: count,
  /** SHA-256 over the hashes of all entries, a line each, in the order of `entries.jsonl`. */
  entriesSha256: sha256,
  /** Payloads that are not in the file, by kind, sorted; of entries of version 1 the kind is not told. */
  withheld: z.array(z.strictObject({ kind: z.string().max(64), count })).max(10_000),
  /** SHA-256 of evidence and snapshots that entries speak of and whose bytes the exporter did not have, sorted. */
  missing: z.array(sha256).max(mostFiles),
  /** Every other member but the exporter's own two, in order. */
  files: z.array(z.strictObject({ path: z.string().max(80), sha256, sizeBytes: count })).max(mostFiles + 10),
});
/** What is in a case file: the first member. */
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestText = (manifest: Manifest): string => `${canonicalJson(manifest)}\n`;

export const signatureBlockSchema = z.strictObject({
  algorithm: z.literal('Ed25519'),
  /** `arrivals.jsonl`, which is the exporter's too: when things arrived where they know of it. */
  arrivals: z.strictObject({ sha256, sizeBytes: count }),
  exportedMs: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  exporter: z.strictObject({
    keyFingerprint: fingerprintSchema,
    name: z.string().max(200),
    publicKey: publicKeySchema,
  }),
  manifestSha256: sha256,
  signature: signatureSchema,
  /** The data directory from which it was exported. */
  workstationId: idSchema,
  writtenBy: z.string().max(200),
});
/**
 * Who made the file and when: the last member. It and the arrivals before it are the exporter's own block, which alone
 * tells two exports of one state apart.
 */
export type SignatureBlock = z.infer<typeof signatureBlockSchema>;

export const signatureBlockText = (block: SignatureBlock): string => `${canonicalJson(block)}\n`;

/** What the exporter signs. */
export function signedBlockText({
  signature: _,
  ...block
}: Omit<SignatureBlock, 'signature'> & { signature?: string }): string {
  return `watchfloor-case-file-1\n${canonicalJson(block)}`;
}

export const writerLineSchema = z.strictObject({
  keyFingerprint: fingerprintSchema,
  publicKey: publicKeySchema,
  writerId: idSchema,
});
/** A line of `writers.jsonl`: the key with which a writer's signatures verify. */
export type WriterLine = z.infer<typeof writerLineSchema>;
