import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `look` gives something other than null, undefined or false. The test's own time limit is the only one. */
export async function until<T>(look: () => Promise<T> | T): Promise<NonNullable<Exclude<T, false>>> {
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen as NonNullable<Exclude<T, false>>;
    await delay(10);
  }
}
