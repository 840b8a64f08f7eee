import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldCase } from '../../shared/domain/case-fold.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { readCaseFile } from '../core/case-files/read-case-file.ts';
import { openStore } from '../db/index.ts';
import { type BenchResult, median, say } from './bench.ts';
import { writtenCaseFile } from './case/long-chain.ts';
import { measureReplay } from './case/replay.ts';
import { measureCaseScreen } from './case/screen.ts';
import { benchWriter, seededNowMs, seedLargeCase, someEntries } from './case/seed.ts';
import { measureTransfer } from './case/transfer.ts';

const foldSizes = [1_000, 10_000, 100_000];
const foldRuns = 5;
const openRuns = 5;
/** Entries of the incident that is replayed. */
const leastReplayed = 500;
const mostReplayed = 10_000;

/** A case of 10,000 entries, 5,000 alerts and 500 observables, opened from a store that was just opened. */
function measureOpening(folder: string): number {
  const options = { nowMs: () => seededNowMs, appVersion: 'bench' };
  const seeding = openStore(folder, options);
  const id = seedLargeCase(seeding, benchWriter(seeding));
  seeding.close();
  const times = Array.from({ length: openRuns }, () => {
    const store = openStore(folder, options);
    const startedMs = performance.now();
    const state = store.cases.get(id);
    const ms = performance.now() - startedMs;
    store.close();
    if (
      state?.timeline.length !== 10_000 ||
      state.alerts.length !== 5_000 ||
      state.observables.length !== 500
    ) {
      throw new WatchfloorError('internal', 'The case is not what was seeded.');
    }
    return ms;
  });
  return median(times);
}

/**
 * Entries that are folded a second, by how many a case has; the best of some runs, for what else runs only slows. A run
 * folds equally many in all, many small cases or one large, so that each has its share of collecting garbage; every
 * small one is of entries of its own, as the next case that is opened is, and lies in no cache either.
 */
function measureFolding(): readonly number[] {
  const most = Math.max(...foldSizes);
  const timesOf = (count: number): number[] => {
    const cases = Array.from({ length: most / count }, () => someEntries(count));
    return Array.from({ length: foldRuns }, () => {
      const startedMs = performance.now();
      for (const entries of cases) foldCase('ca_bench', entries, false);
      return performance.now() - startedMs;
    });
  };
  // Once for the engine to know the code.
  timesOf(most);
  return foldSizes.map((count) => (most / Math.min(...timesOf(count))) * 1_000);
}

async function measureVerifying(
  folder: string,
  entries: number,
  entriesATransaction: number,
): Promise<number> {
  say(`writing ${entries} entries, ${entriesATransaction} a signature`);
  const file = await writtenCaseFile(folder, entries, entriesATransaction);
  const startedMs = performance.now();
  const report = await readCaseFile(file, null);
  const ms = performance.now() - startedMs;
  if (report.problemCount > 0 || report.counts.entries !== entries) {
    throw new WatchfloorError('internal', 'The file does not verify.', JSON.stringify(report.problems));
  }
  return ms / 1_000;
}

/**
 * Cases: opening a large one, folding, one file with evidence out and in again beside `cp` and `sha256sum` of the
 * same, verifying long chains.
 * @param rows entries of the longest chain; evidence and the others shrink with it
 */
export async function runCaseBench(rows: number): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'watchfloor-bench-case-'));
  try {
    const transfer = await measureTransfer(join(folder, 'transfer'), rows * 1_000, Math.ceil(rows / 10));
    say('opening a case of 10,000 entries');
    const openCaseMs = measureOpening(join(folder, 'open'));
    const screen = await measureCaseScreen(join(folder, 'open'));
    say('folding');
    const [few = 0, , many = 0] = measureFolding();
    const verifySeconds = await measureVerifying(folder, rows, 50);
    const replay = await measureReplay(
      join(folder, 'replay'),
      Math.max(leastReplayed, Math.min(mostReplayed, Math.ceil(rows / 100))),
    );
    const verifyEachSignedSeconds = await measureVerifying(folder, Math.ceil(rows / 10), 1);
    return {
      figures: {
        entries: rows,
        openCaseMs,
        ...screen,
        foldEntriesASecond: many,
        foldLinear: many / few,
        ...transfer,
        verifySeconds,
        verifyEachSignedSeconds,
        ...replay,
      },
      goals: {
        openCaseMs: { max: 300 },
        // Drawing takes a browser.
        ...('entryToPixelsMs' in screen ? { screenOpenMs: { max: 300 }, entryToPixelsMs: { max: 50 } } : {}),
        foldEntriesASecond: { min: 200_000 },
        foldLinear: { min: 0.5 },
        exportShare: { min: 0.5 },
        importShare: { min: 0.5 },
        // A third of age alone, where its keys can be made.
        ...('sealedExportShare' in transfer
          ? {
              sealedExportShare: { min: 0.33 },
              sealedImportShare: { min: 0.33 },
              sealedExportMebibytes: { max: 200 },
              sealedImportMebibytes: { max: 200 },
            }
          : {}),
        // Only Linux tells the most that a process ever held.
        ...('exportMebibytes' in transfer ? { exportMebibytes: { max: 200 } } : {}),
        ...('importMebibytes' in transfer ? { importMebibytes: { max: 200 } } : {}),
        ...('replaySeekP95Ms' in replay ? { replaySeekP95Ms: { max: 100 } } : {}),
        verifySeconds: { max: 15 },
        verifyEachSignedSeconds: { max: 30 },
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
