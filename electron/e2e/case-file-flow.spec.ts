import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { expect, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { caseFilesOf } from './pages/case-file.ts';
import { dismiss, screenHears, typeOver } from './pages/dialogs.ts';
import { savedBy } from './pages/downloads.ts';
import { frameOf, watchPointer } from './pages/frame.ts';
import { reviewOf } from './pages/review.ts';

const title = 'HTTP flood on the shop';

/** Runs `watchfloor case ...` beside the running app. */
function watchfloorCase(...words: string[]): string {
  const script = join(root, 'dist', 'electron', 'cli.cjs');
  const done = spawnSync(nodeBinary(), [script, 'case', ...words], {
    env: projectEnvironment({}),
    encoding: 'utf8',
  });
  expect(done.status, done.stderr).toBe(0);
  return done.stdout;
}

async function rename(page: Page, to: string): Promise<void> {
  await caseOf(page).region.getByRole('button', { name: 'Rename' }).press('Enter');
  await typeOver(caseOf(page).region.getByLabel('Title', { exact: true }), to);
  await page.keyboard.press('Enter');
  await expect(caseOf(page).title).toHaveText(to);
}

async function reviseNote(page: Page, text: string): Promise<void> {
  await caseOf(page)
    .timeline.getByRole('button', { name: /^Revise the note of / })
    .press('Enter');
  const field = caseOf(page).timeline.getByLabel('Revise the note', { exact: true });
  await field.focus();
  await typeOver(field, text);
  await page.keyboard.press('Control+Enter');
  await expect(field).toBeHidden();
}

/** Drops a file on the window, as a file manager does. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([fileName, base64]) => {
      const transfer = new DataTransfer();
      const content = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      transfer.items.add(new File([content], fileName));
      return transfer;
    },
    [name, bytes.toString('base64')] as const,
  );
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('body', type, { dataTransfer });
  }
}

test('two who worked apart pass a case to each other, see what they changed apart, and settle it, with the keyboard alone', async ({
  openApp,
  dataDir,
}) => {
  test.setTimeout(300_000);
  const [home, away] = [join(dataDir, 'ada'), join(dataDir, 'bola')];
  const file = (name: string) => join(dataDir, `${name}.wfcase`);
  const args = ['--workspace', 'live'];
  const ada = await openApp({ dataDir: home, args });
  const bola = await openApp({ dataDir: away, args });
  const [adaFiles, bolaFiles] = [caseFilesOf(ada.page), caseFilesOf(bola.page)];
  const [adaCase, bolaCase] = [caseOf(ada.page), caseOf(bola.page)];
  for (const [{ page }, name] of [
    [ada, 'Ada Okonkwo'],
    [bola, 'Bola Adeyemi'],
  ] as const) {
    await frameOf(page).sayName(name);
    await frameOf(page).goTo('cases');
  }
  const pressesOf = [await watchPointer(ada.page), await watchPointer(bola.page)];

  const manifest = await test.step('one exports the case', async () => {
    await adaCase.make(title);
    await adaCase.writeNote('It began at 02:11:30.\n\nThree networks send it.');
    await adaFiles.openExport();
    await expect(adaFiles.exportDialog).toContainText(/All \d entries go along/);
    await dismiss(ada.page);
    return adaFiles.exportTo(file('first'));
  });

  await test.step('the other looks into it first, and sees who signed it and what would change', async () => {
    await bolaFiles.lookInto(file('first'));
    await expect(bolaFiles.changes).toContainText('New case');
    await expect(bolaFiles.importDialog).toContainText('Key not known here');
    await expect(bolaFiles.importDialog).toContainText(manifest);
    await bolaFiles.merge();
    await expect(bolaCase.title).toHaveText(title);
  });

  await test.step('both work on it, and one hands over, sealed with a passphrase', async () => {
    await adaCase.setSeverity('Critical');
    await rename(ada.page, 'Flood on /login');
    await reviseNote(ada.page, 'It began at 02:11:30.\n\nFour networks send it.');
    await bolaCase.setSeverity('High');
    await rename(bola.page, 'Flood of the shop');
    await reviseNote(bola.page, 'It began at 02:10:50.\n\nThree networks send it.');
    await bolaFiles.exportTo(file('sealed'), { passphrase: 'four words and more' });
    expect(readFileSync(file('sealed')).includes('Three networks')).toBe(false);
  });

  await test.step('what both changed is there with both values, and is settled', async () => {
    await adaCase.back();
    await adaFiles.lookInto(file('sealed'));
    await adaFiles.unlock('three words');
    await expect(adaFiles.importDialog).toContainText('The passphrase does not open this file.');
    await adaFiles.unlock('four words and more');
    await expect(adaFiles.changes).toContainText('Here already');
    await adaFiles.merge();
    await expect(adaFiles.conflicts).toContainText('3 conflicts');
    await expect(adaFiles.conflicts).toContainText('Bola Adeyemi');

    await adaFiles.settle('Severity', /^Critical/);
    await frameOf(ada.page).press('u');
    await expect(adaFiles.conflicts).toContainText('3 conflicts');
    await adaFiles.settle('Severity', /^Critical/);
    const versions = await adaFiles.compare('Note of Ada Okonkwo');
    await expect(versions.locator('mark')).toContainText(['11', '30', 'Four']);
    const merged = versions.getByLabel('Or a text made of them');
    await merged.focus();
    await typeOver(merged, 'It began at 02:10:50.\n\nFour networks send it.');
    await ada.page.keyboard.press('Control+Enter');
    await expect(versions).toBeHidden();
    await expect(adaFiles.conflicts).toContainText('1 conflict');
    // The first Esc leaves the conflicts.
    await ada.page.keyboard.press('Escape');
    await expect(adaFiles.conflicts.locator(':focus')).toHaveCount(0);
    await adaCase.back();
    await expect(adaCase.list.getByText('1 conflict')).toBeVisible();
  });

  const caseId = await test.step('the command line settles the last one beside the app', async () => {
    const [{ id }] = JSON.parse(`[${watchfloorCase('list', '--data-dir', home, '--json').trim()}]`);
    const [conflict] = JSON.parse(watchfloorCase('show', id, '--data-dir', home, '--json')).conflicts;
    const [value] = conflict.values;
    watchfloorCase('settle', id, '--field', 'title', '--entry', value.entryId, '--data-dir', home);
    await ada.page.keyboard.press('Enter');
    await expect(adaCase.title).toHaveText('Flood on /login');
    await expect(adaFiles.conflicts).toBeHidden();
    return id;
  });

  await test.step('both have the same in the end, and once more brings nothing new', async () => {
    await adaFiles.exportTo(file('last'));
    await bolaCase.back();
    await bolaFiles.importFrom(file('last'));
    await expect(bolaCase.title).toHaveText('Flood on /login');
    await expect(bolaCase.timeline).toContainText('Four networks send it.');
    await expect(bolaFiles.conflicts).toBeHidden();
    const digest = (place: string) => watchfloorCase('show', caseId, '--digest', '--data-dir', place);
    expect(digest(away)).toBe(digest(home));
    await bolaCase.back();
    await drop(bola.page, 'again.wfcase', readFileSync(file('last')));
    await expect(bolaFiles.changes).toContainText('Nothing new');
    await dismiss(bola.page);
    await expect.poll(() => readdirSync(join(away, 'unfinished'))).toEqual([]);
  });

  await test.step('a file that was dropped can be reviewed without importing it', async () => {
    await drop(bola.page, 'to look at.wfcase', readFileSync(file('last')));
    await expect(bolaFiles.changes).toBeVisible();
    await bola.page.keyboard.press('Control+Shift+Enter');
    const review = reviewOf(bola.page);
    await expect(review.banner).toContainText('to look at.wfcase');
    expect(readdirSync(join(away, 'unfinished'))).toEqual([]);
    await bola.page.keyboard.press('Control+b');
    await expect(review.banner).toBeHidden();
    await frameOf(bola.page).goTo('cases');
    await expect(bolaCase.list).toBeVisible();
  });

  await test.step('a file with a changed byte is refused with its reason', async () => {
    const bytes = readFileSync(file('last'));
    bytes[bytes.indexOf('Four networks')] = 0x66;
    writeFileSync(file('changed'), bytes);
    await bolaFiles.lookInto(file('changed'));
    await expect(bolaFiles.problems).toContainText('entries.jsonl');
    await expect(bolaFiles.importDialog.getByRole('button', { name: /^Merge/ })).toBeHidden();
    await dismiss(bola.page);
  });
  expect(await Promise.all(pressesOf.map((presses) => presses()))).toEqual([0, 0]);
});

test('a case takes another in and lets it go, and keeps evidence that was dropped on it, with the keyboard alone', async ({
  openApp,
  dataDir,
}) => {
  const app = await openApp({ dataDir: join(dataDir, 'ada'), args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const [theCase, files] = [caseOf(page), caseFilesOf(page)];
  await frame.sayName('Ada Okonkwo');
  await frame.goTo('cases');
  await theCase.make('Slow logins');
  await theCase.writeNote('The help desk called.');
  await theCase.back();
  await theCase.make(title);

  await test.step('merged, with a way to each other', async () => {
    await files.mergeCase('slow', 'The same incident');
    await expect(theCase.timeline).toContainText('The help desk called.');
    await files.merges.getByRole('button', { name: 'Slow logins', exact: true }).press('Enter');
    await expect(theCase.title).toHaveText('Slow logins');
    await expect(files.merges).toContainText('Merged into');
    await files.merges.getByRole('button', { name: title, exact: true }).press('Enter');
    await expect(theCase.title).toHaveText(title);
  });

  await test.step('and taken back exactly', async () => {
    await files.merges.getByRole('button', { name: 'Take back: Slow logins' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Take the merge of a case back' });
    await expect(dialog.getByLabel(/^Reason/)).toBeFocused();
    await page.keyboard.insertText('Two incidents after all');
    await page.keyboard.press('Enter');
    await expect(files.merges).toBeHidden();
    await expect(theCase.timeline).not.toContainText('The help desk called.');
  });

  await test.step('evidence of several pieces arrives whole', async () => {
    await drop(page, 'capture.pcap', Buffer.alloc(2_500_000, 'packets '));
    await expect(frame.message('Added capture.pcap with its SHA-256')).toBeVisible();
    const [row] = JSON.parse(
      `[${watchfloorCase('list', '--data-dir', app.dataDir, '--json').split('\n')[0]}]`,
    );
    const { evidence } = JSON.parse(watchfloorCase('show', row.id, '--data-dir', app.dataDir, '--json'));
    expect(evidence).toMatchObject([{ name: 'capture.pcap', sizeBytes: 2_500_000 }]);
    expect(readdirSync(join(app.dataDir, 'unfinished'))).toEqual([]);
  });

  await test.step('and is saved out whole', async () => {
    const saved = join(dataDir, 'saved');
    mkdirSync(saved);
    const listed = theCase.region.getByRole('list', { name: 'Evidence', exact: true });
    await listed
      .getByRole('button', { name: /^capture/ })
      .first()
      .press('Enter');
    await expect(page.getByRole('dialog', { name: 'Evidence' })).toContainText('capture.pcap');
    const { name, bytes } = await savedBy(app, saved, () => page.keyboard.press('Control+s'));
    expect([name, bytes.equals(Buffer.alloc(2_500_000, 'packets '))]).toEqual(['capture.pcap', true]);
    await dismiss(page);
  });

  await test.step('an export to where a file is asks before it takes its place', async () => {
    const taken = join(dataDir, 'taken.wfcase');
    writeFileSync(taken, 'dear to somebody');
    await files.openExport();
    const place = files.exportDialog.getByLabel('Where to, on this machine');
    await expect(place).toHaveValue(/\.wfcase$/);
    await typeOver(place, taken);
    await page.keyboard.press('Control+Enter');
    await expect(files.exportDialog).toContainText('is there already');
    expect(readFileSync(taken, 'utf8')).toBe('dear to somebody');
    await page.keyboard.press('Control+Enter');
    await expect(files.exportedDialog).toContainText(taken);
    expect(JSON.parse(watchfloorCase('verify', taken, '--json'))).toMatchObject({ ok: true });
    await page.keyboard.press('Control+Enter');
    await screenHears(page);
  });

  await test.step('the desktop asks for the place in its own dialog', async () => {
    await files.openExport();
    const browse = files.exportDialog.getByRole('button', { name: 'Browse…' });
    const place = files.exportDialog.getByLabel('Where to, on this machine');
    await expect(place).toHaveValue(/\.wfcase$/);
    if (app.shell === null) {
      await expect(browse).toBeHidden();
      return;
    }
    const chosen = join(dataDir, 'chosen');
    writeFileSync(`${chosen}.wfcase`, 'not asked about by that dialog');
    // No test can answer the system's own dialog.
    await app.shell.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    }, chosen);
    await browse.press('Enter');
    await expect(place).toHaveValue(`${chosen}.wfcase`);
    await page.keyboard.press('Control+Enter');
    await expect(files.exportDialog).toContainText('is there already');
    await dismiss(page);
  });
});
