import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { expect, test } from './fixtures.ts';
import { openBy, typeOver } from './pages/dialogs.ts';
import { frameOf } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';

const attacker = '203.0.113.7';

/** A record as Suricata writes it; seconds are counted from when the test began. */
function alertLine(more: {
  readonly signature: string;
  readonly id: number;
  readonly source?: string;
  readonly second: number;
  readonly path?: string;
  readonly severity?: number;
}): string {
  const startMs = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  return JSON.stringify({
    timestamp: new Date(startMs + more.second * 1_000).toISOString().replace('Z', '000+0000'),
    flow_id: more.id * 10_000 + more.second,
    event_type: 'alert',
    src_ip: more.source ?? attacker,
    src_port: 40_000 + more.second,
    dest_ip: '192.0.2.10',
    dest_port: 443,
    proto: 'TCP',
    app_proto: 'http',
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: more.id,
      rev: 1,
      signature: more.signature,
      category: 'Web Application Attack',
      severity: more.severity ?? 2,
    },
    http: { hostname: 'shop.example', url: more.path ?? '/', http_method: 'GET' },
  });
}

function records(): string[] {
  return [
    ...['/login', '/admin', '/login', '/login'].map((path, index) =>
      alertLine({ signature: 'WEB SQL injection', id: 1, second: index * 20, path, severity: 1 }),
    ),
    ...['/login', '/admin'].map((path, index) =>
      alertLine({ signature: 'WEB SQL injection', id: 1, second: 900 + index, path, severity: 1 }),
    ),
    alertLine({ signature: 'SCAN of ports', id: 2, second: 5 }),
    alertLine({ signature: 'WEB traversal of folders', id: 3, second: 30 }),
    alertLine({ signature: 'DNS tunnel', id: 4, second: 40, source: '198.51.100.99' }),
  ];
}

test('alerts are merged for a reason, split by what tells them apart, and taken back, with the keyboard alone', async ({
  openApp,
}) => {
  test.setTimeout(300_000);
  const data = mkdtempSync(join(tmpdir(), 'watchfloor-merge-'));
  const file = join(data, 'eve.json');
  const ingest = (lines: readonly string[]) => {
    writeFileSync(file, `${lines.join('\n')}\n`);
    const done = spawnSync(
      nodeBinary(),
      [
        join(root, 'dist', 'electron', 'cli.cjs'),
        'ingest',
        '--data-dir',
        data,
        '--source',
        'suricata-eve',
        file,
      ],
      { env: projectEnvironment({}), encoding: 'utf8' },
    );
    expect(done.status, done.stderr).toBe(0);
  };
  ingest(records());
  const app = await openApp({ dataDir: data, args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  await frame.sayName('Ada Okonkwo');
  await frame.goTo('queue');
  const toast = frame.bottom;
  const injection = /WEB SQL injection/;
  const search = page.getByRole('combobox', { name: 'Search alerts' });
  await queue.waitFor(injection);
  await queue.moveTo(injection);

  await test.step('what belongs together is proposed with its reason, and merged', async () => {
    const proposals = await openBy(page, 'm', 'What this alert belongs to');
    await expect(proposals).toContainText(
      `These 3 belong together: same source address ${attacker}, no customer known, first seen within 30 s.`,
    );
    await page.keyboard.press('1');
    const merge = page.getByRole('dialog', { name: 'Merge 3 alerts' });
    await expect(merge.getByRole('radio').first()).toBeChecked();
    await expect(merge).toContainText('What is done to it is done to all.');
    await page.keyboard.press('Control+Enter');
    await expect(toast).toContainText('Merged 3 alerts into one');
    await expect(queue.row(/SCAN of ports/)).toBeHidden();
    await expect(queue.row(injection)).toContainText('+2');
    await expect(queue.row(injection)).toContainText('×8');
    await expect(queue.row(/DNS tunnel/)).toBeVisible();
  });

  await test.step('its details list what it stands for, and each can be opened', async () => {
    await queue.moveTo(injection);
    await page.keyboard.press('Enter');
    await expect(queue.details).toContainText('Stands for 3 alerts');
    const members = queue.details.getByRole('list', { name: 'Merged under it' });
    await expect(members.getByRole('listitem')).toHaveCount(2);
    await members.getByRole('button', { name: /SCAN of ports/ }).press('Enter');
    await expect(queue.details).toContainText('Merged under WEB SQL injection');
    await page.keyboard.press('Escape');
  });

  await test.step('closing it says how many that closes, and undo reopens all', async () => {
    await queue.moveTo(injection);
    const close = await openBy(page, 'c', 'Close 3 alerts');
    await expect(close).toContainText('with 2 alerts merged under it');
    await page.keyboard.press('Control+Enter');
    await expect(toast).toContainText('Closed 3 alerts as true positive');
    await expect(frame.strip).toContainText('1 actionable');
    await page.keyboard.press('u');
    await expect(queue.row(injection)).toContainText('+2');
  });

  await test.step('a search finds what is merged where its leader does not match', async () => {
    await page.keyboard.press('/');
    await typeOver(search, 'title:traversal');
    await page.keyboard.press('Enter');
    await expect(queue.row(/WEB traversal/)).toContainText('Merged');
    await page.keyboard.press('/');
    await typeOver(search, '');
    await page.keyboard.press('Enter');
  });

  await test.step('it is unmerged, and split by path', async () => {
    await queue.moveTo(injection);
    await page.keyboard.press('Shift+M');
    await expect(toast).toContainText('Unmerged 2 alerts');
    await expect(queue.row(/SCAN of ports/)).toBeVisible();
    await queue.moveTo(injection);
    const split = await openBy(page, 'Shift+S', 'Split an alert');
    await split.getByRole('tab', { name: 'By silence' }).click();
    await expect(split.getByRole('row')).toHaveCount(3);
    await expect(split).toContainText('after a silence of 14 min');
    await split.getByRole('tab', { name: 'By whom or what' }).click();
    await split.getByLabel('A part for each').selectOption({ label: 'Destination path' });
    await expect(split.getByRole('row', { name: /to \/login/ })).toContainText('4');
    await page.keyboard.press('Control+Enter');
    await expect(toast).toContainText('Split one alert into 2 parts');
    await expect(queue.row(/to \/login/)).toContainText('×4');
    await expect(queue.row(/to \/admin/)).toContainText('×2');
  });

  await test.step('what comes later brings it back, and its parts are put together again', async () => {
    ingest([...records(), alertLine({ signature: 'WEB SQL injection', id: 1, second: 1_200, severity: 1 })]);
    await queue.waitFor(/split, 1 came since/);
    await queue.moveTo(/split, 1 came since/);
    await page.keyboard.press('Enter');
    await expect(queue.details).toContainText('2 parts stand for it. 1 came since it was split');
    await page.keyboard.press('Shift+U');
    await expect(toast).toContainText('Put the parts together again');
    await expect(queue.row(/to \/login/)).toBeHidden();
    await expect(queue.row(injection)).toContainText('×7');
  });

  await test.step('the audit log knows', async () => {
    await frame.goTo('settings');
    await page.getByRole('tab', { name: 'Audit log' }).click();
    await expect(page.getByRole('region', { name: 'Settings' })).toContainText(
      'Ada Okonkwo: Merged 2 alerts under “WEB SQL injection”',
    );
  });
  expect(app.problems).toEqual([]);
  await app.close();
  rmSync(data, { recursive: true, force: true });
});
