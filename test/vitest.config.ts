import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**'],
    globalSetup: [fileURLToPath(new URL('./support/global-setup.ts', import.meta.url))],
    pool: 'forks',
    // One more than the cores of a small machine: files wait for processes, browsers and one another more than they compute.
    maxWorkers: 3,
    // Hang detectors: no test may fail because the machine is slow. `until` gives up earlier and says what it waited for.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 240_000, interval: 20 } },
  },
});
