import type { Analyst } from '../../shared/domain/customer.ts';
import { found, type RepositoryTools } from './repository.ts';
import { sql } from './sql.ts';
import type { WritersRepository } from './store.ts';

const currentAnalystKey = 'current-analyst';

/**
 * @param incarnation changes with every restore or copy of the data directory: a writer id minted for another one
 *   is never used again, so that two copies can never write into one chain
 */
export function createWritersRepository(
  { database, nowMs, newId }: RepositoryTools,
  incarnation: string,
): WritersRepository {
  const analystOf = (id: string): Analyst | null =>
    database.get<Analyst>(sql`SELECT id, name, public_key AS publicKey FROM analyst WHERE id = ${id}`) ??
    null;
  return {
    analysts: () =>
      database.all<Analyst>(sql`SELECT id, name, public_key AS publicKey FROM analyst ORDER BY position`),
    saveAnalyst(analyst) {
      database.run(
        sql`INSERT INTO analyst (id, name, public_key) VALUES (${analyst.id}, ${analyst.name}, ${analyst.publicKey})
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, public_key = excluded.public_key`,
      );
    },
    currentAnalyst() {
      const row = database.get<{ readonly value: string }>(
        sql`SELECT value FROM setting WHERE key = ${currentAnalystKey}`,
      );
      const id: unknown = row === undefined ? null : JSON.parse(row.value);
      return typeof id === 'string' ? analystOf(id) : null;
    },
    setCurrentAnalyst(id) {
      found(analystOf(id), 'analyst', id);
      database.run(
        sql`INSERT INTO setting (key, value) VALUES (${currentAnalystKey}, ${JSON.stringify(id)})
            ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      );
    },
    writerId(analystId) {
      return database.transaction(() => {
        const analyst = found(analystOf(analystId), 'analyst', analystId);
        // A changed key is a new writer too: a chain is verified with one key.
        const known = database.get<{ readonly id: string }>(
          sql`SELECT id FROM writer WHERE analyst_id = ${analystId} AND incarnation = ${incarnation}
                AND public_key = ${analyst.publicKey}`,
        );
        if (known !== undefined) return known.id;
        const id = newId('wr');
        database.run(
          sql`INSERT INTO writer (id, analyst_id, name, public_key, incarnation, minted_ms)
              VALUES (${id}, ${analystId}, ${analyst.name}, ${analyst.publicKey}, ${incarnation}, ${nowMs()})`,
        );
        return id;
      });
    },
    knownKeys: () =>
      database
        .all<{ readonly public_key: string }>(
          sql`SELECT public_key FROM writer UNION SELECT public_key FROM foreign_writer`,
        )
        .map((row) => row.public_key),
  };
}
