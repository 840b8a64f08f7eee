import { createHash, randomBytes } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import {
  type CaseEntry,
  type CaseListRow,
  type CaseState,
  type CaseSummary,
  type EntryPayload,
  payloadSchemaVersion,
  type Tlp,
  tlpSchema,
} from '../../shared/domain/case.ts';
import { toCaseEntry } from '../../shared/domain/case-entry.ts';
import { digestedState, foldVersion, listRowOf, stateOf } from '../../shared/domain/case-fold.ts';
import {
  type CaseLog,
  casesNeeded,
  needsReading,
  readLog,
  replacedBy,
  takeEntry,
} from '../../shared/domain/case-log.ts';
import type { EntityKind } from '../../shared/domain/entity.ts';
import {
  canonicalJson,
  chainStart,
  commitmentOf,
  createChainCheck,
  type EntryHeader,
  entryHash,
  nextClock,
  type SignedEntry,
  signedText,
  verdictSentence,
} from '../../shared/domain/entry-chain.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { createCaseImport } from './case-import.ts';
import { createCaseLinks } from './case-links.ts';
import { sha256Hex } from './ids.ts';
import { found, nameKey, type RepositoryTools } from './repository.ts';
import { isSignedBy, keyFingerprint } from './signatures.ts';
import { listSql, sql } from './sql.ts';
import type { ArrivalsRepository, CaseImport, CasesRepository, Writer } from './store.ts';

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
  readonly version: number;
  readonly kind: string;
  readonly key_fingerprint: string | null;
  readonly payload_schema: number;
  readonly tlp: string | null;
  readonly replaces: string;
  readonly payload: string | null;
  readonly salt: string | null;
  readonly signature: Buffer | null;
}

const replacedIn = (row: EntryRow): string[] => (row.replaces === '[]' ? [] : JSON.parse(row.replaces));
const markingOf = (row: EntryRow): Tlp | null => (row.tlp === null ? null : tlpSchema.parse(row.tlp));

function toSignedEntry(row: EntryRow): SignedEntry {
  return {
    version: row.version === 1 ? 1 : 2,
    id: row.id,
    caseId: row.case_id,
    writerId: row.writer_id,
    writerName: row.writer_name,
    keyFingerprint: row.key_fingerprint,
    sequence: row.sequence,
    clock: row.clock,
    timeMs: row.time_ms,
    previousHash: row.previous_hash,
    kind: row.kind,
    schema: row.payload_schema,
    tlp: markingOf(row),
    replaces: replacedIn(row),
    commitment: row.commitment,
    hash: row.hash,
    salt: row.salt,
    payload: row.payload,
    signature: row.signature?.toString('base64') ?? null,
  };
}

/** Keeps each text that many entries have in common once: a hundred thousand entries are half as large in memory. */
function textSharing(): (entry: CaseEntry) => CaseEntry {
  const texts = new Map<string, string>();
  const one = (text: string): string => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, text);
    return text;
  };
  /** The last entry's hash by writer: mostly what the next one follows. */
  const hashes = new Map<string, string>();
  return (entry) => {
    const writerId = one(entry.writerId);
    const last = hashes.get(writerId);
    hashes.set(writerId, entry.hash);
    return {
      ...entry,
      caseId: one(entry.caseId),
      writerId,
      writerName: one(entry.writerName),
      keyFingerprint: entry.keyFingerprint === null ? null : one(entry.keyFingerprint),
      kind: one(entry.kind),
      previousHash: last === entry.previousHash ? last : entry.previousHash,
    };
  };
}

/** What is long, and says nothing of a case's outline. */
const notOutline = ['note-added', 'note-revised', 'signals-saved', 'evidence-added'];
/** Of a case with fewer entries the outline knows which notes have several texts. */
const notOutlineOfSmall = ['signals-saved', 'evidence-added'];
const mostEntriesOfSmall = 10_000;

/** A note with its text's hash for the text: enough to tell whether two are the same. */
function withoutText(entry: CaseEntry): CaseEntry {
  const { payload } = entry;
  if (payload?.kind !== 'note-added' && payload?.kind !== 'note-revised') return entry;
  return { ...entry, payload: { ...payload, markdown: sha256Hex(payload.markdown) } };
}

/** Logs of cases that are kept in memory, those read last: opening a case and writing to it then reads nothing. */
const mostLogs = 4;
const mostEntriesInLogs = 50_000;
/** The page cache of a reading that takes long, as SQLite counts it: 8 MiB. */
const littleCache = -8_192;
/** Rows of one page of a reading that takes long: few enough to be forgotten while they are young. */
const pageRows = 500;

/** Cases that are looked through for a shared observable: the last changed ones. */
const mostCasesRead = 2_000;
/** Kinds that half of all cases share. */
const tellsNothing: ReadonlySet<EntityKind> = new Set<EntityKind>(['country', 'port']);

export function createCasesRepository(
  tools: RepositoryTools,
  dataDirectory: string,
  arrivals: Pick<ArrivalsRepository, 'ownId'>,
): CasesRepository {
  const { database, nowMs, newId, simulated } = tools;
  const logs = new Map<string, CaseLog>();
  /** A log only grows at its end; whatever else changes is read into another one, with another name. */
  const logNames = new WeakMap<CaseLog, string>();
  let importing: CaseImport | null = null;
  database.attach({ save: () => undefined, forget: () => logs.clear() });

  /**
   * In clock order, but for entries of these kinds; of version 1, whose headers tell no kind, all.
   * @param kept what is kept of each
   */
  function entries(
    caseId: string,
    without: readonly string[] = [],
    kept = (entry: CaseEntry): CaseEntry => entry,
  ): CaseEntry[] {
    const read: CaseEntry[] = [];
    const sharingTexts = textSharing();
    for (let last = { clock: '', writer_id: '', id: '' }; ; ) {
      const rows = database.all<EntryRow>(
        sql`SELECT id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash, '' AS commitment, hash,
              version, kind, key_fingerprint, payload_schema, tlp, replaces, NULL AS salt, payload, NULL AS signature
            FROM case_entry
            LEFT JOIN case_entry_payload ON case_entry_payload.entry_id = case_entry.id
            WHERE case_id = ${caseId} AND kind NOT IN ${listSql(without)}
              AND (clock, writer_id, id) > (${last.clock}, ${last.writer_id}, ${last.id})
            ORDER BY clock, writer_id, id LIMIT ${pageRows}`,
      );
      for (const row of rows) read.push(sharingTexts(kept(toCaseEntry(toSignedEntry(row)))));
      if (rows.length < pageRows) return read;
      last = rows.at(-1) ?? last;
    }
  }

  /** The case's entries and those of all cases that are merged into it. */
  function entriesOfGroup(
    caseId: string,
    without: readonly string[] = [],
    kept?: (entry: CaseEntry) => CaseEntry,
  ): CaseEntry[] {
    const all = entries(caseId, without, kept);
    const read = new Set([caseId]);
    for (;;) {
      const missing = casesNeeded(caseId, all).filter((id) => !read.has(id));
      if (missing.length === 0) return all;
      for (const id of missing) {
        read.add(id);
        for (const entry of entries(id, without, kept)) all.push(entry);
      }
    }
  }

  function logOf(caseId: string): CaseLog {
    const known = logs.get(caseId);
    // Beside a running app others write too.
    if (known !== undefined && !database.connection.readonly) return known;
    const log = readLog(caseId, entriesOfGroup(caseId));
    logs.set(caseId, log);
    let held = [...logs.values()].reduce((sum, { timeline }) => sum + timeline.length, 0);
    for (const [id, { timeline }] of logs) {
      if (logs.size <= mostLogs && held <= mostEntriesInLogs) break;
      logs.delete(id);
      held -= timeline.length;
    }
    return log;
  }

  /** A case's entries changed: what was folded of them, also as a part of another case, counts no more. */
  function forgetLogs(caseId: string, exceptOwn: boolean): void {
    for (const [id, { mergedCases }] of logs) {
      if (id === caseId ? !exceptOwn : mergedCases.includes(caseId)) logs.delete(id);
    }
  }

  const insertEntry = database.prepare(
    sql`INSERT INTO case_entry (id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash,
          commitment, hash, version, kind, key_fingerprint, payload_schema, tlp, replaces)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 2, ?, ?, ?, ?, ?)`,
  );
  const insertPayload = database.prepare(
    sql`INSERT INTO case_entry_payload (entry_id, salt, payload) VALUES (?, ?, ?)`,
  );

  function writeSummary(state: CaseState): void {
    const summary = listRowOf(state);
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
    links.write(state);
  }

  function refold(caseId: string): CaseState {
    const state = stateOf(logOf(caseId), simulated);
    writeSummary(state);
    return state;
  }

  /** Writes entries and one signature over the chain's new head. */
  function write(caseId: string, writer: Writer, payloads: readonly EntryPayload[], tlp: Tlp | null): void {
    const known = database.get(sql`SELECT 1 FROM writer WHERE id = ${writer.id}`);
    if (known === undefined) {
      throw new WatchfloorError('internal', 'This writer is not known here.', writer.id);
    }
    const fingerprint = keyFingerprint(writer.publicKey);
    const head = database.get<{ readonly sequence: number; readonly hash: string; readonly clock: string }>(
      sql`SELECT sequence, hash, clock FROM case_entry WHERE case_id = ${caseId} AND writer_id = ${writer.id}
          ORDER BY sequence DESC, position DESC LIMIT 1`,
    );
    let previousHash = head?.hash ?? chainStart;
    let sequence = (head?.sequence ?? -1) + 1;
    let log = logOf(caseId);
    // Of the case and what is merged into it; a merge that was taken back may have left this chain further on.
    let clock = log.timeline.at(-1)?.clock ?? null;
    if (head !== undefined && (clock === null || head.clock > clock)) clock = head.clock;
    const timeMs = Math.floor(nowMs());
    for (const payload of payloads) {
      clock = nextClock(clock, timeMs);
      const id = newId('en');
      const salt = randomBytes(16).toString('hex');
      const text = canonicalJson(payload);
      const header: EntryHeader = {
        version: 2,
        id,
        caseId,
        writerId: writer.id,
        writerName: writer.name,
        keyFingerprint: fingerprint,
        sequence,
        clock,
        timeMs,
        previousHash,
        kind: payload.kind,
        schema: payloadSchemaVersion,
        tlp,
        replaces: replacedBy(log, payload),
        commitment: commitmentOf(text, salt, sha256Hex),
      };
      const hash = entryHash(header, sha256Hex);
      const replaces = JSON.stringify(header.replaces);
      insertEntry.run(
        id,
        caseId,
        writer.id,
        writer.name,
        sequence,
        clock,
        timeMs,
        previousHash,
        header.commitment,
        hash,
        payload.kind,
        fingerprint,
        payloadSchemaVersion,
        tlp,
        replaces,
      );
      insertPayload.run(id, salt, text);
      const entry = toCaseEntry({ ...header, hash, salt, payload: text, signature: null });
      if (needsReading(entry)) {
        logs.delete(caseId);
        log = logOf(caseId);
      } else takeEntry(log, entry);
      previousHash = hash;
      sequence += 1;
    }
    forgetLogs(caseId, true);
    database.run(
      sql`INSERT INTO case_signature (hash, case_id, writer_id, signature)
          VALUES (${previousHash}, ${caseId}, ${writer.id},
            ${writer.sign(Buffer.from(signedText('entry', previousHash)))})`,
    );
  }

  /** A case without its notes, evidence and signals: enough to list it, and a fraction of it in memory. */
  function outline(caseId: string): CaseState {
    const known = logs.get(caseId);
    if (known !== undefined && !database.connection.readonly) return stateOf(known, simulated);
    const usual = shrinkCache();
    try {
      const without = isSmallCase(caseId) ? notOutlineOfSmall : notOutline;
      const state = stateOf(readLog(caseId, entriesOfGroup(caseId, without, withoutText)), simulated);
      const group = [caseId, ...state.mergedCases];
      const newest = database.get<{ readonly changed_ms: number | null }>(
        sql`SELECT max(time_ms) AS changed_ms FROM case_entry WHERE case_id IN ${listSql(group)}`,
      );
      return { ...state, changedMs: newest?.changed_ms ?? state.changedMs };
    } finally {
      setCacheSize(usual);
    }
  }

  function outlineOf(caseId: string): CaseState {
    if (!isCase(caseId)) found(null, 'case', caseId);
    return outline(caseId);
  }

  /** Lists cases anew after entries came from elsewhere, and those into which they were merged. */
  function relist(caseIds: readonly string[]): void {
    for (const caseId of caseIds) forgetLogs(caseId, false);
    const into = new Set(caseIds);
    for (const caseId of into) {
      const state = outline(caseId);
      writeSummary(state);
      const { mergedInto } = state;
      if (mergedInto !== null && isCase(mergedInto)) into.add(mergedInto);
    }
  }

  function isSmallCase(caseId: string): boolean {
    const row = database.get<{ readonly entries: number }>(
      sql`SELECT count(*) AS entries
          FROM (SELECT 1 FROM case_entry WHERE case_id = ${caseId} LIMIT ${mostEntriesOfSmall + 1})`,
    );
    return (row?.entries ?? 0) <= mostEntriesOfSmall;
  }

  const links = createCaseLinks(database, (ids) =>
    database
      .all<EntryRow>(
        sql`SELECT case_entry.*, salt, payload, NULL AS signature FROM case_entry
            LEFT JOIN case_entry_payload ON case_entry_payload.entry_id = case_entry.id
            WHERE case_entry.id IN ${listSql(ids)}`,
      )
      .map(toSignedEntry),
  );

  const isCase = (caseId: string) =>
    database.get(sql`SELECT 1 FROM case_entry WHERE case_id = ${caseId} LIMIT 1`) !== undefined;

  function keyOfWriter(writerId: string): string | null {
    const row = database.get<{ readonly public_key: string }>(
      sql`SELECT public_key FROM writer WHERE id = ${writerId}
          UNION ALL SELECT public_key FROM foreign_writer WHERE id = ${writerId} LIMIT 1`,
    );
    return row?.public_key ?? null;
  }

  function* signedEntries(caseIds: readonly string[], upToPosition: number) {
    const usual = shrinkCache();
    try {
      yield* pagesOf(caseIds, upToPosition);
    } finally {
      setCacheSize(usual);
    }
  }

  /** Where every page is read once, keeping them would fill the page cache to its brim for nothing. @returns the size before */
  function shrinkCache(): number {
    const usual = database.get<{ readonly cache_size: number }>(sql`PRAGMA cache_size`)?.cache_size ?? 0;
    setCacheSize(Math.max(usual, littleCache));
    return usual;
  }

  /** @param size as SQLite counts it: KiB below zero */
  function setCacheSize(size: number): void {
    // PRAGMA takes no bound value; the size is a number of our own.
    database.connection.pragma(`cache_size = ${size}`);
  }

  function* pagesOf(caseIds: readonly string[], upToPosition: number) {
    for (const caseId of [...caseIds].sort()) {
      let last: { readonly writer_id: string; readonly sequence: number; readonly hash: string } | null =
        null;
      for (;;) {
        const { writer_id, sequence, hash } = last ?? { writer_id: '', sequence: -1, hash: '' };
        const rows: EntryRow[] = database.all<EntryRow>(
          sql`SELECT case_entry.*, salt, payload, signature FROM case_entry
              LEFT JOIN case_entry_payload ON case_entry_payload.entry_id = case_entry.id
              LEFT JOIN case_signature ON case_signature.hash = case_entry.hash
              WHERE case_entry.case_id = ${caseId} AND position <= ${upToPosition}
                AND (case_entry.writer_id, sequence, case_entry.hash) > (${writer_id}, ${sequence}, ${hash})
              ORDER BY case_entry.writer_id, sequence, case_entry.hash LIMIT ${pageRows}`,
        );
        if (rows.length === 0) break;
        yield rows.map(toSignedEntry);
        last = rows.at(-1) ?? null;
        if (rows.length < pageRows) break;
      }
    }
  }

  const newestPosition = (): number =>
    database.get<{ readonly newest: number | null }>(sql`SELECT max(position) AS newest FROM case_entry`)
      ?.newest ?? 0;

  return {
    open(writer, payloads) {
      if (payloads[0]?.kind !== 'case-opened') {
        throw new WatchfloorError('internal', 'A case begins with its opening.');
      }
      return database.transaction(() => {
        const caseId = newId('ca');
        write(caseId, writer, payloads, null);
        return refold(caseId);
      });
    },
    append(caseId, writer, payloads, tlp = null) {
      return database.transaction(() => {
        if (!isCase(caseId)) found(null, 'case', caseId);
        if (payloads.length > 0) write(caseId, writer, payloads, tlp);
        const state = refold(caseId);
        // What is said here counts there too.
        if (state.mergedInto !== null && isCase(state.mergedInto)) relist([state.mergedInto]);
        return state;
      });
    },
    get: (caseId) => (isCase(caseId) ? stateOf(logOf(caseId), simulated) : null),
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
        .map((row): CaseListRow => ({ conflictCount: 0, ...JSON.parse(row.body) }));
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
    since(caseId, known) {
      if (!isCase(caseId)) found(null, 'case', caseId);
      const log = logOf(caseId);
      const name = logNames.get(log) ?? newId('lo');
      logNames.set(log, name);
      const from = known?.log === name && known.entries <= log.timeline.length ? known.entries : 0;
      return { log: name, from, entries: log.timeline.slice(from) };
    },
    seen(caseId) {
      const state = outlineOf(caseId);
      return links.seen(caseId, state.observables);
    },
    related(caseId, limit) {
      const { mergedCases, mergedInto } = outlineOf(caseId);
      return links.related(caseId, [...mergedCases, ...(mergedInto === null ? [] : [mergedInto])], limit);
    },
    mentions(name, limit) {
      return links.mentions(name, limit).flatMap(({ caseId, writerName, timeMs, payload }) => {
        const row = database.get<{ readonly body: string }>(
          sql`SELECT body FROM case_summary WHERE id = ${caseId}`,
        );
        if (row === undefined || payload?.kind !== 'comment-added') return [];
        return [{ case: JSON.parse(row.body), text: payload.text, writerName, timeMs }];
      });
    },
    entries,
    verify(caseId) {
      if (!isCase(caseId)) found(null, 'case', caseId);
      const check = createChainCheck(sha256Hex);
      for (const page of signedEntries([caseId], newestPosition())) {
        for (const entry of page) {
          check.take(entry, () => {
            const key = keyOfWriter(entry.writerId);
            if (key === null || entry.signature === null) return false;
            if (entry.keyFingerprint !== null && entry.keyFingerprint !== keyFingerprint(key)) return false;
            return isSignedBy(key, signedText('entry', entry.hash), Buffer.from(entry.signature, 'base64'));
          });
        }
      }
      const verdict = check.verdict();
      return { ok: verdict.problems.length === 0, sentence: verdictSentence(verdict, 'entries') };
    },
    digest(caseId) {
      if (!isCase(caseId)) found(null, 'case', caseId);
      const log = logOf(caseId);
      const hash = createHash('sha256');
      let entryCount = 0;
      for (const page of signedEntries([caseId, ...log.mergedCases], newestPosition())) {
        for (const entry of page) hash.update(`${entry.hash}\n`);
        entryCount += page.length;
      }
      const state = sha256Hex(`watchfloor-fold-${foldVersion}\n${canonicalJson(digestedState(log))}`);
      return { foldVersion, state, entries: hash.digest('hex'), entryCount };
    },
    rebuild() {
      return database.transaction(() => {
        database.run(sql`DELETE FROM case_summary`);
        database.run(sql`DELETE FROM case_observable`);
        logs.clear();
        const ids = database.all<{ readonly case_id: string }>(sql`SELECT DISTINCT case_id FROM case_entry`);
        for (const { case_id } of ids) refold(case_id);
        return ids.length;
      });
    },
    outline(caseId) {
      if (!isCase(caseId)) return null;
      const {
        notes: _,
        evidence: __,
        slices: ___,
        timeline: ____,
        conflicts: _____,
        ...rest
      } = outline(caseId);
      return rest;
    },
    evidenceIn(caseIds) {
      const usual = shrinkCache();
      try {
        return database
          .all<{ readonly sha256: string }>(
            sql`SELECT DISTINCT payload ->> 'sha256' AS sha256 FROM case_entry
                CROSS JOIN case_entry_payload ON entry_id = case_entry.id
                WHERE case_id IN ${listSql(caseIds)} AND kind = 'evidence-added'`,
          )
          .map(({ sha256 }) => sha256);
      } finally {
        setCacheSize(usual);
      }
    },
    newestPosition,
    signedEntries,
    writerKeys(caseIds, upToPosition) {
      return database
        .all<{ readonly id: string }>(
          sql`SELECT DISTINCT writer_id AS id FROM case_entry
              WHERE case_id IN ${listSql(caseIds)} AND position <= ${upToPosition} ORDER BY writer_id`,
        )
        .flatMap(({ id: writerId }) => {
          const publicKey = keyOfWriter(writerId);
          return publicKey === null ? [] : [{ writerId, publicKey }];
        });
    },
    putSnapshot(body) {
      const bytes = Buffer.from(body);
      const sha256 = sha256Hex(bytes);
      database.run(
        sql`INSERT OR IGNORE INTO case_snapshot (sha256, size_bytes, body)
            VALUES (${sha256}, ${bytes.length}, ${deflateSync(bytes, { level: 1 })})`,
      );
      return { sha256, sizeBytes: bytes.length };
    },
    snapshot(sha256) {
      const row = database.get<{ readonly body: Buffer }>(
        sql`SELECT body FROM case_snapshot WHERE sha256 = ${sha256}`,
      );
      return row === undefined ? null : inflateSync(row.body).toString('utf8');
    },
    beginImport() {
      importing?.discard();
      importing = createCaseImport({ database, dataDirectory, nowMs, arrivals }, relist);
      return importing;
    },
  };
}
