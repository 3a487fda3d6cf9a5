import { toHex } from '../../proof/bytes.js';
import type { ChosenFile } from '../dropped-files.js';
import { Hasher, UnreadableFile } from '../hasher.js';
import { openHashWorker } from '../open-hash-worker.js';
import { RefusedError } from '../resources.js';
import { isCancellable, isFinal, isOpen, Item, type Mode, type State } from './item.js';
import { SealWatch } from './seal-watch.js';
import { createSubmission, MAX_DIGESTS, send, type Submission } from './submission.js';

/** The documents on the page and the work on them. It knows nothing of how they look. */
export class Desk {
  items: Item[] = [];
  #mode: Mode = 'digest';
  readonly #hasher = new Hasher({ open: openHashWorker });
  readonly #watch = new SealWatch();
  readonly #submissions = new Map<Item, Submission>();
  /** Wanted and hashed, not yet sent. */
  readonly #ready: Item[] = [];
  readonly #uploads: Item[] = [];
  #sending = false;
  readonly #onItem: (item: Item) => void;
  readonly #onList: () => void;

  constructor(listeners: { readonly onItem: (item: Item) => void; readonly onList: () => void }) {
    this.#onItem = listeners.onItem;
    this.#onList = listeners.onList;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** For the documents that are not yet submitted. */
  set mode(mode: Mode) {
    if (mode === this.#mode) return;
    this.#mode = mode;
    for (const item of this.items.filter(isOpen)) {
      if (mode === 'digest') this.#hash(item);
      else if (item.state.phase !== 'ready') this.#restart(item);
    }
    this.#onList();
  }

  add(files: readonly ChosenFile[]): void {
    const items = files.map((file) => new Item(file));
    this.items = [...this.items, ...items];
    this.#onList();
    if (this.#mode === 'digest') for (const item of items) this.#hash(item);
  }

  /** Notarizes everything on the list that has not been submitted yet. */
  submit(): void {
    for (const item of this.items.filter(isOpen)) {
      item.wanted = true;
      if (this.#mode === 'upload') this.#uploads.push(item);
      else if (item.state.phase === 'ready') this.#ready.push(item);
    }
    this.#onList();
    void this.#sendAll();
  }

  /** Ends all work that can be ended. What was accepted stays accepted. */
  cancel(): void {
    for (const item of this.items.filter(isCancellable)) this.#cancel(item);
    this.#onList();
  }

  /**
   * A request that was sent goes again as the same request, whole, so that nothing is notarized twice; unless its owner has
   * chosen the other way meanwhile.
   */
  retry(item: Item): void {
    const submission = this.#submissions.get(item);
    if (submission?.mode !== this.#mode) {
      this.#submissions.delete(item);
      this.#restart(item);
      item.wanted = true;
      if (this.#mode === 'upload') this.#uploads.push(item);
      else this.#hash(item);
      void this.#sendAll();
      return;
    }
    const left = submission.items.filter((other) => this.items.includes(other));
    const whole = left.length === submission.items.length;
    void this.#run(
      whole ? { ...submission, abort: new AbortController() } : createSubmission(submission.mode, left),
    );
  }

  retryAll(): void {
    for (const item of this.items) if (item.state.phase === 'failed') this.retry(item);
  }

  remove(item: Item): void {
    if (!isFinal(item)) this.#cancel(item);
    this.items = this.items.filter((other) => other !== item);
    this.#onList();
  }

  clear(): void {
    this.items = this.items.filter((item) => !isFinal(item) && !isOpen(item));
    this.#onList();
  }

  #set(item: Item, state: State): void {
    item.state = state;
    this.#onItem(item);
  }

  #restart(item: Item): void {
    item.abort.abort();
    item.abort = new AbortController();
    this.#set(item, { phase: 'waiting' });
  }

  #cancel(item: Item): void {
    const submission = this.#submissions.get(item);
    const { phase } = item.state;
    // A digest has left with the first try; a file has arrived only when all of it has.
    const sent =
      submission !== undefined &&
      phase !== 'uploading' &&
      !(submission.mode === 'upload' && phase === 'held');
    item.abort.abort();
    submission?.abort.abort();
    for (const queue of [this.#ready, this.#uploads]) {
      if (queue.includes(item)) queue.splice(queue.indexOf(item), 1);
    }
    this.#set(item, { phase: 'cancelled', sent });
  }

  #hash(item: Item): void {
    if (item.sha256 !== null) {
      this.#hashed(item, item.sha256);
      return;
    }
    const { signal } = item.abort;
    const onProgress = (bytes: number) => {
      if (!signal.aborted) this.#set(item, { phase: 'hashing', bytes });
    };
    this.#hasher.hash(item.file, signal, onProgress).then(
      (digest) => {
        if (!signal.aborted) this.#hashed(item, toHex(digest));
      },
      (error: unknown) => {
        if (!signal.aborted) this.#fail(item, error);
      },
    );
  }

  #hashed(item: Item, sha256: string): void {
    item.sha256 = sha256;
    this.#set(item, { phase: 'ready' });
    if (!item.wanted) return;
    this.#ready.push(item);
    void this.#sendAll();
  }

  /** One request at a time: what becomes ready meanwhile goes together in the next. */
  async #sendAll(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    for (;;) {
      const digests = this.#ready.splice(0, MAX_DIGESTS).filter(({ state }) => state.phase === 'ready');
      const upload = digests.length > 0 ? undefined : this.#uploads.shift();
      if (digests.length > 0) await this.#run(createSubmission('digest', digests));
      else if (upload === undefined) break;
      else if (!isFinal(upload)) await this.#run(createSubmission('upload', [upload]));
    }
    this.#sending = false;
  }

  async #run(submission: Submission): Promise<void> {
    const { items, abort } = submission;
    for (const item of items) this.#submissions.set(item, submission);
    try {
      const notarizations = await send(submission, (item, state) => {
        if (!abort.signal.aborted) this.#set(item, state);
      });
      items.forEach((item, i) => {
        const notarization = notarizations[i];
        if (notarization === undefined) return;
        item.notarization = notarization;
        item.sha256 = notarization.sha256;
        this.#set(item, { phase: 'accepted' });
        this.#watch.add(notarization, (height, sealedAt) => {
          this.#set(item, { phase: 'sealed', seal: { height, sealedAt } });
        });
      });
    } catch (error) {
      if (!abort.signal.aborted) for (const item of items) this.#fail(item, error);
    }
  }

  #fail(item: Item, error: unknown): void {
    const unexpected = {
      status: 0,
      code: 'unexpected',
      detail: String(error),
      requestId: null,
      retryAfterSeconds: null,
    };
    const problem =
      error instanceof RefusedError
        ? error.problem
        : error instanceof UnreadableFile
          ? 'unreadable'
          : unexpected;
    this.#set(item, { phase: 'failed', problem });
  }
}
