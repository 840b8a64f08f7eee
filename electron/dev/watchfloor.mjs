/**
 * `npm run -s watchfloor -- ...`: the command line from a checkout. Sets up and builds what is missing with every
 * word on standard error, then is the command: its standard output, its exit code, its signals.
 */
import { join } from 'node:path';
import {
  coreFlags,
  ensureBuilt,
  ensureInstalled,
  nodeBinary,
  root,
  runInForeground,
  runMain,
} from './setup.mjs';

await runMain(() => {
  ensureInstalled();
  ensureBuilt();
  return runInForeground(
    nodeBinary(),
    [...coreFlags, join(root, 'dist', 'electron', 'cli.cjs'), ...process.argv.slice(2)],
    {
      // Paths that the user typed are relative to where they typed them.
      cwd: process.env.INIT_CWD ?? process.cwd(),
    },
  );
});
