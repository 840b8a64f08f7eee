/**
 * Builds the renderer to dist/renderer, the Node side to dist/electron and copies resources to dist/resources.
 * A part whose sources did not change since its last build is left alone.
 *
 *   npm run build              a development build
 *   npm run build -- --release without the settings that only tests may use
 *   npm run build -- --force   whether or not anything changed
 *   npm run build -- --out D   to another folder than dist
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { externalModules, nodeEntries, syntaxTarget } from './entries.mjs';
import { ensureInstalled, nodeBinary, root, runInForeground, runMain, say } from './setup.mjs';

const sourcesOf = {
  renderer: ['renderer', 'shared', 'vite.config.ts', 'electron/dev/entries.mjs', 'package-lock.json'],
  electron: ['electron', 'shared', 'electron/dev/build.mjs', 'package.json', 'package-lock.json'],
  resources: [
    'resources',
    'electron/dev/address-data.mjs',
    'electron/core/address-table.ts',
    'package-lock.json',
  ],
};

/**
 * @param {string} path
 * @returns {string[]} the files at or under a path, without tests and what only tests use
 */
function filesUnder(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) {
    return [];
  }
  /** @type {string[]} */
  const files = [];
  /** @param {string} folder */
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const full = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!['e2e', 'node_modules'].includes(entry.name)) {
          walk(full);
        }
      } else if (!/\.(test|spec)\.tsx?$/.test(entry.name)) {
        files.push(full);
      }
    }
  };
  try {
    walk(absolute);
  } catch {
    files.push(absolute);
  }
  return files.sort();
}

/**
 * @param {readonly string[]} paths
 * @param {string} mode
 * @returns {string} a hash over the sources' names and contents and the build's mode
 */
function fingerprint(paths, mode) {
  const hash = createHash('sha256').update(mode);
  for (const path of paths) {
    for (const file of filesUnder(path)) {
      hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string | undefined} what a stamp file says, if there is one
 */
function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** @param {string} output */
async function buildRenderer(output) {
  const { build } = await import('vite');
  await build({
    configFile: join(root, 'vite.config.ts'),
    root: join(root, 'renderer'),
    logLevel: 'warn',
    build: { outDir: join(output, '.renderer.new') },
  });
  rmSync(join(output, 'renderer'), { recursive: true, force: true });
  renameSync(join(output, '.renderer.new'), join(output, 'renderer'));
}

/**
 * @param {string} output
 * @param {boolean} isRelease
 */
async function buildNodeSide(output, isRelease) {
  const { build } = await import('vite');
  /** @type {Record<string, string>} */
  const input = {};
  for (const [name, source] of Object.entries(nodeEntries)) {
    input[name] = join(root, source);
  }
  // Built beside and put in place when whole: what runs from the folder meanwhile goes on running.
  const place = join(output, 'electron');
  const outDir = join(output, '.electron.new');
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const names = Object.keys(input);
  // The preload is one file because a sandboxed one may require nothing but electron; so is the shell, because it is
  // packed into the archive whose integrity is checked, while the core's files lie beside that.
  const groups = [['main'], ['preload'], names.filter((name) => name !== 'main' && name !== 'preload')].map(
    (group) => group.filter((name) => names.includes(name)),
  );
  const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  for (const group of groups.filter((each) => each.length > 0)) {
    await build({
      configFile: false,
      root,
      logLevel: 'warn',
      publicDir: false,
      define: {
        __ALLOW_CORE_RUNNER__: String(!isRelease),
        __APP_VERSION__: JSON.stringify(version),
      },
      ssr: { noExternal: true, external: externalModules, target: 'node' },
      build: {
        ssr: true,
        target: syntaxTarget.node,
        outDir,
        emptyOutDir: false,
        minify: false,
        sourcemap: false,
        rolldownOptions: {
          input: Object.fromEntries(group.map((name) => [name, input[name] ?? ''])),
          // ws tries these two native helpers and does without them.
          external: ['bufferutil', 'utf-8-validate'],
          output: {
            format: 'cjs',
            entryFileNames: '[name].cjs',
            chunkFileNames: 'chunks/[name]-[hash].cjs',
            exports: 'auto',
          },
        },
      },
    });
  }
  // The package is "type": "module" for the sources' sake; the bundles are CommonJS whatever their name.
  writeFileSync(join(outDir, 'package.json'), '{ "type": "commonjs" }\n');
  rmSync(place, { recursive: true, force: true });
  renameSync(outDir, place);
}

/** @param {string} output */
async function makeResources(output) {
  const target = join(output, 'resources');
  rmSync(target, { recursive: true, force: true });
  if (existsSync(join(root, 'resources'))) {
    // The pictures are the README's, not the app's.
    const pictures = join(root, 'resources', 'images');
    cpSync(join(root, 'resources'), target, { recursive: true, filter: (source) => source !== pictures });
  }
  const { makeAddressData } = await import('./address-data.mjs');
  writeFileSync(join(target, 'addresses.bin'), makeAddressData());
}

async function main() {
  const { values } = parseArgs({
    options: {
      release: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      out: { type: 'string', default: join(root, 'dist') },
    },
  });
  ensureInstalled();
  if (
    process.execPath !== nodeBinary() &&
    existsSync(nodeBinary()) &&
    !process.versions.node.startsWith('24.')
  ) {
    return runInForeground(nodeBinary(), process.argv.slice(1));
  }
  const output = resolve(values.out);
  const mode = values.release ? 'release' : 'development';
  /** @type {readonly { name: keyof typeof sourcesOf, build: () => Promise<void> | void }[]} */
  const parts = [
    { name: 'electron', build: () => buildNodeSide(output, values.release) },
    { name: 'resources', build: () => makeResources(output) },
    {
      name: 'renderer',
      build: () => buildRenderer(output),
    },
  ];
  for (const part of parts) {
    // Only the Node side differs between the two modes.
    const current = fingerprint(sourcesOf[part.name], part.name === 'electron' ? mode : '');
    const stampPath = join(output, `.${part.name}.stamp`);
    if (!values.force && readStamp(stampPath) === current) {
      continue;
    }
    const startedAt = performance.now();
    rmSync(stampPath, { force: true });
    await part.build();
    mkdirSync(output, { recursive: true });
    writeFileSync(stampPath, current);
    say(`built ${part.name} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
  if (!values.quiet) {
    say(`${relative(root, output)}/ is up to date (${mode})`);
  }
  return 0;
}

await runMain(main);
