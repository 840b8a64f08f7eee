import { expect, type Locator, type Page } from '@playwright/test';
import { chooseByKeyboard } from './frame.ts';

/** One open case. */
export interface CasePage {
  readonly region: Locator;
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
}

export function caseOf(page: Page): CasePage {
  const region = page.getByRole('region', { name: 'Case', exact: true });
  const severity = region.getByLabel('Severity', { exact: true });
  const note = region.getByLabel('New note');
  const timeline = region.getByRole('list', { name: 'Timeline, newest first' });
  const { keyboard } = page;
  return {
    region,
    title: region.getByRole('heading', { level: 1 }),
    status: region.getByLabel('Status', { exact: true }),
    severity,
    note,
    timeline,
    mitigations: region.getByRole('list', { name: 'Mitigations' }),
    alerts: region.getByRole('list', { name: 'Linked alerts' }),
    observables: region.getByRole('list', { name: 'Observables' }),
    report: page.frameLocator('iframe[title="Report preview"]'),
    async setSeverity(wanted) {
      await keyboard.press('s');
      await keyboard.press('Tab');
      await chooseByKeyboard(severity, wanted);
      await keyboard.press('Enter');
      await keyboard.press('Escape');
      await expect(timeline).toContainText(`Set severity to ${wanted.toLowerCase()}`);
    },
    async writeNote(text) {
      await keyboard.press('n');
      await expect(note).toBeFocused();
      await keyboard.insertText(text);
      await keyboard.press('Control+Enter');
      await expect(timeline).toContainText(text.split('\n')[0] ?? '');
      await keyboard.press('Escape');
    },
  };
}
