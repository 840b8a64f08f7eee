import { type FileHandle, open } from 'node:fs/promises';
import { WatchfloorError } from '../../../shared/domain/result.ts';

const chunkBytes = 1024 * 1024;

/**
 * The bytes of a file in order, the next piece read while the last is looked at. Three buffers are used in turn, so
 * that gigabytes need no more memory than that: a piece is good until the one after the next is asked for, and copied
 * to be kept.
 * @throws WatchfloorError `not-found` or `bad-input` where it is no file that can be read
 */
export async function* fileChunks(path: string): AsyncGenerator<Buffer, void, void> {
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
    const size = Math.max(1, Math.min(chunkBytes, stat.size));
    const buffers = [0, 1, 2].map(() => Buffer.allocUnsafe(size));
    const readInto = async (number: number): Promise<Buffer> => {
      const buffer = buffers[number % buffers.length] ?? Buffer.allocUnsafe(size);
      const { bytesRead } = await file.read(buffer, 0, size);
      return buffer.subarray(0, bytesRead);
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

/** Takes bytes from a stream in the amounts that a format asks for. */
export interface ByteReader {
  /** Where the next byte stands. */
  readonly offset: () => number;
  /** So many bytes, fewer where the stream ends. For small amounts: they lie in memory, the caller's own. */
  take(length: number): Promise<Buffer>;
  /** So many bytes piece by piece, fewer where the stream ends. A piece is good until the one after the next is asked for. */
  stream(length: number): AsyncGenerator<Buffer, void, void>;
  /** Lets go of what the stream holds, e.g. an open file. */
  close(): Promise<void>;
}

export function createByteReader(chunks: AsyncIterable<Buffer>): ByteReader {
  const source = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let offset = 0;

  /** The next piece of at most so many bytes; empty at the end. */
  async function piece(most: number): Promise<Buffer> {
    while (held.length === 0) {
      const next = await source.next();
      if (next.done === true) return held;
      held = next.value;
    }
    const taken = held.subarray(0, most);
    held = held.subarray(taken.length);
    offset += taken.length;
    return taken;
  }

  return {
    offset: () => offset,
    async take(length) {
      const pieces: Buffer[] = [];
      for (let left = length; left > 0; ) {
        const next = await piece(left);
        if (next.length === 0) break;
        pieces.push(Buffer.from(next));
        left -= next.length;
      }
      const [first] = pieces;
      return first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces);
    },
    async *stream(length) {
      for (let left = length; left > 0; ) {
        const next = await piece(left);
        if (next.length === 0) return;
        left -= next.length;
        yield next;
      }
    },
    async close() {
      await source.return?.();
    },
  };
}
