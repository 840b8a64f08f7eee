import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extractFile, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { needsNoSandbox } from '../dev/browser.mjs';
import { cacheFolder, nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { testElectronDistribution, testElectronProgram, testElectronVersion } from '../dev/test-electron.mjs';
import { connectDevtools, devtoolsPort } from './devtools.ts';
import { expect, startDisplay, test } from './fixtures.ts';

/** The distribution as electron-builder expects it: its program is called `electron`. */
function distributionToPack(): string {
  const folder = join(cacheFolder, `electron-${testElectronVersion}-to-pack`);
  if (!existsSync(join(folder, 'electron'))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(cacheFolder, { recursive: true });
    spawnSync('cp', ['-al', testElectronDistribution(), folder]);
    renameSync(join(folder, testElectronProgram), join(folder, 'electron'));
  }
  return folder;
}

/** Runs `npm run package -- --dir` and gives the folder of the packed app. */
function pack(kind: 'release' | 'test'): string {
  const output = join(cacheFolder, 'packed', kind);
  const result = spawnSync(
    nodeBinary(),
    [
      join(root, 'electron', 'dev', 'package.mjs'),
      '--dir',
      '--electron-dist',
      distributionToPack(),
      '--electron-version',
      testElectronVersion,
      '--out',
      output,
      ...(kind === 'test' ? ['--test-build'] : []),
    ],
    { cwd: root, encoding: 'utf8', env: projectEnvironment() },
  );
  expect(result.status, result.stdout + result.stderr).toBe(0);
  return join(output, 'linux-unpacked');
}

function filesOf(archive: string): readonly string[] {
  return listPackage(archive, { isPack: false });
}

/** Every script of the packed app, from the archive and beside it. */
function scriptsOf(app: string): ReadonlyMap<string, string> {
  const archive = join(app, 'resources', 'app.asar');
  return new Map(
    filesOf(archive)
      .filter((path) => /^\/dist\/electron\/.*\.cjs$/.test(path))
      .map((path) => [path, extractFile(archive, path.slice(1)).toString('utf8')]),
  );
}

/** The scripts that read a setting which only tests may use. */
function runnerSettingsIn(app: string): readonly string[] {
  return [...scriptsOf(app)]
    .filter(([, text]) => /env\W+WATCHFLOOR_(CORE_NODE|FAULT_POINT|HOLD_WINDOW)/.test(text))
    .map(([path]) => path);
}

test('a packed test build starts, shows its first screen and ends cleanly', async ({ dataDir }) => {
  const app = pack('test');
  expect(runnerSettingsIn(app)).not.toEqual([]);
  const display = await startDisplay();
  const child = spawn(
    join(app, 'watchfloor'),
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
        ...(display === null ? {} : { DISPLAY: display.name }),
      }),
    },
  );
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  try {
    const page = await connectDevtools(await devtoolsPort(child));
    await page.waitFor("document.readyState === 'complete' && document.title === 'Watchfloor'");
    // At first the range runs, and says so: something that the page can only know from the core and its database.
    await page.waitFor("document.body.innerText.includes('SIMULATED')");
    expect(await page.evaluate('location.href')).toBe('app://watchfloor/index.html');
    page.close();
  } finally {
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await display?.stop();
  }
  expect(readdirSync(dataDir)).toContain('shell');
});

test('a release is the app and nothing else', async ({ dataDir }) => {
  const app = pack('release');

  await test.step('no setting names another program to run the core', () => {
    const scripts = scriptsOf(app);
    expect([...scripts.keys()]).toEqual(
      expect.arrayContaining([
        '/dist/electron/main.cjs',
        '/dist/electron/preload.cjs',
        '/dist/electron/core.cjs',
      ]),
    );
    expect(runnerSettingsIn(app)).toEqual([]);
  });

  await test.step('fuses: no Node mode, no options, no debugger, only the archive', async () => {
    const fuses = await getCurrentFuseWire(join(app, 'watchfloor'));
    expect({
      runAsNode: fuses[FuseV1Options.RunAsNode],
      nodeOptions: fuses[FuseV1Options.EnableNodeOptionsEnvironmentVariable],
      inspect: fuses[FuseV1Options.EnableNodeCliInspectArguments],
      onlyArchive: fuses[FuseV1Options.OnlyLoadAppFromAsar],
      integrity: fuses[FuseV1Options.EnableEmbeddedAsarIntegrityValidation],
    }).toEqual({
      runAsNode: FuseState.DISABLE,
      nodeOptions: FuseState.DISABLE,
      inspect: FuseState.DISABLE,
      onlyArchive: FuseState.ENABLE,
      integrity: FuseState.ENABLE,
    });
  });

  await test.step('the core and SQLite lie beside the archive, the shell in it, nothing else anywhere', () => {
    const resources = join(app, 'resources');
    const beside = join(resources, 'app.asar.unpacked');
    expect(existsSync(join(beside, 'dist', 'electron', 'core.cjs'))).toBe(true);
    expect(existsSync(join(beside, 'dist', 'electron', 'main.cjs'))).toBe(false);
    expect(
      readdirSync(join(beside, 'node_modules', 'better-sqlite3', 'prebuilds')).filter((name) =>
        /^(darwin|win32)/.test(name),
      ),
    ).toEqual([]);
    const tops = new Set(filesOf(join(resources, 'app.asar')).map((path) => path.split('/')[1]));
    expect([...tops].sort()).toEqual(['dist', 'node_modules', 'package.json']);
    const modules = filesOf(join(resources, 'app.asar')).filter((path) =>
      /^\/node_modules\/[^/]+$/.test(path),
    );
    expect(modules).toEqual(['/node_modules/better-sqlite3']);
  });

  await test.step('the core knows where addresses come from, by data that lie beside it once', () => {
    const command = join(app, 'resources', 'app.asar.unpacked', 'dist', 'electron', 'cli.cjs');
    const run = (...words: readonly string[]) =>
      spawnSync(nodeBinary(), [command, ...words, '--data-dir', join(dataDir, 'data')], { encoding: 'utf8' })
        .stdout;
    const records = join(dataDir, 'eve.json');
    const record = {
      timestamp: '2026-03-04T02:14:07.000000+0000',
      event_type: 'alert',
      src_ip: '8.8.8.8',
      alert: { signature: 'From afar' },
    };
    writeFileSync(records, `${JSON.stringify(record)}\n`);
    run('ingest', '--source', 'suricata-eve', records);
    expect(run('alerts', '--query', 'asn:15169 country:US')).toContain('From afar');
    const copies = filesOf(join(app, 'resources', 'app.asar')).filter((path) => path.endsWith('.bin'));
    expect(copies).toEqual(['/dist/resources/addresses.bin']);
  });
});
