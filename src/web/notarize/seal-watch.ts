import * as api from '../api.js';
import { connection } from '../connection.js';
import { persist } from '../persist.js';
import type { Block, Notarization } from '../resources.js';

/** A proxy may swallow events: after this long without one the page asks by itself. */
const PATIENCE_MS = 10_000;

export interface SealSource {
  /** Resolves once the notarization is sealed. */
  readonly untilSealed: (id: string, signal: AbortSignal) => Promise<Notarization>;
  readonly block: (height: number, signal: AbortSignal) => Promise<Block>;
}

interface Waiting {
  readonly notarization: Notarization;
  readonly onSealed: (height: number, sealedAt: number) => void;
}

/**
 * Tells when notarizations are sealed. A block holds a contiguous run of positions, and blocks come in order: so one stream
 * of events, for the lowest position that waits, is enough for any number of documents.
 */
export class SealWatch {
  readonly #source: SealSource;
  readonly #waiting = new Map<number, Waiting>();
  readonly #stop = new AbortController();
  #running = false;

  constructor(source: SealSource = { untilSealed, block: sealedBlock }) {
    this.#source = source;
  }

  add(notarization: Notarization, onSealed: Waiting['onSealed']): void {
    this.#waiting.set(notarization.position, { notarization, onSealed });
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#waiting.size > 0 && !signal.aborted) {
      const lowest = this.#waiting.get(Math.min(...this.#waiting.keys()));
      if (lowest === undefined) break;
      try {
        const sealed = await this.#source.untilSealed(lowest.notarization.id, signal);
        if (sealed.block === undefined) throw new TypeError('sealed without a block');
        this.#settle(await this.#source.block(sealed.block.height, signal));
        // Whatever the block says, this one is sealed: the loop must go on to the next.
        this.#tell(lowest, sealed.block.height, Date.parse(sealed.sealedAt ?? sealed.acceptedAt));
      } catch {
        // Unknown or erased meanwhile: there is nothing to wait for, and nothing was said that would not hold.
        this.#waiting.delete(lowest.notarization.position);
      }
    }
    this.#running = false;
  }

  #settle({ height, firstPosition, entryCount, sealedAt }: Block): void {
    for (const waiting of [...this.#waiting.values()]) {
      const index = waiting.notarization.position - firstPosition;
      if (index >= 0 && index < entryCount) this.#tell(waiting, height, Date.parse(sealedAt));
    }
  }

  #tell(waiting: Waiting, height: number, sealedAt: number): void {
    if (this.#waiting.delete(waiting.notarization.position)) waiting.onSealed(height, sealedAt);
  }
}

function sealedBlock(height: number, signal: AbortSignal): Promise<Block> {
  return persist(() => api.block(height, signal), signal);
}

async function untilSealed(id: string, signal: AbortSignal): Promise<Notarization> {
  for (let broken = 0; ;) {
    const notarization = await persist(() => api.notarization(id, signal), signal);
    if (notarization.status !== 'accepted') return notarization;
    const told = await nextEvent(id, signal);
    broken = told ? 0 : broken + 1;
    if (!told) await connection.pause(broken, null, signal);
  }
}

/** Waits for the event `sealed`, but not beyond PATIENCE_MS. @returns false when the stream broke */
function nextEvent(id: string, signal: AbortSignal): Promise<boolean> {
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
    const timer = setTimeout(() => {
      finish(() => {
        resolve(true);
      });
    }, PATIENCE_MS);
    source.addEventListener('sealed', () => {
      finish(() => {
        resolve(true);
      });
    });
    source.addEventListener('error', () => {
      finish(() => {
        resolve(false);
      });
    });
    signal.addEventListener('abort', abort);
  });
}
