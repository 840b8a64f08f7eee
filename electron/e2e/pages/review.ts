import { expect, type Locator, type Page } from '@playwright/test';

/** A case file that is looked at: its banner, and the replay that it opens with. */
export interface ReviewPage {
  readonly banner: Locator;
  /** Instead of a case: what is wrong with the file, and what may open it. */
  readonly notOpened: Locator;
  readonly problems: Locator;
  readonly replay: Replay;
  /** Leads back to the workspace behind it; not there where there is none. */
  readonly back: Locator;
}

/** The replay of a case, in a review or on a case of one's own. */
export interface Replay {
  readonly region: Locator;
  readonly title: Locator;
  readonly scrubber: Locator;
  readonly queue: Locator;
  readonly timeline: Locator;
  readonly decisions: Locator;
  readonly workstation: Locator;
  /** The moment that is shown, e.g. `2026-03-04T00:12:00Z`. */
  moment(): Promise<string>;
  /** Waits until a moment is shown. */
  isAt(moment: string): Promise<void>;
  /** Goes back from entry to entry until the timeline of the moment is without these words. */
  backToBefore(words: string): Promise<void>;
  /** Goes to a moment by keys alone: Home, then minutes and seconds on. */
  seek(minutesFromStart: number, seconds?: number): Promise<void>;
  /** Known then, or true now. */
  readonly trueNow: Locator;
}

export function replayOf(page: Page): Replay {
  const region = page.getByRole('region', { name: 'Replay', exact: true });
  const timeline = region.getByRole('grid', { name: 'Entries of the moment, newest first' });
  const scrubber = region.getByRole('slider', { name: /^Moment of the incident/ });
  // To the millisecond; what is said of the scrubber is to the second.
  const clock = region.locator('.replay-time');
  const moment = async () => (await scrubber.getAttribute('aria-valuetext')) ?? '';
  return {
    region,
    title: region.getByRole('heading', { level: 1 }),
    scrubber,
    queue: region.getByRole('grid', { name: 'Queue of the moment' }),
    timeline,
    decisions: region.getByRole('list', { name: 'Mitigations of the moment' }),
    workstation: region.getByLabel('Workstation whose knowledge is shown'),
    moment,
    isAt: (wanted) => expect(scrubber).toHaveAttribute('aria-valuetext', wanted),
    async backToBefore(words) {
      // A key too many would go beyond: each is waited for, and what is shown is drawn with the moment.
      while ((await timeline.innerText()).includes(words)) {
        const before = (await clock.getAttribute('datetime')) ?? '';
        await page.keyboard.press(',');
        await expect(clock).not.toHaveAttribute('datetime', before);
      }
    },
    async seek(minutes, seconds = 0) {
      await page.keyboard.press('Home');
      for (let left = minutes; left > 0; left -= 1) await page.keyboard.press('Shift+ArrowRight');
      for (let left = seconds; left > 0; left -= 1) await page.keyboard.press('ArrowRight');
    },
    trueNow: region.getByRole('tab', { name: /^True now/ }),
  };
}

export function reviewOf(page: Page): ReviewPage {
  const notOpened = page.getByRole('region', { name: 'Case file', exact: true });
  const banner = page.getByRole('region', { name: 'Review', exact: true });
  return {
    banner,
    notOpened,
    problems: notOpened.getByRole('list', { name: 'Problems of the file' }),
    replay: replayOf(page),
    back: banner.getByRole('button', { name: /^Back/ }),
  };
}
