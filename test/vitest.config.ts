import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**'],
    globalSetup: [fileURLToPath(new URL('support/global-setup.ts', import.meta.url))],
    pool: 'forks',
    // One more than the cores of a small machine: files wait for processes, browsers and one another more than they compute.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
  },
});
