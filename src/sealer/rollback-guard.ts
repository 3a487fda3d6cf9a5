import { NODE_VERIFIERS } from '../crypto/primitives.js';
import {
  checkSignature,
  equal,
  parseCheckpointNote,
  ProofError,
  toHex,
  type Checkpoint,
  type VerifierKey,
} from '../proof/index.js';
import type { LastCheckpointFile, Store, StoredBlock, StoredCheckpoint } from '../store/index.js';
import { type Elsewhere, readElsewhere } from './elsewhere.js';
import { readLogKeys, SealProblem } from './log.js';

export interface RollbackGuardOptions {
  readonly store: Store;
  readonly file: LastCheckpointFile;
  readonly key: VerifierKey;
  /** Where else to look for the log's checkpoints; by default nowhere. */
  readonly elsewhere?: readonly Elsewhere[];
  /** Whether to build on blocks although no kept checkpoint confirms that they are all; by default not. */
  readonly withoutKept?: boolean;
}

/**
 * Remembers the last checkpoint outside the database, and stops sealing when the database falls behind it, or
 * behind what members and the service's own address publish: sealing on from there would sign a second
 * history.
 */
export class RollbackGuard {
  readonly #store: Store;
  readonly #file: LastCheckpointFile;
  readonly #key: VerifierKey;
  readonly #elsewhere: readonly Elsewhere[];
  readonly #withoutKept: boolean;
  /** Whether this process has found no block in the database. */
  #sawEmpty = false;
  /** The last that this process has found in the database. */
  #last: Checkpoint | null = null;
  /** The file as it was read last. */
  #kept: { readonly note: string; readonly checkpoint: Checkpoint } | null = null;

  constructor({ store, file, key, elsewhere = [], withoutKept = false }: RollbackGuardOptions) {
    this.#store = store;
    this.#file = file;
    this.#key = key;
    this.#elsewhere = elsewhere;
    this.#withoutKept = withoutKept;
  }

  /**
   * Decides whether a block may be built on `tip`, by the checkpoints that this process has seen and that any
   * process has written to the file, and remembers the checkpoint over `tip`. A block is only committed on
   * the tip that was decided on.
   * @param tip the database's latest block, as it was just read
   * @returns false when another process has sealed since `tip` was read: read it again
   * @throws {SealProblem} rolled_back, no_checkpoint, inconsistent, or wrong_key when the log is not signed by
   *   this service's key
   */
  async check(tip: Pick<StoredBlock, 'height'> | null): Promise<boolean> {
    const blocks = sizeOf(tip);
    if (this.#last !== null && blocks < this.#last.size) throw behind(blocks, this.#last);
    const kept = await this.#readFile();
    if (kept !== null && blocks < kept.size) {
      const latest = sizeOf(await this.#store.tip());
      if (latest < kept.size) throw behind(latest, kept);
      return false;
    }
    if (blocks === 0) {
      if (!this.#sawEmpty && kept === null) await this.#file.markEmpty();
      this.#sawEmpty = true;
      return true;
    }
    const stored = await this.#store.checkpoint(blocks);
    if (stored === null) {
      const message = `the checkpoint over ${blocks} blocks is missing; run "ingam audit"`;
      throw new SealProblem('inconsistent', message);
    }
    if (isSame(stored, kept) && (this.#last === null || isSame(stored, this.#last))) {
      this.#last = kept;
      return true;
    }
    const current = await this.#open(stored.note);
    if (kept === null && this.#last === null && !(await this.#isComplete(blocks))) {
      throw this.#nothingKept(blocks);
    }
    for (const earlier of [this.#last, kept]) if (earlier !== null) await this.#checkSameHistory(earlier);
    if (kept?.size !== blocks) await this.#file.write(stored.note);
    this.#last = current;
    return true;
  }

  /**
   * Asks the members and the service's own address for the last checkpoint that they know, and compares the
   * database with it. To be called before a process begins to seal: its file may be as old as its database.
   * What cannot be reached, or is not signed by the log, is no obstacle.
   * @throws {SealProblem} rolled_back
   */
  async compareElsewhere(): Promise<void> {
    const notes = await Promise.all(this.#elsewhere.map(readElsewhere));
    const known = await Promise.all(notes.map((note) => this.#openForeign(note)));
    // Read after the answers: another process may have sealed meanwhile.
    const blocks = sizeOf(await this.#store.tip());
    for (const [i, checkpoint] of known.entries()) {
      if (checkpoint === null) continue;
      const where = this.#elsewhere[i]?.name ?? '';
      if (blocks < checkpoint.size) throw behind(blocks, checkpoint, ` It is published by ${where}.`);
      await this.#checkSameHistory(checkpoint, `, as ${where} publishes it,`);
    }
  }

  /** Remembers the checkpoint of a block that this process has committed. */
  async keep({ size, root, note }: StoredCheckpoint): Promise<void> {
    const kept = await this.#readFile();
    if (kept === null || kept.size < size) await this.#file.write(note);
    this.#last = { origin: this.#key.name, size, root, extensions: [] };
  }

  /**
   * Whether the database may be taken for complete though no checkpoint of it was kept: this process knows it
   * since it was empty, or a process was killed between the commit of the first block and the writing of the
   * file.
   */
  async #isComplete(blocks: number): Promise<boolean> {
    return this.#withoutKept || this.#sawEmpty || (blocks === 1 && (await this.#file.wasEmpty()));
  }

  #nothingKept(blocks: number): SealProblem {
    return new SealProblem(
      'no_checkpoint',
      `the database has ${blocks} blocks, but ${this.#file.path}, which would show whether these are all, does not exist: sealing on an ` +
        'older copy would sign a second history. Copy this file from another instance of the service, or from the newest ' +
        'backup. Only if this is certainly the newest copy of the database, set INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT=on',
    );
  }

  async #checkSameHistory(earlier: Checkpoint, where = ''): Promise<void> {
    const stored = await this.#store.checkpoint(earlier.size);
    if (stored === null || !equal(stored.root, earlier.root)) {
      throw new SealProblem(
        'rolled_back',
        `the checkpoint over ${earlier.size} blocks${where} had the root ${toHex(earlier.root)}, the database has ${stored === null ? 'none' : toHex(stored.root)}: its history was changed`,
      );
    }
  }

  /** What this or another process has written last; null: nothing yet. */
  async #readFile(): Promise<Checkpoint | null> {
    const note = await this.#file.read();
    if (note === null) return null;
    if (note === this.#kept?.note) return this.#kept.checkpoint;
    try {
      const checkpoint = await this.#open(note);
      this.#kept = { note, checkpoint };
      return checkpoint;
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      throw new SealProblem(
        'inconsistent',
        `${this.#file.path} is not a checkpoint (${error.message}): restore it from a backup. Without it the database cannot be ` +
          'compared with blocks sealed before',
        { cause: error },
      );
    }
  }

  /** null: there is none, or it is not a checkpoint that this log has signed. */
  async #openForeign(text: string | null): Promise<Checkpoint | null> {
    try {
      return text === null ? null : await this.#open(text);
    } catch (error) {
      if (error instanceof ProofError || (error instanceof SealProblem && error.code === 'wrong_key'))
        return null;
      throw error;
    }
  }

  async #open(text: string): Promise<Checkpoint> {
    const { note, checkpoint } = parseCheckpointNote(text);
    const keys = await readLogKeys(this.#store, this.#key);
    // One signature is enough here; the audit checks all of them. The service's own key also opens a
    // checkpoint whose key statements the database has lost.
    const signed = [...keys.at(checkpoint.size), this.#key].some(
      (key) => checkSignature(note, key, NODE_VERIFIERS).state === 'good',
    );
    if (checkpoint.origin !== this.#key.name || !signed) {
      throw new SealProblem(
        'wrong_key',
        `the log ${checkpoint.origin} is not signed by the log key of this service, ${this.#key.name}: ` +
          'configure the service with the key of this database, or with another database',
      );
    }
    return checkpoint;
  }
}

function sizeOf(tip: Pick<StoredBlock, 'height'> | null): number {
  return tip === null ? 0 : tip.height + 1;
}

function isSame({ size, root }: StoredCheckpoint, other: Checkpoint | null): boolean {
  return other?.size === size && equal(other.root, root);
}

function behind(blocks: number, { size }: Checkpoint, where = ''): SealProblem {
  return new SealProblem(
    'rolled_back',
    `the database holds ${blocks} blocks, but a checkpoint over ${size} was signed: the database is older than it was.${where} ` +
      'Restore the newest copy of it. If that copy is lost, take the blocks back from a member: ingam recover',
  );
}
