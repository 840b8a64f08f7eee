import {
  mostSplitOccurrences,
  type SplitBy,
  type SplitOccurrence,
  type SplitPart,
  splitParts,
} from '../../shared/domain/alert-split.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { entityColumns, entityKey } from './alert-fold.ts';
import { addRoles, type EntityIds, linkEntities, readOccurrenceHead } from './alert-ingest.ts';
import type { AlertRow } from './alert-rows.ts';
import { type AlertStates, freshState, isRejoined, laneOf, severityOf, splitStates } from './alert-states.ts';
import { roleBit } from './enums.ts';
import { shortHash } from './ids.ts';
import type { RecordBlocks } from './record-blocks.ts';
import { type RepositoryTools, storedText } from './repository.ts';
import { listSql, type SqlDatabase, type SqlValue, sql } from './sql.ts';

/** Values of entities may be long, and several. */
const mostLabelCharacters = 300;

interface OccurrenceRow {
  readonly id: number;
  readonly identity: Buffer;
  readonly occurred_ms: number;
  readonly received_ms: number;
  readonly mitigated: number;
  readonly block_id: number;
  readonly block_offset: number;
  readonly block_length: number;
}

/** One part of a split that was not made yet. */
interface Planned {
  readonly id: string;
  readonly part: SplitPart;
  readonly rows: readonly OccurrenceRow[];
}

/** The numbers of an alert's parts, rising; those that went back to it are left out. */
export function partsInUse(database: SqlDatabase, states: AlertStates, whole: number): number[] {
  return database
    .numbers(sql`SELECT alert_sequence FROM alert_part WHERE whole = ${whole} ORDER BY alert_sequence`)
    .filter((sequence) => !isRejoined(states.get(sequence)));
}

/** How many occurrences of a split alert its parts do not tell. */
export function countSinceSplit(database: SqlDatabase, states: AlertStates, whole: number): number {
  const parts = partsInUse(database, states, whole);
  return (
    database.get<{ readonly n: number }>(
      sql`SELECT (SELECT count FROM alert WHERE sequence = ${whole})
            - ifnull((SELECT sum(count) FROM alert WHERE sequence IN ${listSql(parts)}), 0) AS n`,
    )?.n ?? 0
  );
}

/** Makes the rows of parts and reads them: each is an alert over occurrences that stay with the one it was split from. */
export function createAlertParts(
  { database, simulated }: RepositoryTools,
  blocks: RecordBlocks,
  entityIds: EntityIds,
  states: AlertStates,
) {
  function occurrencesOf(alert: Pick<AlertRow, 'sequence'>): OccurrenceRow[] {
    const rows = database.all<OccurrenceRow>(
      sql`SELECT id, identity, occurred_ms, received_ms, mitigated, block_id, block_offset, block_length FROM occurrence
          WHERE alert_sequence = ${alert.sequence} LIMIT ${mostSplitOccurrences + 1}`,
    );
    if (rows.length > mostSplitOccurrences) {
      throw new WatchfloorError(
        'refused',
        `It has more than ${mostSplitOccurrences.toLocaleString('en')} occurrences, and each would have to be looked at. Nothing was split.`,
      );
    }
    return rows;
  }

  /** What a record that cannot be read says of its entities is not known. */
  function entitiesOf(row: OccurrenceRow): readonly Entity[] {
    try {
      const { head } = blocks.read({
        blockId: row.block_id,
        offset: row.block_offset,
        length: row.block_length,
      });
      return readOccurrenceHead(head).entities;
    } catch (thrown) {
      if (!(thrown instanceof WatchfloorError)) throw thrown;
      return [];
    }
  }

  /** @throws WatchfloorError `refused` where there are too many occurrences */
  function plan(alert: AlertRow, by: SplitBy): Planned[] {
    const rows = new Map(occurrencesOf(alert).map((row) => [row.id, row]));
    // By block: each is opened once.
    const occurrences = [...rows.values()]
      .sort((left, right) => left.block_id - right.block_id || left.block_offset - right.block_offset)
      .map(
        (row): SplitOccurrence => ({
          id: row.id,
          occurredMs: row.occurred_ms,
          entities: entitiesOf(row),
        }),
      );
    return splitParts(occurrences, by).map((part) => {
      const own = part.occurrences.flatMap(({ id }) => rows.get(id) ?? []);
      // What is in a part names it, too: its row and its list are never changed.
      const content = own.map(({ identity }) => identity.toString('hex')).sort();
      return {
        id: `al_${shortHash(`part\0${alert.id}\0${part.key}\0${content.join()}`)}`,
        part: { ...part, label: storedText(part.label, mostLabelCharacters) },
        rows: own,
      };
    });
  }

  /** Writes a part that was never there; nobody sees it yet. */
  function write(alert: AlertRow, { id, part, rows }: Planned, sequence: number): void {
    const unique = new Map<string, Entity>();
    for (const { entities } of part.occurrences) {
      for (const entity of entities) unique.set(entityKey(entity), entity);
    }
    const shown = entityColumns(unique.values());
    const times = rows.map((row) => row.occurred_ms);
    const mask = rows.reduce((bits, row) => bits | row.mitigated, 0);
    const receivedMs = rows.reduce(
      (least, row) => Math.min(least, row.received_ms),
      Number.POSITIVE_INFINITY,
    );
    const [first = 0] = times;
    const last = times.at(-1) ?? first;
    database.run(
      sql`INSERT INTO alert (sequence, id, source_id, source_kind, customer_id, service_id, mitigated_mask,
            source_state, first_seen_ms, last_seen_ms, received_ms, count, simulated, voice_ms, voice_identity, title_id,
            why_id, entities, lead, techniques, signal_ids)
          VALUES (${sequence}, ${id}, ${alert.source_id}, ${alert.source_kind}, ${alert.customer_id},
            ${alert.service_id}, ${mask}, ${alert.source_state}, ${first}, ${last}, ${receivedMs}, ${rows.length},
            ${simulated ? 1 : 0}, ${last}, '', ${alert.title_id}, ${alert.why_id},
            ${shown.entities}, ${shown.lead}, ${alert.techniques}, '[]')`,
    );
    database.run(
      sql`INSERT INTO alert_part (alert_sequence, whole, label) VALUES (${sequence}, ${alert.sequence}, ${part.label})`,
    );
    const links: SqlValue[] = [];
    for (const row of rows) links.push(sequence, row.occurred_ms, row.id);
    database.insertMany(
      sql`INSERT INTO alert_part_occurrence (alert_sequence, occurred_ms, occurrence_id)`,
      3,
      links,
    );
    const entities = [...unique.values()].flatMap((entity) => [
      entityIds.idOf(entity),
      sequence,
      roleBit(entity.role),
    ]);
    database.insertMany(linkEntities, 3, entities, addRoles);
    const state = states.get(alert.sequence);
    states.set(sequence, {
      ...freshState(laneOf(state), severityOf(state)),
      split: splitStates.rejoined,
    });
  }

  return {
    plan,

    /** Writes those parts that were not there before. Within a transaction. @returns the numbers of all, rising */
    make(alert: AlertRow, planned: readonly Planned[]): number[] {
      entityIds.begin();
      let next =
        (database.get<{ readonly n: number | null }>(sql`SELECT max(sequence) AS n FROM alert`)?.n ?? 0) + 1;
      return planned
        .map((each) => {
          const there = database.get<{ readonly sequence: number }>(
            sql`SELECT sequence FROM alert WHERE id = ${each.id}`,
          );
          if (there !== undefined) return there.sequence;
          const sequence = next;
          next += 1;
          write(alert, each, sequence);
          return sequence;
        })
        .sort((left, right) => left - right);
    },

    /** Of which alert one is a part, and what its occurrences have in common; null where it is none. */
    partOf(sequence: number): { readonly whole: number; readonly id: string; readonly label: string } | null {
      return (
        database.get<{ readonly whole: number; readonly id: string; readonly label: string }>(
          sql`SELECT whole, alert.id, label FROM alert_part JOIN alert ON alert.sequence = whole
              WHERE alert_part.alert_sequence = ${sequence}`,
        ) ?? null
      );
    },
  };
}
export type AlertParts = ReturnType<typeof createAlertParts>;
