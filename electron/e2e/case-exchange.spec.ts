import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { openBy } from './pages/dialogs.ts';
import { savedBy } from './pages/downloads.ts';
import { frameOf } from './pages/frame.ts';

test('a case is exported, and its bundle is imported into another, with the keyboard alone', async ({
  openApp,
  dataDir,
}) => {
  const app = await openApp({ env: { WATCHFLOOR_RANGE_SCENARIOS: 'manual' } });
  const { page } = app;
  const frame = frameOf(page);
  const theCase = caseOf(page);
  const folder = join(dataDir, 'saved');
  mkdirSync(folder);
  await frame.sayName('Ada Okonkwo');
  await frame.goTo('cases');
  await theCase.make('The first');
  await theCase.writeNote('Seen: 198.51.100.7, hxxps://evil[.]example/a, AS64496, CVE-2024-3094');
  await expect(theCase.observables.getByRole('listitem')).toHaveCount(5);

  const saved = await test.step('out, by menu and by palette', async () => {
    await page.keyboard.press('Shift+E');
    const menu = page.getByRole('menu', { name: 'Export or import' });
    await expect(menu.getByRole('menuitem').first()).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(menu.getByRole('menuitem', { name: 'STIX 2.1 bundle' })).toBeFocused();
    const bundle = await savedBy(app, folder, () => page.keyboard.press('Enter'));
    expect(bundle.name).toMatch(/^the-first-\d{4}-\d\d-\d\d\.stix\.json$/);
    expect(JSON.parse(bundle.bytes.toString())).toMatchObject({ type: 'bundle' });
    const timeline = await savedBy(app, folder, () => frame.command('timesketch timeline, csv'));
    expect(timeline.bytes.toString()).toContain('message,datetime,timestamp,timestamp_desc');
    return bundle;
  });

  await test.step('in, with what was left out in a note', async () => {
    await theCase.back();
    await theCase.make('The second');
    const path = join(folder, 'in.json');
    writeFileSync(path, saved.bytes);
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      frame.command('import observables from a stix'),
    ]);
    await chooser.setFiles(path);
    await expect(frame.message(/Observables: 5 added, 0 here already/)).toBeVisible();
    await expect(theCase.observables.getByRole('listitem')).toHaveCount(5);
    await expect(theCase.timeline).toContainText('1 note: a case here has no place for it');
  });

  await test.step('a playbook gives it tasks, and leads into the app', async () => {
    const dialog = await openBy(page, 'b', 'Playbook');
    await dialog.getByLabel('Kind of incident').selectOption('Supplier vulnerability');
    await page.keyboard.press('Control+Enter');
    await expect(dialog).toBeHidden();
    await expect(theCase.region.getByRole('list', { name: 'Tasks' })).toContainText('Fix it and prove it');
    await openBy(page, 'b', 'Playbook');
    await dialog.getByRole('button', { name: /^Open settings: Agree on a window/ }).press('Enter');
    await expect(frame.screen('settings')).toContainText('Suppressions');
  });
});
