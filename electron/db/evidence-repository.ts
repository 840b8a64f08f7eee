import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { sha256Hex } from './ids.ts';
import type { RepositoryTools } from './repository.ts';
import { sql } from './sql.ts';
import { toStorageError } from './storage-error.ts';
import type { EvidenceRepository } from './store.ts';

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
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256);

  function write(path: string, bytes: Uint8Array): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = join(dirname(path), `.${newId('tmp')}`);
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
      database.run(
        sql`INSERT OR IGNORE INTO evidence (sha256, size_bytes, added_ms)
            VALUES (${sha256}, ${bytes.length}, ${Math.floor(nowMs())})`,
      );
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
  };
}
