import { createHash } from 'node:crypto';
import { type MessagePort, MessageChannel, Worker } from 'node:worker_threads';

/** The bundle of the thread's module, two folders up from src/intake/ and from dist/shared/ alike. */
const WORKER = new URL('../../dist/intake/hashing-worker.js', import.meta.url);

/** At a time; others are hashed by whoever receives them. The thread hashes two gigabytes a second, for all together. */
const MAX_DOCUMENTS = 4;
/** A message for each buffer: with smaller ones, messages cost more than the thread gains. */
const BUFFER_BYTES = 512 * 1024;
/** Of a document: one is filled while others wait for the thread. */
const MAX_BUFFERS = 5;
/** The thread ends after so long without a document. */
const IDLE_MS = 60_000;
/** The thread makes hardly any garbage. */
const YOUNG_GENERATION_MIB = 1;

/** What the thread gets by a document's port; null: the document is complete. */
export type HashingRequest = {
  /** Handed over. */
  readonly buffer: ArrayBuffer;
  /** How much of it is filled, in bytes. */
  readonly length: number;
} | null;

/** What the thread answers: a buffer that it has hashed, handed back, or the SHA-256 of the document. */
export type HashingAnswer = { readonly buffer: ArrayBuffer } | { readonly sha256: Uint8Array };

/** Hashes documents while this process receives them. Its thread starts with the first long one. */
export class HashingThread {
  readonly #module: URL;
  #running: { readonly worker: Worker; readonly documents: Set<ThreadedHash> } | null = null;
  #places = MAX_DOCUMENTS;
  #idle: NodeJS.Timeout | undefined;

  constructor(module = WORKER) {
    this.#module = module;
  }

  /** @returns null: the thread has enough documents */
  begin(): ThreadedHash | null {
    if (this.#places === 0) return null;
    this.#places--;
    clearTimeout(this.#idle);
    return new ThreadedHash(
      (document, port) => {
        this.#running ??= this.#start();
        this.#running.documents.add(document);
        this.#running.worker.postMessage(port, [port]);
      },
      (document) => {
        this.#running?.documents.delete(document);
        if (++this.#places < MAX_DOCUMENTS) return;
        this.#idle = setTimeout(() => {
          void this.#running?.worker.terminate();
          this.#running = null;
        }, IDLE_MS);
        this.#idle.unref();
      },
    );
  }

  #start() {
    const worker = new Worker(this.#module, {
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    worker.unref();
    const running = { worker, documents: new Set<ThreadedHash>() };
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      if (this.#running === running) this.#running = null;
      for (const document of running.documents) document.fail(cause);
    });
    return running;
  }
}

/** The SHA-256 of a document, of which the thread gets one full buffer after the other. */
export class ThreadedHash {
  readonly #open: (document: ThreadedHash, port: MessagePort) => void;
  readonly #onClose: (document: ThreadedHash) => void;
  /** What is being filled; null: none. */
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  /** Bytes in it. */
  #length = 0;
  /** Hashed, to be filled again. */
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #buffers = 0;
  /** null: the thread has got nothing yet. */
  #port: MessagePort | null = null;
  #sha256: Uint8Array | null = null;
  #failure: Error | null = null;
  #wake: () => void = () => undefined;

  constructor(
    open: (document: ThreadedHash, port: MessagePort) => void,
    onClose: (document: ThreadedHash) => void,
  ) {
    this.#open = open;
    this.#onClose = onClose;
  }

  /** Copies the chunk before it resolves. */
  async update(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      this.#buffer ??= this.#nextBuffer();
      if (this.#buffer === null) {
        await this.#answer();
        continue;
      }
      const part = chunk.subarray(at, at + BUFFER_BYTES - this.#length);
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
      if (this.#length === BUFFER_BYTES) this.#send(this.#buffer);
    }
  }

  async digest(): Promise<Uint8Array> {
    if (this.#port === null) {
      const rest = this.#buffer?.subarray(0, this.#length) ?? new Uint8Array();
      return createHash('sha256').update(rest).digest();
    }
    if (this.#buffer !== null) this.#send(this.#buffer);
    this.#port.postMessage(null);
    while (this.#sha256 === null) await this.#answer();
    return this.#sha256;
  }

  /** Leaves the place in the thread to another document. Once. */
  close(): void {
    this.#port?.close();
    this.#onClose(this);
  }

  /** The thread has ended. */
  fail(cause: unknown): void {
    this.#failure = new Error('the thread that hashes documents has ended', { cause });
    this.#wake();
  }

  /** null: all of them are in the thread. */
  #nextBuffer(): Uint8Array<ArrayBuffer> | null {
    const hashed = this.#free.pop();
    if (hashed !== undefined) return hashed;
    if (this.#buffers === MAX_BUFFERS) return null;
    this.#buffers++;
    return new Uint8Array(BUFFER_BYTES);
  }

  #send({ buffer }: Uint8Array<ArrayBuffer>): void {
    this.#port ??= this.#connect();
    this.#port.postMessage({ buffer, length: this.#length } satisfies HashingRequest, [buffer]);
    this.#buffer = null;
    this.#length = 0;
  }

  #connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (answer: HashingAnswer) => {
      if ('sha256' in answer) this.#sha256 = answer.sha256;
      else this.#free.push(new Uint8Array(answer.buffer));
      this.#wake();
    });
    this.#open(this, port2);
    return port1;
  }

  /** Resolves with the next answer. */
  async #answer(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
