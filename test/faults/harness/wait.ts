import { setTimeout as delay } from 'node:timers/promises';

/** Far beyond what anything here takes on a busy machine; only a hang gets there. */
export const LIMIT_MS = 60_000;

/**
 * Polls until `look` gives something other than null, undefined or false. A failing look counts as "not yet": services and
 * databases are away in these tests.
 * @throws with `what` and the last failure, after the limit
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T> | T,
  limitMs = LIMIT_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + limitMs;
  let failure: unknown;
  while (performance.now() < deadline) {
    try {
      const seen = await look();
      if (seen !== null && seen !== undefined && seen !== false)
        return seen as NonNullable<Exclude<T, false>>;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await delay(20);
  }
  throw new Error(`waited ${limitMs} ms in vain: ${what}`, { cause: failure });
}
