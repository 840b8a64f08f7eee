import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reviewedCase } from '../testing/reviewed-case.ts';
import { expect, test } from './fixtures.ts';
import { reviewOf } from './pages/review.ts';

test('what a killed review left is taken away at the next start', async ({ openApp, dataDir }) => {
  const [file, temporary, home] = ['flood.wfcase', 'tmp', 'home'].map((name) => join(dataDir, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(temporary);
  const leftovers = () => readdirSync(temporary).filter((name) => name.startsWith('watchfloor-review'));
  writeFileSync(file, await reviewedCase());
  mkdtempSync(join(temporary, 'of-others-'));
  const first = await openApp({ dataDir: home, env: { TMPDIR: temporary }, review: file });
  await expect(reviewOf(first.page).banner).toBeVisible();
  await first.host?.kill();
  first.problems.length = 0;
  expect(leftovers()).toHaveLength(1);
  const [left] = leftovers();
  const second = await openApp({ dataDir: home, env: { TMPDIR: temporary }, review: file });
  await expect(reviewOf(second.page).banner).toBeVisible();
  expect(leftovers()).not.toContain(left);
  await second.close();
  expect(readdirSync(temporary).filter((name) => name.startsWith('of-others-'))).toHaveLength(1);
  first.problems.length = 0;
});
