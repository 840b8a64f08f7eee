import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { caseFileStates } from './pages/case-file-states.ts';
import { type Frame, frameOf } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';
import { settingsOf } from './pages/settings.ts';

const themes = ['dark', 'light', 'high-contrast'] as const;
const sections = [
  'Sources',
  'Targets',
  'Customers',
  'Signals',
  'Suppressions',
  'Noise',
  'Lessons',
  'Appearance',
  'Storage',
  'Audit log',
];

/** What axe finds on the page as it stands: the rule, what is wrong, and the first elements of it. */
async function findingsOf(page: Page, where: string): Promise<string[]> {
  // No page is of another origin, so nothing is lost by looking from within; it saves a page a look.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(
    ({ id, help, nodes }) =>
      `${where}: ${id}: ${help}: ${nodes
        .slice(0, 4)
        .map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`)
        .join(' | ')} (${nodes.length})`,
  );
}

/** What a case can show beside its tabs of before: each is reached from the one above it. */
function caseStates(page: Page): readonly (readonly [string, () => Promise<void>])[] {
  const dialog = (name: string) => page.getByRole('dialog', { name });
  const { region, timeline } = caseOf(page);
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const open = async (name: string, ...keys: readonly string[]) => {
    await press(...keys);
    await expect(dialog(name)).toBeVisible();
  };
  return [
    ['dated event', () => open('Add a dated event', 'v')],
    [
      'timeline with an event',
      async () => {
        await dialog('Add a dated event').getByLabel('What happened').fill('First complaint');
        await dialog('Add a dated event').getByLabel('Occurred').fill('-10m');
        await press('Control+Enter', '+');
        await expect(timeline.getByRole('listitem').first()).toBeVisible();
        await press('0');
      },
    ],
    [
      'comment',
      async () => {
        await press('m');
        await page.keyboard.type('Look, @');
        await expect(region.getByRole('group', { name: /^People to mention/ })).toBeVisible();
      },
    ],
    [
      'task',
      async () => {
        await page.keyboard.press('Control+Enter');
        await press('Escape', 't');
        await page.keyboard.type('Call them');
        await press('Enter', 'Escape');
        const tasks = region.getByRole('list', { name: 'Tasks' });
        await tasks.getByRole('button', { name: 'Edit the task Call them' }).press('Enter');
        await dialog('Task').getByLabel('New point').fill('Find the number');
        await press('Enter');
        await expect(dialog('Task').getByRole('checkbox')).toBeVisible();
      },
    ],
    [
      'extract',
      async () => {
        await press('Escape');
        await expect(dialog('Task')).toBeHidden();
        await open('Observables from a text', 'Shift+O');
        await page.keyboard.type('192.0.2.77 and evil[.]example');
        await expect(dialog('Observables from a text').getByRole('checkbox').first()).toBeVisible();
      },
    ],
    [
      'observables',
      async () => {
        await press('Control+Enter', '5');
        await expect(region.getByRole('grid', { name: 'Observables' })).toBeVisible();
      },
    ],
    [
      'observable',
      async () => {
        await region.getByRole('grid', { name: 'Observables' }).focus();
        await open('Observable', 'Enter');
      },
    ],
    [
      'matrix',
      async () => {
        await press('Escape', 'h');
        await page.keyboard.type('T1498');
        await expect(region.getByRole('listbox', { name: 'Techniques found' })).toBeVisible();
        await press('Enter', 'Escape', '4');
        await expect(region.getByRole('list', { name: /^ATT&CK matrix/ })).toBeVisible();
      },
    ],
    [
      'evidence',
      async () => {
        await region.getByLabel('Evidence files').setInputFiles({
          name: 'note.txt',
          mimeType: 'text/plain',
          buffer: Buffer.from('GET /login'),
        });
        await region
          .getByRole('list', { name: 'Evidence' })
          .getByRole('button', { name: /^note\.txt/ })
          .press('Enter');
        await dialog('Evidence').getByRole('button', { name: 'Note a step' }).press('Enter');
        await expect(dialog('Evidence').getByRole('figure')).toBeVisible();
      },
    ],
    [
      'after all',
      async () => {
        await press('Escape');
        await expect(dialog('Evidence')).toBeHidden();
      },
    ],
  ];
}

/** Goes through every screen in what it can show, and calls `look` at each. */
async function visitAll(page: Page, frame: Frame, look: (where: string) => Promise<void>): Promise<void> {
  await frame.goTo('watch');
  await expect(page.getByRole('figure').first()).toBeVisible();
  await look('watch');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Commands' }).getByRole('option').first()).toBeVisible();
  await look('palette');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await look('keys');
  await page.keyboard.press('Escape');

  const queue = queueOf(page);
  await frame.goTo('queue');
  await expect(queue.region.getByRole('row').nth(5)).toBeVisible();
  await look('queue');
  await page.keyboard.press('Enter');
  await page.keyboard.press('v');
  await expect(queue.details.getByRole('table', { name: 'What the excess is made of' })).toBeVisible();
  await look('queue, explained');
  await page.keyboard.press('v');
  await queue.moveTo(/Credential stuffing/);
  await expect(queue.details.getByRole('figure', { name: 'Occurrences' })).toBeVisible();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('alert');
  await expect(queue.details.getByText('1 of 2')).toBeVisible();
  await look('queue, an alert of a source');
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await expect(page.getByRole('menuitem').first()).toBeVisible();
  await look('queue, pivots');
  await page.keyboard.press('Escape');
  await page.keyboard.press("'");
  await page.keyboard.type('zz');
  await expect(queue.region.getByText('No title begins so')).toBeVisible();
  await look('queue, jump');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+e');
  await expect(page.getByRole('dialog', { name: /^Export \d/ })).toBeVisible();
  await look('queue, export');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+c');
  await expect(page.getByRole('dialog', { name: 'Columns' })).toBeVisible();
  await look('queue, columns');
  await page.keyboard.press('Escape');
  await page.keyboard.press('x');
  await page.keyboard.press('s');
  await expect(page.getByRole('dialog', { name: /^Snooze/ })).toBeVisible();
  await look('queue, snooze');
  await page.keyboard.press('Escape');
  await page.keyboard.press('f');
  await expect(page.getByRole('dialog')).toBeVisible();
  await look('queue, false positive');
  await page.keyboard.press('Escape');
  await page.keyboard.press('h');
  await expect(page.getByRole('dialog', { name: 'Suppress alerts' }).getByRole('status')).toContainText(
    'In the last 30 days',
  );
  await look('queue, suppress');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+s');
  await expect(page.getByRole('dialog', { name: 'Split an alert' }).getByRole('table')).toBeVisible();
  await look('queue, split');
  await page.keyboard.press('Escape');
  await frame.command('Show alerts that belong together');
  await expect(page.getByRole('dialog', { name: 'Alerts that belong together' })).toContainText('These 7');
  await look('queue, proposals');
  await page.keyboard.press('1');
  await expect(page.getByRole('dialog', { name: 'Merge 7 alerts' })).toBeVisible();
  await look('queue, merge');
  await page.keyboard.press('Control+Enter');
  await queue.moveTo(/stands for 6 more alerts/);
  await expect(queue.details.getByRole('list', { name: 'Merged under it' })).toBeVisible();
  await look('queue, merged');
  await page.keyboard.press('/');
  await page.keyboard.type('severity:grave sev');
  await expect(queue.region.getByRole('listbox', { name: 'Completions' })).toBeVisible();
  await look('queue, search');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('title:nothing-is-called-so');
  await expect(queue.region.getByText('No alert matches')).toBeVisible();
  await look('queue, no match');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  // The list is asked for anew without the search.
  await expect(async () => {
    await page.keyboard.press('e');
    await expect(page.getByRole('dialog', { name: /^Case from/ })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await look('queue, escalate');
  await page.keyboard.press('Control+Enter');
  const theCase = caseOf(page);
  await expect(theCase.title).toBeVisible();
  await look('case');
  await page.keyboard.press('2');
  await look('case, signals');
  await page.keyboard.press('3');
  await expect(theCase.report.getByRole('heading', { level: 1 })).toBeVisible();
  await look('case, report');
  for (const [name, reach] of caseStates(page)) {
    await reach();
    await look(`case, ${name}`);
  }
  await page.keyboard.press('1');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('region', { name: 'Cases' })).toBeVisible();
  await look('cases');
  for (const [name, reach] of caseFileStates(page, frame)) {
    await reach();
    await look(`case files, ${name}`);
  }
  await frame.goTo('mitigate');
  await look('mitigate');
  for (const key of ['2', '3', '1']) {
    await page.keyboard.press(key);
    await look(`mitigate ${key}`);
  }
  await page.keyboard.press('p');
  await expect(page.getByRole('dialog')).toBeVisible();
  await look('mitigate, propose');
  await page.keyboard.press('Escape');
  await frame.goTo('reports');
  await look('reports');

  const settings = settingsOf(page);
  await frame.goTo('settings');
  for (const section of sections) {
    await settings.section(section);
    await look(`settings, ${section}`);
  }
  await settings.section('Suppressions');
  await settings.region.getByRole('grid').focus();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(settings.region.getByRole('list', { name: 'The newest alerts' })).toBeVisible();
  await look('settings, a suppression');
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog', { name: 'New maintenance window' })).toBeVisible();
  await look('settings, a new maintenance window');
  await page.keyboard.press('Escape');
  await settings.section('Noise');
  await settings.region.getByRole('button', { name: 'Change the targets for high alerts' }).click();
  await expect(page.getByRole('dialog', { name: /^Targets: high alerts/ })).toBeVisible();
  await look('settings, response targets');
  await page.keyboard.press('Escape');
  await frame.goTo('queue');
  await frame.command('Show what suppressions hold');
  await expect(queue.region.getByText('Suppressed').first()).toBeVisible();
  await look('queue, suppressed');
  await frame.goTo('settings');
  await settings.section('Sources');
  await settings.region.getByText('prom-eu').first().click();
  const form = settings.region.getByRole('form');
  await form.getByRole('button', { name: 'Test this source' }).click();
  await expect(form.getByRole('region', { name: 'Test of this source' }).getByRole('status')).toBeVisible();
  await look('settings, a source');
  await settings.region.getByText('sensor-1 EVE').first().click();
  await expect(settings.region.getByRole('list', { name: 'Rejected records' })).toBeVisible();
  await look('settings, a source with rejected records and words of its own');
  await page.keyboard.press('Escape');

  await frame.command('back-test');
  await expect(page.getByRole('region', { name: 'Back-test' })).toBeVisible();
  await look('back-test');
  await frame.command('open gallery');
  await expect(page.getByRole('region', { name: 'Gallery' })).toBeVisible();
  await look('gallery');
}

for (const theme of themes) {
  test(`axe finds nothing on any screen, ${theme}`, async ({ openApp }) => {
    test.slow();
    const app = await openApp({ args: ['--workspace', 'live'] });
    const { page } = app;
    const frame = frameOf(page);
    // Colours that glide are between two themes for a moment.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto('about:blank');
    await page.goto(`${new URL(app.host?.address ?? '').origin}/?demo=busy`);
    await expect(frame.strip).toContainText('actionable');
    if (theme !== 'dark') await frame.command(`${theme} theme`);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    const found: string[] = [];
    await visitAll(page, frame, async (where) => {
      found.push(...(await findingsOf(page, where)));
    });
    expect(found).toEqual([]);
  });
}

test('axe finds nothing where there is nothing, too much, or trouble', async ({ openApp }) => {
  test.slow();
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const found: string[] = [];
  for (const situation of ['first', 'empty', 'loading', 'error', 'flood']) {
    await page.goto('about:blank');
    await page.goto(`${new URL(app.host?.address ?? '').origin}/?demo=${situation}`);
    await expect(page.getByRole('navigation').first()).toBeVisible();
    if (situation === 'first') {
      await expect(page.getByRole('dialog', { name: 'Who is on watch?' })).toBeVisible();
      found.push(...(await findingsOf(page, situation)));
      continue;
    }
    await expect(frame.strip).toContainText('actionable');
    for (const screen of ['watch', 'queue', 'cases', 'mitigate', 'reports', 'settings'] as const) {
      await frame.goTo(screen);
      found.push(...(await findingsOf(page, `${situation}, ${screen}`)));
    }
  }
  expect(found).toEqual([]);
});
