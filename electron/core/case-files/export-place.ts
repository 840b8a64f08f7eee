import { existsSync, lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { extname, join } from 'node:path';

/** Where people look for what they saved: their downloads, else their home folder. */
export function usualFolder(home: string = homedir()): string {
  const downloads = join(home, 'Downloads');
  return existsSync(downloads) ? downloads : home;
}

const mostTries = 1_000;

/** The name in the folder, numbered where it is taken: `a.wfcase`, `a-2.wfcase`. */
export function freePath(folder: string, name: string): string {
  const ending = extname(name);
  const stem = name.slice(0, name.length - ending.length);
  for (let number = 1; number < mostTries; number += 1) {
    const path = join(folder, number === 1 ? name : `${stem}-${number}${ending}`);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return path;
  }
  return join(folder, name);
}
