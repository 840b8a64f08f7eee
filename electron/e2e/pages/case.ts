import { expect, type Locator, type Page } from '@playwright/test';
import { leave, typeOver, within } from './dialogs.ts';
import { chooseByKeyboard } from './frame.ts';

/** One open case. */
export interface CasePage {
  readonly region: Locator;
  /** All cases, where none is open. */
  readonly list: Locator;
  readonly title: Locator;
  readonly status: Locator;
  readonly severity: Locator;
  readonly note: Locator;
  readonly timeline: Locator;
  readonly mitigations: Locator;
  readonly alerts: Locator;
  readonly observables: Locator;
  /** The frame that shows the report. */
  readonly report: ReturnType<Page['frameLocator']>;
  /** Sets the severity by keys. @param severity as the choice says it, e.g. `High` */
  setSeverity(severity: string): Promise<void>;
  /** Adds a note by keys and waits for its first line in the timeline. */
  writeNote(text: string): Promise<void>;
  /** Goes back to the list; no field may have the focus. */
  back(): Promise<void>;
  /** From the list: opens a new case and waits for it. */
  make(title: string): Promise<void>;
}

export function caseOf(page: Page): CasePage {
  const region = page.getByRole('region', { name: 'Case', exact: true });
  const list = page.getByRole('region', { name: 'Cases', exact: true });
  const heading = region.getByRole('heading', { level: 1 });
  const status = region.getByLabel('Status', { exact: true });
  const severity = region.getByLabel('Severity', { exact: true });
  const note = region.getByLabel('New note');
  const timeline = region.getByRole('list', { name: 'Timeline, newest first' });
  const { keyboard } = page;
  return {
    region,
    list,
    title: heading,
    status,
    severity,
    note,
    timeline,
    mitigations: region.getByRole('list', { name: 'Mitigations' }),
    alerts: region.getByRole('list', { name: 'Linked alerts' }),
    observables: region.getByRole('list', { name: 'Observables' }),
    report: page.frameLocator('iframe[title="Report preview"]'),
    async setSeverity(wanted) {
      await keyboard.press('s');
      await expect(status).toBeFocused();
      await keyboard.press('Tab');
      await chooseByKeyboard(severity, wanted);
      await keyboard.press('Enter');
      await leave(severity);
      await expect(timeline).toContainText(`Set severity to ${wanted.toLowerCase()}`);
    },
    async writeNote(text) {
      await keyboard.press('n');
      await typeOver(note, text);
      await keyboard.press('Control+Enter');
      // Marks of Markdown are not shown.
      await expect(timeline).toContainText((text.split('\n')[0] ?? '').replaceAll('*', ''));
      await expect(note).toHaveValue('');
      await leave(note);
    },
    async back() {
      await keyboard.press('Escape');
      await expect(list).toBeVisible();
    },
    async make(title) {
      await expect(list).toBeVisible();
      await within(page, 'n', 'New case', async (shown) => {
        await typeOver(shown.getByLabel('Title'), title);
        await keyboard.press('Enter');
      });
      await expect(heading).toHaveText(title);
    },
  };
}
