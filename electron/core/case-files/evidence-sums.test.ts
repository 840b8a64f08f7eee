import { createHash } from 'node:crypto';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newEvidenceKey, sealed } from '../../db/evidence-seal.ts';
import { temporaryDirectory } from '../../db/testing.ts';
import { startSums } from './evidence-sums.ts';

const large = 64 * 1024 * 1024;
let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

function zeros(name: string, sizeBytes: number) {
  const path = join(directory.path, name);
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  return { path, key: null, sizeBytes };
}

const sumsOf = (bytes: Buffer) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  crc32: crc32(bytes),
  sizeBytes: bytes.length,
});

describe('sums of evidence on another thread', () => {
  it('are those of the evidence, also where it lies encrypted', async () => {
    const plain = zeros('plain', large + 1);
    const bytes = Buffer.alloc(1_500_000, 'evidence ');
    const key = newEvidenceKey();
    const path = join(directory.path, 'sealed');
    writeFileSync(path, sealed(bytes, key));
    let told = 0;
    const sums = await startSums([plain, { path, key, sizeBytes: bytes.length }], (read) => {
      told += read;
    }).done;
    expect(sums.get(plain.path)).toEqual(sumsOf(Buffer.alloc(large + 1)));
    expect(sums.get(path)).toEqual(sumsOf(bytes));
    expect(told).toBe(large + 1 + bytes.length);
  });

  it('are left to others from the first file on that cannot be read', async () => {
    const first = zeros('first', large);
    const gone = zeros('gone', large);
    rmSync(gone.path);
    const sums = await startSums([first, gone, zeros('last', 10)], () => undefined).done;
    expect([...sums.keys()]).toEqual([first.path]);
  });

  it('end where nobody wants them any more', async () => {
    const places = [zeros('one', large), zeros('other', 8 * large)];
    const cancelled = startSums(places, () => {
      throw new Error('given up');
    });
    expect((await cancelled.done).size).toBeLessThan(2);
    const stopped = startSums(places, () => undefined);
    await stopped.stop();
    expect((await stopped.done).size).toBe(0);
  });

  it('need no thread for what is read in a moment', async () => {
    expect((await startSums([zeros('small', 1_000)], () => undefined).done).size).toBe(0);
  });
});
