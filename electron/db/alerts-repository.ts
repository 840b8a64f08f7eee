import type { AlertQuery } from '../../shared/api/contract.ts';
import {
  type Alert,
  type AlertGrouping,
  type Occurrence,
  type OccurrenceHistogram,
  severities,
  severityRank,
} from '../../shared/domain/alert.ts';
import { type EntityKind, entityKinds } from '../../shared/domain/entity.ts';
import { bucketsOver } from '../../shared/domain/histogram.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { dayMs } from '../../shared/domain/time.ts';
import { freeTextsOf } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { createAlertActions } from './alert-actions.ts';
import { entityColumns, entityKey, shownTechniques, storedEntities } from './alert-fold.ts';
import { createGroupActions } from './alert-group-actions.ts';
import type { AlertGroups } from './alert-groups.ts';
import {
  addRoles,
  cameBack,
  createAlertIngest,
  EntityIds,
  linkEntities,
  RecentAlerts,
  readOccurrenceHead,
} from './alert-ingest.ts';
import { countSinceSplit, createAlertParts, partsInUse } from './alert-parts.ts';
import { type AlertLinks, type AlertRow, selectAlertRows, toAlert } from './alert-rows.ts';
import { allSteps, createAlertSearch, type Steps } from './alert-search.ts';
import { isOpenNow } from './alert-state-terms.ts';
import {
  type AlertState,
  type AlertStates,
  freshState,
  isHeld,
  isRejoined,
  laneOf,
  severityOf,
  splitStates,
} from './alert-states.ts';
import { AlertTexts } from './alert-texts.ts';
import { incidentWorse, snoozeMark } from './alert-worse.ts';
import { laneRank, mitigatedBit, mitigatedOf, roleBit, severityAt } from './enums.ts';
import { shortHash } from './ids.ts';
import type { RecordBlocks } from './record-blocks.ts';
import type { RecordIndex } from './record-index.ts';
import { found, type RepositoryTools, storedText } from './repository.ts';
import { listSql, type Sql, sql } from './sql.ts';
import type {
  AlertPage,
  AlertPageResult,
  AlertSelection,
  AlertsRepository,
  CustomersRepository,
  IncidentAlertInput,
  RecordSearch,
  ServicesRepository,
} from './store.ts';
import type { WatchedWords } from './watched-words.ts';

/** Characters of a raw record that are sent for display. */
const shownRawCharacters = 65_536;
/** Alerts that are looked through for the first ones of a service, and how many of these are given. */
const mostAlarmsRead = 5_000;
const mostAlarms = 5;
/** Alerts looked at for each shared entity: an address in a million alerts tells nothing more. */
const relatedPerEntity = 300;
/** Alerts whose lane is asked for at once when the newest actionable ones are looked for. */
const receivedAtOnce = 10_000;
/** Bars of the picture of an alert's occurrences at most, and how many of the newest occurrences it counts. */
const mostBuckets = 60;
const mostCounted = 500_000;
/** Words of one query that are looked for in raw records. */
const mostTexts = 8;
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

export function createAlertsRepository(
  tools: RepositoryTools,
  blocks: RecordBlocks,
  customers: CustomersRepository,
  services: ServicesRepository,
  analystName: () => string | null,
  states: AlertStates,
  groups: AlertGroups,
  records: RecordIndex,
  words: WatchedWords,
): AlertsRepository {
  const { database, nowMs, simulated } = tools;
  const recent = new RecentAlerts(database);
  const entityIds = new EntityIds(tools);
  const texts = new AlertTexts(database);
  const parts = createAlertParts(tools, blocks, entityIds, states);
  const groupActions = createGroupActions(database, states, groups, parts);
  const actions = createAlertActions(tools, states, groups, groupActions);
  const search = createAlertSearch(database, states, nowMs, analystName, groups, records);
  const ingest = createAlertIngest(
    tools,
    blocks,
    entityIds,
    texts,
    recent,
    states,
    customers,
    services,
    actions.note,
    (sequence, more) => groups.counted(sequence, more),
    words,
  );

  const many = (rest: Sql): Alert[] =>
    database
      .all<AlertRow>(sql`${selectAlertRows} ${rest}`)
      .map((row) => toAlert(row, states.get(row.sequence), linksOf(row.sequence)));
  const idOf = (sequence: number): string =>
    database.get<{ readonly id: string }>(sql`SELECT id FROM alert WHERE sequence = ${sequence}`)?.id ?? '';

  function linksOf(sequence: number): AlertLinks {
    const state = states.get(sequence);
    const parent = groups.parentOf(sequence);
    const standing = groups.standingOf(sequence);
    const isSplit = state.split === splitStates.split || state.split === splitStates.grown;
    const part =
      state.split === splitStates.part || state.split === splitStates.rejoined
        ? parts.partOf(sequence)
        : null;
    return {
      parentId: parent === null ? null : idOf(parent),
      merged: standing === null ? null : { ...standing, severity: severityAt(standing.severity) },
      split: isSplit
        ? {
            parts: partsInUse(database, states, sequence).length,
            since: countSinceSplit(database, states, sequence),
          }
        : null,
      partOf: part === null ? null : { id: part.id, label: part.label },
    };
  }

  /** Those that are there, in the order asked. */
  function bySequences(sequences: readonly number[]): Alert[] {
    if (sequences.length === 0) return [];
    const byNumber = new Map(
      many(sql`WHERE sequence IN ${listSql(sequences)}`).map((alert) => [alert.sequence, alert]),
    );
    return sequences.flatMap((sequence) => byNumber.get(sequence) ?? []);
  }
  const get = (id: string): Alert | null => many(sql`WHERE alert.id = ${id}`)[0] ?? null;
  const number = (statement: Sql): number => database.get<{ readonly n: number | null }>(statement)?.n ?? 0;
  const latestSequence = () => number(sql`SELECT max(sequence) AS n FROM alert`);

  /** Numbers of the alerts that were selected, rising. */
  function* selectInSteps(selection: AlertSelection): Steps<Uint32Array> {
    if (selection.by === 'sequences') return selection.sequences;
    if (selection.by === 'query') {
      return yield* search.list(selection.query, selection.upToSequence, selection.everything);
    }
    return Uint32Array.from(
      database.numbers(
        sql`SELECT sequence FROM alert WHERE id IN (SELECT value FROM json_each(${JSON.stringify(selection.ids)}))
            ORDER BY sequence`,
      ),
    );
  }

  const isPart = (sequence: number): boolean => {
    const { split } = states.get(sequence);
    return split === splitStates.part || split === splitStates.rejoined;
  };
  /** Whether it called somebody by itself: parts did not. */
  const calledActionable = (state: AlertState): boolean =>
    laneOf(state) === laneRank('actionable') &&
    !isHeld(state) &&
    state.split !== splitStates.part &&
    state.split !== splitStates.rejoined;

  const incidentAlertId = (incidentId: string) => `al_${shortHash(`incident\0${incidentId}`)}`;

  function linkAll(sequence: number, input: IncidentAlertInput): void {
    const links = storedEntities(input.entities).flatMap((entity) => [
      entityIds.idOf(entity),
      sequence,
      roleBit(entity.role),
    ]);
    database.insertMany(linkEntities, 3, links, addRoles);
  }

  function upsertIncidentAlert(
    input: IncidentAlertInput,
    receivedMs: number,
  ): ReturnType<AlertsRepository['upsertIncidentAlert']> {
    return database.transaction(() => {
      entityIds.begin();
      texts.begin();
      const id = incidentAlertId(input.incidentId);
      const before = database.get<AlertRow>(sql`${selectAlertRows} WHERE alert.id = ${id}`);
      const unique = new Map(storedEntities(input.entities).map((entity) => [entityKey(entity), entity]));
      const content = {
        title: storedText(input.title, 1000),
        why: storedText(input.why, 4000),
        ...entityColumns(unique.values()),
        techniques: JSON.stringify(shownTechniques(new Set(input.techniques))),
        signalIds: JSON.stringify(input.signalIds),
        lane: laneRank(input.lane),
        severity: severityRank(input.severity),
        mask: mitigatedBit(input.mitigated),
        firstMs: Math.round(input.firstSeenMs),
        lastMs: Math.round(input.lastSeenMs),
      };
      const sameTexts = before?.title === content.title && before.why === content.why;
      const { titleId, whyId } = sameTexts
        ? { titleId: before.title_id, whyId: before.why_id }
        : texts.idsOf(content);
      if (before === undefined) {
        const sequence = database.run(
          sql`INSERT INTO alert (id, source_id, source_kind, customer_id, service_id, mitigated_mask, source_state,
                first_seen_ms, last_seen_ms, received_ms, count, simulated, voice_ms, voice_identity, title_id, why_id,
                entities, lead, techniques, signal_ids)
              VALUES (${id}, 'detection', 'detection', ${input.customerId}, ${input.serviceId}, ${content.mask},
                ${input.state}, ${content.firstMs}, ${content.lastMs}, ${receivedMs}, ${input.count},
                ${simulated ? 1 : 0}, ${content.lastMs}, '', ${titleId}, ${whyId}, ${content.entities},
                ${content.lead}, ${content.techniques}, ${content.signalIds})`,
        ).lastRowId;
        states.set(sequence, freshState(content.lane, content.severity));
        linkAll(sequence, input);
        return { alert: found(get(id), 'alert', id), change: 'created' as const };
      }
      const state = states.get(before.sequence);
      const same =
        sameTexts &&
        before.entities === content.entities &&
        before.techniques === content.techniques &&
        before.signal_ids === content.signalIds &&
        state.laneSeen === content.lane &&
        state.severitySeen === content.severity &&
        before.mitigated_mask === content.mask &&
        before.source_state === input.state &&
        before.first_seen_ms === content.firstMs &&
        before.last_seen_ms === content.lastMs &&
        before.count === input.count &&
        before.customer_id === input.customerId &&
        before.service_id === input.serviceId;
      if (same) return { alert: toAlert(before, state, linksOf(before.sequence)), change: 'none' as const };
      // As for sources: what got worse than what a person closed or snoozed comes back.
      const worse = incidentWorse(
        { row: before, state },
        { ...content, mitigatedMask: content.mask, count: input.count, sourceState: input.state },
      );
      const back = worse !== null;
      if (back) actions.note(before.sequence, 'Watchfloor', worse);
      const mark = snoozeMark({ row: before, state: back ? { ...state, ...cameBack(state) } : state });
      states.set(before.sequence, {
        ...state,
        laneSeen: content.lane,
        severitySeen: content.severity,
        ...(back ? cameBack(state) : {}),
      });
      database.run(
        sql`UPDATE alert SET customer_id = ${input.customerId}, service_id = ${input.serviceId},
              mitigated_mask = ${content.mask}, source_state = ${input.state},
              first_seen_ms = ${content.firstMs}, last_seen_ms = ${content.lastMs}, count = ${input.count},
              voice_ms = ${content.lastMs}, title_id = ${titleId}, why_id = ${whyId},
              entities = ${content.entities}, lead = ${content.lead}, techniques = ${content.techniques},
              signal_ids = ${content.signalIds}, snoozed_count = ${mark.snoozed_count},
              snoozed_for_ms = ${mark.snoozed_for_ms}
            WHERE sequence = ${before.sequence}`,
      );
      texts.release(before, content);
      linkAll(before.sequence, input);
      groups.counted(before.sequence, input.count - before.count);
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
      const { title, entities } = readOccurrenceHead(head);
      return { title, entities, raw: body };
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
    return bySequences(best);
  }

  function alarmsSince(
    sinceMs: number,
    { customerId, serviceId }: { readonly customerId: string; readonly serviceId: string },
  ): { readonly name: string; readonly atMs: number }[] {
    return database.all<{ readonly name: string; readonly atMs: number }>(
      sql`SELECT text AS name, first_seen_ms AS atMs FROM
            (SELECT * FROM alert WHERE received_ms >= ${sinceMs} ORDER BY received_ms, sequence LIMIT ${mostAlarmsRead})
            JOIN alert_title ON alert_title.id = title_id
          WHERE source_kind <> 'detection' AND customer_id = ${customerId}
            AND (service_id IS NULL OR service_id = ${serviceId}) AND first_seen_ms >= ${sinceMs}
          ORDER BY first_seen_ms LIMIT ${mostAlarms}`,
    );
  }

  function newestOccurrences(alertId: string, limit: number): OccurrenceRow[] {
    const columns = sql`identity, occurrence.occurred_ms, occurrence.received_ms, mitigated, block_id, block_offset, block_length`;
    const sequence = number(sql`SELECT sequence AS n FROM alert WHERE id = ${alertId}`);
    return database.all<OccurrenceRow>(
      isPart(sequence)
        ? sql`SELECT ${columns} FROM alert_part_occurrence AS part JOIN occurrence ON occurrence.id = occurrence_id
              WHERE part.alert_sequence = ${sequence}
              ORDER BY part.occurred_ms DESC, occurrence_id DESC LIMIT ${limit}`
        : sql`SELECT ${columns} FROM occurrence WHERE alert_sequence = ${sequence}
              ORDER BY occurred_ms DESC, id DESC LIMIT ${limit}`,
    );
  }

  function grouping(alertId: string): AlertGrouping | null {
    const [row] = newestOccurrences(alertId, 1);
    if (row === undefined) return null;
    try {
      const { head } = blocks.read({
        blockId: row.block_id,
        offset: row.block_offset,
        length: row.block_length,
      });
      const { key, windowMs } = readOccurrenceHead(head);
      if (key === null || windowMs === null) return null;
      const fromMs = windowMs > 0 ? Math.floor(row.occurred_ms / windowMs) * windowMs : null;
      return { key, windowMs, fromMs };
    } catch (thrown) {
      if (!(thrown instanceof WatchfloorError)) throw thrown;
      return null;
    }
  }

  function histogram(alertId: string): OccurrenceHistogram | null {
    const alert = database.get<Pick<AlertRow, 'sequence' | 'first_seen_ms' | 'last_seen_ms' | 'count'>>(
      sql`SELECT sequence, first_seen_ms, last_seen_ms, count FROM alert WHERE id = ${alertId}`,
    );
    if (alert === undefined) return null;
    const newest = sql`SELECT occurred_ms
      FROM ${isPart(alert.sequence) ? sql`alert_part_occurrence` : sql`occurrence`} WHERE alert_sequence = ${alert.sequence}
      ORDER BY occurred_ms DESC LIMIT ${mostCounted}`;
    const span = database.get<{ readonly first: number | null; readonly last: number; readonly n: number }>(
      sql`SELECT min(occurred_ms) AS first, max(occurred_ms) AS last, count(*) AS n FROM (${newest})`,
    );
    if (span === undefined || span.first === null) return null;
    const { fromMs, bucketMs, buckets } = bucketsOver(span.first, span.last, mostBuckets);
    const counts = new Array<number>(buckets).fill(0);
    const rows = database.all<{ readonly bucket: number; readonly n: number }>(
      sql`SELECT CAST((occurred_ms - ${fromMs}) / ${bucketMs} AS INTEGER) AS bucket, count(*) AS n FROM (${newest}) GROUP BY 1`,
    );
    for (const { bucket, n } of rows) counts[bucket] = n;
    return { fromMs, bucketMs, counts, leftOut: Math.max(0, alert.count - span.n) };
  }

  function* queryInSteps(query: AlertQuery, page: AlertPage): Steps<AlertPageResult> {
    const upToSequence = page.upToSequence ?? latestSequence();
    const { sequences, ...found } = yield* search.page(query, {
      ...page,
      upToSequence,
      countsNewer: page.upToSequence !== null,
    });
    return { rows: bySequences(sequences), upToSequence, ...found };
  }

  const countInSteps = (query: AlertQuery, upToSequence = Number.MAX_SAFE_INTEGER) =>
    search.count(query, upToSequence);

  function* searchRecordsInSteps(text: string): Steps<RecordSearch> {
    const texts = freeTextsOf(parseAlertQuery(text).node).slice(0, mostTexts);
    const looked: RecordSearch[] = [];
    for (const one of texts) {
      const { sequences, isWhole, backToMs } = yield* records.find(one);
      looked.push({ alerts: sequences.size, isWhole, backToMs });
    }
    const partly = looked.filter((one) => !one.isWhole);
    return {
      alerts: looked.reduce((sum, one) => sum + one.alerts, 0),
      isWhole: partly.length === 0,
      // The text of which the least was looked through decides what can be said of all.
      backToMs: partly.length === 0 ? null : Math.max(...partly.map((one) => one.backToMs ?? 0)),
    };
  }

  return {
    ingest,
    searchRecordsInSteps,
    indexRecordsInSteps: () => records.catchUp(),
    alarmsSince,
    grouping,
    histogram,
    upsertIncidentAlert,
    queryInSteps,
    query: (query, page) => database.reading(() => allSteps(queryInSteps(query, page))),
    countInSteps,
    count: (query, upToSequence) => database.reading(() => allSteps(countInSteps(query, upToSequence))),
    get,
    getMany(ids) {
      const byId = new Map(
        many(sql`WHERE alert.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`).map((alert) => [
          alert.id,
          alert,
        ]),
      );
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    selectInSteps,
    severityCounts(sequences) {
      const ofState = new Uint32Array(states.counts().length);
      const { ids } = states;
      for (const sequence of sequences) {
        const id = ids[sequence] ?? 0;
        ofState[id] = (ofState[id] ?? 0) + 1;
      }
      const counts = new Array<number>(severities.length).fill(0);
      for (const [id, count] of ofState.entries()) {
        if (id === 0 || count === 0) continue;
        const severity = severityOf(states.stateAt(id));
        counts[severity] = (counts[severity] ?? 0) + count;
      }
      return counts;
    },
    withMembers: (sequences) => groups.withMembers(sequences),
    getBySequence: bySequences,
    *each() {
      // In pages: a statement left half read would hold the whole log back.
      let after = 0;
      for (;;) {
        const page = many(sql`WHERE sequence > ${after} ORDER BY sequence LIMIT 500`);
        const last = page.at(-1);
        if (last === undefined) return;
        yield* page.filter((alert) => !isRejoined(states.get(alert.sequence)));
        after = last.sequence;
      }
    },
    occurrences(alertId, limit) {
      return newestOccurrences(alertId, limit).map((row): Occurrence => {
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
    occurrenceTimes: (alertId, limit) =>
      newestOccurrences(alertId, limit).map(({ occurred_ms: occurredMs, received_ms: receivedMs }) => ({
        occurredMs,
        receivedMs,
      })),
    related,
    history(alertId) {
      const sequence = number(sql`SELECT sequence AS n FROM alert WHERE id = ${alertId}`);
      return database.all<{ readonly timeMs: number; readonly actor: string; readonly sentence: string }>(
        sql`SELECT time_ms AS timeMs, actor, sentence FROM alert_action
            WHERE id IN (SELECT value FROM json_each(${JSON.stringify(states.actionsOn(sequence))})) ORDER BY id`,
      );
    },
    members(alertId, limit) {
      const members = groups
        .membersOf(number(sql`SELECT sequence AS n FROM alert WHERE id = ${alertId}`))
        .filter((sequence) => !isRejoined(states.get(sequence)));
      return { rows: bySequences(members.slice(0, limit)), total: members.length };
    },
    parts(alertId) {
      const sequence = number(sql`SELECT sequence AS n FROM alert WHERE id = ${alertId}`);
      return bySequences(partsInUse(database, states, parts.partOf(sequence)?.whole ?? sequence)).sort(
        (left, right) => left.firstSeenMs - right.firstSeenMs || left.sequence - right.sequence,
      );
    },
    withLeaders(alertIds) {
      if (groups.parents.size === 0) return [...alertIds];
      const leaders = database
        .numbers(
          sql`SELECT sequence FROM alert WHERE id IN (SELECT value FROM json_each(${JSON.stringify(alertIds)}))`,
        )
        .flatMap((sequence) => [...groups.leadersOf(sequence)]);
      return [...new Set([...alertIds, ...[...new Set(leaders)].map(idOf)])];
    },
    previewSplit(alertId, by) {
      const alert = found(
        database.get<AlertRow>(sql`${selectAlertRows} WHERE alert.id = ${alertId}`),
        'alert',
        alertId,
      );
      const problem = groupActions.splitProblem(alert.sequence);
      if (problem !== null) return { parts: [], problem };
      return {
        parts: parts.plan(alert, by).map(({ part, rows }) => ({
          label: part.label,
          count: rows.length,
          firstMs: rows[0]?.occurred_ms ?? 0,
          lastMs: rows.at(-1)?.occurred_ms ?? 0,
        })),
        problem: null,
      };
    },
    entityCount({ kind, value }, most) {
      return number(
        sql`SELECT count(*) AS n FROM (SELECT 1 FROM alert_entity
            WHERE entity_id = (SELECT id FROM entity WHERE kind = ${kind} AND value = ${value}) LIMIT ${most})`,
      );
    },
    act: (selection, action, actor) => actions.act(() => allSteps(selectInSteps(selection)), action, actor),
    undoable: (limit) => actions.undoable(limit),
    undo: (undoId, actor) => actions.undo(undoId, actor),
    linkCase: (alertIds, caseId, actor) =>
      actions.linkCase(() => allSteps(selectInSteps({ by: 'ids', ids: alertIds })), caseId, actor),
    wakeDue: () => actions.wakeDue(),
    mendStates() {
      database.transaction(() => {
        states.mend();
        // Links of which a damaged database kept one half must hide nothing.
        for (const sequence of groups.inRings()) {
          states.set(sequence, { ...states.get(sequence), parent: null });
        }
        groupActions.settle(states.find((state) => state.split === splitStates.split));
      });
    },
    openCounts() {
      const now = nowMs();
      const open = { actionable: 0, informational: 0 };
      for (const [id, count] of states.counts().entries()) {
        const state = states.stateAt(id);
        if (id === 0 || !isOpenNow(state, now)) continue;
        if (laneOf(state) === laneRank('actionable')) open.actionable += count;
        else open.informational += count;
      }
      // As in the queue: what another row stands for is no row.
      const { ids } = states;
      const openStates = states.which((state) => isOpenNow(state, now));
      const isOpen = (sequence: number) => openStates[ids[sequence] ?? 0] === 1;
      for (const sequence of groups.mergedUnder(isOpen)) {
        if (!isOpen(sequence)) continue;
        if (laneOf(states.get(sequence)) === laneRank('actionable')) open.actionable -= 1;
        else open.informational -= 1;
      }
      return open;
    },
    latestSequence,
    actionableByDay(sinceMs) {
      const actionable = states.which(calledActionable);
      const { ids } = states;
      return database
        .all<{ readonly customerId: string | null; readonly dayMs: number; readonly sequences: string }>(
          sql`SELECT customer_id AS customerId, received_ms - received_ms % ${dayMs} AS dayMs,
                json_group_array(sequence) AS sequences
              FROM alert INDEXED BY alert_by_received WHERE received_ms >= ${sinceMs} GROUP BY 1, 2`,
        )
        .flatMap(({ customerId, dayMs: day, sequences }) => {
          const received: number[] = JSON.parse(sequences);
          const count = received.filter((sequence) => actionable[ids[sequence] ?? 0] === 1).length;
          return count === 0 ? [] : [{ customerId, dayMs: day, count }];
        });
    },
    actionableSince(sinceMs, customerId, limit) {
      const ofCustomer = customerId === null ? sql`` : sql`AND customer_id = ${customerId}`;
      const actionable = states.which(calledActionable);
      const { ids } = states;
      const newest: number[] = [];
      for (let offset = 0; newest.length < limit; offset += receivedAtOnce) {
        const received = database.numbers(
          sql`SELECT sequence FROM alert INDEXED BY alert_by_received WHERE received_ms >= ${sinceMs} ${ofCustomer}
              ORDER BY received_ms DESC, sequence DESC LIMIT ${receivedAtOnce} OFFSET ${offset}`,
        );
        newest.push(...received.filter((sequence) => actionable[ids[sequence] ?? 0] === 1));
        if (received.length < receivedAtOnce) break;
      }
      return many(
        sql`WHERE sequence IN ${listSql(newest.slice(0, limit))} ORDER BY received_ms DESC, sequence DESC`,
      );
    },
  };
}
