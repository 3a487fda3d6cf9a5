import { test } from 'vitest';
import { play } from './harness/scene.js';
import { SCENARIOS } from './scenarios/index.js';

/** The seed of `npm test`: the same every time, unless one is given. */
const SEED = process.env['INGAM_TEST_FAULTS_SEED'] ?? '1';

/** A last resort: every wait within a scenario has its own limit and says what it waited for. */
const LIMIT_MS = 1_800_000;

/** Those of a file run beside each other: each waits for processes and time limits most of the time. */
export function shortTest(name: string): void {
  test.concurrent(name, { timeout: LIMIT_MS }, async () => {
    const scenario = SCENARIOS[name];
    if (scenario === undefined) throw new Error(`unknown scenario "${name}"`);
    await play(name, SEED, scenario(1));
  });
}
