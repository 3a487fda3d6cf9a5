import type { ChosenFile } from '../dropped-files.js';
import type { Notarization, Problem } from '../resources.js';

export type Mode = 'digest' | 'upload';

export interface Seal {
  readonly height: number;
  /** Milliseconds since the Unix epoch. */
  readonly sealedAt: number;
}

/** The life of a document on this page; it goes downwards, but for trying again. */
export type State =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'hashing'; readonly bytes: number }
  | { readonly phase: 'ready' }
  | { readonly phase: 'sending' }
  | { readonly phase: 'uploading'; readonly bytes: number }
  | { readonly phase: 'uploaded' }
  /** Sent or about to be, and the service is away. */
  | { readonly phase: 'held' }
  | { readonly phase: 'accepted' }
  | { readonly phase: 'sealed'; readonly seal: Seal }
  /** `sent`: the request was on its way, so that the service may have accepted it all the same. */
  | { readonly phase: 'cancelled'; readonly sent: boolean }
  | { readonly phase: 'failed'; readonly problem: Problem | 'unreadable' };
export type Phase = State['phase'];

export class Item {
  readonly file: File;
  /** Of the file within the folder that was dropped. */
  readonly path: string;
  state: State = { phase: 'waiting' };
  /** Hex; null until it was computed here or by the service. */
  sha256: string | null = null;
  notarization: Notarization | null = null;
  /** Whether the owner has asked for its notarization, not only put it on the list. */
  wanted = false;
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

const FINAL: readonly Phase[] = ['sealed', 'failed', 'cancelled'];
const BEFORE_SENDING: readonly Phase[] = ['waiting', 'hashing', 'ready'];

/** Whether nothing more will happen to it without its owner. */
export function isFinal({ state }: Item): boolean {
  return FINAL.includes(state.phase);
}

/** Whether the owner has yet to ask for its notarization. */
export function isOpen({ state, wanted }: Item): boolean {
  return !wanted && BEFORE_SENDING.includes(state.phase);
}

/** Whether work on it can be cancelled: what is accepted stays so. */
export function isCancellable(item: Item): boolean {
  return !isFinal(item) && item.state.phase !== 'accepted' && (item.wanted || item.state.phase === 'hashing');
}
