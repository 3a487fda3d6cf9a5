import * as api from '../api.js';
import { persist } from '../persist.js';
import type { Block, Cosigned, Notarization } from '../resources.js';
import { follow } from './follow.js';

export interface Seal {
  readonly height: number;
  /** Of the entry within its block, from 0. */
  readonly index: number;
  /** Milliseconds since the Unix epoch. */
  readonly sealedAt: number;
}

const PATIENCE_MS = 10_000;

export interface SealSource {
  /** Resolves once the notarization is sealed. */
  readonly untilSealed: (id: string, signal: AbortSignal) => Promise<Notarization>;
  readonly block: (height: number, signal: AbortSignal) => Promise<Block>;
}

interface Waiting {
  readonly notarization: Notarization;
  /** `cosigned`: of its block; null where nobody is asked. */
  readonly onSealed: (seal: Seal, cosigned: Cosigned | null) => void;
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
        const { block, sealedAt, acceptedAt, cosigned } = await this.#source.untilSealed(
          lowest.notarization.id,
          signal,
        );
        if (block === undefined) throw new TypeError('sealed without a block');
        this.#settle(await this.#source.block(block.height, signal), cosigned ?? null);
        // Whatever the block says, this one is sealed: the loop must go on to the next.
        this.#tell(lowest, { ...block, sealedAt: Date.parse(sealedAt ?? acceptedAt) }, cosigned ?? null);
      } catch {
        // Unknown or erased meanwhile: there is nothing to wait for, and nothing was said that would not hold.
        this.#waiting.delete(lowest.notarization.position);
      }
    }
    this.#running = false;
  }

  #settle({ height, firstPosition, entryCount, sealedAt }: Block, cosigned: Cosigned | null): void {
    for (const waiting of [...this.#waiting.values()]) {
      const index = waiting.notarization.position - firstPosition;
      if (index < 0 || index >= entryCount) continue;
      this.#tell(waiting, { height, index, sealedAt: Date.parse(sealedAt) }, cosigned);
    }
  }

  #tell(waiting: Waiting, seal: Seal, cosigned: Cosigned | null): void {
    if (this.#waiting.delete(waiting.notarization.position)) waiting.onSealed(seal, cosigned);
  }
}

function sealedBlock(height: number, signal: AbortSignal): Promise<Block> {
  return persist(() => api.block(height, signal), signal);
}

function untilSealed(id: string, signal: AbortSignal): Promise<Notarization> {
  const until = ({ status }: Notarization) => status !== 'accepted';
  return follow({ id, event: 'sealed', patienceMs: PATIENCE_MS, until, signal });
}
