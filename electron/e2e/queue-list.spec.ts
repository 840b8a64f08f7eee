import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { dismiss, openBy, typeOver } from './pages/dialogs.ts';
import { frameOf } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';

/** The queue of a made-up core. */
async function openQueue(page: Page, address: string, demo: 'busy' | 'flood') {
  const url = new URL(address);
  await page.goto('about:blank');
  await page.goto(`${url.origin}/?demo=${demo}`);
  await expect(page.getByLabel('Overall state')).toContainText('actionable');
  const frame = frameOf(page);
  await frame.goTo('queue');
  await page.keyboard.press('3');
  return { frame, queue: queueOf(page) };
}

test('every row of a million is reached by key, in every density, and said with its place', async ({
  openApp,
}) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const { frame, queue } = await openQueue(page, app.host?.address ?? '', 'flood');
  const grid = queue.region.getByRole('grid');
  await expect(grid).toHaveAttribute('aria-rowcount', '1000001');
  for (const density of ['compact', 'comfortable', 'regular']) {
    await frame.command(`use ${density} rows`);
    await page.keyboard.press('End');
    await expect(queue.activeRow).toHaveAttribute('aria-rowindex', '1000001');
    await expect(queue.activeRow).toBeInViewport({ ratio: 1 });
    await expect(queue.activeRow).toContainText(/New|Acknowledged|In progress|Closed|Snoozed|left|over/);
    // The list has the focus and names the row.
    await expect(grid).toBeFocused();
    await expect(grid).toHaveAttribute(
      'aria-activedescendant',
      (await queue.activeRow.getAttribute('id')) ?? '',
    );
    await page.keyboard.press('PageUp');
    await expect(queue.activeRow).toBeInViewport({ ratio: 1 });
    expect(Number(await queue.activeRow.getAttribute('aria-rowindex'))).toBeLessThan(1_000_000);
    await page.keyboard.press('Home');
    await expect(queue.activeRow).toHaveAttribute('aria-rowindex', '2');
    await page.keyboard.press('PageDown');
    await expect(queue.activeRow).toBeInViewport({ ratio: 1 });
  }
});

test('keys that come faster than frames move by a row each, and coming back finds the place', async ({
  openApp,
}) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const { frame, queue } = await openQueue(page, app.host?.address ?? '', 'busy');
  await expect(queue.target).toHaveText('1,031 alerts');
  await page.keyboard.press('Home');
  await Promise.all(Array.from({ length: 120 }, () => page.keyboard.press('j')));
  await expect(queue.activeRow).toHaveAttribute('aria-rowindex', '122');
  await frame.goTo('watch');
  await frame.goTo('queue');
  await expect(queue.activeRow).toHaveAttribute('aria-rowindex', '122');
  await expect(queue.activeRow).toBeInViewport({ ratio: 1 });
});

test('a range is drawn with the pointer from box to box', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const { queue } = await openQueue(page, app.host?.address ?? '', 'busy');
  await expect(queue.target).toHaveText('1,031 alerts');
  const box = async (row: number) => {
    const found = await queue.region
      .locator(`[role=row][aria-rowindex="${row}"]`)
      .getByRole('checkbox')
      .boundingBox();
    if (found === null) throw new Error(`Row ${row} is out of sight.`);
    return { x: found.x + found.width / 2, y: found.y + found.height / 2 };
  };
  const [from, to, back] = [await box(4), await box(9), await box(7)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await expect(queue.target).toHaveText('6 alerts selected');
  await page.mouse.move(back.x, back.y, { steps: 4 });
  await page.mouse.up();
  await expect(queue.target).toHaveText('4 alerts selected');
  // The button is up: nothing is drawn any more.
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await expect(queue.target).toHaveText('4 alerts selected');
});

test('new alerts are said politely, with what shows them', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const { queue } = await openQueue(page, app.host?.address ?? '', 'busy');
  await expect(queue.target).toHaveText('1,031 alerts');
  const said = queue.region.getByRole('status').filter({ hasText: /new/ });
  await page.keyboard.press('x');
  await expect(queue.target).toHaveText('1 alert selected');
  await page.keyboard.press('a');
  await expect(said).toHaveText(/^\d+ alerts new\. N shows them\.$/);
});

test('what was done is taken back after its message is gone, by one key and a look', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const { queue } = await openQueue(page, app.host?.address ?? '', 'busy');
  await page.keyboard.press('a');
  await expect(frameOf(page).message('Acknowledged 1 alert')).toBeVisible();
  await page.keyboard.press('u');
  await expect(frameOf(page).message('Took it back for 1 alert')).toBeVisible();
  const dialog = await openBy(page, 'u', 'Take back what was done to alerts');
  await expect(dialog.getByRole('radio', { name: /^Closed as duplicate.*10,000 alerts.*Kim/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('radio', { name: /^Snoozed until .*3 alerts.*Night Shift/ })).toBeChecked();
  await expect(dialog.getByRole('button', { name: /^Take back for 3 alerts/ })).toBeVisible();
  await dismiss(page);
  await expect(queue.region).toBeVisible();
});

test('a bulk says when its search was understood only in part', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const { queue } = await openQueue(page, app.host?.address ?? '', 'busy');
  await page.keyboard.press('/');
  await typeOver(page.getByRole('combobox', { name: 'Search alerts' }), 'title:scan severity:worst');
  await page.keyboard.press('Enter');
  await expect(queue.region.getByRole('row', { name: /HTTP flood/ })).toHaveCount(0);
  await page.keyboard.press('Control+a');
  await expect(queue.target).toHaveText(/^All \d+ alerts that match$/);
  const dialog = await openBy(page, 'c', /^Close \d+ alerts$/);
  await expect(dialog).toContainText('title:scan severity:worst');
  await expect(dialog).toContainText('What the rest of the search finds. At 21: “worst” is not a severity.');
});
