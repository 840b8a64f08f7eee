import { WatchfloorError } from '../../shared/domain/result.ts';

/**
 * The database's native part needs Node-API 10; an older runtime dies in it without a word, so it is asked first.
 * @throws WatchfloorError `unavailable` on a runtime that is too old
 */
export function assertRuntime(): void {
  const napi = Number(process.versions.napi ?? 0);
  if (napi >= 10) return;
  throw new WatchfloorError(
    'unavailable',
    `The database needs Node-API 10; this is Node ${process.versions.node} with Node-API ${napi}. Start Watchfloor with npm start, which brings its own Node 24.`,
  );
}
