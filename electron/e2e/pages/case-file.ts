import { expect, type Locator, type Page } from '@playwright/test';
import { screenHears, typeOver } from './dialogs.ts';
import { chooseByKeyboard, frameOf } from './frame.ts';

export interface ExportChoices {
  /** Typed twice; without one the file is not encrypted. */
  readonly passphrase?: string;
  /** As it stands in the choice, e.g. `TLP:GREEN, their community`. */
  readonly audience?: string;
}

/** Case files and what comes of them, by keys alone. */
export interface CaseFiles {
  readonly exportDialog: Locator;
  readonly exportedDialog: Locator;
  readonly importDialog: Locator;
  /** What would change, once a file is shown. */
  readonly changes: Locator;
  /** Everything wrong with a file. */
  readonly problems: Locator;
  readonly conflicts: Locator;
  readonly merges: Locator;
  /** Opens the dialog of the open case's menu. */
  openExport(): Promise<void>;
  /** Exports the open case to a path and closes what it shows. @returns the manifest's SHA-256 that was shown */
  exportTo(path: string, choices?: ExportChoices): Promise<string>;
  /** From the list of cases: opens the dialog and looks into a file. */
  lookInto(path: string): Promise<void>;
  /** Types the passphrase that is asked for. */
  unlock(passphrase: string): Promise<void>;
  /** Merges what is shown, and waits for the case. */
  merge(): Promise<void>;
  /** From the list of cases: looks into a file and merges it. */
  importFrom(path: string, choices?: Pick<ExportChoices, 'passphrase'>): Promise<void>;
  /** Focuses the conflicts and chooses a value of one of them. @param title of the conflict, e.g. `Severity` */
  settle(title: string | RegExp, value: string | RegExp): Promise<void>;
  /** Focuses the conflicts and opens the versions of a text side by side. */
  compare(title: string | RegExp): Promise<Locator>;
  /** Merges another case into the open one: found by words of its title. */
  mergeCase(words: string, reason: string): Promise<void>;
}

const patternOf = (words: string | RegExp): string =>
  typeof words === 'string' ? words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : words.source;

/** Moves the focus forward to a control. */
async function tabTo(control: Locator): Promise<void> {
  await expect(async () => {
    await control.page().keyboard.press('Tab');
    await expect(control).toBeFocused({ timeout: 50 });
  }).toPass({ intervals: [0], timeout: 15_000 });
}

export function caseFilesOf(page: Page): CaseFiles {
  const press = (key: string) => page.keyboard.press(key);
  const exportDialog = page.getByRole('dialog', { name: 'Export the case as a file' });
  const exportedDialog = page.getByRole('dialog', { name: 'The case is in one file' });
  const importDialog = page.getByRole('dialog', { name: 'Import a case file' });
  const changes = importDialog.getByRole('region', { name: 'What would change here' });
  const theCase = page.getByRole('region', { name: 'Case', exact: true });
  const conflicts = theCase.getByRole('region', { name: 'Conflicts' });
  const valuesOf = (title: string | RegExp) =>
    conflicts.getByRole('group', { name: new RegExp(`^Values of ${patternOf(title)}$`) });

  /** Moves the focus among the values that can be chosen. */
  async function focusValue(value: Locator): Promise<void> {
    await screenHears(page);
    await press('c');
    await expect(conflicts.getByRole('button').first()).toBeFocused();
    await expect(async () => {
      const isFocused = await value.evaluate((element) => element === document.activeElement);
      if (!isFocused) await press('ArrowDown');
      await expect(value).toBeFocused({ timeout: 50 });
    }).toPass({ intervals: [0], timeout: 15_000 });
  }

  const files: CaseFiles = {
    exportDialog,
    exportedDialog,
    importDialog,
    changes,
    problems: importDialog.getByRole('list', { name: 'Problems' }),
    conflicts,
    merges: theCase.getByRole('region', { name: 'Merged cases' }),
    async openExport() {
      await screenHears(page);
      await press('Shift+E');
      const menu = page.getByRole('menu', { name: 'Export or import' });
      await expect(menu.getByRole('menuitem').first()).toBeFocused();
      await press('Enter');
      await expect(exportDialog).toBeVisible();
    },
    async exportTo(path, { passphrase, audience } = {}) {
      await files.openExport();
      const place = exportDialog.getByLabel('Where to, on this machine');
      await expect(place).toHaveValue(/\.wfcase$/);
      await typeOver(place, path);
      if (audience !== undefined) {
        const choice = exportDialog.getByLabel('Who may see it');
        await tabTo(choice);
        await chooseByKeyboard(choice, audience);
      }
      if (passphrase !== undefined) {
        const choice = exportDialog.getByLabel('Encryption');
        await tabTo(choice);
        await chooseByKeyboard(choice, 'With a passphrase (age)');
        for (const label of ['Passphrase', 'The same again']) {
          const field = exportDialog.getByLabel(label, { exact: true });
          await tabTo(field);
          await typeOver(field, passphrase);
        }
      }
      await press('Control+Enter');
      await expect(exportedDialog).toBeVisible({ timeout: 60_000 });
      await expect(exportedDialog).toContainText(path);
      const sha256 = /SHA-256\s*([0-9a-f]{64})/.exec(await exportedDialog.innerText())?.[1];
      await press('Control+Enter');
      await expect(exportedDialog).toBeHidden();
      return sha256 ?? '';
    },
    async lookInto(path) {
      await screenHears(page);
      await press('Shift+I');
      await typeOver(importDialog.getByLabel('Where it is, on this machine'), path);
      await press('Enter');
    },
    async unlock(passphrase) {
      await typeOver(importDialog.getByLabel('Passphrase'), passphrase);
      await press('Enter');
    },
    async merge() {
      await expect(changes).toBeVisible({ timeout: 60_000 });
      await expect(importDialog.getByRole('button', { name: /^Merge/ })).toBeEnabled();
      await press('Control+Enter');
      await expect(importDialog).toBeHidden({ timeout: 60_000 });
      await expect(theCase.getByRole('heading', { level: 1 })).toBeVisible();
    },
    async importFrom(path, { passphrase } = {}) {
      await files.lookInto(path);
      if (passphrase !== undefined) await files.unlock(passphrase);
      await files.merge();
    },
    async settle(title, value) {
      await focusValue(valuesOf(title).getByRole('button', { name: value }));
      await press('Enter');
      await expect(valuesOf(title)).toBeHidden();
      // From here on it can be taken back.
      await expect(
        frameOf(page)
          .message(/^Settled: /)
          .last(),
      ).toBeVisible();
    },
    async compare(title) {
      await focusValue(valuesOf(title).getByRole('button', { name: /^Compare / }));
      await press('Enter');
      const dialog = page.getByRole('dialog', { name: new RegExp(`^${patternOf(title)}: \\d+ versions$`) });
      await expect(dialog).toBeVisible();
      return dialog;
    },
    async mergeCase(words, reason) {
      await screenHears(page);
      await press('Shift+M');
      const choose = page.getByRole('dialog', { name: 'Merge another case into this one' });
      await typeOver(choose.getByLabel('Which case'), words);
      await expect(choose.getByRole('option')).toHaveCount(1);
      await press('Enter');
      const confirm = page.getByRole('dialog', { name: 'Merge this case in' });
      await typeOver(confirm.getByLabel(/^Reason/), reason);
      await expect(confirm.getByRole('button', { name: /^Merge \d/ })).toBeEnabled();
      await press('Enter');
      await expect(confirm).toBeHidden();
    },
  };
  return files;
}
