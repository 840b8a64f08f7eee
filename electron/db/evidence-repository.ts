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
  writeSync,
} from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { sha256Hex } from './ids.ts';
import type { RepositoryTools } from './repository.ts';
import { sql } from './sql.ts';
import { toStorageError } from './storage-error.ts';
import type { EvidenceDraft, EvidenceRepository } from './store.ts';
import { adoptingPrefix, evidencePath, unfinishedFolder } from './unfinished.ts';

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

/**
 * Evidence lies in files of its own, named by their hash: they are written once and never changed, so damage to
 * the database cannot reach them and a backup need not copy them.
 */
export function createEvidenceRepository(
  { database, nowMs, newId }: RepositoryTools,
  dataDirectory: string,
): EvidenceRepository {
  const folder = join(dataDirectory, 'evidence');
  const pathOf = (sha256: string) => evidencePath(dataDirectory, sha256);
  /** What each finished draft is, until it is adopted or discarded. */
  const finished = new WeakMap<
    EvidenceDraft,
    { readonly path: string; readonly sha256: string; readonly sizeBytes: number }
  >();

  function addRow(sha256: string, sizeBytes: number): void {
    database.run(
      sql`INSERT OR IGNORE INTO evidence (sha256, size_bytes, added_ms)
          VALUES (${sha256}, ${sizeBytes}, ${Math.floor(nowMs())})`,
    );
  }

  const isKept = (sha256: string) =>
    database.get(sql`SELECT 1 FROM evidence WHERE sha256 = ${sha256}`) !== undefined;

  function write(path: string, bytes: Uint8Array): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = join(unfinishedFolder(dataDirectory), newId('ev'));
    try {
      const handle = openSync(temporary, 'wx', 0o600);
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
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

  return {
    put(bytes) {
      const sha256 = sha256Hex(bytes);
      const path = pathOf(sha256);
      try {
        const whole = existsSync(path) && sha256Hex(readFileSync(path)) === sha256;
        if (!whole) write(path, bytes);
      } catch (thrown) {
        throw toStorageError(thrown);
      }
      addRow(sha256, bytes.length);
      return { sha256, sizeBytes: bytes.length };
    },
    read(sha256) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) {
        throw new WatchfloorError('bad-input', 'This is not the name of any evidence.', sha256.slice(0, 100));
      }
      const path = pathOf(sha256);
      if (!existsSync(path)) return null;
      try {
        const bytes = readFileSync(path);
        return { bytes, verified: sha256Hex(bytes) === sha256 };
      } catch (thrown) {
        throw toStorageError(thrown);
      }
    },
    async begin() {
      const path = join(unfinishedFolder(dataDirectory), newId('ev'));
      try {
        const handle = await open(path, 'wx', 0o600);
        let sizeBytes = 0;
        let isOpen = true;
        let writing: Promise<void> = Promise.resolve();
        const close = async () => {
          try {
            await writing;
          } finally {
            if (isOpen) await handle.close();
            isOpen = false;
          }
        };
        const draft: EvidenceDraft = {
          async write(bytes) {
            try {
              await writing;
            } catch (thrown) {
              throw toStorageError(thrown);
            }
            sizeBytes += bytes.length;
            writing = handle.writeFile(bytes);
            // Whoever waits for it next is told; until then it is nobody's.
            writing.catch(() => undefined);
          },
          close,
          async finish(sha256) {
            try {
              await close();
              const whole = await open(path, 'r+');
              try {
                await whole.sync();
              } finally {
                await whole.close();
              }
            } catch (thrown) {
              throw toStorageError(thrown);
            }
            finished.set(draft, { path, sha256, sizeBytes });
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
    },
    adopt(drafts, work) {
      const all = drafts.flatMap((draft) => finished.get(draft) ?? []);
      const fresh = all.filter(({ sha256 }) => !existsSync(pathOf(sha256)));
      const note = join(unfinishedFolder(dataDirectory), `${adoptingPrefix}${newId('no')}.json`);
      const folders = new Set(fresh.map(({ sha256 }) => dirname(pathOf(sha256))));
      try {
        writeFileSync(note, JSON.stringify(fresh.map(({ sha256 }) => sha256)), { mode: 0o600, flush: true });
        for (const place of folders) mkdirSync(place, { recursive: true, mode: 0o700 });
        for (const { path, sha256 } of fresh) renameSync(path, pathOf(sha256));
        for (const place of folders) syncDirectory(place);
        syncDirectory(folder);
        return database.transaction(() => {
          for (const { sha256, sizeBytes } of all) addRow(sha256, sizeBytes);
          return work();
        });
      } catch (thrown) {
        for (const { sha256 } of fresh) if (!isKept(sha256)) rmSync(pathOf(sha256), { force: true });
        throw toStorageError(thrown);
      } finally {
        rmSync(note, { force: true });
      }
    },
    file(sha256) {
      const path = pathOf(sha256);
      return existsSync(path) ? { path, sizeBytes: statSync(path).size } : null;
    },
  };
}
