import { lstatSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { notePartial } from '../../db/unfinished.ts';
import { faultPoint } from '../fault-points.ts';

/** Makes a rename last through a power cut; not every system lets a folder be opened. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // Windows: its own journal does this.
  }
}

function refuseStrange(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) {
    throw new WatchfloorError('refused', `${path} is there and is not a file. Nothing was written.`);
  }
}

/**
 * Writes a file that is there whole or not at all: it grows under another name, which the next start takes away if
 * this process dies. A file that is there already is replaced at the end.
 * @param chunks each good until the one after the next is asked for
 * @returns its size
 */
export async function writeWhole(
  dataDirectory: string,
  path: string,
  id: string,
  chunks: AsyncIterable<Buffer>,
): Promise<number> {
  refuseStrange(path);
  const { partial, done } = notePartial(dataDirectory, path, id);
  try {
    const file = await open(partial, 'wx', 0o600);
    let sizeBytes = 0;
    // The next chunk is made while the last is written.
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const chunk of chunks) {
        await writing;
        sizeBytes += chunk.length;
        writing = file.writeFile(chunk);
        writing.catch(() => undefined);
        faultPoint('case-export:writing');
      }
      await writing;
      await file.sync();
    } finally {
      await writing.catch(() => undefined);
      await file.close();
    }
    faultPoint('case-export:before-rename');
    await rename(partial, path);
    await syncFolder(dirname(path));
    return sizeBytes;
  } catch (thrown) {
    await rm(partial, { force: true });
    if (thrown instanceof WatchfloorError) throw thrown;
    throw new WatchfloorError(
      'storage',
      `${path} cannot be written. Nothing was left there.`,
      String(thrown),
    );
  } finally {
    done();
  }
}
