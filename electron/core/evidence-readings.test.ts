import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../db/index.ts';
import { openTestStore, startMs, temporaryDirectory } from '../db/testing.ts';
import { createEvidenceReadings, type EvidenceReadings } from './evidence-readings.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let nowMs = startMs;
let readings: EvidenceReadings;

beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
  nowMs = startMs;
  let count = 0;
  readings = createEvidenceReadings({ store, newId: (prefix) => `${prefix}_${++count}`, nowMs: () => nowMs });
});
afterEach(async () => {
  await readings.close();
  store.close();
  directory.remove();
});

async function readAll(sha256: string): Promise<{ bytes: Buffer; pieces: number; isVerified: boolean }> {
  const { id, sizeBytes } = await readings.begin(sha256);
  const bytes: Buffer[] = [];
  for (;;) {
    const piece = await readings.next(id);
    if (piece.isVerified !== null) {
      const all = Buffer.concat(bytes);
      expect(all.length).toBe(sizeBytes);
      return { bytes: all, pieces: bytes.length, isVerified: piece.isVerified };
    }
    bytes.push(piece.bytes);
  }
}

it('gives the bytes in pieces, and says at the end that they have their hash', async () => {
  const bytes = Buffer.alloc(2_500_000, 'packets of some kind ');
  const { sha256 } = store.evidence.put(bytes);
  const read = await readAll(sha256);
  expect([read.bytes.equals(bytes), read.isVerified, read.pieces > 1]).toEqual([true, true, true]);
  const nothing = store.evidence.put(Buffer.alloc(0));
  expect(await readAll(nothing.sha256)).toMatchObject({ pieces: 0, isVerified: true });
});

it('says so when the bytes are others than those that were added', async () => {
  const { sha256 } = store.evidence.put(Buffer.from('as it was'));
  writeFileSync(join(directory.path, 'evidence', sha256.slice(0, 2), sha256), 'as it is!');
  expect(await readAll(sha256)).toMatchObject({ isVerified: false });
});

it('keeps pieces asked for at once in order, and several readings apart', async () => {
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
  const { sha256 } = store.evidence.put(bytes);
  const [one, other] = [await readings.begin(sha256), await readings.begin(sha256)];
  const pieces = await Promise.all([one, other, one, other, one, other].map(({ id }) => readings.next(id)));
  for (const start of [0, 1]) {
    const own = Buffer.concat(pieces.filter((_, index) => index % 2 === start).map((piece) => piece.bytes));
    expect(own.equals(bytes.subarray(0, own.length))).toBe(true);
    expect(own.length).toBeGreaterThan(2_000_000);
  }
});

it('ends where it is told to, has a bound, and lets go of what nobody reads any more', async () => {
  const { sha256 } = store.evidence.put(Buffer.from('short'));
  await expect(readings.begin('0'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
  const begun = await Promise.all(Array.from({ length: 8 }, () => readings.begin(sha256)));
  await expect(readings.begin(sha256)).rejects.toMatchObject({ code: 'refused' });
  const [first] = begun;
  await readings.end(first?.id ?? '');
  expect(() => readings.next(first?.id ?? '')).toThrow('Save the file again');
  await readings.begin(sha256);
  nowMs += 11 * 60_000;
  await readings.begin(sha256);
  expect(() => readings.next(begun[1]?.id ?? '')).toThrow('Save the file again');
});
