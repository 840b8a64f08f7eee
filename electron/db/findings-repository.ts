import { mostLessons } from '../../shared/domain/lesson.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import type { AlertStates } from './alert-states.ts';
import type { RepositoryTools } from './repository.ts';
import { listSql, type Sql, sql } from './sql.ts';
import type { FindingsRepository, IncidentRow, IncidentsRepository } from './store.ts';

/** Findings given by `history` at most. */
const mostHistory = 500;
/** Findings given by `deviations` at most. */
const mostDeviations = 5_000;

export function createFindingsRepository({ database }: RepositoryTools): FindingsRepository {
  const many = (rest: Sql): Finding[] =>
    database
      .all<{ readonly body: string }>(sql`SELECT body FROM finding ${rest}`)
      .map((row) => JSON.parse(row.body));
  return {
    upsert(finding) {
      const body = JSON.stringify(finding);
      database.run(
        sql`INSERT INTO finding (id, signal_id, state, start_ms, end_ms, body)
            VALUES (${finding.id}, ${finding.signalId}, ${finding.state}, ${Math.round(finding.startMs)},
              ${finding.endMs === null ? null : Math.round(finding.endMs)}, ${body})
            ON CONFLICT (id) DO UPDATE SET signal_id = excluded.signal_id, state = excluded.state,
              start_ms = excluded.start_ms, end_ms = excluded.end_ms, body = excluded.body`,
      );
    },
    get: (id) => many(sql`WHERE id = ${id}`)[0] ?? null,
    list({ fromMs, toMs, signalId }) {
      const ofSignal = signalId === null ? sql`` : sql`AND signal_id = ${signalId}`;
      return many(
        sql`WHERE start_ms <= ${toMs} AND (end_ms IS NULL OR end_ms >= ${fromMs}) ${ofSignal} ORDER BY start_ms`,
      );
    },
    open: () => many(sql`WHERE state = 'open' ORDER BY start_ms`),
    history(signalIds, sinceMs) {
      const where = sql`WHERE signal_id IN ${listSql(signalIds)} AND start_ms >= ${sinceMs}`;
      const counted = database.get<{ readonly count: number }>(
        sql`SELECT count(*) AS count FROM finding ${where}`,
      );
      return {
        count: counted?.count ?? 0,
        findings: many(sql`${where} ORDER BY start_ms DESC LIMIT ${mostHistory}`),
      };
    },
    deviations(signalIds, sinceMs) {
      const findings = many(
        sql`WHERE signal_id IN ${listSql(signalIds)} AND start_ms >= ${sinceMs}
              AND body ->> 'kind' = 'deviation' AND body ->> 'lane' = 'actionable'
            ORDER BY start_ms DESC LIMIT ${mostDeviations + 1}`,
      );
      return { findings: findings.slice(0, mostDeviations), isExact: findings.length <= mostDeviations };
    },
    forAlert: (alertId) =>
      many(
        sql`WHERE id IN (SELECT json_each.value FROM incident, json_each(incident.finding_ids)
              WHERE incident.alert_id = ${alertId}) ORDER BY start_ms`,
      ),
  };
}

interface StoredIncident {
  readonly id: string;
  readonly service_id: string;
  readonly alert_id: string | null;
  readonly opened_ms: number;
  readonly closed_ms: number | null;
  readonly finding_ids: string;
  readonly state: string;
}

export function createIncidentsRepository(
  { database }: RepositoryTools,
  states: AlertStates,
): IncidentsRepository {
  const many = (rest: Sql): IncidentRow[] =>
    database.all<StoredIncident>(sql`SELECT * FROM incident ${rest}`).map((row) => ({
      id: row.id,
      serviceId: row.service_id,
      alertId: row.alert_id,
      openedMs: row.opened_ms,
      closedMs: row.closed_ms,
      findingIds: JSON.parse(row.finding_ids),
      state: JSON.parse(row.state),
    }));
  return {
    save(incident) {
      database.run(
        sql`INSERT INTO incident (id, service_id, alert_id, opened_ms, closed_ms, finding_ids, state)
            VALUES (${incident.id}, ${incident.serviceId}, ${incident.alertId}, ${Math.round(incident.openedMs)},
              ${incident.closedMs === null ? null : Math.round(incident.closedMs)},
              ${JSON.stringify(incident.findingIds)}, ${JSON.stringify(incident.state ?? null)})
            ON CONFLICT (id) DO UPDATE SET service_id = excluded.service_id, alert_id = excluded.alert_id,
              opened_ms = excluded.opened_ms, closed_ms = excluded.closed_ms,
              finding_ids = excluded.finding_ids, state = excluded.state`,
      );
    },
    get: (id) => many(sql`WHERE id = ${id}`)[0] ?? null,
    open: () => many(sql`WHERE closed_ms IS NULL ORDER BY opened_ms`),
    forAlert: (alertId) => many(sql`WHERE alert_id = ${alertId} ORDER BY opened_ms DESC LIMIT 1`)[0] ?? null,
    judged(serviceId) {
      const ofService = serviceId === null ? sql`1` : sql`incident.service_id = ${serviceId}`;
      return database
        .all<{ readonly id: string; readonly sequence: number }>(
          sql`SELECT alert.id, alert.sequence FROM incident JOIN alert ON alert.id = incident.alert_id
              WHERE ${ofService} ORDER BY incident.opened_ms DESC`,
        )
        .flatMap(({ id, sequence }) => {
          const { disposition } = states.get(sequence);
          return disposition === 'false-positive' || disposition === 'benign-positive'
            ? [{ alertId: id, disposition }]
            : [];
        })
        .slice(0, mostLessons);
    },
  };
}
