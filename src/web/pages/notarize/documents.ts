import { toHex } from '../../../proof/bytes.js';
import type { ChosenFile } from '../../lib/files.js';
import { locale } from '../../lib/language.js';
import { Hasher, UnreadableFile } from '../../lib/hasher.js';
import { openHashWorker } from '../../lib/open-hash-worker.js';
import { type Details, type DocumentInput, type Notarization } from '../../lib/api.js';
import { ProblemError } from '../../lib/request.js';
import { AnchorWatch, CosignWatch, SealWatch } from '../../lib/watch.js';
import { detailsFor, NO_DETAILS, type CommonDetails } from './details.js';
import {
  isCancellable,
  isFinal,
  isRefused,
  isUnsubmitted,
  Item,
  type Known,
  LookupQueue,
  type Mode,
  type Sealed,
  type State,
} from './item.js';
import { SubmissionQueue } from './submissions.js';

/** The documents on the page and the work on them, independent of how they are shown. */
export class Documents {
  items: readonly Item[] = [];
  /** Applies to documents submitted from now on. */
  mode: Mode = 'digest';
  #common = NO_DETAILS;
  readonly #hasher = new Hasher({ open: openHashWorker });
  readonly #check = new LookupQueue();
  readonly #seals = new SealWatch();
  readonly #cosignatures = new CosignWatch();
  readonly #anchors = new AnchorWatch();
  readonly #queue: SubmissionQueue;
  readonly #onItem: (item: Item) => void;
  readonly #onList: () => void;

  constructor(listeners: { readonly onItem: (item: Item) => void; readonly onList: () => void }) {
    this.#onItem = listeners.onItem;
    this.#onList = listeners.onList;
    this.#queue = new SubmissionQueue({
      onState: (item, state) => {
        this.#set(item, state);
      },
      onAccepted: (item, notarization) => {
        this.#accepted(item, notarization);
      },
      onError: (item, error) => {
        this.#fail(item, error);
      },
      describe: (item) => this.describe(item),
    });
  }

  /** Details for all documents that have not been sent. */
  get common(): CommonDetails {
    return this.#common;
  }

  set common(common: CommonDetails) {
    this.#common = common;
    for (const item of this.items) if (isRefused(item)) this.#queue.forget(item);
    this.#onList();
  }

  setDetails(item: Item, details: Details | null): void {
    item.details = details;
    if (isRefused(item)) this.#queue.forget(item);
    this.#onList();
  }

  /** What is sent for a document, besides its content. */
  describe({ sha256, details, file }: Item): DocumentInput {
    const sent = detailsFor(details, this.#common, file.name);
    return { sha256: sha256 ?? '', ...(sent === null ? {} : { details: sent }) };
  }

  add(files: readonly ChosenFile[]): void {
    const { compare } = new Intl.Collator(locale(), { numeric: true });
    const items = [...files].sort((a, b) => compare(a.path, b.path)).map((file) => new Item(file));
    this.items = [...this.items, ...items];
    this.#onList();
    for (const item of items) this.#hash(item);
  }

  /** Submits all documents that have not been submitted, except those that are already notarized. */
  submit(): void {
    const open = this.items.filter(isUnsubmitted);
    for (const item of open) item.wanted = this.mode;
    this.#onList();
    this.#queue.push(open.filter(({ state }) => state.phase === 'ready'));
  }

  /** Submits documents that are already notarized. */
  submitAgain(items: readonly Item[]): void {
    for (const item of items) {
      item.again = true;
      item.wanted = this.mode;
      this.#set(item, { phase: 'ready' });
    }
    this.#onList();
    this.#queue.push(items);
  }

  /** Keeps the existing proofs of these documents. */
  keepExisting(items: readonly Item[]): void {
    for (const item of items) {
      if (item.state.phase === 'known') this.#set(item, { phase: 'kept', known: item.state.known });
    }
    this.#onList();
  }

  /** Cancels all work that can be cancelled. Accepted documents stay accepted. */
  cancel(items: readonly Item[] = this.items): void {
    for (const item of items) if (isCancellable(item)) this.#cancel(item);
    this.#onList();
  }

  /** Repeats the same request if one was sent, unless the user has chosen the other mode since. */
  retry(item: Item): void {
    if (this.#queue.repeat(item, this.mode, (other) => this.items.includes(other))) return;
    item.abort.abort();
    item.abort = new AbortController();
    item.wanted = this.mode;
    this.#hash(item);
  }

  retryAll(): void {
    for (const item of this.items) if (item.state.phase === 'failed') this.retry(item);
    this.#onList();
  }

  remove(item: Item): void {
    if (!isFinal(item)) this.#cancel(item);
    this.items = this.items.filter((other) => other !== item);
    this.#onList();
  }

  /** Removes documents without work in progress. */
  clear(): void {
    const cleared = new Set(this.items.filter(isClearable));
    for (const item of cleared) item.abort.abort();
    this.items = this.items.filter((item) => !cleared.has(item));
    this.#onList();
  }

  #set(item: Item, state: State): void {
    item.state = state;
    this.#onItem(item);
  }

  #cancel(item: Item): void {
    item.abort.abort();
    this.#set(item, { phase: 'cancelled', sent: this.#queue.cancel(item) });
  }

  #hash(item: Item): void {
    this.#set(item, { phase: 'waiting' });
    if (item.sha256 !== null) {
      void this.#look(item, item.sha256);
      return;
    }
    const { signal } = item.abort;
    const onProgress = (bytes: number) => {
      if (!signal.aborted) this.#set(item, { phase: 'hashing', bytes });
    };
    this.#hasher.hash(item.file, signal, onProgress).then(
      (digest) => {
        if (signal.aborted) return;
        item.sha256 = toHex(digest);
        void this.#look(item, item.sha256);
      },
      (error: unknown) => {
        if (!signal.aborted) this.#fail(item, error);
      },
    );
  }

  async #look(item: Item, sha256: string): Promise<void> {
    const { signal } = item.abort;
    let known: Known | null = null;
    if (!item.again) {
      this.#set(item, { phase: 'checking', retrying: false });
      const onWaiting = (retrying: boolean) => {
        this.#set(item, { phase: 'checking', retrying });
      };
      try {
        known = await this.#check.look(sha256, signal, onWaiting);
      } catch (error) {
        if (!signal.aborted) this.#fail(item, error);
        return;
      }
    }
    if (signal.aborted) return;
    if (known !== null) {
      item.wanted = null;
      this.#set(item, { phase: 'known', known });
      return;
    }
    this.#set(item, { phase: 'ready' });
    if (item.wanted !== null) this.#queue.push([item]);
  }

  #accepted(item: Item, notarization: Notarization): void {
    item.notarization = notarization;
    this.#set(item, { phase: 'accepted' });
    this.#seals.add(notarization, (seal, cosigned) => {
      const { id } = notarization;
      let state: Sealed = { phase: 'sealed', seal, cosigned, anchored: false };
      const change = (now: Partial<Sealed>) => {
        state = { ...state, ...now };
        this.#set(item, state);
      };
      change({});
      this.#anchors.add(seal.height, id, () => {
        change({ anchored: true });
      });
      if (cosigned === null) return;
      this.#cosignatures.add(seal.height, id, cosigned, (now) => {
        change({ cosigned: now });
      });
    });
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
      error instanceof ProblemError
        ? error.problem
        : error instanceof UnreadableFile
          ? 'unreadable'
          : unexpected;
    this.#set(item, { phase: 'failed', problem });
  }
}

/** Whether it can be removed without losing work in progress. */
export function isClearable(item: Item): boolean {
  return isFinal(item) || isUnsubmitted(item) || item.state.phase === 'known';
}
