import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { lineBreak, mostColumnBytes, readColumns, writeColumns } from './record-columns.ts';
import { type SqlDatabase, sql } from './sql.ts';

/** Where one record lies. */
export interface RecordPlace {
  readonly blockId: number;
  readonly offset: number;
  readonly length: number;
}

/** A record as two texts that are read one after the other, a line break between them. */
export interface RecordText {
  /** Holds no line break. */
  readonly head: string;
  readonly body: string;
}

/**
 * Raw characters of a block, which are bytes in nearly every record. SQLite gives it whole pages, so that of smaller
 * blocks a third would be empty.
 */
const blockBytes = 256 * 1024;
const mostScratchBytes = 4 * blockBytes;
const blocksInMemory = 8;

/**
 * Texts of records, many to a compressed block. Records of one batch are alike, so a block shrinks them about
 * tenfold where each alone would shrink to half.
 */
export class RecordBlocks {
  readonly #database: SqlDatabase;
  /** The last blocks read, opened. */
  readonly #opened = new Map<number, Buffer>();
  /** Blocks are put together here, one after the other. */
  #scratch = Buffer.alloc(0);

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /**
   * Stores texts within the running transaction; the places come in the same order.
   * @param firstRecord row number of the first record; the others follow it
   */
  write(purpose: 'occurrence' | 'context', texts: readonly RecordText[], firstRecord: number): RecordPlace[] {
    const places: RecordPlace[] = [];
    for (let start = 0; start < texts.length; ) {
      let end = start;
      let units = 0;
      while (end < texts.length && units < blockBytes) {
        units += (texts[end]?.head.length ?? 0) + (texts[end]?.body.length ?? 0) + 1;
        end += 1;
      }
      const buffer = this.#bufferOf(mostColumnBytes(units, end - start));
      const lengths: number[] = [];
      const used = writeColumns(buffer, texts.slice(start, end), lengths);
      const data = zstdCompressSync(buffer.subarray(0, used), {
        params: { [constants.ZSTD_c_compressionLevel]: 1 },
      });
      const blockId = this.#database
        .prepare(
          sql`INSERT INTO record_block (purpose, first_record, records, raw_bytes, stored_bytes, data)
                VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .run(purpose, firstRecord + start, end - start, used, data.length, data).lastRowId;
      let offset = 0;
      for (const length of lengths) {
        places.push({ blockId, offset, length });
        offset += length;
      }
      start = end;
    }
    return places;
  }

  /** Room for so many bytes, until the next block. A block of one very long record has a buffer of its own. */
  #bufferOf(bytes: number): Buffer {
    if (bytes > mostScratchBytes) return Buffer.allocUnsafe(bytes);
    if (this.#scratch.length < bytes) this.#scratch = Buffer.allocUnsafe(bytes);
    return this.#scratch;
  }

  /** @throws WatchfloorError `storage` when the block is not there or not whole */
  read(place: RecordPlace): RecordText {
    let block = this.#opened.get(place.blockId);
    if (block === undefined) {
      block = this.#open(place.blockId);
      this.#opened.set(place.blockId, block);
      const [oldest] = this.#opened.keys();
      if (this.#opened.size > blocksInMemory && oldest !== undefined) this.#opened.delete(oldest);
    }
    const end = place.offset + place.length;
    const split = block.indexOf(lineBreak, place.offset);
    return {
      head: block.toString('utf8', place.offset, split),
      body: block.toString('utf8', split + 1, end),
    };
  }

  /** All records of a block, one after the other; null where it is not there or not whole. */
  bytes(blockId: number): Buffer | null {
    try {
      return this.#open(blockId);
    } catch (thrown) {
      if (thrown instanceof WatchfloorError) return null;
      throw thrown;
    }
  }

  #open(blockId: number): Buffer {
    const row = this.#database
      .prepare<{ readonly data: Buffer }>(sql`SELECT data FROM record_block WHERE id = ?`)
      .get(blockId);
    try {
      if (row !== undefined) return readColumns(zstdDecompressSync(row.data));
    } catch (thrown) {
      throw new WatchfloorError('storage', 'A stored record cannot be read.', String(thrown));
    }
    throw new WatchfloorError('storage', 'A stored record is missing.', `block ${blockId}`);
  }
}
