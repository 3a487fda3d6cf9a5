import { createSha256 } from '../../proof/hash.js';

/** Messages between the page and its hashing worker. */

export type HashRequest =
  | { readonly kind: 'hash'; readonly job: number; readonly file: File }
  | { readonly kind: 'cancel'; readonly job: number };

export type HashReply =
  | { readonly kind: 'progress'; readonly job: number; readonly bytes: number }
  | { readonly kind: 'done'; readonly job: number; readonly sha256: Uint8Array; readonly size: number }
  | { readonly kind: 'cancelled'; readonly job: number }
  /** The file was moved or changed after it was chosen. */
  | { readonly kind: 'unreadable'; readonly job: number };

/** The part of a web worker's interface that hashing needs. */
export type HashWorker = Pick<Worker, 'postMessage' | 'addEventListener' | 'terminate'>;

/**
 * Files are hashed slice by slice: two slices are in memory, whatever the length of the file. The file's own
 * stream is slower, because browsers cut it into small chunks.
 */
const SLICE = 4 * 1024 * 1024;
const PROGRESS_EVERY_MS = 100;

/** The hashing itself, in a worker or in the page: takes requests and sends replies. */
export function hashServer(reply: (message: HashReply) => void): (request: HashRequest) => void {
  const cancelled = new Set<number>();

  async function hash(job: number, file: File): Promise<void> {
    try {
      reply(await digest(job, file));
    } catch {
      reply({ kind: 'unreadable', job });
    } finally {
      cancelled.delete(job);
    }
  }

  async function digest(job: number, file: File): Promise<HashReply> {
    const running = createSha256();
    let reportedAt = performance.now();
    let next = read(file, 0);
    for (let offset = 0; offset < file.size;) {
      const slice = await next;
      offset += slice.length;
      // Read the next slice while this one is hashed.
      next = read(file, offset);
      running.update(slice);
      if (cancelled.has(job)) {
        await next;
        return { kind: 'cancelled', job };
      }
      if (performance.now() - reportedAt >= PROGRESS_EVERY_MS) {
        reportedAt = performance.now();
        reply({ kind: 'progress', job, bytes: offset });
      }
    }
    await next;
    return { kind: 'done', job, sha256: running.digest(), size: file.size };
  }

  return (request) => {
    if (request.kind === 'cancel') cancelled.add(request.job);
    else void hash(request.job, request.file);
  };
}

async function read(file: File, offset: number): Promise<Uint8Array> {
  const end = Math.min(offset + SLICE, file.size);
  const bytes = new Uint8Array(await file.slice(offset, end).arrayBuffer());
  // A file that was truncated after it was chosen yields fewer bytes.
  if (bytes.length !== end - offset) throw new Error('the file has changed');
  return bytes;
}

/** Hashes in the page itself where workers are not available. The page stays responsive between slices. */
export class InPageHashWorker extends EventTarget implements HashWorker {
  readonly #serve = hashServer((data) => {
    this.dispatchEvent(new MessageEvent('message', { data }));
  });

  postMessage(request: HashRequest): void {
    this.#serve(request);
  }

  /** Has no resources to release. */
  terminate(): void {
    return;
  }
}
