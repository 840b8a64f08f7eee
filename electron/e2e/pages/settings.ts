import { expect, type Locator, type Page } from '@playwright/test';

/** A field by its label, whether or not it says that it is required. */
export function field(within: Locator, label: string): Locator {
  const literal = label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return within.getByLabel(new RegExp(`^${literal}( required)?$`));
}

/** Fills fields by their labels: texts, and choices of selects by their names. */
export async function fill(within: Locator, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(values)) {
    const control = field(within, label);
    const isSelect = await control.evaluate((element) => element instanceof HTMLSelectElement);
    if (isSelect) await control.selectOption({ label: value });
    else await control.fill(value);
  }
}

/** Sources, targets and customers, by their forms. */
export interface SettingsPage {
  readonly region: Locator;
  section(name: string): Promise<void>;
  addCustomer(name: string): Promise<void>;
  /**
   * Adds a source or target: opens its form, fills it, tests it, and adds it.
   * @returns what the test said, line by line
   */
  add(
    role: 'source' | 'target',
    kind: string,
    values: Readonly<Record<string, string>>,
  ): Promise<readonly string[]>;
  /** The row of a source or target in its list. */
  row(role: 'source' | 'target', name: string): Locator;
}

export function settingsOf(page: Page): SettingsPage {
  const region = page.getByRole('region', { name: 'Settings' });
  const section = async (name: string) => {
    const tab = region.getByRole('tab', { name: new RegExp(`^${name}`) });
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
  };
  return {
    region,
    section,
    async addCustomer(name) {
      await section('Customers');
      await region.getByRole('button', { name: 'New customer' }).click();
      const dialog = page.getByRole('dialog', { name: 'New customer' });
      await fill(dialog, { Name: name });
      await dialog.getByRole('button', { name: 'Save customer' }).click();
      await expect(dialog).toBeHidden();
      await expect(region.getByRole('table', { name: 'Customers' })).toContainText(name);
    },
    async add(role, kind, values) {
      const sectionName = role === 'source' ? 'Sources' : 'Targets';
      await section(sectionName);
      await region
        .getByRole('button', { name: role === 'source' ? 'Add source' : 'Add target' })
        .first()
        .click();
      await page
        .getByRole('menuitem', { name: new RegExp(`^${kind}`) })
        .first()
        .click();
      const form = region.getByRole('form', { name: `${kind} settings` });
      await fill(form, values);
      await form.getByRole('button', { name: `Test this ${role}` }).click();
      const result = form.getByRole('region', { name: `Test of this ${role}` });
      await expect(result.getByRole('status')).toHaveText(`This ${role} can be used`, { timeout: 30_000 });
      const lines = await result.getByRole('listitem').allInnerTexts();
      await form.getByRole('button', { name: `Add ${role}` }).click();
      await expect(region.getByRole('table', { name: sectionName })).toContainText(values.Name ?? kind);
      await page.keyboard.press('Escape');
      return lines;
    },
    row: (role, name) =>
      region
        .getByRole('table', { name: role === 'source' ? 'Sources' : 'Targets' })
        .getByRole('row')
        .filter({ hasText: name }),
  };
}
