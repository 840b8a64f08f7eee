/** The Debian packages that the tests use: real servers to run against, a browser, a display. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { say } from './setup.mjs';

/** Package -> the program whose presence shows that it need not be installed. */
const packages = {
  chromium: '/usr/bin/chromium',
  xvfb: '/usr/bin/Xvfb',
  haproxy: '/usr/sbin/haproxy',
  'nginx-light': '/usr/sbin/nginx',
  prometheus: '/usr/bin/prometheus',
  'prometheus-alertmanager': '/usr/bin/prometheus-alertmanager',
  'prometheus-blackbox-exporter': '/usr/bin/prometheus-blackbox-exporter',
  'poppler-utils': '/usr/bin/pdftoppm',
  openssl: '/usr/bin/openssl',
  age: '/usr/bin/age',
  procps: '/usr/bin/ps',
};

const policyPath = '/usr/sbin/policy-rc.d';

/** @returns {string[]} the packages whose program is not there */
function missingPackages() {
  return Object.entries(packages)
    .filter(([, program]) => !existsSync(program))
    .map(([name]) => name);
}

/** @returns {boolean} */
function isDebian() {
  return (
    existsSync('/etc/os-release') &&
    /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8')) &&
    existsSync('/usr/bin/apt-get')
  );
}

/**
 * @param {readonly string[]} aptArguments
 * @returns {boolean}
 */
function apt(aptArguments) {
  const result = spawnSync('apt-get', ['-q', '-y', ...aptArguments], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return result.status === 0;
}

/**
 * Installs packages and keeps the services in them from being started: the tests start their own, on ports of their
 * own. What stood at policy-rc.d before stands there afterwards.
 * @param {readonly string[]} names
 * @returns {boolean}
 */
function install(names) {
  const kept = `${policyPath}.watchfloor-kept`;
  const hadPolicy = existsSync(policyPath);
  if (hadPolicy) {
    renameSync(policyPath, kept);
  }
  writeFileSync(policyPath, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const command = ['install', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...names];
    if (existsSync('/var/lib/apt/lists') && readdirSync('/var/lib/apt/lists').length > 3 && apt(command)) {
      return true;
    }
    // No package lists yet, or lists too old to be served.
    return apt(['update']) && apt(command);
  } finally {
    rmSync(policyPath, { force: true });
    if (hadPolicy) {
      renameSync(kept, policyPath);
    }
  }
}

/**
 * Makes the packages that the tests use available where that is ours to do: as root on Debian, after saying which.
 * @returns {readonly string[]} the packages still missing; the one command that installs them has been printed
 */
export function ensureDebianPackages() {
  const missing = missingPackages();
  if (missing.length === 0) {
    return [];
  }
  if (isDebian() && process.getuid?.() === 0) {
    say(`installing Debian packages for the tests: ${missing.join(' ')}`);
    install(missing);
    const left = missingPackages();
    if (left.length > 0) {
      say(`could not install: ${left.join(' ')} (see apt-get's message above)`);
    }
    return left;
  }
  say(`some suites need packages that are not here; install them with`);
  say(`  sudo apt-get install --no-install-recommends ${missing.join(' ')}`);
  return missing;
}
