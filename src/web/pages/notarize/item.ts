import * as api from '../../lib/api.js';
import type { Cosigned, Details, Lookup, Notarization } from '../../lib/api.js';
import type { ChosenFile } from '../../lib/files.js';
import { retryWhileUnavailable, type Problem, ProblemError } from '../../lib/request.js';
import type { Seal } from '../../lib/watch.js';

export type Mode = 'digest' | 'upload';

/** What the service already has of a document. */
export interface Known {
  /** The earliest that is sealed; the earliest of all while none is. */
  readonly notarization: Notarization;
  readonly count: number;
  /** Whether there are more than were counted. */
  readonly more: boolean;
}

/** The life of a document on this page; it goes downwards, but for trying again. */
export type State =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'hashing'; readonly bytes: number }
  /** Asking whether the service knows the document. `held`: the service is away. */
  | { readonly phase: 'checking'; readonly held: boolean }
  | { readonly phase: 'ready' }
  /** Notarized before, and its owner has yet to say whether that is enough. */
  | { readonly phase: 'known'; readonly known: Known }
  /** That is enough. */
  | { readonly phase: 'left'; readonly known: Known }
  | { readonly phase: 'sending' }
  | { readonly phase: 'uploading'; readonly bytes: number }
  | { readonly phase: 'uploaded' }
  /** Sent or about to be, and the service is away. */
  | { readonly phase: 'held' }
  | { readonly phase: 'accepted' }
  /** `cosigned`: null where nobody is asked. */
  | { readonly phase: 'sealed'; readonly seal: Seal; readonly cosigned: Cosigned | null }
  /** `sent`: the request was on its way, so that the service may have accepted it all the same. */
  | { readonly phase: 'cancelled'; readonly sent: boolean }
  | { readonly phase: 'failed'; readonly problem: Problem | 'unreadable' };
export type Phase = State['phase'];

export class Item {
  readonly file: File;
  /** Of the file within the folder that was dropped. */
  readonly path: string;
  state: State = { phase: 'waiting' };
  /** Hex; null until it was computed. */
  sha256: string | null = null;
  notarization: Notarization | null = null;
  /** How its owner has asked for its notarization; null: it is only on the list. */
  wanted: Mode | null = null;
  /** Its owner wants it notarized, whatever there is of it. */
  again = false;
  /** Its own; null: those for all, if there are any. */
  details: Details | null = null;
  /** Ends the work on this item alone. */
  abort = new AbortController();

  constructor({ file, path }: ChosenFile) {
    this.file = file;
    this.path = path;
  }

  /** Bytes of the work under way that are done: hashed, or sent. */
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

const FINAL: readonly Phase[] = ['left', 'sealed', 'failed', 'cancelled'];
const BEFORE_SENDING: readonly Phase[] = ['waiting', 'hashing', 'checking', 'ready'];

/** Whether nothing more will happen to it without its owner. */
export function isFinal({ state }: Item): boolean {
  return FINAL.includes(state.phase);
}

/** Whether it goes on by itself. */
export function isInProgress(item: Item): boolean {
  const { phase } = item.state;
  if (phase === 'ready') return item.wanted !== null;
  return phase !== 'known' && !isFinal(item);
}

/** Whether the owner has yet to ask for its notarization. */
export function isUnsubmitted({ state, wanted }: Item): boolean {
  return wanted === null && BEFORE_SENDING.includes(state.phase);
}

/** Whether work on it can be cancelled: what is accepted stays so. */
export function isCancellable(item: Item): boolean {
  const { phase } = item.state;
  if (isFinal(item) || phase === 'accepted' || phase === 'known') return false;
  return item.wanted !== null || phase === 'hashing';
}

/** Whether cancelling it touches nothing else: a request may carry the digests of many. */
export function isCancellableAlone(item: Item): boolean {
  const { phase } = item.state;
  if (BEFORE_SENDING.includes(phase)) return isCancellable(item);
  return phase === 'uploading' || (phase === 'held' && item.wanted === 'upload');
}

/** Whether what was failed certainly was not notarized: then it may be sent in another form. */
export function isRefused({ state }: Item): boolean {
  if (state.phase !== 'failed') return false;
  return state.problem === 'unreadable' || (state.problem.status >= 400 && state.problem.status < 500);
}

/** Whether its details can still be written. */
export function isEditable(item: Item): boolean {
  const { state } = item;
  if (state.phase === 'known' || state.phase === 'left' || isUnsubmitted(item) || isRefused(item)) return true;
  return state.phase === 'cancelled' && !state.sent;
}

/** Of the six connections that a browser opens, some are for sending and for events. */
const AT_ONCE = 4;

/** Asks whether documents are known, a few at a time, in their order. */
export class LookupQueue {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param onHeld told when the service is away, and when it is back
   * @returns null for a document that is not known, also where it may not be asked about. Rejects when the signal aborts.
   */
  async look(sha256: string, signal: AbortSignal, onHeld: (held: boolean) => void): Promise<Known | null> {
    if (this.#running >= AT_ONCE) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else this.#running += 1;
    try {
      signal.throwIfAborted();
      return firstKnown(await retryWhileUnavailable(() => api.lookUp(sha256, signal), signal, onHeld));
    } catch (error) {
      // Not allowed to ask, or refused for another reason: that is no obstacle to notarizing.
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
