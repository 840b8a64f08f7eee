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

/**
 * Case files pass through in little pieces: with more room V8 lets three times as much of them lie around, and where it
 * comes to think that entries live long it puts them where they lie until the heap is full.
 */
const flags =
  process.argv[2] === 'case' ? ['--max-semi-space-size=4', '--no-allocation-site-pretenuring'] : coreFlags;

await runMain(() => {
  ensureInstalled();
  ensureBuilt();
  return runInForeground(
    nodeBinary(),
    [...flags, join(root, 'dist', 'electron', 'cli.cjs'), ...process.argv.slice(2)],
    {
      // Paths that the user typed are relative to where they typed them.
      cwd: process.env.INIT_CWD ?? process.cwd(),
    },
  );
});
