import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** The repository's top: this file lies two folders below it as source, elsewhere once it is built. */
function findRoot(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, 'package-lock.json')) ? folder : findRoot(above);
}

const root = findRoot(import.meta.dirname);

/**
 * The folder of recorded data that some tests read: `WATCHFLOOR_FIXTURES`, or `../shared/fixtures` beside the
 * repository. A relative setting counts from the repository's top.
 */
export function fixturesFolder(): string {
  const setting = process.env.WATCHFLOOR_FIXTURES ?? join('..', 'shared', 'fixtures');
  return isAbsolute(setting) ? setting : join(root, setting);
}

/**
 * The absolute path of one fixture, or null when it is not there. A test that gets null skips itself with
 * `missingFixture(path)` as its reason.
 */
export function fixturePath(...parts: readonly string[]): string | null {
  const path = join(fixturesFolder(), ...parts);
  return existsSync(path) ? path : null;
}

/** What a test says when it leaves itself out for want of a fixture. */
export function missingFixture(...parts: readonly string[]): string {
  return `left out: no ${join(...parts)} in ${fixturesFolder()} (set WATCHFLOOR_FIXTURES)`;
}
