import type { Tlp } from './case.ts';

/*
 * Hash chains, for case entries and audit rows alike. A writer's rows form a chain: each names the hash of the one
 * before. A row's hash covers its header and a commitment to its payload, the hash of payload and salt together:
 * a payload can be withheld or erased and the chain still verifies, and without the salt nobody can find out
 * a short payload by trying. Hash function and signature check are lent by the caller; nothing here does I/O.
 */

/** SHA-256 of a UTF-8 text as lower-case hex. */
export type Sha256 = (text: string) => string;

/** The `previousHash` of a chain's first row. */
export const chainStart = '0'.repeat(64);

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * JSON with object keys in code unit order and no spaces (RFC 8785's rules for what is used here), so that equal
 * values give equal texts. Keys whose value is undefined are left out; a number must be finite.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('A number that is not finite has no canonical form.');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((one) => canonicalJson(one === undefined ? null : one)).join(',')}]`;
  }
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`A ${typeof value} has no canonical form.`);
}

/**
 * What stands for a payload in its row's hash.
 * @param payload its JSON text, byte for byte as it is kept
 */
export function commitmentOf(payload: string, salt: string, sha256: Sha256): string {
  return sha256(`watchfloor-payload-1\n${salt}\n${payload}`);
}

/** The part of a case entry that its hash covers, beside the kind of chain. See `CaseEntry` for each member. */
export interface EntryHeader {
  readonly version: 1 | 2;
  readonly id: string;
  readonly caseId: string;
  readonly writerId: string;
  readonly writerName: string;
  readonly keyFingerprint: string | null;
  readonly sequence: number;
  readonly clock: string;
  readonly timeMs: number;
  readonly previousHash: string;
  readonly kind: string;
  readonly schema: number;
  readonly tlp: Tlp | null;
  readonly replaces: readonly string[];
  readonly commitment: string;
}

/**
 * The members of a header that its hash covers, as canonical JSON without its braces. Written out because it runs
 * for each of a million entries: three times as fast as `canonicalJson`, whose text it gives.
 */
export function headerText(header: EntryHeader): string {
  const text = JSON.stringify;
  const { version, caseId, clock, commitment, id, previousHash, sequence, timeMs, writerId, writerName } =
    header;
  if (version === 1) {
    return `"caseId":${text(caseId)},"clock":${text(clock)},"commitment":${text(commitment)},"id":${text(id)},"previousHash":${text(previousHash)},"sequence":${sequence},"timeMs":${timeMs},"writerId":${text(writerId)},"writerName":${text(writerName)}`;
  }
  const { keyFingerprint, kind, replaces, schema, tlp } = header;
  return `"caseId":${text(caseId)},"clock":${text(clock)},"commitment":${text(commitment)},"id":${text(id)},"keyFingerprint":${text(keyFingerprint)},"kind":${text(kind)},"previousHash":${text(previousHash)},"replaces":${replaces.length === 0 ? '[]' : text(replaces)},"schema":${schema},"sequence":${sequence},"timeMs":${timeMs},"tlp":${text(tlp)},"writerId":${text(writerId)},"writerName":${text(writerName)}`;
}

/** @param text its `headerText`, where that is at hand */
export function entryHash(header: EntryHeader, sha256: Sha256, text = headerText(header)): string {
  return sha256(`watchfloor-entry-${header.version}\n{${text}}`);
}

/** The part of an audit row that its hash covers; its text lies in the open. */
export interface AuditHeader {
  readonly writerId: string;
  readonly writerSequence: number;
  readonly actor: string;
  readonly timeMs: number;
  readonly action: string;
  readonly sentence: string;
  /** Canonical JSON text. */
  readonly details: string;
  readonly previousHash: string;
}

export function auditHash(header: AuditHeader, sha256: Sha256): string {
  const { writerId, writerSequence, actor, timeMs, action, sentence, details, previousHash } = header;
  const covered = { writerId, writerSequence, actor, timeMs, action, sentence, details, previousHash };
  return sha256(`watchfloor-audit-1\n${canonicalJson(covered)}`);
}

/** The bytes that are signed for a chain's head: the kind of chain, so that no signature serves for another. */
export function signedText(chain: 'entry' | 'audit', hash: string): string {
  return `watchfloor-${chain}-head-1\n${hash}`;
}

/** A case entry with everything that verifying needs; payload and salt are null where they were withheld. */
export interface ChainEntry extends EntryHeader {
  readonly hash: string;
  /** JSON text. */
  readonly payload: string | null;
  readonly salt: string | null;
}

/** An entry with its writer's signature where it ended a transaction: base64 of the raw 64 bytes. */
export interface SignedEntry extends ChainEntry {
  readonly signature: string | null;
}

export interface ChainProblem {
  /** The id of the entry, or the audit row's sequence. */
  readonly at: string;
  readonly sentence: string;
}

export interface ChainVerdict {
  readonly entries: number;
  readonly chains: number;
  /** Places where one writer's chain splits in two: a restored copy was written on. Shown, not refused. */
  readonly forks: number;
  readonly withheld: number;
  readonly problems: readonly ChainProblem[];
}

/** A signature that was made over an entry's hash. */
export interface HeadSignature {
  readonly hash: string;
  readonly writerId: string;
}

/** An entry of the last two numbers of the chain that is walked. */
interface Place {
  readonly entry: ChainEntry;
  readonly isSigned: () => boolean;
  followers: number;
}

/** Walks entries one after the other; see `createChainCheck`. */
export interface ChainCheck {
  /**
   * @param isSigned whether the writer's valid signature over the entry's hash exists; asked of ends alone
   * @param text the entry's `headerText`, where that is at hand
   */
  take(entry: ChainEntry, isSigned: () => boolean, text?: string): void;
  /** After the last entry. */
  verdict(): ChainVerdict;
}

/** By case, writer, number, hash: the order in which chains are walked and written into files. */
export function inChainOrder(
  left: EntryHeader & { hash: string },
  right: EntryHeader & { hash: string },
): number {
  if (left.caseId !== right.caseId) return left.caseId < right.caseId ? -1 : 1;
  if (left.writerId !== right.writerId) return left.writerId < right.writerId ? -1 : 1;
  return left.sequence - right.sequence || (left.hash < right.hash ? -1 : left.hash > right.hash ? 1 : 0);
}

/**
 * Checks hashes, commitments and links of entries that come in chain order, and that every end of a chain is signed.
 * It remembers two numbers of one chain alone, so a million entries need no more room than ten.
 */
export function createChainCheck(sha256: Sha256): ChainCheck {
  const problems: ChainProblem[] = [];
  let [entries, chains, forks, withheld] = [0, 0, 0, 0];
  let caseId: string | null = null;
  let writerId = '';
  let sequence = -1;
  let before = new Map<string, Place>();
  let now = new Map<string, Place>();

  /** Nothing more can follow these. */
  function settle(places: ReadonlyMap<string, Place>): void {
    for (const { entry, followers, isSigned } of places.values()) {
      if (followers > 1) forks += followers - 1;
      if (followers === 0 && !isSigned()) {
        problems.push({
          at: entry.id,
          sentence: 'The end of the chain has no valid signature of its writer.',
        });
      }
    }
  }

  function linkProblem(entry: ChainEntry): string | null {
    if (entry.sequence === 0 || entry.previousHash === chainStart) {
      if (entry.sequence !== 0) return 'It stands at the start of its chain but has a later number.';
      return entry.previousHash === chainStart ? null : 'It is the first of its chain but follows another.';
    }
    const previous = before.get(entry.previousHash);
    if (previous === undefined) return 'The entry before it is missing.';
    previous.followers += 1;
    return previous.entry.clock >= entry.clock ? 'Its clock does not follow the one before.' : null;
  }

  return {
    take(entry, isSigned, text) {
      entries += 1;
      if (entry.caseId !== caseId || entry.writerId !== writerId) {
        settle(before);
        settle(now);
        [before, now] = [new Map(), new Map()];
        ({ caseId, writerId } = entry);
        sequence = -1;
        chains += 1;
      }
      if (entry.sequence !== sequence) {
        settle(before);
        const isNext = entry.sequence === sequence + 1;
        // After a gap nothing can be followed any more.
        if (!isNext) settle(now);
        before = isNext ? now : new Map();
        now = new Map();
        ({ sequence } = entry);
      }
      if (sequence === 0 && now.size > 0) forks += 1;
      now.set(entry.hash, { entry, isSigned, followers: 0 });
      const problem = (sentence: string) => problems.push({ at: entry.id, sentence });
      if (entryHash(entry, sha256, text) !== entry.hash) problem('Its content does not match its hash.');
      if (entry.payload === null || entry.salt === null) withheld += 1;
      else if (commitmentOf(entry.payload, entry.salt, sha256) !== entry.commitment) {
        problem('Its payload was changed.');
      }
      const link = linkProblem(entry);
      if (link !== null) problem(link);
    },
    verdict() {
      settle(before);
      settle(now);
      [before, now] = [new Map(), new Map()];
      return { entries, chains, forks, withheld, problems };
    },
  };
}

/**
 * Walks all entries of a case, in any order: hashes, commitments, links, and that each chain's every end is signed.
 * @param isSigned whether the writer's valid signature over this hash exists
 */
export function verifyEntries(
  entries: readonly ChainEntry[],
  sha256: Sha256,
  isSigned: (head: HeadSignature) => boolean,
): ChainVerdict {
  const check = createChainCheck(sha256);
  for (const entry of [...entries].sort(inChainOrder)) {
    check.take(entry, () => isSigned({ hash: entry.hash, writerId: entry.writerId }));
  }
  return check.verdict();
}

/** An audit row as it is verified. */
export interface AuditEntry extends AuditHeader {
  readonly sequence: number;
  readonly hash: string;
}

/** Walks the audit rows of all writers, each in its own order; every row carries its own signature. */
export function verifyAudit(
  rows: readonly AuditEntry[],
  sha256: Sha256,
  isSigned: (row: AuditEntry) => boolean,
): ChainVerdict {
  const problems: ChainProblem[] = [];
  const heads = new Map<string, { readonly hash: string; readonly next: number }>();
  for (const row of rows) {
    const problem = (sentence: string) => problems.push({ at: String(row.sequence), sentence });
    const head = heads.get(row.writerId) ?? { hash: chainStart, next: 0 };
    if (auditHash(row, sha256) !== row.hash) problem('Its content does not match its hash.');
    else if (row.previousHash !== head.hash || row.writerSequence !== head.next) {
      problem('The row before it is missing.');
    }
    if (!isSigned(row)) problem('It has no valid signature of its writer.');
    heads.set(row.writerId, { hash: row.hash, next: row.writerSequence + 1 });
  }
  return { entries: rows.length, chains: heads.size, forks: 0, withheld: 0, problems };
}

/** A verdict in one sentence for a person; `what` is plural, e.g. `entries`. */
export function verdictSentence(verdict: ChainVerdict, what: string): string {
  const { entries, chains, forks, withheld, problems } = verdict;
  const [first] = problems;
  if (first !== undefined) {
    const more = problems.length > 1 ? ` ${problems.length - 1} more like it.` : '';
    return `${problems.length} of ${entries} ${what} do not verify. At ${first.at}: ${first.sentence}${more}`;
  }
  if (entries === 0) return `There are no ${what} yet.`;
  const forked = forks === 0 ? '' : ` ${forks} ${forks === 1 ? 'fork is' : 'forks are'} kept.`;
  const held = withheld === 0 ? '' : ` ${withheld} payloads are withheld or erased.`;
  return `All ${entries} ${what} in ${chains} ${chains === 1 ? 'chain' : 'chains'} verify.${forked}${held}`;
}

/** A hybrid logical clock's reading as text whose order is its order: 15 digits of ms, 6 of counter. */
export function formatClock(timeMs: number, counter: number): string {
  return `${String(timeMs).padStart(15, '0')}:${String(counter).padStart(6, '0')}`;
}

/**
 * The next reading: the wall clock where it is ahead, else one more than the last, so that a clock set back never
 * puts a later entry before an earlier one.
 * @param last the greatest reading known, or null
 */
export function nextClock(last: string | null, nowMs: number): string {
  const wallMs = Math.max(0, Math.floor(nowMs));
  if (last === null) return formatClock(wallMs, 0);
  const [lastMs = 0, lastCounter = 0] = last.split(':').map(Number);
  if (wallMs > lastMs) return formatClock(wallMs, 0);
  return lastCounter >= 999_999 ? formatClock(lastMs + 1, 0) : formatClock(lastMs, lastCounter + 1);
}
