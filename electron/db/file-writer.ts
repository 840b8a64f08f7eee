import type { FileHandle } from 'node:fs/promises';

/** Less than this waits in memory at the end; the disk takes what came before while the rest is made. */
const syncedBytes = 64 * 1024 * 1024;

/** Writes a new file piece by piece, each while the next is made. Methods throw what the system throws. */
export interface FileWriter {
  /** `bytes` stay as they are until this is called again, or `written`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Waits until nothing is under way any more; the file can be closed then. */
  written(): Promise<void>;
  /** Waits until all of it is on the disk. */
  sync(): Promise<void>;
}

export function createFileWriter(file: FileHandle): FileWriter {
  let writing: Promise<void> = Promise.resolve();
  // An error is told once: where a sync fails, no later one is begun that could succeed.
  let syncing: Promise<void> = Promise.resolve();
  let isSyncing = false;
  let unsynced = 0;

  function syncEarly(): void {
    isSyncing = true;
    unsynced = 0;
    syncing = file.datasync().then(() => {
      isSyncing = false;
    });
    // Whoever waits for it is told.
    syncing.catch(() => undefined);
  }
  async function written(): Promise<void> {
    const [one, other] = await Promise.allSettled([writing, syncing]);
    if (one.status === 'rejected') throw one.reason;
    if (other.status === 'rejected') throw other.reason;
  }
  return {
    async write(bytes) {
      await writing;
      writing = file.writeFile(bytes);
      writing.catch(() => undefined);
      unsynced += bytes.length;
      if (unsynced >= syncedBytes && !isSyncing) syncEarly();
    },
    written,
    async sync() {
      await written();
      await file.sync();
    },
  };
}
