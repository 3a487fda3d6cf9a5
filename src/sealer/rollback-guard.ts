import { nodeVerifyEd25519 } from '../crypto/primitives.js';
import {
  checkSignature,
  equal,
  parseCheckpoint,
  parseNote,
  ProofError,
  toHex,
  type Checkpoint,
  type VerifierKey,
} from '../proof/index.js';
import type { LastCheckpointFile, Store } from '../store/index.js';
import { readLogKeys } from './log-keys.js';
import { SealProblem } from './errors.js';

/**
 * Remembers the last checkpoint outside the database, and stops everything when the database falls behind it: to seal on
 * from there would be to sign two histories.
 */
export class RollbackGuard {
  readonly #store: Store;
  readonly #file: LastCheckpointFile;
  readonly #key: VerifierKey;
  /** undefined: the file has not been read yet. */
  #last: Checkpoint | null | undefined;

  constructor(store: Store, file: LastCheckpointFile, key: VerifierKey) {
    this.#store = store;
    this.#file = file;
    this.#key = key;
  }

  /**
   * Whether a tip of this height may be built on. `check` and the reading of the tip are two questions; between them the
   * database may have been exchanged for an older copy, as a fail-over does.
   * @throws {SealProblem} rolled_back
   */
  assertNotBehind(tipHeight: number | null): void {
    const blocks = tipHeight === null ? 0 : tipHeight + 1;
    if (blocks < (this.#last?.size ?? 0)) throw this.#behind(blocks);
  }

  /**
   * Compares the database with what was seen before, and remembers what it has now.
   * @throws {SealProblem} rolled_back, or wrong_key when the log is not signed by this service's key
   */
  async check(): Promise<void> {
    this.#last ??= await this.#readFile();
    const stored = await this.#store.checkpoint();
    const last = this.#last;
    if (last !== null && (stored === null || stored.size < last.size)) {
      throw this.#behind(stored?.size ?? 0);
    }
    if (stored === null || (last !== null && stored.size === last.size && equal(stored.root, last.root)))
      return;
    const current = await this.#open(stored.note);
    if (last !== null) await this.#checkSameHistory(last);
    // Several processes keep one file: what another has written is compared too, and never replaced by something older.
    const kept = await this.#readFile();
    if (kept !== null && kept.size > current.size) {
      this.#last = kept;
      return this.check();
    }
    if (kept !== null) await this.#checkSameHistory(kept);
    if (kept?.size !== current.size) await this.#file.write(stored.note);
    this.#last = current;
  }

  /**
   * `check`, against what other processes have written to the file since as well: for who begins to seal after them.
   * @throws {SealProblem} as `check`
   */
  async checkAnew(): Promise<void> {
    const kept = await this.#readFile();
    if (kept !== null && kept.size > (this.#last?.size ?? 0)) this.#last = kept;
    await this.check();
  }

  #behind(blocks: number): SealProblem {
    return new SealProblem(
      'rolled_back',
      `the database holds ${blocks} blocks, but a checkpoint over ${this.#last?.size ?? 0} was signed: it is older than it was. ` +
        'Restore the newest copy of the database; if that copy is lost, what was sealed since is known from proofs and members only',
    );
  }

  async #checkSameHistory(last: Checkpoint): Promise<void> {
    const then = await this.#store.checkpoint(last.size);
    if (then === null || !equal(then.root, last.root)) {
      throw new SealProblem(
        'rolled_back',
        `the checkpoint over ${last.size} blocks had the root ${toHex(last.root)}, the database has ${then === null ? 'none' : toHex(then.root)}: its history was changed`,
      );
    }
  }

  async #readFile(): Promise<Checkpoint | null> {
    const note = await this.#file.read();
    if (note === null) return null;
    try {
      return await this.#open(note);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      throw new SealProblem(
        'inconsistent',
        `${this.#file.path} is not a checkpoint (${error.message}): put it back from a backup. Removing it gives up ` +
          'the comparison with what was sealed before',
        { cause: error },
      );
    }
  }

  async #open(text: string): Promise<Checkpoint> {
    const note = parseNote(text);
    const checkpoint = parseCheckpoint(note.text);
    const keys = await readLogKeys(this.#store, this.#key);
    // One signature is enough here: all are checked by the audit. This service's own key also opens what the database has lost.
    const signed = [...keys.at(checkpoint.size), this.#key].some(
      (key) => checkSignature(note, key, nodeVerifyEd25519).state === 'good',
    );
    if (checkpoint.origin !== this.#key.name || !signed) {
      throw new SealProblem(
        'wrong_key',
        `the log ${checkpoint.origin} is not signed by the log key of this service, ${this.#key.name}: ` +
          'give the service the key that belongs to this database, or a database of its own',
      );
    }
    return checkpoint;
  }
}
