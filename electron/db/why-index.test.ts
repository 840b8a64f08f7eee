import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matchesText } from '../../shared/query/match-query.ts';
import type { TextMatch } from '../../shared/query/query-node.ts';
import { triplesOf } from './alert-terms.ts';
import { AlertTexts } from './alert-texts.ts';
import { connect } from './connect.ts';
import { migrate } from './migrations.ts';
import { SqlDatabase, sql } from './sql.ts';
import { temporaryDirectory } from './testing.ts';

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

  it('leaves out no text that matches, whatever stands in it', () => {
    const texts = new AlertTexts(database);
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
    const texts = new AlertTexts(database, 1);
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
