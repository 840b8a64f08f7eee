import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { projectEnvironment, root } from '../dev/setup.mjs';
import { expect, startDisplay, test } from './fixtures.ts';
import { descendantsOf, endProcess, listProcesses } from './processes.ts';

interface Started {
  readonly child: ChildProcess;
  /** Standard output and standard error so far. */
  output(): string;
  exit(): Promise<number | null>;
}

/** Runs `npm start` as a person would, with the machine's own Node. */
function npmStart(dataDir: string, args: readonly string[], display: string | null): Started {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...environment } = process.env;
  const child = spawn('npm', ['start', '--', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      WATCHFLOOR_DATA_DIR: dataDir,
      ...(display === null ? {} : { DISPLAY: display }),
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const exit = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return { child, output: () => text, exit: () => exit };
}

/** Ctrl+C in a terminal goes to the script that npm runs. */
function pressControlC(started: Started): readonly number[] {
  const below = descendantsOf(started.child.pid ?? -1);
  const script = below.find((each) => each.commandLine[1]?.endsWith('start.mjs'));
  endProcess(script?.pid, 'SIGINT');
  return below.map((each) => each.pid);
}

function addressIn(text: string): string | null {
  return /^ready (\S+)$/m.exec(text)?.[1] ?? null;
}

async function expectAllGone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => listProcesses().filter((each) => pids.includes(each.pid))).toEqual([]);
}

test('npm start without a display serves, prints the address, and Ctrl+C ends everything', async ({
  dataDir,
}) => {
  const started = npmStart(dataDir, ['--port', '0'], null);
  await expect.poll(() => addressIn(started.output()), { timeout: 60_000 }).not.toBeNull();
  expect(started.output()).toContain('there is no display: serving on this machine');
  const address = new URL(addressIn(started.output()) ?? '');
  expect(address.hostname).toBe('127.0.0.1');
  expect((await fetch(address)).status).toBe(200);
  const pids = pressControlC(started);
  expect(await started.exit()).toBe(130);
  await expectAllGone(pids);
  await expect(fetch(address)).rejects.toThrow();
});

test('npm start opens the app in a browser window, and no program argument holds the token', async ({
  dataDir,
}) => {
  const display = await startDisplay();
  const started = npmStart(
    dataDir,
    ['--browser', '--port', '0'],
    display?.name ?? process.env.DISPLAY ?? null,
  );
  try {
    await expect.poll(() => addressIn(started.output()), { timeout: 60_000 }).not.toBeNull();
    const token = new URL(addressIn(started.output()) ?? '').hash.replace(/^#(token=)?/, '');
    expect(token.length).toBeGreaterThan(20);
    const below = () => descendantsOf(started.child.pid ?? -1);
    // A renderer process for the page: the window is open. Chromium rewrites its children's words into one.
    await expect
      .poll(() => below().some((each) => each.commandLine.join(' ').includes('--type=renderer')), {
        timeout: 30_000,
      })
      .toBe(true);
    const leaking = listProcesses().filter((each) => each.commandLine.some((word) => word.includes(token)));
    expect(leaking).toEqual([]);
    const pids = pressControlC(started);
    expect(await started.exit()).toBe(130);
    await expectAllGone(pids);
  } finally {
    started.child.kill('SIGKILL');
    await display?.stop();
  }
});

test('the command line from a checkout keeps standard output for its own words', async ({ dataDir }) => {
  const run = (...words: readonly string[]) => {
    const result = spawnSync('npm', ['run', '-s', 'watchfloor', '--', ...words], {
      cwd: root,
      encoding: 'utf8',
      env: projectEnvironment({ WATCHFLOOR_DATA_DIR: dataDir }),
    });
    return { code: result.status, stdout: result.stdout, hasWords: result.stderr.length > 0 };
  };
  expect(run('no-such-command')).toEqual({ code: 2, stdout: '', hasWords: true });
  expect(run('alerts', '--no-such-option')).toEqual({ code: 2, stdout: '', hasWords: true });
  const help = run('alerts', '--help');
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('watchfloor alerts');
});
