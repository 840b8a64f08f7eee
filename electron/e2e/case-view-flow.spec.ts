import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { dismiss, leave, openBy, openByButton, typeOver } from './pages/dialogs.ts';
import { frameOf } from './pages/frame.ts';

/** A PNG of two by two pixels. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR4nGNkYPjPwMDAAMRgBAAHDgEBfWSzQAAAAABJRU5ErkJggg==',
  'base64',
);

test('a case is worked on in all its parts, with the keyboard alone', async ({ openApp, dataDir }) => {
  test.setTimeout(300_000);
  const { page, place } = await openApp({ env: { WATCHFLOOR_RANGE_SCENARIOS: 'manual' } });
  const frame = frameOf(page);
  const theCase = caseOf(page);
  const { region, timeline } = theCase;
  const dialog = (name: string) => page.getByRole('dialog', { name });
  await frame.sayName('Ada Okonkwo');
  await frame.goTo('cases');
  await theCase.make('An earlier scan');
  await page.keyboard.press('o');
  const newObservable = region.getByLabel('New observable');
  await typeOver(newObservable, '198.51.100.7');
  await page.keyboard.press('Enter');
  await expect(theCase.observables).toContainText('198[.]51[.]100[.]7');
  await leave(newObservable);
  await theCase.back();
  await theCase.make('Logins from everywhere');

  await test.step('a dated event keeps its three times apart, and is corrected', async () => {
    const event = await openBy(page, 'v', 'Add a dated event');
    await typeOver(event.getByLabel('What happened'), 'First complaint about slow logins');
    await page.keyboard.press('Tab');
    await typeOver(event.getByLabel('Occurred'), '2026-03-04 02:14');
    await page.keyboard.press('Control+Enter');
    await expect(event).toBeHidden();
    const row = timeline.getByRole('listitem').filter({ hasText: /occurred.*First complaint/ });
    await expect(row).toContainText('occurred 2026-03-04T02:14:00Z');
    await expect(row).toContainText('detected not known');
    await expect(row).toContainText('recorded');
    await openByButton(row.getByRole('button', { name: /^Correct the event/ }), 'Correct the event');
    await dialog('Correct the event').getByLabel('Detected').fill('2026-03-04 02:20');
    await page.keyboard.press('Control+Enter');
    await expect(dialog('Correct the event')).toBeHidden();
    await expect(row).toContainText('detected 2026-03-04T02:20:00Z');
    await expect(region.getByText('To detect', { exact: true }).locator('..')).toContainText('6 min');
  });

  await test.step('a task has a due time and a checklist', async () => {
    await page.keyboard.press('t');
    await typeOver(region.getByLabel('New task'), 'Call the upstream');
    await page.keyboard.press('Enter');
    await leave(region.getByLabel('New task'));
    const tasks = region.getByRole('list', { name: 'Tasks' });
    await openByButton(tasks.getByRole('button', { name: 'Edit the task Call the upstream' }), 'Task');
    const task = dialog('Task');
    await task.getByLabel('Due').fill('in 2 h');
    await task.getByLabel('New point').fill('Ask for the AS path');
    await page.keyboard.press('Enter');
    const point = task.getByRole('checkbox', { name: 'Ask for the AS path' });
    await point.press('Space');
    await expect(point).toBeChecked();
    await page.keyboard.press('Control+Enter');
    await expect(task).toBeHidden();
    await expect(tasks).toContainText('1 of 1 points');
    await expect(tasks).toContainText(/due in (2 h|1 h 59 min)/);
  });

  await test.step('a comment mentions somebody who worked on the case, and is listed for them', async () => {
    await page.keyboard.press('m');
    await expect(region.getByLabel('New comment')).toBeFocused();
    await page.keyboard.type('Can you look at this, @Ad');
    await expect(region.getByRole('button', { name: 'Ada Okonkwo', exact: true })).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(region.getByLabel('New comment')).toHaveValue('Can you look at this, @Ada Okonkwo ');
    await page.keyboard.press('Control+Enter');
    await expect(timeline.getByRole('listitem').filter({ hasText: 'Can you look' })).toContainText(
      'to Ada Okonkwo',
    );
    await leave(region.getByLabel('New comment'));
  });

  await test.step('observables come out of a text, and are judged in their table', async () => {
    const extract = await openBy(page, 'Shift+O', 'Observables from a text');
    await extract
      .getByLabel('Text')
      .fill('GET hxxps://evil[.]example/a from 198.51.100.7 and 203.0.113.9, CVE-2024-3094');
    await expect(extract.getByRole('status')).toContainText('5 found, 0 in the case already');
    await extract.getByRole('checkbox', { name: /203\[\.\]0\[\.\]113\[\.\]9/ }).press('Space');
    await expect(extract.getByRole('button', { name: /Add 4 to the case/ })).toBeVisible();
    await page.keyboard.press('Control+Enter');
    await expect(extract).toBeHidden();
    await page.keyboard.press('5');
    const table = region.getByRole('grid', { name: 'Observables' });
    await expect(table.getByRole('row', { name: /^ip 198/ })).toContainText('not judged');
    await region.getByLabel('Find among the observables').fill('198');
    await expect(table.getByRole('row', { name: /^ip / })).toHaveCount(1);
    await page.keyboard.press('Enter');
    await expect(table).toBeFocused();
    await page.keyboard.press('Enter');
    const observable = dialog('Observable');
    await expect(observable).toContainText('In 0 alerts and 1 other case that are stored here.');
    await observable.getByLabel('Verdict').selectOption('malicious');
    await observable.getByLabel('New tag').fill('scanner');
    await page.keyboard.press('Enter');
    await expect(observable.getByRole('list', { name: 'Tags' })).toContainText('scanner');
    await page.keyboard.press('Control+Enter');
    await expect(observable).toBeHidden();
    const row = table.getByRole('row', { name: /^ip 198.*malicious/ });
    await expect(row).toContainText('scanner');
  });

  await test.step('another case with the same address is related', async () => {
    const related = region.getByRole('list', { name: 'Related cases' });
    await expect(related).toContainText('An earlier scan');
    await expect(related).toContainText('shares 198[.]51[.]100[.]7');
  });

  await test.step('evidence opens by its own bytes, and its custody is noted', async () => {
    const paths = [join(dataDir, 'screen.png'), join(dataDir, 'page.html')] as const;
    writeFileSync(paths[0], picture);
    writeFileSync(paths[1], '<script>document.title = "no"</script>');
    if (place === 'shell') {
      // The desktop's own dialog is out of reach there.
      await region.getByLabel('Evidence files').setInputFiles([...paths]);
    } else {
      const chosen = page.waitForEvent('filechooser');
      await page.keyboard.press('d');
      await (await chosen).setFiles([...paths]);
    }
    const files = region.getByRole('list', { name: 'Evidence' });
    await expect(files.getByRole('listitem')).toHaveCount(2);
    await openByButton(files.getByRole('button', { name: /^page\.html/ }), 'Evidence');
    await expect(dialog('Evidence')).toContainText('<script>document.title');
    await dismiss(page);
    await openByButton(files.getByRole('button', { name: /^screen\.png/ }), 'Evidence');
    await expect(dialog('Evidence').getByRole('img', { name: 'screen.png' })).toHaveJSProperty(
      'naturalWidth',
      2,
    );
    await dialog('Evidence').getByRole('button', { name: 'Note a step' }).press('Enter');
    await dialog('Evidence').getByLabel('Person').fill('Detective Chen');
    await dialog('Evidence').getByRole('button', { name: 'Note the step' }).press('Enter');
    await expect(dialog('Evidence').getByRole('list', { name: /^Custody/ })).toContainText(
      'handed over to Detective Chen',
    );
    await dismiss(page);
  });

  await test.step('an image that is pasted into a note becomes evidence and is shown', async () => {
    await page.keyboard.press('n');
    await expect(theCase.note).toBeFocused();
    await theCase.note.evaluate((box, base64) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }));
      box.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, picture.toString('base64'));
    await expect(theCase.note).toHaveValue(/^!\[pasted\.png\]\(evidence:[0-9a-f]{64}\)$/);
    await theCase.note.press('Control+Enter');
    await expect(timeline.getByRole('img', { name: 'pasted.png' })).toHaveJSProperty('naturalWidth', 2);
    await leave(theCase.note);
  });

  await test.step('techniques stand in the matrix, and fields in the case', async () => {
    await page.keyboard.press('h');
    const technique = region.getByLabel('Tag a technique');
    await typeOver(technique, 'T1110.004');
    await expect(page.getByRole('option', { name: /T1110\.004/ })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(technique).toHaveValue('');
    await leave(technique);
    await page.keyboard.press('4');
    await expect(
      region
        .getByRole('list', { name: 'ATT&CK matrix of the case' })
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { name: /Credential Access/ }) }),
    ).toContainText('T1110.004');
    await frame.command('set a custom field');
    await dialog('Custom field').getByLabel('Name').fill('Ticket');
    await dialog('Custom field').getByLabel('Value').fill('ACME-17');
    await page.keyboard.press('Control+Enter');
    await expect(dialog('Custom field')).toBeHidden();
    await expect(region.getByText('ACME-17')).toBeVisible();
  });

  await test.step('the timeline is searched and zoomed, and a wrong entry withdrawn', async () => {
    await page.keyboard.press('1');
    await expect(timeline).toBeVisible();
    await page.keyboard.press('/');
    await typeOver(region.getByLabel('Search the timeline'), 'ticket');
    await expect(timeline.getByRole('listitem')).toHaveCount(1);
    const withdraw = timeline.getByRole('button', { name: /^Withdraw: Set Ticket/ });
    const why = await openByButton(withdraw, 'Withdraw an entry');
    await why.getByLabel('Reason').fill('Another customer’s');
    await page.keyboard.press('Enter');
    await expect(why).toBeHidden();
    await expect(timeline.getByRole('listitem').first()).toContainText('withdrawn by Ada Okonkwo: Another');
    await expect(region.getByText('Fields (0)')).toBeVisible();
    await region.getByLabel('Search the timeline').press('Escape');
    const status = region.getByRole('status').filter({ hasText: /rows?$/ });
    await expect(status).toHaveText(/^\d\d rows/);
    const all = Number.parseInt((await status.textContent()) ?? '', 10);
    await page.keyboard.press('+');
    await expect(region.getByRole('button', { name: /Whole timeline/ })).toBeVisible();
    await expect(status).not.toHaveText(new RegExp(`^${all} rows`));
    await page.keyboard.press('0');
    await expect(status).toHaveText(new RegExp(`^${all} rows`));
  });

  await test.step('the report has what was found, and the mentions lead back', async () => {
    await page.keyboard.press('3');
    await expect(theCase.report.getByText('First complaint about slow logins').first()).toBeVisible();
    await expect(theCase.report.getByText(/screen\.png handed over to Detective Chen/).first()).toBeVisible();
    await theCase.back();
    await frame.command('mentions of me');
    await dialog('Mentions of you')
      .getByRole('button', { name: /Logins from everywhere/ })
      .press('Enter');
    await expect(theCase.title).toHaveText('Logins from everywhere');
  });

  await test.step('all of it is there after a new start of the window', async () => {
    await page.reload();
    await expect(frame.strip).toContainText('actionable');
    await frame.goTo('cases');
    await page.getByRole('row', { name: /Logins from everywhere/ }).press('Enter');
    await expect(region.getByRole('list', { name: 'Tasks' })).toContainText('1 of 1 points');
    await expect(
      timeline.getByRole('listitem').filter({ hasText: /occurred.*First complaint/ }),
    ).toContainText('detected 2026-03-04T02:20:00Z');
  });
});
