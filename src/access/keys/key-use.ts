import type { AccessParts } from '../parts.js';

const MINUTE_MS = 60_000;
const FLUSH_MS = 5000;

/** When API keys were last used, to the minute: written a little later and all at once, so that it costs requests nothing. */
export class KeyUse {
  readonly #parts: AccessParts;
  readonly #used = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** @param lastUsedAt as it is written at the moment */
  mark(id: string, lastUsedAt: number | null): void {
    if (lastUsedAt !== null && this.#parts.clock() - lastUsedAt < MINUTE_MS) return;
    this.#used.add(id);
    this.#timer ??= setTimeout(() => {
      this.#write();
    }, FLUSH_MS).unref();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  #write(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    const ids = [...this.#used];
    if (ids.length === 0) return;
    this.#used.clear();
    const { store, clock, logger } = this.#parts;
    const written = store.markKeysUsed(ids, clock()).catch((err: unknown) => {
      // The next use says the same.
      logger.warn({ err }, 'the last use of API keys could not be written');
    });
    this.#writing = Promise.all([this.#writing, written]);
  }
}
