import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { allEvidenceFiles, evidencePath, filesOf } from './evidence-files.ts';
import {
  createSealer,
  type EvidenceKey,
  evidenceChunks,
  plainSize,
  sealed,
  unseal,
} from './evidence-seal.ts';
import { writeAll } from './file-chunks.ts';
import { createFileWriter } from './file-writer.ts';
import { sha256Hex } from './ids.ts';
import type { RepositoryTools } from './repository.ts';
import { sql } from './sql.ts';
import { toStorageError } from './storage-error.ts';
import type { EvidenceDraft, EvidenceRepository } from './store.ts';
import { adoptingPrefix, unfinishedFolder } from './unfinished.ts';

/** Makes a rename last through a power cut; not every system lets a directory be opened. */
function syncDirectory(path: string): void {
  try {
    const handle = openSync(path, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Windows: its own journal does this.
  }
}

const locked = (sha256: string) =>
  new WatchfloorError(
    'unavailable',
    'This evidence is encrypted with a key that is not available here. Its file is kept as it is and opens again where the key does; adding the same bytes again gives a copy that can be read here.',
    sha256,
  );

/** Where a piece of evidence lies, and with which key; null where it lies plain. */
interface Place {
  readonly path: string;
  readonly key: EvidenceKey | null;
}

interface Finished {
  /** Out of sight, until it is moved to where it belongs. */
  readonly path: string;
  readonly key: EvidenceKey | null;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Evidence lies in files of its own, named by the hash of its bytes: they are written once and never changed, so damage
 * to the database cannot reach them and a backup need not copy them. A plain file bears the hash alone; an encrypted one
 * (`evidence-seal.ts`) also the id of its key, so that nothing is ever taken for the other, and what is encrypted with a
 * key that is lost is never written over.
 */
export function createEvidenceRepository(
  { database, nowMs, newId }: RepositoryTools,
  dataDirectory: string,
): EvidenceRepository {
  const folder = join(dataDirectory, 'evidence');
  /** Those that are known here; the first is for what is written. */
  let keys: readonly EvidenceKey[] = [];
  const pathOf = (sha256: string, key: EvidenceKey | null) => evidencePath(dataDirectory, sha256, key?.id);
  /** What each finished draft is, until it is adopted or discarded. */
  const finished = new WeakMap<EvidenceDraft, Finished>();

  function addRow(sha256: string, sizeBytes: number): void {
    database.run(
      sql`INSERT OR IGNORE INTO evidence (sha256, size_bytes, added_ms)
          VALUES (${sha256}, ${sizeBytes}, ${Math.floor(nowMs())})`,
    );
  }

  const isKept = (sha256: string) =>
    database.get(sql`SELECT 1 FROM evidence WHERE sha256 = ${sha256}`) !== undefined;

  /** A file that can be read here. */
  function placeOf(sha256: string): Place | null {
    if (!/^[0-9a-f]{64}$/.test(sha256)) {
      throw new WatchfloorError('bad-input', 'This is not the name of any evidence.', sha256.slice(0, 100));
    }
    for (const key of [...keys, null]) {
      const path = pathOf(sha256, key);
      if (existsSync(path)) return { path, key };
    }
    return null;
  }

  function write(path: string, bytes: Uint8Array): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = join(unfinishedFolder(dataDirectory), newId('ev'));
    try {
      const handle = openSync(temporary, 'wx', 0o600);
      try {
        writeAll(handle, bytes);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(temporary, path);
    } catch (thrown) {
      rmSync(temporary, { force: true });
      throw thrown;
    }
    syncDirectory(dirname(path));
    syncDirectory(folder);
  }

  function plainBytes({ path, key }: Place): Buffer {
    const stored = readFileSync(path);
    return key === null ? stored : unseal(stored, path, key);
  }

  function isWhole(place: Place, sha256: string): boolean {
    try {
      return sha256Hex(plainBytes(place)) === sha256;
    } catch (thrown) {
      if (thrown instanceof WatchfloorError) return false;
      throw thrown;
    }
  }

  async function isWholeFile(place: Place, sha256: string): Promise<boolean> {
    try {
      const hash = createHash('sha256');
      for await (const chunk of evidenceChunks(place)) hash.update(chunk);
      return hash.digest('hex') === sha256;
    } catch {
      return false;
    }
  }

  function moveIn({ path, key, sha256 }: Finished): void {
    mkdirSync(dirname(pathOf(sha256, key)), { recursive: true, mode: 0o700 });
    renameSync(path, pathOf(sha256, key));
  }

  async function begin(): Promise<EvidenceDraft> {
    const path = join(unfinishedFolder(dataDirectory), newId('ev'));
    const [key = null] = keys;
    try {
      const handle = await open(path, 'wx', 0o600);
      const writer = createFileWriter(handle);
      const sealer = key === null ? null : createSealer(key);
      let sizeBytes = 0;
      let isOpen = true;
      const close = async () => {
        try {
          await writer.written();
        } finally {
          if (isOpen) {
            isOpen = false;
            await handle.close();
          }
        }
      };
      const draft: EvidenceDraft = {
        async write(bytes) {
          sizeBytes += bytes.length;
          try {
            await writer.write(sealer === null ? bytes : sealer.update(bytes));
          } catch (thrown) {
            throw toStorageError(thrown);
          }
        },
        async close() {
          if (sealer !== null && isOpen) await writer.write(sealer.end());
          await close();
        },
        async finish(sha256) {
          try {
            await draft.close();
            const whole = await open(path, 'r+');
            try {
              await whole.sync();
            } finally {
              await whole.close();
            }
          } catch (thrown) {
            throw toStorageError(thrown);
          }
          finished.set(draft, { path, key, sha256, sizeBytes });
          return { sha256, sizeBytes };
        },
        async discard() {
          await close().catch(() => undefined);
          finished.delete(draft);
          await rm(path, { force: true });
        },
      };
      return draft;
    } catch (thrown) {
      throw toStorageError(thrown);
    }
  }

  return {
    setKeys(given) {
      keys = given;
    },
    put(bytes) {
      const sha256 = sha256Hex(bytes);
      const [key = null] = keys;
      try {
        const place = placeOf(sha256);
        if (place === null || !isWhole(place, sha256)) {
          write(pathOf(sha256, key), key === null ? bytes : sealed(bytes, key));
          // What was found damaged would be read first.
          if (place !== null && place.path !== pathOf(sha256, key)) rmSync(place.path, { force: true });
        }
      } catch (thrown) {
        throw toStorageError(thrown);
      }
      addRow(sha256, bytes.length);
      return { sha256, sizeBytes: bytes.length };
    },
    read(sha256) {
      const place = placeOf(sha256);
      if (place === null) {
        if (filesOf(dataDirectory, sha256).length > 0) throw locked(sha256);
        return null;
      }
      try {
        const bytes = plainBytes(place);
        return { bytes, verified: sha256Hex(bytes) === sha256 };
      } catch (thrown) {
        throw toStorageError(thrown);
      }
    },
    begin,
    adopt(drafts, work) {
      const all = drafts.flatMap((draft) => finished.get(draft) ?? []);
      const fresh = all.filter(({ sha256 }) => placeOf(sha256) === null);
      const note = join(unfinishedFolder(dataDirectory), `${adoptingPrefix}${newId('no')}.json`);
      const folders = new Set(fresh.map(({ sha256, key }) => dirname(pathOf(sha256, key))));
      try {
        writeFileSync(note, JSON.stringify(fresh.map(({ sha256 }) => sha256)), { mode: 0o600, flush: true });
        for (const each of fresh) moveIn(each);
        for (const place of folders) syncDirectory(place);
        syncDirectory(folder);
        return database.transaction(() => {
          for (const { sha256, sizeBytes } of all) addRow(sha256, sizeBytes);
          return work();
        });
      } catch (thrown) {
        for (const { sha256, key } of fresh) {
          if (!isKept(sha256)) rmSync(pathOf(sha256, key), { force: true });
        }
        throw toStorageError(thrown);
      } finally {
        rmSync(note, { force: true });
      }
    },
    open(sha256) {
      const place = placeOf(sha256);
      if (place === null) return null;
      const { size } = statSync(place.path);
      const sizeBytes = place.key === null ? size : plainSize(size);
      return {
        sizeBytes,
        place: { ...place, sizeBytes },
        chunks: () => evidenceChunks(place),
      };
    },
    census() {
      const known = new Set(keys.map(({ id }) => id));
      const readable = new Set<string>();
      const plain = new Set<string>();
      const elsewhere = new Set<string>();
      for (const { sha256, keyId } of allEvidenceFiles(dataDirectory)) {
        if (keyId === null) plain.add(sha256);
        else if (known.has(keyId)) readable.add(sha256);
        else elsewhere.add(sha256);
      }
      return {
        encrypted: readable.size,
        plain: [...plain],
        unreadable: [...elsewhere].filter((sha256) => !readable.has(sha256) && !plain.has(sha256)),
      };
    },
    namesOf(sha256s) {
      const wanted = new Set(sha256s);
      if (wanted.size === 0) return [];
      const rows = database.all<{ readonly sha256: string; readonly name: string; readonly caseId: string }>(
        sql`SELECT payload ->> 'sha256' AS sha256, payload ->> 'name' AS name, case_id AS caseId
            FROM case_entry_payload JOIN case_entry ON case_entry.id = entry_id
            WHERE instr(payload, '"evidence-added"') > 0 AND payload ->> 'kind' = 'evidence-added'
            ORDER BY case_id, name`,
      );
      return rows.filter((row) => wanted.has(row.sha256));
    },
    async encryptPlain(sha256, onStep) {
      const [key] = keys;
      const plain: Place = { path: pathOf(sha256, null), key: null };
      if (key === undefined || !existsSync(plain.path)) return 'gone';
      const encrypted: Place = { path: pathOf(sha256, key), key };
      // It is there already after a crash between the last two steps.
      if (!existsSync(encrypted.path) || !(await isWholeFile(encrypted, sha256))) {
        const draft = await begin();
        try {
          const hash = createHash('sha256');
          for await (const chunk of evidenceChunks(plain)) {
            hash.update(chunk);
            await draft.write(chunk);
            onStep('writing');
          }
          if (hash.digest('hex') !== sha256) return 'damaged';
          await draft.finish(sha256);
          const whole = finished.get(draft);
          if (whole === undefined) return 'gone';
          onStep('before-rename');
          moveIn(whole);
          syncDirectory(dirname(encrypted.path));
        } catch (thrown) {
          throw toStorageError(thrown);
        } finally {
          await draft.discard();
        }
      }
      onStep('before-removal');
      await rm(plain.path, { force: true });
      return 'encrypted';
    },
  };
}
