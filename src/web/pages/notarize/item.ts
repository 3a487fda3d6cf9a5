import { signal } from '@preact/signals';
import * as api from '../../lib/api.js';
import type { Cosigned, Details, Lookup, Notarization } from '../../lib/api.js';
import { printedName } from '../../lib/certificate.js';
import type { ChosenFile } from '../../lib/files.js';
import { retryWhileUnavailable, type Problem, ProblemError } from '../../lib/request.js';
import type { Seal } from '../../lib/watch.js';

/** `keep`: the file is uploaded, and the service keeps it. */
export type Mode = 'digest' | 'upload' | 'keep';

/** Existing notarizations of a document. */
export interface Known {
  /** The earliest sealed one; the earliest of all if none is sealed. */
  readonly notarization: Notarization;
  readonly count: number;
  /** Whether there are more than `count`. */
  readonly more: boolean;
}

/** The states of a document, in their order; only a retry goes back. */
export type State =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'hashing'; readonly bytes: number }
  /** Checking for existing notarizations. `retrying`: waiting for the service. */
  | { readonly phase: 'checking'; readonly retrying: boolean }
  | { readonly phase: 'ready' }
  /** Already notarized. It is left out unless the user wants it notarized again. */
  | { readonly phase: 'known'; readonly known: Known }
  | { readonly phase: 'sending' }
  | { readonly phase: 'uploading'; readonly bytes: number }
  | { readonly phase: 'uploaded' }
  /** Waiting for the service, before or after sending. */
  | { readonly phase: 'retrying' }
  | { readonly phase: 'accepted' }
  | Sealed
  /** `sent`: the request may have arrived, so the service may have accepted it. */
  | { readonly phase: 'cancelled'; readonly sent: boolean }
  | { readonly phase: 'failed'; readonly problem: Problem | 'unreadable' };
export type Phase = State['phase'];

interface Proven {
  readonly id: string;
  /** null: it is pending. */
  readonly sealedAt: number | null;
  /** The name for a certificate; null: the service knows it. */
  readonly name: string | null;
}

export interface Sealed {
  readonly phase: 'sealed';
  readonly seal: Seal;
  /** null where the log has no members. */
  readonly cosigned: Cosigned | null;
  readonly anchored: boolean;
}

let items = 0;

/** A document on the list. A view that reads its state or details is rendered again when they change. */
export class Item {
  /** Unique on the page. */
  readonly key = String((items += 1));
  readonly file: File;
  /** Path of the file inside the dropped folder. */
  readonly path: string;
  readonly #state = signal<State>({ phase: 'waiting' });
  readonly #details = signal<Details | null>(null);
  /** Hexadecimal; null until computed. */
  sha256: string | null = null;
  notarization: Notarization | null = null;
  readonly #wanted = signal<Mode | null>(null);
  /** Submitted although it is already notarized. */
  again = false;
  /** Whether its proof was downloaded. */
  saved = false;
  /** Cancels the work on this item alone. */
  abort = new AbortController();

  constructor({ file, path }: ChosenFile) {
    this.file = file;
    this.path = path;
  }

  get state(): State {
    return this.#state.value;
  }

  set state(state: State) {
    this.#state.value = state;
  }

  /** How it was submitted; null: not submitted. */
  get wanted(): Mode | null {
    return this.#wanted.value;
  }

  set wanted(wanted: Mode | null) {
    this.#wanted.value = wanted;
  }

  /** Its own details; null: those for all, if any. */
  get details(): Details | null {
    return this.#details.value;
  }

  set details(details: Details | null) {
    this.#details.value = details;
  }

  /** The notarization whose proof can be downloaded, its own or an existing one. */
  get proven(): Proven | null {
    const { state, notarization } = this;
    if (state.phase === 'sealed' && notarization !== null)
      return this.#proven(notarization, state.seal.sealedAt);
    if (state.phase !== 'known') return null;
    const { sealedAt } = state.known.notarization;
    return this.#proven(state.known.notarization, sealedAt === undefined ? null : Date.parse(sealedAt));
  }

  #proven({ id, details }: Notarization, sealedAt: number | null): Proven {
    return { id, sealedAt, name: details?.name === undefined ? printedName(this.file.name) : null };
  }

  /** Bytes hashed or sent so far. */
  get bytesDone(): number {
    switch (this.state.phase) {
      case 'hashing':
      case 'uploading':
        return Math.min(this.state.bytes, this.file.size);
      case 'waiting':
        return 0;
      default:
        return this.file.size;
    }
  }
}

const FINAL: readonly Phase[] = ['known', 'sealed', 'failed', 'cancelled'];
const BEFORE_SENDING: readonly Phase[] = ['waiting', 'hashing', 'checking', 'ready'];

/** Whether nothing more happens to it without the user. */
export function isFinal({ state }: Item): boolean {
  return FINAL.includes(state.phase);
}

/** Whether work on it continues without the user. */
export function isInProgress(item: Item): boolean {
  const { phase } = item.state;
  if (phase === 'ready') return item.wanted !== null;
  return !isFinal(item);
}

/** Whether it can be submitted. */
export function isUnsubmitted({ state, wanted }: Item): boolean {
  return wanted === null && BEFORE_SENDING.includes(state.phase);
}

/** Whether work on it can be cancelled. Accepted documents stay accepted. */
export function isCancellable(item: Item): boolean {
  const { phase } = item.state;
  if (isFinal(item) || phase === 'accepted') return false;
  return item.wanted !== null || phase === 'hashing';
}

/** Whether it can be cancelled without others: one request may contain the digests of many documents. */
export function isCancellableAlone(item: Item): boolean {
  const { phase } = item.state;
  if (BEFORE_SENDING.includes(phase)) return isCancellable(item);
  return phase === 'uploading' || (phase === 'retrying' && item.wanted !== 'digest');
}

/** Whether it failed and certainly was not notarized, so that a changed request may be sent. */
export function isRefused({ state }: Item): boolean {
  if (state.phase !== 'failed') return false;
  return state.problem === 'unreadable' || (state.problem.status >= 400 && state.problem.status < 500);
}

/** Whether its details can still be edited. */
export function isEditable(item: Item): boolean {
  const { state } = item;
  if (state.phase === 'known' || isUnsubmitted(item) || isRefused(item)) return true;
  return state.phase === 'cancelled' && !state.sent;
}

/** A browser opens six connections per host; some are needed for sending and for events. */
const AT_ONCE = 4;

/** Looks up documents, a few at a time, in order. */
export class LookupQueue {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param onWaiting receives true when it starts to wait for the service, and false when it tries again
   * @returns null if there is no notarization, or if the lookup is not allowed
   * @throws the signal's reason
   */
  async look(
    sha256: string,
    signal: AbortSignal,
    onWaiting: (waiting: boolean) => void,
  ): Promise<Known | null> {
    if (this.#running >= AT_ONCE) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else this.#running += 1;
    try {
      signal.throwIfAborted();
      return firstKnown(await retryWhileUnavailable(() => api.lookUp(sha256, signal), signal, onWaiting));
    } catch (error) {
      // A rejected lookup does not prevent notarizing.
      if (error instanceof ProblemError) return null;
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

export function firstKnown({ notarizations, more }: Lookup): Known | null {
  const notarization = notarizations.find(({ status }) => status !== 'accepted') ?? notarizations[0];
  return notarization === undefined ? null : { notarization, count: notarizations.length, more };
}
