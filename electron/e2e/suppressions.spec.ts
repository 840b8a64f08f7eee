import { expect, test } from './fixtures.ts';
import { openBy } from './pages/dialogs.ts';
import { frameOf } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';
import { fill, settingsOf } from './pages/settings.ts';

const env = { WATCHFLOOR_RANGE_SCENARIOS: 'manual', WATCHFLOOR_RANGE_SEED: '20263' };
const flood = /HTTP flood on \//;

test('an alert is suppressed, found again, and comes back, with the keyboard alone', async ({ openApp }) => {
  test.setTimeout(300_000);
  const { page } = await openApp({ env });
  const frame = frameOf(page);
  const queue = queueOf(page);
  const settings = settingsOf(page);
  await frame.sayName('Ada Okonkwo');
  await frame.waitForHistory();
  await frame.command('start http flood');
  await frame.goTo('queue');
  await queue.waitFor(flood);
  await queue.moveTo(flood);

  await test.step('everything like it is held, with a reason and an end', async () => {
    const dialog = await openBy(page, 'h', 'Suppress alerts');
    await expect(dialog.getByLabel(/^Alerts/)).toHaveValue(/source:"detection" signal:"/);
    await fill(dialog, { 'Covers up to': 'Low' });
    await expect(dialog.getByRole('status')).toContainText('Holds 0 alerts now; 1 is worse than it covers');
    await page.keyboard.press('Control+Enter');
    await expect(dialog.getByRole('alert')).toContainText('Give a reason');
    await fill(dialog, { Reason: 'The load test of the new shop', Until: '2h', 'Covers up to': 'Critical' });
    await expect(dialog).toContainText('Critical alerts, too');
    await expect(dialog.getByRole('status')).toContainText('Holds 1 alert now.');
    await page.keyboard.press('Control+Enter');
    await expect(dialog).toBeHidden();
    await expect(queue.row(flood)).toBeHidden();
    await expect(frame.strip).toContainText('0 actionable');
    await expect(queue.region.getByRole('button', { name: '1 suppressed' })).toBeVisible();
  });

  await test.step('what it hid is listed, and shown in the queue', async () => {
    await frame.goTo('settings');
    await page.keyboard.press('5');
    const row = settings.region.getByRole('row').filter({ hasText: 'The load test' });
    await expect(row).toContainText('In force');
    await page.keyboard.press('Enter');
    const pane = settings.region.getByRole('complementary', { name: 'Details of the suppression' });
    await expect(pane).toContainText('Hid 1 alert');
    await expect(pane.getByRole('list', { name: 'The newest alerts' })).toContainText(flood);
    await page.keyboard.press('s');
    await expect(queue.row(flood)).toContainText('Suppressed');
  });

  await test.step('ended early, what goes on comes back and says why', async () => {
    await frame.goTo('settings');
    await expect(settings.region.getByRole('row').filter({ hasText: 'The load test' })).toBeVisible();
    const dialog = await openBy(page, 't', 'End the suppression now');
    await expect(dialog).toContainText('It holds 1 alert.');
    await page.keyboard.press('Control+Enter');
    await expect(dialog).toBeHidden();
    await expect(frame.strip).toContainText('1 actionable');
    await frame.goTo('queue');
    await queue.waitFor(flood);
    await queue.moveTo(flood);
    await page.keyboard.press('Enter');
    const history = queue.details.getByRole('list', { name: 'History' });
    await expect(history).toContainText('Held out of the queue by a suppression of Ada Okonkwo');
    await expect(history).toContainText('was ended by Ada Okonkwo, and it goes on');
  });

  await test.step('in a maintenance window what comes is informational', async () => {
    await frame.command('stop');
    await frame.goTo('settings');
    const dialog = await openBy(page, 'n', 'New maintenance window');
    await fill(dialog, { Reason: 'The core switch is replaced', Starts: 'soon' });
    await page.keyboard.press('Control+Enter');
    await expect(dialog.getByRole('alert')).toContainText('The start');
    await fill(dialog, { Starts: '1d', 'Lasts, or ends': '3h' });
    await page.keyboard.press('Control+Enter');
    await expect(dialog).toBeHidden();
    await expect(settings.region.getByRole('row').filter({ hasText: 'The core switch' })).toContainText(
      'To come',
    );
  });
});
