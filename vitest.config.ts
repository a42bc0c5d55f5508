import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Starts PostgreSQL and Redis once, and only where the run has a test that asks for them.
    globalSetup: ['test/support/global-setup.ts'],
    // Vitest would leave one processor idle; of two that is half of the time.
    maxWorkers: '100%',
    // Nothing here measures time: a test that waits ends when what it waits for is there.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
