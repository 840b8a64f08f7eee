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
import { existsSync, readFileSync, rmSync } from 'node:fs';
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
  const built = join(cacheFolder, 'package', values['test-build'] ? 'test' : 'release');
  const buildScript = join(root, 'electron', 'dev', 'build.mjs');
  const code = runNode([buildScript, '--out', built, ...(values['test-build'] ? [] : ['--release'])]);
  if (code !== 0) {
    return code;
  }
  const output = resolve(values.out);
  rmSync(output, { recursive: true, force: true });
  const { build } = await import('electron-builder');
  await build({
    projectDir: root,
    dir: values.dir,
    publish: 'never',
    config: {
      extends: join(root, 'electron-builder.yml'),
      directories: { output },
      // The build for this package, not whatever lies in dist/.
      files: ['!dist/**', { from: built, to: 'dist', filter: ['**/*', '!.*.stamp'] }],
      ...distributionSettings(values['electron-dist'], values['electron-version']),
    },
  });
  say(`packed in ${output}`);
  return 0;
}

await runMain(main);
