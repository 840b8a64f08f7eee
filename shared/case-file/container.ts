/*
 * The container of a case file: a ZIP archive (PKWARE APPNOTE 6.3) of which for given members exactly one sequence of
 * bytes exists. Members are stored, not deflated, in a fixed order, dated 1980-01-01, without comments, gaps or extra
 * fields but those of ZIP64, which are there exactly where a number does not fit. So whoever reads one can build what
 * each header must be and compare: no byte is left in which something could be hidden or changed.
 */

/** One file in the archive. */
export interface Member {
  /** Printable ASCII. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly crc32: number;
}

/** From here on a number goes into a ZIP64 field. */
const most32 = 0xffff_ffff;
const most16 = 0xffff;
/** 1980-01-01, the first day that a ZIP archive can name. */
const dosDate = 0x0021;

const version = (isLarge: boolean) => (isLarge ? 45 : 20);

class Bytes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }
  put16(...values: readonly number[]): this {
    for (const value of values) {
      this.#view.setUint16(this.#at, value, true);
      this.#at += 2;
    }
    return this;
  }
  put32(...values: readonly number[]): this {
    for (const value of values) {
      this.#view.setUint32(this.#at, value, true);
      this.#at += 4;
    }
    return this;
  }
  put64(...values: readonly number[]): this {
    for (const value of values) {
      this.#view.setBigUint64(this.#at, BigInt(value), true);
      this.#at += 8;
    }
    return this;
  }
  putText(text: string): this {
    for (let index = 0; index < text.length; index += 1)
      this.bytes[this.#at + index] = text.charCodeAt(index);
    this.#at += text.length;
    return this;
  }
}

/** Length of a member's header before its bytes. */
export function localHeaderLength(path: string, sizeBytes: number): number {
  return 30 + path.length + (sizeBytes >= most32 ? 20 : 0);
}

/** What stands before a member's bytes. */
export function localHeader({ path, sizeBytes, crc32 }: Member): Uint8Array {
  const isLarge = sizeBytes >= most32;
  const header = new Bytes(localHeaderLength(path, sizeBytes));
  const size = isLarge ? most32 : sizeBytes;
  header.put32(0x0403_4b50).put16(version(isLarge), 0, 0, 0, dosDate);
  header
    .put32(crc32, size, size)
    .put16(path.length, isLarge ? 20 : 0)
    .putText(path);
  if (isLarge) header.put16(1, 16).put64(sizeBytes, sizeBytes);
  return header.bytes;
}

/** A member's entry in the directory at the end. @param offset where its local header begins */
export function directoryEntry({ path, sizeBytes, crc32 }: Member, offset: number): Uint8Array {
  const isLarge = sizeBytes >= most32;
  const isFar = offset >= most32;
  const wide = [...(isLarge ? [sizeBytes, sizeBytes] : []), ...(isFar ? [offset] : [])];
  const extra = wide.length === 0 ? 0 : 4 + wide.length * 8;
  const entry = new Bytes(46 + path.length + extra);
  const size = isLarge ? most32 : sizeBytes;
  const needed = version(isLarge || isFar);
  entry.put32(0x0201_4b50).put16(needed, needed, 0, 0, 0, dosDate).put32(crc32, size, size);
  entry
    .put16(path.length, extra, 0, 0, 0)
    .put32(0, isFar ? most32 : offset)
    .putText(path);
  if (extra > 0) entry.put16(1, wide.length * 8).put64(...wide);
  return entry.bytes;
}

/** What stands after the directory, to the end of the file. */
export function endOfContainer(members: number, directoryOffset: number, directoryBytes: number): Uint8Array {
  const isLarge = members >= most16 || directoryOffset >= most32 || directoryBytes >= most32;
  const end = new Bytes((isLarge ? 76 : 0) + 22);
  if (isLarge) {
    end.put32(0x0606_4b50).put64(44).put16(45, 45).put32(0, 0);
    end.put64(members, members, directoryBytes, directoryOffset);
    end
      .put32(0x0706_4b50, 0)
      .put64(directoryOffset + directoryBytes)
      .put32(1);
  }
  const count = Math.min(members, most16);
  end.put32(0x0605_4b50).put16(0, 0, count, count);
  end.put32(Math.min(directoryBytes, most32), Math.min(directoryOffset, most32)).put16(0);
  return end.bytes;
}
