import type { HashReply, HashRequest, HashWorker } from './hash-slices.js';

export class UnreadableFile extends Error {
  constructor() {
    super('the file can no longer be read');
    this.name = 'UnreadableFile';
  }
}

interface Job {
  readonly number: number;
  readonly file: File;
  readonly onProgress: (bytes: number) => void;
  readonly resolve: (sha256: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal;
}

export interface HashWorkers {
  readonly open: () => HashWorker;
  /** Replaces the last worker if it breaks; absent: hashing then fails. */
  readonly instead?: () => HashWorker;
}

interface Lane {
  readonly worker: HashWorker;
  job: Job | null;
}

/** Hashes files in web workers, a few at a time, in the order of the calls. */
export class Hasher {
  readonly #lanes: Lane[] = [];
  readonly #queue: Job[] = [];
  readonly #workers: HashWorkers;
  #width: number;
  #jobs = 0;
  #instead = false;

  /** More than four readers slow a disk down. */
  constructor(
    workers: HashWorkers,
    width: number = Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)),
  ) {
    this.#workers = workers;
    this.#width = width;
    // Loads the worker's program early: hashing must also work when the service becomes unreachable.
    this.#open();
  }

  /** Resolves with the SHA-256 digest. @throws UnreadableFile, or the signal's reason */
  hash(file: File, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(asError(signal.reason));
        return;
      }
      this.#jobs += 1;
      const job: Job = { number: this.#jobs, file, onProgress, resolve, reject, signal };
      signal.addEventListener('abort', () => {
        this.#cancel(job);
      });
      this.#queue.push(job);
      this.#next();
    });
  }

  #next(): void {
    for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) {
      const lane = this.#lanes.find((lane) => lane.job === null) ?? this.#open();
      if (lane === null) return;
      this.#queue.shift();
      lane.job = job;
      post(lane, { kind: 'hash', job: job.number, file: job.file });
    }
  }

  #open(): Lane | null {
    if (this.#lanes.length >= this.#width) return null;
    const worker = (this.#instead ? this.#workers.instead : undefined)?.() ?? this.#workers.open();
    const lane: Lane = { worker, job: null };
    worker.addEventListener('message', (event) => {
      this.#receive(lane, (event as MessageEvent<HashReply>).data);
    });
    worker.addEventListener('error', () => {
      this.#lose(lane);
    });
    this.#lanes.push(lane);
    return lane;
  }

  /** A worker failed to load or ran out of memory. The remaining workers take over its work. */
  #lose(lane: Lane): void {
    lane.worker.terminate();
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    const instead = !this.#instead && this.#workers.instead !== undefined;
    if (this.#lanes.length > 0 || instead) {
      this.#instead = this.#lanes.length === 0;
      this.#width = Math.max(1, this.#lanes.length);
      if (lane.job !== null) this.#queue.unshift(lane.job);
    } else {
      lane.job?.reject(new UnreadableFile());
    }
    this.#next();
  }

  #receive(lane: Lane, reply: HashReply): void {
    const { job } = lane;
    if (job?.number !== reply.job) return;
    if (reply.kind === 'progress') {
      job.onProgress(reply.bytes);
      return;
    }
    lane.job = null;
    if (reply.kind === 'done') job.resolve(reply.sha256);
    else job.reject(reply.kind === 'cancelled' ? asError(job.signal.reason) : new UnreadableFile());
    this.#next();
  }

  #cancel(job: Job): void {
    const waiting = this.#queue.indexOf(job);
    if (waiting !== -1) this.#queue.splice(waiting, 1);
    const lane = this.#lanes.find((lane) => lane.job === job);
    if (lane !== undefined) post(lane, { kind: 'cancel', job: job.number });
    job.reject(asError(job.signal.reason));
  }
}

function post(lane: Lane, request: HashRequest): void {
  lane.worker.postMessage(request);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new DOMException('aborted', 'AbortError');
}
