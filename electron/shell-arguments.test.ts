import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { caseFileOfAddress, parseShellArguments } from './shell-arguments.ts';

it.each([
  [[], { dataDir: null, workspace: null, caseFile: null }],
  [
    ['electron', '--no-sandbox', '.', '--workspace', 'range'],
    { dataDir: null, workspace: 'range', caseFile: null },
  ],
  [['--data-dir=data'], { dataDir: resolve('/home/a', 'data'), workspace: null, caseFile: null }],
  [
    ['--data-dir', '/data', 'Night.WFCASE'],
    { dataDir: resolve('/data'), workspace: null, caseFile: resolve('/home/a', 'Night.WFCASE') },
  ],
  [['--workspace=live'], { dataDir: null, workspace: 'live', caseFile: null }],
  [['--workspace=other'], { dataDir: null, workspace: null, caseFile: null }],
  [['--data-dir'], { dataDir: null, workspace: null, caseFile: null }],
])('%o', (words, expected) => {
  expect(parseShellArguments(words, '/home/a')).toEqual(expected);
});

it.each([
  ['file:///home/a/Night%20shift.wfcase', '/home/a/Night shift.wfcase'],
  ['file:///home/a/night.txt', null],
  ['https://elsewhere.example/night.wfcase', null],
  ['file://elsewhere/night.wfcase', null],
  ['file:///%2F.wfcase', null],
])('a dropped file: %s', (address, path) => {
  expect(caseFileOfAddress(address)).toBe(path);
});
