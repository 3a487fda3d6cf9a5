import { performance } from 'node:perf_hooks';
import type { NoteSignature, Witness } from '../../proof/index.js';
import { addCheckpoint, type Answer } from './add-checkpoint.js';

export interface PushTarget {
  readonly size: number;
  /** The checkpoint as the log signed it. */
  readonly note: string;
  /** Consistency proof from the checkpoint of `oldSize`. */
  readonly consistencyPath: (oldSize: number) => Promise<readonly Uint8Array[]>;
  /** Size of the log's latest checkpoint, asked anew. */
  readonly latestSize: () => Promise<number>;
  /** Keeps a cosignature that holds. */
  readonly keep: (witness: Witness, signature: NoteSignature) => Promise<void>;
}

/** Why a witness has not cosigned the latest checkpoint. */
export type WitnessProblem =
  | 'unreachable'
  | 'busy'
  | 'refused'
  | 'wrong_answer'
  /** It knows a larger log than there is here: this database is older than it was, or the witness is wrong. */
  | 'ahead'
  /** The cosignature came, and could not be stored. */
  | 'not_kept';

export interface WitnessStatus {
  readonly name: string;
  /** Size of the checkpoint that it has cosigned last; 0: none. */
  readonly size: number;
  readonly problem: {
    readonly code: WitnessProblem;
    readonly message: string;
    readonly since: number;
  } | null;
}

/** One after a 409 for what it says, and one more in case another instance was there first. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 15_000;
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** What is known of one witness, and one conversation with it at a time. */
export class WitnessClient {
  readonly witness: Witness;
  readonly #timeoutMs: number;
  #size: number;
  #busy = false;
  #failures = 0;
  #retryAt = 0;
  #problem: WitnessStatus['problem'] = null;

  constructor(witness: Witness, size: number, timeoutMs: number) {
    this.witness = witness;
    this.#size = size;
    this.#timeoutMs = timeoutMs;
  }

  get status(): WitnessStatus {
    return { name: this.witness.name, size: this.#size, problem: this.#problem };
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Whether it may be asked for the checkpoint of this size now. */
  isReady(size: number): boolean {
    return !this.#busy && this.#size < size && performance.now() >= this.#retryAt;
  }

  /** Asks for a cosignature. Never rejects; after a failure it is not ready for a while. @returns whether it has signed */
  async push(target: PushTarget, signal: AbortSignal): Promise<boolean> {
    this.#busy = true;
    try {
      return await this.#converse(target, signal);
    } catch (error) {
      this.#fail('not_kept', error instanceof Error ? error.message : String(error), null);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  async #converse(target: PushTarget, signal: AbortSignal): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const path = this.#size === 0 ? [] : await target.consistencyPath(this.#size);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]);
      const answer = await addCheckpoint(
        this.witness,
        { oldSize: this.#size, path, note: target.note },
        limit,
      );
      if (signal.aborted) return false;
      if (answer.kind === 'cosigned') {
        await target.keep(this.witness, answer.signature);
        this.#size = target.size;
        [this.#failures, this.#problem] = [0, null];
        return true;
      }
      if (answer.kind !== 'other_size') {
        this.#refuse(answer);
        return false;
      }
      if (answer.size > target.size) return await this.#overtaken(answer.size, target);
      if (attempt === ATTEMPTS) {
        this.#fail(
          'wrong_answer',
          `it says again and again that it has another size, now ${answer.size}`,
          null,
        );
        return false;
      }
      this.#size = answer.size;
    }
  }

  /** It has cosigned more than it is asked for: by another instance of this service, or for a database that was rolled back. */
  async #overtaken(size: number, target: PushTarget): Promise<false> {
    const latest = await target.latestSize();
    if (size > latest) {
      this.#fail('ahead', `it has cosigned ${size} blocks of this log, which has ${latest} here`, null);
    } else {
      this.#size = size;
    }
    return false;
  }

  #refuse(answer: Exclude<Answer, { readonly kind: 'cosigned' | 'other_size' }>): void {
    switch (answer.kind) {
      case 'busy':
        this.#fail('busy', `it answers ${answer.status}`, answer.retryAfterMs);
        return;
      case 'refused':
        this.#fail('refused', `it answers ${answer.status}: ${answer.says}`, null);
        return;
      default:
        this.#fail(answer.kind, answer.says, null);
    }
  }

  #fail(code: WitnessProblem, message: string, askedMs: number | null): void {
    // Half of the pause is random: witnesses that went away together are not asked together.
    const pause = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#retryAt = performance.now() + Math.max(pause, Math.min(askedMs ?? 0, LONGEST_RETRY_AFTER_MS));
    const since = this.#problem?.code === code ? this.#problem.since : Date.now();
    this.#problem = { code, message, since };
  }
}
