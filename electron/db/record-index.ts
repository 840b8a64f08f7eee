import { RecordBlocks } from './record-blocks.ts';
import { lineBreak } from './record-columns.ts';
import { type SqlDatabase, sql } from './sql.ts';

/*
 * Words in raw records. Of every block of records an index knows which triples of bytes may be in it, as one bit of
 * 65,536 a triple; 512 blocks share a segment in which the bits of one triple for all of them lie together. A search
 * reads a few of these, then opens the blocks that may have its word and looks. What is not yet indexed, less than a
 * segment unless the index is behind, is opened as it is. Letters of ASCII are one in both cases.
 */

/** Blocks of a segment: 128 MiB of records. */
const segmentBlocks = 512;
const wordsASlice = segmentBlocks / 32;
const bitCount = 65_536;
/** Slices, the bits of one triple, that lie in one row. */
const slicesARow = 64;
/** Blocks that a search opens at most at one time: a second or two. */
const mostOpened = 2_000;
/** Searches that are remembered, so that the next looks at new records alone. */
const mostRemembered = 16;
/** Bytes below which a text has no triple. */
const leastBytes = 3;
/** Triples of a text that are asked for: more tell nothing more. */
const mostTriples = 24;

/** What looking through raw records for a text has found so far. */
export interface RecordHits {
  /** Numbers of alerts. */
  readonly sequences: ReadonlySet<number>;
  /** All records that were there when it was last looked have been looked at. */
  readonly isWhole: boolean;
  /** When the oldest record that was looked at came, epoch ms; null where none was. */
  readonly backToMs: number | null;
}

interface Search {
  readonly sequences: Set<number>;
  /** Blocks between these have been looked at, both included. */
  newestBlock: number;
  oldestBlock: number;
  isWhole: boolean;
  backToMs: number | null;
}

interface BlockRow {
  readonly id: number;
  readonly first_record: number;
  readonly records: number;
}

const bitOf = (triple: number): number => Math.imul(triple, 0x9e3779b1) >>> 16;

/** A to Z as a to z, all other bytes as they are. */
function lowerCase(bytes: Uint8Array): Buffer {
  const lower = Buffer.from(bytes);
  for (let index = 0; index < lower.length; index += 1) {
    const byte = lower[index] ?? 0;
    if (byte >= 0x41 && byte <= 0x5a) lower[index] = byte + 32;
  }
  return lower;
}

/** The bits of the triples of some bytes. */
function* bitsOf(lower: Uint8Array): Generator<number> {
  let triple = 0;
  for (let index = 0; index < lower.length; index += 1) {
    triple = ((triple << 8) | (lower[index] ?? 0)) & 0xffffff;
    if (index >= leastBytes - 1) yield bitOf(triple);
  }
}

/** Sets the bits of one block in a segment, slice by slice. */
function markBlock(segment: Uint32Array, place: number, bytes: Uint8Array): void {
  const word = place >> 5;
  const bit = 1 << (place & 31);
  let triple = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    triple = ((triple << 8) | (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte)) & 0xffffff;
    if (index < leastBytes - 1) continue;
    const at = bitOf(triple) * wordsASlice + word;
    segment[at] = (segment[at] ?? 0) | bit;
  }
}

/** Whether a record has a text, as `needleOf` gives it: the same as a search through blocks finds. */
export function hasNeedle(record: string, needle: string): boolean {
  return record.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).includes(needle);
}

/** The text as it is looked for; null where it is too short for that. */
export function needleOf(text: string): string | null {
  const lower = lowerCase(Buffer.from(text, 'utf8'));
  return lower.length < leastBytes ? null : lower.toString('utf8');
}

export class RecordIndex {
  readonly #database: SqlDatabase;
  readonly #blocks: RecordBlocks;
  readonly #searches = new Map<string, Search>();

  constructor(database: SqlDatabase) {
    this.#database = database;
    // Its own: a search must not push out what the screen reads again and again.
    this.#blocks = new RecordBlocks(database);
  }

  /** What is known of a text without looking; null where it was not looked for. */
  known(text: string): RecordHits | null {
    const needle = needleOf(text);
    return needle === null ? null : (this.#searches.get(needle) ?? null);
  }

  /**
   * Looks for a text in records that were not looked at before, the newest first, in steps of a block. At most some
   * thousand blocks are opened: where the text is common, another call goes on where this one ended.
   */
  *find(text: string): Generator<void, RecordHits, void> {
    const needle = needleOf(text);
    if (needle === null) return { sequences: new Set(), isWhole: true, backToMs: null };
    const search = this.#remember(needle);
    const bytes = Buffer.from(needle, 'utf8');
    const last = this.#lastBlock();
    for (const block of this.#candidates(bytes, last, search.newestBlock)) {
      this.#look(block, bytes, search);
      yield;
    }
    search.newestBlock = last;
    if (search.isWhole) return search;
    let opened = 0;
    for (const block of this.#candidates(bytes, search.oldestBlock - 1, 0)) {
      if (opened === mostOpened) return search;
      this.#look(block, bytes, search);
      search.oldestBlock = block.id;
      opened += 1;
      yield;
    }
    search.isWhole = true;
    return search;
  }

  /** Indexes whole segments of records that came, in steps of a block; done when less than one is left. */
  *catchUp(): Generator<void, void, void> {
    for (;;) {
      const blocks = this.#blocksAfter(this.#indexedUpTo(), segmentBlocks);
      if (blocks.length < segmentBlocks) return;
      const segment = new Uint32Array(bitCount * wordsASlice);
      for (const [place, block] of blocks.entries()) {
        const bytes = this.#blocks.bytes(block.id);
        if (bytes !== null) markBlock(segment, place, bytes);
        yield;
      }
      this.#database.transaction(() => {
        const id = this.#database.run(
          sql`INSERT INTO record_segment (last_block, blocks)
              VALUES (${blocks.at(-1)?.id ?? 0}, ${JSON.stringify(blocks.map((block) => block.id))})`,
        ).lastRowId;
        const insert = this.#database.prepare(sql`INSERT INTO record_segment_bits (id, bits) VALUES (?, ?)`);
        const rows = bitCount / slicesARow;
        const rowWords = slicesARow * wordsASlice;
        for (let row = 0; row < rows; row += 1) {
          const words = segment.subarray(row * rowWords, (row + 1) * rowWords);
          insert.run(id * rows + row, Buffer.from(words.buffer, words.byteOffset, words.byteLength));
        }
      });
      yield;
    }
  }

  #remember(needle: string): Search {
    const known = this.#searches.get(needle);
    const search = known ?? {
      sequences: new Set<number>(),
      newestBlock: this.#lastBlock(),
      oldestBlock: Number.MAX_SAFE_INTEGER,
      isWhole: false,
      backToMs: null,
    };
    // The last used stands last.
    this.#searches.delete(needle);
    this.#searches.set(needle, search);
    for (const oldest of this.#searches.keys()) {
      if (this.#searches.size <= mostRemembered) break;
      this.#searches.delete(oldest);
    }
    return search;
  }

  #lastBlock(): number {
    return (
      this.#database.get<{ readonly id: number | null }>(
        sql`SELECT max(id) AS id FROM record_block WHERE purpose = 'occurrence'`,
      )?.id ?? 0
    );
  }

  #indexedUpTo(): number {
    return (
      this.#database.get<{ readonly id: number | null }>(
        sql`SELECT max(last_block) AS id FROM record_segment`,
      )?.id ?? 0
    );
  }

  #blocksAfter(after: number, limit: number): BlockRow[] {
    return this.#database.all<BlockRow>(
      sql`SELECT id, first_record, records FROM record_block
          WHERE purpose = 'occurrence' AND id > ${after} ORDER BY id LIMIT ${limit}`,
    );
  }

  /** Blocks up to one and after another that may have a text, the newest first. */
  *#candidates(needle: Buffer, upTo: number, after: number): Generator<BlockRow> {
    const indexed = this.#indexedUpTo();
    let before = upTo;
    while (before > Math.max(indexed, after)) {
      const blocks = this.#database.all<BlockRow>(
        sql`SELECT id, first_record, records FROM record_block
            WHERE purpose = 'occurrence' AND id <= ${before} AND id > ${Math.max(indexed, after)}
            ORDER BY id DESC LIMIT ${segmentBlocks}`,
      );
      yield* blocks;
      const last = blocks.at(-1);
      if (last === undefined) break;
      before = last.id - 1;
    }
    const bits = [...new Set(bitsOf(needle))].slice(0, mostTriples);
    let segment = Number.MAX_SAFE_INTEGER;
    for (;;) {
      const row = this.#database.get<{
        readonly id: number;
        readonly last_block: number;
        readonly blocks: string;
      }>(
        sql`SELECT id, last_block, blocks FROM record_segment WHERE id < ${segment} ORDER BY id DESC LIMIT 1`,
      );
      if (row === undefined || row.last_block <= after) return;
      segment = row.id;
      const ids: number[] = JSON.parse(row.blocks);
      const may = this.#mayHave(row.id, bits);
      for (let place = ids.length - 1; place >= 0; place -= 1) {
        const id = ids[place] ?? 0;
        if (id > upTo || id <= after || ((may[place >> 5] ?? 0) & (1 << (place & 31))) === 0) continue;
        const block = this.#database.get<BlockRow>(
          sql`SELECT id, first_record, records FROM record_block WHERE id = ${id}`,
        );
        if (block !== undefined) yield block;
      }
    }
  }

  /** Of the blocks of a segment, a bit each, those that may have all of some triples. */
  #mayHave(segment: number, bits: readonly number[]): Uint32Array {
    const may = new Uint32Array(wordsASlice).fill(0xffffffff);
    const select = this.#database.prepare<{ readonly bits: Buffer }>(
      sql`SELECT bits FROM record_segment_bits WHERE id = ?`,
    );
    for (const bit of bits) {
      const row = select.get(segment * (bitCount / slicesARow) + Math.floor(bit / slicesARow));
      // A row that a damaged database lost says nothing: the blocks are opened.
      if (row === undefined) continue;
      const from = (bit % slicesARow) * wordsASlice * 4;
      for (let word = 0; word < wordsASlice; word += 1) {
        may[word] = (may[word] ?? 0) & row.bits.readUInt32LE(from + word * 4);
      }
    }
    return may;
  }

  /** Opens a block and notes the alerts of the records that have the text. */
  #look(block: BlockRow, needle: Buffer, search: Search): void {
    const bytes = this.#blocks.bytes(block.id);
    if (bytes === null) return;
    const lower = lowerCase(bytes);
    const places: number[] = [];
    for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, at + 1)) places.push(at);
    const records = this.#database.all<{
      readonly alert_sequence: number;
      readonly received_ms: number;
      readonly block_offset: number;
      readonly block_length: number;
    }>(
      sql`SELECT alert_sequence, received_ms, block_offset, block_length FROM occurrence
          WHERE id >= ${block.first_record} AND id < ${block.first_record + block.records} ORDER BY block_offset`,
    );
    const first = records[0];
    if (first !== undefined) {
      search.backToMs = Math.min(search.backToMs ?? Number.POSITIVE_INFINITY, first.received_ms);
    }
    let next = 0;
    for (const { alert_sequence, block_offset, block_length } of records) {
      // Before the record itself stands a line with what is searched elsewhere: title and entities.
      const from = lower.indexOf(lineBreak, block_offset) + 1;
      while (next < places.length && (places[next] ?? 0) < from) next += 1;
      for (; (places[next] ?? Number.MAX_SAFE_INTEGER) < block_offset + block_length; next += 1) {
        if ((places[next] ?? 0) + needle.length <= block_offset + block_length) {
          search.sequences.add(alert_sequence);
        }
      }
    }
  }
}
