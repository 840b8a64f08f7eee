import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mostColumnBytes, readColumns, writeColumns } from './record-columns.ts';
import { openRaw, openTestStore, startMs, temporaryDirectory } from './testing.ts';

const text = fc.string({ unit: fc.constantFrom('a', '"', '\n', '\0', 'ü', '\u{1f600}', '\ud800', '\uffff') });

it('gives back all records of a block, head, line break, body, one after the other', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ head: text, body: text }), { minLength: 1, maxLength: 12 }), (texts) => {
      const records = texts.map(({ head, body }) => ({ head: head.replaceAll('\n', ''), body }));
      const units = records.reduce((sum, { head, body }) => sum + head.length + body.length, 0);
      const buffer = Buffer.alloc(mostColumnBytes(units, records.length));
      const lengths: number[] = [];
      const written = buffer.subarray(0, writeColumns(buffer, records, lengths));
      const expected = records.map(({ head, body }) => Buffer.from(`${head}\n${body}`));
      expect(readColumns(written)).toEqual(Buffer.concat(expected));
      expect(lengths).toEqual(expected.map((record) => record.length));
    }),
  );
});

it('refuses a block that lost its end', () => {
  const buffer = Buffer.alloc(100);
  const records = [1, 2, 3].map((number) => ({ head: `[${number}]`, body: `body ${number}` }));
  const used = writeColumns(buffer, records, []);
  for (const cut of [1, used - 14, used - 20]) {
    expect(() => readColumns(buffer.subarray(0, used - cut))).toThrow('do not match');
  }
});

it('reads and takes away records of before, whose heads stood between them and held numbers', () => {
  const directory = temporaryDirectory();
  const event = (index: number) => ({
    identity: `event-${index}`,
    occurredMs: startMs + index,
    type: 'http',
    summary: `GET /${index}`,
    raw: `{"event":${index}}\nsecond line`,
    correlationKey: 'flow-1',
    addresses: ['198.51.100.1', `192.0.2.${index}`],
  });
  let store = openTestStore(directory.path);
  store.context.append('source-1', [event(1), event(2)], startMs);
  store.close();

  const raw = openRaw(join(directory.path, 'watchfloor.db'));
  const keys = raw.prepare<[number], number>('SELECT key FROM context_key WHERE event_id = ?').pluck();
  const move = raw.prepare('UPDATE context_event SET block_offset = ?, block_length = ? WHERE id = ?');
  let old = '';
  for (const id of [1, 2]) {
    const record = `[${keys.all(id).join(',')}]\n${event(id).raw}`;
    move.run(old.length, record.length, id);
    old += record;
  }
  const [block] = raw.prepare<[], Buffer>('SELECT data FROM record_block').pluck().all();
  expect(zstdDecompressSync(block ?? Buffer.alloc(0))[0]).toBe(0xff);
  raw.prepare('UPDATE record_block SET data = ?').run(zstdCompressSync(Buffer.from(old)));
  raw.close();

  store = openTestStore(directory.path);
  const found = store.context.find({ addresses: ['192.0.2.2'], fromMs: 0, toMs: 1e15, limit: 9 });
  expect(found.map((row) => row.raw)).toEqual([event(2).raw]);
  store.context.append('source-1', [event(3)], startMs);
  expect(store.context.prune(0)).toBe(3);
  store.close();
  const left = openRaw(join(directory.path, 'watchfloor.db'));
  expect(left.prepare('SELECT count(*) AS keys FROM context_key').all()).toEqual([{ keys: 0 }]);
  expect(left.prepare('SELECT count(*) AS blocks FROM record_block').all()).toEqual([{ blocks: 0 }]);
  left.close();
  directory.remove();
});
