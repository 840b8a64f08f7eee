import type { UnmappedWord } from '../../shared/domain/connection.ts';
import { found, type RepositoryTools, storedText } from './repository.ts';
import { sql } from './sql.ts';
import type { ConnectionCounters, ConnectionGap, ConnectionsRepository, StoredConnection } from './store.ts';

interface ConnectionRow {
  readonly id: string;
  readonly role: 'source' | 'target';
  readonly kind: string;
  readonly name: string;
  readonly customer_id: string | null;
  readonly enabled: number;
  readonly settings: string;
  readonly simulated: number;
}

interface StateRow {
  readonly cursor: string | null;
  readonly events_received: number;
  readonly records_rejected: number;
  readonly last_rejection: string | null;
  readonly last_success_ms: number | null;
  readonly newest_record_ms: number | null;
  readonly unmapped: string;
}

/** Words kept of one connection that nothing is mapped for. */
const mostUnmapped = 50;
/** Gaps kept of one connection. */
const mostGaps = 50;

export function createConnectionsRepository({
  database,
  newId,
  simulated,
}: RepositoryTools): ConnectionsRepository {
  const select = sql`SELECT id, role, kind, name, customer_id, enabled, settings, simulated
    FROM connection WHERE removed = 0`;
  const toConnection = (row: ConnectionRow): StoredConnection => ({
    id: row.id,
    role: row.role,
    kind: row.kind,
    name: row.name,
    customerId: row.customer_id,
    enabled: row.enabled === 1,
    settings: JSON.parse(row.settings),
    simulated: row.simulated === 1,
  });
  const get = (id: string): StoredConnection | null => {
    const row = database.get<ConnectionRow>(sql`${select} AND id = ${id}`);
    return row === undefined ? null : toConnection(row);
  };
  const stateOf = (id: string) =>
    database.get<StateRow>(sql`SELECT * FROM connection_state WHERE connection_id = ${id}`);

  return {
    list(role) {
      const which = role === undefined ? sql`` : sql`AND role = ${role}`;
      return database.all<ConnectionRow>(sql`${select} ${which} ORDER BY position`).map(toConnection);
    },
    get,
    save(connection) {
      const id = connection.id ?? newId('co');
      const isSimulated = connection.simulated ?? simulated;
      database.run(
        sql`INSERT INTO connection (id, role, kind, name, customer_id, enabled, settings, simulated)
            VALUES (${id}, ${connection.role}, ${connection.kind}, ${connection.name}, ${connection.customerId},
              ${connection.enabled ? 1 : 0}, ${JSON.stringify(connection.settings)}, ${isSimulated ? 1 : 0})
            ON CONFLICT (id) DO UPDATE SET role = excluded.role, kind = excluded.kind, name = excluded.name,
              customer_id = excluded.customer_id, enabled = excluded.enabled, settings = excluded.settings,
              removed = 0`,
      );
      return found(get(id), 'connection', id);
    },
    setEnabled(id, enabled) {
      database.run(sql`UPDATE connection SET enabled = ${enabled ? 1 : 0} WHERE id = ${id}`);
      return found(get(id), 'connection', id);
    },
    remove(id) {
      // Kept as a row, so that what it brought still has a name; its settings go.
      database.run(sql`UPDATE connection SET removed = 1, enabled = 0, settings = ${'{}'} WHERE id = ${id}`);
    },
    cursor(id) {
      const text = stateOf(id)?.cursor ?? null;
      return text === null ? null : JSON.parse(text);
    },
    setCursor(id, cursor) {
      const text = cursor === null ? null : JSON.stringify(cursor);
      database.run(
        sql`INSERT INTO connection_state (connection_id, cursor) VALUES (${id}, ${text})
            ON CONFLICT (connection_id) DO UPDATE SET cursor = excluded.cursor`,
      );
    },
    counters(id): ConnectionCounters {
      const row = stateOf(id);
      return {
        eventsReceived: row?.events_received ?? 0,
        recordsRejected: row?.records_rejected ?? 0,
        lastRejection: row?.last_rejection ?? null,
        lastSuccessMs: row?.last_success_ms ?? null,
        newestRecordMs: row?.newest_record_ms ?? null,
        unmapped: JSON.parse(row?.unmapped ?? '[]'),
      };
    },
    count(id, more) {
      const rejection = more.lastRejection === undefined ? null : storedText(more.lastRejection, 2000);
      database.run(
        sql`INSERT INTO connection_state (connection_id, events_received, records_rejected, last_rejection,
              last_success_ms, newest_record_ms)
            VALUES (${id}, ${more.events ?? 0}, ${more.rejected ?? 0}, ${rejection},
              ${more.successMs ?? null}, ${more.newestRecordMs ?? null})
            ON CONFLICT (connection_id) DO UPDATE SET
              events_received = events_received + excluded.events_received,
              records_rejected = records_rejected + excluded.records_rejected,
              last_rejection = coalesce(excluded.last_rejection, last_rejection),
              last_success_ms = coalesce(excluded.last_success_ms, last_success_ms),
              newest_record_ms = max(coalesce(excluded.newest_record_ms, newest_record_ms),
                coalesce(newest_record_ms, excluded.newest_record_ms))`,
      );
    },
    addUnmapped(id, words) {
      if (words.length === 0) return;
      const before: UnmappedWord[] = JSON.parse(stateOf(id)?.unmapped ?? '[]');
      const fresh = words.filter(
        ({ key, word }) => !before.some((known) => known.key === key && known.word === word),
      );
      if (fresh.length === 0) return;
      // The newest are those that somebody wonders about.
      const unmapped = JSON.stringify([...before, ...fresh].slice(-mostUnmapped));
      database.run(
        sql`INSERT INTO connection_state (connection_id, unmapped) VALUES (${id}, ${unmapped})
            ON CONFLICT (connection_id) DO UPDATE SET unmapped = excluded.unmapped`,
      );
    },
    gaps(id) {
      return database.all<ConnectionGap>(
        sql`SELECT from_ms AS fromMs, to_ms AS toMs, reason FROM connection_gap
            WHERE connection_id = ${id} ORDER BY id DESC LIMIT ${mostGaps}`,
      );
    },
    addGap(id, gap) {
      database.transaction(() => {
        database.run(
          sql`INSERT INTO connection_gap (connection_id, from_ms, to_ms, reason)
              VALUES (${id}, ${Math.round(gap.fromMs)}, ${Math.round(gap.toMs)}, ${storedText(gap.reason, 500)})`,
        );
        database.run(
          sql`DELETE FROM connection_gap WHERE connection_id = ${id} AND id NOT IN (
                SELECT id FROM connection_gap WHERE connection_id = ${id} ORDER BY id DESC LIMIT ${mostGaps})`,
        );
      });
    },
  };
}
