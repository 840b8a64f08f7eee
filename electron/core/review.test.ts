import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MethodName, methods } from '../../shared/api/contract.ts';
import { inReview } from '../../shared/api/in-review.ts';
import type { Handlers } from '../../shared/api/server.ts';
import { readOnly } from './review.ts';
import { makeReviewFolder, removeLeftReviewFolders } from './review-folder.ts';

let temporary = '';
const before = process.env.TMPDIR;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'watchfloor-test-'));
  process.env.TMPDIR = temporary;
});
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(temporary, { recursive: true, force: true });
});

test('of every method of the contract it is said whether it answers in a review', () => {
  expect(Object.keys(inReview).sort()).toEqual(Object.keys(methods).sort());
});

test('what writes, or reaches a source or target, is refused in a review', () => {
  const asked: string[] = [];
  const all = Object.fromEntries(Object.keys(methods).map((name) => [name, () => asked.push(name)]));
  // Only their names matter here.
  const handlers = readOnly(all as unknown as Handlers);
  for (const name of Object.keys(methods) as MethodName[]) {
    const call = handlers[name] as () => unknown;
    if (inReview[name] === 'refused') expect(call, name).toThrow('read only');
    else call();
  }
  const writing = asked.filter((name) => /\.(save|add|append|remove|act|open|import|set)[A-Z]?/.test(name));
  expect(writing).toEqual(['app.saveSettings', 'app.openWorkspace', 'review.open']);
});

test('a review’s folder is its owner’s alone and goes with it', () => {
  const folder = makeReviewFolder();
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  writeFileSync(join(folder.path, 'watchfloor.db'), 'x');
  folder.remove();
  expect(readdirSync(temporary)).toEqual([]);
});

test('a folder that was left is taken away, one in use and one that is just being made are not', async () => {
  const { lockDataDirectory } = await import('../db/data-directory-lock.ts');
  const left = makeReviewFolder();
  lockDataDirectory(left.path, 0).release();
  const used = makeReviewFolder();
  const lock = lockDataDirectory(used.path, 0);
  const fresh = makeReviewFolder();
  removeLeftReviewFolders(Date.now());
  expect([left, used, fresh].map(({ path }) => existsSync(path))).toEqual([false, true, true]);
  lock.release();
  removeLeftReviewFolders(Date.now() + 120_000);
  expect(readdirSync(temporary)).toEqual([]);
});
