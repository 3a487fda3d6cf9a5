import type { HashRequest } from './hash-protocol.js';
import { hashServer } from './hash-slices.js';
import type { HashWorker } from './hasher.js';

/** Hashes where there can be no worker: in the page's own time, which gets its turn between two slices (some 30 ms). */
export class InPageHashWorker extends EventTarget implements HashWorker {
  readonly #serve = hashServer((data) => {
    this.dispatchEvent(new MessageEvent('message', { data }));
  });

  postMessage(request: HashRequest): void {
    this.#serve(request);
  }

  /** Holds nothing that would have to be given back. */
  terminate(): void {
    return;
  }
}
