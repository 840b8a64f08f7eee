import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultDataFolder } from './data-folder.ts';

it.each([
  ['linux', {}, join('/home/a', '.local', 'share', 'watchfloor')],
  ['linux', { XDG_DATA_HOME: '/data' }, join('/data', 'watchfloor')],
  ['linux', { XDG_DATA_HOME: '' }, join('/home/a', '.local', 'share', 'watchfloor')],
  ['linux', { WATCHFLOOR_DATA_DIR: '/elsewhere', XDG_DATA_HOME: '/data' }, '/elsewhere'],
  ['darwin', {}, join('/home/a', 'Library', 'Application Support', 'Watchfloor')],
  ['win32', { LOCALAPPDATA: '/local' }, join('/local', 'Watchfloor')],
  ['win32', {}, join('/home/a', 'AppData', 'Local', 'Watchfloor')],
] as const)('on %s with %o data lies in %s', (platform, environment, expected) => {
  expect(defaultDataFolder({ platform, homeFolder: '/home/a', environment })).toBe(expected);
});
