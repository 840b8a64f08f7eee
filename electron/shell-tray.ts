import { join } from 'node:path';
import { app, Menu, nativeImage, Tray } from 'electron';
import { trayWords } from './shell-tray-words.ts';

/** The sign in the system's tray: how many alerts need a person, in view also while the window is not. */
export interface ShellTray {
  /** How many actionable alerts are open. */
  show(openCount: number): void;
}

/**
 * Puts the sign into the tray. Where a desktop has none, nothing is seen and nothing fails.
 * @param iconFolder holds `tray.png` and `tray-waiting.png`, 32 pixels each
 * @param showWindow called when the sign is pressed
 */
export function createTray(iconFolder: string, showWindow: () => void): ShellTray {
  const images = {
    calm: nativeImage.createFromPath(join(iconFolder, 'tray.png')),
    waiting: nativeImage.createFromPath(join(iconFolder, 'tray-waiting.png')),
  };
  const tray = new Tray(images.calm);
  tray.on('click', showWindow);
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Open Watchfloor', click: showWindow },
      { type: 'separator' },
      { label: 'Quit', click: () => app.quit() },
    ]),
  );
  function show(openCount: number): void {
    tray.setImage(openCount > 0 ? images.waiting : images.calm);
    tray.setToolTip(trayWords(openCount));
  }
  show(0);
  return { show };
}
