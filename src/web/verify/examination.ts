import type { ChosenFile } from '../dropped-files.js';
import { Hasher } from '../hasher.js';
import type { StatementName } from '../messages/verify.js';
import { check, type Outcome } from './check.js';
import { isRewrittenCertificate, readProof, type GivenDocument, type Parsed } from './given.js';
import type { Surroundings } from './surroundings.js';
import { ownTrust } from './trust.js';
import type { TrustChoice } from './trust-view.js';

export type Work =
  | { readonly kind: 'hashing'; readonly name: string; readonly bytes: number; readonly size: number }
  | { readonly kind: 'looking' }
  | { readonly kind: 'unreadable' };

/** What is said of a document of which there is nothing to say. */
const NOTHING_KNOWN: readonly StatementName[] = ['unknown', 'no_lookup'];

/** What was given, and the answer to it. A change of anything given asks anew; the answer to an old question is dropped. */
export class Examination {
  document: ChosenFile | null = null;
  proof: ChosenFile | null = null;
  work: Work | null = null;
  outcome: Outcome | null = null;
  #hashed: GivenDocument | null = null;
  #parsed: Parsed | null = null;
  #chosen: string | null = null;
  #trust: TrustChoice = { source: 'service', pasted: '' };
  #asking = new AbortController();
  readonly #surroundings: Pick<Surroundings, 'workers' | 'trust' | 'directory'>;
  readonly #hasher: Hasher;
  readonly #listeners: Readonly<Record<'onGiven' | 'onWork' | 'onOutcome', () => void>>;

  constructor(
    surroundings: Pick<Surroundings, 'workers' | 'trust' | 'directory'>,
    listeners: Readonly<Record<'onGiven' | 'onWork' | 'onOutcome', () => void>>,
  ) {
    this.#surroundings = surroundings;
    this.#hasher = new Hasher(surroundings.workers, 1);
    this.#listeners = listeners;
  }

  set trust(chosen: TrustChoice) {
    this.#trust = chosen;
    this.ask();
  }

  give(given: { readonly document?: ChosenFile; readonly proof?: ChosenFile }): void {
    if (given.document !== undefined) this.#forget('document', given.document);
    if (given.proof !== undefined) this.#forget('proof', given.proof);
    this.#listeners.onGiven();
    this.ask();
  }

  take(what: 'document' | 'proof'): void {
    this.#forget(what, null);
    this.#listeners.onGiven();
    this.ask();
  }

  /** Another of the document's notarizations. */
  choose(id: string): void {
    this.#chosen = id;
    this.ask();
  }

  ask(): void {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#answer(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #answer(signal: AbortSignal): Promise<void> {
    if (this.document === null && this.proof === null) {
      this.#setWork(null);
      this.#setOutcome(null);
      return;
    }
    if (!(await this.#read(signal))) {
      this.#setOutcome(null);
      return;
    }
    this.#setWork({ kind: 'looking' });
    const outcome = await check(
      {
        document: this.#hashed,
        proof: this.#parsed,
        trust: async (asked) =>
          this.#trust.source === 'own' ? ownTrust(this.#trust.pasted) : await this.#surroundings.trust(asked),
        notarization: this.#chosen,
        directory: this.#surroundings.directory,
      },
      signal,
    );
    const rewritten = NOTHING_KNOWN.includes(outcome.statement) && (await this.#isRewritten());
    if (signal.aborted) return;
    this.#setWork(null);
    this.#setOutcome(rewritten ? { ...outcome, statement: 'rewritten' } : outcome);
  }

  /** @returns false when a file cannot be read any more */
  async #read(signal: AbortSignal): Promise<boolean> {
    const { document, proof } = this;
    try {
      if (proof !== null) this.#parsed ??= await readProof(proof.file);
      if (document !== null && this.#hashed === null) {
        const { name, size } = document.file;
        this.#setOutcome(null);
        this.#setWork({ kind: 'hashing', name, bytes: 0, size });
        const sha256 = await this.#hasher.hash(document.file, signal, (bytes) => {
          if (!signal.aborted) this.#setWork({ kind: 'hashing', name, bytes, size });
        });
        this.#hashed = { name, size, sha256 };
      }
    } catch {
      signal.throwIfAborted();
      this.#setWork({ kind: 'unreadable' });
      return false;
    }
    signal.throwIfAborted();
    return true;
  }

  async #isRewritten(): Promise<boolean> {
    return this.document !== null && isRewrittenCertificate(this.document.file);
  }

  #forget(what: 'document' | 'proof', now: ChosenFile | null): void {
    this.#chosen = null;
    if (what === 'document') {
      this.document = now;
      this.#hashed = null;
    } else {
      this.proof = now;
      this.#parsed = null;
    }
  }

  #setWork(work: Work | null): void {
    this.work = work;
    this.#listeners.onWork();
  }

  #setOutcome(outcome: Outcome | null): void {
    this.outcome = outcome;
    this.#listeners.onOutcome();
  }
}
