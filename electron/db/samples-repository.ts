import {
  decodeRollUps,
  decodeSamples,
  encodeRollUps,
  encodeSamples,
  type RollUp,
  rollUp,
  rollUpFurther,
  type SampleColumns,
} from '../../shared/domain/sample-chunk.ts';
import type { Gap, SignalWindow } from '../../shared/domain/signal.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { found, type RepositoryTools } from './repository.ts';
import { sql } from './sql.ts';
import type { FindingsRepository, SampleSeries, SamplesRepository } from './store.ts';

interface SampleRow {
  readonly time_ms: number;
  readonly value: number | null;
  readonly expected: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

interface ChunkRow {
  readonly hour_ms: number;
  readonly samples: Uint8Array;
  readonly minutes: Uint8Array | null;
}

interface SignalFacts {
  readonly number: number;
  readonly step_ms: number;
  readonly last_sample_ms: number | null;
}

/** A stretch at least this long goes straight into its hour's chunk: a back-fill skips the tail table. */
const directChunkSamples = 8;

/** Points of a chart stand at these distances, so that a sliding window keeps its points. */
const roundSteps = [
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * secondMs),
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * minuteMs),
  ...[1, 2, 3, 6, 12].map((count) => count * hourMs),
];

function roundStepAtLeast(durationMs: number): number {
  return roundSteps.find((step) => step >= durationMs) ?? Math.ceil(durationMs / dayMs) * dayMs;
}

const hourOf = (timeMs: number) => Math.floor(timeMs / hourMs) * hourMs;
const finite = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : value;

function rowsToColumns(rows: readonly SampleRow[]): SampleColumns {
  return {
    timesMs: rows.map((row) => row.time_ms),
    values: rows.map((row) => row.value),
    expected: rows.map((row) => row.expected),
    low: rows.map((row) => row.low),
    high: rows.map((row) => row.high),
  };
}

function columnsToRows(columns: SampleColumns): SampleRow[] {
  return columns.timesMs.map((time_ms, index) => ({
    time_ms,
    value: columns.values[index] ?? null,
    expected: columns.expected[index] ?? null,
    low: columns.low[index] ?? null,
    high: columns.high[index] ?? null,
  }));
}

/** Both in time order; of two samples of one time the first list's stays. */
function mergeRows(first: readonly SampleRow[], second: readonly SampleRow[]): SampleRow[] {
  if (first.length === 0) return [...second];
  if (second.length === 0) return [...first];
  const byTime = new Map<number, SampleRow>();
  for (const row of second) byTime.set(row.time_ms, row);
  for (const row of first) byTime.set(row.time_ms, row);
  return [...byTime.values()].sort((left, right) => left.time_ms - right.time_ms);
}

/** How many distances on each side say what is usual there; fewer say nothing. */
const usualNeighbours = 3;

function medianDistance(distances: readonly number[]): number {
  if (distances.length < usualNeighbours) return 0;
  return [...distances].sort((left, right) => left - right)[Math.floor(distances.length / 2)] ?? 0;
}

/** Rows in time order, whole milliseconds, one a time, non-finite values as gaps. */
function seriesToRows(series: SampleSeries): SampleRow[] {
  const rows = series.timesMs
    .map((timeMs, index) => ({
      time_ms: Math.round(timeMs),
      value: finite(series.values[index]),
      expected: finite(series.expected?.[index]),
      low: finite(series.low?.[index]),
      high: finite(series.high?.[index]),
    }))
    .filter((row) => Number.isSafeInteger(row.time_ms));
  const sorted = rows.every((row, index) => index === 0 || row.time_ms > (rows[index - 1]?.time_ms ?? 0));
  if (sorted) return rows;
  // Of several samples of one time the first stays.
  const byTime = new Map<number, SampleRow>();
  for (const row of rows) if (!byTime.has(row.time_ms)) byTime.set(row.time_ms, row);
  return [...byTime.values()].sort((left, right) => left.time_ms - right.time_ms);
}

export function createSamplesRepository(
  { database, nowMs }: RepositoryTools,
  findings: FindingsRepository,
): SamplesRepository {
  const selectSignal = database.prepare<SignalFacts>(
    sql`SELECT number, step_ms, last_sample_ms FROM signal WHERE id = ?`,
  );
  const insertSample = database.prepare(
    sql`INSERT OR IGNORE INTO sample (signal_number, time_ms, value, expected, low, high) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const selectTail = database.prepare<SampleRow>(
    sql`SELECT time_ms, value, expected, low, high FROM sample
        WHERE signal_number = ? AND time_ms >= ? AND time_ms <= ? ORDER BY time_ms`,
  );
  const deleteTail = database.prepare(
    sql`DELETE FROM sample WHERE signal_number = ? AND time_ms >= ? AND time_ms < ?`,
  );
  const firstTail = database.prepare<{ readonly time_ms: number | null }>(
    sql`SELECT min(time_ms) AS time_ms FROM sample WHERE signal_number = ?`,
  );
  const firstChunk = database.prepare<{ readonly hour_ms: number | null }>(
    sql`SELECT min(hour_ms) AS hour_ms FROM sample_chunk WHERE signal_number = ?`,
  );
  const selectChunk = database.prepare<ChunkRow>(
    sql`SELECT hour_ms, samples, minutes FROM sample_chunk WHERE signal_number = ? AND hour_ms = ?`,
  );
  const selectChunks = database.prepare<ChunkRow>(
    sql`SELECT hour_ms, samples, minutes FROM sample_chunk
        WHERE signal_number = ? AND hour_ms >= ? AND hour_ms <= ? ORDER BY hour_ms`,
  );
  const writeChunk = database.prepare(
    sql`INSERT INTO sample_chunk (signal_number, hour_ms, count, samples, minutes) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (signal_number, hour_ms) DO UPDATE SET count = excluded.count, samples = excluded.samples,
          minutes = excluded.minutes`,
  );
  const writeHour = database.prepare(
    sql`INSERT OR REPLACE INTO sample_hour (signal_number, hour_ms, count, mean, min, max, expected, low, high)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectHours = database.prepare<Omit<RollUp, 'timeMs'> & { readonly hour_ms: number }>(
    sql`SELECT hour_ms, count, mean, min, max, expected, low, high FROM sample_hour
        WHERE signal_number = ? AND hour_ms >= ? AND hour_ms <= ? ORDER BY hour_ms`,
  );
  const raiseLast = database.prepare(
    sql`UPDATE signal SET last_sample_ms = ? WHERE number = ? AND (last_sample_ms IS NULL OR last_sample_ms < ?)`,
  );

  const factsOf = (signalId: string): SignalFacts => found(selectSignal.get(signalId), 'signal', signalId);

  function storeHour(signal: SignalFacts, hour: number, rows: readonly SampleRow[]): void {
    const columns = rowsToColumns(rows);
    // Minutes pay only where several samples fall into one.
    const minutes = rows.length > 120 ? encodeRollUps(rollUp(columns, minuteMs)) : null;
    writeChunk.run(signal.number, hour, rows.length, encodeSamples(columns), minutes);
    const [rolled] = rollUp(columns, hourMs);
    if (rolled === undefined) return;
    writeHour.run(
      signal.number,
      hour,
      rolled.count,
      rolled.mean,
      rolled.min,
      rolled.max,
      rolled.expected,
      rolled.low,
      rolled.high,
    );
  }

  /** Chunk and tail of one hour together; the chunk's samples were there first. */
  function mergeHour(signal: SignalFacts, hour: number, more: readonly SampleRow[]): number {
    const chunk = selectChunk.get(signal.number, hour);
    const inChunk = chunk === undefined ? [] : columnsToRows(decodeSamples(chunk.samples));
    const inTail = selectTail.all(signal.number, hour, hour + hourMs - 1);
    const before = mergeRows(inChunk, inTail);
    const after = mergeRows(before, more);
    if (after.length > inChunk.length) storeHour(signal, hour, after);
    if (inTail.length > 0) deleteTail.run(signal.number, hour, hour + hourMs);
    return after.length - before.length;
  }

  function readColumns(signal: SignalFacts, fromMs: number, toMs: number): SampleColumns {
    const parts = selectChunks
      .all(signal.number, hourOf(fromMs), hourOf(toMs))
      .map((chunk) => columnsToRows(decodeSamples(chunk.samples)));
    const chunked = parts.flat().filter((row) => row.time_ms >= fromMs && row.time_ms <= toMs);
    const tail = selectTail.all(signal.number, Math.ceil(fromMs), Math.floor(toMs));
    // Tail rows mostly come after all chunks; only late ones have to be sorted in.
    const ordered = (chunked.at(-1)?.time_ms ?? Number.NEGATIVE_INFINITY) < (tail[0]?.time_ms ?? 0);
    return rowsToColumns(ordered ? [...chunked, ...tail] : mergeRows(chunked, tail));
  }

  function minuteRollUps(signal: SignalFacts, fromMs: number, toMs: number): RollUp[] {
    const rolled = selectChunks
      .all(signal.number, hourOf(fromMs), hourOf(toMs))
      .flatMap((chunk) =>
        chunk.minutes === null
          ? rollUp(decodeSamples(chunk.samples), minuteMs)
          : decodeRollUps(chunk.minutes),
      );
    const tail = rollUp(rowsToColumns(selectTail.all(signal.number, fromMs, toMs)), minuteMs);
    return [...rolled, ...tail]
      .filter((one) => one.timeMs >= fromMs && one.timeMs <= toMs)
      .sort((left, right) => left.timeMs - right.timeMs);
  }

  function hourRollUps(signal: SignalFacts, fromMs: number, toMs: number): RollUp[] {
    const rolled = selectHours
      .all(signal.number, hourOf(fromMs), toMs)
      .map(({ hour_ms, ...rest }): RollUp => ({ timeMs: hour_ms, ...rest }));
    const tail = rollUp(rowsToColumns(selectTail.all(signal.number, hourOf(fromMs), toMs)), hourMs);
    return [...rolled, ...tail].sort((left, right) => left.timeMs - right.timeMs);
  }

  /**
   * Stretches without a value, also at both ends up to now. What counts as missing is judged by the distance that is
   * usual around it: history that came coarser than live samples is no gap.
   */
  function findGaps(
    timesMs: readonly number[],
    values: readonly (number | null)[],
    fromMs: number,
    toMs: number,
    stepMs: number,
    mostMs: number,
  ): Gap[] {
    const endMs = Math.min(toMs, nowMs());
    const known = timesMs.filter((_, index) => (values[index] ?? null) !== null);
    const distances = known.slice(1).map((timeMs, index) => timeMs - (known[index] ?? timeMs));
    const gaps: Gap[] = [];
    const look = (since: number, until: number, position: number) => {
      if (until - since <= mostMs) return;
      const usualMs = Math.max(
        stepMs,
        medianDistance(distances.slice(Math.max(0, position - usualNeighbours), Math.max(0, position))),
        medianDistance(distances.slice(position + 1, position + 1 + usualNeighbours)),
      );
      if (until - since <= Math.max(mostMs, usualMs * 2.5)) return;
      const gap = { fromMs: Math.max(fromMs, since + usualMs), toMs: until };
      if (gap.toMs > gap.fromMs) gaps.push(gap);
    };
    const first = known[0];
    if (first === undefined) {
      if (endMs - fromMs > mostMs) gaps.push({ fromMs, toMs: endMs });
      return gaps;
    }
    look(fromMs - stepMs, first, -1);
    known.slice(1).forEach((timeMs, index) => {
      look(known[index] ?? timeMs, timeMs, index);
    });
    look(known.at(-1) ?? first, endMs, distances.length);
    return gaps;
  }

  function asWindow(
    signalId: string,
    points: SampleColumns,
    range: { readonly fromMs: number; readonly toMs: number },
    stepMs: number,
    mostMs: number,
    rolledUp: boolean,
  ): SignalWindow {
    const gaps = findGaps(points.timesMs, points.values, range.fromMs, range.toMs, stepMs, mostMs);
    const rows = columnsToRows(points);
    // A line breaks where a point says null: one at the start of each gap that has none.
    const breaks = gaps
      .map((gap) => ({ time_ms: gap.fromMs, value: null, expected: null, low: null, high: null }))
      .filter((row) => rows.length > 0 && row.time_ms > (rows[0]?.time_ms ?? 0));
    const drawn = rowsToColumns(mergeRows(rows, breaks));
    return {
      signalId,
      stepMs,
      rolledUp,
      timesMs: [...drawn.timesMs],
      values: [...drawn.values],
      expected: [...drawn.expected],
      low: [...drawn.low],
      high: [...drawn.high],
      gaps,
      findings: findings.list({ fromMs: range.fromMs, toMs: range.toMs, signalId }),
    };
  }

  const rollUpsToColumns = (rollUps: readonly RollUp[]): SampleColumns => ({
    timesMs: rollUps.map((one) => one.timeMs),
    values: rollUps.map((one) => one.mean),
    expected: rollUps.map((one) => one.expected),
    low: rollUps.map((one) => one.low),
    high: rollUps.map((one) => one.high),
  });

  function compactSignal(signal: SignalFacts, mostHours: number): number {
    // The hour that runs and the one before stay in the tail: late samples are cheap there.
    const finishedBeforeMs = hourOf(signal.last_sample_ms ?? 0) - hourMs;
    let hours = 0;
    while (hours < mostHours) {
      const first = firstTail.get(signal.number)?.time_ms ?? null;
      if (first === null || first >= finishedBeforeMs) break;
      mergeHour(signal, hourOf(first), []);
      hours += 1;
    }
    return hours;
  }

  return {
    append(signalId, series) {
      const rows = seriesToRows(series);
      const last = rows.at(-1);
      if (last === undefined) return 0;
      return database.joined(() => {
        const signal = factsOf(signalId);
        const newestMs = Math.max(signal.last_sample_ms ?? 0, last.time_ms);
        let added = 0;
        for (let start = 0; start < rows.length; ) {
          const hour = hourOf(rows[start]?.time_ms ?? 0);
          let end = start;
          while (end < rows.length && (rows[end]?.time_ms ?? 0) < hour + hourMs) end += 1;
          const finished = hour + hourMs <= newestMs;
          const direct = finished && end - start >= directChunkSamples;
          if (direct || (finished && selectChunk.get(signal.number, hour) !== undefined)) {
            added += mergeHour(signal, hour, rows.slice(start, end));
          } else {
            for (let index = start; index < end; index += 1) {
              const row = rows[index];
              if (row === undefined) continue;
              added += insertSample.run(
                signal.number,
                row.time_ms,
                row.value,
                row.expected,
                row.low,
                row.high,
              ).changes;
            }
          }
          start = end;
        }
        raiseLast.run(last.time_ms, signal.number, last.time_ms);
        return added;
      });
    },
    read(signalId, fromMs, toMs) {
      return readColumns(factsOf(signalId), fromMs, toMs);
    },
    means(signalId, fromMs, toMs, stepMs) {
      const rolled = rollUpFurther(minuteRollUps(factsOf(signalId), fromMs, toMs - 1), stepMs);
      return {
        timesMs: rolled.map((one) => one.timeMs + stepMs),
        values: rolled.map((one) => one.mean),
      };
    },
    firstMs(signalId) {
      const signal = factsOf(signalId);
      const chunk = firstChunk.get(signal.number)?.hour_ms ?? null;
      if (chunk === null) return firstTail.get(signal.number)?.time_ms ?? null;
      return readColumns(signal, chunk, chunk + hourMs).timesMs[0] ?? null;
    },
    window(signalId, fromMs, toMs, maxPoints) {
      const signal = factsOf(signalId);
      const stepMs = signal.step_ms;
      const range = { fromMs, toMs };
      const neededMs = (toMs - fromMs) / Math.max(1, maxPoints);
      const bucketMs = neededMs <= stepMs ? stepMs : Math.max(stepMs, roundStepAtLeast(neededMs));
      const start = Math.floor(fromMs / bucketMs) * bucketMs;
      if (bucketMs <= stepMs) {
        const samples = readColumns(signal, fromMs, toMs);
        const pruned = samples.timesMs.length === 0 && hourRollUps(signal, fromMs, toMs).length > 0;
        if (!pruned) return asWindow(signalId, samples, range, stepMs, stepMs * 2.5, false);
      }
      const mostMs = (of: number) => Math.max(of * 1.5, stepMs * 2.5);
      if (bucketMs < hourMs) {
        const rolled =
          bucketMs < minuteMs || stepMs >= minuteMs
            ? rollUp(readColumns(signal, start, toMs), bucketMs)
            : rollUpFurther(minuteRollUps(signal, start, toMs), bucketMs);
        if (rolled.length > 0) {
          return asWindow(signalId, rollUpsToColumns(rolled), range, bucketMs, mostMs(bucketMs), true);
        }
      }
      const hoursMs = Math.max(hourMs, bucketMs);
      const hours = rollUpFurther(hourRollUps(signal, Math.floor(fromMs / hoursMs) * hoursMs, toMs), hoursMs);
      return asWindow(signalId, rollUpsToColumns(hours), range, hoursMs, mostMs(hoursMs), true);
    },
    gaps(signalId, fromMs, toMs) {
      const signal = factsOf(signalId);
      const samples = readColumns(signal, fromMs, toMs);
      const stepMs = signal.step_ms;
      return findGaps(samples.timesMs, samples.values, fromMs, toMs, stepMs, stepMs * 2.5);
    },
    lastMs: (signalId) => factsOf(signalId).last_sample_ms,
    compact(mostHours = Number.POSITIVE_INFINITY) {
      const signals = database.all<SignalFacts>(sql`SELECT number, step_ms, last_sample_ms FROM signal`);
      let hours = 0;
      for (const signal of signals) {
        if (hours >= mostHours) break;
        hours += database.transaction(() => compactSignal(signal, mostHours - hours));
      }
      return hours;
    },
    prune(beforeMs) {
      return database.transaction(() => {
        const bytes = database.get<{ readonly bytes: number | null }>(
          sql`SELECT sum(length(samples) + coalesce(length(minutes), 0)) AS bytes FROM sample_chunk
              WHERE hour_ms <= ${beforeMs - hourMs}`,
        );
        database.run(sql`DELETE FROM sample_chunk WHERE hour_ms <= ${beforeMs - hourMs}`);
        const tail = database.run(
          sql`DELETE FROM sample WHERE signal_number IN (SELECT number FROM signal) AND time_ms < ${beforeMs}`,
        );
        return (bytes?.bytes ?? 0) + tail.changes * 40;
      });
    },
    sizeBytes() {
      const row = database.get<{ readonly bytes: number | null }>(
        sql`SELECT (SELECT coalesce(sum(length(samples) + coalesce(length(minutes), 0)), 0) FROM sample_chunk)
              + (SELECT count(*) * 40 FROM sample) + (SELECT count(*) * 60 FROM sample_hour) AS bytes`,
      );
      return row?.bytes ?? 0;
    },
  };
}
