import { randomBytes } from 'node:crypto';
import type { CaseEntry, CaseState, CaseSummary, EntryPayload } from '../../shared/domain/case.ts';
import { foldCase, summaryOf } from '../../shared/domain/case-fold.ts';
import type { EntityKind } from '../../shared/domain/entity.ts';
import {
  type ChainEntry,
  canonicalJson,
  chainStart,
  commitmentOf,
  entryHash,
  nextClock,
  signedText,
  verdictSentence,
  verifyEntries,
} from '../../shared/domain/entry-chain.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { sha256Hex } from './ids.ts';
import { found, nameKey, type RepositoryTools } from './repository.ts';
import { isSignedBy } from './signatures.ts';
import { sql } from './sql.ts';
import type { CasesRepository, Writer } from './store.ts';

interface EntryRow {
  readonly id: string;
  readonly case_id: string;
  readonly writer_id: string;
  readonly writer_name: string;
  readonly sequence: number;
  readonly clock: string;
  readonly time_ms: number;
  readonly previous_hash: string;
  readonly commitment: string;
  readonly hash: string;
  readonly salt: string | null;
  readonly payload: string | null;
}

const toChainEntry = (row: EntryRow): ChainEntry => ({
  id: row.id,
  caseId: row.case_id,
  writerId: row.writer_id,
  writerName: row.writer_name,
  sequence: row.sequence,
  clock: row.clock,
  timeMs: row.time_ms,
  previousHash: row.previous_hash,
  commitment: row.commitment,
  hash: row.hash,
  salt: row.salt,
  payload: row.payload === null ? null : JSON.parse(row.payload),
});

function toCaseEntry({ commitment: _, salt: __, ...entry }: ChainEntry): CaseEntry {
  return entry;
}

/** Cases that are looked through for a shared observable: the last changed ones. */
const mostCasesRead = 2_000;
/** Kinds that half of all cases share. */
const tellsNothing: ReadonlySet<EntityKind> = new Set<EntityKind>(['country', 'port']);

export function createCasesRepository(tools: RepositoryTools): CasesRepository {
  const { database, nowMs, newId, simulated } = tools;

  const chainEntries = (caseId: string): ChainEntry[] =>
    database
      .all<EntryRow>(
        sql`SELECT case_entry.*, salt, payload FROM case_entry
            LEFT JOIN case_entry_payload ON case_entry_payload.entry_id = case_entry.id
            WHERE case_id = ${caseId} ORDER BY clock, writer_id`,
      )
      .map(toChainEntry);
  const entries = (caseId: string): CaseEntry[] => chainEntries(caseId).map(toCaseEntry);

  const insertEntry = database.prepare(
    sql`INSERT INTO case_entry (id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash,
          commitment, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertPayload = database.prepare(
    sql`INSERT INTO case_entry_payload (entry_id, salt, payload) VALUES (?, ?, ?)`,
  );

  function writeSummary(state: CaseState): void {
    const summary = summaryOf(state);
    const search = nameKey(
      [state.title, state.id, state.assignee ?? '', ...state.observables.map((one) => one.value)].join('\n'),
    );
    database.run(
      sql`INSERT INTO case_summary (id, status, changed_ms, search, body)
          VALUES (${state.id}, ${state.status}, ${Math.round(state.changedMs)}, ${search},
            ${JSON.stringify(summary)})
          ON CONFLICT (id) DO UPDATE SET status = excluded.status, changed_ms = excluded.changed_ms,
            search = excluded.search, body = excluded.body`,
    );
  }

  function refold(caseId: string): CaseState {
    const state = foldCase(caseId, entries(caseId), simulated);
    writeSummary(state);
    return state;
  }

  /** Writes entries and one signature over the chain's new head. */
  function write(caseId: string, writer: Writer, payloads: readonly EntryPayload[]): void {
    const known = database.get(sql`SELECT 1 FROM writer WHERE id = ${writer.id}`);
    if (known === undefined) {
      throw new WatchfloorError('internal', 'This writer is not known here.', writer.id);
    }
    const head = database.get<{ readonly sequence: number; readonly hash: string }>(
      sql`SELECT sequence, hash FROM case_entry WHERE case_id = ${caseId} AND writer_id = ${writer.id}
          ORDER BY sequence DESC, position DESC LIMIT 1`,
    );
    let previousHash = head?.hash ?? chainStart;
    let sequence = (head?.sequence ?? -1) + 1;
    let clock =
      database.get<{ readonly clock: string | null }>(sql`SELECT max(clock) AS clock FROM case_entry`)
        ?.clock ?? null;
    const timeMs = Math.floor(nowMs());
    for (const payload of payloads) {
      clock = nextClock(clock, timeMs);
      const id = newId('en');
      const salt = randomBytes(16).toString('hex');
      const commitment = commitmentOf(payload, salt, sha256Hex);
      const header = {
        id,
        caseId,
        writerId: writer.id,
        writerName: writer.name,
        sequence,
        clock,
        timeMs,
        previousHash,
        commitment,
      };
      const hash = entryHash(header, sha256Hex);
      insertEntry.run(
        id,
        caseId,
        writer.id,
        writer.name,
        sequence,
        clock,
        timeMs,
        previousHash,
        commitment,
        hash,
      );
      insertPayload.run(id, salt, canonicalJson(payload));
      previousHash = hash;
      sequence += 1;
    }
    database.run(
      sql`INSERT INTO case_signature (hash, case_id, writer_id, signature)
          VALUES (${previousHash}, ${caseId}, ${writer.id},
            ${writer.sign(Buffer.from(signedText('entry', previousHash)))})`,
    );
  }

  const isCase = (caseId: string) =>
    database.get(sql`SELECT 1 FROM case_entry WHERE case_id = ${caseId} LIMIT 1`) !== undefined;

  return {
    open(writer, payloads) {
      if (payloads[0]?.kind !== 'case-opened') {
        throw new WatchfloorError('internal', 'A case begins with its opening.');
      }
      return database.transaction(() => {
        const caseId = newId('ca');
        write(caseId, writer, payloads);
        return refold(caseId);
      });
    },
    append(caseId, writer, payloads) {
      return database.transaction(() => {
        if (!isCase(caseId)) found(null, 'case', caseId);
        if (payloads.length > 0) write(caseId, writer, payloads);
        return refold(caseId);
      });
    },
    get: (caseId) => (isCase(caseId) ? foldCase(caseId, entries(caseId), simulated) : null),
    list({ status, text }) {
      const ofStatus = status === null ? sql`` : sql`AND status = ${status}`;
      const words = nameKey(text)
        .split(/\s+/)
        .filter((word) => word !== '');
      return database
        .all<{ readonly body: string; readonly search: string }>(
          sql`SELECT body, search FROM case_summary WHERE 1 ${ofStatus} ORDER BY changed_ms DESC, id`,
        )
        .filter((row) => words.every((word) => row.search.includes(word)))
        .map((row): CaseSummary => JSON.parse(row.body));
    },
    sharing(entities, exceptId, limit) {
      const wanted = new Map(
        entities
          .filter(({ kind }) => !tellsNothing.has(kind))
          .map(({ value }): [string, string] => [nameKey(value), value]),
      );
      if (wanted.size === 0) return [];
      const rows = database.all<{ readonly body: string; readonly search: string }>(
        sql`SELECT body, search FROM case_summary WHERE id <> ${exceptId ?? ''}
            ORDER BY changed_ms DESC, id LIMIT ${mostCasesRead}`,
      );
      const found: { case: CaseSummary; shared: string[] }[] = [];
      for (const { body, search } of rows) {
        // Title, id and assignee come first; the rest are its observables, a line each.
        const lines = new Set(search.split('\n').slice(3));
        const shared = [...wanted].filter(([key]) => lines.has(key)).map(([, value]) => value);
        if (shared.length > 0) found.push({ case: JSON.parse(body), shared });
        if (found.length === limit) break;
      }
      return found;
    },
    entries,
    verify(caseId) {
      if (!isCase(caseId)) found(null, 'case', caseId);
      const signatures = new Map(
        database
          .all<{
            readonly hash: string;
            readonly writer_id: string;
            readonly signature: Buffer;
            readonly public_key: string | null;
          }>(
            sql`SELECT hash, writer_id, signature, public_key FROM case_signature
                LEFT JOIN writer ON writer.id = case_signature.writer_id
                WHERE case_id = ${caseId}`,
          )
          .map((row) => [row.hash, row]),
      );
      const verdict = verifyEntries(chainEntries(caseId), sha256Hex, ({ hash, writerId }) => {
        const row = signatures.get(hash);
        return (
          row !== undefined &&
          row.writer_id === writerId &&
          row.public_key !== null &&
          isSignedBy(row.public_key, signedText('entry', hash), row.signature)
        );
      });
      return { ok: verdict.problems.length === 0, sentence: verdictSentence(verdict, 'entries') };
    },
    rebuild() {
      return database.transaction(() => {
        database.run(sql`DELETE FROM case_summary`);
        const ids = database.all<{ readonly case_id: string }>(sql`SELECT DISTINCT case_id FROM case_entry`);
        for (const { case_id } of ids) refold(case_id);
        return ids.length;
      });
    },
  };
}
