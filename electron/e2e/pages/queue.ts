import { expect, type Locator, type Page } from '@playwright/test';

/** The queue with its list and the detail pane. */
export interface QueuePage {
  readonly region: Locator;
  /** How many alerts there are, or are chosen. */
  readonly target: Locator;
  row(name: string | RegExp): Locator;
  readonly activeRow: Locator;
  readonly details: Locator;
  /** Chooses everything that matches by key. @param count as it is written, e.g. `1,031` */
  chooseAll(count: string): Promise<void>;
  /** Moves with `j` and `k` until the row is the active one, showing new rows when asked to. */
  moveTo(name: string | RegExp): Promise<void>;
  /** Waits for a row, whether it is in the list already or held back in the bar of new ones. */
  waitFor(name: string | RegExp, timeoutMs?: number): Promise<void>;
}

export function queueOf(page: Page): QueuePage {
  const region = page.getByRole('region', { name: 'Queue' });
  const grid = region.getByRole('grid');
  const row = (name: string | RegExp) => grid.getByRole('row', { name }).first();
  const target = region.getByRole('toolbar', { name: 'Alert actions' }).getByRole('status');
  const activeRow = grid.locator('[role=row].is-active');
  return {
    region,
    target,
    row,
    activeRow,
    details: region.getByRole('complementary', { name: 'Alert details' }),
    async waitFor(name, timeoutMs = 60_000) {
      const newer = region.getByRole('button', { name: /\d new/ });
      await expect(async () => {
        if (await newer.isVisible()) await page.keyboard.press('n');
        await expect(row(name)).toBeVisible({ timeout: 1_000 });
      }).toPass({ timeout: timeoutMs });
    },
    async chooseAll(count) {
      await page.keyboard.press('Control+a');
      await expect(target).toHaveText(`All ${count} alerts that match`);
    },
    async moveTo(name) {
      const wanted = row(name);
      await expect(wanted).toBeVisible();
      await expect(async () => {
        const place = async (each: Locator) => Number(await each.getAttribute('aria-rowindex'));
        const difference = (await place(wanted)) - (await place(activeRow));
        for (let step = 0; step < Math.abs(difference); step += 1) {
          await page.keyboard.press(difference > 0 ? 'j' : 'k');
        }
        await expect(wanted).toHaveClass(/is-active/, { timeout: 1_000 });
      }).toPass({ timeout: 10_000 });
    },
  };
}
