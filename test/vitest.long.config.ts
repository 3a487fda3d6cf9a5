import { defineConfig } from 'vitest/config';
import short from './vitest.config.js';

/** What takes minutes, and is no part of `npm test`. One file at a time: what is measured must not be in the way of itself. */
export default defineConfig({
  test: {
    ...short.test,
    include: ['test/**/*.long.ts'],
    maxWorkers: 1,
    testTimeout: 15 * 60_000,
  },
});
