import { defineConfig } from 'vitest/config';
import { common, databaseSetup } from './vitest.config.js';

/** What takes minutes, and is no part of `npm test`. One file at a time, so that measurements do not disturb one another. */
export default defineConfig({
  test: {
    ...common,
    globalSetup: [databaseSetup],
    include: ['test/**/*.long.ts'],
    maxWorkers: 1,
    testTimeout: 15 * 60_000,
  },
});
