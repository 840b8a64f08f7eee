import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesOf } from './evidence-files.ts';

/*
 * What is being written and is not whole yet lies in one folder of the data directory, which each start empties. A
 * file that grows elsewhere, beside its final name, is noted there first, so that a start after a crash takes it away.
 */

/** Notes of evidence that is moved to its place before the transaction that speaks of it. */
export const adoptingPrefix = 'adopting-';
const notePrefix = 'partial-';
const partialSuffix = '.watchfloor-partial';

const folderOf = (dataDirectory: string) => join(dataDirectory, 'unfinished');

/** The folder for what is not whole yet; made where it is missing. */
export function unfinishedFolder(dataDirectory: string): string {
  const folder = folderOf(dataDirectory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Lends an empty folder for what is needed while `work` runs; the next start takes it away if this process dies. */
export async function withScratchFolder<T>(
  dataDirectory: string,
  id: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(unfinishedFolder(dataDirectory), id);
  mkdirSync(folder, { mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A name beside `path` under which it can grow until it is whole, and how to say that it is gone from there. */
export function notePartial(
  dataDirectory: string,
  path: string,
  id: string,
): { readonly partial: string; readonly done: () => void } {
  const partial = `${path}.${id}${partialSuffix}`;
  const note = join(unfinishedFolder(dataDirectory), `${notePrefix}${id}.json`);
  writeFileSync(note, JSON.stringify({ partial }), { mode: 0o600 });
  return { partial, done: () => rmSync(note, { force: true }) };
}

function readNote(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Cut short by the crash: what it would have spoken of was not begun.
    return null;
  }
}

function removePartial(note: unknown): void {
  if (typeof note !== 'object' || note === null || !('partial' in note)) return;
  const { partial } = note;
  // Nothing else is ever taken away on a note's word.
  if (typeof partial === 'string' && basename(partial).endsWith(partialSuffix))
    rmSync(partial, { force: true });
}

/**
 * Takes away what a crash left half made. Only who holds the data directory's lock may do this.
 * @param isKept whether the database knows of evidence with this SHA-256
 */
export function sweepUnfinished(dataDirectory: string, isKept: (sha256: string) => boolean): void {
  const folder = folderOf(dataDirectory);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(notePrefix)) removePartial(readNote(path));
    if (name.startsWith(adoptingPrefix)) {
      const adopting = readNote(path);
      for (const sha256 of Array.isArray(adopting) ? adopting : []) {
        const isHash = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
        if (!isHash || isKept(sha256)) continue;
        for (const { path: half } of filesOf(dataDirectory, sha256)) rmSync(half, { force: true });
      }
    }
    rmSync(path, { force: true, recursive: true });
  }
}
