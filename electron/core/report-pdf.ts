import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { findBrowser, needsNoSandbox } from '../dev/browser.mjs';

export interface PrintPdfOptions {
  /** The browser to print with; null: there is none. Looked for where it is not given. */
  readonly browser?: string | null;
  /** After this the browser is ended. */
  readonly timeoutMs?: number;
  /** Where the private folder of one print is made. */
  readonly temporaryFolder?: string;
}

const defaultTimeoutMs = 60_000;
const mostHtmlBytes = 64 * 1024 * 1024;
const mostPdfBytes = 256 * 1024 * 1024;
const keptErrorBytes = 4_000;

/** Printing starts a whole browser: one at a time. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Prints a self-contained HTML document on A4 to PDF with an installed Chromium, Chrome or Edge: headless, an empty
 * profile of its own, no network; the report's own policy keeps scripts off. What passes through the disk lies in a
 * folder that only this user can read, and is removed in any case.
 *
 * @returns the PDF's bytes
 * @throws {WatchfloorError} `unavailable` without a browser or when it fails, `timed-out`, `too-large`
 */
export function printPdf(html: string, options: PrintPdfOptions = {}): Promise<Uint8Array> {
  const result = last.then(() => print(html, options));
  last = result.catch(() => undefined);
  return result;
}

async function print(html: string, options: PrintPdfOptions): Promise<Uint8Array> {
  const browser = options.browser === undefined ? findBrowser() : options.browser;
  if (browser === null) {
    throw new WatchfloorError(
      'unavailable',
      'No PDF was made: it needs Chromium, Chrome or Edge, and none was found. Install one, or name it in WATCHFLOOR_BROWSER. HTML and Markdown need none.',
    );
  }
  const bytes = Buffer.from(html, 'utf8');
  if (bytes.length > mostHtmlBytes) {
    throw new WatchfloorError('too-large', 'No PDF was made: the report is larger than 64 MB.');
  }
  const folder = await mkdtemp(join(options.temporaryFolder ?? tmpdir(), 'watchfloor-print-'));
  try {
    await chmod(folder, 0o700);
    const source = join(folder, 'report.html');
    const output = join(folder, 'report.pdf');
    await writeFile(source, bytes, { mode: 0o600 });
    await run(browser, browserArguments(folder, source, output), options.timeoutMs ?? defaultTimeoutMs);
    return await readPdf(output);
  } finally {
    // The browser's last processes may still be writing their profile away.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function browserArguments(folder: string, source: string, output: string): string[] {
  return [
    '--headless',
    ...(needsNoSandbox() ? ['--no-sandbox'] : []),
    `--user-data-dir=${join(folder, 'profile')}`,
    `--print-to-pdf=${output}`,
    '--no-pdf-header-footer',
    '--generate-pdf-document-outline',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-extensions',
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-breakpad',
    '--no-first-run',
    '--no-default-browser-check',
    pathToFileURL(source).href,
  ];
}

/** Runs the browser to its end, in a process group of its own, so that ending it ends its children too. */
function run(browser: string, programArguments: readonly string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const hasGroup = process.platform !== 'win32';
    const child = spawn(browser, programArguments, {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: hasGroup,
      windowsHide: true,
    });
    let errors = '';
    let isLate = false;
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-keptErrorBytes);
    });
    const end = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(hasGroup ? -child.pid : child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    };
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, timeoutMs);
    process.once('exit', end);
    const settle = () => {
      clearTimeout(timer);
      process.removeListener('exit', end);
    };
    child.on('error', (error) => {
      settle();
      reject(new WatchfloorError('unavailable', `No PDF was made: ${browser} did not start.`, error.message));
    });
    child.on('exit', (code) => {
      settle();
      end();
      if (isLate) {
        const seconds = Math.round(timeoutMs / 1_000);
        reject(
          new WatchfloorError('timed-out', `No PDF was made: ${browser} took longer than ${seconds} s.`),
        );
      } else if (code !== 0) {
        reject(new WatchfloorError('unavailable', `No PDF was made: ${browser} failed.`, errors.trim()));
      } else {
        resolve();
      }
    });
  });
}

async function readPdf(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new WatchfloorError('unavailable', 'No PDF was made: the browser ended without writing it.');
  }
  if (found.size > mostPdfBytes) {
    throw new WatchfloorError('too-large', 'No PDF was made: it would be larger than 256 MB.');
  }
  const bytes = await readFile(path);
  if (bytes.subarray(0, 5).toString('latin1') !== '%PDF-') {
    throw new WatchfloorError('unavailable', 'No PDF was made: what the browser wrote is none.');
  }
  return new Uint8Array(bytes);
}
