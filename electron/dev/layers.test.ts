import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findImpurities, findWrongEdges, importsOf, type SourceFile } from './layers.ts';

const root = join(import.meta.dirname, '..', '..');

function readSources(): readonly SourceFile[] {
  return globSync('{shared,electron,renderer}/**/*.{ts,tsx,mts,mjs,js,jsx,cjs}', { cwd: root }).map(
    (path) => ({
      path: path.split(sep).join('/'),
      text: readFileSync(join(root, path), 'utf8'),
    }),
  );
}

describe('layers', () => {
  it('holds in the whole tree', () => {
    expect(findWrongEdges(readSources())).toEqual([]);
  });

  it.each([
    [
      'shared/domain/alert.ts',
      "import { open } from '../../electron/db/open.ts';",
      'shared/ may not import from electron/',
    ],
    [
      'shared/domain/alert.ts',
      "export { Row } from '../../renderer/ui/row.tsx';",
      'shared/ may not import from renderer/',
    ],
    [
      'electron/core/core.ts',
      "import type { Row } from '../../renderer/ui/row.tsx';",
      'electron/ may not import from renderer/',
    ],
    [
      'renderer/main.tsx',
      "const core = await import('../electron/core/core.ts');",
      'renderer/ may not import from electron/',
    ],
    ['renderer/main.tsx', "import '../electron/preload.ts';", 'renderer/ may not import from electron/'],
    ['renderer/main.tsx', "import { join } from 'node:path';", 'renderer/ has no Node'],
    ['electron/core/core.ts', "import { app } from 'electron';", 'only the shell may import electron'],
    ['electron/core/core.ts', "import { app } from 'electron/main';", 'only the shell may import electron'],
    [
      'electron/core/core.ts',
      "import { createElement } from 'react';",
      'electron/ shows nothing: screens belong to renderer/',
    ],
    [
      'shared/domain/alert.ts',
      "import { readFileSync } from 'node:fs';",
      'shared/ is pure: node:fs is not one of zod, ipaddr.js, micromark',
    ],
    [
      'electron/dev/build.ts',
      "import { Row } from '../../renderer/ui/row.tsx';",
      'electron/ may not import from renderer/',
    ],
  ])('fails when an import is turned the wrong way: %s: %s', (path, text, reason) => {
    expect(findWrongEdges([{ path, text }]).map((edge) => edge.reason)).toEqual([reason]);
  });

  it('keeps clock and randomness out of shared', () => {
    expect(findImpurities(readSources())).toEqual([]);
    expect(
      findImpurities([
        { path: 'shared/domain/time.ts', text: 'export const now = () => Date.now();' },
        { path: 'shared/domain/id.ts', text: 'export const id = () => Math.random();' },
        { path: 'shared/domain/day.ts', text: '// Date.now() is for callers\nnew Date(timeMs);' },
        { path: 'electron/core/clock.ts', text: 'export const now = () => Date.now();' },
      ]).map((edge) => edge.from),
    ).toEqual(['shared/domain/time.ts', 'shared/domain/id.ts']);
  });

  it('allows the right ways', () => {
    expect(
      findWrongEdges([
        { path: 'electron/core/core.ts', text: "import { Alert } from '../../shared/domain/alert.ts';" },
        {
          path: 'renderer/main.tsx',
          text: "import { Alert } from '../shared/domain/alert.ts';\nimport 'react';",
        },
        { path: 'electron/shell-pdf.ts', text: "import { BrowserWindow } from 'electron';" },
        { path: 'shared/api/contract.ts', text: "import { z } from 'zod';" },
        { path: 'shared/api/contract.test.ts', text: "import { it } from 'vitest';" },
      ]),
    ).toEqual([]);
  });

  it('reads every form of import and no comment', () => {
    expect(
      importsOf(`
        // import 'a';
        /* import 'b'; */
        import c, {
          type D,
        } from 'c';
        import * as d from 'd';
        export * from 'e';
        export type { F } from 'f';
        import 'g';
        const h = require('h');
        void import('i');
      `).toSorted(),
    ).toEqual(['c', 'd', 'e', 'f', 'g', 'h', 'i']);
  });
});
