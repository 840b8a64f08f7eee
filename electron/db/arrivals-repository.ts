import {
  type ArrivalLine,
  mostRefs,
  payloadSuffix,
  type Workstation,
} from '../../shared/case-file/arrivals.ts';
import type { RepositoryTools } from './repository.ts';
import { listSql, type SqlDatabase, sql } from './sql.ts';
import type { ArrivalsRepository, SettingsRepository } from './store.ts';

const workstationKey = 'workstation';
/** Who writes where no person does. */
const nobodys = 'Watchfloor';

interface OwnSetting {
  readonly id: string;
  readonly incarnation: string;
}

function ownSetting(settings: SettingsRepository): OwnSetting | null {
  const value = settings.get(workstationKey);
  if (typeof value !== 'object' || value === null) return null;
  const { id, incarnation }: { id?: unknown; incarnation?: unknown } = value;
  return typeof id === 'string' && typeof incarnation === 'string' ? { id, incarnation } : null;
}

/**
 * Gives the data directory its id as a workstation: a new one after a copy or a restore, since two places would have
 * one log otherwise. What had arrived before that had arrived in both.
 */
export function settleWorkstation(
  database: SqlDatabase,
  settings: SettingsRepository,
  incarnation: string,
  newId: (prefix: string) => string,
): void {
  const known = ownSetting(settings);
  if (known?.incarnation === incarnation) return;
  database.transaction(() => {
    const id = newId('ws');
    settings.set(workstationKey, { id, incarnation });
    if (known !== null) {
      database.run(sql`UPDATE arrival SET workstation_id = ${id} WHERE workstation_id = ${known.id}`);
    }
  });
}

/** Notes what an import brings into this data directory; called within its transaction, before anything is merged. */
export function noteImported(database: SqlDatabase, workstationId: string, timeMs: number): void {
  database.run(
    sql`INSERT OR IGNORE INTO main.arrival (workstation_id, case_id, ref, time_ms)
        SELECT ${workstationId}, case_id, id, ${timeMs} FROM incoming.entry
        WHERE id NOT IN (SELECT id FROM main.case_entry)`,
  );
  database.run(
    sql`INSERT OR IGNORE INTO main.arrival (workstation_id, case_id, ref, time_ms)
        SELECT ${workstationId}, case_id, id || ${payloadSuffix}, ${timeMs} FROM incoming.entry
        WHERE payload IS NOT NULL AND id IN (SELECT id FROM main.case_entry)
          AND id NOT IN (SELECT entry_id FROM main.case_entry_payload)`,
  );
}

/** Takes over what a file tells of other workstations. What was told first stays; of this one nobody else tells. */
export function noteTold(database: SqlDatabase, workstationId: string): void {
  const told = database.all<{ readonly id: string; readonly name: string; readonly writers: string }>(
    sql`SELECT id, name, writers FROM incoming.workstation WHERE id <> ${workstationId}`,
  );
  for (const { id, name, writers } of told) {
    const known = database.get<{ readonly writers: string }>(
      sql`SELECT writers FROM main.workstation WHERE id = ${id}`,
    );
    const all = new Set<string>([...JSON.parse(known?.writers ?? '[]'), ...JSON.parse(writers)]);
    const text = JSON.stringify([...all].sort());
    database.run(
      sql`INSERT INTO main.workstation (id, name, writers) VALUES (${id}, ${name}, ${text})
          ON CONFLICT (id) DO UPDATE SET writers = excluded.writers`,
    );
  }
  database.run(
    sql`INSERT OR IGNORE INTO main.arrival (workstation_id, case_id, ref, time_ms)
        SELECT workstation_id, case_id, ref, time_ms FROM incoming.arrival
        WHERE workstation_id <> ${workstationId}`,
  );
}

export function createArrivalsRepository(
  { database }: Pick<RepositoryTools, 'database'>,
  settings: SettingsRepository,
): ArrivalsRepository {
  const ownId = () => ownSetting(settings)?.id ?? '';

  function ownName(): string {
    const row = database.get<{ readonly name: string }>(
      sql`SELECT name FROM analyst WHERE name <> ${nobodys} ORDER BY position LIMIT 1`,
    );
    return row?.name ?? nobodys;
  }

  return {
    ownId,
    workstations(writerIds) {
      const own = database.all<{ readonly id: string }>(sql`SELECT id FROM writer ORDER BY id`);
      const isIn = new Set(writerIds);
      const others = database
        .all<{ readonly id: string; readonly name: string; readonly writers: string }>(
          sql`SELECT id, name, writers FROM workstation`,
        )
        .map(({ id, name, writers }): Workstation => {
          const all: string[] = JSON.parse(writers);
          return { workstationId: id, name, writers: all.filter((each) => isIn.has(each)) };
        });
      const mine = own.map(({ id }) => id).filter((id) => isIn.has(id));
      return [{ workstationId: ownId(), name: ownName(), writers: mine }, ...others].sort((left, right) =>
        left.workstationId < right.workstationId ? -1 : 1,
      );
    },
    *of(caseIds) {
      const moments = database.all<{
        readonly workstation_id: string;
        readonly case_id: string;
        readonly time_ms: number;
      }>(
        sql`SELECT DISTINCT workstation_id, case_id, time_ms FROM arrival WHERE case_id IN ${listSql(caseIds)}
            ORDER BY workstation_id, case_id, time_ms`,
      );
      for (const { workstation_id: workstationId, case_id: caseId, time_ms: timeMs } of moments) {
        for (let last = ''; ; ) {
          const rows = database.all<{ readonly ref: string }>(
            sql`SELECT ref FROM arrival
                WHERE workstation_id = ${workstationId} AND case_id = ${caseId} AND ref > ${last}
                  AND time_ms = ${timeMs}
                ORDER BY ref LIMIT ${mostRefs}`,
          );
          if (rows.length === 0) break;
          const refs = rows.map(({ ref }) => ref);
          yield { caseId, refs, timeMs, workstationId } satisfies ArrivalLine;
          last = refs.at(-1) ?? '';
        }
      }
    },
  };
}
