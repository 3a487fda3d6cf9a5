import { createHash, type Hash } from 'node:crypto';
import { HashingThread, type ThreadedHash } from './hashing-thread.js';

/** Thrown by `hashDocument` when the document exceeds its limit. */
export class DocumentTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`the document has more than ${maxBytes} bytes`);
    this.name = 'DocumentTooLarge';
    this.maxBytes = maxBytes;
  }
}

interface HashingOptions {
  readonly maxBytes?: number | null;
  /** Reads the document to its end while it is hashed, and changes no chunk before it asks for the next. Absent: nobody does. */
  readonly consume?: (document: AsyncIterable<Uint8Array>) => Promise<void>;
  readonly thread?: HashingThread;
}

/** Of this process. */
const ownThread = new HashingThread();

/**
 * The SHA-256 and the length in bytes of what `source` yields. Holds one chunk at a time; of the few documents that
 * are hashed in the thread, up to 2.5 MiB each. Rejects with the stream's own error when it breaks off, and
 * with DocumentTooLarge as soon as the limit is exceeded.
 */
export async function hashDocument(
  source: AsyncIterable<Uint8Array>,
  { maxBytes = null, consume, thread = ownThread }: HashingOptions = {},
): Promise<{ sha256: Uint8Array; size: number }> {
  let size = 0;
  const running = new RunningHash(thread);
  const take = (chunk: Uint8Array) => {
    size += chunk.length;
    if (maxBytes !== null && size > maxBytes) throw new DocumentTooLarge(maxBytes);
    return running.update(chunk);
  };
  async function* taken(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      await take(chunk);
      yield chunk;
    }
  }
  try {
    if (consume === undefined) for await (const chunk of source) await take(chunk);
    else await consume(taken());
    return { sha256: await running.digest(), size };
  } finally {
    running.close();
  }
}

/** The SHA-256 of a document: of one chunk here, since that is not worth a thread; of more in the thread, if it has a place. */
class RunningHash {
  readonly #thread: HashingThread;
  #first: Uint8Array | null = null;
  #here: Hash | null = null;
  #there: ThreadedHash | null = null;

  constructor(thread: HashingThread) {
    this.#thread = thread;
  }

  async update(chunk: Uint8Array): Promise<void> {
    if (this.#first === null) {
      this.#first = chunk;
      return;
    }
    if (this.#here === null && this.#there === null) {
      this.#there = this.#thread.begin();
      if (this.#there === null) this.#here = createHash('sha256').update(this.#first);
      else await this.#there.update(this.#first);
    }
    this.#here?.update(chunk);
    await this.#there?.update(chunk);
  }

  async digest(): Promise<Uint8Array> {
    if (this.#there !== null) return this.#there.digest();
    return (this.#here ?? createHash('sha256').update(this.#first ?? new Uint8Array())).digest();
  }

  close(): void {
    this.#there?.close();
  }
}
