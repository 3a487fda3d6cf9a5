import { until, WAIT_LIMIT_MS } from '../../support/until.js';

export { WAIT_LIMIT_MS };

/**
 * As `until`, but an error of `look` means "not yet": services and databases are unavailable at times in
 * these tests.
 * @throws Error with `what` and the last state or error seen
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T> | T,
  limitMs = WAIT_LIMIT_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const found = await until(
    what,
    async () => {
      try {
        return await look();
      } catch (error) {
        return new Failure('the last look failed', { cause: error });
      }
    },
    (seen) => seen !== null && seen !== undefined && seen !== false && !(seen instanceof Failure),
    limitMs,
  );
  return found as NonNullable<Exclude<T, false>>;
}

class Failure extends Error {}
