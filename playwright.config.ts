import { defineConfig } from '@playwright/test';

const isContinuousIntegration = process.env.CI === 'true';

/** Specs that need more than the app and a browser: each kind is a project of its own. */
const kinds = ['shell', 'command', 'real', 'package', 'screenshots'];

/**
 * One suite for every place in which the app runs. A spec runs in the browser, unless its name starts with another
 * project's; a `*-flow.spec.ts` runs in the browser and in the desktop shell alike.
 */
export default defineConfig({
  testDir: 'electron/e2e',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  // Windows, a browser and a core share two busy cores in CI: a second try, which the last lines name and count.
  retries: isContinuousIntegration ? 1 : 0,
  forbidOnly: isContinuousIntegration,
  // What waits for something says so after 15 s; this is for whole flows on a machine that does much else.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'browser', testMatch: '*.spec.ts', testIgnore: kinds.map((kind) => `**/${kind}*.spec.ts`) },
    { name: 'shell', testMatch: ['shell-*.spec.ts', '*-flow.spec.ts'] },
    { name: 'command', testMatch: 'command-*.spec.ts' },
    { name: 'real', testMatch: 'real-*.spec.ts', timeout: 300_000 },
    { name: 'package', testMatch: 'package-*.spec.ts', timeout: 300_000 },
    { name: 'screenshots', testMatch: 'screenshots*.spec.ts', timeout: 600_000 },
  ],
});
