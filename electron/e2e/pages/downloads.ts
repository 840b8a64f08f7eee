import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { OpenedApp } from '../fixtures.ts';

/** A file that the app offered for saving. */
export interface SavedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Does something that offers a file and gives what was saved: by the browser, or by the shell into a folder. */
export async function savedBy(
  app: OpenedApp,
  folder: string,
  action: () => Promise<void>,
): Promise<SavedFile> {
  if (app.shell === null) {
    const [download] = await Promise.all([app.page.waitForEvent('download'), action()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }
  // The shell would open the system's own dialog, which no test can answer: the path is given instead.
  await app.shell.evaluate(({ BrowserWindow }, target) => {
    Reflect.set(globalThis, 'savedName', null);
    BrowserWindow.getAllWindows()[0]?.webContents.session.once('will-download', (_event, item) => {
      item.setSavePath(`${target}/${item.getFilename()}`);
      item.once('done', (_done, state) =>
        Reflect.set(globalThis, 'savedName', state === 'completed' ? item.getFilename() : `(${state})`),
      );
    });
  }, folder);
  await action();
  const savedName = () => app.shell?.evaluate(() => Reflect.get(globalThis, 'savedName') as unknown);
  await expect.poll(savedName, { timeout: 20_000 }).not.toBeNull();
  const name = String(await savedName());
  return { name, bytes: readFileSync(join(folder, name)) };
}
