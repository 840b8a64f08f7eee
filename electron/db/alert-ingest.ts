import { asnOfEntity, countryOfEntity } from '../../shared/domain/enrichment.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import type { OccurrenceInput } from '../sources/source.ts';
import {
  type AlertFold,
  addEntity,
  addToFold,
  type Belonging,
  entityColumns,
  shownTechniques,
  startFold,
  storedEntities,
  storedTime,
} from './alert-fold.ts';
import type { AlertGroups } from './alert-groups.ts';
import { type AlertRow, selectAlertRows } from './alert-rows.ts';
import { type AlertState, type AlertStates, freshState, splitStates } from './alert-states.ts';
import { type AlertTexts, CommittedNumbers } from './alert-texts.ts';
import { occurrencesWorse, type SnoozeMark, snoozeMark } from './alert-worse.ts';
import { unassignedCustomerName } from './customers-repository.ts';
import { mitigatedBit, roleBit, statusRank } from './enums.ts';
import { correlationNumber, shortHash, shortHashBytes } from './ids.ts';
import type { RecordBlocks } from './record-blocks.ts';
import { type RepositoryTools, storedText } from './repository.ts';
import { type Sql, type SqlDatabase, type SqlValue, sql } from './sql.ts';
import type { AlertIngestResult, CustomersRepository, ServicesRepository } from './store.ts';
import type { WatchedWords } from './watched-words.ts';

/** Characters of one raw record that are kept. */
const mostRawCharacters = 1_048_576;
const recordOf = ({ raw }: OccurrenceInput): string => raw.slice(0, mostRawCharacters);
/** Characters of a deduplication key that are kept to be shown; its hash is of all of it. */
const mostKeyCharacters = 1000;
const entitiesInMemory = 50_000;

/** The alert that an occurrence belongs to: source, key and fixed UTC window decide, and nothing else. */
export function alertIdOf(sourceId: string, occurrence: OccurrenceInput, occurredMs: number): string {
  const windowMs = Number.isFinite(occurrence.windowMs) ? Math.max(0, Math.round(occurrence.windowMs)) : 0;
  const window = windowMs === 0 ? 0 : Math.floor(occurredMs / windowMs);
  return `al_${shortHash(`${sourceId}\0${windowMs}\0${window}\0${occurrence.deduplicationKey}`)}`;
}

/** Identity of a record among all sources, 128 bits. */
export function identityOf(sourceId: string, identity: string): Buffer {
  return shortHashBytes(`${sourceId}\0${identity}`);
}

/** What is stored of an occurrence beside its narrow row: read back by `readOccurrenceHead`. */
function occurrenceHead(occurrence: OccurrenceInput, entities: readonly Entity[]): string {
  // JSON text has no line break of its own.
  return JSON.stringify([
    storedText(occurrence.title, 1000),
    entities,
    storedText(occurrence.deduplicationKey, mostKeyCharacters),
    occurrence.windowMs,
  ]);
}

/** `key` and `windowMs` decide which alert it belongs to; null for records of before these were kept. */
export function readOccurrenceHead(head: string): {
  readonly title: string;
  readonly entities: Entity[];
  readonly key: string | null;
  readonly windowMs: number | null;
} {
  const [title, entities, key, windowMs]: [string, Entity[], string?, number?] = JSON.parse(head);
  return { title, entities, key: key ?? null, windowMs: windowMs ?? null };
}

/** An occurrence with what decides where it belongs. */
interface Arrived {
  readonly occurrence: OccurrenceInput;
  readonly identity: Buffer;
  readonly alertId: string;
  readonly occurredMs: number;
}

interface Pending extends Arrived {
  readonly entities: readonly Entity[];
  readonly alert: Touched;
}

/** A few of a list, spread over it: enough to see whether a batch was read before. */
export function spread<T>(list: readonly T[]): readonly T[] {
  const step = Math.max(1, Math.floor(list.length / 7));
  return list.filter((_, index) => index % step === 0 || index === list.length - 1);
}

/** An alert that this batch adds to. */
interface Touched {
  readonly id: string;
  readonly before: AlertRow | null;
  /** The fold of `before` where it was still in memory. */
  readonly known: AlertFold | null;
  /** With what this batch adds; null until something does. */
  fold: AlertFold | null;
  /** Whether it changed in what suppressions judge it by, and whether it woke from its snooze. */
  isToJudge: boolean;
  woke: boolean;
  /** Of a new one: the number it gets if any of its occurrences turns out to be new. */
  readonly sequence: number;
}

function foldOf(row: AlertRow, state: AlertState): AlertFold {
  const entities = new Map<string, Entity[]>();
  const shown: Entity[] = JSON.parse(row.entities);
  for (const entity of shown) addEntity(entities, entity);
  const techniques: string[] = JSON.parse(row.techniques);
  return {
    lane: state.laneSeen,
    severity: state.severitySeen,
    mitigatedMask: row.mitigated_mask,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    count: row.count,
    voiceMs: row.voice_ms,
    voiceIdentity: row.voice_identity,
    title: row.title,
    why: row.why,
    sourceState: row.source_state,
    customerId: row.customer_id,
    serviceId: row.service_id,
    entities,
    freshEntities: [],
    lastEntities: [],
    techniques: new Set(techniques),
  };
}

/** What changes of an alert that comes back to whoever closed or snoozed it. */
export function cameBack(state: AlertState): Pick<AlertState, 'status' | 'disposition' | 'snoozedUntilMs'> {
  return {
    status: state.status === statusRank('closed') ? statusRank('new') : state.status,
    disposition: null,
    snoozedUntilMs: null,
  };
}

/** Writes a note into the history of an alert that no undo takes back. */
export type WriteHistory = (sequence: number, actor: string, sentence: string) => void;

/** Ids of entities, made where they are new. */
export class EntityIds {
  readonly #tools: RepositoryTools;
  readonly #numbers: CommittedNumbers;

  constructor(tools: RepositoryTools) {
    this.#tools = tools;
    this.#numbers = new CommittedNumbers(tools.database, entitiesInMemory);
  }

  idOf(entity: Entity): number {
    const { database, enrichment } = this.#tools;
    const key = `${entity.kind} ${entity.value}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const stored = database
      .prepare<{ readonly id: number }>(sql`SELECT id FROM entity WHERE kind = ? AND value = ?`)
      .get(entity.kind, entity.value);
    const id =
      stored?.id ??
      database
        .prepare(sql`INSERT INTO entity (kind, value, asn, country) VALUES (?, ?, ?, ?)`)
        .run(
          entity.kind,
          entity.value,
          asnOfEntity(entity, enrichment.originOf),
          countryOfEntity(entity, enrichment.originOf),
        ).lastRowId;
    this.#numbers.set(key, id);
    return id;
  }

  /** Called at the start of every batch. */
  begin(): void {
    this.#numbers.begin();
  }
}

const insertAlerts: Sql = sql`INSERT OR FAIL INTO alert (sequence, id, source_id, source_kind, customer_id, service_id,
  mitigated_mask, source_state, first_seen_ms, last_seen_ms, received_ms, count, simulated, voice_ms, voice_identity,
  title_id, why_id, entities, lead, techniques, signal_ids)`;
const alertColumns = 21;

/** Links entities to alerts; one that is linked already may play one part more. */
export const linkEntities: Sql = sql`INSERT INTO alert_entity (entity_id, alert_sequence, roles)`;
export const addRoles: Sql = sql`ON CONFLICT DO UPDATE SET roles = roles | excluded.roles`;

/** Alerts kept in memory between batches; a flood adds to the same few all the time. */
const alertsInMemory = 4_000;
/** One with more entities is read anew: it would cost more memory than time. */
const mostEntitiesInMemory = 200;

/** What of a row only some occurrences change. */
type Words = Pick<
  AlertRow,
  | 'customer_id'
  | 'service_id'
  | 'source_state'
  | 'title'
  | 'title_id'
  | 'why'
  | 'why_id'
  | 'entities'
  | 'lead'
  | 'techniques'
>;

interface Remembered {
  readonly row: AlertRow;
  readonly fold: AlertFold;
}

/**
 * Rows of alerts as the last batches left them, so that the next need not read them. Taking one out removes it; it
 * comes back only once its transaction has committed. Nobody but ingest writes what it reads of the rows
 * of alerts that sources sent.
 */
export class RecentAlerts {
  readonly #database: SqlDatabase;
  #known = new Map<string, Remembered>();

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  take(id: string): Remembered | null {
    const known = this.#known.get(id) ?? null;
    if (known !== null) this.#known.delete(id);
    return known;
  }

  /** Within the transaction that wrote them. */
  rememberAfterCommit(written: ReadonlyMap<string, Remembered>): void {
    this.#database.afterCommit(() => {
      for (const [id, alert] of written) this.#known.set(id, alert);
      for (const id of this.#known.keys()) {
        if (this.#known.size <= alertsInMemory) break;
        this.#known.delete(id);
      }
    });
  }
}

export function createAlertIngest(
  tools: RepositoryTools,
  blocks: RecordBlocks,
  entityIds: EntityIds,
  texts: AlertTexts,
  recent: RecentAlerts,
  states: AlertStates,
  customers: CustomersRepository,
  services: ServicesRepository,
  writeHistory: WriteHistory,
  counted: AlertGroups['counted'],
  words: WatchedWords,
) {
  const { database, simulated } = tools;
  const selectAlert = database.prepare<AlertRow>(sql`${selectAlertRows} WHERE alert.id = ?`);
  const isThere = database.prepare(sql`SELECT 1 FROM occurrence WHERE identity = ?`);
  const maxOccurrence = database.prepare<{ readonly id: number | null }>(
    sql`SELECT max(id) AS id FROM occurrence`,
  );
  const maxAlert = database.prepare<{ readonly sequence: number | null }>(
    sql`SELECT max(sequence) AS sequence FROM alert`,
  );
  const updateAlert = database.prepare(
    sql`UPDATE alert SET customer_id = ?, service_id = ?, mitigated_mask = ?, source_state = ?, first_seen_ms = ?,
          last_seen_ms = ?, count = ?, voice_ms = ?, voice_identity = ?, title_id = ?, why_id = ?, entities = ?,
          lead = ?, techniques = ?
        WHERE sequence = ?`,
  );
  /** Most occurrences only say: once more. */
  const updateCounts = database.prepare(
    sql`UPDATE alert SET mitigated_mask = ?, first_seen_ms = ?, last_seen_ms = ?, count = ?, voice_ms = ?,
          voice_identity = ? WHERE sequence = ?`,
  );

  const updateSnooze = database.prepare(
    sql`UPDATE alert SET snoozed_count = ?, snoozed_for_ms = ? WHERE sequence = ?`,
  );

  /** Names of customers and services as ids, each asked once a batch. */
  function createBelongings(defaultCustomerId: string | null) {
    const known = new Map<string, Belonging>();
    return (customerName: string | null, serviceName: string | null): Belonging => {
      const key = JSON.stringify([customerName, serviceName]);
      const before = known.get(key);
      if (before !== undefined) return before;
      const needsCustomer = customerName !== null || serviceName !== null;
      const customerId =
        customerName === null && defaultCustomerId !== null
          ? defaultCustomerId
          : needsCustomer
            ? customers.findOrCreateByName(customerName ?? unassignedCustomerName).id
            : null;
      const serviceId =
        customerId === null || serviceName === null
          ? null
          : services.findOrCreateByName(customerId, serviceName).id;
      const belonging = { customerId, serviceId };
      known.set(key, belonging);
      return belonging;
    };
  }

  /**
   * Leaves out what is stored already, where a look at a few says that this was read before. What is missed here
   * the unique index finds; it is only dearer.
   */
  function withoutKnown(arrived: readonly Arrived[]): readonly Arrived[] {
    const isKnown = ({ identity }: Arrived) => isThere.get(identity) !== undefined;
    return spread(arrived).some(isKnown) ? arrived.filter((one) => !isKnown(one)) : arrived;
  }

  /** Stores what is new of these and gives it back; `alerts` gets every alert that may be touched. */
  function storeOccurrences(
    arrived: readonly Arrived[],
    alerts: Map<string, Touched>,
    receivedMs: number,
  ): readonly Pending[] {
    if (arrived.length === 0) return [];
    let nextSequence = (maxAlert.get()?.sequence ?? 0) + 1;
    const pending = arrived.map((one): Pending => {
      let alert = alerts.get(one.alertId);
      if (alert === undefined) {
        const known = recent.take(one.alertId);
        const before = known?.row ?? selectAlert.get(one.alertId) ?? null;
        alert = {
          id: one.alertId,
          before,
          known: known?.fold ?? null,
          fold: null,
          isToJudge: true,
          woke: false,
          sequence: before?.sequence ?? nextSequence,
        };
        if (before === null) nextSequence += 1;
        alerts.set(one.alertId, alert);
      }
      return { ...one, alert, entities: storedEntities(one.occurrence.entities) };
    });
    const firstId = (maxOccurrence.get()?.id ?? 0) + 1;
    const places = blocks.write(
      'occurrence',
      pending.map(({ occurrence, entities }) => ({
        head: occurrenceHead(occurrence, entities),
        body: recordOf(occurrence),
      })),
      firstId,
    );
    const rows: SqlValue[] = [];
    for (const [index, { occurrence, identity, occurredMs, alert }] of pending.entries()) {
      const place = places[index];
      if (place === undefined) continue;
      rows.push(
        firstId + index,
        identity,
        alert.sequence,
        occurredMs,
        receivedMs,
        mitigatedBit(occurrence.mitigated),
        occurrence.correlationKey === null ? null : correlationNumber(occurrence.correlationKey),
        place.blockId,
        place.offset,
        place.length,
      );
    }
    const inserted = database.insertMany(
      sql`INSERT OR IGNORE INTO occurrence (id, identity, alert_sequence, occurred_ms, received_ms, mitigated,
            correlation, block_id, block_offset, block_length)`,
      10,
      rows,
    );
    if (inserted === pending.length) return pending;
    const stored = new Set(
      database
        .all<{ readonly id: number }>(sql`SELECT id FROM occurrence WHERE id >= ${firstId}`)
        .map((row) => row.id),
    );
    return pending.filter((_, index) => stored.has(firstId + index));
  }

  /** The row as it was written: all that ingest reads of it. */
  function after(before: AlertRow, fold: AlertFold, mark: SnoozeMark, words: Words): AlertRow {
    return {
      ...before,
      ...words,
      snoozed_count: mark.snoozed_count,
      snoozed_for_ms: mark.snoozed_for_ms,
      mitigated_mask: fold.mitigatedMask,
      first_seen_ms: fold.firstSeenMs,
      last_seen_ms: fold.lastSeenMs,
      count: fold.count,
      voice_ms: fold.voiceMs,
      voice_identity: fold.voiceIdentity,
    };
  }

  /**
   * Writes what the fold made of an alert and gives the row back. The values of a new one go to `fresh`, to be written
   * with the others, and most of these never come again: it has none.
   */
  function writeAlert(
    touched: Touched,
    source: { readonly id: string; readonly kind: string },
    receivedMs: number,
    fresh: SqlValue[],
  ): AlertRow | null {
    const { fold, before } = touched;
    if (fold === null) return null;
    const { entities, lead } =
      before !== null && fold.freshEntities.length === 0
        ? before
        : entityColumns([...fold.entities.values()].flat());
    const techniques = JSON.stringify(shownTechniques(fold.techniques));
    if (before === null) {
      const { titleId, whyId } = texts.idsOf(fold);
      fresh.push(
        touched.sequence,
        touched.id,
        source.id,
        source.kind,
        fold.customerId,
        fold.serviceId,
        fold.mitigatedMask,
        fold.sourceState,
        fold.firstSeenMs,
        fold.lastSeenMs,
        receivedMs,
        fold.count,
        simulated ? 1 : 0,
        fold.voiceMs,
        fold.voiceIdentity,
        titleId,
        whyId,
        entities,
        lead,
        techniques,
        '[]',
      );
      states.set(touched.sequence, freshState(fold.lane, fold.severity));
      return null;
    }
    const state = states.get(before.sequence);
    const worse = occurrencesWorse({ row: before, state }, fold);
    const back = worse !== null;
    if (back) writeHistory(before.sequence, 'Watchfloor', worse);
    touched.woke = back && state.snoozedUntilMs !== null;
    const mark = snoozeMark({ row: before, state: back ? { ...state, ...cameBack(state) } : state });
    if (mark.snoozed_for_ms !== before.snoozed_for_ms) {
      updateSnooze.run(mark.snoozed_count, mark.snoozed_for_ms, before.sequence);
    }
    // What came after it was split is told by none of its parts.
    const grew = state.split === splitStates.split;
    if (back || grew || fold.severity !== state.severitySeen || fold.lane !== state.laneSeen) {
      states.set(before.sequence, {
        ...state,
        split: grew ? splitStates.grown : state.split,
        laneSeen: fold.lane,
        severitySeen: fold.severity,
        ...(back ? cameBack(state) : {}),
      });
    }
    counted(before.sequence, fold.count - before.count);
    const sameWords =
      fold.title === before.title &&
      fold.why === before.why &&
      fold.sourceState === before.source_state &&
      fold.customerId === before.customer_id &&
      fold.serviceId === before.service_id &&
      entities === before.entities &&
      techniques === before.techniques;
    touched.isToJudge =
      back ||
      !sameWords ||
      fold.mitigatedMask !== before.mitigated_mask ||
      fold.severity !== state.severitySeen ||
      fold.lane !== state.laneSeen ||
      state.suppressed !== 0;
    if (sameWords) {
      updateCounts.run(
        fold.mitigatedMask,
        fold.firstSeenMs,
        fold.lastSeenMs,
        fold.count,
        fold.voiceMs,
        fold.voiceIdentity,
        before.sequence,
      );
      return after(before, fold, mark, before);
    }
    const { titleId, whyId } = texts.idsOf(fold);
    updateAlert.run(
      fold.customerId,
      fold.serviceId,
      fold.mitigatedMask,
      fold.sourceState,
      fold.firstSeenMs,
      fold.lastSeenMs,
      fold.count,
      fold.voiceMs,
      fold.voiceIdentity,
      titleId,
      whyId,
      entities,
      lead,
      techniques,
      before.sequence,
    );
    return after(before, fold, mark, {
      customer_id: fold.customerId,
      service_id: fold.serviceId,
      source_state: fold.sourceState,
      title: fold.title,
      title_id: titleId,
      why: fold.why,
      why_id: whyId,
      entities,
      lead,
      techniques,
    });
  }

  return function ingest(
    source: { readonly id: string; readonly kind: string; readonly customerId: string | null },
    occurrences: readonly OccurrenceInput[],
    receivedMs: number,
  ): AlertIngestResult {
    return database.joined(() => {
      entityIds.begin();
      texts.begin();
      const alertIds = new Set<string>();
      const arrived: Arrived[] = [];
      for (const occurrence of occurrences) {
        const occurredMs = storedTime(occurrence.occurredMs, receivedMs);
        const alertId = alertIdOf(source.id, occurrence, occurredMs);
        alertIds.add(alertId);
        const identity = identityOf(source.id, occurrence.identity);
        arrived.push({ occurrence, identity, alertId, occurredMs });
      }
      const alerts = new Map<string, Touched>();
      const fresh = storeOccurrences(withoutKnown(arrived), alerts, receivedMs);

      const belongingOf = createBelongings(source.customerId);
      for (const { occurrence, identity, occurredMs, entities, alert } of fresh) {
        const belonging = belongingOf(occurrence.customerName, occurrence.serviceName);
        alert.fold ??=
          alert.known ?? (alert.before === null ? null : foldOf(alert.before, states.get(alert.sequence)));
        if (alert.fold === null) {
          alert.fold = startFold(occurrence, identity, occurredMs, entities, belonging);
        } else {
          addToFold(alert.fold, occurrence, identity, occurredMs, entities, belonging);
        }
      }
      const touched = [...alerts.values()].filter((alert) => alert.fold !== null);
      const links: SqlValue[] = [];
      const freshAlerts: SqlValue[] = [];
      const written = new Map<string, Remembered>();
      for (const alert of touched) {
        const row = writeAlert(alert, source, receivedMs, freshAlerts);
        for (const entity of alert.fold?.freshEntities ?? []) {
          links.push(entityIds.idOf(entity), alert.sequence, roleBit(entity.role));
        }
        if (row !== null && alert.fold !== null && alert.fold.entities.size <= mostEntitiesInMemory) {
          alert.fold.freshEntities = [];
          written.set(alert.id, { row, fold: alert.fold });
        }
      }
      for (const { alert, occurrence } of fresh) {
        if (words.look(alert.sequence, recordOf(occurrence))) alert.isToJudge = true;
      }
      recent.rememberAfterCommit(written);
      database.insertMany(insertAlerts, alertColumns, freshAlerts);
      // Only now: a new alert may have a text that another one gave up.
      for (const { before, fold } of touched) {
        if (before === null || fold === null) continue;
        texts.release(before, fold);
      }
      database.insertMany(linkEntities, 3, links, addRoles);
      return {
        alertIds: [...alertIds],
        newAlertIds: touched.filter((alert) => alert.before === null).map((alert) => alert.id),
        changedAlertIds: touched.map((alert) => alert.id),
        toJudgeIds: touched.filter((alert) => alert.isToJudge).map((alert) => alert.id),
        wokenAlertIds: touched.filter((alert) => alert.woke).map((alert) => alert.id),
        newOccurrences: fresh.length,
      };
    });
  };
}
