import type { AlertQuery } from '../../shared/api/contract.ts';
import { type Alert, type Occurrence, severityRank } from '../../shared/domain/alert.ts';
import { asksForDone, describeProblems, parseAlertQuery } from '../../shared/domain/alert-query.ts';
import { type EntityKind, entityKinds } from '../../shared/domain/entity.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { dayMs } from '../../shared/domain/time.ts';
import { createAlertActions } from './alert-actions.ts';
import { entityKey, shownEntities, shownTechniques, storedEntities } from './alert-fold.ts';
import { createAlertIngest, EntityIds, RecentAlerts, readOccurrenceHead } from './alert-ingest.ts';
import { alertQuerySql } from './alert-query-sql.ts';
import { type AlertRow, toAlert } from './alert-rows.ts';
import { laneRank, mitigatedBit, mitigatedOf, severityAt, statusRank } from './enums.ts';
import { shortHash } from './ids.ts';
import type { RecordBlocks } from './record-blocks.ts';
import { found, type RepositoryTools, storedText } from './repository.ts';
import { joinSql, listSql, type Sql, sql } from './sql.ts';
import type {
  AlertSelection,
  AlertsRepository,
  CustomersRepository,
  IncidentAlertInput,
  ServicesRepository,
} from './store.ts';

/** Characters of a raw record that are sent for display. */
const shownRawCharacters = 65_536;
/** Alerts looked at for each shared entity: an address in a million alerts tells nothing more. */
/** Alerts that are looked through for the first ones of a service, and how many of these are given. */
const mostAlarmsRead = 5_000;
const mostAlarms = 5;
const relatedPerEntity = 300;
/** Kinds that half of all alerts share. */
const commonKinds: ReadonlySet<EntityKind> = new Set<EntityKind>(['country', 'port']);
const tellingKinds = entityKinds.filter((kind) => !commonKinds.has(kind));

interface OccurrenceRow {
  readonly identity: Buffer;
  readonly occurred_ms: number;
  readonly received_ms: number;
  readonly mitigated: number;
  readonly block_id: number;
  readonly block_offset: number;
  readonly block_length: number;
}

/** A query as SQL: its condition on `alert`, its order, and whether only open alerts can match. */
interface Compiled {
  readonly where: Sql;
  readonly order: Sql;
  readonly openOnly: boolean;
  readonly problem: string | null;
}

export function createAlertsRepository(
  tools: RepositoryTools,
  blocks: RecordBlocks,
  customers: CustomersRepository,
  services: ServicesRepository,
  analystName: () => string | null,
): AlertsRepository {
  const { database, nowMs, simulated } = tools;
  const recent = new RecentAlerts(database);
  const actions = createAlertActions(tools, () => recent.forget());
  const entityIds = new EntityIds(tools);
  const ingest = createAlertIngest(tools, blocks, entityIds, recent, customers, services, actions.note);

  const many = (rest: Sql): Alert[] => database.all<AlertRow>(sql`SELECT * FROM alert ${rest}`).map(toAlert);
  const get = (id: string): Alert | null => many(sql`WHERE id = ${id}`)[0] ?? null;
  const number = (statement: Sql): number => database.get<{ readonly n: number | null }>(statement)?.n ?? 0;
  const latestSequence = () => number(sql`SELECT max(sequence) AS n FROM alert`);

  function compile(query: AlertQuery): Compiled {
    const parsed = parseAlertQuery(query.text);
    const asked = asksForDone(parsed.node);
    const openOnly = !query.includeDone && !asked.closed;
    const now = nowMs();
    const conditions: Sql[] = [
      // Written out, not bound: only then SQLite may use the index of open alerts.
      openOnly ? sql`alert.status < 3` : sql`1`,
    ];
    if (!query.includeDone && !asked.snoozed) {
      conditions.push(sql`(alert.snoozed_until_ms IS NULL OR alert.snoozed_until_ms <= ${now})`);
    }
    if (query.lane !== null) conditions.push(sql`alert.lane = ${laneRank(query.lane)}`);
    if (query.fromMs !== null) conditions.push(sql`alert.received_ms >= ${query.fromMs}`);
    if (query.toMs !== null) conditions.push(sql`alert.received_ms <= ${query.toMs}`);
    if (parsed.node !== null) {
      conditions.push(alertQuerySql(parsed.node, { nowMs: now, analystName: analystName() }));
    }
    const order = {
      received: sql`alert.sequence DESC`,
      'last-seen': sql`alert.last_seen_ms DESC, alert.sequence DESC`,
      severity: sql`alert.severity DESC, alert.sequence DESC`,
      count: sql`alert.count DESC, alert.sequence DESC`,
    }[query.sort];
    return {
      where: joinSql(conditions, sql` AND `),
      order,
      openOnly,
      problem: describeProblems(parsed.problems),
    };
  }

  /** Counting the open queue reads its narrow index alone. */
  const openTable = (compiled: Compiled) =>
    compiled.openOnly ? sql`alert INDEXED BY alert_open` : sql`alert`;

  const countWhere = (compiled: Compiled, more: Sql) =>
    number(sql`SELECT count(*) AS n FROM ${openTable(compiled)} WHERE ${compiled.where} ${more}`);

  function selectionSql(selection: AlertSelection): Sql {
    if (selection.by === 'ids')
      return sql`id IN (SELECT value FROM json_each(${JSON.stringify(selection.ids)}))`;
    const compiled = compile(selection.query);
    return sql`${compiled.where} AND sequence <= ${selection.upToSequence}`;
  }

  const incidentAlertId = (incidentId: string) => `al_${shortHash(`incident\0${incidentId}`)}`;

  function linkEntities(sequence: number, input: IncidentAlertInput): void {
    for (const entity of storedEntities(input.entities)) {
      database.run(
        sql`INSERT OR IGNORE INTO alert_entity (entity_id, alert_sequence)
            VALUES (${entityIds.idOf(entity)}, ${sequence})`,
      );
    }
  }

  function upsertIncidentAlert(
    input: IncidentAlertInput,
    receivedMs: number,
  ): { alert: Alert; change: 'created' | 'returned' | 'changed' | 'none' } {
    return database.transaction(() => {
      entityIds.begin();
      const id = incidentAlertId(input.incidentId);
      const before = database.get<AlertRow>(sql`SELECT * FROM alert WHERE id = ${id}`);
      const unique = new Map(storedEntities(input.entities).map((entity) => [entityKey(entity), entity]));
      const content = {
        title: storedText(input.title, 1000),
        why: storedText(input.why, 4000),
        entities: JSON.stringify(shownEntities(unique.values())),
        techniques: JSON.stringify(shownTechniques(new Set(input.techniques))),
        signalIds: JSON.stringify(input.signalIds),
        lane: laneRank(input.lane),
        severity: severityRank(input.severity),
        mask: mitigatedBit(input.mitigated),
        firstMs: Math.round(input.firstSeenMs),
        lastMs: Math.round(input.lastSeenMs),
      };
      if (before === undefined) {
        const sequence = database.run(
          sql`INSERT INTO alert (id, source_id, source_kind, customer_id, service_id, lane, lane_seen, status,
                severity, severity_seen, mitigated_mask, source_state, first_seen_ms, last_seen_ms, received_ms,
                count, simulated, voice_ms, voice_identity, title, why, entities, techniques, signal_ids)
              VALUES (${id}, 'detection', 'detection', ${input.customerId}, ${input.serviceId}, ${content.lane},
                ${content.lane}, 0, ${content.severity}, ${content.severity}, ${content.mask}, ${input.state},
                ${content.firstMs}, ${content.lastMs}, ${receivedMs}, ${input.count}, ${simulated ? 1 : 0},
                ${content.lastMs}, '', ${content.title}, ${content.why}, ${content.entities},
                ${content.techniques}, ${content.signalIds})`,
        ).lastRowId;
        linkEntities(sequence, input);
        return { alert: found(get(id), 'alert', id), change: 'created' as const };
      }
      const same =
        before.title === content.title &&
        before.why === content.why &&
        before.entities === content.entities &&
        before.techniques === content.techniques &&
        before.signal_ids === content.signalIds &&
        before.lane_seen === content.lane &&
        before.severity_seen === content.severity &&
        before.mitigated_mask === content.mask &&
        before.source_state === input.state &&
        before.first_seen_ms === content.firstMs &&
        before.last_seen_ms === content.lastMs &&
        before.count === input.count &&
        before.customer_id === input.customerId &&
        before.service_id === input.serviceId;
      if (same) return { alert: toAlert(before), change: 'none' as const };
      // As for sources: what got worse than what a person closed or snoozed comes back, and so does what had ended and
      // begins again, unless that person judged it to be nothing.
      const quiet = before.status === statusRank('closed') || before.snoozed_until_ms !== null;
      const isNothing = before.disposition === 'false-positive' || before.disposition === 'benign-positive';
      const beginsAgain =
        input.lane === 'actionable' && before.source_state === 'resolved' && input.state === 'firing';
      const worse =
        content.severity > before.severity_seen
          ? `its severity rose to ${severityAt(content.severity)}`
          : beginsAgain && !isNothing
            ? 'it had ended and begins again'
            : null;
      const back = quiet && worse !== null;
      if (back) actions.note([before.sequence], 'Watchfloor', `Came back: ${worse}`);
      const status = back && before.status === statusRank('closed') ? statusRank('new') : before.status;
      database.run(
        sql`UPDATE alert SET customer_id = ${input.customerId}, service_id = ${input.serviceId},
              lane = ${before.lane_set ?? content.lane}, lane_seen = ${content.lane}, status = ${status},
              disposition = ${back ? null : before.disposition},
              snoozed_until_ms = ${back ? null : before.snoozed_until_ms},
              severity = ${before.severity_set ?? content.severity}, severity_seen = ${content.severity},
              mitigated_mask = ${content.mask}, source_state = ${input.state},
              first_seen_ms = ${content.firstMs}, last_seen_ms = ${content.lastMs}, count = ${input.count},
              voice_ms = ${content.lastMs}, title = ${content.title}, why = ${content.why},
              entities = ${content.entities}, techniques = ${content.techniques},
              signal_ids = ${content.signalIds}
            WHERE sequence = ${before.sequence}`,
      );
      linkEntities(before.sequence, input);
      return {
        alert: found(get(id), 'alert', id),
        change: back ? ('returned' as const) : ('changed' as const),
      };
    });
  }

  /** What a damaged database lost of an occurrence must not hide the rest of its alert. */
  function readRecord(row: OccurrenceRow): { title: string; entities: Occurrence['entities']; raw: string } {
    try {
      const { head, body } = blocks.read({
        blockId: row.block_id,
        offset: row.block_offset,
        length: row.block_length,
      });
      return { ...readOccurrenceHead(head), raw: body };
    } catch (thrown) {
      if (!(thrown instanceof WatchfloorError)) throw thrown;
      return { title: 'Not readable', entities: [], raw: `${thrown.message} ${thrown.details ?? ''}` };
    }
  }

  function related(alertId: string, limit: number): Alert[] {
    const shared = new Map<number, number>();
    const entities = database.all<{ readonly entity_id: number; readonly sequence: number }>(
      sql`SELECT DISTINCT entity.id AS entity_id, alert.sequence FROM alert, json_each(alert.entities) AS one
          JOIN entity ON entity.kind = one.value ->> 'kind' AND entity.value = one.value ->> 'value'
          WHERE alert.id = ${alertId} AND entity.kind IN ${listSql(tellingKinds)}`,
    );
    const others = database.prepare<{ readonly alert_sequence: number }>(
      sql`SELECT alert_sequence FROM alert_entity WHERE entity_id = ? ORDER BY alert_sequence DESC LIMIT ?`,
    );
    for (const { entity_id, sequence } of entities) {
      for (const { alert_sequence } of others.all(entity_id, relatedPerEntity)) {
        if (alert_sequence === sequence) continue;
        shared.set(alert_sequence, (shared.get(alert_sequence) ?? 0) + 1);
      }
    }
    const best = [...shared]
      .sort(([leftAlert, left], [rightAlert, right]) => right - left || rightAlert - leftAlert)
      .slice(0, limit)
      .map(([sequence]) => sequence);
    const bySequence = new Map(
      many(sql`WHERE sequence IN ${listSql(best)}`).map((alert) => [alert.sequence, alert]),
    );
    return best.flatMap((sequence) => bySequence.get(sequence) ?? []);
  }

  function alarmsSince(
    sinceMs: number,
    { customerId, serviceId }: { readonly customerId: string; readonly serviceId: string },
  ): { readonly name: string; readonly atMs: number }[] {
    return database.all<{ readonly name: string; readonly atMs: number }>(
      sql`SELECT title AS name, first_seen_ms AS atMs FROM
            (SELECT * FROM alert WHERE received_ms >= ${sinceMs} ORDER BY received_ms, sequence LIMIT ${mostAlarmsRead})
          WHERE source_kind <> 'detection' AND customer_id = ${customerId}
            AND (service_id IS NULL OR service_id = ${serviceId}) AND first_seen_ms >= ${sinceMs}
          ORDER BY first_seen_ms LIMIT ${mostAlarms}`,
    );
  }

  return {
    ingest,
    alarmsSince,
    upsertIncidentAlert,
    query(query, page) {
      const compiled = compile(query);
      const upToSequence = page.upToSequence ?? latestSequence();
      const frozen = sql`AND alert.sequence <= ${upToSequence}`;
      // Sorted by what the narrow index holds, rows are found there first and only the page's are read.
      const narrow = query.sort === 'received' || query.sort === 'severity';
      const table = narrow ? openTable(compiled) : sql`alert`;
      const rows = database.all<{ readonly sequence: number }>(
        sql`SELECT alert.sequence FROM ${table} WHERE ${compiled.where} ${frozen} ORDER BY ${compiled.order}
            LIMIT ${page.limit} OFFSET ${page.offset}`,
      );
      const bySequence = new Map(
        many(sql`WHERE sequence IN ${listSql(rows.map((row) => row.sequence))}`).map((alert) => [
          alert.sequence,
          alert,
        ]),
      );
      return {
        rows: rows.flatMap((row) => bySequence.get(row.sequence) ?? []),
        total: countWhere(compiled, frozen),
        upToSequence,
        newer:
          page.upToSequence === null
            ? 0
            : countWhere(compiled, sql`AND alert.sequence > ${page.upToSequence}`),
        problem: compiled.problem,
      };
    },
    count: (query) => countWhere(compile(query), sql``),
    get,
    getMany(ids) {
      const byId = new Map(
        many(sql`WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`).map((alert) => [
          alert.id,
          alert,
        ]),
      );
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    *each() {
      // In pages: a statement left half read would hold the whole log back.
      let after = 0;
      for (;;) {
        const page = many(sql`WHERE sequence > ${after} ORDER BY sequence LIMIT 500`);
        const last = page.at(-1);
        if (last === undefined) return;
        yield* page;
        after = last.sequence;
      }
    },
    occurrences(alertId, limit) {
      const rows = database.all<OccurrenceRow>(
        sql`SELECT identity, occurred_ms, occurrence.received_ms, mitigated, block_id, block_offset, block_length
            FROM occurrence JOIN alert ON alert.sequence = occurrence.alert_sequence
            WHERE alert.id = ${alertId} ORDER BY occurred_ms DESC, occurrence.id DESC LIMIT ${limit}`,
      );
      return rows.map((row): Occurrence => {
        const record = readRecord(row);
        return {
          id: `oc_${row.identity.toString('hex')}`,
          alertId,
          occurredMs: row.occurred_ms,
          receivedMs: row.received_ms,
          title: record.title,
          mitigated: mitigatedOf(row.mitigated),
          entities: record.entities,
          raw: storedText(record.raw, shownRawCharacters),
        };
      });
    },
    related,
    history(alertId) {
      return database.all<{ readonly timeMs: number; readonly actor: string; readonly sentence: string }>(
        sql`SELECT time_ms AS timeMs, actor, sentence FROM alert_action
            JOIN alert_action_row ON alert_action_row.action_id = alert_action.id
            WHERE alert_sequence = (SELECT sequence FROM alert WHERE id = ${alertId})
            ORDER BY alert_action.id`,
      );
    },
    act: (selection, action, actor) => actions.act(selectionSql(selection), action, actor),
    undo: (undoId, actor) => actions.undo(undoId, actor),
    linkCase: (alertIds, caseId, actor) =>
      actions.linkCase(selectionSql({ by: 'ids', ids: alertIds }), caseId, actor),
    wakeDue: () => actions.wakeDue(),
    openCounts() {
      const rows = database.all<{ readonly lane: number; readonly n: number }>(
        sql`SELECT lane, count(*) AS n FROM alert INDEXED BY alert_open
            WHERE status < 3 AND (snoozed_until_ms IS NULL OR snoozed_until_ms <= ${nowMs()}) GROUP BY lane`,
      );
      const of = (rank: number) => rows.find((row) => row.lane === rank)?.n ?? 0;
      return { actionable: of(laneRank('actionable')), informational: of(laneRank('informational')) };
    },
    latestSequence,
    // The lane is written out, not bound: only then SQLite may use the index of actionable alerts.
    actionableByDay: (sinceMs) =>
      database.all<{ readonly customerId: string | null; readonly dayMs: number; readonly count: number }>(
        sql`SELECT customer_id AS customerId, received_ms - received_ms % ${dayMs} AS dayMs, count(*) AS count
            FROM alert INDEXED BY alert_actionable WHERE lane = 0 AND received_ms >= ${sinceMs} GROUP BY 1, 2`,
      ),
    actionableSince(sinceMs, customerId, limit) {
      const ofCustomer = customerId === null ? sql`` : sql`AND customer_id = ${customerId}`;
      return many(
        sql`INDEXED BY alert_actionable WHERE lane = 0 AND received_ms >= ${sinceMs} ${ofCustomer}
            ORDER BY received_ms DESC LIMIT ${limit}`,
      );
    },
  };
}
