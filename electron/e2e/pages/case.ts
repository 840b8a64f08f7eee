import type { Locator, Page } from '@playwright/test';

/** One open case. */
export interface CasePage {
  readonly region: Locator;
  readonly title: Locator;
  readonly status: Locator;
  readonly note: Locator;
  readonly timeline: Locator;
  readonly mitigations: Locator;
  readonly alerts: Locator;
  readonly observables: Locator;
  /** The frame that shows the report. */
  readonly report: ReturnType<Page['frameLocator']>;
}

export function caseOf(page: Page): CasePage {
  const region = page.getByRole('region', { name: 'Case', exact: true });
  return {
    region,
    title: region.getByRole('heading', { level: 1 }),
    status: region.getByLabel('Status', { exact: true }),
    note: region.getByLabel('New note'),
    timeline: region.getByRole('list', { name: 'Timeline, newest first' }),
    mitigations: region.getByRole('list', { name: 'Mitigations' }),
    alerts: region.getByRole('list', { name: 'Linked alerts' }),
    observables: region.getByRole('list', { name: 'Observables' }),
    report: page.frameLocator('iframe[title="Report preview"]'),
  };
}
