import { statfsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { hourMs } from '../../shared/domain/time.ts';
import { toStorageError } from '../db/storage-error.ts';
import { unfinishedFolder } from '../db/unfinished.ts';
import { faultPoint } from './fault-points.ts';

/** Of one file. */
const mostBytes = 256 * 1024 ** 3;
/** More at once nobody chooses; those that a window left behind give way. */
const mostUploads = 16;
/** Disk space that stays free whatever is uploaded: the database must go on. */
const spareBytes = 512 * 1024 ** 2;
/** A window that wrote nothing for so long is gone. */
const mostIdleMs = hourMs;

/**
 * Files that a screen has as bytes and the core needs as a file, e.g. one that was dropped on a window. They come in
 * pieces, in order, and lie where each start takes away what is left.
 */
export interface Uploads {
  /**
   * @param name as the analyst calls it; the staged file's name is made of it
   * @throws WatchfloorError `too-large` where it is, or the disk has no room for it; `refused` when too many are open
   */
  begin(name: string, sizeBytes: number): Promise<{ readonly id: string }>;
  /**
   * Adds bytes at the end.
   * @param offset where they belong, so that none are missing or there twice
   */
  write(id: string, offset: number, bytes: Uint8Array): Promise<{ readonly writtenBytes: number }>;
  /** Ends the writing. @throws WatchfloorError `conflict` while bytes are missing */
  finish(id: string): Promise<{ readonly path: string }>;
  /** The file of an upload that was finished. @throws WatchfloorError `not-found`, `conflict` */
  path(id: string): string;
  /** Takes it away, whatever came of it; an unknown one is gone already. */
  discard(id: string): Promise<void>;
  /** Takes away the one whose file this is; a file that is none stays. */
  discardAt(path: string): Promise<void>;
  /** Takes away those that nobody touched for an hour. */
  dropIdle(): Promise<void>;
  /** Takes all away. */
  close(): Promise<void>;
}

export interface UploadsDeps {
  readonly dataDirectory: string;
  readonly newId: (prefix: string) => string;
  readonly nowMs: () => number;
  /** Bytes that this account may still write in a folder. */
  readonly freeBytes?: (folder: string) => number;
}

interface Upload {
  /** Of its own, so that the file can have its name. */
  readonly folder: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly file: Promise<FileHandle>;
  writtenBytes: number;
  touchedMs: number;
  isFinished: boolean;
  /** One thing after the other happens to a file. */
  busy: Promise<unknown>;
}

/** Names that Windows keeps for devices, whatever ending they have. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** What a file may be called on every system, as much like its own name as that allows. */
function stagedName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const clean = last
    .replace(/[^\p{L}\p{N}._ -]/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(-80);
  return clean === '' || deviceName.test(clean) ? `file-${clean}` : clean;
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** At a place of its own, so that a piece that failed half way can come again. */
async function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

const gone = () =>
  new WatchfloorError('not-found', 'This file was given up or forgotten. Choose it again; nothing was kept.');

export function createUploads({
  dataDirectory,
  newId,
  nowMs,
  freeBytes = freeBytesOf,
}: UploadsDeps): Uploads {
  const uploads = new Map<string, Upload>();

  function found(id: string): Upload {
    const upload = uploads.get(id);
    if (upload === undefined) throw gone();
    upload.touchedMs = nowMs();
    return upload;
  }

  /** Runs work on an upload after what runs already. */
  function inTurn<T>(upload: Upload, work: () => Promise<T>): Promise<T> {
    const next = upload.busy.then(work);
    upload.busy = next.catch(() => undefined);
    return next;
  }

  async function discard(id: string): Promise<void> {
    const upload = uploads.get(id);
    if (upload === undefined) return;
    uploads.delete(id);
    await inTurn(upload, async () => {
      if (!upload.isFinished) await upload.file.then((file) => file.close()).catch(() => undefined);
      await rm(upload.folder, { recursive: true, force: true });
    });
  }

  async function dropIdle(): Promise<void> {
    const idle = [...uploads].filter(([, { touchedMs }]) => nowMs() - touchedMs > mostIdleMs);
    for (const [id] of idle) await discard(id);
  }

  return {
    async begin(name, sizeBytes) {
      await dropIdle();
      if (sizeBytes > mostBytes) {
        throw new WatchfloorError('too-large', 'A file may have 256 GiB at most. Nothing was copied.');
      }
      if (uploads.size >= mostUploads) {
        throw new WatchfloorError(
          'refused',
          `${mostUploads} files are being copied already. Wait until some are done.`,
        );
      }
      const folder = unfinishedFolder(dataDirectory);
      const promised = [...uploads.values()].reduce(
        (sum, each) => sum + each.sizeBytes - each.writtenBytes,
        0,
      );
      const room = freeBytes(folder) - promised - spareBytes;
      if (sizeBytes > room) {
        throw new WatchfloorError(
          'too-large',
          `There is no room for this file beside the database: it has ${sizeBytes.toLocaleString('en')} bytes, ${Math.max(0, room).toLocaleString('en')} are free. Nothing was copied.`,
        );
      }
      const id = newId('up');
      const own = join(folder, id);
      const path = join(own, stagedName(name));
      const file = mkdir(own, { mode: 0o700 }).then(() => open(path, 'wx', 0o600));
      // Counted before anything is waited for, so that two that begin at once know of each other.
      uploads.set(id, {
        folder: own,
        path,
        sizeBytes,
        file,
        writtenBytes: 0,
        touchedMs: nowMs(),
        isFinished: false,
        busy: Promise.resolve(),
      });
      try {
        await file;
      } catch (thrown) {
        uploads.delete(id);
        await rm(own, { recursive: true, force: true });
        throw toStorageError(thrown);
      }
      return { id };
    },
    write(id, offset, bytes) {
      const upload = found(id);
      return inTurn(upload, async () => {
        if (uploads.get(id) !== upload) throw gone();
        if (upload.isFinished || offset !== upload.writtenBytes) {
          throw new WatchfloorError('conflict', 'This piece does not go there. Choose the file again.');
        }
        if (offset + bytes.length > upload.sizeBytes) {
          throw new WatchfloorError(
            'too-large',
            'More bytes came than were announced. Choose the file again.',
          );
        }
        try {
          await writeAt(await upload.file, bytes, offset);
        } catch (thrown) {
          throw toStorageError(thrown);
        }
        upload.writtenBytes += bytes.length;
        faultPoint('upload:writing');
        return { writtenBytes: upload.writtenBytes };
      });
    },
    finish(id) {
      const upload = found(id);
      return inTurn(upload, async () => {
        if (uploads.get(id) !== upload) throw gone();
        if (upload.writtenBytes !== upload.sizeBytes) {
          throw new WatchfloorError(
            'conflict',
            'The file is not whole: it changed or was cut short while it was copied. Choose it again.',
          );
        }
        if (!upload.isFinished) await (await upload.file).close();
        upload.isFinished = true;
        return { path: upload.path };
      });
    },
    path(id) {
      const upload = found(id);
      if (!upload.isFinished) throw new WatchfloorError('conflict', 'The file is still being copied.');
      return upload.path;
    },
    discard,
    async discardAt(path) {
      for (const [id, upload] of uploads) if (upload.path === path) await discard(id);
    },
    dropIdle,
    async close() {
      for (const id of [...uploads.keys()]) await discard(id);
    },
  };
}
