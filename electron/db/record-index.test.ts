import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allSteps } from './alert-search.ts';
import { connect } from './connect.ts';
import { RecordIndex } from './record-index.ts';
import { SqlDatabase, sql } from './sql.ts';
import type { Store } from './store.ts';
import { alertQuery, occurrence, openTestStore, startMs, temporaryDirectory, testSource } from './testing.ts';

describe('free text over raw records', () => {
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

  /** One block of one record for each; each of an alert of its own. */
  function ingest(raws: readonly string[], from = 0): void {
    for (const [index, raw] of raws.entries()) {
      const name = `n${from + index}`;
      store.alerts.ingest(
        testSource,
        [occurrence({ identity: name, deduplicationKey: name, title: name, raw })],
        startMs + from + index,
      );
    }
  }
  const titles = (text: string) =>
    store.alerts
      .query(alertQuery({ text }), { offset: 0, limit: 500, upToSequence: null })
      .rows.map((alert) => alert.title);
  const look = (text: string) => allSteps(store.alerts.searchRecordsInSteps(text));
  /** Thousands of blocks without thousands of transactions' time. */
  function ingestMany(count: number, rawAt: (index: number) => string): void {
    store.transaction(() => {
      ingest(Array.from({ length: count }, (_, index) => rawAt(index)));
    });
  }

  it('finds what stands in a record alone once they were looked through, in either case', () => {
    ingest(['{"agent":"SQLMap/1.7"}', '{"agent":"curl"}']);
    expect(titles('sqlmap')).toEqual([]);
    expect(look('sqlmap')).toEqual({ alerts: 1, isWhole: true, backToMs: null });
    expect(titles('sqlmap')).toEqual(['n0']);
    expect(titles('SQLMAP')).toEqual(['n0']);
    expect(titles('NOT sqlmap')).toEqual(['n1']);
    expect(titles('sqlmap OR n1')).toEqual(['n1', 'n0']);
    // What comes later is looked at by itself.
    ingest(['{"agent":"sqlmap"}'], 2);
    expect(look('sqlmap').alerts).toBe(2);
    expect(titles('sqlmap')).toEqual(['n2', 'n0']);
  });

  it('looks at records, not at the line before them, and not across two of them', () => {
    store.alerts.ingest(
      testSource,
      [
        occurrence({ identity: 'a', deduplicationKey: 'hidden-key', title: 'a', raw: 'first-half' }),
        occurrence({ identity: 'b', deduplicationKey: 'b', title: 'b', raw: 'second-half' }),
      ],
      startMs,
    );
    expect(look('hidden-key').alerts).toBe(0);
    expect(look('first-half').alerts).toBe(1);
    expect(look('half').alerts).toBe(2);
    expect(look('half[').alerts).toBe(0);
    // Too short to be looked for.
    expect(look('ha')).toEqual({ alerts: 0, isWhole: true, backToMs: null });
  });

  it('finds the same through the index as without it, and opens few blocks for it', () => {
    const needles = ['needle-17', 'common', 'nothing-like-this', 'Ünïcode', 'EDLE-99'];
    ingestMany(1_200, (index) => `{"flow":${index * 7919},"text":"common needle-${index % 400} ünïcode"}`);
    const without = needles.map((text) => look(text).alerts);
    expect(without).toEqual([33, 1_200, 0, 0, 3]);
    for (const _step of store.alerts.indexRecordsInSteps());
    const database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, true));
    expect(database.all(sql`SELECT count(*) AS n FROM record_segment`)).toEqual([{ n: 2 }]);
    const index = new RecordIndex(database);
    const steps = needles.map((text) => {
      let count = 0;
      const finding = index.find(text);
      for (;;) {
        const step = finding.next();
        if (step.done === true) return { hits: step.value.sequences.size, whole: step.value.isWhole, count };
        count += 1;
      }
    });
    expect(steps.map(({ hits }) => hits)).toEqual(without);
    expect(steps.every(({ whole }) => whole)).toBe(true);
    // 176 blocks are not indexed; of the others those that have it.
    expect(steps[0]?.count).toBeLessThan(220);
    expect(steps[2]?.count).toBe(176);
    expect(steps[1]?.count).toBe(1_200);
    database.connection.close();
  });

  it('stops where a text is common, says how far it came, and goes on when asked again', () => {
    ingestMany(2_300, (index) => `{"n":${index},"text":"everywhere"}`);
    const first = look('everywhere');
    expect(first).toEqual({ alerts: 2_000, isWhole: false, backToMs: startMs + 300 });
    expect(titles('everywhere').length).toBe(500);
    ingest(['{"text":"everywhere"}'], 2_300);
    expect(look('everywhere')).toEqual({ alerts: 2_301, isWhole: true, backToMs: null });
  });

  it('counts and acts on what it found, and on nothing that was found since', () => {
    ingest(['{"agent":"sqlmap"}', '{"agent":"sqlmap"}', '{}']);
    look('sqlmap');
    const query = alertQuery({ text: 'sqlmap' });
    const upToSequence = store.alerts.latestSequence();
    ingest(['{"agent":"sqlmap"}'], 3);
    look('sqlmap');
    expect(store.alerts.count(query, upToSequence)).toBe(2);
    const { changed } = store.alerts.act(
      { by: 'query', query, upToSequence },
      { type: 'acknowledge' },
      'Ada',
    );
    expect(changed).toBe(2);
  });
});
