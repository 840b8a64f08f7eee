import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mostRejected } from './rejected-repository.ts';
import type { Store } from './store.ts';
import { openTestStore, startMs, temporaryDirectory } from './testing.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
});
afterEach(() => {
  store.close();
  directory.remove();
});

const record = (raw: string, place = '0', reason = 'No title.') => ({ reason, raw, place });

describe('rejected records', () => {
  it('are kept once with their bytes, place and last reason, by source', () => {
    const hostile = '{"a":"\0\u202e😀"}';
    expect(store.rejected.keep('so_1', [record(hostile), record('b'), record('b', '1')], startMs)).toBe(3);
    expect(store.rejected.keep('so_1', [record('b', '1', 'Still no title.'), record('c')], startMs + 1)).toBe(
      1,
    );
    expect(store.rejected.keep('so_2', [record('b')], startMs)).toBe(1);
    expect(
      store.rejected
        .list('so_1', 10)
        .map(({ raw, place, reason, receivedMs }) => [raw, place, reason, receivedMs]),
    ).toEqual([
      ['c', '0', 'No title.', startMs + 1],
      ['b', '1', 'Still no title.', startMs],
      ['b', '0', 'No title.', startMs],
      [hostile, '0', 'No title.', startMs],
    ]);
    expect(store.rejected.summary('so_1')).toEqual({ kept: 4, keptBytes: 19, dropped: 0, replayed: 0 });
  });

  it('go once they are understood or discarded, and are counted', () => {
    store.rejected.keep('so_1', [record('a'), record('b'), record('c')], startMs);
    const [first] = store.rejected.after('so_1', 0, 1);
    store.rejected.settle('so_1', [first?.id ?? 0, 999]);
    expect(store.rejected.after('so_1', first?.id ?? 0, 10).map(({ raw }) => raw)).toEqual(['b', 'c']);
    expect(store.rejected.discard('so_1')).toBe(2);
    expect(store.rejected.summary('so_1')).toEqual({ kept: 0, keptBytes: 0, dropped: 2, replayed: 1 });
  });

  it('are cut where one is very long, which is said', () => {
    store.rejected.keep('so_1', [record('x'.repeat(3_000_000)), record('whole')], startMs);
    expect(
      store.rejected.list('so_1', 2).map(({ bytes, raw, isWhole }) => [bytes, raw.length, isWhole]),
    ).toEqual([
      [5, 5, true],
      [3_000_000, 262_144, false],
    ]);
  });

  it('are bounded in number and in bytes: the oldest go, and are counted', () => {
    const many = Array.from({ length: mostRejected + 7 }, (_, index) => record(`record ${index}`));
    expect(store.rejected.keep('so_1', many, startMs)).toBe(mostRejected + 7);
    expect(store.rejected.summary('so_1')).toMatchObject({ kept: mostRejected, dropped: 7 });
    expect(store.rejected.after('so_1', 0, 1)[0]?.raw).toBe('record 7');

    const long = Array.from({ length: 140 }, (_, index) => record(`${index} ${'x'.repeat(262_144)}`));
    store.rejected.keep('so_2', long, startMs);
    const summary = store.rejected.summary('so_2');
    expect(summary).toEqual({ kept: 128, keptBytes: 128 * 262_144, dropped: 12, replayed: 0 });
    expect(store.rejected.list('so_2', 1)[0]?.raw.startsWith('139 ')).toBe(true);
  });

  it('leave nothing behind when their transaction fails', () => {
    expect(() =>
      store.transaction(() => {
        store.rejected.keep('so_1', [record('a')], startMs);
        throw new Error('The disk is full.');
      }),
    ).toThrow();
    expect(store.rejected.summary('so_1')).toEqual({ kept: 0, keptBytes: 0, dropped: 0, replayed: 0 });
  });
});
