import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { noteImported, noteTold } from './arrivals-repository.ts';
import type { SqlDatabase, SqlValue } from './sql.ts';
import { sql } from './sql.ts';
import type { ArrivalsRepository, CaseImport, ImportedCase } from './store.ts';
import { unfinishedFolder } from './unfinished.ts';

/**
 * Where the entries of a case file wait until all of it was verified: a scratch database of its own, so that a million
 * of them need no memory and a crash leaves nothing. It is attached, so that they are merged by one statement a table.
 * @param refold told which cases have new entries, within the transaction
 */
export function createCaseImport(
  {
    database,
    dataDirectory,
    nowMs,
    arrivals,
  }: {
    readonly database: SqlDatabase;
    readonly dataDirectory: string;
    readonly nowMs: () => number;
    readonly arrivals: Pick<ArrivalsRepository, 'ownId'>;
  },
  refold: (caseIds: readonly string[]) => void,
): CaseImport {
  const path = join(unfinishedFolder(dataDirectory), 'incoming.db');
  let isOpen = true;
  detach();
  // Merging a large file would fill the page cache to its brim and keep it so.
  database.run(sql`ATTACH ${path} AS incoming`);
  database.script(sql`
    PRAGMA incoming.journal_mode = OFF;
    PRAGMA incoming.synchronous = OFF;
    PRAGMA incoming.cache_size = -4096;
    PRAGMA main.cache_size = -8192;
    CREATE TABLE incoming.entry (
      id TEXT NOT NULL, case_id TEXT, writer_id TEXT, writer_name TEXT, sequence INTEGER, clock TEXT,
      time_ms INTEGER, previous_hash TEXT, commitment TEXT, hash TEXT, version INTEGER, kind TEXT,
      key_fingerprint TEXT, payload_schema INTEGER, tlp TEXT, replaces TEXT, salt TEXT, payload TEXT, signature BLOB
    ) STRICT;
    CREATE TABLE incoming.writer (id TEXT PRIMARY KEY, public_key TEXT NOT NULL) STRICT;
    CREATE TABLE incoming.snapshot (sha256 TEXT PRIMARY KEY, size_bytes INTEGER, body BLOB) STRICT;
    CREATE TABLE incoming.workstation (id TEXT PRIMARY KEY, name TEXT NOT NULL, writers TEXT NOT NULL) STRICT;
    CREATE TABLE incoming.arrival (workstation_id TEXT, case_id TEXT, ref TEXT, time_ms INTEGER) STRICT;
  `);

  function detach(): void {
    const names = database.all<{ readonly name: string }>(sql`SELECT name FROM pragma_database_list`);
    if (names.some(({ name }) => name === 'incoming')) database.run(sql`DETACH incoming`);
    for (const suffix of ['', '-journal']) rmSync(`${path}${suffix}`, { force: true });
  }

  /**
   * Sorts the entries by id, once all are there: ids are random, and an index that grew with them would be written anew
   * page by page with each few hundred. What is sorted waits on the disk, not in memory.
   */
  function indexIds(): void {
    database.script(sql`
      PRAGMA temp_store = FILE;
      CREATE INDEX incoming.entry_by_id ON entry (id);
      PRAGMA temp_store = MEMORY;
    `);
  }

  function refuseContradiction(): void {
    const other = database.get<{ readonly id: string }>(
      sql`SELECT incoming.entry.id FROM incoming.entry JOIN main.case_entry USING (id)
          WHERE incoming.entry.hash <> main.case_entry.hash LIMIT 1`,
    );
    if (other !== undefined) {
      throw new WatchfloorError(
        'refused',
        'An entry of this file has the id of one that is here and says something else. Nothing was changed.',
        other.id,
      );
    }
    const writer = database.get<{ readonly id: string }>(
      sql`SELECT incoming.writer.id FROM incoming.writer
          LEFT JOIN main.writer ON main.writer.id = incoming.writer.id
          LEFT JOIN main.foreign_writer ON main.foreign_writer.id = incoming.writer.id
          WHERE coalesce(main.writer.public_key, main.foreign_writer.public_key, incoming.writer.public_key)
            <> incoming.writer.public_key LIMIT 1`,
    );
    if (writer !== undefined) {
      throw new WatchfloorError(
        'refused',
        'This file gives a writer who is known here another key. Somebody may pose as them. Nothing was changed.',
        writer.id,
      );
    }
  }

  function compare(): ImportedCase[] {
    refuseContradiction();
    return database
      .all<{
        readonly case_id: string;
        readonly known: number;
        readonly fresh: number;
        readonly payloads: number;
      }>(
        sql`SELECT incoming.entry.case_id,
              EXISTS (SELECT 1 FROM main.case_entry WHERE case_id = incoming.entry.case_id) AS known,
              sum(main.case_entry.id IS NULL) AS fresh,
              sum(main.case_entry.id IS NOT NULL AND incoming.entry.payload IS NOT NULL
                AND main.case_entry_payload.entry_id IS NULL) AS payloads
            FROM incoming.entry LEFT JOIN main.case_entry USING (id)
            LEFT JOIN main.case_entry_payload ON main.case_entry_payload.entry_id = incoming.entry.id
            GROUP BY incoming.entry.case_id ORDER BY incoming.entry.case_id`,
      )
      .map(({ case_id, known, fresh, payloads }) => ({
        caseId: case_id,
        isNew: known === 0,
        newEntries: fresh,
        newPayloads: payloads,
      }));
  }

  return {
    entries(entries) {
      const values: SqlValue[] = [];
      for (const entry of entries) {
        values.push(entry.id, entry.caseId, entry.writerId, entry.writerName, entry.sequence, entry.clock);
        values.push(entry.timeMs, entry.previousHash, entry.commitment, entry.hash, entry.version);
        values.push(entry.version === 1 ? '' : entry.kind, entry.keyFingerprint, entry.schema, entry.tlp);
        values.push(JSON.stringify(entry.replaces), entry.salt, entry.payload);
        values.push(entry.signature === null ? null : Buffer.from(entry.signature, 'base64'));
      }
      database.transaction(() => database.insertMany(sql`INSERT OR FAIL INTO incoming.entry`, 19, values));
    },
    allEntries() {
      indexIds();
      const same = database.get(sql`SELECT 1 FROM incoming.entry GROUP BY id HAVING count(*) > 1 LIMIT 1`);
      if (same !== undefined) {
        throw new WatchfloorError('bad-input', 'Two entries of this file have the same id.');
      }
    },
    writers(keys) {
      const values = keys.flatMap(({ writerId, publicKey }) => [writerId, publicKey]);
      database.transaction(() => database.insertMany(sql`INSERT OR IGNORE INTO incoming.writer`, 2, values));
    },
    snapshots(snapshots) {
      const values = snapshots.flatMap(({ sha256, body }) => {
        const bytes = Buffer.from(body);
        return [sha256, bytes.length, deflateSync(bytes, { level: 1 })];
      });
      database.transaction(() =>
        database.insertMany(sql`INSERT OR IGNORE INTO incoming.snapshot`, 3, values),
      );
    },
    workstations(workstations) {
      const values = workstations.flatMap(({ workstationId, name, writers }) => [
        workstationId,
        name,
        JSON.stringify(writers),
      ]);
      database.transaction(() =>
        database.insertMany(sql`INSERT OR IGNORE INTO incoming.workstation`, 3, values),
      );
    },
    arrivals(lines) {
      const values = lines.flatMap(({ workstationId, caseId, timeMs, refs }) =>
        refs.flatMap((ref): SqlValue[] => [workstationId, caseId, ref, timeMs]),
      );
      database.transaction(() => database.insertMany(sql`INSERT INTO incoming.arrival`, 4, values));
    },
    compare,
    commit() {
      return database.transaction(() => {
        const cases = compare();
        noteImported(database, arrivals.ownId(), Math.floor(nowMs()));
        noteTold(database, arrivals.ownId());
        database.run(
          sql`INSERT INTO main.foreign_writer (id, public_key)
              SELECT id, public_key FROM incoming.writer
              WHERE id NOT IN (SELECT id FROM main.writer) AND id NOT IN (SELECT id FROM main.foreign_writer)`,
        );
        // A condition on what is there already would put all rows aside in memory first.
        database.run(
          sql`INSERT OR IGNORE INTO main.case_entry (id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash,
                commitment, hash, version, kind, key_fingerprint, payload_schema, tlp, replaces)
              SELECT id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash, commitment, hash,
                version, kind, key_fingerprint, payload_schema, tlp, replaces
              FROM incoming.entry ORDER BY rowid`,
        );
        database.run(
          sql`INSERT OR IGNORE INTO main.case_entry_payload (entry_id, salt, payload)
              SELECT id, salt, payload FROM incoming.entry WHERE payload IS NOT NULL ORDER BY id`,
        );
        database.run(
          sql`INSERT OR IGNORE INTO main.case_signature (hash, case_id, writer_id, signature)
              SELECT hash, case_id, writer_id, signature FROM incoming.entry WHERE signature IS NOT NULL`,
        );
        database.run(
          sql`INSERT OR IGNORE INTO main.case_snapshot (sha256, size_bytes, body)
              SELECT sha256, size_bytes, body FROM incoming.snapshot`,
        );
        const changed = cases.filter((each) => each.newEntries > 0 || each.newPayloads > 0);
        refold(changed.map((each) => each.caseId));
        return cases;
      });
    },
    discard() {
      if (!isOpen) return;
      isOpen = false;
      detach();
      database.script(sql`PRAGMA main.cache_size = -65536`);
    },
  };
}
