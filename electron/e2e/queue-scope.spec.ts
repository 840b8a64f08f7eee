import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { expect, test } from './fixtures.ts';
import { dismiss, openBy, typeOver } from './pages/dialogs.ts';
import { frameOf } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';

function watchfloor(...words: readonly string[]): string {
  return execFileSync(nodeBinary(), [join(root, 'dist', 'electron', 'cli.cjs'), ...words], {
    encoding: 'utf8',
    env: projectEnvironment(),
    maxBuffer: 64_000_000,
  });
}

/** Takes in alerts of clients by number, through the running app where there is one. */
function ingest(dataDir: string, from: number, to: number): void {
  const lines = Array.from({ length: to - from }, (_, index) =>
    JSON.stringify({
      timestamp: '2026-01-05T02:11:30.000000+0000',
      flow_id: from + index,
      event_type: 'alert',
      src_ip: `198.51.${(from + index) >> 7}.${1 + ((from + index) & 127)}`,
      src_port: 40_000,
      dest_ip: '192.0.2.10',
      dest_port: 443,
      proto: 'TCP',
      alert: {
        action: 'allowed',
        gid: 1,
        signature_id: 7,
        rev: 1,
        signature: 'LOCAL HTTP flood',
        severity: 1,
      },
    }),
  );
  const file = join(dataDir, `records-${from}.json`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  watchfloor('ingest', '--data-dir', join(dataDir, 'data'), '--source', 'suricata-eve', file);
}

const linesOf = (dataDir: string, query: string) =>
  watchfloor('alerts', '--data-dir', join(dataDir, 'data'), '--query', query).split('\n').length - 1;

test('a bulk is about exactly what its dialog showed, whatever comes while it is open', async ({
  openApp,
  dataDir,
}) => {
  ingest(dataDir, 0, 300);
  const { page } = await openApp({ dataDir: join(dataDir, 'data'), args: ['--workspace', 'live'] });
  const frame = frameOf(page);
  const queue = queueOf(page);
  await frame.sayName('Ada Okonkwo');
  await frame.goTo('queue');
  await expect(queue.target).toHaveText('300 alerts');

  await test.step('what comes while the dialog is open is not in it', async () => {
    await queue.chooseAll('300');
    const dialog = await openBy(page, 'c', 'Close 300 alerts');
    await expect(dialog).toContainText('Exactly these');
    ingest(dataDir, 300, 350);
    await expect(queue.region.getByRole('button', { name: '50 new' })).toBeAttached();
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Control+Enter');
    await frame.stayOnUndo('Closed 300 alerts as true positive');
    expect([linesOf(dataDir, 'status:closed'), linesOf(dataDir, 'status:new')]).toEqual([300, 50]);
  });

  await test.step('undo takes back these', async () => {
    await page.keyboard.press('u');
    await expect(frame.message('Took it back for 300 alerts')).toBeVisible();
    expect(linesOf(dataDir, 'status:new')).toBe(350);
  });

  await test.step('a row at hand stays the one, also when newer ones are let in', async () => {
    await page.keyboard.press('n');
    await expect(queue.target).toHaveText('350 alerts');
    await page.keyboard.press('Home');
    for (const key of ['j', 'j']) await page.keyboard.press(key);
    const place = '4';
    await expect(queue.activeRow).toHaveAttribute('aria-rowindex', place);
    const client = () => queue.activeRow.locator('.cell-entity').innerText();
    const before = await client();
    await openBy(page, 'f', 'False positive: 1 alert');
    ingest(dataDir, 350, 360);
    await expect(queue.region.getByRole('button', { name: '10 new' })).toBeAttached();
    await dismiss(page);
    await expect(queue.activeRow).toHaveAttribute('aria-rowindex', place);
    expect(await client()).toBe(before);
  });

  await test.step('another search lets go of what was chosen', async () => {
    await queue.chooseAll('350');
    await page.keyboard.press('3');
    await expect(queue.target).toHaveText('360 alerts');
  });

  await test.step('keys that come faster than the core answers are about what they were meant for', async () => {
    await page.keyboard.press('1');
    await page.keyboard.press('/');
    await page.keyboard.type('src:198.51.1.0/24');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+a');
    await Promise.all([...'fscan'].map((key) => page.keyboard.press(key)));
    await page.keyboard.press('Control+Enter');
    await frame.stayOnUndo('Closed 128 alerts as false positive');
    expect(linesOf(dataDir, 'disposition:false-positive')).toBe(128);
    await page.keyboard.press('u');
    await expect(frame.message('Took it back for 128 alerts')).toBeVisible();
    expect(linesOf(dataDir, 'status:new')).toBe(360);
    await page.keyboard.press('/');
    await typeOver(page.getByRole('combobox', { name: 'Search alerts' }), '');
    await page.keyboard.press('Enter');
    await page.keyboard.press('3');
    await expect(queue.target).toHaveText('360 alerts');
  });

  await test.step('what was exported, by whom, stands in the audit log', async () => {
    await openBy(page, 'Shift+E', 'Export 360 alerts');
    const saved = page.waitForEvent('download');
    await page.keyboard.press('Control+Enter');
    await saved;
    await frame.goTo('settings');
    await frame.command('audit');
    await expect(page.getByText('Ada Okonkwo exported 360 alerts as CSV: everything.')).toBeVisible();
  });
});
