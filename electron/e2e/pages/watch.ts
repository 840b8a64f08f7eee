import { expect, type Locator, type Page } from '@playwright/test';

const factors = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const;

/** A quantity as the app writes it, e.g. `1.9 Mbit/s` or `2,130 requests/s`, as a number of its base unit. */
export function quantityIn(text: string): number {
  const found = /(-?[\d.,]+)\s?([kMGT](?=\b|[a-z]))?/.exec(text);
  if (found?.[1] === undefined) throw new Error(`There is no quantity in “${text}”.`);
  const factor = factors[(found[2] ?? '') as keyof typeof factors] ?? 1;
  return Number(found[1].replaceAll(',', '')) * factor;
}

/** The screen that shows what happens now. */
export interface WatchPage {
  readonly region: Locator;
  /** The row of a service in the life of a request. */
  service(name: string | RegExp): Locator;
  /** Goes through the services by key until one that deviates is shown; waits for it. */
  showDeviatingService(): Promise<void>;
  chart(title: string): Locator;
  /** The newest value of a chart with one signal. */
  valueOf(title: string): Promise<number>;
  /** What is usual now at most: the upper edge of a chart's band. */
  usualAtMost(title: string): Promise<number>;
}

export function watchOf(page: Page): WatchPage {
  const region = page.getByRole('region', { name: 'Watch', exact: true });
  const life = region.getByRole('region', { name: 'Life of a request' });
  const service = (name: string | RegExp) => life.getByRole('button', { name });
  const charts = region.getByRole('region', { name: /^Charts of / });
  // Two sources may measure the same thing; the one that has learned what is usual is meant.
  const figure = (title: string) =>
    charts.getByRole('figure').filter({ hasText: title }).filter({ hasNotText: 'learning' }).first();
  const chart = (title: string) => figure(title).getByRole('group');
  return {
    region,
    service,
    chart,
    async showDeviatingService() {
      const deviating = service(/First deviating/).first();
      await expect(deviating).toBeVisible({ timeout: 60_000 });
      await expect(async () => {
        if ((await deviating.getAttribute('aria-pressed')) !== 'true') await page.keyboard.press(']');
        await expect(deviating).toHaveAttribute('aria-pressed', 'true', { timeout: 500 });
      }).toPass({ timeout: 10_000 });
    },
    async valueOf(title) {
      const value = figure(title).locator('.legend-value');
      await expect(value).toHaveText(/\d/);
      return quantityIn(await value.innerText());
    },
    async usualAtMost(title) {
      const shown = figure(title).locator('.legend-band');
      const pattern = /([\d.,]+(?:\s?[kMGT])?)–([\d.,]+(?:\s?[kMGT])?)/;
      await expect(shown).toHaveText(pattern);
      const text = await shown.innerText();
      const band = pattern.exec(text);
      if (band?.[2] === undefined) throw new Error(`The chart shows no band: “${text}”.`);
      return quantityIn(band[2]);
    },
  };
}
