import { expect, type Locator, type Page } from '@playwright/test';
import { openBy, screenHears, typeOver } from './dialogs.ts';

/** The screens by their key after `g` and the name of their region. */
const screens = {
  watch: { key: 'w', label: 'Watch' },
  queue: { key: 'q', label: 'Queue' },
  cases: { key: 'c', label: /^Cases?$/ },
  mitigate: { key: 'm', label: 'Mitigate' },
  reports: { key: 'r', label: 'Reports' },
  handover: { key: 'h', label: 'Shift handover' },
  settings: { key: 's', label: 'Settings' },
} as const;
export type ScreenKey = keyof typeof screens;

/** What surrounds every screen: the name at first start, the palette, the keys between screens, messages. */
export interface Frame {
  readonly page: Page;
  readonly strip: Locator;
  readonly bottom: Locator;
  /** Answers the question of the first start. */
  sayName(name: string): Promise<void>;
  /** Waits until the range's 14 days are there. */
  waitForHistory(): Promise<void>;
  /** Types the keys of a sequence one after the other, e.g. `g q`. */
  press(keys: string): Promise<void>;
  goTo(screen: ScreenKey): Promise<Locator>;
  /** Finds a command in the palette by its words and runs it. */
  command(words: string): Promise<void>;
  screen(screen: ScreenKey): Locator;
  /** A message at the bottom edge. */
  message(text: string | RegExp): Locator;
  /** Waits for a message with a way back and stays on it, so that it does not go by itself while something is checked. */
  stayOnUndo(text: string): Promise<void>;
}

export function frameOf(page: Page): Frame {
  const strip = page.getByLabel('Overall state');
  const bottom = page.getByRole('region', { name: 'Messages and progress' });
  const screen = (name: ScreenKey) => page.getByRole('region', { name: screens[name].label });
  const press = async (keys: string) => {
    for (const key of keys.split(' ')) await page.keyboard.press(key);
  };
  return {
    page,
    strip,
    bottom,
    screen,
    press,
    async sayName(name) {
      const dialog = page.getByRole('dialog', { name: 'Who is on watch?' });
      await typeOver(dialog.getByLabel('Your name'), name);
      await page.keyboard.press('Enter');
      await expect(dialog).toBeHidden();
    },
    async waitForHistory() {
      await expect(strip.getByText('Sources 1/1')).toBeVisible({ timeout: 45_000 });
      await expect(bottom.getByText(/history/)).toBeHidden();
    },
    async goTo(name) {
      // A window that was just opened hears keys once the core has spoken.
      await expect(strip).toContainText('actionable');
      await screenHears(page);
      await press(`g ${screens[name].key}`);
      await expect(screen(name)).toBeVisible();
      return screen(name);
    },
    async command(words) {
      const dialog = await openBy(page, 'Control+k', 'Commands');
      await typeOver(dialog.getByRole('combobox'), words);
      await expect(dialog.getByRole('option').first()).toBeVisible();
      await page.keyboard.press('Enter');
      await expect(dialog).toBeHidden();
    },
    stayOnUndo: (text) =>
      bottom.locator('.bottom-item', { hasText: text }).getByRole('button', { name: /^Undo/ }).focus(),
    message: (text) => bottom.getByRole('status').getByText(text),
  };
}

/**
 * Makes sure that no hand is on the mouse: counts presses of a pointer in the page. Call it on a loaded page and ask
 * at the end.
 */
export async function watchPointer(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    Reflect.set(globalThis, 'pointerPresses', 0);
    addEventListener(
      'pointerdown',
      () => Reflect.set(globalThis, 'pointerPresses', Reflect.get(globalThis, 'pointerPresses') + 1),
      true,
    );
  });
  return () => page.evaluate(() => Number(Reflect.get(globalThis, 'pointerPresses')));
}

/** Moves a select that has the focus to an option by its name, as a keyboard does. */
export async function chooseByKeyboard(select: Locator, label: string): Promise<void> {
  await expect(select).toBeFocused();
  const options = await select.locator('option').allInnerTexts();
  const now = await select.evaluate((element) => (element as HTMLSelectElement).selectedIndex);
  const wanted = options.findIndex((each) => each.trim() === label);
  if (wanted < 0) throw new Error(`There is no option ${label} among ${options.join(', ')}.`);
  const key = wanted > now ? 'ArrowDown' : 'ArrowUp';
  for (let step = 0; step < Math.abs(wanted - now); step += 1) await select.page().keyboard.press(key);
  await expect(select.locator('option:checked')).toHaveText(label);
}
