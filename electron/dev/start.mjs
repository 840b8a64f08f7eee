/**
 * `npm start`: sets up what is missing, says what it does, and opens Watchfloor: in Electron, else in an installed
 * browser's own window, else it serves and prints the address. Runs on Node 20 with no dependency.
 *
 *   npm start -- --browser           in a browser's window even where Electron could be had
 *   npm start -- --data-dir D ...    whatever else is said goes to the app
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { findBrowser, hasDisplay, needsNoSandbox, openAppWindow } from './browser.mjs';
import {
  cacheFolder,
  coreFlags,
  ensureBuilt,
  ensureInstalled,
  exitCodeOf,
  nodeBinary,
  projectEnvironment,
  root,
  runMain,
  say,
} from './setup.mjs';

const stopTimeoutMs = 8_000;
const probeTimeoutMs = 5_000;
const downloadTimeoutMs = 600_000;
const retryDownloadAfterMs = 24 * 3_600_000;

const electronFolder = join(root, 'node_modules', 'electron');

/** @returns {string | null} the Electron program, if its binary is there */
function installedElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const pathFile = join(electronFolder, 'path.txt');
  const name = existsSync(pathFile)
    ? readFileSync(pathFile, 'utf8').trim()
    : process.platform === 'win32'
      ? 'electron.exe'
      : 'electron';
  const program = join(override ?? join(electronFolder, 'dist'), name);
  return existsSync(program) ? program : null;
}

/** @returns {Promise<string | null>} Electron's program, downloaded when it can be had; null in short order when not */
async function findElectron() {
  const installed = installedElectron();
  if (installed !== null) {
    return installed;
  }
  const failedStamp = join(cacheFolder, 'electron-not-reachable');
  if (existsSync(failedStamp) && Date.now() - statSync(failedStamp).mtimeMs < retryDownloadAfterMs) {
    return null;
  }
  const giveUp = () => {
    mkdirSync(cacheFolder, { recursive: true });
    writeFileSync(failedStamp, '');
    return null;
  };
  // A proxy or a mirror decides for itself what can be reached; otherwise one short question spares a long wait.
  const hasRoute = Object.keys(process.env).some((name) => /^(https?_proxy|.*electron_mirror)$/i.test(name));
  if (!hasRoute && !(await canReach('https://github.com/electron/electron/releases'))) {
    return giveUp();
  }
  say('downloading Electron (about 120 MB, once)');
  const result = spawnSync(nodeBinary(), [join(electronFolder, 'install.js')], {
    cwd: root,
    stdio: ['ignore', 2, 'ignore'],
    timeout: downloadTimeoutMs,
    env: projectEnvironment({ ELECTRON_SKIP_BINARY_DOWNLOAD: undefined }),
  });
  const downloaded = result.status === 0 ? installedElectron() : null;
  if (downloaded === null) {
    return giveUp();
  }
  rmSync(failedStamp, { force: true });
  return downloaded;
}

/**
 * @param {string} address
 * @returns {Promise<boolean>} whether anything at all answers there
 */
async function canReach(address) {
  try {
    const response = await fetch(address, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    return response.status < 400;
  } catch {
    return false;
  }
}

/**
 * Electron's sandbox needs user namespaces or its set-uid helper; where neither is to be had it aborts at once.
 * @param {string} electron
 * @returns {boolean}
 */
function electronSandboxWorks(electron) {
  if (process.platform !== 'linux' || needsNoSandbox()) {
    return true;
  }
  /** @param {string} name */
  const setting = (name) => {
    const path = `/proc/sys/kernel/${name}`;
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
  };
  const restricted =
    setting('unprivileged_userns_clone') === '0' || setting('apparmor_restrict_unprivileged_userns') === '1';
  if (!restricted) {
    return true;
  }
  const helper = join(electron, '..', 'chrome-sandbox');
  return existsSync(helper) && (statSync(helper).mode & 0o4000) !== 0 && statSync(helper).uid === 0;
}

/** Every program started here, so that none outlives us. */
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** @type {NodeJS.Signals | null} */
let stoppedBy = null;

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} its exit code
 */
function watch(child) {
  running.add(child);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      running.delete(child);
      say(error.message);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      running.delete(child);
      resolve(exitCodeOf(code, signal));
    });
  });
}

function stopAll() {
  for (const child of running) {
    child.kill('SIGTERM');
  }
  setTimeout(() => {
    for (const child of running) {
      child.kill('SIGKILL');
    }
  }, stopTimeoutMs).unref();
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    if (stoppedBy === null) {
      stoppedBy = signal;
      say('closing');
      stopAll();
    }
  });
}

/**
 * @param {string} electron
 * @param {readonly string[]} appArguments
 * @returns {Promise<number>}
 */
function runElectron(electron, appArguments) {
  const noSandbox = needsNoSandbox();
  if (noSandbox) {
    say('running as root, so Chromium runs without its sandbox (--no-sandbox)');
  }
  say('opening Watchfloor in Electron (Ctrl+C ends it)');
  return watch(
    spawn(electron, [...(noSandbox ? ['--no-sandbox'] : []), root, ...appArguments], {
      cwd: process.cwd(),
      stdio: ['ignore', 'inherit', 'inherit'],
      env: projectEnvironment(),
    }),
  );
}

/**
 * Runs the loopback host and, when there is a browser, its window.
 * @param {string | null} browser
 * @param {readonly string[]} serveArguments
 * @returns {Promise<number>}
 */
async function runHost(browser, serveArguments) {
  const host = spawn(
    nodeBinary(),
    [...coreFlags, join(root, 'dist', 'electron', 'cli.cjs'), 'serve', ...serveArguments],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: projectEnvironment(),
    },
  );
  const hostEnded = watch(host);
  /** @type {Promise<string | null>} */
  const ready = new Promise((resolve) => {
    let text = '';
    host.stdout.setEncoding('utf8');
    host.stdout.on('data', (chunk) => {
      text += chunk;
      const address = /^ready (\S+)$/m.exec(text)?.[1];
      if (address !== undefined) {
        resolve(address);
      }
    });
    host.on('exit', () => resolve(null));
    host.on('error', () => resolve(null));
  });
  const address = await ready;
  if (address === null || stoppedBy !== null) {
    return hostEnded;
  }
  if (browser === null) {
    process.stdout.write(`ready ${address}\n`);
    say('open this address in a browser on this machine (Ctrl+C ends the app)');
    return hostEnded;
  }
  if (needsNoSandbox()) {
    say('running as root, so the browser runs without its sandbox (--no-sandbox)');
  }
  process.stdout.write(`ready ${address}\n`);
  const windowClosed = watch(openAppWindow(browser, address, join(cacheFolder, 'browser-profile')));
  const first = await Promise.race([
    windowClosed.then(() => /** @type {const} */ ('window')),
    hostEnded.then(() => /** @type {const} */ ('host')),
  ]);
  stopAll();
  const [hostCode] = await Promise.all([hostEnded, windowClosed]);
  return first === 'window' ? 0 : hostCode;
}

async function main() {
  const appArguments = process.argv.slice(2).filter((word) => word !== '--browser');
  const wantsBrowser = process.argv.includes('--browser');
  ensureInstalled();
  ensureBuilt();
  const display = hasDisplay();
  const electron = display && !wantsBrowser && stoppedBy === null ? await findElectron() : null;
  /** @type {number} */
  let code;
  if (stoppedBy !== null) {
    code = 0;
  } else if (electron !== null && electronSandboxWorks(electron)) {
    code = await runElectron(electron, appArguments);
  } else {
    const browser = display ? findBrowser() : null;
    const why = !display
      ? 'there is no display'
      : wantsBrowser
        ? 'asked for a browser'
        : electron !== null
          ? 'this system does not let Electron use its sandbox'
          : 'the Electron binary is not here and could not be downloaded';
    say(browser === null ? `${why}: serving on this machine` : `${why}: opening the same app in ${browser}`);
    code = await runHost(browser, appArguments);
  }
  // Asked to end by a signal: say so the way a shell does, unless the app failed on its way out.
  return stoppedBy === null ? code : 128 + constants.signals[stoppedBy];
}

await runMain(main);
process.exit();
