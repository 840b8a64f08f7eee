import { shortHashBytes } from './ids.ts';
import { type RepositoryTools, storedText } from './repository.ts';
import { listSql, sql } from './sql.ts';
import type { RejectedRecord, RejectedRepository } from './store.ts';

/** Kept of one record; a longer one can be looked at and not read anew. */
const mostBytesOfOne = 256 * 1024;
/** Kept of one connection; beyond, the oldest go, and are counted. */
export const mostRejected = 10_000;
const mostBytes = 32 * 1024 * 1024;

interface RejectedRow {
  readonly id: number;
  readonly received_ms: number;
  readonly reason: string;
  readonly place: string;
  readonly bytes: number;
  readonly kept: Uint8Array;
}

interface Sizes {
  readonly count: number;
  readonly bytes: number;
}

const toRecord = (row: RejectedRow): RejectedRecord => ({
  id: row.id,
  receivedMs: row.received_ms,
  reason: row.reason,
  place: row.place,
  bytes: row.bytes,
  // A cut may go through a character.
  raw: Buffer.from(row.kept).toString('utf8'),
  isWhole: row.kept.length === row.bytes,
});

export function createRejectedRepository({ database }: RepositoryTools): RejectedRepository {
  const update = database.prepare(
    sql`UPDATE rejected_record SET reason = ? WHERE connection_id = ? AND identity = ?`,
  );
  const insert = database.prepare(
    sql`INSERT INTO rejected_record (connection_id, identity, place, reason, received_ms, bytes, kept)
          VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const columns = sql`id, received_ms, reason, place, bytes, kept`;

  const sizesOf = (connectionId: string): Sizes =>
    database.get<Sizes>(
      sql`SELECT count(*) AS count, coalesce(sum(length(kept)), 0) AS bytes FROM rejected_record
          WHERE connection_id = ${connectionId}`,
    ) ?? { count: 0, bytes: 0 };

  function addCounts(connectionId: string, dropped: number, replayed: number): void {
    if (dropped === 0 && replayed === 0) return;
    database.run(
      sql`INSERT INTO connection_state (connection_id, rejected_dropped, rejected_replayed)
            VALUES (${connectionId}, ${dropped}, ${replayed})
          ON CONFLICT (connection_id) DO UPDATE SET rejected_dropped = rejected_dropped + excluded.rejected_dropped,
            rejected_replayed = rejected_replayed + excluded.rejected_replayed`,
    );
  }

  /** Takes the oldest away until what is left is within both bounds; says how many went. */
  function makeRoom(connectionId: string): number {
    let { count, bytes } = sizesOf(connectionId);
    if (count <= mostRejected && bytes <= mostBytes) return 0;
    const oldest = database.all<{ readonly id: number; readonly size: number }>(
      sql`SELECT id, length(kept) AS size FROM rejected_record WHERE connection_id = ${connectionId} ORDER BY id`,
    );
    let gone = 0;
    for (const { size } of oldest) {
      if (count <= mostRejected && bytes <= mostBytes) break;
      count -= 1;
      bytes -= size;
      gone += 1;
    }
    const last = oldest[gone - 1]?.id ?? 0;
    database.run(sql`DELETE FROM rejected_record WHERE connection_id = ${connectionId} AND id <= ${last}`);
    return gone;
  }

  return {
    keep(connectionId, records, receivedMs) {
      if (records.length === 0) return 0;
      return database.joined(() => {
        let fresh = 0;
        for (const record of records) {
          const reason = storedText(record.reason, 2000);
          const identity = shortHashBytes(`${record.place}\0${record.raw}`);
          if (update.run(reason, connectionId, identity).changes > 0) continue;
          const bytes = Buffer.from(record.raw, 'utf8');
          insert.run(
            connectionId,
            identity,
            record.place,
            reason,
            receivedMs,
            bytes.length,
            bytes.subarray(0, mostBytesOfOne),
          );
          fresh += 1;
        }
        if (fresh > 0) addCounts(connectionId, makeRoom(connectionId), 0);
        return fresh;
      });
    },
    list(connectionId, limit) {
      return database
        .all<RejectedRow>(
          sql`SELECT ${columns} FROM rejected_record WHERE connection_id = ${connectionId}
              ORDER BY id DESC LIMIT ${limit}`,
        )
        .map(toRecord);
    },
    after(connectionId, id, limit) {
      return database
        .all<RejectedRow>(
          sql`SELECT ${columns} FROM rejected_record WHERE connection_id = ${connectionId} AND id > ${id}
              ORDER BY id LIMIT ${limit}`,
        )
        .map(toRecord);
    },
    summary(connectionId) {
      const counts = database.get<{ readonly dropped: number; readonly replayed: number }>(
        sql`SELECT rejected_dropped AS dropped, rejected_replayed AS replayed FROM connection_state
            WHERE connection_id = ${connectionId}`,
      );
      const { count, bytes } = sizesOf(connectionId);
      return {
        kept: count,
        keptBytes: bytes,
        dropped: counts?.dropped ?? 0,
        replayed: counts?.replayed ?? 0,
      };
    },
    settle(connectionId, ids) {
      if (ids.length === 0) return;
      const gone = database.run(
        sql`DELETE FROM rejected_record WHERE connection_id = ${connectionId} AND id IN ${listSql(ids)}`,
      ).changes;
      addCounts(connectionId, 0, gone);
    },
    discard(connectionId) {
      return database.joined(() => {
        const gone = database.run(
          sql`DELETE FROM rejected_record WHERE connection_id = ${connectionId}`,
        ).changes;
        addCounts(connectionId, gone, 0);
        return gone;
      });
    },
  };
}
