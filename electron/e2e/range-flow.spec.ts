import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { dismiss, openBy } from './pages/dialogs.ts';
import { savedBy } from './pages/downloads.ts';
import { chooseByKeyboard, frameOf, watchPointer } from './pages/frame.ts';
import { approvalDialogOf, proposeDialogOf } from './pages/mitigation.ts';
import { queueOf } from './pages/queue.ts';
import { watchOf } from './pages/watch.ts';

/** The range of this test: nothing comes by itself, and its network is no other test's. */
const env = { WATCHFLOOR_RANGE_SCENARIOS: 'manual', WATCHFLOOR_RANGE_SEED: '20261' };

test('an attack on the range, from the first start to the report, with the keyboard alone', async ({
  openApp,
  dataDir,
}) => {
  test.setTimeout(300_000);
  const app = await openApp({ env });
  const { page } = app;
  const frame = frameOf(page);
  const watch = watchOf(page);
  const queue = queueOf(page);
  const theCase = caseOf(page);
  const propose = proposeDialogOf(page);
  const approval = approvalDialogOf(page);
  const downloads = join(dataDir, 'saved');
  mkdirSync(downloads);
  const pointerPresses = await watchPointer(page);

  await test.step('the first start asks who is on watch, and the past of the range loads', async () => {
    await frame.sayName('Ada Okonkwo');
    await expect(frame.strip.getByText('SIMULATED', { exact: true })).toBeVisible();
    await frame.waitForHistory();
    await expect(frame.strip).toContainText('0 actionable');
  });

  let usual = 0;
  await test.step('an attack surges on the chart', async () => {
    await frame.command('start http flood');
    await watch.showDeviatingService();
    usual = await watch.usualAtMost('HTTP requests');
    await expect.poll(() => watch.valueOf('HTTP requests'), { timeout: 30_000 }).toBeGreaterThan(usual * 3);
    await expect(watch.chart('HTTP requests')).toHaveAccessibleName(/\d findings/);
  });

  await test.step('it is in the queue with the sentence that says why', async () => {
    await frame.goTo('queue');
    await queue.waitFor(/HTTP flood on \//);
    await queue.moveTo(/HTTP flood on \//);
    await page.keyboard.press('Enter');
    await expect(queue.details.getByRole('heading', { name: /HTTP flood on \// })).toBeVisible();
    await expect(queue.details).toContainText(/[\d.]+x above the usual/);
    await expect(queue.details.getByRole('list', { name: 'Entities' })).toContainText(/source/i);
  });

  await test.step('it becomes a case', async () => {
    await openBy(page, 'e', 'Case from 1 alert');
    await page.keyboard.press('Control+Enter');
    await expect(theCase.title).toHaveText(/HTTP flood on \//);
    await expect(theCase.alerts.getByRole('listitem')).toHaveCount(1);
  });

  await test.step('the block of the attackers is proposed, approved and verified on the edge', async () => {
    await page.keyboard.press('p');
    await expect(propose.reason).toBeFocused();
    await expect(propose.entries).toHaveValue(/198\.51\.100\.|2001:db8:/);
    await page.keyboard.press('Control+Enter');
    await expect(approval.dialog).toContainText('range-edge');
    // So many addresses at once are dangerous: the target has to be typed.
    await expect(approval.targetName).toBeFocused();
    await page.keyboard.type('range-edge');
    await approval.waitUntilReady();
    await expect(approval.change.getByRole('listitem').first()).toBeVisible();
    await expect(approval.guards.getByText('Failed: ')).toHaveCount(0);
    await expect(approval.dialog).toContainText('in the excess');
    await page.keyboard.press('Control+Enter');
    await approval.waitUntilVerified();
    await dismiss(page);
    await expect(theCase.mitigations).toContainText(/verified.*left/);
  });

  await test.step('the traffic falls', async () => {
    await frame.goTo('watch');
    await expect.poll(() => watch.valueOf('HTTP requests'), { timeout: 30_000 }).toBeLessThan(usual * 1.5);
    await expect(frame.strip).toContainText('1 active mitigation');
    await frame.goTo('cases');
  });

  await test.step('a note, and the case is closed', async () => {
    await expect(theCase.title).toBeVisible();
    await theCase.writeNote('Flood from rented machines, stopped at the **edge**.');
    await page.keyboard.press('s');
    await chooseByKeyboard(theCase.status, 'Closed');
    await page.keyboard.press('Enter');
    await expect(theCase.timeline).toContainText('Set status to closed');
    await expect(theCase.timeline.getByText('Set status to')).toHaveCount(1);
    await page.keyboard.press('Escape');
    await expect(theCase.status).not.toBeFocused();
  });

  await test.step('the report is read and saved as HTML and PDF', async () => {
    await page.keyboard.press('3');
    await expect(theCase.report.getByRole('heading', { level: 1 })).toContainText(/HTTP flood on \//);
    const html = await savedBy(app, downloads, () => frame.press('x h'));
    expect(html.name).toMatch(/\.html$/);
    const text = html.bytes.toString('utf8');
    expect(text).toContain('SIMULATED');
    expect(text).toContain('Flood from rented machines');
    const pdf = await savedBy(app, downloads, () => frame.press('x p'));
    expect(pdf.name).toMatch(/\.pdf$/);
    expect(pdf.bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(pdf.bytes.length).toBeGreaterThan(10_000);
  });

  expect(await pointerPresses()).toBe(0);
});
