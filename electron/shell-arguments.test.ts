import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseShellArguments } from './shell-arguments.ts';

it.each([
  [[], { dataDir: null, range: false, caseFile: null }],
  [['electron', '--no-sandbox', '.', '--range'], { dataDir: null, range: true, caseFile: null }],
  [['--data-dir=data'], { dataDir: resolve('/home/a', 'data'), range: false, caseFile: null }],
  [
    ['--data-dir', '/data', 'Night.WFCASE'],
    { dataDir: resolve('/data'), range: false, caseFile: resolve('/home/a', 'Night.WFCASE') },
  ],
  [['--data-dir'], { dataDir: null, range: false, caseFile: null }],
])('%o', (words, expected) => {
  expect(parseShellArguments(words, '/home/a')).toEqual(expected);
});
