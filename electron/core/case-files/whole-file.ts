import { lstatSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { takenDetails } from '../../../shared/case-file/report.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { createFileWriter } from '../../db/file-writer.ts';
import { storageCode } from '../../db/storage-error.ts';
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

/** @throws WatchfloorError `conflict` where a file is there, `refused` where something else is */
export function refuseExisting(path: string): void {
  refuseStrange(path);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  throw new WatchfloorError('conflict', `${path} is there already. Nothing was written.`, takenDetails);
}

/** What to do about a file that could not be written, by the system's code. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space, or choose another disk.',
  EDQUOT: 'The disk quota is used up. Free some space, or choose another disk.',
  EFBIG: 'That disk takes no file of this size. Choose another disk.',
  EACCES: 'There is no permission to write there. Choose another folder.',
  EPERM: 'There is no permission to write there. Choose another folder.',
  EROFS: 'That disk can only be read. Choose another folder.',
  ENOENT: 'The folder is not there. Choose another, or make it first.',
  ENOTDIR: 'The folder is not there. Choose another, or make it first.',
  ENAMETOOLONG: 'The name is too long. Choose a shorter one.',
};

function cannotWrite(path: string, thrown: unknown): WatchfloorError {
  const code = storageCode(thrown) ?? '';
  const remedy = remedies[code] ?? 'Choose another place, or try again.';
  return new WatchfloorError(
    'storage',
    `${path} cannot be written. ${remedy} Nothing was left there.`,
    String(thrown),
  );
}

/**
 * Writes a file that is there whole or not at all: it grows under another name, which the next start takes away if
 * this process dies.
 * @param place `replaces`: a file that is there already gives way at the end, else it stays and nothing is written
 * @param chunks each good until the one after the next is asked for
 * @returns its size
 * @throws WatchfloorError `conflict` where a file is there that stays, `storage` where it cannot be written
 */
export async function writeWhole(
  dataDirectory: string,
  { path, replaces }: { readonly path: string; readonly replaces: boolean },
  id: string,
  chunks: AsyncIterable<Buffer>,
): Promise<number> {
  const refuse = replaces ? refuseStrange : refuseExisting;
  refuse(path);
  const { partial, done } = notePartial(dataDirectory, path, id);
  try {
    const file = await open(partial, 'wx', 0o600);
    const writer = createFileWriter(file);
    let sizeBytes = 0;
    try {
      for await (const chunk of chunks) {
        await writer.write(chunk);
        sizeBytes += chunk.length;
        faultPoint('case-export:writing');
      }
      await writer.sync();
    } finally {
      await writer.written().catch(() => undefined);
      await file.close();
    }
    faultPoint('case-export:before-rename');
    // It may have come while this was being written.
    refuse(path);
    await rename(partial, path);
    await syncFolder(dirname(path));
    return sizeBytes;
  } catch (thrown) {
    await rm(partial, { force: true });
    if (thrown instanceof WatchfloorError) throw thrown;
    throw cannotWrite(path, thrown);
  } finally {
    done();
  }
}
