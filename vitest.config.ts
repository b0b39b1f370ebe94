import { defineConfig } from 'vitest/config';

/** Projects that talk to real servers share one private set of them, started once (test/support/services.ts). */
const withServices = (name: string) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    globalSetup: ['test/support/services.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/tidy.test.ts'],
          // A process of its own for each file takes twice as long as the tests; so each leaves it as it was.
          isolate: false,
          setupFiles: ['test/support/no-trace.ts'],
          // Some draw thousands of cases: a busy machine takes its time.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 120_000 } },
      withServices('contract'),
      withServices('integration'),
      {
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 240_000, hookTimeout: 240_000 },
      },
    ],
  },
});
