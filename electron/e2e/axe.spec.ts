import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { caseFileStates } from './pages/case-file-states.ts';
import { caseStates } from './pages/case-states.ts';
import { dismiss, openBy, typeOver } from './pages/dialogs.ts';
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

/** Goes through every screen in what it can show, and calls `look` at each. */
async function visitAll(page: Page, frame: Frame, look: (where: string) => Promise<void>): Promise<void> {
  await frame.goTo('watch');
  await expect(page.getByRole('figure').first()).toBeVisible();
  await look('watch');
  const palette = await openBy(page, 'Control+k', 'Commands');
  await expect(palette.getByRole('option').first()).toBeVisible();
  await look('palette');
  await dismiss(page);
  await openBy(page, '?', 'Keys');
  await look('keys');
  await dismiss(page);

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
  await typeOver(queue.details.getByRole('textbox', { name: 'Find in Raw record' }), 'alert');
  await expect(queue.details.getByText('1 of 2')).toBeVisible();
  await look('queue, an alert of a source');
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await look('queue, pivots');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menuitem')).toHaveCount(0);
  await page.keyboard.press("'");
  const jump = queue.region.getByRole('textbox', { name: 'Jump to a title that begins with' });
  await typeOver(jump, 'zz');
  await expect(queue.region.getByText('No title begins so')).toBeVisible();
  await look('queue, jump');
  await page.keyboard.press('Escape');
  await expect(jump).toBeHidden();
  await openBy(page, 'Shift+e', /^Export \d/);
  await look('queue, export');
  await dismiss(page);
  await openBy(page, 'Shift+c', 'Columns');
  await look('queue, columns');
  await dismiss(page);
  await page.keyboard.press('x');
  await openBy(page, 's', /^Snooze/);
  await look('queue, snooze');
  await dismiss(page);
  await openBy(page, 'f', /^False positive/);
  await look('queue, false positive');
  await dismiss(page);
  const suppress = await openBy(page, 'h', 'Suppress alerts');
  await expect(suppress.getByRole('status')).toContainText('In the last 30 days');
  await look('queue, suppress');
  await dismiss(page);
  const split = await openBy(page, 'Shift+s', 'Split an alert');
  await expect(split.getByRole('table')).toBeVisible();
  await look('queue, split');
  await dismiss(page);
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
  const search = page.getByRole('combobox', { name: 'Search alerts' });
  await page.keyboard.press('/');
  await typeOver(search, 'severity:grave sev');
  await expect(queue.region.getByRole('listbox', { name: 'Completions' })).toBeVisible();
  await look('queue, search');
  await typeOver(search, 'title:nothing-is-called-so');
  await expect(queue.region.getByText('No alert matches')).toBeVisible();
  await look('queue, no match');
  await typeOver(search, '');
  await page.keyboard.press('Enter');
  await expect(queue.activeRow).toBeVisible();
  await openBy(page, 'e', /^Case from/);
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
  await dismiss(page);
  await look('case, after all');
  await page.keyboard.press('1');
  await theCase.back();
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
  await openBy(page, 'p', 'Propose a mitigation');
  await look('mitigate, propose');
  await dismiss(page);
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
  await openBy(page, 'n', 'New maintenance window');
  await look('settings, a new maintenance window');
  await dismiss(page);
  await settings.section('Noise');
  await settings.region.getByRole('button', { name: 'Change the targets for high alerts' }).click();
  await expect(page.getByRole('dialog', { name: /^Targets: high alerts/ })).toBeVisible();
  await look('settings, response targets');
  await dismiss(page);
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
