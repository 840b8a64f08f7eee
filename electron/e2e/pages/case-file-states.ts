import { expect, type Page } from '@playwright/test';
import { caseOf } from './case.ts';
import { caseFilesOf } from './case-file.ts';
import { dismiss, openBy, typeOver } from './dialogs.ts';
import type { Frame } from './frame.ts';

/** A state by its name, and how it is reached from the one before it. */
export type NamedState = readonly [name: string, reach: () => Promise<void>];

/** Everything that case files, conflicts and merges show, in the made-up busy core, from the list of cases on. */
export function caseFileStates(page: Page, frame: Frame): readonly NamedState[] {
  const files = caseFilesOf(page);
  const press = (key: string) => page.keyboard.press(key);
  const { importDialog, exportDialog, exportedDialog } = files;
  return [
    [
      'import',
      async () => {
        await frame.goTo('cases');
        await press('Shift+I');
        await expect(importDialog.getByLabel('Where it is, on this machine')).toBeFocused();
      },
    ],
    [
      'sealed',
      async () => {
        await typeOver(importDialog.getByLabel('Where it is, on this machine'), '/home/ada/sealed.wfcase');
        await press('Enter');
        await expect(importDialog.getByLabel('Passphrase')).toBeFocused();
      },
    ],
    [
      'preview',
      async () => {
        await typeOver(importDialog.getByLabel('Passphrase'), 'four words and more');
        await press('Enter');
        await expect(files.changes).toBeVisible();
      },
    ],
    [
      'problems',
      async () => {
        await dismiss(page);
        await files.lookInto('/home/ada/changed.wfcase');
        await expect(files.problems.getByRole('listitem')).toHaveCount(2);
      },
    ],
    [
      'conflicts',
      async () => {
        await dismiss(page);
        const row = page.getByRole('row', { name: /HTTP flood on shop/ }).first();
        await row.click();
        await expect(row).toHaveClass(/is-active/);
        await press('Enter');
        await expect(caseOf(page).title).toHaveText(/HTTP flood on shop/);
        await press('c');
        await expect(files.conflicts.getByRole('button').first()).toBeFocused();
      },
    ],
    [
      'versions',
      async () => {
        await press('Escape');
        const versions = await files.compare(/Note of .*/);
        await expect(versions.locator('mark').first()).toBeVisible();
      },
    ],
    [
      'export',
      async () => {
        await dismiss(page);
        await files.openExport();
        await exportDialog.getByLabel('Who may see it').selectOption('TLP:GREEN');
        await exportDialog.getByLabel('Encryption').selectOption('passphrase');
        await press('Control+Enter');
        await expect(exportDialog).toContainText('Type a passphrase');
        await expect(exportDialog).toContainText('these would not be readable');
      },
    ],
    [
      'exported',
      async () => {
        await exportDialog.getByLabel('Encryption').selectOption('none');
        await press('Control+Enter');
        await expect(exportedDialog).toBeVisible();
      },
    ],
    [
      'merge',
      async () => {
        await dismiss(page);
        const dialog = await openBy(page, 'Shift+M', 'Merge another case into this one');
        await expect(dialog.getByRole('option').first()).toBeVisible();
      },
    ],
    [
      'merge-confirm',
      async () => {
        await press('Enter');
        await expect(page.getByRole('dialog', { name: 'Merge this case in' })).toContainText('What comes');
      },
    ],
    [
      'merged',
      async () => {
        const confirm = page.getByRole('dialog', { name: 'Merge this case in' });
        await typeOver(confirm.getByLabel(/^Reason/), 'The same incident');
        await press('Enter');
        await expect(files.merges).toContainText('Holds also');
      },
    ],
  ];
}
