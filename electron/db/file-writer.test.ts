import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileWriter } from './file-writer.ts';

const mebibyte = 1024 * 1024;
let folder: string;
let file: FileHandle;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-writer-'));
  file = await open(join(folder, 'file'), 'wx');
});
afterEach(async () => {
  await file.close();
  rmSync(folder, { recursive: true });
});

describe('writing a file', () => {
  it('keeps the order of pieces, and has them on the disk in the end', async () => {
    let synced = 0;
    const { datasync } = file;
    file.datasync = () => {
      synced += 1;
      return datasync.call(file);
    };
    const writer = createFileWriter(file);
    for (let number = 0; number < 140; number += 1) await writer.write(Buffer.alloc(mebibyte, number));
    await writer.sync();
    const bytes = readFileSync(join(folder, 'file'));
    expect(bytes.length).toBe(140 * mebibyte);
    for (let number = 0; number < 140; number += 1) expect(bytes[number * mebibyte + 5]).toBe(number);
    // While it was written.
    expect(synced).toBeGreaterThan(0);
  });

  it('fails in the end where the disk failed early, though the last sync would not', async () => {
    let synced = 0;
    file.datasync = () => {
      synced += 1;
      return Promise.reject(new Error('the disk is gone'));
    };
    const writer = createFileWriter(file);
    for (let number = 0; number < 140; number += 1) await writer.write(Buffer.alloc(mebibyte));
    await expect(writer.written()).rejects.toThrow('the disk is gone');
    await expect(writer.sync()).rejects.toThrow('the disk is gone');
    expect(synced).toBe(1);
  });

  it('tells a write that failed', async () => {
    file.writeFile = () => Promise.reject(new Error('no room'));
    const writer = createFileWriter(file);
    await writer.write(Buffer.alloc(1));
    await expect(writer.write(Buffer.alloc(1))).rejects.toThrow('no room');
    await expect(writer.sync()).rejects.toThrow('no room');
  });
});
