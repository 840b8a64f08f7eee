import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsNoSandbox } from '../dev/browser.mjs';
import { nodeBinary, projectEnvironment } from '../dev/setup.mjs';
import { testElectronWithCheckout } from '../dev/test-electron.mjs';
import { reviewedCase } from '../testing/reviewed-case.ts';
import { expect, type OpenedApp, test } from './fixtures.ts';
import { typeOver } from './pages/dialogs.ts';
import { frameOf } from './pages/frame.ts';
import { reviewOf } from './pages/review.ts';

/** A folder with one case file in it, and one for what is temporary. */
function placesIn(dataDir: string): { file: string; beside: string; temporary: string; home: string } {
  const beside = join(dataDir, 'from elsewhere');
  const temporary = join(dataDir, 'tmp');
  for (const folder of [beside, temporary]) mkdirSync(folder);
  return { file: join(beside, 'Flood in March.wfcase'), beside, temporary, home: join(dataDir, 'home') };
}

const leftovers = (folder: string) =>
  readdirSync(folder).filter((name) => name.startsWith('watchfloor-review'));

test('a case file is looked at on a machine that never had Watchfloor, second by second, by keyboard', async ({
  openApp,
  dataDir,
  place,
}) => {
  const { file, beside, temporary, home } = placesIn(dataDir);
  const bytes = await reviewedCase();
  writeFileSync(file, bytes);
  const app: OpenedApp = await openApp({
    dataDir: home,
    env: { TMPDIR: temporary },
    ...(place === 'browser' ? { review: file } : { args: [file] }),
  });
  const { page } = app;
  const { banner, replay, back } = reviewOf(page);
  await expect(banner).toContainText('Read only');
  await expect(banner).toContainText('Flood in March.wfcase');
  await expect(banner).toContainText('Verified');
  await expect(banner).toContainText('Signed by Ada');
  await expect(banner).toContainText('not known here');
  await expect(replay.title).toHaveText('HTTP flood on /login');
  const [folder] = leftovers(temporary);
  expect(statSync(join(temporary, folder ?? '')).mode & 0o777).toBe(0o700);

  // The log begins a minute before the first occurrence: minute 10 of the incident is what the first samples reach.
  await replay.seek(11, 30);
  await replay.isAt('2026-03-04T00:10:30Z');
  await expect(replay.title).toHaveText('The case was not there yet');
  await expect(replay.queue.getByRole('row')).toHaveCount(1);
  await expect(replay.region).toContainText('No alert yet');
  await page.keyboard.press('t');
  await expect(replay.queue).toContainText('Not known until 00:11:00');
  await page.keyboard.press('t');

  // When the case was opened, seven occurrences had been received.
  await page.keyboard.press('.');
  await replay.isAt('2026-03-04T00:14:00Z');
  await expect(replay.title).toHaveText('HTTP flood on /login');
  await expect(replay.queue).toContainText('×7');
  await expect(replay.region).toContainText('No mitigation had been proposed');
  await page.keyboard.press('.');
  await expect(replay.decisions).toContainText('Waiting for approval');
  await page.keyboard.press('.');
  await expect(replay.decisions).toContainText('verified');

  // What Bob wrote at minute 24 came at 35 and was withdrawn at 38.
  await replay.seek(26);
  await replay.isAt('2026-03-04T00:25:00Z');
  await expect(replay.timeline).not.toContainText('The provider');
  await page.keyboard.press('t');
  await expect(replay.timeline).toContainText('Not there until 00:35:00');
  await page.keyboard.press('w');
  await expect(replay.workstation).toHaveValue(/.+/);
  await expect(replay.timeline).not.toContainText('Not there until');
  await page.keyboard.press('w');
  await page.keyboard.press('t');
  await replay.seek(37);
  await expect(replay.timeline).toContainText('Withdrawn later at 00:38:00');
  // The whole case as it stood then.
  await page.keyboard.press('c');
  await expect(replay.timeline).toBeHidden();
  const asItStood = replay.region.getByRole('list', { name: 'Timeline, newest first' });
  await expect(asItStood).toContainText('The provider');
  await expect(asItStood).not.toContainText('Withdrew');
  await page.keyboard.press('c');
  await expect(replay.timeline).toBeVisible();
  await page.keyboard.press('End');
  await expect(replay.region.getByText('Closed').first()).toBeVisible();

  // Played, it runs, and stops when told.
  await page.keyboard.press('Home');
  await page.keyboard.press('4');
  await expect.poll(replay.moment).not.toBe('2026-03-03T23:59:00Z');
  await page.keyboard.press('Space');
  await expect(replay.region.getByRole('button', { name: /^Play/ })).toBeVisible();
  const stopped = await replay.moment();
  // A clock that ran on would have ticked by then.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  expect(await replay.moment()).toBe(stopped);

  // The case as it came out has nothing that writes; what would, is refused by the core as well.
  await page.keyboard.press('Escape');
  const caseRegion = page.getByRole('region', { name: 'Case', exact: true });
  await expect(caseRegion.getByRole('heading', { level: 1 })).toHaveText('HTTP flood on /login');
  await expect(caseRegion.getByLabel('New note')).toHaveCount(0);
  await page.keyboard.press('r');
  await expect(replay.region).toBeVisible();

  expect(readFileSync(file).equals(bytes)).toBe(true);
  expect(readdirSync(beside)).toEqual(['Flood in March.wfcase']);
  expect(existsSync(join(home, 'watchfloor.db')), 'nothing was made for it').toBe(false);
  expect(existsSync(join(home, 'range')), 'nothing was made for it').toBe(false);
  if (place === 'browser') await expect(back).toHaveCount(0);
  else {
    await page.keyboard.press('Control+b');
    await expect(page.getByText('SIMULATED').first()).toBeVisible({ timeout: 30_000 });
    expect(leftovers(temporary)).toEqual([]);
  }
  await app.close();
  expect(leftovers(temporary)).toEqual([]);
});

test('a file that does not verify is shown with its problems and not opened', async ({
  openApp,
  dataDir,
  place,
}) => {
  const { file, temporary, home } = placesIn(dataDir);
  const bytes = await reviewedCase();
  const at = bytes.indexOf('The provider filters');
  bytes.write('the', at);
  writeFileSync(file, bytes);
  const { page } = await openApp({
    dataDir: home,
    env: { TMPDIR: temporary },
    ...(place === 'browser' ? { review: file } : { args: [file] }),
  });
  const { notOpened, problems, banner } = reviewOf(page);
  await expect(notOpened).toContainText('does not verify and was not opened');
  await expect(problems).toContainText('entries.jsonl');
  await expect(banner).toContainText('Flood in March.wfcase');
  await expect(page.getByRole('region', { name: 'Replay' })).toHaveCount(0);
});

test('from within the app a file is looked at in front of the workspace, which is there again afterwards', async ({
  openApp,
  dataDir,
  place,
}) => {
  const { file, temporary, home } = placesIn(dataDir);
  writeFileSync(file, await reviewedCase());
  const app = await openApp({ dataDir: home, env: { TMPDIR: temporary } });
  const { page } = app;
  const frame = frameOf(page);
  await frame.sayName('Carol');
  const { replay, banner } = reviewOf(page);
  if (place === 'browser') {
    await frame.command('Open a case file for review');
    await typeOver(page.getByRole('textbox', { name: /^Case file/ }), file);
    await page.keyboard.press('Enter');
  } else {
    // A second start hands its file to the first and ends.
    const shell = app.shell;
    if (shell === null) throw new Error('A shell.');
    const words = [
      ...(needsNoSandbox() ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--data-dir=${home}`,
      file,
    ];
    const display = await shell.evaluate(() => process.env.DISPLAY ?? '');
    const second = spawn(testElectronWithCheckout(), words, {
      stdio: 'ignore',
      env: projectEnvironment({ WATCHFLOOR_CORE_NODE: nodeBinary(), DISPLAY: display }),
    });
    expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(0);
  }
  await expect(banner).toContainText('Flood in March.wfcase');
  await expect(replay.title).toHaveText('HTTP flood on /login');
  await page.reload();
  await expect(banner).toContainText('Flood in March.wfcase');
  await page.keyboard.press('Control+b');
  await expect(page.getByText('SIMULATED').first()).toBeVisible();
  await frame.goTo('cases');
  await expect(page.getByText('HTTP flood on /login')).toHaveCount(0);
  await expect.poll(() => leftovers(temporary)).toEqual([]);
});
