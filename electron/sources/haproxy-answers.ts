import { canonicalAddress } from './alert-words.ts';

/** `show info` as name and value. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const colon = line.indexOf(': ');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 2).trim()] as const] : [];
    }),
  );
}

/** One row of `show stat`, by column name. */
export type StatRow = ReadonlyMap<string, string>;

/** `show stat` in its CSV form. Fields never hold line breaks; quoted ones may hold commas. */
export function parseStat(text: string): readonly StatRow[] {
  const [header = '', ...lines] = text.split('\n');
  if (!header.startsWith('# ')) return [];
  const columns = header.slice(2).split(',');
  return lines.flatMap((line) => {
    if (line === '') return [];
    const values = line.includes('"') ? splitQuoted(line) : line.split(',');
    return [new Map(columns.map((column, index) => [column, values[index] ?? '']))];
  });
}

function splitQuoted(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) =>
    match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'),
  );
}

/** One counter of a stick table as one client has it. */
export interface TableValue {
  readonly value: number;
  /** The period of a rate, ms; null for counts. */
  readonly periodMs: number | null;
}

/** One client of a stick table. */
export interface TableRow {
  /** Canonical address; an IPv4 client of an IPv6 table is written as IPv4. */
  readonly address: string;
  readonly values: ReadonlyMap<string, TableValue>;
}

/** What a stick table is and which clients it has. */
export interface StickTable {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly used: number;
  readonly rows: readonly TableRow[];
}

/** `show table` without a name: the tables there are. */
export function parseTableNames(text: string): readonly { readonly name: string; readonly type: string }[] {
  return [...text.matchAll(/^# table: (\S+), type: (\w+)/gm)].map((match) => ({
    name: match[1] ?? '',
    type: match[2] ?? '',
  }));
}

/** `show table NAME`. @returns null when the answer is no table */
export function parseTable(text: string): StickTable | null {
  const header = /^# table: (\S+), type: (\w+), size:(\d+), used:(\d+)/.exec(text);
  if (header === null) return null;
  const rows = text.split('\n').flatMap((line) => {
    const key = /\bkey=(\S+)/.exec(line)?.[1];
    const address = key === undefined ? null : canonicalAddress(key);
    if (address === null) return [];
    const values = new Map<string, TableValue>();
    for (const match of line.matchAll(/ ([a-z_0-9]+)(?:\((\d+)\))?=(\d+)(?= |$)/g)) {
      const [, name = '', period, value = ''] = match;
      values.set(name, { value: Number(value), periodMs: period === undefined ? null : Number(period) });
    }
    return [{ address, values }];
  });
  return {
    name: header[1] ?? '',
    type: header[2] ?? '',
    size: Number(header[3]),
    used: Number(header[4]),
    rows,
  };
}
