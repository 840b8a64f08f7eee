import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderHtml } from '../../shared/report/render-html.ts';
import { buildRetrospective } from '../../shared/report/retrospective.ts';
import { floodInput, floodState } from '../../shared/report/testing/flood-case.ts';
import { plainTask } from '../../shared/testing/case-entry.ts';
import { hostileTexts, hugeText } from '../../shared/testing/hostile-text.ts';
import { findBrowser } from '../dev/browser.mjs';
import { printPdf } from './report-pdf.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function program(name: string): string | null {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** A stand-in for a browser: a shell script. */
function script(text: string): string {
  const path = join(folder, 'browser');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const leftovers = () => readdirSync(folder).filter((name) => name.startsWith('watchfloor-print-'));

describe('printPdf', () => {
  test('says what to do where there is no browser', async () => {
    await expect(printPdf('<p>', { browser: null })).rejects.toMatchObject({
      code: 'unavailable',
      message:
        'No PDF was made: it needs Chromium, Chrome or Edge, and none was found. Install one, or name it in WATCHFLOOR_BROWSER. HTML and Markdown need none.',
    });
  });

  test.runIf(process.platform !== 'win32')('ends a browser that hangs, and cleans up', async () => {
    const browser = script('sleep 60');
    await expect(printPdf('<p>', { browser, timeoutMs: 50, temporaryFolder: folder })).rejects.toMatchObject({
      code: 'timed-out',
    });
    expect(leftovers()).toEqual([]);
  });

  test.runIf(process.platform !== 'win32')('passes on what a failing browser said', async () => {
    const browser = script('echo "no fonts" >&2; exit 3');
    await expect(printPdf('<p>', { browser, temporaryFolder: folder })).rejects.toMatchObject({
      code: 'unavailable',
      details: 'no fonts',
    });
    expect(leftovers()).toEqual([]);
  });

  test.runIf(process.platform !== 'win32')('does not take something else for a PDF', async () => {
    const browser = script(
      'for each in "$@"; do case "$each" in --print-to-pdf=*) echo html > "$' + '{each#*=}";; esac; done',
    );
    await expect(printPdf('<p>', { browser, temporaryFolder: folder })).rejects.toMatchObject({
      message: 'No PDF was made: what the browser wrote is none.',
    });
  });

  test('goes on after a print that failed', async () => {
    await expect(printPdf('<p>', { browser: null })).rejects.toThrow();
    await expect(printPdf('<p>', { browser: join(folder, 'none') })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

const browser = findBrowser();
const pdfToText = program('pdftotext');
const canRead = browser !== null && pdfToText !== null;

describe('a report through an installed browser (left out without Chromium and poppler-utils)', () => {
  test.runIf(canRead)(
    'prints hostile text as text, in a PDF without scripts, links or anything attached',
    async () => {
      const texts = [...Object.values(hostileTexts), hugeText()];
      const html = renderHtml(
        buildRetrospective(
          floodInput({
            case: {
              ...floodState,
              title: hostileTexts.markup,
              notes: texts.map((markdown, index) => ({
                id: `no_${index}`,
                markdown,
                writerName: 'R. Okafor',
                addedMs: 0,
                revisedMs: null,
              })),
              tasks: texts.map((title, index) => ({
                id: `ta_${index}`,
                title,
                done: false,
                assignee: null,
                addedMs: 0,
                ...plainTask,
              })),
            },
          }),
        ),
      );
      const bytes = await printPdf(html, { browser, temporaryFolder: folder });
      expect(leftovers()).toEqual([]);
      const path = join(folder, 'report.pdf');
      writeFileSync(path, bytes);
      const text = execFileSync('pdftotext', ['-layout', path, '-'], {
        encoding: 'utf8',
        maxBuffer: 64_000_000,
      });
      for (const name of [...Object.keys(hostileTexts), 'huge']) expect(text).toContain(`hostile-${name}`);
      expect(text).toContain('</script><script>globalThis.__owned=1</script>');
      expect(text).toContain('\\x1b[31mred');
      expect(text).toContain('invoice\\u202efdp.exe');
      expect(text).not.toMatch(/[\p{Bidi_Control}]|[^\P{Cc}\n\f]/u);
      const pages = text.split('\f').filter((page) => page.trim() !== '');
      expect(pages.length).toBeGreaterThan(3);
      expect(pages.length).toBeLessThan(40);
      // The sharing label stands in head and foot of every page.
      expect(
        pages.map((page) => page.match(/TLP:AMBER\+STRICT/g)?.length ?? 0).filter((count) => count < 2),
      ).toEqual([]);
      expect(Buffer.from(bytes).toString('latin1')).not.toMatch(
        /\/(JavaScript|JS|Launch|URI|EmbeddedFile)\b/,
      );
    },
    60_000,
  );
});
