import {
  cosign,
  EMPTY_ROOT,
  equal,
  formatNote,
  LogKeys,
  parseAddCheckpoint,
  parseCheckpoint,
  ProofError,
  verifyConsistency,
  type AddCheckpoint,
  type Checkpoint,
  type NoteSigner,
  type VerifierKey,
} from '../proof/index.js';
import type { Store, Witnessed } from '../store/index.js';
import { RefusedError } from './alarms.js';
import { openSignedByAny, type SignedCheckpoint } from './remote-log.js';

/** The statuses of c2sp.org/tlog-witness, and 503 for what may succeed later. */
export type WitnessAnswer =
  | { readonly status: 200; readonly line: string }
  | { readonly status: 400 | 403 | 404 | 422; readonly says: string }
  | { readonly status: 409; readonly size: number }
  | { readonly status: 503; readonly says: string };

/** What is wanted of a checkpoint before it is cosigned, beyond what the protocol asks for. */
export type Examine = (signed: SignedCheckpoint) => Promise<'good' | 'later' | { readonly refused: string }>;

export interface WitnessedLog {
  /** Whose checkpoints are believed. The name is the log's origin. */
  readonly key: VerifierKey;
  /** What is known of its keys by now; absent: the one. */
  readonly keys?: () => Promise<LogKeys>;
  /** null: consistency is enough. */
  readonly examine: Examine | null;
}

export interface WitnessOptions {
  readonly store: Store;
  readonly signer: NoteSigner;
  readonly logs: readonly WitnessedLog[];
  /** Called when a log has signed something that contradicts what was cosigned of it. */
  readonly onConflict: (signed: SignedCheckpoint, cosigned: Witnessed, log: WitnessedLog) => void;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
}

/**
 * A witness (c2sp.org/tlog-witness): cosigns the checkpoints of the logs it knows, each only if it extends the one before. What
 * it has cosigned last is compared and replaced in one step, which is on disk before anybody sees the cosignature.
 */
export class Witness {
  readonly key: VerifierKey;
  readonly #options: WitnessOptions;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.key = options.signer.key;
  }

  /** The names of the logs. */
  get origins(): string[] {
    return this.#options.logs.map(({ key }) => key.name);
  }

  /** Answers `add-checkpoint`. Rejects with a StoreError while the database is away. */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    let request: AddCheckpoint;
    let checkpoint: Checkpoint;
    try {
      request = parseAddCheckpoint(body);
      checkpoint = parseCheckpoint(request.note.slice(0, request.note.lastIndexOf('\n\n') + 1));
    } catch (error) {
      if (error instanceof ProofError) return { status: 400, says: error.message };
      throw error;
    }
    const log = this.#options.logs.find(({ key }) => key.name === checkpoint.origin);
    if (log === undefined) return { status: 404, says: 'this witness does not know the log' };
    const keys = (await log.keys?.()) ?? LogKeys.of(log.key);
    const signed = signedNote(request.note, keys.at(checkpoint.size));
    if (signed === null) return { status: 403, says: 'the checkpoint is not signed by the key of the log' };
    if (request.oldSize > checkpoint.size)
      return { status: 400, says: 'the old size is larger than the checkpoint' };
    return this.#answer(request, signed, log);
  }

  async #answer(
    { oldSize, path }: AddCheckpoint,
    signed: SignedCheckpoint,
    log: WitnessedLog,
  ): Promise<WitnessAnswer> {
    const last = await this.#options.store.witnessed(log.key.name);
    const size = last?.size ?? 0;
    if (oldSize !== size) return { status: 409, size };
    const fault = faultOf(last, signed.checkpoint, path);
    if (fault !== null) {
      if (last !== null) this.#options.onConflict(signed, last, log);
      return { status: 422, says: fault };
    }
    const examined = (await log.examine?.(signed)) ?? 'good';
    if (examined === 'later') return { status: 503, says: 'this node is still checking the blocks' };
    if (examined !== 'good') return { status: 422, says: examined.refused };
    const line = await this.#cosign(signed, size);
    if (line !== null) return { status: 200, line };
    return { status: 409, size: (await this.#options.store.witnessed(log.key.name))?.size ?? 0 };
  }

  /**
   * Cosigns a checkpoint that was examined and found right, unless a larger one is cosigned already. Of the same, the first cosignature
   * stays.
   */
  async cosignNewer(signed: SignedCheckpoint): Promise<void> {
    const last = await this.#options.store.witnessed(signed.checkpoint.origin);
    if (signed.checkpoint.size > (last?.size ?? -1)) await this.#cosign(signed, last?.size ?? 0);
  }

  /** The checkpoint that was cosigned last, with the cosignature; null: none of this log. */
  async latest(origin: string): Promise<{ readonly note: string; readonly size: number } | null> {
    const last = await this.#options.store.witnessed(origin);
    return last === null ? null : { note: `${last.note}${last.cosignature}`, size: last.size };
  }

  /** @returns null when something else was cosigned meanwhile */
  async #cosign({ checkpoint, note }: SignedCheckpoint, old: number): Promise<string | null> {
    const { store, signer, clock = Date.now } = this.#options;
    const signature = cosign(note.text, signer, Math.floor(clock() / 1000));
    const line = formatNote({ text: note.text, signatures: [signature] }).slice(note.text.length + 1);
    // Of the signatures that came along only the log's is known to be worth something.
    const key = this.#options.logs.find(({ key: { name } }) => name === checkpoint.origin)?.key;
    const own = note.signatures.filter(({ name }) => name === key?.name);
    const next: Witnessed = {
      origin: checkpoint.origin,
      size: checkpoint.size,
      root: checkpoint.root,
      note: formatNote({ text: note.text, signatures: own }),
      cosignature: line,
    };
    return (await store.setWitnessed(next, old)) ? line : null;
  }
}

/** null: the log's signature does not hold, is missing, or cannot even be read. */
function signedNote(text: string, keys: readonly VerifierKey[]): SignedCheckpoint | null {
  try {
    return openSignedByAny(text, keys);
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}

/** Why `checkpoint` does not extend what was cosigned last, or null. */
function faultOf(last: Witnessed | null, checkpoint: Checkpoint, path: readonly Uint8Array[]): string | null {
  if (checkpoint.size === 0 && !equal(checkpoint.root, EMPTY_ROOT)) return 'the empty log has another root';
  if (last === null || last.size === 0)
    return path.length === 0 ? null : 'from the empty log there is nothing to prove';
  try {
    return verifyConsistency(last.size, checkpoint.size, last.root, checkpoint.root, path)
      ? null
      : 'the consistency proof does not hold';
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    throw error;
  }
}
