import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { reviewedCase } from '../testing/reviewed-case.ts';
import { expect, test } from './fixtures.ts';
import { frameOf } from './pages/frame.ts';
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

test('axe finds nothing on a replay, in any theme', async ({ openApp, dataDir }) => {
  test.slow();
  const file = join(dataDir, 'flood.wfcase');
  writeFileSync(file, await reviewedCase());
  const { page } = await openApp({ dataDir: join(dataDir, 'home'), review: file });
  const { replay } = reviewOf(page);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const found: string[] = [];
  const look = async (where: string) => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    for (const { id, nodes } of violations) found.push(`${where}: ${id}: ${nodes[0]?.html.slice(0, 200)}`);
  };
  await expect(replay.timeline).toBeVisible();
  for (const theme of ['dark', 'light', 'high-contrast']) {
    await frameOf(page).command(`${theme} theme`);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    await replay.seek(26);
    await look(`${theme}, known then`);
    await page.keyboard.press('t');
    await look(`${theme}, true now`);
    await page.keyboard.press('t');
  }
  await page.keyboard.press('Home');
  await look('before anything');
  expect(found).toEqual([]);
});
