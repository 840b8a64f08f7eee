import { defineConfig } from 'vitest/config';

const isContinuousIntegration = process.env.CI === 'true';

/** Unit tests lie beside what they test; end-to-end specs (`*.spec.ts`) belong to Playwright. */
export default defineConfig(({ mode }) => ({
  define: { __ALLOW_CORE_RUNNER__: 'true' },
  test: {
    include:
      mode === 'kill'
        ? ['electron/kill/**/*.test.ts']
        : mode === 'fuzz'
          ? ['electron/core/case-files/fuzz.test.ts']
          : ['shared/**/*.test.ts', 'electron/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}'],
    // Killing the core takes minutes: `npm run test:kill`, and a suite of its own in `npm test`.
    exclude: mode === 'kill' ? [] : ['electron/kill/**'],
    // Half a minute of changed case files; `npm run test:fuzz` takes half an hour for it.
    env: {
      WATCHFLOOR_FUZZ_CHANGES: process.env.WATCHFLOOR_FUZZ_CHANGES ?? (mode === 'fuzz' ? '100000' : '2000'),
    },
    allowOnly: !isContinuousIntegration,
    retry: 0,
    // Nothing is timed here: the limit only ends what hangs, also on a machine that does ten other things.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
}));
