import { join } from 'node:path';
import { app, BrowserWindow, dialog, screen } from 'electron';
import { pageAddress } from './shell-page.ts';
import { onScreen, readWindowState, writeWindowState } from './shell-window-state.ts';

export interface WindowOptions {
  readonly preload: string;
  readonly icon: string;
  /** Where the window's place is remembered. */
  readonly stateFile: string;
}

const rememberAfterMs = 500;
const crashAgainMs = 10_000;

/** Opens the app's one window on the built renderer: sandboxed, context-isolated, without Node. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const workAreas = screen.getAllDisplays().map((display) => display.workArea);
  const state = onScreen(readWindowState(options.stateFile), workAreas);
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    ...(state.bounds ?? {}),
    minWidth: 900,
    minHeight: 560,
    show: false,
    title: 'Watchfloor',
    icon: options.icon,
    // What shows for the blink before the first paint; the renderer's darkest ground.
    backgroundColor: '#0e1116',
    autoHideMenuBar: true,
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      // Live data must go on while the window is behind another one.
      backgroundThrottling: false,
    },
  });
  if (state.maximized) window.maximize();
  if (state.fullScreen) window.setFullScreen(true);
  window.once('ready-to-show', () => window.show());

  let timer: NodeJS.Timeout | null = null;
  const remember = () => {
    if (window.isDestroyed() || window.isMinimized()) return;
    writeWindowState(options.stateFile, {
      bounds: window.getNormalBounds(),
      maximized: window.isMaximized(),
      fullScreen: window.isFullScreen(),
    });
  };
  const rememberSoon = () => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(remember, rememberAfterMs);
  };
  window.on('resize', rememberSoon);
  window.on('move', rememberSoon);
  window.on('close', () => {
    if (timer !== null) clearTimeout(timer);
    remember();
  });
  reloadAfterCrash(window);
  void window.loadURL(pageAddress);
  return window;
}

/**
 * Loads the page anew when its process dies; the core goes on meanwhile and nothing stored is lost. A page that dies
 * again within moments of loading is left alone: what kills it would only kill it again.
 */
function reloadAfterCrash(window: BrowserWindow): void {
  let lastCrashMs = Number.NEGATIVE_INFINITY;
  // Not from inside the event: Chromium is still taking the dead process down.
  const load = () =>
    setImmediate(() => {
      if (!window.isDestroyed()) void window.loadURL(pageAddress);
    });
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    const nowMs = performance.now();
    const isRepeated = nowMs - lastCrashMs < crashAgainMs;
    lastCrashMs = nowMs;
    if (!isRepeated) {
      load();
      return;
    }
    void dialog
      .showMessageBox(window, {
        type: 'error',
        title: 'Watchfloor',
        message: 'The window stopped working twice in a row.',
        detail: `Reason: ${details.reason}. The core goes on and everything that was stored is kept.`,
        buttons: ['Load it again', 'Quit'],
        defaultId: 0,
        cancelId: 1,
      })
      .then(({ response }) => (response === 0 ? load() : app.quit()));
  });
}

/** The file that remembers the window, in Electron's own folder of the data directory. */
export function windowStateFile(userDataFolder: string): string {
  return join(userDataFolder, 'window.json');
}
