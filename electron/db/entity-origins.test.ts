import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Enrichment } from '../../shared/domain/enrichment.ts';
import type { Store } from './store.ts';
import { alertQuery, occurrence, openTestStore, startMs, temporaryDirectory, testSource } from './testing.ts';

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

const data = (made: string, asn: number): Enrichment => ({
  originOf: (address) =>
    address.startsWith('8.8.') ? { asn, asName: 'Example', country: asn === 1 ? 'DE' : 'FR' } : null,
  source: () => ({ made, notice: 'made up' }),
});
function openWith(enrichment: Enrichment): void {
  store.close();
  store = openTestStore(directory.path, { nowMs: startMs }, { enrichment });
}
const count = (text: string) => store.alerts.count(alertQuery({ text }));
const steps = () => [...store.locateEntities()];
const ingest = (from: number, to: number) =>
  store.alerts.ingest(
    testSource,
    Array.from({ length: to - from }, (_, index) =>
      occurrence({
        identity: `record ${from + index}`,
        deduplicationKey: `key ${from + index}`,
        entities: [
          { kind: 'ip', value: `8.8.${(from + index) >> 8}.${(from + index) & 255}`, role: 'source' },
        ],
      }),
    ),
    startMs,
  );

it('gives entities of before the origins of the data, in steps that go on after a break, once', () => {
  ingest(0, 2_500);
  expect(count('asn:1')).toBe(0);
  openWith(data('2026-06-17', 1));
  store.locateEntities().next();
  expect(count('asn:1')).toBe(1_000);
  openWith(data('2026-06-17', 1));
  expect(steps()).toEqual([1_000, 500]);
  expect([count('asn:1'), count('country:DE'), count('-asn:1')]).toEqual([2_500, 2_500, 0]);
  expect(steps()).toEqual([]);
});

it('brings them up to newer data, and new ones come with theirs', () => {
  openWith(data('2026-06-17', 1));
  ingest(0, 10);
  expect(count('asn:1')).toBe(10);
  expect(steps()).toEqual([0]);
  openWith(data('2026-09-01', 2));
  expect(steps()).toEqual([10]);
  expect([count('asn:1'), count('asn:2'), count('country:FR')]).toEqual([0, 10, 10]);
});

it('leaves what is known where there are no data', () => {
  openWith(data('2026-06-17', 1));
  ingest(0, 10);
  openWith({ originOf: () => null, source: () => null });
  expect(steps()).toEqual([]);
  expect(count('asn:1')).toBe(10);
});
