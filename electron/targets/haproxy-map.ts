import { type Network, networkContains, parseNetwork } from '../../shared/domain/network.ts';
import { formatUtcClock, secondMs } from '../../shared/domain/time.ts';
import type { BlockAction, BlockEntry, TargetPreview } from './target.ts';

/** Reads an address or CIDR as `parseNetwork` does; null where it is neither. */
function networkOf(text: string): Network | null {
  const parsed = parseNetwork(text);
  return parsed.ok ? parsed.network : null;
}

function same(a: Network, b: Network): boolean {
  return a.cidr === b.cidr;
}

/** As `networkContains`, quick for the common case of two networks of one width. */
function covers(wide: Network, narrow: Network): boolean {
  return wide.prefixLength === narrow.prefixLength ? same(wide, narrow) : networkContains(wide, narrow);
}

/** How a network is written in a map: a single address without its prefix. */
function mapKey(entry: string): string {
  const [address = '', prefix] = entry.split('/');
  const isSingle = prefix === (address.includes(':') ? '128' : '32');
  return isSingle || prefix === undefined ? address : entry;
}

/** One row of a map that says until when a network is blocked. */
export interface MapRow {
  /** As the map has it, which is how it is addressed. */
  readonly key: string;
  readonly network: Network;
  readonly expirySeconds: number;
}

const expiryPattern = /^\d{1,11}$/;

/**
 * The rows of a map that are blocks with an end. Others, which somebody else put there, are left alone and not
 * counted.
 * @param text an answer to `show map` (each line a reference, the key, the value), or a map file's text
 */
export function parseMapRows(text: string, form: 'runtime' | 'file'): readonly MapRow[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const [key = '', value = '', ...rest] = form === 'runtime' ? words.slice(1) : words;
    const network = networkOf(key);
    return network === null || rest.length > 0 || !expiryPattern.test(value)
      ? []
      : [{ key, network, expirySeconds: Number(value) }];
  });
}

/** One change to a map. */
export type MapChange =
  | { readonly type: 'add'; readonly key: string; readonly expirySeconds: number }
  | {
      readonly type: 'set';
      readonly key: string;
      readonly expirySeconds: number;
      readonly previousSeconds: number;
    }
  | { readonly type: 'remove'; readonly key: string; readonly previousSeconds: number };

/** What an action would do to a map, and which of its entries need nothing. */
export interface MapPlan {
  readonly changes: readonly MapChange[];
  readonly already: readonly {
    readonly entry: string;
    readonly by: string;
    readonly expirySeconds: number;
  }[];
}

interface Wanted {
  readonly entry: string;
  readonly network: Network;
  readonly expirySeconds: number;
}

function wantedOf(entries: readonly BlockEntry[]): readonly Wanted[] {
  return entries.flatMap((entry) => {
    const network = networkOf(entry.entry);
    return network === null
      ? []
      : [{ entry: entry.entry, network, expirySeconds: Math.ceil(entry.expiresMs / secondMs) }];
  });
}

/**
 * The row that decides for a network as a whole. HAProxy takes the longest prefix that matches, so a wider block
 * does not count where a narrower row stands.
 */
function decidingRow(rows: readonly MapRow[], network: Network): MapRow | null {
  let best: MapRow | null = null;
  for (const row of rows) {
    if (!covers(row.network, network)) continue;
    if (
      best === null ||
      row.network.prefixLength > best.network.prefixLength ||
      // The same network twice: HAProxy may find either, so the one that ends first counts.
      (row.network.prefixLength === best.network.prefixLength && row.expirySeconds < best.expirySeconds)
    ) {
      best = row;
    }
  }
  return best;
}

/** Narrower rows inside a network that end earlier: the longest prefix wins, so they would be holes in a block of it. */
function holes(rows: readonly MapRow[], wanted: Wanted): readonly MapRow[] {
  return rows.filter(
    (row) =>
      row.network.prefixLength > wanted.network.prefixLength &&
      row.expirySeconds < wanted.expirySeconds &&
      networkContains(wanted.network, row.network),
  );
}

/** What has to change in a map so that every entry of an action is blocked until its end; nothing is shortened. */
export function planApply(rows: readonly MapRow[], action: BlockAction): MapPlan {
  let state = [...rows];
  const changes: MapChange[] = [];
  const already: MapPlan['already'][number][] = [];
  for (const wanted of wantedOf(action.entries)) {
    for (const hole of holes(state, wanted)) {
      changes.push({ type: 'remove', key: hole.key, previousSeconds: hole.expirySeconds });
      state = state.filter((row) => row !== hole);
    }
    const deciding = decidingRow(state, wanted.network);
    if (deciding !== null && deciding.expirySeconds >= wanted.expirySeconds) {
      already.push({ entry: wanted.entry, by: deciding.key, expirySeconds: deciding.expirySeconds });
      continue;
    }
    const equal = state.filter((row) => same(row.network, wanted.network));
    if (equal.length === 0) {
      const key = mapKey(wanted.entry);
      changes.push({ type: 'add', key, expirySeconds: wanted.expirySeconds });
      state.push({ key, network: wanted.network, expirySeconds: wanted.expirySeconds });
      continue;
    }
    for (const key of new Set(equal.map((row) => row.key))) {
      const previousSeconds = Math.max(
        ...equal.filter((row) => row.key === key).map((row) => row.expirySeconds),
      );
      changes.push({ type: 'set', key, expirySeconds: wanted.expirySeconds, previousSeconds });
    }
    state = state.map((row) => (equal.includes(row) ? { ...row, expirySeconds: wanted.expirySeconds } : row));
  }
  return { changes, already };
}

/** What has to go so that an action is undone. A row that ends later is somebody else's longer block: it stays. */
export function planRevert(rows: readonly MapRow[], action: BlockAction): readonly MapChange[] {
  const keys = new Map<string, number>();
  for (const wanted of wantedOf(action.entries)) {
    for (const row of rows) {
      if (same(row.network, wanted.network) && row.expirySeconds <= wanted.expirySeconds) {
        keys.set(row.key, row.expirySeconds);
      }
    }
  }
  return [...keys].map(([key, previousSeconds]) => ({ type: 'remove', key, previousSeconds }));
}

/** Which entries of an action are in force until their end, wholly. */
export function readStatus(
  rows: readonly MapRow[],
  action: BlockAction,
): { readonly present: readonly BlockEntry[]; readonly missing: readonly string[] } {
  const present: BlockEntry[] = [];
  const missing: string[] = [];
  for (const wanted of wantedOf(action.entries)) {
    const deciding = decidingRow(rows, wanted.network);
    const whole = deciding !== null && deciding.expirySeconds >= wanted.expirySeconds;
    if (whole && holes(rows, wanted).length === 0) {
      present.push({ entry: wanted.entry, expiresMs: deciding.expirySeconds * secondMs });
    } else {
      missing.push(wanted.entry);
    }
  }
  return { present, missing };
}

/** Every block on the map in canonical CIDR. */
export function listBlocks(rows: readonly MapRow[]): readonly BlockEntry[] {
  const ends = new Map<string, number>();
  for (const row of rows) {
    const entry = row.network.cidr;
    ends.set(entry, Math.max(ends.get(entry) ?? 0, row.expirySeconds));
  }
  return [...ends].map(([entry, seconds]) => ({ entry, expiresMs: seconds * secondMs }));
}

function until(seconds: number): string {
  return `until ${formatUtcClock(seconds * secondMs)}Z`;
}

function describeChange(change: MapChange, mapName: string): TargetPreview['diff'][number] {
  switch (change.type) {
    case 'add':
      return {
        sign: '+',
        text: `add map ${mapName} ${change.key} ${change.expirySeconds}   # ${until(change.expirySeconds)}`,
      };
    case 'set':
      return {
        sign: '+',
        text: `set map ${mapName} ${change.key} ${change.expirySeconds}   # ${until(change.expirySeconds)}, was ${until(change.previousSeconds)}`,
      };
    case 'remove':
      return {
        sign: '-',
        text: `del map ${mapName} ${change.key}   # was ${until(change.previousSeconds)}, earlier than the wider block that replaces it`,
      };
  }
}

/** The plan in HAProxy's own words. */
export function describePlan(plan: MapPlan, mapName: string): TargetPreview['diff'] {
  return [
    ...plan.changes.map((change) => describeChange(change, mapName)),
    ...plan.already.map((entry) => ({
      sign: '=' as const,
      text: `${entry.entry} is blocked already by ${entry.by} ${until(entry.expirySeconds)}`,
    })),
  ];
}

/** A map file's text with changes made; comments, empty lines and rows of others stay where they are. */
export function editMapFile(text: string, changes: readonly MapChange[]): string {
  let lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const keyOf = (line: string) => line.trim().split(/\s+/)[0] ?? '';
  for (const change of changes) {
    const network = networkOf(change.key);
    const matches = (line: string) => {
      const other = networkOf(keyOf(line));
      return network !== null && other !== null && same(network, other);
    };
    lines = lines.filter((line) => !matches(line));
    if (change.type !== 'remove') lines.push(`${change.key} ${change.expirySeconds}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
