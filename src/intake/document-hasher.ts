import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { HashAnswer, HashOrder } from './hash-worker.js';
import { grown, hashDocument, type HashedDocument, type HashLimits } from './sha256.js';
import { ThreadHash } from './thread-hash.js';

/** Under vitest this file runs as TypeScript, which a worker thread cannot load: the built one does the same. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/intake/hash-worker.js' : './hash-worker.js',
  import.meta.url,
);

/** Less than this is hashed where it is read: starting a thread takes 35 ms of processor time, in which 50 MiB are hashed. */
const LONG_BYTES = 16 * 1024 * 1024;
/** How much of a document is held, in bytes and chunks, to see whether it is a short one of a long request. */
const SHORT_BYTES = 1024 * 1024;
const SHORT_CHUNKS = 64;
/** Documents that the thread has in hand, each with some 2 MiB of memory. Others are hashed where they are read. */
const MAX_IN_HAND = 8;

export interface DocumentHasherOptions {
  /** Whether there is a processor for a thread. */
  readonly parallel?: boolean;
  /** Module of the thread. */
  readonly worker?: URL;
}

/**
 * Hashes documents: long ones in a thread, while they are being read and taken out of their form, which takes about as long. One thread is enough,
 * as whoever reads is no quicker; it starts when it is needed and ends when it is not.
 */
export class DocumentHasher {
  readonly #pool: Piscina | null;
  #inHand = 0;

  constructor({ parallel = availableParallelism() > 1, worker = WORKER }: DocumentHasherOptions = {}) {
    this.#pool = parallel
      ? new Piscina({
          filename: worker.href,
          name: 'hashDeliveries',
          minThreads: 0,
          maxThreads: 1,
          concurrentTasksPerWorker: MAX_IN_HAND,
          idleTimeout: 60_000,
          // Waiting by Atomics would block the thread, which has to hear of deliveries.
          atomics: 'disabled',
        })
      : null;
    // A thread that dies while it has nothing in hand harms nobody: the next document gets another.
    this.#pool?.on('error', () => undefined);
  }

  /**
   * As `hashDocument`, but the chunks of `source` are its own: they may be empty afterwards. Rejects when the thread ends.
   * @param announced how many bytes come at most; null: not known
   */
  async hash(
    source: AsyncIterable<Uint8Array>,
    { announced = null, maxBytes = null }: HashLimits & { readonly announced?: number | null } = {},
  ): Promise<HashedDocument> {
    const pool = this.#pool;
    const short = announced !== null && announced < LONG_BYTES;
    if (pool === null || short || this.#inHand >= MAX_IN_HAND) return hashDocument(source, { maxBytes });
    this.#inHand++;
    try {
      return await hashLong(source, () => new ThreadHash((order) => run(pool, order)), maxBytes);
    } finally {
      this.#inHand--;
    }
  }

  /** Resolves when the thread does not run any more. */
  async destroy(): Promise<void> {
    await this.#pool?.destroy();
  }
}

function run(pool: Piscina, order: HashOrder): Promise<HashAnswer | null> {
  return new Promise((resolve, reject) => {
    // The pool keeps what waits for a thread when the thread cannot be started, and says so only in this way.
    pool.once('error', reject);
    const running = pool.run(order, { transferList: [order.port] }) as Promise<HashAnswer | null>;
    void running.then(resolve, reject).finally(() => pool.off('error', reject));
  });
}

async function hashLong(
  source: AsyncIterable<Uint8Array>,
  start: () => ThreadHash,
  maxBytes: number | null,
): Promise<HashedDocument> {
  const held: Uint8Array[] = [];
  let running: ThreadHash | null = null;
  let size = 0;
  try {
    for await (const chunk of source) {
      size = grown(size, chunk, maxBytes);
      if (running !== null) {
        await running.update(chunk);
        continue;
      }
      held.push(chunk);
      if (size <= SHORT_BYTES && held.length <= SHORT_CHUNKS) continue;
      running = start();
      for (const each of held.splice(0)) await running.update(each);
    }
    if (running !== null) return { sha256: await running.digest(), size };
  } finally {
    running?.close();
  }
  const short = createHash('sha256');
  for (const chunk of held) short.update(chunk);
  return { sha256: short.digest(), size };
}
