/**
 * Runs every benchmark and holds each to its goals. Prints `passed N failed N` counts as JSON to the file that
 * `--report` names, for `npm test`.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  ensureBuilt,
  ensureInstalled,
  nodeBinary,
  projectEnvironment,
  root,
  runMain,
  say,
} from './setup.mjs';

const cli = join(root, 'dist', 'electron', 'cli.cjs');

/** @returns {string[]} the benchmarks that the command line lists when it is not told which */
function benchNames() {
  const result = spawnSync(nodeBinary(), [cli, 'bench'], { encoding: 'utf8', env: projectEnvironment() });
  return [...result.stderr.matchAll(/^ {2}(\S+) /gm)].map((match) => match[1] ?? '');
}

/**
 * @param {string} name
 * @returns {boolean} whether it printed its one line and met its goals
 */
function runBench(name) {
  const result = spawnSync(nodeBinary(), [cli, 'bench', name, '--assert'], {
    encoding: 'utf8',
    env: projectEnvironment(),
    timeout: 300_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(result.stdout);
  try {
    const line = JSON.parse(result.stdout);
    return result.status === 0 && line.bench === name && line.missed.length === 0;
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
  const failed = names.filter((name) => !runBench(name)).length;
  if (values.report !== undefined) {
    writeFileSync(values.report, JSON.stringify({ passed: names.length - failed, failed }));
  }
  return failed > 0 || names.length === 0 ? 1 : 0;
});
