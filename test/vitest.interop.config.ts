import { defineConfig } from 'vitest/config';
import { common, databaseSetup } from './vitest.config.js';

/** What needs other projects' programs, which `npm run test:interop` fetches. */
export default defineConfig({
  test: {
    ...common,
    globalSetup: [databaseSetup],
    include: ['test/**/*.interop.ts'],
    maxWorkers: 1,
    testTimeout: 15 * 60_000,
  },
});
