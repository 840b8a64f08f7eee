import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertQuery } from '../../shared/api/contract.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { openStore, type Store } from '../db/index.ts';
import type { OccurrenceInput } from '../sources/source.ts';
import { type BenchResult, median, say } from './bench.ts';
import { sizesOnDisk } from './measured.ts';
import { type BenchQuery, benchQueries } from './queue-queries.ts';
import { seededNowMs, seedQueue } from './queue-seed.ts';

const warmRuns = 3;
const singleActions = 20;
const pageRows = 100;
/** While a bulk runs: how often a request comes, and a batch of records. */
const requestEveryMs = 5;
const batchRecords = 50;
/** Waits are still looked at for so long after a bulk, for what it may have left to do. */
const afterwardsMs = 500;

const asQuery = ({ text, sort, lane, includeDone }: BenchQuery): AlertQuery => ({
  text,
  sort,
  lane,
  includeDone,
  fromMs: null,
  toMs: null,
});

function timed<T>(work: () => T): { readonly ms: number; readonly value: T } {
  const startedMs = performance.now();
  const value = work();
  return { ms: performance.now() - startedMs, value };
}

/** The value below which so much of all lies, 0 to 1. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * The queue over many alerts, in the core: the first page and exact count of forty queries, a bulk close of everything
 * with its undo and what others wait meanwhile, and one status change.
 * @param rows how many alerts the store is seeded with
 */
export async function runQueueBench(rows: number): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'watchfloor-bench-queue-'));
  try {
    say(`seeding ${rows} alerts`);
    const seeding = timed(() => seedQueue(folder, rows));
    const { rowMebibytes, indexMebibytes } = sizesOnDisk(join(folder, 'watchfloor.db'));
    const opening = timed(() => openStore(folder, { nowMs: () => seededNowMs, appVersion: 'bench' }));
    const store = opening.value;
    store.startCheckpoints();
    try {
      const queries = measureQueries(store);
      const single = measureSingle(store);
      const searchWorstWaitMs = await measureSearchWait(store);
      const bulk = await measureBulk(store);
      return {
        figures: {
          alerts: rows,
          queries: benchQueries.length,
          seedSeconds: seeding.ms / 1_000,
          openMs: opening.ms,
          databaseMebibytes: store.sizeBytes() / 1_048_576,
          rowMebibytes,
          indexMebibytes,
          ...queries,
          oneStatusChangeMs: single,
          searchWorstWaitMs,
          ...bulk,
        },
        goals: {
          pageWarmMedianMs: { max: 10 },
          pageWarmP95Ms: { max: 50 },
          pageWarmWorstMs: { max: 150 },
          fieldCountWorstMs: { max: 200 },
          textCountWorstMs: { max: 2_000 },
          oneStatusChangeMs: { max: 50 },
          searchWorstWaitMs: { max: 100 },
          closeSeenMs: { max: 500 },
          closeMaterialisedMs: { max: 10_000 },
          closeWorstWaitMs: { max: 100 },
          undoSeenMs: { max: 500 },
          undoMaterialisedMs: { max: 10_000 },
          undoWorstWaitMs: { max: 100 },
        },
      };
    } finally {
      await store.endCheckpoints();
      store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureQueries(store: Store): Record<string, number> {
  const cold: number[] = [];
  const warm: number[] = [];
  const fieldCounts: number[] = [];
  const textCounts: number[] = [];
  for (const each of benchQueries) {
    const query = asQuery(each);
    const page = () => store.alerts.query(query, { offset: 0, limit: pageRows, upToSequence: null });
    const first = timed(page);
    if (first.value.problem !== null) throw new WatchfloorError('internal', first.value.problem, each.text);
    cold.push(first.ms);
    const again = median(Array.from({ length: warmRuns }, () => timed(page).ms));
    warm.push(again);
    const count = timed(() => store.alerts.count(query));
    (each.isText ? textCounts : fieldCounts).push(count.ms);
    say(
      `${JSON.stringify(each.text)} by ${each.sort}: ${first.value.total} alerts, cold ${first.ms.toFixed(1)} ms, warm ${again.toFixed(1)} ms, count ${count.ms.toFixed(1)} ms`,
    );
  }
  return {
    pageColdMedianMs: median(cold),
    pageColdWorstMs: Math.max(...cold),
    pageWarmMedianMs: median(warm),
    pageWarmP95Ms: quantile(warm, 0.95),
    pageWarmWorstMs: Math.max(...warm),
    fieldCountMedianMs: median(fieldCounts),
    fieldCountWorstMs: Math.max(...fieldCounts),
    textCountMedianMs: median(textCounts),
    textCountWorstMs: Math.max(...textCounts),
  };
}

/** One alert acknowledged and shown again, the middle of some. */
function measureSingle(store: Store): number {
  const query = asQuery({
    text: 'status:new',
    sort: 'received',
    lane: null,
    includeDone: false,
    isText: false,
  });
  const { rows } = store.alerts.query(query, { offset: 0, limit: singleActions, upToSequence: null });
  return median(
    rows.map(({ id }) => {
      const { ms, value } = timed(() => {
        store.alerts.act({ by: 'ids', ids: [id] }, { type: 'acknowledge' }, 'Bench');
        return store.alerts.get(id);
      });
      if (value?.status !== 'acknowledged') throw new WatchfloorError('internal', 'It did not change.', id);
      return ms;
    }),
  );
}

function batch(number: number): OccurrenceInput[] {
  return Array.from({ length: batchRecords }, (_, index) => ({
    identity: `bench-${number}-${index}`,
    deduplicationKey: `bench-${number}-${index}`,
    windowMs: 0,
    occurredMs: seededNowMs,
    title: 'Came while a bulk ran',
    why: 'A record of the benchmark.',
    severity: 'medium',
    lane: 'informational',
    mitigated: 'no',
    sourceState: null,
    entities: [{ kind: 'ip', value: '198.51.100.7', role: 'source' }],
    techniques: [],
    customerName: null,
    serviceName: null,
    raw: '{}',
    correlationKey: null,
  }));
}

/** Requests and batches of records that come all the time, and the longest that any of them took to be answered. */
function startOthers(store: Store, upToSequence: number) {
  let worstMs = 0;
  let number = 0;
  let dueMs = performance.now() + requestEveryMs;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    number += 1;
    if (number % 10 === 0)
      store.alerts.ingest({ id: 'bench', kind: 'bench', customerId: null }, batch(nowMs), seededNowMs);
    else if (number % 10 === 5) store.alerts.openCounts();
    else store.alerts.getMany([`al_${(1 + (number % upToSequence)).toString(16).padStart(32, '0')}`]);
    // From when it was due: what waited behind something long has waited since then.
    worstMs = Math.max(worstMs, performance.now() - dueMs);
    dueMs = Math.max(dueMs, nowMs) + requestEveryMs;
  }, requestEveryMs);
  return {
    async stop(): Promise<number> {
      await new Promise((resolve) => setTimeout(resolve, afterwardsMs));
      clearInterval(timer);
      return worstMs;
    },
  };
}

/** What others wait while free text looks through every alert, as the core does it: in steps. */
async function measureSearchWait(store: Store): Promise<number> {
  const query = asQuery({
    text: 'nothing-like-this',
    sort: 'received',
    lane: null,
    includeDone: true,
    isText: true,
  });
  const others = startOthers(store, store.alerts.latestSequence());
  await nextTurn();
  const steps = store.alerts.countInSteps(query);
  while (steps.next().done !== true) await nextTurn();
  return others.stop();
}

async function measureBulk(store: Store): Promise<Record<string, number>> {
  const everything: AlertQuery = asQuery({
    text: '',
    sort: 'received',
    lane: null,
    includeDone: true,
    isText: false,
  });
  const asDuplicates = { ...everything, text: 'status:closed disposition:duplicate' };
  const upToSequence = store.alerts.latestSequence();

  say('closing everything');
  const whileClosing = startOthers(store, upToSequence);
  await nextTurn();
  const closing = timed(() =>
    store.alerts.act(
      { by: 'query', query: everything, upToSequence },
      { type: 'close', disposition: 'duplicate', reason: 'Bench' },
      'Bench',
    ),
  );
  const closeWorstWaitMs = await whileClosing.stop();
  // Numbers have no gaps here: the last one says how many there were.
  expectCount(store.alerts.count(asDuplicates), upToSequence);
  const { undoId } = closing.value;
  if (undoId === null) throw new WatchfloorError('internal', 'Nothing was closed.');

  say('undoing it');
  const whileUndoing = startOthers(store, upToSequence);
  await nextTurn();
  const undoing = timed(() => store.alerts.undo(undoId, 'Bench'));
  const undoWorstWaitMs = await whileUndoing.stop();
  expectCount(store.alerts.count(asDuplicates), 0);
  expectCount(undoing.value.changed, upToSequence);
  return {
    closeSeenMs: closing.ms,
    closeMaterialisedMs: closing.ms,
    closeWorstWaitMs,
    undoSeenMs: undoing.ms,
    undoMaterialisedMs: undoing.ms,
    undoWorstWaitMs,
  };
}

function expectCount(found: number, wanted: number): void {
  if (found !== wanted)
    throw new WatchfloorError('internal', `${found} alerts where ${wanted} were expected.`);
}
