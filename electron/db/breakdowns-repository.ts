import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Breakdown, Dimension } from '../../shared/domain/signal.ts';
import { hourMs, minuteMs } from '../../shared/domain/time.ts';
import type { BreakdownInput } from '../sources/source.ts';
import { unassignedCustomerName } from './customers-repository.ts';
import { type RepositoryTools, storedText } from './repository.ts';
import { type Sql, sql } from './sql.ts';
import type { BreakdownsRepository, CustomersRepository, ServicesRepository } from './store.ts';

/** Values kept of one minute, and given in one answer. */
const mostStored = 200;
const mostShown = 50;

interface BreakdownRow {
  readonly bucket_ms: number;
  readonly source_id: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly unit: string;
  readonly total: number | null;
  readonly rows: Buffer;
}

interface Counted {
  count: number;
  /** null where a source could not tell for some of it. */
  mitigated: number | null;
}

/** value, count, mitigated: as stored. */
type StoredRow = readonly [value: string, count: number, mitigated: number | null];

const pack = (rows: readonly StoredRow[]): Buffer => zstdCompressSync(JSON.stringify(rows));
const unpack = (bytes: Buffer): StoredRow[] => JSON.parse(zstdDecompressSync(bytes).toString());

function addRow(into: Map<string, Counted>, [value, count, mitigated]: StoredRow): void {
  const known = into.get(value);
  if (known === undefined) {
    into.set(value, { count, mitigated });
    return;
  }
  known.count += count;
  known.mitigated = known.mitigated === null || mitigated === null ? null : known.mitigated + mitigated;
}

const largestFirst = (counted: ReadonlyMap<string, Counted>): [string, Counted][] =>
  [...counted].sort(
    ([leftValue, left], [rightValue, right]) => right.count - left.count || (leftValue < rightValue ? -1 : 1),
  );

/** How each dimension is called within a sentence. */
const dimensionWords: Record<Dimension, string> = {
  'source.ip': 'addresses',
  'source.as': 'networks (ASNs)',
  'source.country': 'countries',
  'url.path': 'paths',
  'url.query': 'query strings',
  user_agent: 'user agents',
  'http.method': 'methods',
  'http.status': 'status codes',
  'source.port': 'source ports',
  'destination.port': 'ports',
  'network.transport': 'transports',
  'tcp.flags': 'TCP flags',
  'packet.size': 'packet sizes',
};

/** What one source told of a range, merged. */
interface Merged {
  readonly counted: Map<string, Counted>;
  total: number;
  fromMs: number;
  toMs: number;
  unit: string;
  intervals: number;
  /** Time that the intervals cover together, ms. */
  coveredMs: number;
}

export function createBreakdownsRepository(
  { database }: RepositoryTools,
  customers: CustomersRepository,
  services: ServicesRepository,
): BreakdownsRepository {
  const selectBucket = database.prepare<BreakdownRow>(
    sql`SELECT bucket_ms, source_id, from_ms, to_ms, unit, total, rows FROM breakdown
        WHERE service_id = ? AND dimension = ? AND bucket_ms = ? AND source_id = ?`,
  );
  const writeBucket = database.prepare(
    sql`INSERT INTO breakdown (service_id, dimension, bucket_ms, source_id, customer_id, from_ms, to_ms, unit, total,
          rows)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (service_id, dimension, bucket_ms, source_id) DO UPDATE SET customer_id = excluded.customer_id,
          from_ms = excluded.from_ms, to_ms = excluded.to_ms, unit = excluded.unit, total = excluded.total,
          rows = excluded.rows`,
  );

  /** Intervals shorter than a minute are added up by the minute: a day of them costs a sixth. */
  function appendOne(sourceId: string, customerId: string, serviceId: string, input: BreakdownInput): void {
    const fromMs = Math.round(input.fromMs);
    const toMs = Math.round(input.toMs);
    const bucketMs = toMs - fromMs < minuteMs ? Math.floor(fromMs / minuteMs) * minuteMs : fromMs;
    const before = selectBucket.get(serviceId, input.dimension, bucketMs, sourceId);
    const counted = new Map<string, Counted>();
    for (const row of before === undefined ? [] : unpack(before.rows)) addRow(counted, row);
    for (const row of input.rows) {
      if (Number.isFinite(row.count)) addRow(counted, [storedText(row.value, 500), row.count, row.mitigated]);
    }
    const rows = largestFirst(counted)
      .slice(0, mostStored)
      .map(([value, { count, mitigated }]): StoredRow => [value, count, mitigated]);
    const total =
      input.total === null || (before !== undefined && before.total === null)
        ? null
        : input.total + (before?.total ?? 0);
    writeBucket.run(
      serviceId,
      input.dimension,
      bucketMs,
      sourceId,
      customerId,
      Math.min(fromMs, before?.from_ms ?? fromMs),
      Math.max(toMs, before?.to_ms ?? toMs),
      storedText(input.unit, 40),
      total,
      pack(rows),
    );
  }

  /**
   * By source, what it told of these services. Several sources may see the same traffic: they are never added.
   * @param edges whether intervals that reach beyond the range count too
   */
  function merge(
    serviceIds: Sql,
    dimension: Dimension,
    fromMs: number,
    toMs: number,
    edges: 'with-edges' | 'inside',
  ): Map<string, Merged> {
    const bySource = new Map<string, Merged>();
    const rows = database.all<BreakdownRow>(
      sql`SELECT bucket_ms, source_id, from_ms, to_ms, unit, total, rows FROM breakdown
          WHERE service_id IN (${serviceIds}) AND dimension = ${dimension}
            AND bucket_ms < ${toMs} AND bucket_ms > ${fromMs - hourMs} AND to_ms > ${fromMs} AND from_ms < ${toMs}
          ORDER BY bucket_ms`,
    );
    for (const row of rows) {
      if (edges === 'inside' && row.to_ms > toMs) continue;
      const merged: Merged = bySource.get(row.source_id) ?? {
        counted: new Map(),
        total: 0,
        fromMs: row.from_ms,
        toMs: row.to_ms,
        unit: row.unit,
        intervals: 0,
        coveredMs: 0,
      };
      bySource.set(row.source_id, merged);
      let listed = 0;
      for (const stored of unpack(row.rows)) {
        addRow(merged.counted, stored);
        listed += stored[1];
      }
      // Where the source cannot tell all there was, what it listed is the least there was.
      merged.total += row.total === null ? listed : Math.max(row.total, listed);
      merged.fromMs = Math.min(merged.fromMs, row.from_ms);
      merged.toMs = Math.max(merged.toMs, row.to_ms);
      merged.intervals += 1;
      merged.coveredMs += row.to_ms - row.from_ms;
    }
    return bySource;
  }

  function hasAny(serviceIds: Sql, dimension: Dimension): boolean {
    return (
      database.get(
        sql`SELECT 1 FROM breakdown WHERE service_id IN (${serviceIds}) AND dimension = ${dimension} LIMIT 1`,
      ) !== undefined
    );
  }

  return {
    append(sourceId, defaultCustomerId, inputs) {
      if (inputs.length === 0) return 0;
      return database.transaction(() => {
        for (const input of inputs) {
          const customerId =
            input.customerName === null && defaultCustomerId !== null
              ? defaultCustomerId
              : customers.findOrCreateByName(input.customerName ?? unassignedCustomerName).id;
          const service = services.findOrCreateByName(customerId, input.serviceName);
          appendOne(sourceId, customerId, service.id, input);
        }
        return inputs.length;
      });
    },
    query({ customerId, serviceId, dimension, fromMs, toMs }): Breakdown {
      const serviceIds =
        serviceId !== null
          ? sql`${serviceId}`
          : customerId !== null
            ? sql`SELECT id FROM service WHERE customer_id = ${customerId}`
            : sql`SELECT id FROM service`;
      const bySource = merge(serviceIds, dimension, fromMs, toMs, 'with-edges');
      // The source that covers most of the range speaks; of two, the one that saw more.
      const [best] = [...bySource].sort(
        ([, left], [, right]) => right.intervals - left.intervals || right.total - left.total,
      );
      if (best === undefined) {
        const words = dimensionWords[dimension];
        const reason = hasAny(serviceIds, dimension)
          ? `Not known: nothing about ${words} was received for this time.`
          : `Not known: no source tells ${words} here.`;
        return { known: false, dimension, reason };
      }
      const [sourceId, merged] = best;
      // An interval in which the range begins holds what is asked about: it is no part of what was usual before.
      const usual = merge(serviceIds, dimension, merged.fromMs - hourMs, merged.fromMs, 'inside').get(
        sourceId,
      );
      return {
        known: true,
        dimension,
        sourceId,
        unit: merged.unit,
        fromMs: merged.fromMs,
        toMs: merged.toMs,
        total: merged.total,
        usualTotal:
          usual === undefined || usual.coveredMs === 0
            ? null
            : (usual.total * merged.coveredMs) / usual.coveredMs,
        rows: largestFirst(merged.counted)
          .slice(0, mostShown)
          .map(([value, { count, mitigated }]) => ({
            value,
            count,
            share: merged.total === 0 ? 0 : count / merged.total,
            usualShare:
              usual === undefined || usual.total === 0
                ? null
                : (usual.counted.get(value)?.count ?? 0) / usual.total,
            mitigated,
          })),
      };
    },
    prune: (beforeMs) => database.run(sql`DELETE FROM breakdown WHERE to_ms < ${beforeMs}`).changes,
  };
}
