import { join } from 'node:path';
import { expect, it } from 'vitest';
import { appPaths } from './app-paths.ts';

it('finds the files of a checkout from its sources', () => {
  expect(appPaths(join('/home', 'watchfloor', 'electron', 'core'))).toEqual({
    root: join('/home', 'watchfloor'),
    resources: join('/home', 'watchfloor', 'resources'),
    renderer: join('/home', 'watchfloor', 'dist', 'renderer'),
    bundles: join('/home', 'watchfloor', 'dist', 'electron'),
  });
});

it('finds the files of a build, chunks included', () => {
  const expected = {
    root: join('/opt', 'app.asar'),
    resources: join('/opt', 'app.asar', 'dist', 'resources'),
    renderer: join('/opt', 'app.asar', 'dist', 'renderer'),
    bundles: join('/opt', 'app.asar', 'dist', 'electron'),
  };
  expect(appPaths(join('/opt', 'app.asar', 'dist', 'electron'))).toEqual(expected);
  expect(appPaths(join('/opt', 'app.asar', 'dist', 'electron', 'chunks'))).toEqual(expected);
});

it('refuses a module from elsewhere', () => {
  expect(() => appPaths('/somewhere/else')).toThrow('is not part of Watchfloor');
});
