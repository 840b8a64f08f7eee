/**
 * `npm run package`: a release build, packed by electron-builder to release/.
 *
 *   npm run package                        the installers of this system
 *   npm run package -- --dir               the unpacked app alone; offline, given an Electron distribution
 *   npm run package -- --electron-dist D   use the Electron that lies in folder D instead of downloading one
 *   npm run package -- --electron-version V  its version, where D has no file `version`
 *   npm run package -- --test-build        with the settings that only tests may use
 *   npm run package -- --out D             to folder D
 */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  cacheFolder,
  ensureInstalled,
  nodeBinary,
  root,
  runInForeground,
  runMain,
  runNode,
  say,
} from './setup.mjs';

/**
 * @param {string | undefined} folder
 * @param {string | undefined} version
 * @returns {{ electronDist?: string, electronVersion?: string }}
 */
function distributionSettings(folder, version) {
  const installed = join(root, 'node_modules', 'electron', 'dist');
  const electronDist = folder ?? (existsSync(join(installed, 'version')) ? installed : undefined);
  if (electronDist === undefined) {
    return {};
  }
  const versionFile = join(electronDist, 'version');
  const electronVersion =
    version ??
    (existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') : undefined);
  if (electronVersion === undefined) {
    throw new Error(`${electronDist} does not say its version: add --electron-version.`);
  }
  return { electronDist: resolve(electronDist), electronVersion };
}

/**
 * Lays out the app to pack beside its build: the manifest and the one module that is not bundled. So a package never
 * depends on what lies in dist/, and nothing of the checkout can slip in.
 * @param {string} stage
 */
function stageApp(stage) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { name, productName, version, description, license, author, main, dependencies } = manifest;
  writeFileSync(
    join(stage, 'package.json'),
    JSON.stringify({ name, productName, version, description, license, author, main, dependencies }, null, 2),
  );
  const modules = join(stage, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  // The second is what the first says it needs; it holds headers for compilers alone and is not packed.
  for (const module of ['better-sqlite3', 'node-addon-api']) {
    cpSync(join(root, 'node_modules', module), join(modules, module), { recursive: true });
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      dir: { type: 'boolean', default: false },
      'electron-dist': { type: 'string' },
      'electron-version': { type: 'string' },
      'test-build': { type: 'boolean', default: false },
      out: { type: 'string', default: join(root, 'release') },
    },
  });
  ensureInstalled();
  if (Number(process.versions.node.split('.')[0]) < 22) {
    return runInForeground(nodeBinary(), process.argv.slice(1));
  }
  const stage = join(cacheFolder, 'package', values['test-build'] ? 'test' : 'release');
  const built = join(stage, 'dist');
  const buildScript = join(root, 'electron', 'dev', 'build.mjs');
  const code = runNode([buildScript, '--out', built, ...(values['test-build'] ? [] : ['--release'])]);
  if (code !== 0) {
    return code;
  }
  stageApp(stage);
  const output = resolve(values.out);
  rmSync(output, { recursive: true, force: true });
  const distribution = distributionSettings(values['electron-dist'], values['electron-version']);
  const isOld = Number.parseInt(distribution.electronVersion ?? '999', 10) < 30;
  const { build } = await import('electron-builder');
  await build({
    projectDir: root,
    dir: values.dir,
    publish: 'never',
    config: {
      extends: join(root, 'electron-builder.yml'),
      directories: { output, app: stage },
      ...distribution,
      // A fuse that came after Electron 25; asked to set one that is not there, the packer sets none at all.
      ...(isOld ? {} : { electronFuses: { grantFileProtocolExtraPrivileges: false } }),
    },
  });
  say(`packed in ${output}`);
  return 0;
}

await runMain(main);
