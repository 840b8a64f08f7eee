import fc from 'fast-check';
import { expect, it } from 'vitest';
import { freeTextsOf } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { allSteps } from './alert-search.ts';
import { RecordIndex } from './record-index.ts';
import { SqlDatabase } from './sql.ts';
import { occurrence, openRaw, openTestStore, startMs, temporaryDirectory, testSource } from './testing.ts';

it('says of records as they come what a search finds in those that are there', () => {
  const directory = temporaryDirectory();
  const store = openTestStore(directory.path);
  const characters = fc.constantFrom(...'abABKk01-"\n ', 'ü', 'Ü', '\u212a', '日');
  const raws = fc.sample(fc.string({ unit: characters, minLength: 3, maxLength: 24 }), {
    numRuns: 300,
    seed: 7,
  });
  const texts = [...new Set(raws.map((raw, index) => raw.slice(index % 3, (index % 3) + 4)))]
    .flatMap((text) => [text, text.toUpperCase()])
    .filter((text) => {
      // As it can be typed.
      const { node } = parseAlertQuery(`"${text.replaceAll('"', '\\"')}"`);
      return freeTextsOf(node)[0] === text;
    })
    .slice(0, 120);
  for (const text of texts) {
    store.suppressions.add({
      scope: { kind: 'query', text: `"${text.replaceAll('"', '\\"')}"` },
      reason: 'Test',
      owner: 'Ada',
      upTo: 'low',
      startMs,
      endMs: startMs + 1_000,
      weekly: false,
    });
  }
  const records = raws.map((raw, index) =>
    occurrence({ identity: `${index}`, deduplicationKey: `${index}`, title: '-', why: '-', raw }),
  );
  store.alerts.ingest(testSource, records, startMs);

  const database = new SqlDatabase(openRaw(`${directory.path}/watchfloor.db`));
  const index = new RecordIndex(database);
  const alerts = [...store.alerts.each()].map(({ sequence }) => sequence);
  let found = 0;
  for (const text of texts) {
    const known = alerts.filter((sequence) => store.suppressions.hasRecord(text, sequence));
    expect(known, JSON.stringify(text)).toEqual(
      [...allSteps(index.find(text)).sequences].sort((left, right) => left - right),
    );
    found += known.length;
  }
  // Many are found, and by far not all.
  expect(found).toBeGreaterThan(texts.length / 2);
  expect(found).toBeLessThan((texts.length * raws.length) / 2);
  database.connection.close();
  store.close();
  directory.remove();
});
