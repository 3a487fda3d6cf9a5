import type { DocumentInput, Notarization } from '../resources.js';
import type { Item, Mode, State } from './item.js';
import { createSubmission, send, type Submission } from './submission.js';

/** Far below what the service takes, so that the first rows come alive early. */
const MAX_DIGESTS = 1000;
/** Of a request's text: the service takes 16 MiB, and 1000 documents may have 16 KiB of details each. */
const MAX_TEXT = 2 * 1024 * 1024;
/** What is hashed so soon after a request goes with others in the next. */
const GATHER_MS = 250;
/** Many small files would else spend their time waiting for answers; more would only share the line. */
const UPLOADS_AT_ONCE = 3;

export interface OutboxListener {
  readonly onState: (item: Item, state: State) => void;
  readonly onAccepted: (item: Item, notarization: Notarization) => void;
  readonly onError: (item: Item, error: unknown) => void;
  /** What is to be said of an item, asked when its request is made. */
  readonly describe: (item: Item) => DocumentInput;
}

/** Sends what is hashed and wanted. Digests go together, one request at a time; files each for itself, a few at a time. */
export class Outbox {
  readonly #listener: OutboxListener;
  readonly #digests = new Set<Item>();
  readonly #files = new Set<Item>();
  readonly #submissions = new Map<Item, Submission>();
  #sending = false;
  #uploading = 0;

  constructor(listener: OutboxListener) {
    this.#listener = listener;
  }

  push(items: readonly Item[]): void {
    for (const item of items) {
      this.#submissions.delete(item);
      if (item.wanted === 'digest') this.#digests.add(item);
      else if (item.wanted === 'upload') this.#files.add(item);
    }
    void this.#sendDigests();
    while (this.#uploading < UPLOADS_AT_ONCE && this.#files.size > 0) void this.#sendFiles();
  }

  /**
   * A request that was sent goes again as the same request, whole, so that nothing is notarized twice.
   * @returns false when there is none of this kind to repeat
   */
  repeat(item: Item, mode: Mode, isListed: (item: Item) => boolean): boolean {
    const submission = this.#submissions.get(item);
    if (submission?.mode !== mode) return false;
    const left = submission.items.filter(isListed);
    const whole = left.length === submission.items.length;
    void this.#run(
      whole
        ? { ...submission, abort: new AbortController() }
        : createSubmission(mode, left, this.#listener.describe),
    );
    return true;
  }

  /** The next try is another request. Only for what was certainly not accepted. */
  forget(item: Item): void {
    this.#submissions.delete(item);
  }

  /** @returns whether a request with it may have arrived */
  cancel(item: Item): boolean {
    const submission = this.#submissions.get(item);
    this.#digests.delete(item);
    this.#files.delete(item);
    submission?.abort.abort();
    const { phase } = item.state;
    // A digest has left with the first try; a file has arrived only when all of it has.
    const arriving = phase !== 'uploading' && !(submission?.mode === 'upload' && phase === 'held');
    return submission !== undefined && arriving;
  }

  async #sendDigests(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#digests.size > 0) {
      await this.#run(this.#nextBatch());
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
    this.#sending = false;
  }

  #nextBatch(): Submission {
    const items: Item[] = [];
    let length = 0;
    for (const item of this.#digests) {
      length += JSON.stringify(this.#listener.describe(item)).length;
      if (items.length === MAX_DIGESTS || (items.length > 0 && length > MAX_TEXT)) break;
      items.push(item);
      this.#digests.delete(item);
    }
    return createSubmission('digest', items, this.#listener.describe);
  }

  async #sendFiles(): Promise<void> {
    this.#uploading += 1;
    for (const item of this.#files) {
      this.#files.delete(item);
      await this.#run(createSubmission('upload', [item], this.#listener.describe));
    }
    this.#uploading -= 1;
  }

  async #run(submission: Submission): Promise<void> {
    const { items, abort } = submission;
    const { onState, onAccepted, onError } = this.#listener;
    for (const item of items) this.#submissions.set(item, submission);
    try {
      const notarizations = await send(submission, (item, state) => {
        if (!abort.signal.aborted) onState(item, state);
      });
      items.forEach((item, i) => {
        const notarization = notarizations[i];
        if (notarization !== undefined) onAccepted(item, notarization);
      });
    } catch (error) {
      if (!abort.signal.aborted) for (const item of items) onError(item, error);
    }
  }
}
