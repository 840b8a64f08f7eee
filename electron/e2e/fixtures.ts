import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  type Browser,
  type BrowserContext,
  test as base,
  chromium,
  type ElectronApplication,
  _electron as electron,
  expect,
  type Page,
} from '@playwright/test';
import { findBrowser, needsNoSandbox } from '../dev/browser.mjs';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { testElectronWithCheckout } from '../dev/test-electron.mjs';

/** Where a flow runs: in an installed browser on the loopback host, or in the real desktop shell. */
export type Place = 'browser' | 'shell';

export interface HostOptions {
  /** Made, and removed after the test, when it is not given. */
  readonly dataDir?: string;
  /** More words for `watchfloor serve`, or for the shell. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** In the browser: `watchfloor review` of this file instead of `serve`. */
  readonly review?: string;
}

/** A running `watchfloor serve`. */
export interface RunningHost {
  /** With the token in its fragment. */
  readonly address: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** All of what it said on standard error so far. */
  stderr(): string;
  /** How it ended and its last words, where nobody asked it to; else null. */
  endedByItself(): string | null;
  /** Asks it to end and waits until it has; gives its exit code. */
  stop(): Promise<number | null>;
  /** Ends it the hard way, as a crash would. */
  kill(): Promise<void>;
}

export interface OpenedApp {
  readonly place: Place;
  readonly page: Page;
  readonly dataDir: string;
  /** The loopback host, in the browser. */
  readonly host: RunningHost | null;
  /** Electron, in the shell. */
  readonly shell: ElectronApplication | null;
  /** Console errors, uncaught errors and policy violations of the page so far. A test that expects some empties it. */
  readonly problems: string[];
  close(): Promise<void>;
}

const startTimeoutMs = 30_000;

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

/** Starts the built command line's `serve` on a free port and waits for its `ready` line. */
export async function startHost(options: HostOptions & { readonly dataDir: string }): Promise<RunningHost> {
  const child = spawn(
    nodeBinary(),
    [
      join(root, 'dist', 'electron', 'cli.cjs'),
      ...(options.review === undefined ? ['serve'] : ['review', options.review]),
      '--data-dir',
      options.dataDir,
      '--port',
      '0',
      ...(options.args ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: projectEnvironment({ ...options.env }) },
  );
  let wasAsked = false;
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const address = await new Promise<string>((resolve, reject) => {
    let stdout = '';
    const timer = setTimeout(() => fail('did not say ready in 30 s'), startTimeoutMs);
    const fail = (what: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`watchfloor serve ${what}: ${stderr}`));
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      const found = /^ready (\S+)$/m.exec(stdout)?.[1];
      if (found !== undefined) {
        clearTimeout(timer);
        resolve(found);
      }
    });
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code) => fail(`ended with ${code}`));
  });
  return {
    address,
    dataDir: options.dataDir,
    process: child,
    stderr: () => stderr,
    endedByItself: () => {
      const end = child.exitCode ?? child.signalCode;
      return end === null || wasAsked ? null : `watchfloor serve ended with ${end}: ${stderr.slice(-2_000)}`;
    },
    stop: async () => {
      wasAsked = true;
      child.kill('SIGTERM');
      return exitOf(child);
    },
    kill: async () => {
      wasAsked = true;
      child.kill('SIGKILL');
      await exitOf(child);
    },
  };
}

/** Starts an X server of its own on a free display, where there is none; null where there is one. */
export async function startDisplay(): Promise<{ readonly name: string; stop(): Promise<void> } | null> {
  if (process.platform !== 'linux' || process.env.DISPLAY) return null;
  const child = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp', '-noreset'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  const output = child.stdio[3] as Readable;
  const name = await new Promise<string>((resolve, reject) => {
    let text = '';
    output.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(`:${text.trim()}`);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
  });
  return {
    name,
    stop: async () => {
      child.kill('SIGTERM');
      await exitOf(child);
    },
  };
}

/** Starts the installed Chromium, Chrome or Edge, without a window. */
export function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error('There is no Chromium, Chrome or Edge on this machine.');
  return chromium.launch({ executablePath, args: needsNoSandbox() ? ['--no-sandbox'] : [] });
}

/** Collects what no page of ours may ever say. */
export function watchProblems(page: Page, problems: string[] = []): string[] {
  page.on('console', (message) => {
    // The report's frame runs nothing, not even what Playwright puts into every frame.
    if (message.text().startsWith("Blocked script execution in 'about:srcdoc'")) return;
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  void page
    .addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`),
      );
    })
    .catch(() => undefined);
  return problems;
}

async function openShell(
  options: HostOptions & { readonly dataDir: string },
  display: string | null,
): Promise<ElectronApplication> {
  const shell = await electron.launch({
    executablePath: testElectronWithCheckout(),
    timeout: startTimeoutMs,
    args: [
      ...(needsNoSandbox() ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--data-dir=${options.dataDir}`,
      ...(options.args ?? []),
    ],
    env: stringsOf(
      projectEnvironment({
        ...options.env,
        WATCHFLOOR_CORE_NODE: nodeBinary(),
        WATCHFLOOR_HOLD_WINDOW: '1',
        ...(display === null ? {} : { DISPLAY: display }),
      }),
    ),
  });
  await shell.evaluate(async ({ app }) => {
    await app.whenReady();
    Reflect.get(globalThis, 'watchfloorShowWindow')();
  });
  return shell;
}

function stringsOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Opens the app in one place; the caller closes it. Most tests take the fixture of the same name instead. */
export async function openApp(
  tools: WorkerFixtures,
  options: HostOptions & { readonly dataDir: string },
): Promise<OpenedApp> {
  const problems: string[] = [];
  const { place } = tools;
  const { dataDir } = options;
  if (place === 'browser') {
    const host = await startHost(options);
    const context = await tools.newContext();
    const page = await context.newPage();
    watchProblems(page, problems);
    // Told of from the beginning: begun with the first wait, the key that opens a chooser could come before.
    page.on('filechooser', () => undefined);
    await page.goto(host.address);
    const close = lazily(async () => {
      await context.close();
      await host.stop();
    }).value;
    return { place, page, dataDir, host, shell: null, problems, close };
  }
  const shell = await openShell(options, await tools.displayName());
  const page = await shell.firstWindow();
  watchProblems(page, problems);
  const close = lazily(async () => shell.close()).value;
  return { place, page, dataDir, host: null, shell, problems, close };
}

type TestFixtures = {
  /** A folder of the test's own, removed afterwards. */
  readonly dataDir: string;
  /** Opens the app in the project's place. Closed after the test, which fails when its page had problems. */
  readonly openApp: (options?: HostOptions) => Promise<OpenedApp>;
};
type WorkerFixtures = {
  readonly place: Place;
  /** Starts an X display when first asked: its name, or null where the environment has one. */
  readonly displayName: () => Promise<string | null>;
  /** Starts the installed browser when first asked and opens a context in it. */
  readonly newContext: () => Promise<BrowserContext>;
};

/** Playwright's `test` with the app in it: `openApp`, `dataDir`, `place`. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  place: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are used from this pattern.
    async ({}, use, info) => {
      await use(info.project.name === 'shell' ? 'shell' : 'browser');
    },
    { scope: 'worker' },
  ],
  displayName: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are used from this pattern.
    async ({}, use) => {
      const start = lazily(startDisplay);
      await use(async () => (await start.value())?.name ?? null);
      await (await start.started())?.stop();
    },
    { scope: 'worker' },
  ],
  newContext: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are used from this pattern.
    async ({}, use) => {
      const browser = lazily(startBrowser);
      await use(async () => {
        const context = await (await browser.value()).newContext({ viewport: { width: 1440, height: 900 } });
        // What cannot be pressed fails with its own words, not by the whole test's time running out.
        context.setDefaultTimeout(30_000);
        return context;
      });
      await (await browser.started())?.close();
    },
    { scope: 'worker' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are used from this pattern.
  dataDir: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'watchfloor-e2e-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  },
  openApp: async ({ place, dataDir, newContext, displayName }, use, info) => {
    const opened: OpenedApp[] = [];
    await use(async (options = {}) => {
      const app = await openApp({ place, newContext, displayName }, { dataDir, ...options });
      opened.push(app);
      return app;
    });
    if (info.status !== info.expectedStatus) {
      for (const [index, app] of opened.entries()) {
        const path = info.outputPath(`page-${index + 1}.png`);
        await app.page.screenshot({ path }).catch(() => undefined);
      }
    }
    const ended = opened.flatMap(({ host }) => (host === null ? [] : (host.endedByItself() ?? [])));
    for (const app of opened) await app.close();
    // What a page shows without its host explains nothing.
    if (info.status !== info.expectedStatus && ended.length > 0) throw new Error(ended.join('\n'));
    if (info.status === info.expectedStatus) {
      expect(opened.flatMap((app) => app.problems)).toEqual([]);
    }
  },
});

/** Work that is done at most once, when it is first asked for. */
function lazily<Value>(work: () => Promise<Value>): {
  value(): Promise<Value>;
  started(): Promise<Value | null>;
} {
  let result: Promise<Value> | null = null;
  return {
    value: () => {
      result ??= work();
      return result;
    },
    started: async () => result,
  };
}

export { expect };
