import * as api from '../../lib/api.js';
import type { Accepted, DocumentInput, Notarization } from '../../lib/api.js';
import { localProblem, retryWhileUnavailable } from '../../lib/request.js';
import type { Item, Mode, State } from './item.js';

/** Far below the limit of the service, so that the first rows are updated early. */
const MAX_DIGESTS = 1000;
/** Length of a request: the service accepts 16 MiB, and 1000 documents may have 16 KiB of details each. */
const MAX_TEXT = 2 * 1024 * 1024;
/** Waits this long after a request, so that documents hashed since go together in the next one. */
const GATHER_MS = 250;
/** Small files would otherwise wait for responses; more uploads would only share the bandwidth. */
const UPLOADS_AT_ONCE = 3;

/** The documents of one request, which is accepted as a whole or not at all, and repeated unchanged. */
interface Submission {
  /** Idempotency key. */
  readonly key: string;
  readonly items: readonly Item[];
  /** What is sent for each, as of the first try. */
  readonly documents: readonly DocumentInput[];
  readonly mode: Mode;
  readonly abort: AbortController;
}

interface SubmissionListener {
  readonly onState: (item: Item, state: State) => void;
  readonly onAccepted: (item: Item, notarization: Notarization) => void;
  readonly onError: (item: Item, error: unknown) => void;
  /** What to send for an item; called when its request is created. */
  readonly describe: (item: Item) => DocumentInput;
}

/**
 * Sends submitted documents once they are hashed: digests in batches, one request at a time; files one per
 * request, a few at a time.
 */
export class SubmissionQueue {
  readonly #listener: SubmissionListener;
  readonly #digests = new Set<Item>();
  readonly #files = new Set<Item>();
  readonly #submissions = new Map<Item, Submission>();
  #sending = false;
  #uploading = 0;

  constructor(listener: SubmissionListener) {
    this.#listener = listener;
  }

  push(items: readonly Item[]): void {
    for (const item of items) {
      this.#submissions.delete(item);
      if (item.wanted === 'digest') this.#digests.add(item);
      else if (item.wanted !== null) this.#files.add(item);
    }
    void this.#sendDigests();
    while (this.#uploading < UPLOADS_AT_ONCE && this.#files.size > 0) void this.#sendFiles();
  }

  /**
   * Repeats an earlier request unchanged, so that nothing is notarized twice.
   * @returns false if there is none in this mode
   */
  repeat(item: Item, mode: Mode, isListed: (item: Item) => boolean): boolean {
    const submission = this.#submissions.get(item);
    if (submission?.mode !== mode) return false;
    const items = submission.items.filter(isListed);
    const isWhole = items.length === submission.items.length;
    void this.#send(isWhole ? { ...submission, abort: new AbortController() } : this.#create(mode, items));
    return true;
  }

  /** Makes the next try a new request. Only for documents that were certainly not accepted. */
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
    // A digest may arrive with the first try; a file only once it is sent completely.
    const mayArrive =
      phase !== 'uploading' &&
      !(submission !== undefined && submission.mode !== 'digest' && phase === 'retrying');
    return submission !== undefined && mayArrive;
  }

  async #sendDigests(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#digests.size > 0) {
      await this.#send(this.#create('digest', this.#nextBatch()));
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
    this.#sending = false;
  }

  #nextBatch(): Item[] {
    const items: Item[] = [];
    let length = 0;
    for (const item of this.#digests) {
      length += JSON.stringify(this.#listener.describe(item)).length;
      if (items.length === MAX_DIGESTS || (items.length > 0 && length > MAX_TEXT)) break;
      items.push(item);
      this.#digests.delete(item);
    }
    return items;
  }

  async #sendFiles(): Promise<void> {
    this.#uploading += 1;
    for (const item of this.#files) {
      this.#files.delete(item);
      await this.#send(this.#create(item.wanted ?? 'upload', [item]));
    }
    this.#uploading -= 1;
  }

  #create(mode: Mode, items: readonly Item[]): Submission {
    const documents = items.map(this.#listener.describe);
    return { key: idempotencyKey(), items, documents, mode, abort: new AbortController() };
  }

  /** Sends until the service responds or the submission is cancelled, and reports all states to the listener. */
  async #send(submission: Submission): Promise<void> {
    const { items, documents, mode, abort } = submission;
    const { onAccepted, onError } = this.#listener;
    const setAll = (state: State) => {
      for (const item of items) this.#setState(submission, item, state);
    };
    const begin: State = mode === 'digest' ? { phase: 'sending' } : { phase: 'uploading', bytes: 0 };
    for (const item of items) this.#submissions.set(item, submission);
    setAll(begin);
    try {
      const { notarizations } = await retryWhileUnavailable(
        () => this.#request(submission),
        abort.signal,
        (waiting) => {
          setAll(waiting ? { phase: 'retrying' } : begin);
        },
      );
      // A response about another document must not pass for a notarization of this one.
      const matches = documents.every(({ sha256 }, i) => notarizations[i]?.sha256 === sha256);
      if (!matches || notarizations.length !== items.length) throw localProblem('wrong_digest');
      items.forEach((item, i) => {
        const notarization = notarizations[i];
        if (notarization !== undefined) onAccepted(item, notarization);
      });
    } catch (error) {
      if (!abort.signal.aborted) for (const item of items) onError(item, error);
    }
  }

  #request(submission: Submission): Promise<Accepted> {
    const { items, documents, key, mode, abort } = submission;
    if (mode === 'digest') return api.notarizeDigests(documents, key, abort.signal);
    const [item] = items;
    if (item === undefined) throw new RangeError('an upload has one item');
    const onSent = (bytes: number) => {
      const isSent = bytes >= item.file.size;
      this.#setState(submission, item, isSent ? { phase: 'uploaded' } : { phase: 'uploading', bytes });
    };
    const request = { key, keep: mode === 'keep' };
    return api.upload(item.file, documents[0]?.details ?? null, request, onSent, abort.signal);
  }

  #setState({ abort }: Submission, item: Item, state: State): void {
    if (!abort.signal.aborted) this.#listener.onState(item, state);
  }
}

/** crypto.randomUUID is missing on pages that were served over plain HTTP by another machine. */
function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
