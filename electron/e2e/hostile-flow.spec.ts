import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Page } from '@playwright/test';
import { hostileTexts, hugeText } from '../../shared/testing/hostile-text.ts';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { expect, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { leave, openBy } from './pages/dialogs.ts';
import { savedBy } from './pages/downloads.ts';
import { frameOf } from './pages/frame.ts';
import { queueOf } from './pages/queue.ts';

const texts = { ...hostileTexts, huge: hugeText() };

/** EVE alert lines whose every text is hostile. */
function hostileLines(): string {
  return Object.values(texts)
    .map((text, index) => {
      // One text of a megabyte a record: a record of many is refused as too long, with its reason.
      const short = text.slice(0, 2_000);
      return JSON.stringify({
        timestamp: '2026-01-05T02:11:30.000000+0000',
        flow_id: 9_000 + index,
        event_type: 'alert',
        src_ip: `203.0.113.${index + 1}`,
        src_port: 40_000,
        dest_ip: '192.0.2.10',
        dest_port: 80,
        proto: 'TCP',
        app_proto: short,
        http: { hostname: short, url: `/${short}`, http_user_agent: short, http_method: short },
        alert: {
          action: 'allowed',
          gid: 1,
          signature_id: 3_000_000 + index,
          rev: 1,
          signature: text,
          category: short,
          severity: 1,
        },
      });
    })
    .join('\n');
}

function watchfloor(...words: readonly string[]): string {
  return execFileSync(nodeBinary(), [join(root, 'dist', 'electron', 'cli.cjs'), ...words], {
    encoding: 'utf8',
    env: projectEnvironment(),
    maxBuffer: 64_000_000,
  });
}

/** What a hostile text wants: to run, to become markup, to hide or turn characters, to push the page out of shape. */
async function harmOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if (Reflect.has(globalThis, '__owned')) found.push('a script ran');
    const markup =
      'img[src="x"], svg[onload], style, [onerror], [onload], [onmouseover], [onfocus], a[href^="javascript"]';
    for (const element of document.body.querySelectorAll(markup)) found.push(element.outerHTML.slice(0, 200));
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const hidden = /[\p{Bidi_Control}\u200b\ufeff\u{e0041}\ud800-\udfff]|[^\P{Cc}\n\t]/u;
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent ?? '';
      if (hidden.test(text)) found.push(`hidden characters in ${JSON.stringify(text.slice(0, 200))}`);
    }
    for (const element of document.body.querySelectorAll('[aria-label], [title], [placeholder]')) {
      for (const name of ['aria-label', 'title', 'placeholder']) {
        const text = element.getAttribute(name) ?? '';
        if (hidden.test(text))
          found.push(`hidden characters in ${name} ${JSON.stringify(text.slice(0, 200))}`);
      }
    }
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth || page.scrollHeight > page.clientHeight) {
      found.push(`the page grew to ${page.scrollWidth} x ${page.scrollHeight}`);
    }
    const heights = new Set(
      [...document.querySelectorAll('[role=grid] [role=row][aria-rowindex]')]
        .slice(1)
        .map((row) => Math.round(row.getBoundingClientRect().height)),
    );
    if (heights.size > 1) found.push(`rows of different heights: ${[...heights].join(', ')}`);
    return [...new Set(found)];
  });
}

/** The report's frame may hold nothing that runs, loads or leads away. */
async function expectInert(frame: FrameLocator): Promise<void> {
  await expect(frame.locator('script, img, iframe, object, a, link, form, [style]')).toHaveCount(0);
}

test('hostile text stays text, from the record to the report', async ({ openApp, dataDir }) => {
  test.setTimeout(300_000);
  const records = join(dataDir, 'records.json');
  const data = join(dataDir, 'data');
  const saved = join(dataDir, 'saved');
  mkdirSync(saved);
  writeFileSync(records, `${hostileLines()}\n`);
  const counts = JSON.parse(
    watchfloor('ingest', '--data-dir', data, '--source', 'suricata-eve', records, '--json'),
  );
  const count = Object.keys(texts).length;
  expect(counts).toMatchObject({ alerts: count, occurrences: count, rejected: 0 });

  const app = await openApp({ dataDir: data, args: ['--workspace=live'] });
  const { page } = app;
  const frame = frameOf(page);
  const queue = queueOf(page);
  const theCase = caseOf(page);
  await frame.sayName('Ada Okonkwo');

  await test.step('the queue', async () => {
    await frame.goTo('queue');
    for (const name of Object.keys(texts)) await queue.waitFor(new RegExp(`hostile-${name}`));
    expect(await harmOn(page)).toEqual([]);
  });

  await test.step('the details of each', async () => {
    for (const name of Object.keys(texts)) {
      await queue.moveTo(new RegExp(`hostile-${name}`));
      await page.keyboard.press('Enter');
      await expect(queue.details.getByRole('heading', { name: new RegExp(`hostile-${name}`) })).toBeVisible();
      await expect(queue.details.getByText('Raw record', { exact: true }).first()).toBeVisible();
      expect({ name, harm: await harmOn(page) }).toEqual({ name, harm: [] });
    }
  });

  await test.step('the case of all of them', async () => {
    await queue.chooseAll(String(count));
    const dialog = await openBy(page, 'e', `Case from ${count} alerts`);
    await dialog.getByLabel('Title').fill(hostileTexts.markup);
    await page.keyboard.press('Control+Enter');
    await expect(theCase.title).toContainText('<img src=x');
    await expect(theCase.region.getByRole('heading', { name: `Alerts (${count})` })).toBeVisible();
    for (const note of [hostileTexts.link, hostileTexts.script, `&#8238; ${hostileTexts.bidi}`]) {
      await page.keyboard.press('n');
      await expect(theCase.note).toBeFocused();
      await theCase.note.fill(note);
      await page.keyboard.press('Control+Enter');
      await expect(theCase.note).toHaveValue('');
      await leave(theCase.note);
    }
    expect(await harmOn(page)).toEqual([]);
  });

  await test.step('the report, in its frame', async () => {
    await page.keyboard.press('3');
    await expect(theCase.report.getByRole('heading', { level: 1 })).toContainText(
      'hostile-markup <img src=x',
    );
    // Its one style sheet is in force: the policy of the page knows it.
    await expect(theCase.report.locator('.tlp').first()).toHaveCSS('background-color', 'rgb(0, 0, 0)');
    await expectInert(theCase.report);
    expect(await harmOn(page)).toEqual([]);
  });

  await test.step('the saved files', async () => {
    const html = (await savedBy(app, saved, () => frame.press('x h'))).bytes.toString('utf8');
    expect(html).toContain('hostile-script &lt;/script&gt;&lt;script&gt;');
    expect(html).not.toMatch(/<script|<img|<a[ >]|[\p{Bidi_Control}]|[^\P{Cc}\n]/u);
    expect(html.length).toBeLessThan(2_000_000);
    const markdown = (await savedBy(app, saved, () => frame.press('x m'))).bytes.toString('utf8');
    expect(markdown).toContain('hostile-markup \\<img src=x');
    expect(markdown).not.toMatch(/[\p{Bidi_Control}]|[^\P{Cc}\n]/u);
    const pdf = await savedBy(app, saved, () => frame.press('x p'));
    const path = join(saved, 'report-to-read.pdf');
    writeFileSync(path, pdf.bytes);
    const text = execFileSync('pdftotext', ['-layout', path, '-'], {
      encoding: 'utf8',
      maxBuffer: 64_000_000,
    });
    expect(text).toContain('hostile-markup <img src=x');
    expect(text).not.toMatch(/[\p{Bidi_Control}]|[^\P{Cc}\n\f]/u);
    const pages = text.split('\f').length - 1;
    expect(pages).toBeGreaterThan(3);
    expect(pages).toBeLessThan(40);
    expect(pdf.bytes.toString('latin1')).not.toMatch(/\/(JavaScript|JS|Launch|EmbeddedFile)\b/);
  });

  await test.step('the command line', async () => {
    await app.close();
    const lines = watchfloor('alerts', '--data-dir', data);
    expect(lines).toContain('hostile-ansi');
    // A terminal obeys controls: none may reach it.
    expect(lines).not.toMatch(/[\p{Bidi_Control}]|[^\P{Cc}\n\t]/u);
  });
});
