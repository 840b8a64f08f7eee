import type { RecordText } from './record-blocks.ts';

/*
 * How records lie in a block before it is compressed: first all bodies, each behind a byte that no UTF-8 text has, after
 * one more of it all heads, a line each. Like stands beside like then, which takes a tenth less on disk. Blocks of before
 * begin with a head and have no such byte; their records lie as they are read: head, line break, body.
 */

/** Stands between the two texts of a record. */
export const lineBreak = 10;
/** Begins a body, and the heads. */
const mark = 0xff;

/** Bytes that writing some records takes at most: a UTF-16 unit takes three. */
export function mostColumnBytes(units: number, records: number): number {
  return units * 3 + records * 2 + 1;
}

/**
 * Writes records of a block.
 * @param lengths gets the bytes that each takes as it is read
 * @returns the bytes that were written
 */
export function writeColumns(into: Buffer, records: readonly RecordText[], lengths: number[]): number {
  let used = 0;
  for (const { body } of records) {
    into[used] = mark;
    const bytes = into.write(body, used + 1);
    lengths.push(bytes);
    used += bytes + 1;
  }
  into[used] = mark;
  used += 1;
  for (const [index, { head }] of records.entries()) {
    const bytes = into.write(head, used);
    into[used + bytes] = lineBreak;
    used += bytes + 1;
    lengths[index] = (lengths[index] ?? 0) + bytes + 1;
  }
  return used;
}

/**
 * Records as they are read, one after the other, from a block of either kind.
 * @throws Error when the block is not whole
 */
export function readColumns(block: Buffer): Buffer {
  if (block[0] !== mark) return block;
  const records = Buffer.allocUnsafe(block.length);
  let used = 0;
  let body = 1;
  for (let head = block.lastIndexOf(mark) + 1; head < block.length; ) {
    const bodyEnd = block.indexOf(mark, body);
    const headEnd = block.indexOf(lineBreak, head) + 1;
    if (bodyEnd < body || headEnd <= head) throw new Error('A block has bodies and heads that do not match.');
    used += block.copy(records, used, head, headEnd);
    used += block.copy(records, used, body, bodyEnd);
    head = headEnd;
    body = bodyEnd + 1;
  }
  return records.subarray(0, used);
}
