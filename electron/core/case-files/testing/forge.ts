import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Workstation } from '../../../../shared/case-file/arrivals.ts';
import { directoryEntry, endOfContainer, localHeader } from '../../../../shared/case-file/container.ts';
import { entryLine } from '../../../../shared/case-file/entry-line.ts';
import {
  type Manifest,
  manifestSchema,
  manifestText,
  signatureBlockText,
  signedBlockText,
} from '../../../../shared/case-file/manifest.ts';
import {
  canonicalJson,
  commitmentOf,
  entryHash,
  type SignedEntry,
  signedText,
} from '../../../../shared/domain/entry-chain.ts';
import { sha256Hex } from '../../../db/ids.ts';
import { keyFingerprint } from '../../../db/signatures.ts';

/*
 * Case files as somebody could make them who knows the format and has a key of their own: everything about the
 * container is right, so that what is wrong with the contents is what is tested.
 */

export interface ForgedMember {
  readonly path: string;
  readonly bytes: Buffer;
}

/** A container of members, with right headers whatever they are called. */
export function container(members: readonly ForgedMember[]): Buffer {
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { path, bytes } of members) {
    const member = { path, sizeBytes: bytes.length, crc32: crc32(bytes) };
    directory.push(directoryEntry(member, offset));
    pieces.push(localHeader(member), bytes);
    offset = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }
  const entries = Buffer.concat(directory);
  return Buffer.concat([...pieces, entries, endOfContainer(members.length, offset, entries.length)]);
}

const pair = generateKeyPairSync('ed25519');
export const forgerKey = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString(
  'base64',
);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The members of a case file. */
export function membersOf(file: Buffer): ForgedMember[] {
  const members: ForgedMember[] = [];
  for (let at = 0; file.readUInt32LE(at) === 0x04034b50; ) {
    const size = file.readUInt32LE(at + 22);
    const nameEnd = at + 30 + file.readUInt16LE(at + 26);
    const path = file.toString('latin1', at + 30, nameEnd);
    members.push({ path, bytes: file.subarray(nameEnd, nameEnd + size) });
    at = nameEnd + size;
  }
  return members;
}

/** A file with other contents, its manifest made to fit and signed by the forger. */
export function resigned(
  file: Buffer,
  change: (members: ReadonlyMap<string, Buffer>) => ReadonlyMap<string, Buffer>,
  amend: (manifest: Manifest) => Manifest = (manifest) => manifest,
): Buffer {
  const before = membersOf(file);
  const old = manifestSchema.parse(JSON.parse(before[0]?.bytes.toString() ?? ''));
  const records = new Map(before.slice(1, -2).map(({ path, bytes }) => [path, bytes]));
  const members = [...change(records)].map(([path, bytes]) => ({ path, bytes }));
  const lines = (members.find(({ path }) => path === 'entries.jsonl')?.bytes.toString() ?? '').split('\n');
  const hashes = lines.flatMap((line) => /"hash":"([0-9a-f]{64})"/.exec(line)?.[1] ?? []);
  const manifest = manifestText(
    amend({
      ...old,
      entries: hashes.length,
      entriesSha256: sha256Hex(hashes.map((hash) => `${hash}\n`).join('')),
      files: members.map(({ path, bytes }) => ({ path, sha256: sha256(bytes), sizeBytes: bytes.length })),
    }),
  );
  const arrivals = Buffer.from(
    `${canonicalJson({ name: 'Eve', workstationId: 'ws_forger', writers: [] } satisfies Workstation)}\n`,
  );
  const block = {
    algorithm: 'Ed25519',
    arrivals: { sha256: sha256(arrivals), sizeBytes: arrivals.length },
    exportedMs: 5,
    exporter: { keyFingerprint: keyFingerprint(forgerKey), name: 'Eve', publicKey: forgerKey },
    manifestSha256: sha256Hex(manifest),
    workstationId: 'ws_forger',
    writtenBy: 'a forger',
  } as const;
  const signature = sign(null, Buffer.from(signedBlockText(block)), pair.privateKey).toString('base64');
  return container([
    { path: 'manifest.json', bytes: Buffer.from(manifest) },
    ...members,
    { path: 'arrivals.jsonl', bytes: arrivals },
    { path: 'signature.json', bytes: Buffer.from(signatureBlockText({ ...block, signature })) },
  ]);
}

/** An entry with its commitment, hash and signature as the forger makes them. */
export function forgedEntry(entry: SignedEntry, payload: string | null): SignedEntry {
  const salt = '0'.repeat(32);
  const header = {
    ...entry,
    keyFingerprint: keyFingerprint(forgerKey),
    commitment: payload === null ? entry.commitment : commitmentOf(payload, salt, sha256Hex),
  };
  const hash = entryHash(header, sha256Hex);
  const signature = sign(null, Buffer.from(signedText('entry', hash)), pair.privateKey).toString('base64');
  return { ...header, hash, signature, salt: payload === null ? null : salt, payload };
}

/** A whole case of the forger's in the place of what a file held: these payloads, as JSON text, one chain. */
export function forgedCase(
  file: Buffer,
  payloads: readonly string[],
  more: Partial<SignedEntry> = {},
): Buffer {
  const writerId = more.writerId ?? 'wr_forger';
  const caseId = 'ca_forged';
  let previousHash = '0'.repeat(64);
  const entries = payloads.map((payload, sequence) => {
    const entry = forgedEntry(
      {
        version: 2,
        id: `en_forged${sequence}`,
        caseId,
        writerId,
        writerName: 'Eve',
        keyFingerprint: null,
        sequence,
        clock: `001772582400000:${String(sequence).padStart(6, '0')}`,
        timeMs: 5,
        previousHash,
        kind: JSON.parse(payload).kind ?? 'note-added',
        schema: 1,
        tlp: null,
        replaces: [],
        commitment: '',
        hash: '',
        salt: null,
        payload: null,
        signature: null,
        ...more,
      },
      payload,
    );
    previousHash = entry.hash;
    return entry;
  });
  const writer = { keyFingerprint: keyFingerprint(forgerKey), publicKey: forgerKey, writerId };
  return resigned(
    file,
    () =>
      new Map([
        ['writers.jsonl', Buffer.from(`${canonicalJson(writer)}\n`)],
        ['entries.jsonl', Buffer.from(entries.map((entry) => `${entryLine(entry)}\n`).join(''))],
        ['alerts.jsonl', Buffer.alloc(0)],
        ['mitigations.jsonl', Buffer.alloc(0)],
      ]),
    (manifest) => ({ ...manifest, caseId, cases: [caseId], withheld: [], missing: [] }),
  );
}
