import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { contentPolicy } from '../../shared/api/content-policy.ts';
import { reportStyleHash } from '../../shared/report/report-style.ts';
import { needsNoSandbox } from '../dev/browser.mjs';
import { nodeBinary, projectEnvironment } from '../dev/setup.mjs';
import { testElectronWithCheckout } from '../dev/test-electron.mjs';
import { connectDevtools, devtoolsPort } from './devtools.ts';
import { test as base, expect, type OpenedApp, openApp, startHost } from './fixtures.ts';
import { coreProcessOf, descendantsOf, endProcess } from './processes.ts';

/** Starting the shell costs a second, so one serves the whole file; each test loads the page anew. */
const test = base.extend<{ page: Page }, { shared: OpenedApp }>({
  shared: [
    async ({ place, newContext, displayName }, use) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'watchfloor-shell-'));
      const app = await openApp({ place, newContext, displayName }, { dataDir });
      await use(app);
      await app.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
    { scope: 'worker' },
  ],
  page: async ({ shared }, use) => {
    shared.problems.length = 0;
    await shared.page.reload();
    await use(shared.page);
  },
});

function shellOf(app: OpenedApp): NonNullable<OpenedApp['shell']> {
  if (app.shell === null) throw new Error('This test needs the desktop shell.');
  return app.shell;
}

function pidOf(app: OpenedApp): number {
  return shellOf(app).process().pid ?? -1;
}

test('the page loads under its own scheme and policy, without a violation', async ({ page, shared }) => {
  await expect(page).toHaveTitle('Watchfloor');
  await expect(page.getByText('SIMULATED').first()).toBeVisible({ timeout: 30_000 });
  const answer = await page.evaluate(async () => {
    const response = await fetch(location.href);
    return {
      address: location.href,
      policy: response.headers.get('content-security-policy'),
      sniff: response.headers.get('x-content-type-options'),
    };
  });
  expect(answer).toEqual({
    address: 'app://watchfloor/index.html',
    policy: contentPolicy({ styleHashes: [reportStyleHash] }),
    sniff: 'nosniff',
  });
  expect(shared.problems).toEqual([]);
});

test('the page has no Node, no bridge of functions, a sandbox and a world of its own', async ({
  page,
  shared,
}) => {
  expect(
    await page.evaluate(() => ({
      require: typeof Reflect.get(globalThis, 'require'),
      process: typeof Reflect.get(globalThis, 'process'),
      buffer: typeof Reflect.get(globalThis, 'Buffer'),
      ipc: typeof Reflect.get(globalThis, 'ipcRenderer'),
    })),
  ).toEqual({ require: 'undefined', process: 'undefined', buffer: 'undefined', ipc: 'undefined' });
  const preferences = await shellOf(shared).evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const read = contents === undefined ? undefined : Reflect.get(contents, 'getLastWebPreferences');
    const all: Record<string, unknown> = typeof read === 'function' ? read.call(contents) : {};
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = all;
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
  });
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
});

test('files outside the built page cannot be read', async ({ page, shared }) => {
  const answers = await page.evaluate(async () => {
    const statuses: (number | string)[] = [];
    for (const path of [
      'app://watchfloor/../package.json',
      'app://watchfloor/%2e%2e/%2e%2e/package.json',
      'app://watchfloor/..%2f..%2fpackage.json',
      'app://watchfloor/%00',
      'app://watchfloor/%E0%A4%A',
      'app://elsewhere/index.html',
      'file:///etc/passwd',
      'http://127.0.0.1:9/',
    ]) {
      try {
        statuses.push((await fetch(path)).status);
      } catch {
        statuses.push('refused');
      }
    }
    return statuses;
  });
  expect(answers).toEqual([404, 404, 404, 'refused', 404, 'refused', 'refused', 'refused']);
  // The page was asked to break its own policy, and said so.
  shared.problems.length = 0;
});

test('permissions are refused, but for writing to the clipboard', async ({ page }) => {
  const states = await page.evaluate(async () => {
    const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'];
    const entries = await Promise.all(
      names.map(async (name) => {
        const state = await navigator.permissions.query({ name: name as PermissionName });
        return [name, state.state] as const;
      }),
    );
    return Object.fromEntries(entries);
  });
  expect(states).toEqual({
    geolocation: 'denied',
    notifications: 'denied',
    camera: 'denied',
    microphone: 'denied',
    'clipboard-read': 'denied',
    midi: 'denied',
  });
  expect(
    await page.evaluate(async () => {
      const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'given',
        () => 'refused',
      );
      const place = await new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('given'),
          () => resolve('refused'),
        );
      });
      return { media, place, notification: await Notification.requestPermission() };
    }),
  ).toEqual({ media: 'refused', place: 'refused', notification: 'denied' });
});

test('no new window opens', async ({ page, shared }) => {
  expect(await page.evaluate(() => window.open('https://example.invalid/') === null)).toBe(true);
  expect(await page.evaluate(() => window.open('app://watchfloor/index.html') === null)).toBe(true);
  expect(await shellOf(shared).evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('a core that dies is started again and the page is given a new port', async ({ page, shared }) => {
  // The loaded page's own port has come, and is not taken for the new one.
  await expect(page.getByText('SIMULATED').first()).toBeVisible({ timeout: 30_000 });
  const before = coreProcessOf(pidOf(shared));
  expect(before).not.toBeNull();
  await page.evaluate(() => {
    const states: string[] = [];
    Reflect.set(globalThis, 'shellStates', states);
    window.addEventListener('message', (event) => {
      states.push(event.ports.length > 0 ? 'port' : String(event.data?.state?.state));
    });
  });
  endProcess(before?.pid, 'SIGKILL');
  await expect
    .poll(() => page.evaluate(() => Reflect.get(globalThis, 'shellStates')))
    .toEqual(['restarting', 'starting', 'ready', 'port']);
  const after = coreProcessOf(pidOf(shared));
  expect(after?.pid).not.toBe(before?.pid);
  await expect(page.getByText('SIMULATED').first()).toBeVisible({ timeout: 30_000 });
});

test('a message that does not come from the page itself gets no port', async ({ page, shared }) => {
  // A frame inside the page has no bridge: nothing is exposed to it, and the shell answers only the top frame.
  const frames = await page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.srcdoc = '<p>inside</p>';
    document.body.append(frame);
    return typeof Reflect.get(frame.contentWindow ?? {}, 'ipcRenderer');
  });
  expect(frames).toBe('undefined');
  shared.problems.length = 0;
});

test('a navigation away is refused', async ({ page, shared }) => {
  await page.evaluate(() => {
    location.href = 'https://example.invalid/';
  });
  await shellOf(shared).evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  expect(
    await shellOf(shared).evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.getURL(),
    ),
  ).toBe('app://watchfloor/index.html');
});

test('a page whose process dies is loaded again', async ({ displayName, dataDir }) => {
  // Started bare: a driver that holds on to the page would hold up the new one.
  const display = await displayName();
  const child = spawn(
    testElectronWithCheckout(),
    [
      ...(needsNoSandbox() ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--remote-debugging-port=0',
      `--data-dir=${dataDir}`,
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: projectEnvironment({
        WATCHFLOOR_CORE_NODE: nodeBinary(),
        ...(display === null ? {} : { DISPLAY: display }),
      }),
    },
  );
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const renderer = () =>
    descendantsOf(child.pid ?? -1).find((each) => each.commandLine.join(' ').includes('--type=renderer'))
      ?.pid;
  try {
    const port = await devtoolsPort(child);
    const before = await connectDevtools(port);
    await before.waitFor("document.body.innerText.includes('SIMULATED')");
    before.close();
    const dying = renderer();
    endProcess(dying, 'SIGKILL');
    await expect
      .poll(() => {
        const now = renderer();
        return now !== undefined && now !== dying;
      })
      .toBe(true);
    const after = await connectDevtools(port);
    await after.waitFor("document.body.innerText.includes('SIMULATED')");
    after.close();
  } finally {
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
});

test('a data directory that another core holds is refused in words, and nothing of it is touched', async ({
  place,
  newContext,
  displayName,
  dataDir,
}) => {
  const host = await startHost({ dataDir });
  const app = await openApp({ place, newContext, displayName }, { dataDir });
  try {
    await expect(app.page.getByText('Another Watchfloor', { exact: false }).first()).toBeVisible();
  } finally {
    await app.close();
    expect(await host.stop()).toBe(0);
  }
});

test('a second start on the same data ends at once; closing leaves no process and remembers the window', async ({
  shared,
  place,
  newContext,
  displayName,
}) => {
  await expect(openApp({ place, newContext, displayName }, { dataDir: shared.dataDir })).rejects.toThrow();
  const pids = [pidOf(shared), ...descendantsOf(pidOf(shared)).map((each) => each.pid)];
  await shared.close();
  const isAlive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  const state: unknown = JSON.parse(readFileSync(join(shared.dataDir, 'shell', 'window.json'), 'utf8'));
  expect(state).toMatchObject({ maximized: false, fullScreen: false });
});
