import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readEveFile } from '../sources/suricata-eve.ts';
import { median, say } from './bench.ts';
import { openBenchPath } from './ingest-path.ts';
import { writeEveFile } from './ingest-records.ts';
import { seedQueue } from './queue-seed.ts';

const fewRows = 10_000;
const eventCount = 60_000;
const rounds = 3;

async function eventsPerSecond(path: ReturnType<typeof openBenchPath>, records: string): Promise<number> {
  const startedMs = performance.now();
  for await (const batch of readEveFile(records, new AbortController().signal)) {
    await path.ingest.take(path.connection, batch);
  }
  return (eventCount / (performance.now() - startedMs)) * 1_000;
}

/**
 * How fast records come in where so many alerts are stored, and where ten thousand are, once each has been at it for a
 * round. Each round brings records that were not there before, to one data directory after the other, so that both meet
 * the same machine.
 */
export async function measureGrowth(
  folder: string,
  rows: number,
): Promise<{ readonly few: number; readonly many: number; readonly ratio: number }> {
  const open = (name: string, count: number) => {
    say(`seeding ${count} alerts`);
    seedQueue(join(folder, name), count);
    return openBenchPath(join(folder, name));
  };
  const few = open('few', Math.min(fewRows, rows));
  const many = open('many', rows);
  const rates: { readonly few: number; readonly many: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const records = join(folder, `round-${round}.json`);
    writeEveFile(records, eventCount, 10_000_000 * (round + 1));
    const rate = {
      few: await eventsPerSecond(few, records),
      many: await eventsPerSecond(many, records),
    };
    if (round > 0) rates.push(rate);
    rmSync(records);
  }
  for (const [path, name] of [
    [few, 'few'],
    [many, 'many'],
  ] as const) {
    await path.close();
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  return {
    few: median(rates.map((rate) => rate.few)),
    many: median(rates.map((rate) => rate.many)),
    ratio: median(rates.map((rate) => rate.many / rate.few)),
  };
}
