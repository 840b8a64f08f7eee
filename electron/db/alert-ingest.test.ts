import { join } from 'node:path';
import { expect, it } from 'vitest';
import { minuteMs } from '../../shared/domain/time.ts';
import type { OccurrenceInput } from '../sources/source.ts';
import { occurrence, openRaw, openTestStore, startMs, temporaryDirectory, testSource } from './testing.ts';

/** One alert, each of whose records changes something else of it. */
const batches: readonly OccurrenceInput[] = [
  {},
  { title: 'Another title', why: 'Another reason.' },
  { customerName: 'Acme', serviceName: 'shop', sourceState: 'firing' as const },
  { entities: [{ kind: 'ip', value: '198.51.100.1', role: 'source' } as const], techniques: ['T1498'] },
  { why: 'A third reason.', severity: 'critical' as const },
  { title: 'A title', mitigated: 'yes' as const },
  {},
].map((more, index) =>
  occurrence({ identity: `record-${index}`, occurredMs: startMs + index * minuteMs, ...more }),
);

/** The rows that come of it, whether each batch finds the alert in memory or reads it anew. */
function rowsAfter(reopens: boolean): unknown {
  const directory = temporaryDirectory();
  let store = openTestStore(directory.path);
  for (const one of batches) {
    store.alerts.ingest(testSource, [one], startMs);
    if (!reopens) continue;
    store.close();
    store = openTestStore(directory.path);
  }
  store.close();
  const raw = openRaw(join(directory.path, 'watchfloor.db'));
  const rows = {
    alerts: raw.prepare('SELECT * FROM alert').all(),
    titles: raw.prepare('SELECT * FROM alert_title').all(),
    whys: raw.prepare('SELECT * FROM alert_why').all(),
    links: raw.prepare('SELECT * FROM alert_entity').all(),
    customers: raw.prepare('SELECT name FROM customer').all(),
  };
  raw.close();
  directory.remove();
  // Ids of customers and services are random.
  return JSON.parse(JSON.stringify(rows).replaceAll(/"(cu|sv|se)_[^"]*"/g, '"$1"'));
}

it('leaves the same rows whether an alert is still in memory or read anew', () => {
  const rows = rowsAfter(false);
  expect(rows).toEqual(rowsAfter(true));
  expect(rows).toMatchObject({
    alerts: [{ count: batches.length, mitigated_mask: expect.any(Number), techniques: '["T1498"]' }],
    titles: [{ text: 'A title' }],
    // What it said before is kept for a while.
    whys: [{ text: 'A reason.' }, { text: 'Another reason.' }, { text: 'A third reason.' }],
    customers: [{ name: 'Acme' }],
  });
});
