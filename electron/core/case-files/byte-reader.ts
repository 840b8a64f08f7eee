import { release } from '../../db/file-chunks.ts';

/** Takes bytes from a stream in the amounts that a format asks for. */
export interface ByteReader {
  /** Where the next byte stands. */
  readonly offset: () => number;
  /** So many bytes, fewer where the stream ends. For small amounts: they lie in memory, the caller's own. */
  take(length: number): Promise<Buffer>;
  /** The same for larger amounts, where the stream has them if they are in one piece: good until more is asked for. */
  view(length: number): Promise<Buffer>;
  /** Whether nothing more comes; what `view` gave stays good. */
  isAtEnd(): Promise<boolean>;
  /** So many bytes piece by piece, fewer where the stream ends. A piece is good until the one after the next is asked for. */
  stream(length: number): AsyncGenerator<Buffer, void, void>;
  /** Lets go of what the stream holds, e.g. an open file. */
  close(): Promise<void>;
}

export function createByteReader(chunks: AsyncIterable<Buffer>): ByteReader {
  const source = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  /** For views of bytes that lie in several pieces; one after the other. */
  let joined: Buffer = Buffer.alloc(0);
  let offset = 0;

  /** @returns whether there is more */
  async function hold(): Promise<boolean> {
    while (held.length === 0) {
      const next = await source.next();
      if (next.done === true) return false;
      held = next.value;
    }
    return true;
  }

  /** The next piece of at most so many bytes; empty at the end. */
  async function piece(most: number): Promise<Buffer> {
    await hold();
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
      if (first !== undefined && pieces.length === 1) return first;
      const whole = Buffer.concat(pieces);
      for (const each of pieces) release(each);
      return whole;
    },
    async view(length) {
      await hold();
      if (held.length >= length) return piece(length);
      if (joined.length < length) joined = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const next = await piece(length - filled);
        if (next.length === 0) break;
        next.copy(joined, filled);
        filled += next.length;
      }
      return joined.subarray(0, filled);
    },
    isAtEnd: async () => !(await hold()),
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
