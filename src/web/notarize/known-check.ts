import * as api from '../api.js';
import { persist } from '../persist.js';
import { RefusedError, type Lookup } from '../resources.js';
import type { Known } from './item.js';

/** Of the six connections that a browser opens, some are for sending and for events. */
const AT_ONCE = 4;

/** Asks whether documents are known, a few at a time, in their order. */
export class KnownCheck {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param onHeld told when the service is away, and when it is back
   * @returns null for a document that is not known, also where it may not be asked about. Rejects when the signal aborts.
   */
  async look(sha256: string, signal: AbortSignal, onHeld: (held: boolean) => void): Promise<Known | null> {
    if (this.#running >= AT_ONCE) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else this.#running += 1;
    try {
      signal.throwIfAborted();
      return knownOf(await persist(() => api.lookUp(sha256, signal), signal, onHeld));
    } catch (error) {
      // Not allowed to ask, or refused for another reason: that is no obstacle to notarizing.
      if (error instanceof RefusedError) return null;
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

export function knownOf({ notarizations, more }: Lookup): Known | null {
  const notarization = notarizations.find(({ status }) => status !== 'accepted') ?? notarizations[0];
  return notarization === undefined ? null : { notarization, count: notarizations.length, more };
}
