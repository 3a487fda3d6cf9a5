import { tryNonces } from './model.js';

/** The page stays responsive when no stretch of work is longer than this. */
const STRETCH_MS = 12;
const TOLD_EVERY_MS = 100;
const BATCH = 64;

/** Mines in short stretches between which the page can do everything else. */
export class Miner {
  #stopped = false;
  running = false;

  stop(): void {
    this.#stopped = true;
  }

  /**
   * @param header its nonce's last six bytes are tried from 0 on
   * @param onTries told now and then how many there were
   * @returns the nonce, or null when it was stopped
   */
  async mine(
    header: Uint8Array,
    difficulty: number,
    onTries: (tries: number) => void,
  ): Promise<number | null> {
    this.running = true;
    this.#stopped = false;
    let told = performance.now();
    try {
      for (let from = 0; ;) {
        const until = performance.now() + STRETCH_MS;
        while (performance.now() < until) {
          const found = tryNonces(header, difficulty, from, BATCH);
          if (found !== null) return found;
          from += BATCH;
        }
        if (performance.now() - told >= TOLD_EVERY_MS) {
          told = performance.now();
          onTries(from);
        }
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (this.#isStopped()) return null;
      }
    } finally {
      this.running = false;
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}
