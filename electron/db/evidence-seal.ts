import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { fileChunks, release } from './file-chunks.ts';

/*
 * How evidence lies on the disk where it is encrypted. The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár,
 * "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015) with a key a file, as Tink's
 * AES-GCM-HKDF streaming does it:
 *
 *   header   6 bytes "WFSEAL", 1 byte version (1), 1 byte 0, 8 bytes id of the data key, 32 bytes random salt
 *   chunks   1,048,576 bytes of plain text each, the last one shorter (empty only where there is nothing at all),
 *            encrypted with AES-256-GCM, each followed by its tag of 16 bytes
 *
 *   file key  and nonce prefix: HKDF-SHA-256 of the data key (32 random bytes), with the salt,
 *             info = "watchfloor evidence" and the header; 32 and 7 bytes of 39
 *   nonce     the prefix, the chunk's number (4 bytes, big endian, from 0), 1 for the last chunk and 0 for all others
 *
 * So a chunk that was changed, left out, put elsewhere or taken from another file does not open, nor does a file that
 * was cut short at a chunk. What is not hidden: how long the evidence is, and its SHA-256, which is the file's name.
 */

const magic = Buffer.from('WFSEAL\x01\x00', 'latin1');
const keyIdBytes = 8;
const saltBytes = 32;
const headerBytes = magic.length + keyIdBytes + saltBytes;
const plainBytes = 1024 * 1024;
const tagBytes = 16;
const sealedBytes = plainBytes + tagBytes;
const mostChunks = 2 ** 32;

/** A data key, and the id (16 hex digits) by which files say that it is theirs. */
export interface EvidenceKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A new key. Its id tells nothing of it. */
export function newEvidenceKey(): EvidenceKey {
  return { id: randomBytes(keyIdBytes).toString('hex'), bytes: randomBytes(32) };
}

interface FileKeys {
  readonly key: Buffer;
  readonly prefix: Buffer;
}

function fileKeys(dataKey: EvidenceKey, header: Buffer): FileKeys {
  const info = Buffer.concat([Buffer.from('watchfloor evidence'), header]);
  const made = Buffer.from(hkdfSync('sha256', dataKey.bytes, header.subarray(-saltBytes), info, 39));
  return { key: made.subarray(0, 32), prefix: made.subarray(32) };
}

function nonceOf(prefix: Buffer, number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  prefix.copy(nonce);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

const damaged = (path: string) =>
  new WatchfloorError(
    'storage',
    'The encrypted bytes of a piece of evidence were changed or cut short on the disk. The file was left as it is.',
    path,
  );

/** Encrypts bytes that come in pieces of any size. */
export interface EvidenceSealer {
  /** What can be written now; may be empty. `bytes` may be used anew afterwards. */
  update(bytes: Uint8Array): Buffer;
  /** The rest. */
  end(): Buffer;
}

/** Begins a file of its own key and salt. */
export function createSealer(dataKey: EvidenceKey): EvidenceSealer {
  const header = Buffer.concat([magic, Buffer.from(dataKey.id, 'hex'), randomBytes(saltBytes)]);
  const { key, prefix } = fileKeys(dataKey, header);
  /** Less than a chunk, or a whole one of which is not known yet whether it is the last. */
  const held = Buffer.allocUnsafe(plainBytes);
  let heldBytes = 0;
  let number = 0;
  let isBegun = false;

  function begin(): Buffer[] {
    if (isBegun) return [];
    isBegun = true;
    return [header];
  }
  function seal(plain: Uint8Array, isLast: boolean): Buffer[] {
    if (number >= mostChunks) throw new WatchfloorError('too-large', 'This evidence is too large.');
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(prefix, number, isLast));
    number += 1;
    return [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  }
  return {
    update(bytes) {
      const made = begin();
      for (let rest = bytes; rest.length > 0; ) {
        if (heldBytes === plainBytes) {
          made.push(...seal(held, false));
          heldBytes = 0;
        }
        // Whole chunks with more behind them need not be held.
        if (heldBytes === 0 && rest.length > plainBytes) {
          made.push(...seal(rest.subarray(0, plainBytes), false));
          rest = rest.subarray(plainBytes);
          continue;
        }
        const taken = rest.subarray(0, plainBytes - heldBytes);
        held.set(taken, heldBytes);
        heldBytes += taken.length;
        rest = rest.subarray(taken.length);
      }
      return Buffer.concat(made);
    },
    end: () => Buffer.concat([...begin(), ...seal(held.subarray(0, heldBytes), true)]),
  };
}

/** A whole sealed file of bytes that lie in memory. */
export function sealed(bytes: Uint8Array, dataKey: EvidenceKey): Buffer {
  const sealer = createSealer(dataKey);
  return Buffer.concat([sealer.update(bytes), sealer.end()]);
}

/** The chunks of a sealed file of this size: an empty one where there is nothing else. */
const chunkCount = (fileBytes: number) => Math.max(1, Math.ceil((fileBytes - headerBytes) / sealedBytes));

/** How many bytes a sealed file of this size holds; below zero for one that is none. */
export function plainSize(fileBytes: number): number {
  return fileBytes - headerBytes - chunkCount(fileBytes) * tagBytes;
}

/**
 * Opens the chunks of a file, which is given by its header, one after the other.
 * @param fileBytes the file's size, which says which chunk is the last: a wrong one does not open
 */
function createOpener(dataKey: EvidenceKey, path: string, header: Buffer, fileBytes: number) {
  const isOurs =
    header.length === headerBytes &&
    header.subarray(0, magic.length).equals(magic) &&
    header.subarray(magic.length, magic.length + keyIdBytes).toString('hex') === dataKey.id;
  if (!isOurs) throw damaged(path);
  const { key, prefix } = fileKeys(dataKey, header);
  const count = chunkCount(fileBytes);
  let number = 0;
  return {
    chunk(bytes: Buffer): Buffer {
      // An empty last chunk behind others is nothing that was ever written.
      if (number >= count || bytes.length < tagBytes || (bytes.length === tagBytes && number > 0)) {
        throw damaged(path);
      }
      const nonce = nonceOf(prefix, number, number === count - 1);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      number += 1;
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      const plain = decipher.update(bytes.subarray(0, -tagBytes));
      try {
        decipher.final();
      } catch {
        throw damaged(path);
      }
      return plain;
    },
    end(): void {
      if (number !== count) throw damaged(path);
    },
  };
}

/**
 * The evidence in a sealed file, chunk by chunk, each good until the one after the next is asked for; memory does not
 * grow with it. What was yielded was authentic, but whether the file is whole is known at its end alone.
 * @throws WatchfloorError `storage` where the file was changed, cut short, or is of another key
 */
export async function* openSealed(path: string, dataKey: EvidenceKey): AsyncGenerator<Buffer, void, void> {
  const { size } = await stat(path);
  let opener: ReturnType<typeof createOpener> | null = null;
  let before: Buffer | null = null;
  let last: Buffer | null = null;
  for await (const piece of fileChunks(path, [headerBytes, sealedBytes])) {
    if (opener === null) {
      opener = createOpener(dataKey, path, piece, size);
      continue;
    }
    const plain = opener.chunk(piece);
    if (plain.length > 0) yield plain;
    // Nobody may look at the one before the last any more. Its memory need not wait for a collection: a megabyte
    // each, that would be fifty.
    if (before !== null) release(before);
    before = last;
    last = plain;
  }
  if (opener === null) throw damaged(path);
  opener.end();
}

/** The evidence in a file, plain (no key) or sealed, in pieces that are good until the one after the next is asked for. */
export const evidenceChunks = ({
  path,
  key,
}: {
  readonly path: string;
  readonly key: EvidenceKey | null;
}): AsyncGenerator<Buffer, void, void> => (key === null ? fileChunks(path) : openSealed(path, key));

/** The evidence in a sealed file that lies in memory. */
export function unseal(file: Buffer, path: string, dataKey: EvidenceKey): Buffer {
  const opener = createOpener(dataKey, path, file.subarray(0, headerBytes), file.length);
  const plain: Buffer[] = [];
  for (let at = headerBytes; at < file.length; at += sealedBytes) {
    plain.push(opener.chunk(file.subarray(at, at + sealedBytes)));
  }
  opener.end();
  return Buffer.concat(plain);
}
