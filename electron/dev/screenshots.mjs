/**
 * `npm run screenshots`: a PNG of every screen in its main states, in the folder screenshots/. Fails on overflow,
 * clipped text, console errors, or two states that look the same.
 */
import { join } from 'node:path';
import { ensureDebianPackages } from './debian.mjs';
import { ensureBuilt, ensureInstalled, nodeBinary, root, runInForeground, runMain } from './setup.mjs';

await runMain(() => {
  ensureInstalled();
  ensureDebianPackages();
  ensureBuilt();
  return runInForeground(nodeBinary(), [
    join(root, 'node_modules', '@playwright', 'test', 'cli.js'),
    'test',
    '--project=screenshots',
    ...process.argv.slice(2),
  ]);
});
