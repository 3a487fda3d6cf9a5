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
import type { Store, CosignedCheckpoint } from '../store/index.js';
import { RefusedError } from './alarms.js';
import { openSignedByAny, type SignedCheckpoint } from './remote-log.js';

/** The statuses of c2sp.org/tlog-witness, and 503 for what may succeed later. */
export type WitnessResponse =
  | { readonly status: 200; readonly line: string }
  | { readonly status: 400 | 403 | 404 | 422; readonly message: string }
  | { readonly status: 409; readonly size: number }
  | { readonly status: 503; readonly message: string };

/** Verifies a checkpoint before it is cosigned, beyond what the protocol demands. */
export type Examine = (
  signed: SignedCheckpoint,
) => Promise<'passed' | 'later' | { readonly refused: string }>;

export interface WitnessedLog {
  /** The key that this node is configured with. Its name is the log's origin. */
  readonly key: VerifierKey;
  /** The keys that sign the log now; absent: `key` alone. */
  readonly keys?: () => Promise<LogKeys>;
  /** null: only consistency is verified. */
  readonly examine: Examine | null;
}

export interface WitnessOptions {
  readonly store: Store;
  readonly signer: NoteSigner;
  readonly logs: readonly WitnessedLog[];
  /** Called when a log has signed a checkpoint that contradicts the one cosigned last. */
  readonly onConflict: (signed: SignedCheckpoint, cosigned: CosignedCheckpoint, log: WitnessedLog) => void;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
}

/**
 * A witness (c2sp.org/tlog-witness): cosigns the checkpoints of the logs it knows, each only if it extends
 * the one before. The last cosigned checkpoint is compared and replaced in one transaction, which is
 * committed before the cosignature is published.
 */
export class Witness {
  readonly key: VerifierKey;
  readonly #options: WitnessOptions;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.key = options.signer.key;
  }

  /** The origins of the logs that it knows. */
  get origins(): string[] {
    return this.#options.logs.map(({ key }) => key.name);
  }

  /** Handles `add-checkpoint`. Rejects with a StoreError while the database is unavailable. */
  async addCheckpoint(body: Uint8Array): Promise<WitnessResponse> {
    let request: AddCheckpoint;
    let checkpoint: Checkpoint;
    try {
      request = parseAddCheckpoint(body);
      checkpoint = parseCheckpoint(request.note.slice(0, request.note.lastIndexOf('\n\n') + 1));
    } catch (error) {
      if (error instanceof ProofError) return { status: 400, message: error.message };
      throw error;
    }
    const log = this.#options.logs.find(({ key }) => key.name === checkpoint.origin);
    if (log === undefined) return { status: 404, message: 'this witness does not know the log' };
    const keys = (await log.keys?.()) ?? LogKeys.of(log.key);
    const signed = signedNote(request.note, keys.at(checkpoint.size));
    if (signed === null)
      return { status: 403, message: 'the checkpoint is not signed by the key of the log' };
    if (request.oldSize > checkpoint.size)
      return { status: 400, message: 'the old size is larger than the checkpoint' };
    return this.#respond(request, signed, log);
  }

  async #respond(
    { oldSize, path }: AddCheckpoint,
    signed: SignedCheckpoint,
    log: WitnessedLog,
  ): Promise<WitnessResponse> {
    const last = await this.#options.store.cosignedCheckpoint(log.key.name);
    const size = last?.size ?? 0;
    if (oldSize !== size) return { status: 409, size };
    const fault = faultOf(last, signed.checkpoint, path);
    if (fault !== null) {
      if (last !== null) this.#options.onConflict(signed, last, log);
      return { status: 422, message: fault };
    }
    const examined = (await log.examine?.(signed)) ?? 'passed';
    if (examined === 'later') return { status: 503, message: 'this node is still verifying the blocks' };
    if (examined !== 'passed') return { status: 422, message: examined.refused };
    const line = await this.#cosign(signed, size);
    if (line !== null) return { status: 200, line };
    return { status: 409, size: (await this.#options.store.cosignedCheckpoint(log.key.name))?.size ?? 0 };
  }

  /**
   * Cosigns a verified checkpoint, unless one of the same or a larger size is cosigned already.
   */
  async cosignNewer(signed: SignedCheckpoint): Promise<void> {
    const last = await this.#options.store.cosignedCheckpoint(signed.checkpoint.origin);
    if (signed.checkpoint.size > (last?.size ?? -1)) await this.#cosign(signed, last?.size ?? 0);
  }

  /** The checkpoint of a log that was cosigned last, with the cosignature; null: none. */
  async latest(origin: string): Promise<{ readonly note: string; readonly size: number } | null> {
    const last = await this.#options.store.cosignedCheckpoint(origin);
    return last === null ? null : { note: `${last.note}${last.cosignature}`, size: last.size };
  }

  /** @returns null when another checkpoint was cosigned concurrently */
  async #cosign({ checkpoint, note }: SignedCheckpoint, old: number): Promise<string | null> {
    const { store, signer, clock = Date.now } = this.#options;
    const signature = cosign(note.text, signer, Math.floor(clock() / 1000));
    const line = formatNote({ text: note.text, signatures: [signature] }).slice(note.text.length + 1);
    // Of the other signatures in the note only the log's were verified.
    const key = this.#options.logs.find(({ key: { name } }) => name === checkpoint.origin)?.key;
    const own = note.signatures.filter(({ name }) => name === key?.name);
    const next: CosignedCheckpoint = {
      origin: checkpoint.origin,
      size: checkpoint.size,
      root: checkpoint.root,
      note: formatNote({ text: note.text, signatures: own }),
      cosignature: line,
    };
    return (await store.replaceCosignedCheckpoint(next, old)) ? line : null;
  }
}

/** null: the log's signature is invalid, missing or malformed. */
function signedNote(text: string, keys: readonly VerifierKey[]): SignedCheckpoint | null {
  try {
    return openSignedByAny(text, keys);
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}

/** Why `checkpoint` does not extend the one cosigned last, or null. */
function faultOf(
  last: CosignedCheckpoint | null,
  checkpoint: Checkpoint,
  path: readonly Uint8Array[],
): string | null {
  if (checkpoint.size === 0 && !equal(checkpoint.root, EMPTY_ROOT)) return 'the empty log has another root';
  if (last === null || last.size === 0)
    return path.length === 0 ? null : 'a consistency proof from the empty log must be empty';
  try {
    return verifyConsistency(last.size, checkpoint.size, last.root, checkpoint.root, path)
      ? null
      : 'the consistency proof is invalid';
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    throw error;
  }
}
