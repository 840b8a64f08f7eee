import { expect, type Page } from '@playwright/test';
import type { NamedState } from './case-file-states.ts';
import { reviewOf } from './review.ts';

/** What a review shows of the case of `reviewedCase`, from the moment on at which it opens. */
export function reviewStates(page: Page): readonly NamedState[] {
  const { banner, replay } = reviewOf(page);
  const press = (key: string) => page.keyboard.press(key);
  return [
    [
      'at the end',
      async () => {
        await expect(banner).toContainText('Verified');
        await expect(replay.region.getByText('Closed').first()).toBeVisible();
      },
    ],
    [
      'before anything',
      async () => {
        await press('Home');
        await expect(replay.title).toHaveText('The case was not there yet');
      },
    ],
    [
      'known then',
      async () => {
        await replay.seek(26);
        await expect(replay.title).toHaveText('HTTP flood on /login');
        await expect(replay.decisions).toContainText('Active, verified');
      },
    ],
    [
      'true now',
      async () => {
        await press('t');
        await expect(replay.timeline).toContainText('Not there until 00:35:00');
      },
    ],
    [
      'whole case',
      async () => {
        await press('t');
        await press('c');
        await expect(replay.region.getByRole('list', { name: 'Timeline, newest first' })).toBeVisible();
      },
    ],
    [
      'case as it came out',
      async () => {
        await press('c');
        await press('Escape');
        await expect(page.getByRole('region', { name: 'Case', exact: true })).toBeVisible();
      },
    ],
  ];
}
