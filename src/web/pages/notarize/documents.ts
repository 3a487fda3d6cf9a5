import { batch, signal } from '@preact/signals';
import { toHex } from '../../../proof/bytes.js';
import type { ChosenFile } from '../../lib/files.js';
import { Hasher, UnreadableFile } from '../../lib/hasher.js';
import { Meter } from '../../lib/meter.js';
import { openHashWorker } from '../../lib/open-hash-worker.js';
import type { Details, DocumentInput, Notarization } from '../../lib/api.js';
import { ProblemError } from '../../lib/request.js';
import { session } from '../../lib/session.js';
import { AnchorWatch, CosignWatch, SealWatch } from '../../lib/watch.js';
import { announceProgress } from './announcer.js';
import { byName } from './arranged.js';
import { detailsFor } from './details.js';
import {
  isCancellable,
  isFinal,
  isRefused,
  isUnsubmitted,
  Item,
  type Known,
  LookupQueue,
  type Sealed,
  type State,
} from './item.js';
import { past } from './past.js';
import { mode, setWithNames, withNames } from './settings.js';
import { SubmissionQueue } from './submissions.js';
import { type Summary, summaryOf } from './summary.js';

/** The summary follows the items at this interval: there can be thousands of them. */
const PACE_MS = 250;

/** The documents on the page and the work on them. */
class Documents {
  readonly #items = signal<readonly Item[]>([]);
  readonly #summary = signal<Summary>(summaryOf([], null));
  readonly #common = signal<Details | null>(null);
  readonly #meter = new Meter();
  readonly #hasher = new Hasher({ open: openHashWorker });
  readonly #check = new LookupQueue();
  readonly #seals = new SealWatch();
  readonly #cosignatures = new CosignWatch();
  readonly #anchors = new AnchorWatch();
  readonly #queue = new SubmissionQueue({
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
  #due = false;

  /** By name. */
  get items(): readonly Item[] {
    return this.#items.value;
  }

  get summary(): Summary {
    return this.#summary.value;
  }

  /** Details for all documents that have not been sent. */
  get common(): Details | null {
    return this.#common.value;
  }

  /** @param names whether file names are sent; null: unchanged */
  setCommon(details: Details | null, names: boolean | null): void {
    this.#common.value = details;
    if (names !== null) setWithNames(names);
    for (const item of this.items) if (isRefused(item)) this.#queue.forget(item);
  }

  setDetails(item: Item, details: Details | null): void {
    item.details = details;
    if (isRefused(item)) this.#queue.forget(item);
  }

  /** What is sent for a document, besides its content. */
  describe({ sha256, details, file }: Item): DocumentInput {
    const common = { details: this.common, withName: withNames.value };
    const sent = detailsFor(details, common, file.name);
    return { sha256: sha256 ?? '', ...(sent === null ? {} : { details: sent }) };
  }

  add(files: readonly ChosenFile[]): void {
    const added = files.map((file) => new Item(file));
    this.#change(byName([...this.items, ...added]));
    for (const item of added) this.#hash(item);
  }

  /** Submits all documents that have not been submitted, except those that are already notarized. */
  readonly submit = (): void => {
    const open = this.items.filter(isUnsubmitted);
    for (const item of open) item.wanted = mode.value;
    this.#queue.push(open.filter(({ state }) => state.phase === 'ready'));
    this.#change();
  };

  /** Submits documents that are already notarized. */
  submitAgain(items: readonly Item[]): void {
    for (const item of items) {
      item.again = true;
      item.saved = false;
      item.wanted = mode.value;
      item.state = { phase: 'ready' };
    }
    this.#queue.push(items);
    this.#change();
  }

  readonly submitKnownAgain = (): void => {
    this.submitAgain(this.items.filter(({ state }) => state.phase === 'known'));
  };

  readonly cancelAll = (): void => {
    this.cancel(this.items);
  };

  /** Cancels all work that can be cancelled. Accepted documents stay accepted. */
  cancel(items: readonly Item[]): void {
    for (const item of items) if (isCancellable(item)) this.#cancel(item);
    this.#change();
  }

  /** Repeats the same request if one was sent, unless the user has chosen the other mode since. */
  retry(item: Item): void {
    if (this.#queue.repeat(item, mode.value, (other) => this.items.includes(other))) return;
    item.abort.abort();
    item.abort = new AbortController();
    item.wanted = mode.value;
    this.#hash(item);
  }

  readonly retryAll = (): void => {
    for (const item of this.items) if (item.state.phase === 'failed') this.retry(item);
    this.#change();
  };

  remove(item: Item): void {
    if (!isFinal(item)) this.#cancel(item);
    this.#change(this.items.filter((other) => other !== item));
  }

  /** Removes documents without work in progress. */
  readonly clear = (): void => {
    const cleared = new Set(this.items.filter((item) => isFinal(item) || isUnsubmitted(item)));
    for (const item of cleared) item.abort.abort();
    this.#change(this.items.filter((item) => !cleared.has(item)));
  };

  /** Notes that the proofs of these documents were downloaded. */
  saved(items: readonly Item[]): void {
    for (const item of items) item.saved = true;
    this.#change();
  }

  #change(items: readonly Item[] = this.items): void {
    batch(() => {
      this.#items.value = items;
      this.#summarize();
    });
  }

  #summarize(): void {
    this.#summary.value = summaryOf(this.items, this.#meter);
    announceProgress(this.items);
  }

  #set(item: Item, state: State): void {
    item.state = state;
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      this.#summarize();
    }, PACE_MS);
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
    const anonymous = session.current?.user === null;
    if (anonymous) void past.add({ ...notarization, name: item.path, length: item.file.size });
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

export const documents = new Documents();
