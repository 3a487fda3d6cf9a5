import * as api from '../api.js';
import { connection } from '../connection.js';
import { persist } from '../persist.js';
import type { Notarization } from '../resources.js';

export interface Following {
  readonly id: string;
  /** The event that is waited for. */
  readonly event: 'sealed' | 'cosigned';
  /** A proxy may swallow events: after this long without one the page asks by itself. */
  readonly patienceMs: number;
  /** Given the notarization as it stands, each time it was asked for; true ends the following. */
  readonly until: (notarization: Notarization) => boolean;
  readonly signal: AbortSignal;
}

/** Follows a notarization through events, and through the service's going away and coming back. Rejects when it is refused. */
export async function follow({ id, event, patienceMs, until, signal }: Following): Promise<Notarization> {
  for (let broken = 0; ;) {
    const notarization = await persist(() => api.notarization(id, signal), signal);
    if (until(notarization)) return notarization;
    const told = await nextEvent(id, event, patienceMs, signal);
    broken = told ? 0 : broken + 1;
    if (!told) await connection.pause(broken, null, signal);
  }
}

/** Waits for the event, but not beyond its patience. @returns false when the stream broke */
function nextEvent(id: string, event: string, patienceMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const source = api.events(id);
    const finish = (settle: () => void) => {
      source.close();
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = () => {
      finish(() => {
        reject(new DOMException('aborted', 'AbortError'));
      });
    };
    const end = (told: boolean) => () => {
      finish(() => {
        resolve(told);
      });
    };
    const timer = setTimeout(end(true), patienceMs);
    source.addEventListener(event, end(true));
    source.addEventListener('error', end(false));
    signal.addEventListener('abort', abort);
  });
}
