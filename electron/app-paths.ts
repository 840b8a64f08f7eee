import { basename, dirname, join } from 'node:path';

/** Where the app's own files lie. All paths are absolute. */
export type AppPaths = {
  /** The folder that holds package.json: the checkout, or the packaged app's archive. */
  readonly root: string;
  /** What is read at run time: icons, report template, ATT&CK data. */
  readonly resources: string;
  /** The built renderer: index.html and its assets. */
  readonly renderer: string;
  /** The built Node side: main.cjs, preload.cjs, core.cjs, cli.cjs. */
  readonly bundles: string;
};

/**
 * Finds the app's files from the folder of a running module (`import.meta.dirname`): in the sources that is
 * `electron/...`, in a build `dist/electron/...`. Reads nothing.
 *
 * @throws {Error} when the module lies in no folder named `electron`
 */
export function appPaths(moduleFolder: string): AppPaths {
  let folder = moduleFolder;
  while (basename(folder) !== 'electron') {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new Error(`${moduleFolder} is not part of Watchfloor: no folder named electron above it.`);
    }
    folder = parent;
  }
  const above = dirname(folder);
  const isBuilt = basename(above) === 'dist';
  const root = isBuilt ? dirname(above) : above;
  return {
    root,
    resources: join(above, 'resources'),
    renderer: join(root, 'dist', 'renderer'),
    bundles: join(root, 'dist', 'electron'),
  };
}
