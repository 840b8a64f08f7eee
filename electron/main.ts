import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app, type BrowserWindow, dialog, ipcMain, Menu, session } from 'electron';
import { reportStyleHash } from '../shared/report/report-style.ts';
import { appPaths } from './app-paths.ts';
import { defaultDataFolder } from './data-folder.ts';
import { parseShellArguments } from './shell-arguments.ts';
import { createCoreSupervisor } from './shell-core.ts';
import { isTrustedSender, refuseNavigation, refusePermissions } from './shell-lockdown.ts';
import { buildMenu } from './shell-menu.ts';
import { registerPageScheme, servePage } from './shell-page.ts';
import { printSchemeRights } from './shell-pdf.ts';
import type { CoreState } from './shell-protocol.ts';
import { createShellServices } from './shell-services.ts';
import { createTray, type ShellTray } from './shell-tray.ts';
import { openWindow, windowStateFile } from './window.ts';

/**
 * The desktop shell, in seven steps: find our files and the data directory; be the only one on it; take away what
 * pages could do; start the core; open the window; connect the two; end both together.
 */

// 1. Our files and the data directory. Chromium's own files lie in a folder of it, so that one data directory is
// one instance, and nothing is left elsewhere.
const paths = appPaths(import.meta.dirname);
const started = parseShellArguments(process.argv.slice(1), process.cwd());
const dataDir =
  started.dataDir ??
  defaultDataFolder({ platform: process.platform, homeFolder: homedir(), environment: process.env });
const shellFolder = join(dataDir, 'shell');
try {
  mkdirSync(shellFolder, { recursive: true, mode: 0o700 });
} catch (error) {
  dialog.showErrorBox(
    'Watchfloor cannot use its data directory',
    `${dataDir}\n${error instanceof Error ? error.message : String(error)}\n\nNothing was changed. Make the folder writable, or name another with --data-dir.`,
  );
  app.exit(1);
}
app.setPath('userData', shellFolder);
app.setName('Watchfloor');
registerPageScheme([printSchemeRights]);
// Every window of ours asks for the sandbox itself; this covers any other. As root Chromium has no sandbox to enable.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();

// 2. A second start hands its case file to the first and ends.
if (!app.requestSingleInstanceLock()) {
  app.exit(0);
}

// 3. Nothing navigates, opens windows or gets permissions.
refuseNavigation(app, (path) => core.openFile(path));

let window: BrowserWindow | null = null;
let tray: ShellTray | null = null;

// 4. The core. Only a build for tests can be told to run it on another program.
const nodeProgram = __ALLOW_CORE_RUNNER__ ? (process.env.WATCHFLOOR_CORE_NODE ?? null) : null;
const core = createCoreSupervisor({
  // The core's bundle lies outside the archive, where worker threads and a native module can be loaded from.
  entry: join(paths.bundles, 'core.cjs').replace('app.asar', 'app.asar.unpacked'),
  nodeProgram,
  start: {
    type: 'start',
    dataDir,
    workspace: started.workspace,
    reviewFile: started.caseFile,
    appVersion: __APP_VERSION__,
  },
  serve: createShellServices(
    () => window,
    showWindow,
    () => tray,
  ),
  onState: (state) => {
    if (state.state === 'failed') void askWhatNext(state);
  },
});

async function askWhatNext(state: Extract<CoreState, { state: 'failed' }>): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: 'Watchfloor',
    message: state.message,
    detail: core.lastOutput().trim().slice(-1_500),
    buttons: ['Start again', 'Quit'],
    defaultId: 0,
    cancelId: 1,
  });
  if (response === 0) core.startAgain();
  else app.quit();
}

// 5. The window.
function showWindow(): void {
  if (window !== null) {
    if (window.isMinimized()) window.restore();
    window.focus();
    return;
  }
  window = openWindow({
    preload: join(paths.bundles, 'preload.cjs'),
    icon: join(paths.resources, 'icons', 'icon.png'),
    stateFile: windowStateFile(shellFolder),
  });
  window.on('closed', () => {
    window = null;
  });
}

// 6. The page says when it has loaded; it gets its port then, and a new one whenever the core is new.
ipcMain.on('watchfloor:page-ready', (event) => {
  if (isTrustedSender(event.sender, event.senderFrame, window?.webContents ?? null))
    core.attach(event.sender);
});

app.on('second-instance', (_event, words, workingFolder) => {
  const { caseFile } = parseShellArguments(words.slice(1), workingFolder);
  showWindow();
  if (caseFile !== null) core.openFile(caseFile);
});
app.on('open-file', (event, path) => {
  event.preventDefault();
  core.openFile(path);
  if (app.isReady()) showWindow();
});
app.on('activate', showWindow);

// 7. The core ends with the app, and not before it has finished what it was writing.
let coreStopped = false;
app.on('window-all-closed', () => app.quit());
app.on('before-quit', (event) => {
  if (coreStopped) return;
  event.preventDefault();
  window?.hide();
  void core.stop().finally(() => {
    coreStopped = true;
    app.quit();
  });
});

void app.whenReady().then(() => {
  Menu.setApplicationMenu(buildMenu());
  refusePermissions(session.defaultSession);
  servePage(session.defaultSession.protocol, paths.renderer, [reportStyleHash]);
  tray = createTray(join(paths.resources, 'icons'), showWindow);
  core.start();
  // A test's driver that attaches just as a window opens may wait for ever: it says itself when to open it.
  if (__ALLOW_CORE_RUNNER__ && process.env.WATCHFLOOR_HOLD_WINDOW === '1') {
    Reflect.set(globalThis, 'watchfloorShowWindow', showWindow);
  } else {
    showWindow();
  }
});
