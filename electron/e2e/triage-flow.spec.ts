import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { z } from 'zod';
import { alertSchema } from '../../shared/domain/alert.ts';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { type FloodAlert, floodOf, floodViews, type Verdict } from '../testing/flood.ts';
import { connectToHost } from '../testing/host-client.ts';
import { expect, startHost, test } from './fixtures.ts';
import { frameOf, watchPointer } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';

const seed = 20_261_126;

/** Takes the flood in through a real host, as a busy minute brings it, and gives the analyst the views of the night. */
async function fillWith(flood: readonly FloodAlert[], dataDir: string): Promise<void> {
  const host = await startHost({ dataDir, args: ['--workspace', 'live'] });
  const client = await connectToHost(host.address);
  await client.call('app.setAnalyst', { name: 'Ada Okonkwo' });
  const text = `${flood.map(({ line }) => line).join('\n')}\n`;
  const taken = await client.call('ingest.lines', {
    kind: 'suricata-eve',
    stream: 'flood',
    text,
    last: true,
  });
  expect(taken).toMatchObject({ occurrences: flood.length, rejected: 0 });
  expect(new Set(taken.alertIds).size).toBe(flood.length);
  for (const { name, text: asked } of floodViews) {
    await client.call('views.save', {
      id: null,
      name,
      query: { lane: null, text: asked, fromMs: null, toMs: null, includeDone: false, sort: 'received' },
    });
  }
  client.close();
  expect(await host.stop()).toBe(0);
}

/** Every alert of the data directory as the command line reads it beside the running app. */
function readAlerts(dataDir: string): ReadonlyMap<string, Verdict> {
  const output = execFileSync(
    nodeBinary(),
    [join(root, 'dist', 'electron', 'cli.cjs'), 'alerts', '--data-dir', dataDir, '--json', '--received'],
    { encoding: 'utf8', env: projectEnvironment(), maxBuffer: 256_000_000 },
  );
  const alerts = z.array(alertSchema).parse(
    output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  return new Map(
    alerts.map((alert) => {
      const end = (role: string) =>
        alert.entities.find((entity) => entity.kind === 'ip' && entity.role === role)?.value;
      return [
        `${alert.title} ${end('source')} ${end('destination')}`,
        {
          status: alert.status,
          disposition: alert.disposition,
          snoozed: alert.snoozedUntilMs !== null,
          suppressed: alert.suppressed,
          inCase: alert.caseId !== null,
        },
      ];
    }),
  );
}

/** Alerts that are not as they should be; none is missing, none is too many. */
function wrongOnes(found: ReadonlyMap<string, Verdict>, wanted: ReadonlyMap<string, Verdict>): string[] {
  const wrong = [...wanted].flatMap(([key, verdict]) => {
    const is = found.get(key);
    return JSON.stringify(is) === JSON.stringify(verdict) ? [] : [`${key}: ${JSON.stringify(is)}`];
  });
  return found.size === wanted.size ? wrong : [`${found.size} alerts for ${wanted.size}`, ...wrong];
}

/** A keyboard that counts: every press of a key, and every letter that is typed. */
function countedKeys(page: Page) {
  let presses = 0;
  return {
    presses: () => presses,
    async press(...keys: readonly string[]) {
      for (const key of keys) {
        await page.keyboard.press(key);
        presses += 1;
      }
    },
    async type(text: string) {
      await page.keyboard.type(text);
      presses += text.length;
    },
  };
}

test('a flood of 10,000 alerts is worked down to zero by keyboard, and the last bulk taken back', async ({
  openApp,
  dataDir,
}) => {
  test.setTimeout(240_000);
  const flood = floodOf(seed, Date.now() - 120_000);
  const wanted = new Map(flood.map(({ key, verdict }) => [key, verdict]));
  expect(wanted.size).toBe(10_000);
  await fillWith(flood, dataDir);

  const { page } = await openApp({ args: ['--workspace=live'] });
  const frame = frameOf(page);
  const queue = queueOf(page);
  const keys = countedKeys(page);
  const pointerPresses = await watchPointer(page);
  await expect(frame.strip).toContainText('actionable');

  /** Opens a view and chooses everything that it finds. */
  const takeAll = async (name: (typeof floodViews)[number]['name'], count: string) => {
    const number = floodViews.findIndex((view) => view.name === name) + 1;
    await keys.press('g', String(number));
    await expect(queue.target).toHaveText(`${count} alerts`);
    await keys.press('Control+a');
    await expect(queue.target).toHaveText(`All ${count} alerts that match`);
  };
  const isDone = () => expect(queue.region.getByText('No alert matches')).toBeVisible();
  const close = async (count: string, letter: string | null) => {
    await keys.press('c');
    const dialog = page.getByRole('dialog', { name: `Close ${count} alerts` });
    await expect(dialog.getByRole('combobox')).toBeFocused();
    if (letter !== null) await keys.press(letter);
    await keys.press('Control+Enter');
    await expect(dialog).toBeHidden();
    await isDone();
  };

  await keys.press('g', 'q');
  const views = queue.region.getByRole('navigation', { name: 'Views' }).getByRole('button');
  await expect(views).toHaveCount(floodViews.length);
  await test.step('a case of what leaves the database, closed with it', async () => {
    await takeAll('Out of the database', '50');
    await keys.press('e');
    await expect(page.getByRole('dialog', { name: 'Case from 50 alerts' }).getByLabel('Title')).toBeFocused();
    await keys.press('Enter');
    await expect(frame.screen('cases')).toBeVisible();
    await keys.press('g', 'q');
    await expect(queue.target).toHaveText('50 alerts');
    await keys.press('Control+a');
    await expect(queue.target).toHaveText('All 50 alerts that match');
    await close('50', null);
  });
  await test.step('the hired testers are benign, before their scanner looks like everybody’s', async () => {
    await takeAll('Hired testers', '900');
    await close('900', 'b');
  });
  await test.step('scanners are false positives, with a reason', async () => {
    await takeAll('Scanners', '3,100');
    await keys.press('f');
    const dialog = page.getByRole('dialog', { name: 'False positive: 3,100 alerts' });
    await expect(dialog.getByLabel(/^Reason/)).toBeFocused();
    await keys.type('scan');
    await keys.press('Control+Enter');
    await isDone();
  });
  await test.step('the botnet is true, and what tells of it again a duplicate', async () => {
    await takeAll('Botnet', '2,600');
    await close('2,600', null);
    await takeAll('Echoes of it', '1,700');
    await close('1,700', 'd');
  });
  await test.step('the old certificate sleeps', async () => {
    await takeAll('Old certificate', '310');
    await keys.press('s');
    await expect(page.getByRole('dialog', { name: 'Snooze 310 alerts' })).toBeVisible();
    await keys.press('2');
    await isDone();
  });
  await test.step('the load test is suppressed while it lasts', async () => {
    await keys.press('g', String(floodViews.findIndex(({ name }) => name === 'Load test') + 1));
    await expect(queue.target).toHaveText('700 alerts');
    await keys.press('Shift+H');
    const dialog = page.getByRole('dialog', { name: 'Suppress alerts' });
    await expect(dialog.getByLabel(/^Reason/)).toBeFocused();
    await expect(dialog.getByRole('status')).toContainText('Holds 700 alerts now');
    await keys.type('load');
    await keys.press('Control+Enter');
    await expect(dialog).toBeHidden();
    await isDone();
  });
  await test.step('nobody knows what the handshakes are', async () => {
    await takeAll('Handshakes', '640');
    await close('640', 'u');
  });

  await expect(frame.strip).toContainText('0 actionable');
  await expect(frame.strip).toContainText('0 informational');
  expect(keys.presses()).toBeLessThan(60);
  expect(await pointerPresses()).toBe(0);
  expect(wrongOnes(readAlerts(dataDir), wanted)).toEqual([]);

  await test.step('undo takes back the last bulk, and that alone', async () => {
    // Long after the message that offered it is gone, it is offered among the last actions.
    await expect(frame.bottom.getByRole('button', { name: /^Undo/ })).toHaveCount(0, { timeout: 30_000 });
    await keys.press('u');
    const dialog = page.getByRole('dialog', { name: 'Take back what was done to alerts' });
    await expect(dialog.getByRole('radio').first()).toBeFocused();
    await expect(dialog.getByRole('radio', { name: /^Closed as unknown.*640 alerts/ })).toBeChecked();
    await keys.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(frame.message('Took it back for 640 alerts')).toBeVisible();
    await expect(queue.target).toHaveText('640 alerts');
    const after = new Map(
      [...wanted].map(([key, verdict]) => [
        key,
        verdict.disposition === 'unknown'
          ? { ...verdict, status: 'new' as const, disposition: null }
          : verdict,
      ]),
    );
    expect(wrongOnes(readAlerts(dataDir), after)).toEqual([]);
  });
});
