import fc from 'fast-check';

/** Set by `npm run fuzz -- properties`. */
const SEED = process.env['INGAM_TEST_SEED'];
const MINUTES = process.env['INGAM_TEST_MINUTES'];

/**
 * The parameters of a test with random inputs. `npm test` draws the same ones every time, so that it does not fail by chance on a
 * change that has nothing to do with it. `npm run fuzz -- properties` draws others, for as long as it is told to.
 * @param numRuns of `npm test`
 */
export function randomRuns<T>(numRuns = 100): fc.Parameters<T> {
  if (SEED === undefined) return { seed: 1, numRuns };
  return {
    seed: Number(SEED),
    numRuns: Number.MAX_SAFE_INTEGER,
    plugins: [fc.interruptAfterTimeLimit(Number(MINUTES) * 60_000) as fc.Plugin<T>],
  };
}
