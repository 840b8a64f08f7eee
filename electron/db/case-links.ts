import type { CaseEntry, CaseState, CaseSummary } from '../../shared/domain/case.ts';
import { toCaseEntry } from '../../shared/domain/case-entry.ts';
import type { EntityKind } from '../../shared/domain/entity.ts';
import type { SignedEntry } from '../../shared/domain/entry-chain.ts';
import { listSql, type SqlDatabase, sql } from './sql.ts';

type Observable = Pick<CaseState['observables'][number], 'id' | 'kind' | 'value'>;

/** Where else an observable was seen. */
export interface ObservableSeen {
  readonly observableId: string;
  /** In so many alerts; those above the bound are not counted. */
  readonly alerts: number;
  /** In so many other cases; likewise. */
  readonly cases: number;
  /** Of the oldest and newest alerts with it, and of the sightings in other cases; null where there are none. */
  readonly firstSeenMs: number | null;
  readonly lastSeenMs: number | null;
}

/** Another case with the observables that both have. */
export interface RelatedCase {
  readonly case: CaseSummary;
  readonly shared: { readonly kind: EntityKind; readonly value: string }[];
  /** More are shared than are named. */
  readonly sharedCount: number;
}

export interface CaseLinks {
  /** Keeps which observables a case has, in the running transaction. */
  write(state: CaseState): void;
  seen(caseId: string, observables: readonly Observable[]): ObservableSeen[];
  related(caseId: string, exceptIds: readonly string[], limit: number): RelatedCase[];
  /** The newest comments of any case that mention somebody and were not withdrawn. */
  mentions(name: string, limit: number): CaseEntry[];
}

/** Of one observable so many alerts and cases are counted, and of a case so many observables are looked at. */
const mostCounted = 1_000;
/** Of the alerts with an observable so many of the oldest and newest say when it was seen. */
const alertsRead = 50;
/** Named of what two cases share. */
const mostShared = 20;
/** Comments that are looked through for a mention. */
const mostComments = 2_000;
/** Half of all cases have these. */
const tellsNothing = ['country', 'port'];

const earliest = (...times: readonly (number | null | undefined)[]): number | null =>
  times.reduce<number | null>(
    (least, each) => (each == null || (least !== null && least <= each) ? least : each),
    null,
  );
const latest = (...times: readonly (number | null | undefined)[]): number | null =>
  times.reduce<number | null>(
    (most, each) => (each == null || (most !== null && most >= each) ? most : each),
    null,
  );

interface LinkRow {
  readonly kind: EntityKind;
  readonly value: string;
  readonly first_seen_ms: number | null;
  readonly last_seen_ms: number | null;
}

interface TimesRow {
  readonly n: number;
  readonly first_ms: number | null;
  readonly last_ms: number | null;
}

/** @param entriesOf reads entries, with their payloads, by their ids */
export function createCaseLinks(
  database: SqlDatabase,
  entriesOf: (ids: readonly string[]) => SignedEntry[],
): CaseLinks {
  const put = database.prepare(
    sql`INSERT INTO case_observable (kind, value, case_id, first_seen_ms, last_seen_ms) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (kind, value, case_id)
        DO UPDATE SET first_seen_ms = excluded.first_seen_ms, last_seen_ms = excluded.last_seen_ms`,
  );
  const remove = database.prepare(
    sql`DELETE FROM case_observable WHERE kind = ? AND value = ? AND case_id = ?`,
  );

  function linksOf(caseId: string): Map<string, LinkRow> {
    const rows = database.all<LinkRow>(
      sql`SELECT kind, value, first_seen_ms, last_seen_ms FROM case_observable WHERE case_id = ${caseId}`,
    );
    return new Map(rows.map((row) => [`${row.kind} ${row.value}`, row]));
  }

  /** Alerts with it: how many, and when the oldest and the newest of them were seen. */
  function inAlerts({ kind, value }: Observable): TimesRow | undefined {
    const entity = database.get<{ readonly id: number }>(
      sql`SELECT id FROM entity WHERE kind = ${kind} AND value = ${value}`,
    );
    if (entity === undefined) return undefined;
    return database.get<TimesRow>(
      sql`SELECT
            (SELECT count(*) FROM (SELECT 1 FROM alert_entity WHERE entity_id = ${entity.id} LIMIT ${mostCounted})) AS n,
            (SELECT min(first_seen_ms) FROM alert WHERE sequence IN
              (SELECT alert_sequence FROM alert_entity WHERE entity_id = ${entity.id}
               ORDER BY alert_sequence LIMIT ${alertsRead})) AS first_ms,
            (SELECT max(last_seen_ms) FROM alert WHERE sequence IN
              (SELECT alert_sequence FROM alert_entity WHERE entity_id = ${entity.id}
               ORDER BY alert_sequence DESC LIMIT ${alertsRead})) AS last_ms`,
    );
  }

  function inOtherCases(caseId: string, { kind, value }: Observable): TimesRow | undefined {
    return database.get<TimesRow>(
      sql`SELECT count(*) AS n, min(first_seen_ms) AS first_ms, max(last_seen_ms) AS last_ms FROM
            (SELECT first_seen_ms, last_seen_ms FROM case_observable
             WHERE kind = ${kind} AND value = ${value} AND case_id <> ${caseId} LIMIT ${mostCounted})`,
    );
  }

  return {
    write(state) {
      const before = linksOf(state.id);
      for (const { kind, value, sightings } of state.observables) {
        const key = `${kind} ${value}`;
        const known = before.get(key);
        before.delete(key);
        const firstMs = sightings[0]?.seenMs ?? null;
        const lastMs = sightings.at(-1)?.seenMs ?? null;
        if (known?.first_seen_ms === firstMs && known.last_seen_ms === lastMs) continue;
        put.run(kind, value, state.id, firstMs, lastMs);
      }
      for (const { kind, value } of before.values()) remove.run(kind, value, state.id);
    },
    seen(caseId, observables) {
      return observables.slice(0, mostCounted).map((observable) => {
        const alerts = inAlerts(observable);
        const cases = inOtherCases(caseId, observable);
        return {
          observableId: observable.id,
          alerts: alerts?.n ?? 0,
          cases: cases?.n ?? 0,
          firstSeenMs: earliest(alerts?.first_ms, cases?.first_ms),
          lastSeenMs: latest(alerts?.last_ms, cases?.last_ms),
        };
      });
    },
    related(caseId, exceptIds, limit) {
      const own = database.all<LinkRow>(
        sql`SELECT kind, value FROM case_observable
            WHERE case_id = ${caseId} AND kind NOT IN ${listSql(tellsNothing)} LIMIT ${mostCounted}`,
      );
      const except = new Set([caseId, ...exceptIds]);
      const shared = new Map<string, { kind: EntityKind; value: string }[]>();
      for (const { kind, value } of own) {
        const others = database.all<{ readonly case_id: string }>(
          sql`SELECT case_id FROM case_observable WHERE kind = ${kind} AND value = ${value} LIMIT ${mostCounted}`,
        );
        for (const { case_id: other } of others) {
          if (except.has(other)) continue;
          const list = shared.get(other) ?? [];
          shared.set(other, list);
          list.push({ kind, value });
        }
      }
      return [...shared]
        .sort(([leftId, left], [rightId, right]) => right.length - left.length || (leftId < rightId ? -1 : 1))
        .slice(0, limit)
        .flatMap(([id, list]): RelatedCase[] => {
          const row = database.get<{ readonly body: string }>(
            sql`SELECT body FROM case_summary WHERE id = ${id}`,
          );
          if (row === undefined) return [];
          return [
            { case: JSON.parse(row.body), shared: list.slice(0, mostShared), sharedCount: list.length },
          ];
        });
    },
    mentions(name, limit) {
      const ids = database
        .all<{ readonly id: string; readonly payload: string }>(
          sql`SELECT case_entry.id AS id, payload FROM case_entry INDEXED BY case_comment
              CROSS JOIN case_entry_payload ON entry_id = case_entry.id
              WHERE kind = 'comment-added' AND payload IS NOT NULL
              ORDER BY time_ms DESC LIMIT ${mostComments}`,
        )
        .filter(({ payload }) => {
          const said: unknown = JSON.parse(payload).mentions;
          return Array.isArray(said) && said.includes(name);
        })
        .slice(0, limit * 2)
        .map(({ id }) => id);
      if (ids.length === 0) return [];
      const gone = new Map<string, ReadonlySet<string>>();
      return entriesOf(ids)
        .map(toCaseEntry)
        .filter(({ id, caseId }) => {
          const withdrawn = gone.get(caseId) ?? withdrawnIn(caseId);
          gone.set(caseId, withdrawn);
          return !withdrawn.has(id);
        })
        .sort((left, right) => right.timeMs - left.timeMs)
        .slice(0, limit);
    },
  };

  /** Entries of a case that a withdrawal names, which is not withdrawn itself. */
  function withdrawnIn(caseId: string): ReadonlySet<string> {
    const rows = database.all<{ readonly id: string; readonly payload: string }>(
      sql`SELECT case_entry.id AS id, payload FROM case_entry INDEXED BY case_withdrawal
          CROSS JOIN case_entry_payload ON entry_id = case_entry.id
          WHERE case_id = ${caseId} AND kind = 'entry-withdrawn' AND payload IS NOT NULL
          ORDER BY clock DESC`,
    );
    const withdrawn = new Set<string>();
    for (const { id, payload } of rows) {
      if (withdrawn.has(id)) continue;
      const { entryId } = JSON.parse(payload);
      if (typeof entryId === 'string') withdrawn.add(entryId);
    }
    return withdrawn;
  }
}
