import { type EntryPayload, entryPayloadSchema } from '../../shared/domain/case.ts';
import { formatClock } from '../../shared/domain/entry-chain.ts';
import {
  type HandoverAnswer,
  type HandoverDraft,
  type HandoverLink,
  type HandoverRow,
  handoverAnswerSchema,
  handoverDraftSchema,
} from '../../shared/domain/handover.ts';
import { type HandoverFile, handoverFileSchema, handoverText } from '../../shared/domain/handover-file.ts';
import type { HandoverSince, LastHandover, TouchedBy } from '../../shared/domain/handover-pack.ts';
import { found, type RepositoryTools } from './repository.ts';
import { listSql, type Sql, sql } from './sql.ts';

/** Handovers that are listed, the newest first; older ones stay. */
const mostListed = 100;
/** What a person says in a case: the rest is said by its counts. */
const saidKinds = [
  'note-added',
  'note-revised',
  'header-changed',
  'task-added',
  'task-changed',
  'task-due-set',
  'event-added',
  'comment-added',
  'evidence-added',
];

/** Where the things lie that items are about. */
const tables: Readonly<Record<HandoverLink['kind'], Sql>> = {
  alert: sql`alert`,
  case: sql`case_summary`,
  mitigation: sql`mitigation`,
  source: sql`connection`,
  suppression: sql`suppression`,
};

interface HandoverRecord {
  readonly id: string;
  readonly state: HandoverRow['state'];
  readonly origin: HandoverRow['origin'];
  readonly made_ms: number;
  readonly stored_ms: number;
  readonly position: number | null;
  readonly body: string;
  readonly checklist: string;
}

/** A handover as it is kept. */
export type StoredHandover = {
  readonly id: string;
  readonly origin: HandoverRow['origin'];
  readonly checklist: readonly HandoverAnswer[];
} & (
  | { readonly state: 'draft'; readonly draft: HandoverDraft; readonly position: number }
  | { readonly state: 'signed' | 'countersigned'; readonly file: HandoverFile }
);

/** An entry that a person wrote, and the case that it is in. */
export interface SaidInCase {
  readonly caseId: string;
  readonly timeMs: number;
  readonly writerName: string;
  readonly payload: EntryPayload | null;
}

/** Handovers, and what of cases they are made from. */
export interface HandoversRepository {
  /** A draft first, then the newest that was made or came in. */
  list(): HandoverRow[];
  get(id: string): StoredHandover | null;
  row(id: string): HandoverRow | null;
  draft(): (StoredHandover & { readonly state: 'draft' }) | null;
  /** The last handover that was signed, here or elsewhere; null before the first. */
  last(): LastHandover | null;
  /** @param position the newest case entry that its facts know of */
  saveDraft(draft: HandoverDraft, position: number): void;
  discardDraft(id: string): void;
  /** Puts a signed handover in the place of its draft, or in beside the others. */
  saveFile(file: HandoverFile, origin: HandoverRow['origin']): void;
  saveChecklist(id: string, answers: readonly HandoverAnswer[]): void;
  /** Whether what an item is about is here. */
  isHere(link: HandoverLink): boolean;
  /** Cases with entries since, the last touched first, and how many there are. */
  touchedCases(
    since: HandoverSince,
    nowMs: number,
    limit: number,
  ): { readonly ids: string[]; readonly total: number };
  /** What was written into a case since, counted by whom and of which kind. */
  changesOf(caseId: string, since: HandoverSince, nowMs: number): TouchedBy[];
  /** The newest things that people said in a case since, the newest first. */
  saidIn(caseId: string, since: HandoverSince, nowMs: number, limit: number): SaidInCase[];
}

function toStored(record: HandoverRecord): StoredHandover {
  const checklist = handoverAnswerSchema.array().parse(JSON.parse(record.checklist));
  const { id, origin, state } = record;
  const body: unknown = JSON.parse(record.body);
  return state === 'draft'
    ? { id, origin, checklist, state, draft: handoverDraftSchema.parse(body), position: record.position ?? 0 }
    : { id, origin, checklist, state, file: handoverFileSchema.parse(body) };
}

/** What the list shows of a handover, read out of its JSON by SQLite: hundreds are listed at every tick of a checklist. */
interface ListedRecord {
  readonly id: string;
  readonly state: HandoverRow['state'];
  readonly origin: HandoverRow['origin'];
  readonly madeMs: number;
  readonly signedMs: number | null;
  readonly outgoing: string | null;
  readonly incoming: string;
  readonly itemCount: number;
}
const listed = sql`SELECT id, state, origin, made_ms AS madeMs,
    json_extract(body, '$.signature.signedMs') AS signedMs,
    json_extract(body, '$.signature.name') AS outgoing,
    (SELECT json_group_array(json_extract(value, '$.name')) FROM json_each(body, '$.countersignatures')) AS incoming,
    (SELECT sum(json_array_length(value, '$.items')) FROM json_each(body, '$.pack.parts')) AS itemCount
  FROM handover`;

export function createHandoversRepository({ database, nowMs }: RepositoryTools): HandoversRepository {
  const records = (rest: Sql) => database.all<HandoverRecord>(sql`SELECT * FROM handover ${rest}`);
  const get = (id: string) => {
    const [record] = records(sql`WHERE id = ${id}`);
    return record === undefined ? null : toStored(record);
  };

  const rows = (rest: Sql): HandoverRow[] =>
    database
      .all<ListedRecord>(sql`${listed} ${rest}`)
      .map((record) => ({ ...record, incoming: JSON.parse(record.incoming) }));

  /** Entries of cases that count as new. The index by clock bounds the reading: no clock is behind its own time. */
  function isSince({ afterPosition, fromMs }: HandoverSince, untilMs: number): Sql {
    if (afterPosition !== null) return sql`entry.position > ${afterPosition}`;
    const from = Math.max(0, Math.floor(fromMs ?? 0));
    return sql`entry.clock >= ${formatClock(from, 0)} AND entry.time_ms >= ${from}
      AND entry.time_ms <= ${Math.floor(untilMs)}`;
  }

  return {
    list: () => rows(sql`ORDER BY state = 'draft' DESC, number DESC LIMIT ${mostListed}`),
    get,
    row: (id) => rows(sql`WHERE id = ${id}`)[0] ?? null,
    draft() {
      const [record] = records(sql`WHERE state = 'draft'`);
      const stored = record === undefined ? null : toStored(record);
      return stored?.state === 'draft' ? stored : null;
    },
    last() {
      const [record] = records(sql`WHERE state <> 'draft' ORDER BY number DESC LIMIT 1`);
      if (record === undefined) return null;
      const { id, made_ms: madeMs, stored_ms: storedMs, position } = record;
      return { id, madeMs, storedMs, position };
    },
    saveDraft(draft, position) {
      const { id, madeMs } = draft.pack;
      database.run(
        sql`INSERT INTO handover (id, state, origin, made_ms, stored_ms, position, body)
            VALUES (${id}, 'draft', 'here', ${madeMs}, ${Math.floor(nowMs())}, ${position}, ${JSON.stringify(draft)})
            ON CONFLICT (id) DO UPDATE SET made_ms = excluded.made_ms, stored_ms = excluded.stored_ms,
              position = excluded.position, body = excluded.body
            WHERE state = 'draft'`,
      );
    },
    discardDraft(id) {
      const { changes } = database.run(sql`DELETE FROM handover WHERE id = ${id} AND state = 'draft'`);
      found(changes === 0 ? null : changes, 'draft', id);
    },
    saveFile(file, origin) {
      const { id, madeMs } = file.pack;
      const state = file.countersignatures.length > 0 ? 'countersigned' : 'signed';
      database.transaction(() => {
        const [before] = records(sql`WHERE id = ${id}`);
        if (before !== undefined && before.state !== 'draft') {
          database.run(
            sql`UPDATE handover SET state = ${state}, body = ${handoverText(file)} WHERE id = ${id}`,
          );
          return;
        }
        // Signed, it takes its place among those that were signed.
        database.run(sql`DELETE FROM handover WHERE id = ${id}`);
        database.run(
          sql`INSERT INTO handover (id, state, origin, made_ms, stored_ms, position, body)
              VALUES (${id}, ${state}, ${origin}, ${madeMs}, ${before?.stored_ms ?? Math.floor(nowMs())},
                ${before?.position ?? null}, ${handoverText(file)})`,
        );
      });
    },
    saveChecklist(id, answers) {
      const { changes } = database.run(
        sql`UPDATE handover SET checklist = ${JSON.stringify(answers)} WHERE id = ${id}`,
      );
      found(changes === 0 ? null : changes, 'handover', id);
    },
    isHere({ kind, id }) {
      return database.get(sql`SELECT 1 FROM ${tables[kind]} WHERE id = ${id}`) !== undefined;
    },
    touchedCases(since, untilMs, limit) {
      const touched = database.all<{ readonly case_id: string; readonly total: number }>(
        sql`SELECT case_id, count(*) OVER () AS total FROM case_entry AS entry WHERE ${isSince(since, untilMs)}
            GROUP BY case_id ORDER BY max(position) DESC LIMIT ${limit}`,
      );
      return { ids: touched.map((row) => row.case_id), total: touched[0]?.total ?? 0 };
    },
    changesOf: (caseId, since, untilMs) =>
      database.all<TouchedBy>(
        sql`SELECT writer_name AS writerName,
              CASE WHEN version = 1 THEN coalesce(json_extract(payload, '$.kind'), '') ELSE kind END AS kind,
              count(*) AS count
            FROM case_entry AS entry LEFT JOIN case_entry_payload ON entry_id = entry.id
            WHERE case_id = ${caseId} AND ${isSince(since, untilMs)}
            GROUP BY 1, 2 ORDER BY min(position)`,
      ),
    saidIn: (caseId, since, untilMs, limit) =>
      database
        .all<{ readonly time_ms: number; readonly writer_name: string; readonly payload: string | null }>(
          sql`SELECT time_ms, writer_name, payload
              FROM case_entry AS entry LEFT JOIN case_entry_payload ON entry_id = entry.id
              WHERE case_id = ${caseId} AND kind IN ${listSql(saidKinds)} AND ${isSince(since, untilMs)}
              ORDER BY position DESC LIMIT ${limit}`,
        )
        .map((row) => {
          const parsed = entryPayloadSchema.safeParse(row.payload === null ? null : JSON.parse(row.payload));
          const payload = parsed.success ? parsed.data : null;
          return { caseId, timeMs: row.time_ms, writerName: row.writer_name, payload };
        }),
  };
}
