import type { ContextInput } from '../sources/source.ts';
import { storedTime } from './alert-fold.ts';
import { identityOf, spread } from './alert-ingest.ts';
import { addressNumber, correlationNumber } from './ids.ts';
import type { RecordBlocks } from './record-blocks.ts';
import { type RepositoryTools, storedText } from './repository.ts';
import { listSql, type Sql, type SqlValue, sql } from './sql.ts';
import type { ContextRepository, ContextRow } from './store.ts';

/** Characters of one raw record that are kept, and that are sent for display. */
const mostRawCharacters = 262_144;
const shownRawCharacters = 65_536;
const mostAddresses = 32;
/** What a row and its keys cost beside the block, measured on Suricata's records. */
const rowBytes = 160;
/** Blocks taken away in one transaction: a few thousand rows. */
const blocksAtOnce = 16;
/** Around an alert: how far its addresses are looked for when no correlation key leads further. */
const aroundAlertMs = 600_000;

interface ContextBlock {
  readonly id: number;
  readonly first_record: number;
  readonly records: number;
}

interface EventRow {
  readonly id: number;
  readonly occurred_ms: number;
  readonly type: string;
  readonly summary: string;
  readonly block_id: number;
  readonly block_offset: number;
  readonly block_length: number;
}

/** What an event is found by, as numbers. */
function keysOf({ correlationKey, addresses }: Pick<ContextInput, 'correlationKey' | 'addresses'>): number[] {
  const keys: number[] = [];
  if (correlationKey !== null) keys.push(correlationNumber(correlationKey));
  for (const address of addresses.slice(0, mostAddresses)) {
    const key = addressNumber(address);
    if (!keys.includes(key)) keys.push(key);
  }
  return keys;
}

/**
 * Beside the raw text, a record holds what it is found by, so that its keys can be taken away with it. As texts, which
 * are in the record, too, and so take a sixth of the room of numbers.
 */
const contextHead = ({ correlationKey, addresses }: ContextInput): string =>
  JSON.stringify([correlationKey, ...addresses.slice(0, mostAddresses)]);

/** The keys of an event; records of before have them as numbers. */
function readContextHead(head: string): readonly number[] {
  const found: readonly number[] | readonly [string | null, ...string[]] = JSON.parse(head);
  const isNumbers = (list: typeof found): list is readonly number[] =>
    list.length === 0 || typeof list[0] === 'number';
  if (isNumbers(found)) return found;
  const [correlationKey, ...addresses] = found;
  return keysOf({ correlationKey, addresses });
}

export function createContextRepository(
  { database }: RepositoryTools,
  blocks: RecordBlocks,
): ContextRepository {
  const isThere = database.prepare(sql`SELECT 1 FROM context_event WHERE identity = ?`);
  const maxEvent = database.prepare<{ readonly id: number | null }>(
    sql`SELECT max(id) AS id FROM context_event`,
  );
  const deleteKey = database.prepare(sql`DELETE FROM context_key WHERE key = ? AND event_id = ?`);

  /** Bytes in use; null until somebody asks, then kept up. */
  let runningBytes: number | null = null;

  function measure(): number {
    const row = database.get<{ readonly bytes: number }>(
      sql`SELECT (SELECT coalesce(sum(stored_bytes), 0) FROM record_block WHERE purpose = 'context')
            + (SELECT count(*) FROM context_event) * ${rowBytes} AS bytes`,
    );
    return row?.bytes ?? 0;
  }

  const recordOf = (row: EventRow) =>
    blocks.read({ blockId: row.block_id, offset: row.block_offset, length: row.block_length });

  const toRow = (row: EventRow): ContextRow => ({
    id: `cx_${row.id}`,
    timeMs: row.occurred_ms,
    type: row.type,
    summary: row.summary,
    raw: storedText(recordOf(row).body, shownRawCharacters),
  });
  const columns = sql`id, occurred_ms, type, summary, block_id, block_offset, block_length`;

  function byKeys(keys: readonly number[], more: Sql, limit: number): EventRow[] {
    if (keys.length === 0 || limit <= 0) return [];
    return database.all<EventRow>(
      sql`SELECT ${columns} FROM context_event
          WHERE id IN (SELECT event_id FROM context_key WHERE key IN ${listSql(keys)}) ${more}
          ORDER BY occurred_ms DESC, id DESC LIMIT ${limit}`,
    );
  }

  const eventNumber = (id: string): number => Number(/^cx_(\d{1,15})$/.exec(id)?.[1] ?? 0);

  /** Takes one block's unlinked rows away, and the block when nothing of it is left. */
  function dropBlock({ id, first_record, records }: ContextBlock): void {
    const unlinked = sql`WHERE id >= ${first_record} AND id < ${first_record + records} AND block_id = ${id}
      AND id NOT IN (SELECT event_id FROM context_link)`;
    for (const row of database.all<EventRow>(sql`SELECT ${columns} FROM context_event ${unlinked}`)) {
      for (const key of readContextHead(recordOf(row).head)) deleteKey.run(key, row.id);
    }
    database.run(sql`DELETE FROM context_event ${unlinked}`);
    database.run(
      sql`DELETE FROM record_block WHERE id = ${id} AND NOT EXISTS (
            SELECT 1 FROM context_event WHERE context_event.id >= ${first_record}
              AND context_event.id < ${first_record + records} AND block_id = ${id})`,
    );
  }

  /** A record as it is about to be stored. */
  interface Fresh {
    readonly input: ContextInput;
    readonly identity: Buffer;
    readonly keys: readonly number[];
  }

  /**
   * Leaves out what is stored already, where a look at a few says that this was read before. What is missed here
   * the unique index finds; it is only dearer.
   */
  function withoutKnown(arrived: readonly Fresh[]): readonly Fresh[] {
    const isKnown = ({ identity }: Fresh) => isThere.get(identity) !== undefined;
    return spread(arrived).some(isKnown) ? arrived.filter((one) => !isKnown(one)) : arrived;
  }

  return {
    append(sourceId, inputs, receivedMs) {
      if (inputs.length === 0) return 0;
      return database.joined(() => {
        const fresh = withoutKnown(
          inputs.map((input) => ({
            input,
            identity: identityOf(sourceId, input.identity),
            keys: keysOf(input),
          })),
        );
        if (fresh.length === 0) return 0;
        const firstId = (maxEvent.get()?.id ?? 0) + 1;
        const places = blocks.write(
          'context',
          fresh.map(({ input }) => ({
            head: contextHead(input),
            body: input.raw.slice(0, mostRawCharacters),
          })),
          firstId,
        );
        const events: SqlValue[] = [];
        for (const [index, { input, identity }] of fresh.entries()) {
          const place = places[index];
          if (place === undefined) continue;
          events.push(
            firstId + index,
            identity,
            storedTime(input.occurredMs, receivedMs),
            receivedMs,
            storedText(input.type, 100),
            storedText(input.summary, 500),
            place.blockId,
            place.offset,
            place.length,
          );
        }
        const inserted = database.insertMany(
          sql`INSERT OR IGNORE INTO context_event (id, identity, occurred_ms, received_ms, type, summary, block_id,
                block_offset, block_length)`,
          9,
          events,
        );
        const stored =
          inserted === fresh.length
            ? null
            : new Set(
                database
                  .all<{ readonly id: number }>(sql`SELECT id FROM context_event WHERE id >= ${firstId}`)
                  .map((row) => row.id),
              );
        const eventKeys: SqlValue[] = [];
        for (const [index, { keys }] of fresh.entries()) {
          if (stored !== null && !stored.has(firstId + index)) continue;
          for (const key of keys) eventKeys.push(key, firstId + index);
        }
        database.insertMany(sql`INSERT OR FAIL INTO context_key (key, event_id)`, 2, eventKeys);
        // Measured anew when it is next asked for: a transaction that fails must not be counted.
        runningBytes = null;
        return inserted;
      });
    },
    find({ correlationKeys = [], addresses = [], fromMs, toMs, limit }) {
      const keys = [...correlationKeys.map(correlationNumber), ...addresses.map(addressNumber)];
      return byKeys(keys, sql`AND occurred_ms >= ${fromMs} AND occurred_ms <= ${toMs}`, limit).map(toRow);
    },
    forAlert(alertId, limit) {
      const alert = database.get<{
        readonly sequence: number;
        readonly first_seen_ms: number;
        readonly last_seen_ms: number;
        readonly entities: string;
      }>(sql`SELECT sequence, first_seen_ms, last_seen_ms, entities FROM alert WHERE id = ${alertId}`);
      if (alert === undefined) return [];
      const correlations = database
        .all<{ readonly correlation: number }>(
          sql`SELECT DISTINCT correlation FROM (
                SELECT correlation FROM occurrence WHERE alert_sequence = ${alert.sequence}
                ORDER BY occurred_ms DESC LIMIT 200)
              WHERE correlation IS NOT NULL`,
        )
        .map((row) => row.correlation);
      const direct = byKeys(correlations, sql``, limit);
      const seen = new Set(direct.map((row) => row.id));
      const entities: { readonly kind: string; readonly value: string; readonly role: string }[] = JSON.parse(
        alert.entities,
      );
      const addresses = entities
        .filter((entity) => entity.kind === 'ip' && entity.role === 'source')
        .slice(0, 10)
        .map((entity) => addressNumber(entity.value));
      const around = byKeys(
        addresses,
        sql`AND occurred_ms >= ${alert.first_seen_ms - aroundAlertMs}
            AND occurred_ms <= ${alert.last_seen_ms + aroundAlertMs}`,
        limit,
      ).filter((row) => !seen.has(row.id));
      return [...direct, ...around].slice(0, limit).map(toRow);
    },
    linkToCase(ids, caseId) {
      database.transaction(() => {
        for (const id of ids) {
          database.run(
            sql`INSERT OR IGNORE INTO context_link (event_id, case_id)
                SELECT id, ${caseId} FROM context_event WHERE id = ${eventNumber(id)}`,
          );
        }
      });
    },
    prune(budgetBytes) {
      const count = () =>
        database.get<{ readonly n: number }>(sql`SELECT count(*) AS n FROM context_event`)?.n ?? 0;
      let bytes = runningBytes ?? measure();
      if (bytes <= budgetBytes) {
        runningBytes = bytes;
        return 0;
      }
      const before = count();
      let afterBlock = 0;
      while (bytes > budgetBytes) {
        const oldest = database.all<ContextBlock>(
          sql`SELECT id, first_record, records FROM record_block WHERE purpose = 'context' AND id > ${afterBlock}
              ORDER BY id LIMIT ${blocksAtOnce}`,
        );
        if (oldest.length === 0) break;
        database.transaction(() => {
          for (const block of oldest) dropBlock(block);
        });
        afterBlock = oldest.at(-1)?.id ?? afterBlock;
        bytes = measure();
      }
      runningBytes = bytes;
      return before - count();
    },
    sizeBytes() {
      runningBytes ??= measure();
      return runningBytes;
    },
  };
}
