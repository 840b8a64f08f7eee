/**
 * `npm test`: sets up what is missing, runs every suite, closes with one line over all of them.
 *
 *   npm test -- --only check,unit    just these suites
 *   npm test -- --except real        all but these
 *
 * Starts on Node 20 with no dependency. What a suite needs and this machine does not have is said; the suite is then
 * left out and its tests are counted as skipped, except with CI=true, where nothing may be left out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findBrowser } from './browser.mjs';
import { ensureDebianPackages } from './debian.mjs';
import {
  cacheFolder,
  ensureInstalled,
  exitCodeOf,
  nodeBinary,
  projectEnvironment,
  root,
  runMain,
  say,
} from './setup.mjs';
import { canRunTestElectron, testElectronWithCheckout } from './test-electron.mjs';

const isContinuousIntegration = process.env.CI === 'true';
const reportFolder = join(cacheFolder, 'reports');
const playwright = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

/**
 * What a suite came to; `failures` are told again at the very end, `again` counts what passed on a second try only.
 * @typedef {{ passed: number, failed: number, skipped: number, again?: number, failures?: readonly string[] }} Counts
 */
/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {(missing: readonly string[]) => string | null} lacks what it needs and this machine does not have
 * @property {() => Promise<Counts>} run
 * @property {() => Counts} [leftOut] what to count when it is left out; one skipped otherwise
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let stopped = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    stopped = true;
    for (const child of running) {
      child.kill('SIGTERM');
    }
  });
}

/**
 * @param {readonly string[]} nodeArguments
 * @param {Record<string, string>} [env]
 * @returns {Promise<number>} the exit code
 */
function node(nodeArguments, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(nodeBinary(), [...nodeArguments], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: projectEnvironment(env),
    });
    running.add(child);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      running.delete(child);
      resolve(exitCodeOf(code, signal));
    });
  });
}

/**
 * @param {string} path
 * @returns {Record<string, any> | null}
 */
function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

const mostFailureLines = 30;

/**
 * One failed test in a few lines, without colours.
 * @param {string} title
 * @param {string} text what it said
 */
function failureOf(title, text) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that starts a colour is one
  const lines = text.replace(/\u001b\[[\d;]*m/g, '').split('\n');
  return [title, ...lines.slice(0, mostFailureLines).map((line) => `    ${line}`)].join('\n');
}

/**
 * @param {Record<string, any> | null} report of vitest
 * @returns {string[]}
 */
function vitestFailures(report) {
  /** @type {any[]} */
  const files = report?.testResults ?? [];
  return files.flatMap((file) => {
    const failed = file.assertionResults.filter((/** @type {any} */ each) => each.status === 'failed');
    if (failed.length === 0) {
      return file.status === 'failed' ? [failureOf(file.name, file.message ?? '')] : [];
    }
    return failed.map((/** @type {any} */ each) =>
      failureOf(`${file.name}: ${each.fullName}`, (each.failureMessages ?? []).join('\n')),
    );
  });
}

/**
 * @param {any} suite of Playwright's report, or the report itself
 * @returns {string[]} of tests that never passed and of those that did on a second try only
 */
function playwrightFailures(suite) {
  /** @type {any[]} */
  const specs = suite?.specs ?? [];
  const own = specs.flatMap((spec) =>
    spec.tests
      .filter((/** @type {any} */ test) => test.status === 'unexpected' || test.status === 'flaky')
      .flatMap((/** @type {any} */ test) => test.results)
      .filter((/** @type {any} */ result) => result.status !== 'passed')
      .map((/** @type {any} */ result) =>
        failureOf(
          `${spec.file}: ${spec.title}`,
          (result.errors ?? []).map((/** @type {any} */ each) => each.message).join('\n'),
        ),
      ),
  );
  return [...own, ...(suite?.suites ?? []).flatMap(playwrightFailures)];
}

/**
 * A suite that is one command: one test, passed or failed.
 * @param {string} name
 * @param {readonly string[]} nodeArguments
 * @returns {Suite}
 */
function commandSuite(name, nodeArguments) {
  return {
    name,
    lacks: () => null,
    run: async () => {
      const code = await node(nodeArguments);
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
    },
  };
}

/** @returns {Suite} */
function benchSuite() {
  const report = join(reportFolder, 'bench.json');
  return {
    name: 'bench',
    lacks: () => lacksBrowser(),
    run: async () => {
      rmSync(report, { force: true });
      const code = await node([join(root, 'electron', 'dev', 'bench-smoke.mjs'), '--report', report]);
      const result = readReport(report);
      const failed = result?.failed ?? 0;
      return {
        passed: result?.passed ?? 0,
        failed: code !== 0 && failed === 0 ? 1 : failed,
        skipped: 0,
        again: result?.again ?? 0,
        failures: (result?.names ?? []).map((/** @type {string} */ name) =>
          failureOf(name, 'did not come to its end; what it said stands above'),
        ),
      };
    },
  };
}

/**
 * @param {string} name
 * @param {readonly string[]} options more words for vitest
 * @param {(missing: readonly string[]) => string | null} lacks
 * @returns {Suite}
 */
function vitestSuite(name, options, lacks) {
  const report = join(reportFolder, `${name}.json`);
  return {
    name,
    lacks,
    run: async () => {
      rmSync(report, { force: true });
      const code = await node([
        vitest,
        'run',
        ...options,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ]);
      const result = readReport(report);
      const passed = result?.numPassedTests ?? 0;
      const failed = result?.numFailedTests ?? 0;
      // A file that does not load has no tests to count, and errors outside tests only show in the exit code.
      return {
        passed,
        failed: code !== 0 && failed === 0 ? 1 : failed,
        skipped: (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0),
        failures: vitestFailures(result),
      };
    },
  };
}

/**
 * @param {string} project a project of playwright.config.ts
 * @param {(missing: readonly string[]) => string | null} lacks
 * @returns {Suite}
 */
function playwrightSuite(project, lacks) {
  const report = join(reportFolder, `${project}.json`);
  return {
    name: project,
    lacks,
    run: async () => {
      rmSync(report, { force: true });
      const code = await node([playwright, 'test', `--project=${project}`, '--reporter=list,json'], {
        PLAYWRIGHT_JSON_OUTPUT_FILE: report,
      });
      const result = readReport(report);
      const stats = result?.stats;
      const failed = stats?.unexpected ?? 0;
      const again = stats?.flaky ?? 0;
      return {
        passed: (stats?.expected ?? 0) + again,
        failed: code !== 0 && failed === 0 ? 1 : failed,
        skipped: stats?.skipped ?? 0,
        again,
        failures: playwrightFailures(result),
      };
    },
    leftOut: () => {
      const list = spawnSync(
        nodeBinary(),
        [playwright, 'test', `--project=${project}`, '--list', '--reporter=json'],
        { cwd: root, encoding: 'utf8', env: projectEnvironment() },
      );
      const count = (list.stdout.match(/"projectName":/g) ?? []).length;
      return { passed: 0, failed: 0, skipped: Math.max(count, 1) };
    },
  };
}

/**
 * @param {readonly string[]} names
 * @returns {(missing: readonly string[]) => string | null}
 */
function needsPackages(...names) {
  return (missing) => {
    const lacking = names.filter((name) => missing.includes(name));
    return lacking.length === 0 ? null : `not installed: ${lacking.join(' ')}`;
  };
}

/** @returns {string | null} */
function lacksBrowser() {
  return findBrowser() === null ? 'no Chromium, Chrome or Edge' : null;
}

/** @returns {string | null} */
function lacksElectron() {
  if (!canRunTestElectron()) {
    return 'the Electron for tests runs on Linux x64 only';
  }
  try {
    testElectronWithCheckout();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const realServers = ['haproxy', 'nginx-light', 'prometheus', 'prometheus-alertmanager'];

/** @type {readonly Suite[]} */
const suites = [
  commandSuite('check', [join(root, 'electron', 'dev', 'check.mjs')]),
  vitestSuite('unit', [], () => null),
  commandSuite('build', [join(root, 'electron', 'dev', 'build.mjs')]),
  playwrightSuite('command', (missing) => needsPackages('xvfb', 'age')(missing) ?? lacksBrowser()),
  playwrightSuite('browser', (missing) => needsPackages('haproxy')(missing) ?? lacksBrowser()),
  playwrightSuite('shell', (missing) => needsPackages('xvfb', 'poppler-utils')(missing) ?? lacksElectron()),
  vitestSuite('kill', ['--mode=kill'], needsPackages('haproxy')),
  playwrightSuite('real', (missing) => needsPackages(...realServers)(missing) ?? lacksBrowser()),
  playwrightSuite('package', (missing) => needsPackages('xvfb')(missing) ?? lacksElectron()),
  benchSuite(),
];

/**
 * @param {string | undefined} list names with commas between
 * @returns {readonly string[] | null}
 * @throws {Error} for a name that is no suite
 */
function suiteNames(list) {
  if (list === undefined) {
    return null;
  }
  const names = list.split(',');
  const wrong = names.find((name) => !suites.some((suite) => suite.name === name));
  if (wrong !== undefined) {
    throw new Error(`There is no suite ${wrong}; there are ${suites.map((suite) => suite.name).join(', ')}.`);
  }
  return names;
}

async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' }, except: { type: 'string' } } });
  const only = suiteNames(values.only);
  const except = suiteNames(values.except) ?? [];
  const chosen = suites.filter(
    (suite) => (only === null || only.includes(suite.name)) && !except.includes(suite.name),
  );
  ensureInstalled();
  mkdirSync(reportFolder, { recursive: true });
  const needsMachine = chosen.some((suite) => !['check', 'unit', 'build', 'bench'].includes(suite.name));
  const missing = needsMachine ? ensureDebianPackages() : [];
  /** @type {Counts} */
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const summary = [];
  /** @type {string[]} */
  const failures = [];
  for (const suite of chosen) {
    if (stopped) {
      break;
    }
    const startedAt = performance.now();
    const lack = suite.lacks(missing);
    /** @type {Counts} */
    let counts;
    if (lack === null) {
      say(`test ${suite.name}`);
      counts = await suite.run();
    } else if (isContinuousIntegration) {
      counts = { passed: 0, failed: 1, skipped: 0 };
    } else {
      counts = suite.leftOut?.() ?? { passed: 0, failed: 0, skipped: 1 };
    }
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    failures.push(...(counts.failures ?? []).map((failure) => `${suite.name}: ${failure}`));
    const again = counts.again ? `, ${counts.again} on a second try only` : '';
    const words = `${counts.passed} passed${again}, ${counts.failed} failed, ${counts.skipped} skipped`;
    summary.push(`${suite.name.padEnd(8)} ${words} (${lack ?? `${seconds} s`})`);
    say(`test ${summary.at(-1)}`);
  }
  if (isContinuousIntegration && total.skipped > 0) {
    say(`${total.skipped} tests were left out, which must not happen here: this run has failed`);
    total.failed += 1;
  }
  if (stopped) {
    say('stopped before the end');
    total.failed += 1;
  }
  for (const failure of failures.slice(0, 10)) {
    process.stdout.write(`\n${failure}\n`);
  }
  process.stdout.write(`\n${summary.join('\n')}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

await runMain(main);
