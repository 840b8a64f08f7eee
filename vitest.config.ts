import { defineConfig } from 'vitest/config';

const isContinuousIntegration = process.env.CI === 'true';

/** Unit tests lie beside what they test; end-to-end specs (`*.spec.ts`) belong to Playwright. */
export default defineConfig({
  define: { __ALLOW_CORE_RUNNER__: 'true' },
  test: {
    include: ['shared/**/*.test.ts', 'electron/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}'],
    allowOnly: !isContinuousIntegration,
    retry: 0,
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
