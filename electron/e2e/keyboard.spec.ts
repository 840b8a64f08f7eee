import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { dismiss, openBy, typeOver } from './pages/dialogs.ts';
import { frameOf, type ScreenKey } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';

const screens: readonly ScreenKey[] = ['watch', 'queue', 'cases', 'mitigate', 'reports', 'settings'];

/** The made-up core gives every screen something to show at once. */
async function openDemo(page: Page, address: string, demo = 'busy'): Promise<void> {
  const url = new URL(address);
  await page.goto('about:blank');
  await page.goto(`${url.origin}/?demo=${demo}`);
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible();
  await expect(page.getByLabel('Overall state')).toContainText('actionable');
}

/** What has the focus, in words; null when it was lost. */
function focused(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element === null || element === document.body ? null : `${element.tagName} ${element.textContent}`;
  });
}

test('every command stands in the help sheet, and its keys in the palette', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  await openDemo(page, app.host?.address ?? '');
  for (const screen of screens) {
    await frame.goTo(screen);
    const palette = await openBy(page, 'Control+k', 'Commands');
    await expect(palette.getByRole('option').first()).toBeVisible();
    const titles = await palette.getByRole('option').locator('.grow').allInnerTexts();
    expect(new Set(titles).size, `${screen}: two commands of one name`).toBe(titles.length);
    await dismiss(page);

    const help = await openBy(page, '?', 'Keys');
    await expect(help).toContainText('Go to');
    await dismiss(page);
  }
});

test('no key is given twice on a screen', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  await openDemo(page, app.host?.address ?? '');
  for (const screen of screens) {
    await frame.goTo(screen);
    const palette = await openBy(page, 'Control+k', 'Commands');
    await expect(palette.getByRole('option').first()).toBeVisible();
    const keys = await palette
      .getByRole('option')
      .evaluateAll((options) =>
        options
          .map((option) => option.querySelector('.palette-keys')?.textContent?.trim() ?? '')
          .filter((text) => text !== ''),
      );
    const doubles = keys.filter((key, index) => keys.indexOf(key) !== index);
    expect(doubles, screen).toEqual([]);
    await dismiss(page);
  }
});

test('Tab goes round every screen and never loses the focus', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  await openDemo(page, app.host?.address ?? '');
  for (const screen of screens) {
    await frame.goTo(screen);
    /** Steps at which the body had the focus: going round passes the browser's own controls once a round. */
    const outside: number[] = [];
    const seen = new Set<string>();
    for (let step = 0; step < 30; step += 1) {
      await page.keyboard.press('Tab');
      const now = await focused(page);
      if (now === null) outside.push(step);
      else seen.add(now);
    }
    const rounds = outside.slice(1).map((step, index) => step - (outside[index] ?? 0));
    expect(Math.min(...rounds, 30), `${screen}: the focus was lost within a round`).toBeGreaterThan(5);
    // A field that has the focus takes letters for itself.
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    expect(seen.size, `${screen}: few places to go to`).toBeGreaterThan(5);
  }
});

test('a dialog gives the focus back to where it was', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  await openDemo(page, app.host?.address ?? '');
  await frame.goTo('queue');
  const search = page.getByRole('combobox', { name: 'Search alerts' });
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
  await openBy(page, 'Control+k', 'Commands');
  await dismiss(page);
  await expect(search).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(search).not.toBeFocused();
  const dialog = await openBy(page, 'f', /False positive/);
  await expect(dialog.getByLabel(/Reason/)).toBeFocused();
  await dismiss(page);
  // The keys of the list answer again.
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Alert details' })).toBeVisible();
});

test('from an alert of a source: find in its record, search from it, and go back', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  await openDemo(page, app.host?.address ?? '');
  await frame.goTo('queue');
  await queue.moveTo(/Credential stuffing/);
  await page.keyboard.press('Enter');
  await expect(queue.details.getByText(/within one fixed window of 1 h/)).toBeVisible();
  await expect(queue.details.getByText('documentation').first()).toBeVisible();

  await page.keyboard.press('Control+f');
  const find = queue.details.getByRole('textbox', { name: 'Find in Raw record' });
  await typeOver(find, 'CREDENTIAL');
  await expect(queue.details.getByText('1 of 1')).toBeVisible();
  const marked = () =>
    page.evaluate(() => [...(CSS.highlights.get('find-current') ?? [])].map((range) => String(range)));
  await expect.poll(marked).toEqual(['Credential']);
  await typeOver(find, 'alert');
  await expect(queue.details.getByText('1 of 2')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(queue.details.getByText('2 of 2')).toBeVisible();
  await typeOver(find, '(nowhere');
  await expect(queue.details.getByText('Not found')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(find).toBeHidden();

  const search = page.getByRole('combobox', { name: 'Search alerts' });
  await page.keyboard.press('r');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(search).toHaveValue(/^title:"Credential stuffing on .*" source:range$/);
  await expect(queue.region.getByRole('row', { name: /ET SCAN/ })).toHaveCount(0);
  await page.keyboard.press('u');
  await expect(search).toHaveValue('');
  await expect(queue.region.getByRole('row', { name: /ET SCAN/ }).first()).toBeVisible();
});

test('columns are chosen, ordered and sized, rows are sorted, and all of it is remembered', async ({
  openApp,
}) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  await openDemo(page, app.host?.address ?? '');
  await frame.goTo('queue');
  const headers = () => queue.region.getByRole('columnheader').allInnerTexts();
  await expect(queue.region.getByRole('row').nth(5)).toBeVisible();
  await expect
    .poll(headers)
    .toEqual([
      'Selected',
      'Severity',
      'Received',
      'Title and why',
      'Entity',
      'Count',
      'Customer',
      'Status',
      'Mitigated',
      'Assignee',
    ]);

  const dialog = await openBy(page, 'Shift+c', 'Columns');
  await dialog.getByRole('checkbox', { name: 'Last seen' }).focus();
  await page.keyboard.press('Space');
  for (let step = 0; step < 7; step += 1) await page.keyboard.press('Alt+ArrowUp');
  await expect(dialog.getByRole('checkbox', { name: 'Last seen' })).toBeFocused();
  await dialog.getByRole('checkbox', { name: 'Mitigated' }).focus();
  await page.keyboard.press('Space');
  await dialog.getByRole('spinbutton', { name: 'Last seen: width, px' }).fill('150');
  await page.keyboard.press('Control+Enter');
  await expect(dialog).toBeHidden();
  const chosen = [
    'Selected',
    'Severity',
    'Received',
    'Last seen',
    'Title and why',
    'Entity',
    'Count',
    'Customer',
    'Status',
    'Assignee',
  ];
  await expect.poll(headers).toEqual(chosen);

  await frame.command('order: most first');
  const count = queue.region.getByRole('columnheader', { name: 'Count' });
  await expect(count).toHaveAttribute('aria-sort', 'descending');
  const counts = async () => {
    const cells = await queue.region.locator('[role=row] [aria-colindex="7"][role=gridcell]').allInnerTexts();
    return cells.map((text) => Number(text.replaceAll(/\D/g, '')));
  };
  await expect
    .poll(async () => {
      const shown = await counts();
      return shown.length > 5 && shown.every((each, index) => index === 0 || each <= (shown[index - 1] ?? 0));
    })
    .toBe(true);

  await page.reload();
  await expect(page.getByLabel('Overall state')).toContainText('actionable');
  await frame.goTo('queue');
  await expect(count).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(headers).toEqual(chosen);
  const lastSeen = queue.region.getByRole('columnheader', { name: 'Last seen' });
  await expect.poll(async () => Math.round((await lastSeen.boundingBox())?.width ?? 0)).toBe(150);

  await openBy(page, 'Shift+c', 'Columns');
  await dialog.getByRole('button', { name: 'Fit to the room' }).click();
  await dismiss(page);
  await expect.poll(headers).not.toContain('Last seen');
});

test('everything that matches is exported as CSV, frozen, with formulas made harmless', async ({
  openApp,
}) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  await openDemo(page, app.host?.address ?? '');
  await frame.goTo('queue');
  await page.keyboard.press('3');
  await expect(queue.region.getByText('1,031 alerts')).toBeVisible();
  await openBy(page, 'Shift+e', 'Export 1,031 alerts');
  const saved = page.waitForEvent('download');
  await page.keyboard.press('Control+Enter');
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^alerts-\d{4}-\d\d-\d\dT\d{6}Z\.csv$/);
  await expect(frame.message(/Saved alerts-.*: 1,031 alerts/)).toBeVisible();
  const lines = readFileSync(await file.path(), 'utf8').split('\r\n');
  expect(lines[0]).toMatch(/^id,received,/);
  expect(lines).toHaveLength(1 + 1_031 + 1);

  // Selected rows alone, as JSON Lines.
  await page.keyboard.press('x');
  await page.keyboard.press('Shift+J');
  const dialog = await openBy(page, 'Shift+e', 'Export 2 alerts');
  await dialog.getByLabel('Format').selectOption('JSON Lines, for programs');
  const second = page.waitForEvent('download');
  await page.keyboard.press('Control+Enter');
  const records = readFileSync(await (await second).path(), 'utf8')
    .trimEnd()
    .split('\n');
  expect(records.map((line): unknown => JSON.parse(line).id)).toEqual(['alert-0', 'alert-1']);
});

test('views are opened by key, and their counts follow what is done', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  await openDemo(page, app.host?.address ?? '');
  await frame.goTo('queue');
  const views = queue.region.getByRole('navigation', { name: 'Views' });
  const high = views.getByRole('button', { name: /^High and worse/ });
  await expect(high).toHaveText(/\d$/);
  const before = Number((await high.innerText()).match(/\d+$/)?.[0]);
  await frame.press('g 1');
  await expect(high).toHaveAttribute('aria-current', 'true');
  await expect(page.getByRole('combobox', { name: 'Search alerts' })).toHaveValue('severity>=high');
  await expect(queue.region.getByText(`${before} alerts`, { exact: true })).toBeVisible();

  await page.keyboard.press('i');
  await expect(views.getByRole('button', { name: /^Mine/ })).toHaveText(/1$/);
  await page.keyboard.press('c');
  await page.keyboard.press('Control+Enter');
  await expect(high).toHaveText(new RegExp(`${before - 1}$`));
  await expect(frame.message(/^Closed 1 alert/)).toBeVisible();
  await page.keyboard.press('u');
  await expect(high).toHaveText(new RegExp(`${before}$`));
});

test('a range of rows grows and shrinks from where it began, by key and by mouse', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  await openDemo(page, app.host?.address ?? '');
  await frame.goTo('queue');
  await page.keyboard.press('3');
  await expect(queue.region.getByText('1,031 alerts')).toBeVisible();
  const selected = (count: string) =>
    expect(queue.region.getByText(`${count} selected`, { exact: true })).toBeVisible();
  const isSelected = () =>
    queue.region
      .locator('[role=row][aria-selected=true]')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('aria-rowindex')) - 1));
  await page.keyboard.press('j');
  for (const key of ['Shift+J', 'Shift+J', 'Shift+J']) await page.keyboard.press(key);
  await selected('4 alerts');
  for (const key of ['Shift+K', 'Shift+K']) await page.keyboard.press(key);
  await selected('2 alerts');
  await expect.poll(isSelected).toEqual([2, 3]);
  for (const key of ['Shift+K', 'Shift+K']) await page.keyboard.press(key);
  await expect.poll(isSelected).toEqual([1, 2]);

  // A row apart stays when another range is drawn.
  await page.keyboard.press('Escape');
  await page.keyboard.press('x');
  await queue.region.locator('[role=row][aria-rowindex="6"]').click({ modifiers: ['Control'] });
  await queue.region.locator('[role=row][aria-rowindex="9"]').click({ modifiers: ['Shift'] });
  await expect.poll(isSelected).toEqual([1, 5, 6, 7, 8]);
  await queue.region.locator('[role=row][aria-rowindex="4"]').click({ modifiers: ['Shift'] });
  await expect.poll(isSelected).toEqual([1, 3, 4, 5]);

  // Rows that were never in sight are part of it.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+End');
  await selected('1,031 alerts');
  await page.keyboard.press('Shift+Home');
  await selected('1 alert');
});

test('typing after an apostrophe jumps to the next title that begins so', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  await openDemo(page, app.host?.address ?? '');
  await frame.goTo('queue');
  await page.keyboard.press('3');
  await expect(queue.region.getByText('1,031 alerts')).toBeVisible();
  await page.keyboard.press("'");
  const field = queue.region.getByRole('textbox', { name: 'Jump to a title that begins with' });
  await expect(field).toBeFocused();
  await page.keyboard.type('et sc');
  await expect(queue.activeRow).toContainText('ET SCAN');
  const first = await queue.activeRow.getAttribute('aria-rowindex');
  await page.keyboard.press('Enter');
  await expect(queue.activeRow).not.toHaveAttribute('aria-rowindex', first ?? '');
  await expect(queue.activeRow).toContainText('ET SCAN');
  await page.keyboard.type('zz');
  await expect(queue.region.getByText('No title begins so')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(field).toBeHidden();
  await page.keyboard.press('j');
  await expect(queue.region.getByRole('grid')).toBeFocused();
});

interface Unnamed {
  readonly screen: string;
  readonly element: string;
}

test('everything that can be operated has a name, and images too', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  await openDemo(page, app.host?.address ?? '');
  const unnamed: Unnamed[] = [];
  for (const screen of screens) {
    await frame.goTo(screen);
    const found = await page
      .locator('button, input, select, textarea, [role=img], [role=grid], [role=tablist], dialog, iframe')
      .evaluateAll((elements) =>
        elements.flatMap((element) => {
          const labelledBy = (element.getAttribute('aria-labelledby') ?? '')
            .split(/\s+/)
            .map((id) => document.getElementById(id)?.textContent ?? '')
            .join('');
          const labels =
            'labels' in element && element.labels instanceof NodeList
              ? [...element.labels].map((label) => label.textContent).join('')
              : '';
          const name = [
            element.getAttribute('aria-label'),
            labelledBy,
            labels,
            element.getAttribute('title'),
            element.tagName === 'BUTTON' ? element.textContent : '',
          ].join('');
          const isHidden = element.closest('[hidden], [aria-hidden=true]') !== null;
          return name.trim() !== '' || isHidden ? [] : [element.outerHTML.slice(0, 160)];
        }),
      );
    unnamed.push(...found.map((element) => ({ screen, element })));
  }
  expect(unnamed).toEqual([]);
});

test('text stands out from its ground: 4.5 to 1 in every theme', async ({ openApp }) => {
  const app = await openApp({ args: ['--workspace', 'live'] });
  const { page } = app;
  const frame = frameOf(page);
  await openDemo(page, app.host?.address ?? '');
  const weak: string[] = [];
  for (const theme of ['dark', 'light', 'high-contrast'] as const) {
    if (theme !== 'dark') await frame.command(`${theme} theme`);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    for (const screen of screens) {
      await frame.goTo(screen);
      const found = await page.evaluate(() => {
        const canvas = document.createElement('canvas');
        canvas.width = 1;
        canvas.height = 1;
        const context = canvas.getContext('2d', { willReadFrequently: true });
        if (context === null) return [];
        /** Any CSS colour, painted over what lies below, as sRGB. */
        const paint = (colour: string, below: readonly number[]): number[] => {
          context.fillStyle = `rgb(${below.join(' ')})`;
          context.fillRect(0, 0, 1, 1);
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
        };
        const groundOf = (element: Element | null): number[] => {
          if (element === null) return [255, 255, 255];
          return paint(getComputedStyle(element).backgroundColor, groundOf(element.parentElement));
        };
        const luminance = (colour: readonly number[]): number => {
          const [red = 0, green = 0, blue = 0] = colour.map((part) => {
            const share = part / 255;
            return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const words: string[] = [];
        let looked = 0;
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          const element = node.parentElement;
          const text = node.textContent?.trim() ?? '';
          if (
            element === null ||
            text === '' ||
            element.closest('svg, :disabled, [aria-disabled=true], option')
          )
            continue;
          looked += 1;
          const style = getComputedStyle(element);
          if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
          const ground = groundOf(element);
          const front = luminance(paint(style.color, ground));
          const back = luminance(ground);
          const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
          if (ratio < 4.45) words.push(`${ratio.toFixed(2)} “${text.slice(0, 30)}” ${element.className}`);
        }
        return looked < 10 ? ['hardly any text'] : [...new Set(words)].slice(0, 10);
      });
      weak.push(...found.map((each) => `${theme} ${screen}: ${each}`));
    }
  }
  expect(weak).toEqual([]);
});
