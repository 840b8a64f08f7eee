import { expect, type Locator, type Page } from '@playwright/test';

/** Waits until keys go to the screen and to no dialog. */
export async function screenHears(page: Page): Promise<void> {
  await expect(page.locator('dialog[open]')).toHaveCount(0);
}

/** Opens a dialog by keys, one after the other where they are a sequence, and waits until it has the focus. */
export async function openBy(page: Page, keys: string, name: string | RegExp): Promise<Locator> {
  await screenHears(page);
  for (const key of keys.split(' ')) await page.keyboard.press(key);
  return opened(page, name);
}

/** Opens a dialog by a button that has been brought into focus. */
export async function openByButton(button: Locator, name: string | RegExp): Promise<Locator> {
  await screenHears(button.page());
  await button.press('Enter');
  return opened(button.page(), name);
}

async function opened(page: Page, name: string | RegExp): Promise<Locator> {
  const dialog = page.getByRole('dialog', { name, exact: true });
  await expect(dialog.locator(':focus')).toHaveCount(1);
  return dialog;
}

/** Leaves the dialog on top with Esc, and waits until it is gone. */
export async function dismiss(page: Page): Promise<void> {
  const open = page.locator('dialog[open]');
  const count = await open.count();
  expect(count, 'an open dialog').toBeGreaterThan(0);
  await page.keyboard.press('Escape');
  await expect(open).toHaveCount(count - 1);
}

/** Opens a dialog by keys, does what is asked in it, and waits until it is gone. */
export async function within(
  page: Page,
  keys: string,
  name: string | RegExp,
  work: (shown: Locator) => Promise<void>,
): Promise<void> {
  const shown = await openBy(page, keys, name);
  await work(shown);
  await expect(shown).toBeHidden();
}

/** Types into a field that the keys before have led to, over what it holds. */
export async function typeOver(field: Locator, text: string): Promise<void> {
  const { keyboard } = field.page();
  await expect(field).toBeFocused();
  await keyboard.press('Control+a');
  if (text === '') await keyboard.press('Delete');
  else await keyboard.insertText(text);
  await expect(field).toHaveValue(text);
}

/** Leaves a field with Esc, so that the screen's keys answer again. */
export async function leave(field: Locator): Promise<void> {
  await field.page().keyboard.press('Escape');
  await expect(field).not.toBeFocused();
}
