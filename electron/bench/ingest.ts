import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDetection } from '../core/detection.ts';
import { createHub } from '../core/hub.ts';
import { createIncidents } from '../core/incidents.ts';
import { createIngest, recordsPerTransaction } from '../core/ingest.ts';
import { createSuppressionJudge } from '../core/suppression-judge.ts';
import { openStore } from '../db/index.ts';
import { readEveFile } from '../sources/suricata-eve.ts';
import { type BenchResult, median, say } from './bench.ts';
import { insertSameRows } from './ingest-baseline.ts';
import { writeEveFile } from './ingest-records.ts';

const eventCount = 120_000;
const runs = 3;
const bytesPerMebibyte = 1_048_576;

interface Run {
  readonly eventsPerSecond: number;
  readonly baselineEventsPerSecond: number;
  readonly alerts: number;
  readonly occurrences: number;
  readonly context: number;
  readonly transactions: number;
  readonly peakMebibytes: number;
}

/**
 * Follows the path of `watchfloor ingest`: the file is read, parsed, folded into alerts and context, and committed.
 * The baseline inserts the rows that came of it into the same tables with bare better-sqlite3 in the same run.
 */
export async function runIngestBench(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'watchfloor-bench-ingest-'));
  try {
    const records = join(folder, 'eve.json');
    const recordBytes = writeEveFile(records, eventCount);
    const done: Run[] = [];
    for (let run = 0; run < runs; run += 1) {
      say(`run ${run + 1} of ${runs}: ${eventCount} events`);
      done.push(await runOnce(folder, records, run));
    }
    const of = (pick: (run: Run) => number) => median(done.map(pick));
    const figures = {
      events: eventCount,
      recordMebibytes: recordBytes / bytesPerMebibyte,
      runs,
      transactionsPerRun: of((run) => run.transactions),
      alerts: of((run) => run.alerts),
      occurrences: of((run) => run.occurrences),
      contextEvents: of((run) => run.context),
      eventsPerSecond: of((run) => run.eventsPerSecond),
      bareInsertEventsPerSecond: of((run) => run.baselineEventsPerSecond),
      ratioToBareInsert: of((run) => run.eventsPerSecond / run.baselineEventsPerSecond),
      // Of the first run: later ones have the baseline's rows still beside them.
      peakMebibytes: done[0]?.peakMebibytes ?? Number.NaN,
    };
    return {
      figures,
      goals: {
        eventsPerSecond: { min: 20_000 },
        ratioToBareInsert: { min: 0.4 },
        peakMebibytes: { max: 600 },
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOnce(folder: string, records: string, run: number): Promise<Run> {
  const dataDirectory = join(folder, `data-${run}`);
  const nowMs = () => Date.now();
  const store = openStore(dataDirectory, { nowMs, appVersion: 'bench' });
  const hub = createHub({
    status: () => {
      throw new Error('Nobody listens.');
    },
    connections: () => ({ connections: [] }),
  });
  const judge = createSuppressionJudge(store, nowMs);
  const ingest = createIngest({
    store,
    hub,
    detection: createDetection(store),
    incidents: createIncidents(store, judge),
    judge,
    notifier: { news: () => undefined },
    nowMs,
  });
  const connection = store.connections.save({
    id: null,
    role: 'source',
    kind: 'suricata-eve',
    name: 'Bench',
    customerId: null,
    enabled: true,
    settings: {},
  });

  const alertIds = new Set<string>();
  let occurrences = 0;
  let context = 0;
  let transactions = 0;
  let peakBytes = 0;
  const startedMs = performance.now();
  for await (const batch of readEveFile(records, new AbortController().signal)) {
    const counts = await ingest.take(connection, batch);
    for (const id of counts.alertIds) alertIds.add(id);
    occurrences += counts.newOccurrences;
    context += counts.newContext;
    const most = Math.max(batch.occurrences.length, batch.context.length);
    transactions += Math.max(1, Math.ceil(most / recordsPerTransaction));
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  hub.close();
  store.close();

  const bare = join(folder, `bare-${run}.db`);
  const bareSeconds = insertSameRows(join(dataDirectory, 'watchfloor.db'), bare, transactions);
  rmSync(dataDirectory, { recursive: true, force: true });
  return {
    eventsPerSecond: eventCount / seconds,
    baselineEventsPerSecond: eventCount / bareSeconds,
    alerts: alertIds.size,
    occurrences,
    context,
    transactions,
    peakMebibytes: peakBytes / bytesPerMebibyte,
  };
}
