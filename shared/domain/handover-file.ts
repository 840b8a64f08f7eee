import { z } from 'zod';
import { parseJson } from '../case-file/json.ts';
import { canonicalJson, type Sha256 } from './entry-chain.ts';
import {
  type HandoverCountersigned,
  type HandoverPack,
  handoverAnswerSchema,
  handoverItems,
  handoverLimits,
  handoverPackSchema,
  handoverSections,
} from './handover.ts';

/*
 * The file of a handover, `.wfhandover`: canonical JSON of the pack, the signature of who went, and those of who came.
 * There is exactly one sequence of bytes for given contents. resources/handover describes it for others.
 */

export const handoverFileVersion = 1;

/** base64 of so many bytes, and of the one spelling that it has. */
const base64Of = (bytes: number) => {
  const rest = bytes % 3;
  const whole = Math.floor(bytes / 3) * 4;
  // The bits that a last sign has too many are zero.
  const tail = rest === 1 ? '[AQgw]==' : '[AEIMQUYcgkosw048]=';
  return z.string().regex(new RegExp(`^[A-Za-z0-9+/]{${whole + rest}}${tail}$`));
};
const publicKeySchema = base64Of(32);
const signatureSchema = base64Of(64);
const signedMs = z.number().int().min(-8_640_000_000_000_000).max(8_640_000_000_000_000);
const name = z.string().min(1).max(200);

export const handoverSignatureSchema = z.strictObject({
  name,
  /** Ed25519, base64 of the raw 32 bytes. */
  publicKey: publicKeySchema,
  signedMs,
  /** Name and version of the program. */
  writtenBy: z.string().max(100),
  /** base64 of the raw 64 bytes. */
  signature: signatureSchema,
});

export const handoverCountersignatureSchema = z.strictObject({
  name,
  publicKey: publicKeySchema,
  signedMs,
  /** One for each item of the pack, in its order. */
  answers: z.array(handoverAnswerSchema).max(handoverSections.length * handoverLimits.items),
  remark: z.string().max(handoverLimits.remark),
  signature: signatureSchema,
});
export type HandoverCountersignature = z.infer<typeof handoverCountersignatureSchema>;

export const handoverFileSchema = z.strictObject({
  format: z.literal('watchfloor-handover'),
  version: z.literal(handoverFileVersion),
  pack: handoverPackSchema,
  signature: handoverSignatureSchema,
  /** By time and then by signature, none twice. */
  countersignatures: z.array(handoverCountersignatureSchema).max(handoverLimits.countersignatures),
});
/** A signed handover, as it is kept and passed on. */
export type HandoverFile = z.infer<typeof handoverFileSchema>;

type Unsigned<Signed extends { readonly signature: string }> = Omit<Signed, 'signature'>;

/** What the outgoing analyst signs: the whole pack and who signs when. */
export function handoverSignedText(
  pack: HandoverPack,
  signer: Unsigned<z.infer<typeof handoverSignatureSchema>>,
): string {
  const { name: by, publicKey, signedMs: atMs, writtenBy } = signer;
  const signed = {
    format: 'watchfloor-handover',
    version: handoverFileVersion,
    pack,
    signer: { name: by, publicKey, signedMs: atMs, writtenBy },
  };
  return `watchfloor-handover-1\n${canonicalJson(signed)}`;
}

/** SHA-256 by which a signed handover is known: of its file without countersignatures. */
export function handoverHash(file: HandoverFile, sha256: Sha256): string {
  return sha256(handoverText({ ...file, countersignatures: [] }));
}

/** What an incoming analyst signs: the handover with its signature, and what they said of each item. */
export function handoverCountersignedText(
  handoverSha256: string,
  signer: Unsigned<HandoverCountersignature>,
): string {
  const { name: by, publicKey, signedMs: atMs, answers, remark } = signer;
  const signed = { handoverSha256, signer: { name: by, publicKey, signedMs: atMs }, answers, remark };
  return `watchfloor-handover-countersignature-1\n${canonicalJson(signed)}`;
}

/** The file's text: the only one for these contents. */
export function handoverText(file: HandoverFile): string {
  return canonicalJson(file);
}

function inOrder(left: HandoverCountersignature, right: HandoverCountersignature): number {
  return left.signedMs - right.signedMs || (left.signature < right.signature ? -1 : 1);
}

/** The countersignatures of two copies of one handover, each once, in the order of the file. */
export function joinCountersignatures(
  left: readonly HandoverCountersignature[],
  right: readonly HandoverCountersignature[],
): HandoverCountersignature[] {
  const all = new Map([...left, ...right].map((each) => [each.signature, each]));
  return [...all.values()].sort(inOrder);
}

export interface HandoverProblem {
  /** `file`, `pack`, `signature` or `countersignatures.0`. */
  readonly at: string;
  readonly sentence: string;
}

/** What a file from outside came to. */
export interface HandoverReading {
  /** null where it is not even one by its form. */
  readonly file: HandoverFile | null;
  readonly problems: readonly HandoverProblem[];
}

/** Checks lent by who reads. */
export interface HandoverChecks {
  readonly sha256: Sha256;
  readonly isSigned: (publicKey: string, text: string, signature: string) => boolean;
}

function nothing(sentence: string): HandoverReading {
  return { file: null, problems: [{ at: 'file', sentence }] };
}

function packProblems(pack: HandoverPack): HandoverProblem[] {
  const problems: HandoverProblem[] = [];
  const problem = (sentence: string) => problems.push({ at: 'pack', sentence });
  if (pack.parts.some(({ section }, index) => section !== handoverSections[index])) {
    problem('Its parts are not in their order.');
  }
  const keys = [...handoverItems(pack), ...pack.dropped.map(({ item }) => item)].map(({ key }) => key);
  if (new Set(keys).size < keys.length) problem('Two of its items have the same key.');
  return problems;
}

/**
 * Reads a handover from a file's text and checks all of it: form, canonical spelling, signatures. Whatever the text is,
 * it answers in words.
 */
export function readHandover(text: string, { sha256, isSigned }: HandoverChecks): HandoverReading {
  const json = parseJson(text);
  if (json.problem !== null) return nothing(json.problem);
  const parsed = handoverFileSchema.safeParse(json.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue === undefined || issue.path.length === 0 ? 'its top' : issue.path.join('.');
    return nothing(`It is no handover that this version can read: at ${place.slice(0, 100)}.`);
  }
  const file = parsed.data;
  if (handoverText(file) !== text) return nothing('Its bytes are not those that these contents have.');
  const problems = packProblems(file.pack);
  const { signature, countersignatures, pack } = file;
  if (!isSigned(signature.publicKey, handoverSignedText(pack, signature), signature.signature)) {
    problems.push({ at: 'signature', sentence: 'The signature of the outgoing analyst is not valid.' });
  }
  const keys = handoverItems(pack).map(({ key }) => key);
  const hash = handoverHash(file, sha256);
  for (const [index, each] of countersignatures.entries()) {
    const problem = (sentence: string) => problems.push({ at: `countersignatures.${index}`, sentence });
    const before = countersignatures[index - 1];
    if (before !== undefined && inOrder(before, each) >= 0) problem('It is not in its place.');
    if (each.answers.length !== keys.length || each.answers.some(({ key }, at) => key !== keys[at])) {
      problem('It does not answer exactly the items of the handover.');
    }
    if (each.answers.some(({ state, remark }) => (state === 'queried') === (remark.trim() === ''))) {
      problem('A query says nothing, or something is said of what was not queried.');
    }
    if (!isSigned(each.publicKey, handoverCountersignedText(hash, each), each.signature)) {
      problem('The countersignature is not valid.');
    }
  }
  return { file, problems };
}

/** Whether one person handed over to themselves: the same key, or the same name under another key. */
export function isSamePerson(
  outgoing: { readonly name: string; readonly publicKey: string },
  incoming: { readonly name: string; readonly publicKey: string },
): boolean {
  const plain = (text: string) => text.normalize('NFKC').trim().toLowerCase();
  return outgoing.publicKey === incoming.publicKey || plain(outgoing.name) === plain(incoming.name);
}

/** A countersignature as people read it. */
export function countersigned(
  file: HandoverFile,
  { name: by, publicKey, signedMs: atMs, answers, remark }: HandoverCountersignature,
  key: { readonly keyFingerprint: string; readonly isKnown: boolean },
): HandoverCountersigned {
  return {
    ...key,
    name: by,
    signedMs: atMs,
    answers,
    remark,
    isSamePerson: isSamePerson(file.signature, { name: by, publicKey }),
    isClockBehind: atMs < file.signature.signedMs,
  };
}
