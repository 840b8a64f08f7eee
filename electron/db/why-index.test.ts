import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matchesText } from '../../shared/query/match-query.ts';
import type { TextMatch } from '../../shared/query/query-node.ts';
import { triplesOf } from './alert-terms.ts';
import { AlertTexts } from './alert-texts.ts';
import { connect } from './connect.ts';
import { migrate } from './migrations.ts';
import { SqlDatabase, sql } from './sql.ts';
import {
  alertQuery,
  occurrence,
  openRaw,
  openTestStore,
  startMs,
  temporaryDirectory,
  testSource,
} from './testing.ts';
import { WhyIndex } from './why-index.ts';

describe('the index of reasons', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let database: SqlDatabase;
  beforeEach(() => {
    directory = temporaryDirectory();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
    migrate(database);
  });
  afterEach(() => {
    database.connection.close();
    directory.remove();
  });

  const asked = (triples: string): number[] =>
    database.numbers(sql`SELECT rowid FROM alert_why_index WHERE alert_why_index MATCH ${triples}`);

  /** Takes up everything at the begin of the next transaction. */
  const atOnce = () => new WhyIndex(database, { behind: 0, most: 1_000, fewest: 1 });

  const upTo = () => database.numbers(sql`SELECT up_to FROM alert_why_indexed`)[0] ?? 0;

  it('has exactly the reasons up to where it has come, whatever is written, given up or rolled back', () => {
    const index = new WhyIndex(database, { behind: 3, most: 4, fewest: 2 });
    const texts = new AlertTexts(database, 0, index);
    const held = new Map<number, string>();
    let cameFurthest = 0;
    const step = fc.record({
      added: fc.array(fc.nat({ max: 30 }), { maxLength: 6 }),
      givenUp: fc.array(fc.nat(), { maxLength: 12 }),
      fails: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        for (const { added, givenUp, fails } of steps) {
          const before = new Map(held);
          try {
            database.transaction(() => {
              texts.begin();
              for (const number of added) {
                const why = `reason ${number} zzz`;
                held.set(texts.idsOf({ title: 'One', why }).whyId, why);
              }
              const ids = [...held.keys()];
              for (const which of givenUp) {
                const id = ids[which % ids.length];
                const why = id === undefined ? undefined : held.get(id);
                if (id === undefined || why === undefined) continue;
                held.delete(id);
                texts.release({ title_id: 1, title: 'One', why_id: id, why }, { title: 'One', why: '' });
              }
              if (fails) throw new Error('rolled back');
            });
          } catch (thrown) {
            if (!fails) throw thrown;
            held.clear();
            for (const [id, why] of before) held.set(id, why);
          }
          const ids = [...held.keys()].sort((left, right) => left - right);
          expect(database.numbers(sql`SELECT id FROM alert_why ORDER BY id`)).toEqual(ids);
          expect(asked('"zzz"')).toEqual(ids.filter((id) => id <= upTo()));
          cameFurthest = Math.max(cameFurthest, upTo());
        }
      }),
      { numRuns: 100 },
    );
    expect(cameFurthest).toBeGreaterThan(5);
  });

  it('is taken up a while after, and searched together with what is not in it yet', () => {
    const store = openTestStore(`${directory.path}/store`);
    const titles = (text: string) =>
      store.alerts
        .query(alertQuery({ text }), { offset: 0, limit: 10, upToSequence: null })
        .rows.map(({ title }) => title);
    for (let batch = 0; batch < 5; batch += 1) {
      store.alerts.ingest(
        testSource,
        Array.from({ length: 1_000 }, (_, index) => {
          const name = `n${batch * 1_000 + index}`;
          return occurrence({ identity: name, deduplicationKey: name, title: name, why: `Said ${name}.` });
        }),
        startMs,
      );
    }
    const raw = new SqlDatabase(openRaw(`${directory.path}/store/watchfloor.db`));
    expect(raw.numbers(sql`SELECT up_to FROM alert_why_indexed`)).toEqual([2_000]);
    for (const name of ['n7', 'n1999', 'n2000', 'n4999']) {
      expect(titles(`why:"said ${name}."`)).toEqual([name]);
    }
    raw.connection.close();
    store.close();
  });

  it('leaves out no text that matches, whatever stands in it', () => {
    const texts = new AlertTexts(database, 0, atOnce());
    const characters = fc.constantFrom(...'abAB %_"\'*?-é\u212a\u017f\n日');
    const words = fc.string({ unit: characters, maxLength: 24 });
    let narrowed = 0;
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 1, maxLength: 6 }),
        fc.constantFrom<TextMatch>('contains', 'equals', 'prefix', 'pattern'),
        fc.string({ unit: characters, minLength: 1, maxLength: 6 }),
        (stored, match, text) => {
          const triples = triplesOf(match, text);
          fc.pre(triples !== null);
          database.transaction(() => {
            texts.begin();
            for (const why of stored) texts.idsOf({ title: 'One', why });
          });
          database.transaction(() => texts.begin());
          const all = database.all<{ readonly id: number; readonly text: string }>(
            sql`SELECT id, text FROM alert_why`,
          );
          const among = new Set(asked(triples ?? ''));
          const matching = all.filter((why) => matchesText(why.text, match, text));
          expect(matching.filter(({ id }) => !among.has(id))).toEqual([]);
          if (among.size < all.length) narrowed += 1;
        },
      ),
      { numRuns: 300 },
    );
    expect(narrowed).toBeGreaterThan(100);
  });

  it('keeps a while what no alert says any more, since it comes back, and forgets it with others', () => {
    const texts = new AlertTexts(database, 1, atOnce());
    const idOf = (why: string) =>
      database.transaction(() => {
        texts.begin();
        return texts.idsOf({ title: 'Flood', why }).whyId;
      });
    const giveUp = (whyId: number, why: string) =>
      database.transaction(() => {
        texts.begin();
        texts.release({ title_id: 1, title: 'Flood', why_id: whyId, why }, { title: 'Flood', why: '' });
      });
    const first = idOf('1200 requests a second');
    giveUp(first, '1200 requests a second');
    expect(idOf('1200 requests a second')).toBe(first);
    expect(asked('"req"')).toEqual([first]);
    const second = idOf('900 requests a second');
    giveUp(second, '900 requests a second');
    expect(asked('"req"')).toEqual([first, second]);
    const third = idOf('700 packets a second');
    expect(asked('"req"')).toEqual([]);
    database.transaction(() => texts.begin());
    expect(asked('"sec"')).toEqual([third]);
    expect(idOf('1200 requests a second')).not.toBe(first);
  });

  it('asks for nothing where a text is too short or not of ASCII', () => {
    expect(triplesOf('contains', 'ab')).toBeNull();
    expect(triplesOf('pattern', 'ab*cd?ef')).toBeNull();
    expect(triplesOf('contains', 'straße')).toBeNull();
    expect(triplesOf('pattern', '*Scan "x*')).toBe('"sca" AND "can" AND "an " AND "n """ AND " ""x"');
  });
});
