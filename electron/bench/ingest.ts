import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { recordsPerTransaction } from '../core/ingest.ts';
import { readEveFile } from '../sources/suricata-eve.ts';
import { type BenchResult, median, say } from './bench.ts';
import { insertSameRows } from './ingest-baseline.ts';
import { canCompare, compareWithAlertmanager } from './ingest-beside.ts';
import { measureGrowth } from './ingest-growth.ts';
import { openBenchPath } from './ingest-path.ts';
import { writeEveFile } from './ingest-records.ts';
import { sizesOnDisk } from './measured.ts';

const eventCount = 120_000;
const runs = 3;
const bytesPerMebibyte = 1_048_576;

interface Run {
  readonly eventsPerSecond: number;
  readonly baselineEventsPerSecond: number;
  /** The baseline's processor time over ours: what else the machine does shows less in it than in time. */
  readonly processorRatio: number;
  readonly alerts: number;
  readonly occurrences: number;
  readonly context: number;
  readonly transactions: number;
  readonly peakMebibytes: number;
}

/**
 * Follows the path of `watchfloor ingest`: the file is read, parsed, folded into alerts and context, and committed.
 * The baseline inserts the rows that came of it into the same tables with bare better-sqlite3 in the same run. Then the
 * same path where so many alerts are stored; then a fifth as many alerts posted to Alertmanager and to us.
 */
export async function runIngestBench(rows: number): Promise<BenchResult> {
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
      ratioOfProcessorTime: of((run) => run.processorRatio),
      ...(await sizesBesideGzip(folder, records)),
    };
    rmSync(records);
    const growth = await measureGrowth(folder, rows);
    const beside = await besideFigures(folder, Math.ceil(rows / 5));
    return {
      figures: {
        ...figures,
        storedAlerts: rows,
        eventsPerSecondAtFew: growth.few,
        eventsPerSecondAtMany: growth.many,
        ratioManyToFew: growth.ratio,
        ...beside,
      },
      goals: {
        eventsPerSecond: { min: 20_000 },
        ratioToBareInsert: { min: 0.5 },
        peakMebibytes: { max: 600 },
        rawRecordsToGzip: { max: 1.5 },
        ratioManyToFew: { min: 0.8 },
        ...('memoryOfAlertmanagers' in beside
          ? { acceptedOfAlertmanagers: { min: 1 }, memoryOfAlertmanagers: { max: 0.25 } }
          : {}),
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Side by side with a real Alertmanager; nothing where this machine has none. */
async function besideFigures(folder: string, alerts: number): Promise<Record<string, number>> {
  if (!canCompare()) {
    say('left out: no prometheus-alertmanager to compare with (npm test says how to install it)');
    return {};
  }
  const { watchfloor, alertmanager } = await compareWithAlertmanager(folder, alerts);
  return {
    postedAlerts: alerts,
    acceptedPerSecond: watchfloor.acceptedPerSecond,
    alertmanagerAcceptedPerSecond: alertmanager.acceptedPerSecond,
    acceptedOfAlertmanagers: watchfloor.acceptedPerSecond / alertmanager.acceptedPerSecond,
    filedPerSecond: watchfloor.filedPerSecond,
    postPeakMebibytes: watchfloor.postPeakMebibytes,
    alertmanagerPostPeakMebibytes: alertmanager.postPeakMebibytes,
    firstPageMs: watchfloor.listMs,
    alertmanagerFullListMs: alertmanager.listMs,
    hostPeakMebibytes: watchfloor.peakMebibytes,
    alertmanagerPeakMebibytes: alertmanager.peakMebibytes,
    memoryOfAlertmanagers: watchfloor.peakMebibytes / alertmanager.peakMebibytes,
  };
}

/** What a file of records takes once it is stored, raw records against the same lines as one gzip. */
async function sizesBesideGzip(folder: string, records: string): Promise<Record<string, number>> {
  const dataDirectory = join(folder, 'sizes');
  const { ingest, connection, close } = openBenchPath(dataDirectory);
  for await (const batch of readEveFile(records, new AbortController().signal)) {
    await ingest.take(connection, batch);
  }
  await close();
  const sizes = sizesOnDisk(join(dataDirectory, 'watchfloor.db'));
  rmSync(dataDirectory, { recursive: true, force: true });
  const gzipMebibytes = gzipSync(readFileSync(records)).length / bytesPerMebibyte;
  return { ...sizes, gzipMebibytes, rawRecordsToGzip: sizes.rawRecordMebibytes / gzipMebibytes };
}

function microsecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function runOnce(folder: string, records: string, run: number): Promise<Run> {
  const dataDirectory = join(folder, `data-${run}`);
  const { ingest, connection, close } = openBenchPath(dataDirectory);
  const alertIds = new Set<string>();
  let occurrences = 0;
  let context = 0;
  let transactions = 0;
  let peakBytes = 0;
  const usedBefore = process.cpuUsage();
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
  const used = microsecondsSince(usedBefore);
  await close();

  const bare = join(folder, `bare-${run}.db`);
  const bareRun = await insertSameRows(join(dataDirectory, 'watchfloor.db'), bare, transactions);
  rmSync(dataDirectory, { recursive: true, force: true });
  return {
    eventsPerSecond: eventCount / seconds,
    baselineEventsPerSecond: eventCount / bareRun.seconds,
    processorRatio: bareRun.processorMicroseconds / used,
    alerts: alertIds.size,
    occurrences,
    context,
    transactions,
    peakMebibytes: peakBytes / bytesPerMebibyte,
  };
}
