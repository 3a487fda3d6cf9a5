import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**'],
    globalSetup: [fileURLToPath(new URL('support/global-setup.ts', import.meta.url))],
    pool: 'forks',
    // Two files at a time: the database server and the files' own processes want the processor too.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
  },
});
