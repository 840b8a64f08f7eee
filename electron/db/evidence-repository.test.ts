import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evidencePath } from './evidence-files.ts';
import { newEvidenceKey, plainSize, sealed } from './evidence-seal.ts';
import { sha256Hex } from './ids.ts';
import type { EvidenceRepository, Store } from './store.ts';
import { openTestStore, temporaryDirectory } from './testing.ts';

const chunkBytes = 1024 * 1024;
const headerBytes = 48;
const sealedChunkBytes = chunkBytes + 16;
const key = newEvidenceKey();

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
  store.evidence.setKeys([key]);
});
afterEach(() => {
  store.close();
  directory.remove();
});

/** Bytes in which each chunk differs from each other. */
function someBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}

/** Byte for byte, without a list of millions of differences. */
const same = (left: Uint8Array | null | undefined, right: Uint8Array) =>
  left !== null && left !== undefined && Buffer.compare(left, right) === 0;

async function bytesOf(evidence: EvidenceRepository, sha256: string): Promise<Buffer | null> {
  const found = evidence.open(sha256);
  if (found === null) return null;
  const pieces: Buffer[] = [];
  for await (const piece of found.chunks()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

async function addInPieces(bytes: Buffer, pieceBytes: number): Promise<string> {
  const draft = await store.evidence.begin();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
    await draft.write(piece);
  }
  const { sha256, sizeBytes } = await draft.finish(sha256Hex(bytes));
  expect(sizeBytes).toBe(bytes.length);
  store.evidence.adopt([draft], () => undefined);
  return sha256;
}

const shardOf = (sha256: string) => join(directory.path, 'evidence', sha256.slice(0, 2));
const encryptedPath = (sha256: string) => evidencePath(directory.path, sha256, key.id);

describe('encrypted evidence', () => {
  const sizes = [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes + 5];

  it.each(sizes)('comes back as it was, %i bytes, however it was written', async (length) => {
    const bytes = someBytes(length);
    const { sha256 } = store.evidence.put(bytes);
    const atOnce = readFileSync(encryptedPath(sha256));
    expect(plainSize(atOnce.length)).toBe(length);
    const { bytes: read, verified } = store.evidence.read(sha256) ?? { bytes: null, verified: false };
    expect([same(read, bytes), verified]).toEqual([true, true]);
    expect(store.evidence.open(sha256)?.sizeBytes).toBe(length);
    expect(same(await bytesOf(store.evidence, sha256), bytes)).toBe(true);
    if (length >= 64) expect(atOnce.includes(bytes.subarray(0, 64))).toBe(false);
  });

  it.each([10_000, chunkBytes - 1, chunkBytes, 3_000_000])(
    'is the same in pieces of %i bytes',
    async (pieceBytes) => {
      const bytes = someBytes(5 * chunkBytes + 17);
      const sha256 = await addInPieces(bytes, pieceBytes);
      expect(readdirSync(shardOf(sha256))).toEqual([`${sha256}.${key.id}`]);
      expect(statSync(encryptedPath(sha256)).mode & 0o777).toBe(0o600);
      expect(same(await bytesOf(store.evidence, sha256), bytes)).toBe(true);
    },
  );

  it('is never twice the same on the disk', () => {
    expect(sealed(Buffer.from('packets'), key)).not.toEqual(sealed(Buffer.from('packets'), key));
  });

  const bytes = someBytes(4 * chunkBytes);
  const chunk = (file: Buffer, number: number) =>
    file.subarray(headerBytes + number * sealedChunkBytes, headerBytes + (number + 1) * sealedChunkBytes);
  const changes: Record<string, (file: Buffer) => Buffer> = {
    'a bit of the header': (file) => flip(file, 20),
    'a bit of the salt': (file) => flip(file, 30),
    'a bit of a chunk': (file) => flip(file, headerBytes + sealedChunkBytes + 100),
    'a bit of a tag': (file) => flip(file, headerBytes + sealedChunkBytes - 1),
    'two chunks changed over': (file) =>
      Buffer.concat([
        file.subarray(0, headerBytes),
        chunk(file, 1),
        chunk(file, 0),
        chunk(file, 2),
        chunk(file, 3),
      ]),
    'a chunk left out': (file) =>
      Buffer.concat([file.subarray(0, headerBytes), chunk(file, 0), chunk(file, 2), chunk(file, 3)]),
    'a chunk twice': (file) => Buffer.concat([file, chunk(file, 3)]),
    'the end cut off at a chunk': (file) => file.subarray(0, -sealedChunkBytes),
    'the end cut off in a chunk': (file) => file.subarray(0, -10),
    'nothing but the header': (file) => file.subarray(0, headerBytes),
    'nothing at all': () => Buffer.alloc(0),
    'a chunk of another file': (file) =>
      Buffer.concat(
        [chunk(sealed(bytes, key), 0)].map((other) =>
          Buffer.concat([
            file.subarray(0, headerBytes),
            other,
            file.subarray(headerBytes + sealedChunkBytes),
          ]),
        ),
      ),
    'bytes behind the end': (file) => Buffer.concat([file, Buffer.alloc(3)]),
  };
  function flip(file: Buffer, at: number): Buffer {
    const changed = Buffer.from(file);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    return changed;
  }

  it.each(Object.entries(changes))('is found to be changed: %s', async (_name, change) => {
    const { sha256 } = store.evidence.put(bytes);
    const whole = readFileSync(encryptedPath(sha256));
    const changed = change(whole);
    writeFileSync(encryptedPath(sha256), changed);
    expect(() => store.evidence.read(sha256)).toThrow('changed or cut short');
    await expect(bytesOf(store.evidence, sha256)).rejects.toThrow('changed or cut short');
    expect(same(readFileSync(encryptedPath(sha256)), changed)).toBe(true);
    // Whoever has the bytes mends it.
    store.evidence.put(bytes);
    expect(same(await bytesOf(store.evidence, sha256), bytes)).toBe(true);
  });

  it('cannot be read without its key, says which, and is never written over', async () => {
    const { sha256 } = store.evidence.put(bytes);
    const before = readFileSync(encryptedPath(sha256));
    const other = newEvidenceKey();
    for (const keys of [[], [other]]) {
      store.evidence.setKeys(keys);
      expect(() => store.evidence.read(sha256)).toThrow('a key that is not available here');
      expect(store.evidence.open(sha256)).toBeNull();
      expect(store.evidence.census().unreadable).toEqual([sha256]);
    }
    // The same bytes added again lie beside it.
    store.evidence.put(bytes);
    expect(store.evidence.read(sha256)?.verified).toBe(true);
    expect(store.evidence.census()).toEqual({ encrypted: 1, plain: [], unreadable: [] });
    expect(same(readFileSync(encryptedPath(sha256)), before)).toBe(true);
    expect(readdirSync(shardOf(sha256))).toHaveLength(2);
  });

  it('is gone after a transaction that failed, and what is locked stays', async () => {
    const { sha256 } = store.evidence.put(bytes);
    store.evidence.setKeys([newEvidenceKey()]);
    const small = Buffer.from('small');
    const draft = await store.evidence.begin();
    await draft.write(small);
    await draft.finish(sha256Hex(small));
    expect(() =>
      store.evidence.adopt([draft], () => {
        throw new Error('the power went');
      }),
    ).toThrow('the power went');
    expect(store.evidence.census()).toEqual({ encrypted: 0, plain: [], unreadable: [sha256] });
    expect(readdirSync(join(directory.path, 'unfinished'))).toEqual([]);
  });
});

describe('plain evidence of before', () => {
  const bytes = someBytes(3 * 1_048_576 + 11);
  function plainEvidence(): string {
    store.evidence.setKeys([]);
    const { sha256 } = store.evidence.put(bytes);
    store.evidence.setKeys([key]);
    return sha256;
  }

  it('is readable, and encrypted in steps', async () => {
    const sha256 = plainEvidence();
    const { bytes: read, verified } = store.evidence.read(sha256) ?? { bytes: null, verified: false };
    expect([same(read, bytes), verified]).toEqual([true, true]);
    expect(store.evidence.census().plain).toEqual([sha256]);
    const steps: string[] = [];
    expect(await store.evidence.encryptPlain(sha256, (step) => steps.push(step))).toBe('encrypted');
    expect(steps).toEqual(['writing', 'writing', 'writing', 'writing', 'before-rename', 'before-removal']);
    expect(readdirSync(shardOf(sha256))).toEqual([`${sha256}.${key.id}`]);
    expect(same(await bytesOf(store.evidence, sha256), bytes)).toBe(true);
    expect(await store.evidence.encryptPlain(sha256, () => undefined)).toBe('gone');
  });

  it.each(['writing', 'before-rename', 'before-removal'] as const)(
    'is whole when it ends at %s',
    async (last) => {
      const sha256 = plainEvidence();
      const end = (step: string) => {
        if (step === last) throw new Error('the end');
      };
      await expect(store.evidence.encryptPlain(sha256, end)).rejects.toThrow('the end');
      expect(same(await bytesOf(store.evidence, sha256), bytes)).toBe(true);
      expect(existsSync(evidencePath(directory.path, sha256))).toBe(true);
      expect(readdirSync(join(directory.path, 'unfinished'))).toEqual([]);
      expect(await store.evidence.encryptPlain(sha256, () => undefined)).toBe('encrypted');
      expect(readdirSync(shardOf(sha256))).toEqual([`${sha256}.${key.id}`]);
    },
  );

  it('stays when it has not its hash any more', async () => {
    const sha256 = plainEvidence();
    writeFileSync(evidencePath(directory.path, sha256), 'something else');
    expect(await store.evidence.encryptPlain(sha256, () => undefined)).toBe('damaged');
    expect(readdirSync(shardOf(sha256))).toEqual([sha256]);
  });

  it('does not go for an encrypted file that is not whole', async () => {
    const sha256 = plainEvidence();
    writeFileSync(encryptedPath(sha256), 'cut short');
    expect(await store.evidence.encryptPlain(sha256, () => undefined)).toBe('encrypted');
    expect(same(await bytesOf(store.evidence, sha256), bytes)).toBe(true);
  });
});
