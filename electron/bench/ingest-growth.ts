import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readEveFile } from '../sources/suricata-eve.ts';
import { median, say } from './bench.ts';
import { openIngestPath } from './ingest-path.ts';
import { writeEveFile } from './ingest-records.ts';
import { seedQueue } from './queue-seed.ts';

const fewRows = 10_000;
const eventCount = 60_000;
const rounds = 3;

async function eventsPerSecond(dataDirectory: string, records: string): Promise<number> {
  const path = openIngestPath(dataDirectory);
  try {
    const startedMs = performance.now();
    for await (const batch of readEveFile(records, new AbortController().signal)) {
      await path.ingest.take(path.connection, batch);
    }
    return (eventCount / (performance.now() - startedMs)) * 1_000;
  } finally {
    path.close();
  }
}

/**
 * How fast records come in where so many alerts are stored, and where ten thousand are. Each round brings records that
 * were not there before, to one data directory after the other, so that both meet the same machine.
 */
export async function measureGrowth(
  folder: string,
  rows: number,
): Promise<{ readonly few: number; readonly many: number; readonly ratio: number }> {
  const places = { few: join(folder, 'few'), many: join(folder, 'many') };
  seedQueue(places.few, Math.min(fewRows, rows));
  say(`seeding ${rows} alerts`);
  seedQueue(places.many, rows);
  const rates = { few: [] as number[], many: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const records = join(folder, `round-${round}.json`);
    writeEveFile(records, eventCount, 10_000_000 * (round + 1));
    for (const place of ['few', 'many'] as const) {
      rates[place].push(await eventsPerSecond(places[place], records));
    }
  }
  rmSync(places.few, { recursive: true, force: true });
  rmSync(places.many, { recursive: true, force: true });
  const ratios = rates.many.map((rate, index) => rate / (rates.few[index] ?? Number.NaN));
  return { few: median(rates.few), many: median(rates.many), ratio: median(ratios) };
}
