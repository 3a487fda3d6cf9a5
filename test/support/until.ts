import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Milliseconds. Detects a hang: nothing that a test waits for takes this long, however slow the machine is. */
export const WAIT_LIMIT_MS = 240_000;

/** Milliseconds. A wait of seconds looks less often than one of milliseconds: looking costs the time of what is waited for. */
const LOOK_MS = { first: 20, last: 250 } as const;

type Primitive = string | number | boolean | null;
type Found<T> = NonNullable<Exclude<T, false>>;

/**
 * Polls until `look` returns something other than null, undefined or false; with `expected`, until it returns that value, or
 * one for which that function returns true. An error of `look` is not caught.
 * @param what completes the sentence "waited for …", such as 'the block to be sealed'
 * @throws Error with `what` and the last state seen
 */
export async function until<T>(what: string, look: () => Promise<T> | T): Promise<Found<T>>;
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  expected: Primitive | ((seen: T) => boolean),
  limitMs?: number,
): Promise<T>;
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  expected: Primitive | ((seen: T) => boolean) = (seen) =>
    seen !== null && seen !== undefined && seen !== false,
  limitMs = WAIT_LIMIT_MS,
): Promise<T> {
  const started = performance.now();
  for (;;) {
    const seen = await look();
    if (typeof expected === 'function' ? expected(seen) : seen === expected) return seen;
    const waited = performance.now() - started;
    if (waited > limitMs) {
      throw new Error(`waited ${limitMs / 1000} s for ${what}; last seen: ${inspect(seen, { depth: 4 })}`);
    }
    await delay(Math.min(LOOK_MS.last, Math.max(LOOK_MS.first, waited / 10)));
  }
}
