import { z } from 'zod';
import { entryPayloadSchema, tlpSchema } from '../domain/case.ts';
import { isUnderstood } from '../domain/case-entry.ts';
import { headerText, type SignedEntry } from '../domain/entry-chain.ts';
import { parseJson } from './json.ts';

/** Ids are names, never shown without their entry and never used as paths. */
const id = z.string().regex(/^[\x21-\x7e]{1,200}$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const base64 = (bytes: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9+/]{${Math.ceil((bytes * 4) / 3)}}=*$`));

export const fingerprintSchema = z.string().regex(/^[0-9a-f]{32}$/);
export const publicKeySchema = base64(32);
export const signatureSchema = base64(64);
export const idSchema = id;

const covered = {
  caseId: id,
  clock: z.string().regex(/^\d{15}:\d{6}$/),
  commitment: hash,
  id,
  previousHash: hash,
  sequence: count,
  timeMs: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  writerId: id,
  writerName: z.string().max(200),
};
const beside = {
  hash,
  signature: signatureSchema.nullable(),
  salt: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
};

/** What stands in a line before its payload. */
export const entryHeaderSchema = z.discriminatedUnion('version', [
  z.strictObject({ version: z.literal(1), ...covered, ...beside }),
  z.strictObject({
    version: z.literal(2),
    ...covered,
    keyFingerprint: fingerprintSchema,
    kind: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
    replaces: z.array(hash).max(1_000),
    schema: z.number().int().min(1).max(1_000_000),
    tlp: tlpSchema.nullable(),
    ...beside,
  }),
]);

const payloadMember = ',"payload":';

/** One line of `entries.jsonl`, without its newline: an entry has exactly one. @param covered its `headerText` */
export function entryLine(entry: SignedEntry, covered = headerText(entry)): string {
  const { version, hash, signature, salt, payload } = entry;
  const text = JSON.stringify;
  return `{"version":${version},${covered},"hash":${text(hash)},"signature":${text(signature)},"salt":${text(salt)}${payloadMember}${payload ?? 'null'}}`;
}

export type ReadEntry =
  | {
      readonly entry: SignedEntry;
      /** What the entry's hash covers: its `headerText`. */
      readonly covered: string;
      readonly payload: unknown;
      readonly problem: string | null;
    }
  | { readonly entry: null; readonly problem: string };

/** Whether a payload is what its kind says; of kinds and shapes that came later nothing is known. */
function payloadProblem(entry: SignedEntry, payload: unknown): string | null {
  const said =
    typeof payload === 'object' && payload !== null && 'kind' in payload ? payload.kind : undefined;
  const kind = entry.version === 1 ? said : entry.kind;
  if (said !== kind || typeof kind !== 'string') return 'Its payload is of another kind.';
  if (!isUnderstood(kind, entry.schema)) return null;
  return entryPayloadSchema.safeParse(payload).success ? null : 'Its payload is not what its kind says.';
}

/**
 * Reads a line of `entries.jsonl`. What is not exactly the line that `entryLine` would write is no entry.
 * @returns the entry with its payload's value (null where withheld), and what is wrong with the payload
 */
export function readEntryLine(line: string): ReadEntry {
  // Nothing before the payload is nested, and in a JSON text a quote is escaped: this is where the payload begins.
  const at = line.indexOf(payloadMember);
  if (at < 0) return { entry: null, problem: 'It is not an entry.' };
  const header = parseJson(`${line.slice(0, at)}}`);
  if (header.problem !== null) return { entry: null, problem: header.problem };
  const parsed = entryHeaderSchema.safeParse(header.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      entry: null,
      problem: `It is not an entry: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    };
  }
  const body = line.slice(at + payloadMember.length, -1);
  const isWithheld = body === 'null';
  const { data } = parsed;
  const first = { keyFingerprint: null, kind: '', schema: 1, tlp: null, replaces: [] };
  const entry: SignedEntry = { ...first, ...data, payload: isWithheld ? null : body };
  const covered = headerText(entry);
  if (entryLine(entry, covered) !== line)
    return { entry: null, problem: 'It is not written as an entry is.' };
  if (isWithheld !== (entry.salt === null)) {
    return { entry: null, problem: 'It has a payload or a salt without the other.' };
  }
  if (isWithheld) return { entry, covered, payload: null, problem: null };
  const payload = parseJson(body);
  if (payload.problem !== null) return { entry: null, problem: payload.problem };
  return { entry, covered, payload: payload.value, problem: payloadProblem(entry, payload.value) };
}
