import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mostLineBytes, parseEveText } from '../sources/eve.ts';
import { eveReading } from '../sources/eve-words.ts';
import { createRecentLines } from '../sources/recent-lines.ts';
import { blocksOf } from './ingest.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (title: string) =>
  `{"event_type":"alert","timestamp":"2026-03-04T00:00:00Z","alert":{"signature":"${title}"}}\n`;

it('reads a file in blocks of whole lines, the records around one of 10 MB included, which is kept aside once', async () => {
  const path = join(folder, 'eve.json');
  const many = (name: string) =>
    Array.from({ length: 30_000 }, (_, index) => line(`${name} ${index}`)).join('');
  writeFileSync(
    path,
    `${many('before')}${line('x'.repeat(10_000_000))}${many('after')}${line('last').trimEnd()}`,
  );
  const recent = createRecentLines();
  const titles: string[] = [];
  const reasons: string[] = [];
  let longest = 0;
  let lasts = 0;
  for await (const { text, last } of blocksOf(path)) {
    longest = Math.max(longest, text.length);
    lasts += last ? 1 : 0;
    const records = parseEveText(text, recent, eveReading({}));
    titles.push(...records.occurrences.map(({ title }) => title));
    reasons.push(...records.rejected.map(({ reason }) => reason));
  }
  expect(reasons).toEqual(['A line is longer than 2048 KiB; it was left out.']);
  expect(titles.length).toBe(60_001);
  expect([titles[0], titles[29_999], titles[30_000], titles.at(-1)]).toEqual([
    'before 0',
    'before 29999',
    'after 0',
    'last',
  ]);
  expect(lasts).toBe(1);
  expect(longest).toBeLessThan(6 * 1024 * 1024);
});

it('ends well in the middle of a line that is too long', async () => {
  const path = join(folder, 'eve.json');
  writeFileSync(path, `${line('before')}${'x'.repeat(9_000_000)}`);
  const blocks: { text: string; last: boolean }[] = [];
  for await (const block of blocksOf(path)) blocks.push(block);
  expect(blocks.map(({ text, last }) => [text.length > mostLineBytes, last])).toEqual([
    [false, false],
    [true, false],
    [false, true],
  ]);
});

it('says which file cannot be read', async () => {
  const read = async () => {
    for await (const _ of blocksOf(join(folder, 'missing.json'))) expect.fail('there is nothing');
  };
  await expect(read()).rejects.toMatchObject({ code: 'bad-input' });
});
