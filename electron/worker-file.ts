import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appPaths } from './app-paths.ts';

/**
 * Where a thread's file lies: in the sources beside the module that starts it, in a build among the bundles.
 * @param directory of that module
 */
export function workerFile(directory: string, name: string): string {
  const source = join(directory, `${name}.ts`);
  return existsSync(source) ? source : join(appPaths(directory).bundles, `${name}.cjs`);
}
