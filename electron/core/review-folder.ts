import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minuteMs } from '../../shared/domain/time.ts';
import { lockDataDirectory } from '../db/data-directory-lock.ts';

const prefix = 'watchfloor-review-';

/** A data directory for one case file that is looked at: only its owner can read it, and it goes with `remove`. */
export function makeReviewFolder(): { readonly path: string; remove(): void } {
  // mkdtemp gives mode 0700 and refuses what is there already.
  const path = mkdtempSync(join(tmpdir(), prefix));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Whether a folder is one of ours that nobody works in: its process was ended the hard way. */
function isLeft(path: string, nowMs: number): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // Links, and what others put there, are not ours.
  if (found === undefined || !found.isDirectory()) return false;
  if (process.getuid !== undefined && found.uid !== process.getuid()) return false;
  // Between being made and being locked it looks like one that was left.
  if (!existsSync(join(path, 'core.lock'))) return found.mtimeMs < nowMs - minuteMs;
  try {
    lockDataDirectory(path, nowMs).release();
    return true;
  } catch {
    return false;
  }
}

/** Takes away what reviews left that did not end by themselves. */
export function removeLeftReviewFolders(nowMs: number): void {
  const folder = tmpdir();
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    try {
      if (name.startsWith(prefix) && isLeft(path, nowMs)) rmSync(path, { recursive: true, force: true });
    } catch {
      // What cannot be removed now is tried again at the next start.
    }
  }
}
