import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDirectory } from '../../db/testing.ts';
import { freePath, usualFolder } from './export-place.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

it('is the downloads where there are some, else the home folder', () => {
  expect(usualFolder(directory.path)).toBe(directory.path);
  mkdirSync(join(directory.path, 'Downloads'));
  expect(usualFolder(directory.path)).toBe(join(directory.path, 'Downloads'));
});

it('numbers a name that is taken', () => {
  expect(freePath(directory.path, 'a.wfcase')).toBe(join(directory.path, 'a.wfcase'));
  writeFileSync(join(directory.path, 'a.wfcase'), '');
  mkdirSync(join(directory.path, 'a-2.wfcase'));
  expect(freePath(directory.path, 'a.wfcase')).toBe(join(directory.path, 'a-3.wfcase'));
});
