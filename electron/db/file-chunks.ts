import { writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { WatchfloorError } from '../../shared/domain/result.ts';

const chunkBytes = 1024 * 1024;

/**
 * Gives the memory of bytes back at once: they are empty afterwards. It need not wait for a collection, before which
 * streams of gigabytes let a hundred megabytes pile up. Bytes that share their memory with others are left alone.
 */
export function release(bytes: Buffer): void {
  if (bytes.byteLength === 0 || bytes.byteLength !== bytes.buffer.byteLength) return;
  // Node 24 has it; the types of ES2023 do not know it.
  (bytes.buffer as ArrayBufferLike & { transfer?(length: number): unknown }).transfer?.(0);
}

/** Writes all of it: a write may take less than it was given. Throws what the system throws. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

/**
 * The bytes of a file in order, the next piece read while the last is looked at. Three buffers are used in turn, so
 * that gigabytes need no more memory than that: a piece is good until the one after the next is asked for, and copied
 * to be kept.
 * @param sizes how many bytes the first piece has, and each of the others but the last
 * @throws WatchfloorError `not-found` or `bad-input` where it is no file that can be read
 */
export async function* fileChunks(
  path: string,
  [firstBytes, pieceBytes]: readonly [number, number] = [chunkBytes, chunkBytes],
): AsyncGenerator<Buffer, void, void> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (thrown) {
    throw new WatchfloorError('not-found', `${path} cannot be opened.`, String(thrown));
  }
  let reading: Promise<Buffer> | null = null;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new WatchfloorError('bad-input', `${path} is not a file.`);
    const most = Math.max(1, Math.min(Math.max(firstBytes, pieceBytes), stat.size));
    const buffers = [0, 1, 2].map(() => Buffer.allocUnsafe(most));
    const readInto = async (number: number): Promise<Buffer> => {
      const buffer = buffers[number % buffers.length] ?? Buffer.allocUnsafe(most);
      const size = Math.min(most, number === 0 ? firstBytes : pieceBytes);
      let filled = 0;
      // A read may give less than was asked for though more is to come.
      while (filled < size) {
        const { bytesRead } = await file.read(buffer, filled, size - filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    };
    reading = readInto(0);
    for (let number = 1; ; number += 1) {
      const piece = await reading;
      reading = null;
      if (piece.length === 0) return;
      reading = readInto(number);
      yield piece;
    }
  } finally {
    await reading?.catch(() => undefined);
    await file.close();
  }
}
