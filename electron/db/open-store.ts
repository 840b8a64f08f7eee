import { WatchfloorError } from '../../shared/domain/result.ts';
import type { Store, StoreOptions } from './store.ts';

/**
 * Opens (and at first makes) the store in a data directory.
 * @throws WatchfloorError `locked` when another core holds it, `newer-database`, `storage`
 */
export function openStore(dataDirectory: string, options: StoreOptions): Store {
  throw new WatchfloorError(
    'internal',
    `Storage is not there yet (${dataDirectory}, ${options.appVersion}).`,
  );
}
