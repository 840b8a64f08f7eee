import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from '../../shared/api/contract.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { appVersion } from '../app-version.ts';
import { openStore, type Store } from '../db/index.ts';

/** What every command on cases or handovers is given. */
export interface StoreCommand {
  /** The root, as for every command. */
  readonly dataDirectory: string;
  readonly workspace: Workspace;
  readonly json: boolean;
}

export const line = (text: string) => process.stdout.write(`${text}\n`);
export const shown = (text: string, length = 120) => toSafeExcerpt(text, length);

/** Opens a database beside a running app: takes no lock and changes nothing. `not-found` where there is none. */
export function openToRead(folder: string): Store {
  if (!existsSync(join(folder, 'watchfloor.db'))) {
    throw new WatchfloorError('not-found', `There is no Watchfloor database in ${folder}.`);
  }
  return openStore(folder, { nowMs: Date.now, appVersion, readOnly: true });
}

/** Reads what a command asks of its workspace. */
export function reading<T>({ dataDirectory, workspace }: StoreCommand, work: (store: Store) => T): T {
  const store = openToRead(workspace === 'range' ? join(dataDirectory, 'range') : dataDirectory);
  try {
    return work(store);
  } finally {
    store.close();
  }
}
