import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestStore, startMs, temporaryDirectory } from '../db/testing.ts';
import { createUploads, type Uploads } from './uploads.ts';

const gibibyte = 1024 ** 3;

let directory: ReturnType<typeof temporaryDirectory>;
let nowMs = startMs;
let freeBytes = 100 * gibibyte;
let uploads: Uploads;

beforeEach(() => {
  directory = temporaryDirectory();
  nowMs = startMs;
  freeBytes = 100 * gibibyte;
  let count = 0;
  uploads = createUploads({
    dataDirectory: directory.path,
    newId: (prefix) => `${prefix}_${++count}`,
    nowMs: () => nowMs,
    freeBytes: () => freeBytes,
  });
});
afterEach(async () => {
  await uploads.close();
  directory.remove();
});

const staged = () => readdirSync(join(directory.path, 'unfinished'));

async function uploaded(text: string): Promise<{ id: string; path: string }> {
  const bytes = Buffer.from(text);
  const { id } = await uploads.begin('a.wfcase', bytes.length);
  await uploads.write(id, 0, bytes);
  return { id, ...(await uploads.finish(id)) };
}

describe('an upload', () => {
  it('becomes a file that only its owner can read, and is taken away', async () => {
    const { id } = await uploads.begin('a.wfcase', 6);
    expect(await uploads.write(id, 0, Buffer.from('abc'))).toEqual({ writtenBytes: 3 });
    expect(() => uploads.path(id)).toThrow('still being copied');
    await uploads.write(id, 3, Buffer.from('def'));
    const { path } = await uploads.finish(id);
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, uploads.path(id)]).toEqual([
      'abcdef',
      0o600,
      path,
    ]);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    await uploads.discard(id);
    expect(staged()).toEqual([]);
    expect(() => uploads.path(id)).toThrow('Choose it again');
    await uploads.discard(id);
  });

  it.each([
    ['night shift.wfcase', 'night shift.wfcase'],
    ['/etc/passwd', 'passwd'],
    ['C:\\Users\\ada\\x.wfcase', 'x.wfcase'],
    ['../../..', 'file-'],
    ['', 'file-'],
    ['aux.wfcase', 'file-aux.wfcase'],
    ['a\u202eb\u0000:c.wfcase', 'a_b__c.wfcase'],
    ['été.wfcase', 'été.wfcase'],
  ])('called %j lies as %j in a folder of its own', async (name, expected) => {
    const { id } = await uploads.begin(name, 0);
    const { path } = await uploads.finish(id);
    expect(path).toBe(join(directory.path, 'unfinished', id, expected));
    await uploads.discardAt(join(directory.path, 'watchfloor.db'));
    expect(staged()).toEqual([id]);
    await uploads.discardAt(path);
    expect(staged()).toEqual([]);
  });

  it('may have no bytes at all', async () => {
    const { path } = await uploaded('');
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('takes each piece at its place, once, and no more than was announced', async () => {
    const { id } = await uploads.begin('a.wfcase', 4);
    await uploads.write(id, 0, Buffer.from('ab'));
    await expect(uploads.write(id, 0, Buffer.from('ab'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(uploads.write(id, 3, Buffer.from('d'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(uploads.write(id, 2, Buffer.from('cde'))).rejects.toMatchObject({ code: 'too-large' });
    await expect(uploads.finish(id)).rejects.toMatchObject({ code: 'conflict' });
    await uploads.write(id, 2, Buffer.from('cd'));
    const { path } = await uploads.finish(id);
    expect(readFileSync(path, 'utf8')).toBe('abcd');
    await expect(uploads.write(id, 4, Buffer.from('e'))).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is not there for a name that nobody was given', async () => {
    expect(() => uploads.path('../watchfloor.db')).toThrow('Choose it again');
    expect(() => uploads.write('../watchfloor.db', 0, Buffer.from('x'))).toThrow('Choose it again');
    await uploads.discard('../watchfloor.db');
  });
});

describe('several at once', () => {
  it('do not touch each other, whatever order their pieces come in', async () => {
    const [one, two] = await Promise.all([uploads.begin('a.wfcase', 4), uploads.begin('a.wfcase', 4)]);
    const pieces: [string, number, string][] = [
      [one.id, 0, 'on'],
      [two.id, 0, 'tw'],
      [two.id, 2, 'o!'],
      [one.id, 2, 'e!'],
    ];
    await Promise.all(pieces.map(([id, offset, text]) => uploads.write(id, offset, Buffer.from(text))));
    const paths = await Promise.all([one, two].map(({ id }) => uploads.finish(id)));
    expect(paths.map(({ path }) => readFileSync(path, 'utf8'))).toEqual(['one!', 'two!']);
  });

  it('are sixteen at most, and one that is left for an hour gives way', async () => {
    const begun = await Promise.all(Array.from({ length: 16 }, () => uploads.begin('a.wfcase', 1)));
    await expect(uploads.begin('a.wfcase', 1)).rejects.toMatchObject({ code: 'refused' });
    nowMs += 59 * 60_000;
    const [first] = begun;
    await uploads.write(first?.id ?? '', 0, Buffer.from('x'));
    nowMs += 2 * 60_000;
    await uploads.begin('a.wfcase', 1);
    expect(staged().sort()).toEqual([first?.id, 'up_17'].sort());
  });

  it('share the room there is, of which some stays free', async () => {
    freeBytes = 3 * gibibyte;
    await expect(uploads.begin('a.wfcase', 2.6 * gibibyte)).rejects.toMatchObject({ code: 'too-large' });
    const first = await uploads.begin('a.wfcase', 2 * gibibyte);
    await expect(uploads.begin('a.wfcase', gibibyte)).rejects.toMatchObject({ code: 'too-large' });
    await uploads.discard(first.id);
    await uploads.begin('a.wfcase', gibibyte);
    expect(staged()).toEqual(['up_2']);
  });
});

it('refuses what is larger than any file it takes, however much room there is', async () => {
  freeBytes = 10_000 * gibibyte;
  await expect(uploads.begin('a.wfcase', 256 * gibibyte + 1)).rejects.toMatchObject({ code: 'too-large' });
});

it('leaves nothing when it closes, and what a crash leaves is gone with the next start', async () => {
  await uploaded('kept for nobody');
  await uploads.begin('a.wfcase', 10);
  await uploads.close();
  expect(staged()).toEqual([]);

  await uploads.begin('a.wfcase', 10);
  await uploaded('left behind');
  expect(staged()).toHaveLength(2);
  openTestStore(directory.path).close();
  expect(staged()).toEqual([]);
});

it('ends a write that was under way when it is discarded', async () => {
  const { id } = await uploads.begin('a.wfcase', 4);
  const writing = uploads.write(id, 0, Buffer.from('ab'));
  await uploads.discard(id);
  await Promise.allSettled([writing]);
  await expect(async () => uploads.write(id, 2, Buffer.from('cd'))).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(staged()).toEqual([]);
});
