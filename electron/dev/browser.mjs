/** Finding an installed Chromium-family browser and opening the app in a window of its own. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @returns {boolean} whether a window could be shown at all */
export function hasDisplay() {
  if (process.platform !== 'linux') {
    return true;
  }
  return Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);
}

/** @returns {boolean} whether Chromium would refuse its own sandbox: it does for root on Linux */
export function needsNoSandbox() {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/**
 * Looks for Chromium, Chrome or Edge: `WATCHFLOOR_BROWSER` if it is set, else the PATH and the usual places.
 * @returns {string | null} the program's path
 */
export function findBrowser() {
  const setting = process.env.WATCHFLOOR_BROWSER;
  if (setting !== undefined && setting !== '') {
    return isProgram(setting) ? setting : null;
  }
  return browserCandidates().find(isProgram) ?? null;
}

/** @returns {string[]} absolute paths, best first */
function browserCandidates() {
  const programFiles = [process.env.ProgramFiles, process.env['ProgramFiles(x86)'], process.env.LOCALAPPDATA];
  if (process.platform === 'win32') {
    return [
      ['Google', 'Chrome', 'Application', 'chrome.exe'],
      ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
      ['Chromium', 'Application', 'chrome.exe'],
    ].flatMap((parts) =>
      programFiles.flatMap((folder) => (folder === undefined ? [] : [join(folder, ...parts)])),
    );
  }
  if (process.platform === 'darwin') {
    return [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ];
  }
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
    'microsoft-edge-stable',
  ];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/**
 * @param {string} path
 * @returns {boolean}
 */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path) && statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Opens an address in a browser window without tabs, with a profile of its own. The address holds the session's
 * token, and every user of a machine can read the arguments of every program: so the window opens on the app's bare
 * address, and the token follows through a pipe that only this process holds.
 *
 * @param {string} browser the program
 * @param {string} address with the token in its fragment
 * @param {string} profileFolder made when missing, readable by its owner alone
 * @returns {import('node:child_process').ChildProcess} ends when the window is closed
 */
export function openAppWindow(browser, address, profileFolder) {
  mkdirSync(profileFolder, { recursive: true, mode: 0o700 });
  const bare = new URL(address);
  bare.hash = '';
  const child = spawn(
    browser,
    [
      `--app=${bare.href}`,
      `--user-data-dir=${profileFolder}`,
      '--remote-debugging-pipe',
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-background-mode',
      '--disable-sync',
      '--window-size=1440,900',
      '--class=watchfloor',
      ...(needsNoSandbox() ? ['--no-sandbox', '--test-type'] : []),
    ],
    // Browsers write pages of unrelated words to standard error.
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  handOverToken(child, bare.href, address);
  return child;
}

/**
 * Sends the window from the bare address to the full one, over the browser's own DevTools pipe.
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} bare
 * @param {string} address
 */
function handOverToken(child, bare, address) {
  const toBrowser = /** @type {import('node:stream').Writable} */ (child.stdio[3]);
  const fromBrowser = /** @type {import('node:stream').Readable} */ (child.stdio[4]);
  /** @param {object} message */
  const send = (message) => toBrowser.write(`${JSON.stringify(message)}\0`);
  let buffered = '';
  let handedOver = false;
  toBrowser.on('error', () => {});
  fromBrowser.setEncoding('utf8');
  fromBrowser.on('error', () => {});
  fromBrowser.on('data', (chunk) => {
    buffered += chunk;
    const messages = buffered.split('\0');
    buffered = messages.pop() ?? '';
    for (const text of messages) {
      const message = JSON.parse(text);
      const target = message.params?.targetInfo;
      if (
        !handedOver &&
        (message.method === 'Target.targetCreated' || message.method === 'Target.targetInfoChanged') &&
        target.type === 'page' &&
        target.url === bare
      ) {
        handedOver = true;
        send({
          id: 2,
          method: 'Target.attachToTarget',
          params: { targetId: target.targetId, flatten: true },
        });
      } else if (message.id === 2 && message.result !== undefined) {
        send({
          id: 3,
          sessionId: message.result.sessionId,
          method: 'Page.navigate',
          params: { url: address },
        });
      } else if (message.id === 3) {
        // A navigation that changes the fragment alone does not load the page again.
        send({ id: 4, sessionId: message.sessionId, method: 'Page.reload' });
      } else if (message.id === 4) {
        send({ id: 5, method: 'Target.detachFromTarget', params: { sessionId: message.sessionId } });
      }
    }
  });
  send({ id: 1, method: 'Target.setDiscoverTargets', params: { discover: true } });
}
