import { defineConfig } from '@playwright/test';

const isContinuousIntegration = process.env.CI === 'true';

/**
 * One suite for every place in which the app runs. A `flow-*.spec.ts` runs in the browser and in the shell alike;
 * any other spec belongs to the one place that its name starts with.
 */
export default defineConfig({
  testDir: 'electron/e2e',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: isContinuousIntegration,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'browser', testMatch: ['browser-*.spec.ts', 'flow-*.spec.ts'] },
    { name: 'shell', testMatch: ['shell-*.spec.ts', 'flow-*.spec.ts'] },
    { name: 'command', testMatch: ['command-*.spec.ts'], timeout: 120_000 },
    { name: 'real', testMatch: ['real-*.spec.ts'], timeout: 300_000 },
    { name: 'kill', testMatch: ['kill-*.spec.ts'], timeout: 300_000 },
    { name: 'package', testMatch: ['package-*.spec.ts'], timeout: 300_000 },
    { name: 'screenshots', testMatch: ['screenshots.spec.ts'], timeout: 600_000 },
  ],
});
