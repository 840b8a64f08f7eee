import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tlps } from '../domain/case.ts';
import { headerText, type SignedEntry } from '../domain/entry-chain.ts';
import { entryLine, readEntryLine } from './entry-line.ts';

const hex = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: length, maxLength: length })
    .map((digits) => digits.map((digit) => digit.toString(16)).join(''));
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,30}$/);
const bytes64 = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => {
  const text = Array.from(bytes, (byte) => String.fromCharCode(48 + (byte % 10))).join('');
  return `${text}${'A'.repeat(22)}==`;
});
const count = fc.integer({ min: 0, max: 900_000_000_000_000 });
const entry: fc.Arbitrary<SignedEntry> = fc
  .record({
    version: fc.constantFrom(1 as const, 2 as const),
    id,
    caseId: id,
    writerId: id,
    writerName: fc.string({ unit: 'binary', maxLength: 60 }),
    keyFingerprint: hex(32),
    sequence: count,
    clock: fc.constant('001772582400000:000001'),
    timeMs: count,
    previousHash: hex(64),
    kind: fc.constantFrom('note-sung', 'note-added'),
    schema: fc.constant(2),
    tlp: fc.constantFrom(null, ...tlps),
    replaces: fc.array(hex(64), { maxLength: 3 }),
    commitment: hex(64),
    hash: hex(64),
    signature: fc.option(bytes64),
    salt: hex(32),
    payload: fc.json({ maxDepth: 3 }).map((value) => `{"kind":"note-sung","value":${value}}`),
  })
  .map((made) => {
    const named = { ...made, payload: made.payload.replace('note-sung', made.kind) };
    return made.version === 2
      ? named
      : { ...named, kind: '', keyFingerprint: null, schema: 1, tlp: null, replaces: [] };
  });

describe('a line of an entry', () => {
  it('is read as the entry that it was written for, whatever is in it', () => {
    fc.assert(
      fc.property(entry, fc.boolean(), (made, isWithheld) => {
        const written = isWithheld ? { ...made, payload: null, salt: null } : made;
        const read = readEntryLine(entryLine(written));
        // Of version 1 payloads are looked at: these are of no kind that it had.
        fc.pre(read.entry !== null || !/__proto__|constructor|prototype/.test(made.payload ?? ''));
        expect(read.entry).toEqual(written);
        if (read.entry !== null) expect(read.covered).toBe(headerText(written));
      }),
    );
  });

  it('is no entry with any character changed, left out or put in before its payload', () => {
    fc.assert(
      fc.property(
        entry,
        fc.nat(),
        fc.constantFrom(' ', '"', '0', '\\', ',', '}', 'é', ''),
        (made, place, character) => {
          const line = entryLine(made);
          const at = place % line.indexOf(',"payload":');
          for (const length of [0, 1]) {
            const changed = line.slice(0, at) + character + line.slice(at + length);
            if (changed === line) continue;
            const read = readEntryLine(changed);
            // What is still an entry is another one, and has the changed line as its own.
            if (read.entry !== null) expect(entryLine(read.entry)).toBe(changed);
          }
        },
      ),
    );
  });
});
