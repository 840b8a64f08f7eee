/**
 * What the build makes, in one place: the entries of the Node side, and the one setting for the syntax
 * that everything is lowered to. Electron 25 (Chromium 114, Node 18) is the oldest that runs the shell.
 */
export const syntaxTarget = { renderer: 'chrome114', node: 'node18' };

/** Entry name in dist/electron -> source file. */
export const nodeEntries = {
  main: 'electron/main.ts',
  preload: 'electron/preload.ts',
  core: 'electron/core-process.ts',
  cli: 'electron/cli.ts',
  'back-test-worker': 'electron/core/back-test-worker.ts',
  'checkpoint-worker': 'electron/db/checkpoint-worker.ts',
  'evidence-sums-worker': 'electron/core/case-files/evidence-sums-worker.ts',
  'signal-answers': 'electron/bench/signals/answers.ts',
};

/** Never bundled: Electron gives the first, the second is a native module. */
export const externalModules = ['electron', 'better-sqlite3'];
