import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures.ts';
import { dismiss, openBy, screenHears, typeOver } from './pages/dialogs.ts';
import { savedBy } from './pages/downloads.ts';
import { frameOf } from './pages/frame.ts';
import { handoverOf } from './pages/handover.ts';

for (const theme of ['dark', 'light', 'high-contrast'] as const) {
  test(`axe finds nothing on the screen of handovers, ${theme}`, async ({ openApp }) => {
    test.slow();
    const app = await openApp({ args: ['--workspace', 'live'] });
    const { page } = app;
    const frame = frameOf(page);
    const handover = handoverOf(page);
    const found: string[] = [];
    const look = async (where: string) => {
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      found.push(...violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes[0]?.html.slice(0, 160)}`));
    };
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const situation of ['empty', 'busy']) {
      await page.goto('about:blank');
      await page.goto(`${new URL(app.host?.address ?? '').origin}/?demo=${situation}`);
      await expect(frame.strip).toContainText('actionable');
      if (theme !== 'dark') await frame.command(`${theme} theme`);
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
      await handover.goTo();
      await look(situation);
    }
    await handover.make();
    await look('draft');
    await openBy(page, 'm', 'Remark');
    await look('remark');
    await dismiss(page);
    await handover.drop('Known');
    await handover.sign();
    await handover.tick();
    await look('checklist');
    const countersign = await openBy(page, 'Control+Enter', 'Countersign the handover');
    await expect(countersign.getByRole('button', { name: /^Countersign/ })).toBeEnabled();
    await look('countersign');
    await page.keyboard.press('Control+Enter');
    await expect(handover.countersignatures).toBeVisible();
    await look('countersigned');
    await openBy(page, 'Shift+E', 'Export the handover');
    await look('export');
    await dismiss(page);
    await openBy(page, 'Shift+I', 'Open a handover from a file');
    await look('import');
    expect(found).toEqual([]);
  });
}

test('a handover is downloaded and opened again from a chosen file, and the next analyst takes it over here', async ({
  openApp,
  dataDir,
}) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const handover = handoverOf(page);
  await frame.sayName('Ada Okonkwo');
  await handover.goTo();
  await handover.make();
  await handover.add('Everything is quiet');
  await handover.sign();
  await expect(handover.signatures).toContainText('Pass it on');
  const dialog = await openBy(page, 'Shift+E', 'Export the handover');
  await expect(dialog.getByLabel('Path on this machine')).toHaveValue(/\.wfhandover$/);
  const { name, bytes } = await savedBy(app, dataDir, () =>
    dialog.getByRole('button', { name: 'Download' }).press('Enter'),
  );
  expect(name).toMatch(/^handover-\d{8}-\d{6}z\.wfhandover$/);
  const path = join(dataDir, name);
  writeFileSync(path, bytes);

  const imported = await openBy(page, 'Shift+I', 'Open a handover from a file');
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    imported.getByRole('button', { name: 'Choose a file' }).press('Enter'),
  ]);
  await chooser.setFiles(path);
  await expect(frame.message('This handover is here already; nothing was changed')).toBeVisible();

  await frame.command('switch analyst');
  await typeOver(page.getByRole('dialog').getByLabel('Your name'), 'Bo Lindqvist');
  await page.keyboard.press('Enter');
  await screenHears(page);
  await expect(handover.signatures).not.toContainText('Pass it on');
  await handover.tick();
  await handover.countersign();
  await expect(handover.countersignatures).toContainText('Its one item ticked.');
  await expect(handover.countersignatures).not.toContainText('The same person');
});
