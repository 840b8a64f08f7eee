import { expect, test } from './fixtures.ts';
import { typeOver, within } from './pages/dialogs.ts';
import { frameOf, watchPointer } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';

/** The range of this test: nothing comes by itself, and its network is no other test's. */
const env = { WATCHFLOOR_RANGE_SCENARIOS: 'manual', WATCHFLOOR_RANGE_SEED: '20262' };

test('an attack and a crowd side by side: one calls, the other says why not, and a verdict teaches', async ({
  openApp,
}) => {
  test.setTimeout(300_000);
  const app = await openApp({ env });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  const pointerPresses = await watchPointer(page);
  const explained = queue.details.getByRole('region', { name: 'How it works' });

  await frame.sayName('Ada Okonkwo');
  await frame.waitForHistory();
  await expect(frame.strip).toContainText('0 actionable');

  await test.step('both begin in the same minute', async () => {
    await frame.command('start syn flood halden');
    await frame.command('start flash crowd polaris');
    await frame.goTo('queue');
  });

  await test.step('the flood calls, with its vector, where it began and how early that was seen', async () => {
    await queue.waitFor(/SYN flood/);
    await queue.moveTo(/SYN flood/);
    await frame.press('Enter v');
    await expect(queue.details.getByRole('heading', { name: 'SYN flood' })).toBeVisible();
    await expect(queue.details).toContainText('Actionable');
    await expect(explained).toContainText(/% of the excess is TCP SYN to port 443/, { timeout: 30_000 });
    await expect(
      explained.getByRole('list', { name: /Stages in the order/ }).getByRole('listitem'),
    ).toContainText([/^Network.* first/, /./]);
    // Nothing filters SYNs there: that is said rather than left out.
    await expect(explained).toContainText(/No firewall or filter has said anything so far|before “|earlier/);
    const mix = explained.getByRole('table', { name: 'What the excess is made of' });
    await expect(mix).toContainText('TCP flags');
    await expect(mix).toContainText('SYN');
    await expect(mix).toContainText('64-127');
  });

  await test.step('it says how often the like was there in the last 30 days', async () => {
    await expect(queue.details.getByRole('region', { name: 'The last 30 days' })).toContainText(
      /Would have fired 0 times in the last 14 days for the same reason or a stronger one: that is all the history/,
    );
  });

  await test.step('the crowd is there too, calls nobody, and says why', async () => {
    await frame.press('3');
    await queue.waitFor(/Flash crowd on \//);
    await queue.moveTo(/Flash crowd on \//);
    await expect(queue.details.getByRole('heading', { name: /Flash crowd on \// })).toBeVisible();
    await expect(queue.details).toContainText('Informational');
    await expect(queue.details).toContainText(
      /a crowd, not an attack: its ten busiest clients make up \d+% of it, its networks, countries, user agents and methods are mixed as usual(,| and) \d+% of its answers are good/,
    );
    await expect(frame.strip).toContainText('1 actionable');
  });

  await test.step('judged a false positive it teaches, and the lesson is listed', async () => {
    await frame.press('1');
    await queue.moveTo(/SYN flood/);
    await within(page, 'f', 'False positive: 1 alert', async (shown) => {
      await typeOver(shown.getByLabel(/^Reason/), 'A load test that the customer announced.');
      await page.keyboard.press('Control+Enter');
    });
    await expect(frame.strip).toContainText('0 actionable');
    await frame.command('what verdicts taught');
    const lesson = page.getByRole('row', { name: /SYN flood/ });
    await expect(lesson).toContainText('False positive');
    await expect(lesson).toContainText('Ada Okonkwo');
  });

  await test.step('taken back, the alert is open again and nothing is taught', async () => {
    await frame.command('take back');
    await expect(page.getByRole('row', { name: /SYN flood/ })).toHaveCount(0);
    await expect(frame.strip).toContainText('1 actionable');
  });

  await test.step('what would have been raised is replayed, with an attack played into the past', async () => {
    await frame.press('g b');
    const backTest = page.getByRole('region', { name: 'Back-test' });
    await expect(backTest.getByRole('button', { name: /^Replay \d/ })).toBeEnabled();
    await page.keyboard.press('Control+Enter');
    await expect(backTest.getByRole('table', { name: 'What was raised' })).toContainText(
      'Actionable incidents',
      {
        timeout: 60_000,
      },
    );
    await expect(backTest.getByRole('table', { name: 'Findings by day' }).getByRole('row')).toHaveCount(9);
  });

  expect(await pointerPresses()).toBe(0);
});
