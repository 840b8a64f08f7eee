import { join } from 'node:path';

/** What decides where data lies, handed in so that it can be tested for every platform. */
export type DataFolderInput = {
  readonly platform: NodeJS.Platform;
  readonly homeFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/**
 * The data directory when none is named: `WATCHFLOOR_DATA_DIR`, else the platform's own place for an application's
 * data on this machine (never one that roams between machines, because a database does not survive that).
 */
export function defaultDataFolder(input: DataFolderInput): string {
  const setting = input.environment.WATCHFLOOR_DATA_DIR;
  if (setting !== undefined && setting !== '') return setting;
  switch (input.platform) {
    case 'win32':
      return join(input.environment.LOCALAPPDATA ?? join(input.homeFolder, 'AppData', 'Local'), 'Watchfloor');
    case 'darwin':
      return join(input.homeFolder, 'Library', 'Application Support', 'Watchfloor');
    default:
      return join(input.environment.XDG_DATA_HOME || join(input.homeFolder, '.local', 'share'), 'watchfloor');
  }
}
