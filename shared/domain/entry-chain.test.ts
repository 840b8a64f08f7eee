import { describe, expect, it } from 'vitest';
import {
  type ChainEntry,
  canonicalJson,
  chainStart,
  commitmentOf,
  type EntryHeader,
  entryHash,
  formatClock,
  headerText,
  nextClock,
  verdictSentence,
  verifyEntries,
} from './entry-chain.ts';

/** Stands in for SHA-256: what is tested here is what goes into it, not the function. */
function testHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of text) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(64, '0');
}

function chain(writerId: string, notes: readonly string[], from?: ChainEntry): ChainEntry[] {
  const entries: ChainEntry[] = [];
  let previous = from;
  for (const markdown of notes) {
    const payload = canonicalJson({ kind: 'note-added', noteId: markdown, markdown });
    const header: EntryHeader = {
      version: 2,
      keyFingerprint: 'key',
      kind: 'note-added',
      schema: 1,
      tlp: null,
      replaces: [],
      id: `${writerId}-${markdown}`,
      caseId: 'ca_1',
      writerId,
      writerName: writerId,
      sequence: (previous?.sequence ?? -1) + 1,
      clock: nextClock(previous?.clock ?? null, 1000),
      timeMs: 1000,
      previousHash: previous?.hash ?? chainStart,
      commitment: commitmentOf(payload, 'salt', testHash),
    };
    previous = { ...header, hash: entryHash(header, testHash), payload, salt: 'salt' };
    entries.push(previous);
  }
  return entries;
}

const verify = (entries: readonly ChainEntry[], isSigned = () => true) =>
  verifyEntries(entries, testHash, isSigned);

describe('canonical JSON', () => {
  it('gives equal values equal texts', () => {
    expect(canonicalJson({ b: [1, null, 'ä\n'], a: { d: true, c: undefined } })).toBe(
      '{"a":{"d":true},"b":[1,null,"ä\\n"]}',
    );
    expect(canonicalJson({ 10: 1, 9: 2, Z: 3, a: 4 })).toBe('{"10":1,"9":2,"Z":3,"a":4}');
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('not finite');
    expect(() => canonicalJson(() => 1)).toThrow('no canonical form');
  });
});

describe('chains', () => {
  const ada = chain('ada', ['one', 'two', 'three']);
  const bob = chain('bob', ['four']);

  it('verify in any order, also with payloads withheld', () => {
    const withheld = ada.map((entry) => ({ ...entry, payload: null, salt: null }));
    expect(verify([...bob, ...ada].reverse())).toEqual({
      entries: 4,
      chains: 2,
      forks: 0,
      withheld: 0,
      problems: [],
    });
    expect(verify(withheld)).toEqual({ entries: 3, chains: 1, forks: 0, withheld: 3, problems: [] });
  });

  it('keep a fork and show it', () => {
    const fork = chain('ada', ['other'], ada[0]);
    expect(verify([...ada, ...fork])).toMatchObject({ forks: 1, problems: [] });
    expect(verdictSentence(verify([...ada, ...fork]), 'entries')).toBe(
      'All 4 entries in 1 chain verify. 1 fork is kept.',
    );
  });

  it('show every change, gap and missing signature', () => {
    const [one, two, three] = ada;
    if (one === undefined || two === undefined || three === undefined) throw new Error('three entries');
    const problems = (entries: readonly ChainEntry[], isSigned = () => true) =>
      verify(entries, isSigned).problems.map((problem) => `${problem.at}: ${problem.sentence}`);
    expect(problems([one, { ...two, timeMs: 5 }, three])).toEqual([
      'ada-two: Its content does not match its hash.',
    ]);
    const lie = canonicalJson({ kind: 'note-added', noteId: 'two', markdown: 'a lie' });
    expect(problems([one, { ...two, payload: lie }, three])).toEqual(['ada-two: Its payload was changed.']);
    expect(problems([one, three])).toEqual(['ada-three: The entry before it is missing.']);
    expect(problems([two, three])).toEqual(['ada-two: The entry before it is missing.']);
    expect(problems(ada, () => false)).toEqual([
      'ada-three: The end of the chain has no valid signature of its writer.',
    ]);
    expect(problems(chain('bob', ['five'], one)).length).toBe(1);
    expect(problems([...chain('bob', ['five'], one), ...ada])).toEqual([
      'bob-five: The entry before it is missing.',
    ]);
  });
});

describe('a header', () => {
  const header: EntryHeader = {
    version: 2,
    id: 'en_"1"',
    caseId: 'ca_1',
    writerId: 'wr_1',
    writerName: 'Ada \u2028 \ud800',
    keyFingerprint: 'key',
    sequence: 3,
    clock: formatClock(5, 1),
    timeMs: 5,
    previousHash: 'aa',
    kind: 'note-added',
    schema: 1,
    tlp: 'TLP:GREEN',
    replaces: ['bb', 'cc'],
    commitment: 'dd',
  };
  const { version: _, ...second } = header;
  const {
    keyFingerprint: _key,
    kind: _kind,
    schema: _schema,
    tlp: _tlp,
    replaces: _replaces,
    ...first
  } = second;

  it('has the text of canonical JSON in both of its versions', () => {
    expect(`{${headerText(header)}}`).toBe(canonicalJson(second));
    expect(`{${headerText({ ...header, tlp: null, replaces: [] })}}`).toBe(
      canonicalJson({ ...second, tlp: null, replaces: [] }),
    );
    expect(`{${headerText({ ...header, version: 1 })}}`).toBe(canonicalJson(first));
  });
});

describe('the clock', () => {
  it('never goes back and orders as text', () => {
    expect(nextClock(null, 5)).toBe('000000000000005:000000');
    expect(nextClock('000000000000005:000000', 9)).toBe('000000000000009:000000');
    expect(nextClock('000000000000009:000000', 5)).toBe('000000000000009:000001');
    expect(nextClock(formatClock(9, 999_999), 5)).toBe('000000000000010:000000');
    expect([formatClock(10, 0), formatClock(9, 999_999), formatClock(9, 2)].sort()).toEqual([
      formatClock(9, 2),
      formatClock(9, 999_999),
      formatClock(10, 0),
    ]);
  });
});
