import type { RepositoryTools } from './repository.ts';
import { listSql, sql } from './sql.ts';
import type { KeptPush, PushesRepository, WaitingPushes } from './store.ts';

export function createPushesRepository({ database }: RepositoryTools): PushesRepository {
  const insert = database.prepare(
    sql`INSERT INTO accepted_push (connection_id, sent_ms, records, body) VALUES (?, ?, ?, ?)`,
  );

  return {
    keep(connectionId, { sentMs, records, body }) {
      insert.run(connectionId, sentMs, records, body);
    },
    oldest(connectionId, mostRecords) {
      const chosen: number[] = [];
      let records = 0;
      const sizes = database.all<{ readonly id: number; readonly records: number }>(
        sql`SELECT id, records FROM accepted_push WHERE connection_id = ${connectionId}
            ORDER BY id LIMIT ${mostRecords}`,
      );
      for (const each of sizes) {
        records += each.records;
        if (chosen.length > 0 && records > mostRecords) break;
        chosen.push(each.id);
      }
      return database.all<KeptPush>(
        sql`SELECT id, sent_ms AS sentMs, records, body FROM accepted_push WHERE id IN ${listSql(chosen)} ORDER BY id`,
      );
    },
    settle(ids) {
      if (ids.length === 0) return;
      database.run(sql`DELETE FROM accepted_push WHERE id IN ${listSql(ids)}`);
    },
    waiting() {
      return database.all<WaitingPushes>(
        sql`SELECT connection_id AS connectionId, count(*) AS pushes, sum(records) AS records,
              sum(length(body)) AS bytes
            FROM accepted_push GROUP BY connection_id ORDER BY min(id)`,
      );
    },
  };
}
