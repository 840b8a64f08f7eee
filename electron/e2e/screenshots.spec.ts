import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../dev/setup.mjs';
import { expect, test, watchProblems } from './fixtures.ts';
import { type Frame, frameOf } from './pages/frame.ts';
import { layoutProblems } from './pages/layout.ts';
import { approvalDialogOf } from './pages/mitigation.ts';
import { queueOf } from './pages/queue.ts';
import { settingsOf } from './pages/settings.ts';
import { watchOf } from './pages/watch.ts';

const folder = join(root, 'screenshots');
const themes = ['dark', 'light', 'high-contrast'] as const;
type Theme = (typeof themes)[number];

interface Shot {
  readonly name: string;
  /** Which made-up state the page is opened in. */
  readonly demo: 'busy' | 'calm' | 'empty' | 'loading' | 'error' | 'first' | 'flood';
  readonly themes?: readonly Theme[];
  readonly size?: { readonly width: number; readonly height: number };
  readonly show: (page: Page, frame: Frame) => Promise<void>;
}

const wide = { width: 1440, height: 900 };
const narrow = { width: 1024, height: 700 };
const all: readonly Theme[] = ['dark', 'light', 'high-contrast'];

const openQueueDetail = async (page: Page, frame: Frame) => {
  await frame.goTo('queue');
  await expect(queueOf(page).activeRow).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(queueOf(page).details.getByRole('heading', { name: 'History' })).toBeVisible();
};
const openCase = async (page: Page, frame: Frame) => {
  await frame.goTo('cases');
  await expect(page.getByRole('grid', { name: 'Cases' }).getByRole('row').nth(1)).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
};
const settingsSection = (name: string) => async (page: Page, frame: Frame) => {
  await frame.goTo('settings');
  await settingsOf(page).section(name);
};
const goTo = (screen: Parameters<Frame['goTo']>[0]) => async (_page: Page, frame: Frame) => {
  await frame.goTo(screen);
};

const shots: readonly Shot[] = [
  { name: 'first-start', demo: 'first', show: async () => undefined },
  { name: 'watch-attack', demo: 'busy', themes: all, show: goTo('watch') },
  { name: 'watch-attack-narrow', demo: 'busy', size: narrow, show: goTo('watch') },
  { name: 'watch-calm', demo: 'calm', show: goTo('watch') },
  { name: 'watch-no-data', demo: 'empty', show: goTo('watch') },
  { name: 'watch-loading', demo: 'loading', show: async () => undefined },
  { name: 'watch-error', demo: 'error', show: async () => undefined },
  {
    name: 'watch-range-panel',
    demo: 'busy',
    show: async (page, frame) => {
      const region = await frame.goTo('watch');
      await region.getByRole('button', { name: /^Range/ }).click();
      await expect(page.getByRole('dialog', { name: 'Range' })).toBeVisible();
    },
  },
  { name: 'queue-empty', demo: 'empty', show: goTo('queue') },
  { name: 'queue-loading', demo: 'loading', show: async (_page, frame) => frame.press('g q') },
  { name: 'queue-error', demo: 'error', show: async (_page, frame) => frame.press('g q') },
  { name: 'queue', demo: 'busy', themes: all, show: goTo('queue') },
  { name: 'queue-flood', demo: 'flood', show: goTo('queue') },
  { name: 'queue-detail', demo: 'busy', themes: all, show: openQueueDetail },
  { name: 'queue-detail-narrow', demo: 'busy', size: narrow, show: openQueueDetail },
  {
    name: 'queue-evidence',
    demo: 'busy',
    show: async (page, frame) => {
      await openQueueDetail(page, frame);
      await page.keyboard.press('v');
    },
  },
  {
    name: 'queue-selection',
    demo: 'flood',
    show: async (page, frame) => {
      await frame.goTo('queue');
      await frame.press('x j x j x');
      await expect(page.getByText('3 alerts selected')).toBeVisible();
    },
  },
  {
    name: 'queue-search',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('queue');
      await page.keyboard.press('/');
      await page.keyboard.type('sev');
    },
  },
  {
    name: 'queue-close',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('queue');
      await page.keyboard.press('f');
      await expect(page.getByRole('dialog', { name: /False positive/ })).toBeVisible();
    },
  },
  {
    name: 'queue-escalate',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('queue');
      await page.keyboard.press('e');
      await expect(page.getByRole('dialog', { name: /^Case from/ })).toBeVisible();
    },
  },
  {
    name: 'queue-snooze',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('queue');
      await page.keyboard.press('s');
      await expect(page.getByRole('menu', { name: 'Snooze until' })).toBeVisible();
    },
  },
  {
    name: 'propose',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('queue');
      await page.keyboard.press('p');
      await expect(page.getByRole('dialog', { name: 'Propose a mitigation' })).toBeVisible();
    },
  },
  { name: 'cases-empty', demo: 'empty', show: goTo('cases') },
  { name: 'cases', demo: 'busy', show: goTo('cases') },
  { name: 'case', demo: 'busy', themes: all, show: openCase },
  { name: 'case-narrow', demo: 'busy', size: narrow, show: openCase },
  {
    name: 'case-signals',
    demo: 'busy',
    show: async (page, frame) => {
      await openCase(page, frame);
      await page.keyboard.press('2');
    },
  },
  { name: 'mitigate-empty', demo: 'empty', show: goTo('mitigate') },
  { name: 'mitigate', demo: 'busy', themes: all, show: goTo('mitigate') },
  {
    name: 'mitigate-plans',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('mitigate');
      await page.keyboard.press('2');
      await expect(page.getByRole('table', { name: 'Action plans' })).toBeVisible();
    },
  },
  {
    name: 'mitigate-ledger',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('mitigate');
      await page.keyboard.press('3');
    },
  },
  {
    name: 'mitigate-plan',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('mitigate');
      await page.keyboard.press('n');
      await expect(page.getByRole('dialog', { name: 'New action plan' })).toBeVisible();
    },
  },
  { name: 'reports-empty', demo: 'empty', show: goTo('reports') },
  {
    name: 'reports',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('reports');
      await expect(page.getByTitle('Report preview')).toBeVisible();
    },
  },
  { name: 'settings-sources', demo: 'busy', show: settingsSection('Sources') },
  { name: 'settings-sources-empty', demo: 'empty', show: settingsSection('Sources') },
  {
    name: 'settings-add-source',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('settings');
      await frame.command('add source prometheus');
      await expect(page.getByRole('form', { name: /settings/ })).toBeVisible();
    },
  },
  {
    name: 'settings-test',
    demo: 'busy',
    show: async (page, frame) => {
      await frame.goTo('settings');
      await page.getByRole('table', { name: 'Sources' }).getByRole('row').nth(1).click();
      await page.getByRole('button', { name: 'Test this source' }).click();
      await expect(page.getByRole('region', { name: 'Test of this source' })).toBeVisible();
    },
  },
  { name: 'settings-targets', demo: 'busy', show: settingsSection('Targets') },
  { name: 'settings-customers', demo: 'busy', show: settingsSection('Customers') },
  { name: 'settings-signals', demo: 'busy', show: settingsSection('Signals') },
  { name: 'settings-appearance', demo: 'busy', show: settingsSection('Appearance') },
  { name: 'settings-storage', demo: 'busy', show: settingsSection('Storage') },
  { name: 'settings-audit', demo: 'busy', show: settingsSection('Audit') },
  {
    name: 'palette',
    demo: 'busy',
    show: async (page) => {
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
    },
  },
  {
    name: 'help',
    demo: 'busy',
    show: async (page) => {
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'gallery',
    demo: 'busy',
    themes: all,
    show: async (page, frame) => {
      await frame.command('open gallery');
      await expect(page.getByRole('region', { name: /Gallery/ })).toBeVisible();
    },
  },
];

/** Everything taken so far: what two states look like must differ. */
const looks = new Map<string, string>();
const wrong: string[] = [];

/** Times go on while the page stands still; for comparing two states they are left out. */
const still =
  'time, .strip-clocks, .age { visibility: hidden !important; } * { caret-color: transparent !important; animation: none !important; transition: none !important; }';

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  // Two frames: what the last key set off has been drawn.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  const image = await page.screenshot({ caret: 'hide' });
  writeFileSync(join(folder, `${name}.png`), image);
  const look = createHash('sha256')
    .update(await page.screenshot({ style: still }))
    .digest('hex');
  const same = looks.get(look);
  if (same !== undefined) wrong.push(`${name} looks the same as ${same}`);
  looks.set(look, name);
  for (const problem of await layoutProblems(page)) wrong.push(`${name}: ${problem}`);
}

/** Puts a theme on as it is, whatever dialog is open; the setting itself is tested elsewhere. */
async function wear(page: Page, theme: Theme): Promise<void> {
  await page.locator('html').evaluate((element, value) => element.setAttribute('data-theme', value), theme);
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});

test('every screen in its made-up states', async ({ openApp }) => {
  const app = await openApp();
  const { page } = app;
  const origin = new URL(app.host?.address ?? '').origin;
  const frame = frameOf(page);
  for (const shot of shots) {
    await test.step(shot.name, async () => {
      await page.setViewportSize(shot.size ?? wide);
      await page.goto('about:blank');
      await page.goto(`${origin}/?demo=${shot.demo}`);
      await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible();
      try {
        await shot.show(page, frame);
      } catch (thrown) {
        wrong.push(`${shot.name}: ${thrown instanceof Error ? thrown.message.split('\n')[0] : thrown}`);
      }
      for (const theme of shot.themes ?? (['dark', 'light'] as const)) {
        await wear(page, theme);
        await take(page, `${shot.name}-${theme}`);
      }
    });
  }
});

test('the range under attack: alert, approval and report as they are', async ({ openApp }) => {
  const app = await openApp({
    env: { WATCHFLOOR_RANGE_SCENARIOS: 'manual', WATCHFLOOR_RANGE_SEED: '31' },
  });
  const { page } = app;
  const frame = frameOf(page);
  const both = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await wear(page, theme);
      await take(page, `range-${name}-${theme}`);
    }
  };
  await take(page, 'range-first-start-dark');
  await frame.sayName('Ada Okonkwo');
  await take(page, 'range-history-loading-dark');
  await frame.waitForHistory();
  await both('watch-calm');
  await frame.command('start http flood');
  const watch = watchOf(page);
  await watch.showDeviatingService();
  const queue = queueOf(page);
  await frame.goTo('queue');
  await queue.waitFor(/HTTP flood on \//);
  await frame.goTo('watch');
  await both('watch-attack');
  await frame.goTo('queue');
  await queue.moveTo(/HTTP flood on \//);
  await page.keyboard.press('Enter');
  await expect(queue.details).toContainText(/above the usual/);
  await both('queue-detail');
  await page.keyboard.press('v');
  await both('queue-evidence');
  await page.keyboard.press('e');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/HTTP flood/);
  await both('case');
  await page.keyboard.press('p');
  await page.keyboard.press('Control+Enter');
  const approval = approvalDialogOf(page);
  await expect(approval.targetName).toBeFocused();
  await take(page, 'range-approval-dark');
  await page.keyboard.type('range-edge');
  await approval.waitUntilReady();
  await page.keyboard.press('Control+Enter');
  await approval.waitUntilVerified();
  await take(page, 'range-verified-dark');
  await page.keyboard.press('Escape');
  await expect(approval.dialog).toBeHidden();

  // A block that would hit the customer's own network: a guard stands against it.
  await frame.goTo('mitigate');
  await both('mitigate');
  await page.keyboard.press('p');
  const dialog = page.getByRole('dialog', { name: 'Propose a mitigation' });
  await dialog.getByLabel(/Addresses and networks/).fill('192.0.2.0/25\n127.0.0.1');
  await dialog.getByLabel(/Reason/).fill('To see a guard at work');
  await page.keyboard.press('Control+Enter');
  await expect(approval.guards.getByText('Failed: ').first()).toBeAttached();
  await take(page, 'range-approval-refused-dark');
  await page.keyboard.press('Escape');
  await wear(page, 'light');
  await page.keyboard.press('Enter');
  await expect(approval.guards).toBeVisible();
  await take(page, 'range-approval-refused-light');
  await page.keyboard.press('Escape');
  await frame.goTo('reports');
  await expect(
    page.frameLocator('iframe[title="Report preview"]').getByRole('heading', { level: 1 }),
  ).toBeVisible();
  await both('report');

  // The host is gone: the page says so and keeps what it had.
  await app.host?.kill();
  await expect(page.getByText(/The core was lost, reconnecting/)).toBeVisible();
  await take(page, 'range-offline-dark');
  app.problems.length = 0;
});

test('a stranger and a second session', async ({ openApp, newContext }) => {
  const app = await openApp();
  await frameOf(app.page).sayName('Ada Okonkwo');
  const other = await newContext();
  const page = await other.newPage();
  const problems = watchProblems(page);
  await page.goto(app.host?.address ?? '');
  await expect(page.getByRole('dialog', { name: 'Watchfloor is open in another session' })).toBeVisible();
  await take(page, 'other-session-dark');
  const stranger = await (await newContext()).newPage();
  await stranger.goto(new URL(app.host?.address ?? '').origin);
  await expect(stranger.getByRole('dialog', { name: 'This address has no valid key' })).toBeVisible();
  await take(stranger, 'no-key-dark');
  expect(problems).toEqual([]);
  await other.close();
});

test('nothing overflows, nothing is cut off, no two states look alike', () => {
  expect(wrong).toEqual([]);
});
