/**
 * Runs every benchmark, for `npm test`: each must come to its end and print its one line of finite figures, those that
 * did not at a second try. A missed goal is shown and fails nothing here, since a busy machine misses goals that hold; `npm run bench -- NAME
 * --assert` is what holds a change to them. Counts go as JSON to the file that `--report` names.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  coreFlags,
  ensureBuilt,
  ensureInstalled,
  nodeBinary,
  projectEnvironment,
  root,
  runMain,
  say,
} from './setup.mjs';

/**
 * Smaller than they are measured: here they only have to come to their end.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const smaller = {
  queue: ['--rows', '20000'],
  'queue-screen': ['--rows', '20000'],
  case: ['--rows', '20000'],
  ingest: ['--rows', '20000'],
};

const cli = join(root, 'dist', 'electron', 'cli.cjs');

/** @returns {string[]} the benchmarks that the command line lists when it is not told which */
function benchNames() {
  const result = spawnSync(nodeBinary(), [cli, 'bench'], { encoding: 'utf8', env: projectEnvironment() });
  return [...result.stderr.matchAll(/^ {2}(\S+) /gm)].map((match) => match[1] ?? '');
}

/**
 * @param {string} name
 * @returns {boolean} whether it came to its end and printed its one line
 */
function runBench(name) {
  const result = spawnSync(nodeBinary(), [...coreFlags, cli, 'bench', name, ...(smaller[name] ?? [])], {
    encoding: 'utf8',
    env: projectEnvironment(),
    timeout: 900_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(result.stdout);
  try {
    const line = JSON.parse(result.stdout);
    if (line.missed.length > 0) {
      say(`bench ${name} missed ${line.missed.join(', ')} on this machine, now`);
    }
    const figures = Object.values(line.figures);
    return result.status === 0 && line.bench === name && figures.length > 0 && figures.every(Number.isFinite);
  } catch {
    say(`bench ${name} did not print one line of JSON`);
    return false;
  }
}

await runMain(() => {
  const { values } = parseArgs({ options: { report: { type: 'string' } } });
  ensureInstalled();
  ensureBuilt();
  const names = benchNames();
  const stopped = names.filter((name) => !runBench(name));
  // Most of them drive a browser and a core at once: a second try, as the end-to-end tests have, and named like theirs.
  const failed = stopped.filter((name) => !runBench(name));
  if (values.report !== undefined) {
    const again = stopped.length - failed.length;
    writeFileSync(
      values.report,
      JSON.stringify({ passed: names.length - failed.length, failed: failed.length, again, names: stopped }),
    );
  }
  return failed.length > 0 || names.length === 0 ? 1 : 0;
});
