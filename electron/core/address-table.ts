import type { AddressOrigin } from '../../shared/domain/enrichment.ts';

/*
 * Origins of all addresses as one run of bytes that is read in place. The addresses of a family are cut where anything
 * changes: sorted starts, and for each what holds from there on. Of IPv6 the first 64 bits count; registries and networks
 * hand out nothing narrower. All numbers are little-endian.
 *
 *   magic, 8 bytes · length of the head · head as JSON · starts and values of IPv4 · those of IPv6 · numbers of
 *   autonomous systems · where their names begin · names · two letters a country
 *
 * A value is the place of the autonomous system, from 1, above 8 bits with the place of the country, from 1; 0 is none.
 */
const magic = 'WFADDR1\n';
const headStart = 12;
const alignment = 8;

/** What a head says beside the lengths of what follows. */
interface Head {
  readonly made: string;
  readonly notice: string;
  readonly v4: number;
  readonly v6: number;
  readonly systems: number;
  readonly nameBytes: number;
  readonly countries: number;
}

/** Addresses of one family in which something holds; of IPv6 their first 64 bits. Both ends are included. */
export interface OriginRange {
  readonly from: bigint;
  readonly to: bigint;
  readonly origin: { readonly asn: number; readonly asName: string } | { readonly country: string };
}

export interface AddressTableInput {
  /** The day that the data are of, `2026-06-17`. */
  readonly made: string;
  /** Whose data these are, as their licences ask. */
  readonly notice: string;
  readonly v4: readonly OriginRange[];
  readonly v6: readonly OriginRange[];
}

/** Origins of addresses, ready to be asked. */
export interface AddressTable {
  readonly made: string;
  readonly notice: string;
  /** Of an address as 4 or 16 bytes; null where nothing is known. */
  originOf(address: readonly number[]): AddressOrigin | null;
}

const aligned = (offset: number) => Math.ceil(offset / alignment) * alignment;

/** Places of things, from 1, in the order in which they come. */
class Places<T> {
  readonly list: T[] = [];
  readonly #known = new Map<string | number, number>();

  of(key: string | number, thing: T): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.list.push(thing);
    this.#known.set(key, this.list.length);
    return this.list.length;
  }
}

/** Cuts the addresses where a value changes. Of two ranges of a kind that overlap the one that begins later counts. */
function cutRanges(
  ranges: readonly OriginRange[],
  bits: bigint,
  systems: Places<{ readonly asn: number; readonly asName: string }>,
  countries: Places<string>,
): { readonly starts: readonly bigint[]; readonly values: readonly number[] } {
  const edges: { readonly at: bigint; readonly begins: boolean; readonly range: OriginRange }[] = [];
  for (const range of ranges) {
    edges.push({ at: range.from, begins: true, range }, { at: range.to + 1n, begins: false, range });
  }
  edges.sort((left, right) =>
    left.at < right.at ? -1 : left.at > right.at ? 1 : Number(left.begins) - Number(right.begins),
  );
  const starts: bigint[] = [];
  const values: number[] = [];
  let system: OriginRange | null = null;
  let country: OriginRange | null = null;
  for (const [index, { at, begins, range }] of edges.entries()) {
    if ('asn' in range.origin) {
      if (begins) system = range;
      else if (system === range) system = null;
    } else if (begins) country = range;
    else if (country === range) country = null;
    // Behind the last address of all nothing begins.
    if (edges[index + 1]?.at === at || at >> bits > 0n) continue;
    const value =
      (system !== null && 'asn' in system.origin ? systems.of(system.origin.asn, system.origin) * 256 : 0) +
      (country !== null && 'country' in country.origin
        ? countries.of(country.origin.country, country.origin.country)
        : 0);
    if (value === (values.at(-1) ?? 0)) continue;
    starts.push(at);
    values.push(value);
  }
  return { starts, values };
}

/** @throws Error when there are more countries than a value has room for */
export function encodeAddressTable({ made, notice, v4, v6 }: AddressTableInput): Buffer {
  const systems = new Places<{ readonly asn: number; readonly asName: string }>();
  const countries = new Places<string>();
  const four = cutRanges(v4, 32n, systems, countries);
  const six = cutRanges(v6, 64n, systems, countries);
  if (countries.list.length > 255) throw new Error(`${countries.list.length} countries do not fit.`);
  const names = systems.list.map(({ asName }) => Buffer.from(asName, 'utf8'));
  const nameStarts = [0];
  for (const name of names) nameStarts.push((nameStarts.at(-1) ?? 0) + name.length);
  const head: Head = {
    made,
    notice,
    v4: four.starts.length,
    v6: six.starts.length,
    systems: systems.list.length,
    nameBytes: nameStarts.at(-1) ?? 0,
    countries: countries.list.length,
  };
  const headBytes = Buffer.from(JSON.stringify(head), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(headBytes.length);
  const parts = [
    Buffer.concat([Buffer.from(magic, 'latin1'), length, headBytes]),
    bytesOf(Uint32Array.from(four.starts, Number)),
    bytesOf(Uint32Array.from(four.values)),
    bytesOf(BigUint64Array.from(six.starts)),
    bytesOf(Uint32Array.from(six.values)),
    bytesOf(Uint32Array.from(systems.list, ({ asn }) => asn)),
    bytesOf(Uint32Array.from(nameStarts)),
    Buffer.concat(names),
    Buffer.from(countries.list.join(''), 'latin1'),
  ];
  return Buffer.concat(
    parts.map((part) => Buffer.concat([part, Buffer.alloc(aligned(part.length) - part.length)])),
  );
}

const bytesOf = (numbers: Uint32Array | BigUint64Array): Buffer =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** The place of the last start that is not beyond an address; -1 before the first. */
function placeOf<T extends number | bigint>(starts: ArrayLike<T>, address: T): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = starts[middle];
    if (start !== undefined && start <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Reads a table in place: nothing of it is copied, and what it holds in memory is its bytes.
 * @throws Error when these are not the bytes of one, or not all of them
 */
export function openAddressTable(bytes: Buffer): AddressTable {
  if (bytes.length < headStart || bytes.toString('latin1', 0, magic.length) !== magic) {
    throw new Error('These are not data of addresses.');
  }
  const headEnd = headStart + bytes.readUInt32LE(magic.length);
  const head: Head = JSON.parse(bytes.toString('utf8', headStart, headEnd));
  let offset = aligned(headEnd);
  const take = (length: number): number => {
    const start = bytes.byteOffset + offset;
    offset = aligned(offset + length);
    if (offset > bytes.length) throw new Error('The data of addresses are cut off.');
    return start;
  };
  const numbers = (count: number) => new Uint32Array(bytes.buffer, take(count * 4), count);
  const v4Starts = numbers(head.v4);
  const v4Values = numbers(head.v4);
  const v6Starts = new BigUint64Array(bytes.buffer, take(head.v6 * 8), head.v6);
  const v6Values = numbers(head.v6);
  const systems = numbers(head.systems);
  const nameStarts = numbers(head.systems + 1);
  const names = take(head.nameBytes) - bytes.byteOffset;
  const countries = take(head.countries * 2) - bytes.byteOffset;

  function valueAt(address: readonly number[]): number {
    const part = (from: number) =>
      (((address[from] ?? 0) << 24) |
        ((address[from + 1] ?? 0) << 16) |
        ((address[from + 2] ?? 0) << 8) |
        (address[from + 3] ?? 0)) >>>
      0;
    if (address.length === 4) return v4Values[placeOf(v4Starts, part(0))] ?? 0;
    return v6Values[placeOf(v6Starts, (BigInt(part(0)) << 32n) | BigInt(part(4)))] ?? 0;
  }

  return {
    made: head.made,
    notice: head.notice,
    originOf(address) {
      const value = valueAt(address);
      if (value === 0) return null;
      const system = Math.floor(value / 256) - 1;
      const country = (value % 256) - 1;
      return {
        asn: systems[system] ?? null,
        asName:
          system < 0
            ? null
            : bytes.toString(
                'utf8',
                names + (nameStarts[system] ?? 0),
                names + (nameStarts[system + 1] ?? 0),
              ),
        country:
          country < 0 ? null : bytes.toString('latin1', countries + country * 2, countries + country * 2 + 2),
      };
    },
  };
}
