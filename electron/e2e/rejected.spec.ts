import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { expect, test } from './fixtures.ts';
import { frameOf } from './pages/frame.ts';
import { settingsOf } from './pages/settings.ts';

test('rejected records stand with their source, are read anew by key, and are discarded by a person', async ({
  openApp,
  dataDir,
}) => {
  const data = join(dataDir, 'data');
  const records = join(dataDir, 'eve.json');
  const good = '{"event_type":"alert","timestamp":"2026-03-04T00:00:00Z","alert":{"signature":"Good"}}';
  writeFileSync(records, `${good}\n{"half": \n{"event_type":"alert","timestamp":"soon"}\n${good}\n`);
  const run = (...words: readonly string[]) =>
    JSON.parse(
      execFileSync(
        nodeBinary(),
        [join(root, 'dist', 'electron', 'cli.cjs'), 'ingest', '--data-dir', data, '--json', ...words],
        { encoding: 'utf8', env: projectEnvironment() },
      ),
    );
  expect(run('--source', 'suricata-eve', records)).toMatchObject({ occurrences: 2, rejected: 2, new: 2 });
  // Once more: nothing is there twice.
  expect(run('--source', 'suricata-eve', records)).toMatchObject({ rejected: 2, new: 0 });
  expect(run('--replay-rejected')).toEqual({ read: 2, taken: 0, new: 0, stays: 2 });

  const app = await openApp({ dataDir: data, args: ['--workspace=live'] });
  const { page } = app;
  const frame = frameOf(page);
  const { region } = settingsOf(page);
  await frame.sayName('Ada Okonkwo');
  await frame.goTo('settings');
  await region.getByText('Imported EVE files').click();
  await expect(region.getByRole('heading', { name: 'Rejected records (2)' })).toBeVisible();
  const rejected = region.getByRole('list', { name: 'Rejected records' });
  await rejected.getByRole('button', { name: /An event has no usable timestamp/ }).click();
  await expect(rejected.getByText('"soon"')).toBeVisible();

  await page.keyboard.press('Control+Alt+r');
  await expect(page.getByText('0 records understood; 2 records stay')).toBeVisible();
  // Through the running core, too.
  expect(run('--replay-rejected')).toEqual({ read: 2, taken: 0, new: 0, stays: 2 });

  await region.getByRole('button', { name: 'Discard…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(region.getByText('2 records dropped, for want of room or by hand.')).toBeVisible();
  await settingsOf(page).section('Audit log');
  await expect(region.getByText(/discarded 2 rejected records of Imported EVE files/)).toBeVisible();
});
