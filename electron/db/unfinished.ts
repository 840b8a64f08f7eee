import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/*
 * What is being written and is not whole yet lies in one folder of the data directory, which each start empties. A
 * file that grows elsewhere, beside its final name, is noted there first, so that a start after a crash takes it away.
 */

const notePrefix = 'partial-';
const partialSuffix = '.watchfloor-partial';

const folderOf = (dataDirectory: string) => join(dataDirectory, 'unfinished');

/** The folder for what is not whole yet; made where it is missing. */
export function unfinishedFolder(dataDirectory: string): string {
  const folder = folderOf(dataDirectory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
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

function removePartial(note: string): void {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(note, 'utf8'));
  } catch {
    // Cut short by the crash: then the file that it speaks of was not begun.
    return;
  }
  if (typeof value !== 'object' || value === null || !('partial' in value)) return;
  const { partial } = value;
  // Nothing else is ever taken away on a note's word.
  if (typeof partial === 'string' && basename(partial).endsWith(partialSuffix))
    rmSync(partial, { force: true });
}

/** Takes away what a crash left half made. Only who holds the data directory's lock may do this. */
export function sweepUnfinished(dataDirectory: string): void {
  const folder = folderOf(dataDirectory);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(notePrefix)) removePartial(path);
    rmSync(path, { force: true, recursive: true });
  }
}
