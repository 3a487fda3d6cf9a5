import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Delivery, HashAnswer, HashOrder } from './hash-worker.js';

/** What goes to the thread at a time: several of the chunks of 64 KiB that are read, as each message wakes it up. */
const DELIVERY_BYTES = 256 * 1024;
/** So that many small chunks do not become much memory. */
const DELIVERY_CHUNKS = 64;
/** How far the thread may be behind before nothing more is read. */
const MAX_BEHIND_BYTES = 1024 * 1024;

/** The hash of one document, made by a thread. Whoever is quicker than the thread waits for it. */
export class ThreadHash {
  readonly #port: MessagePort;
  readonly #answer: Promise<HashAnswer | null>;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;
  /** Bytes that were delivered, and of these what has not been hashed. */
  #delivered = 0;
  #behind = 0;
  #failure: Error | null = null;
  #wake: () => void = () => undefined;

  /** @param run has a thread carry out `hashDeliveries`; rejects when the thread ends before */
  constructor(run: (order: HashOrder) => Promise<HashAnswer | null>) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (length: number) => {
      this.#behind -= length;
      this.#wake();
    });
    this.#answer = run({ port: port2 }).catch((error: unknown) => {
      this.#failure = new Error('the thread that hashes documents has ended', { cause: error });
      this.#wake();
      throw this.#failure;
    });
    // Nobody waits for the answer of a document that was given up.
    this.#answer.catch(() => undefined);
  }

  /**
   * Takes `chunk` away: if it is alone in its memory, it is empty afterwards. Resolves when more may come.
   * @throws when the thread has ended
   */
  async update(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(isAlone(chunk) ? chunk : new Uint8Array(chunk));
    this.#bytes += chunk.length;
    if (this.#bytes >= DELIVERY_BYTES || this.#chunks.length >= DELIVERY_CHUNKS) this.#deliver();
    while (this.#behind > MAX_BEHIND_BYTES) {
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** @throws when the thread has ended */
  async digest(): Promise<Uint8Array> {
    this.#deliver();
    this.#port.postMessage(null);
    const answer = await this.#answer;
    // Guards the one thing that must never happen: a digest of something else than what came.
    if (answer?.size !== this.#delivered) throw new Error('the thread has not hashed what it was given');
    return answer.sha256;
  }

  /** Lets go of everything, whether or not the document has come to its end. */
  close(): void {
    this.#port.close();
  }

  #deliver(): void {
    const delivery: Delivery = this.#chunks;
    const memory = delivery.map(({ buffer }) => buffer);
    this.#port.postMessage(delivery, memory);
    this.#delivered += this.#bytes;
    this.#behind += this.#bytes;
    this.#chunks = [];
    this.#bytes = 0;
  }
}

/** Of a form, two files, or a file and what is around it, may lie in the same memory, which must then stay here. */
function isAlone(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return chunk.buffer instanceof ArrayBuffer && chunk.length === chunk.buffer.byteLength;
}
