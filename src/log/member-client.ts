import { performance } from 'node:perf_hooks';
import { readLimited, TooLongError } from '../background/bodies.js';
import { timeLimit } from '../background/time-limits.js';
import { NODE_VERIFIERS } from '../crypto/primitives.js';
import {
  type AddCheckpoint,
  checkCosignature,
  formatAddCheckpoint,
  type NoteSignature,
  parseNote,
  ProofError,
  SIZE_MEDIA_TYPE,
  utf8Decode,
  type Witness,
} from '../proof/index.js';

export interface PushTarget {
  readonly size: number;
  /** The checkpoint as the log signed it. */
  readonly note: string;
  /** Consistency proof from the checkpoint of `oldSize`. */
  readonly consistencyPath: (oldSize: number) => Promise<readonly Uint8Array[]>;
  /** Reads the size of the log's latest checkpoint. */
  readonly latestSize: () => Promise<number>;
  /** Stores a verified cosignature. */
  readonly keep: (member: Witness, signature: NoteSignature) => Promise<void>;
}

/** Why a member has not cosigned the latest checkpoint. */
export type CosigningProblem =
  | 'unreachable'
  | 'busy'
  | 'refused'
  | 'wrong_answer'
  /**
   * It has cosigned a larger log than this database holds: the database was rolled back, or the member is
   * wrong.
   */
  | 'ahead'
  /** This service could not make the request or store the cosignature. */
  | 'internal';

export interface CosigningStatus {
  readonly name: string;
  /** Size of the checkpoint that it has cosigned last; 0: none. */
  readonly size: number;
  readonly problem: {
    readonly code: CosigningProblem;
    readonly message: string;
    readonly since: number;
    /** The error, of a problem in this service. */
    readonly cause?: unknown;
  } | null;
}

/** One more after a 409 with another size, and one in case another process was faster. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 15_000;
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** Requests cosignatures from one member, one request at a time. */
export class MemberClient {
  readonly member: Witness;
  readonly #timeoutMs: number;
  #size: number;
  #busy = false;
  #failures = 0;
  #retryAt = 0;
  #problem: CosigningStatus['problem'] = null;

  constructor(member: Witness, size: number, timeoutMs: number) {
    this.member = member;
    this.#size = size;
    this.#timeoutMs = timeoutMs;
  }

  get status(): CosigningStatus {
    return { name: this.member.name, size: this.#size, problem: this.#problem };
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Whether the checkpoint of this size may be sent to it now. */
  isReady(size: number): boolean {
    return !this.#busy && this.#size < size && performance.now() >= this.#retryAt;
  }

  /**
   * Requests a cosignature. Never rejects; backs off after a failure.
   * @returns whether the member has cosigned
   */
  async push(target: PushTarget, signal: AbortSignal): Promise<boolean> {
    this.#busy = true;
    try {
      return await this.#attempt(target, signal);
    } catch (error) {
      this.#fail('internal', error instanceof Error ? error.message : String(error), null, error);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  async #attempt(target: PushTarget, signal: AbortSignal): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const path = this.#size === 0 ? [] : await target.consistencyPath(this.#size);
      const limit = timeLimit(this.#timeoutMs, signal);
      const outcome = await addCheckpoint(
        this.member,
        { oldSize: this.#size, path, note: target.note },
        limit,
      );
      if (signal.aborted) return false;
      if (outcome.kind === 'cosigned') {
        await target.keep(this.member, outcome.signature);
        this.#size = target.size;
        [this.#failures, this.#problem] = [0, null];
        return true;
      }
      if (outcome.kind !== 'other_size') {
        this.#refuse(outcome);
        return false;
      }
      if (outcome.size > target.size) return await this.#overtaken(outcome.size, target);
      if (attempt === ATTEMPTS) {
        this.#fail('wrong_answer', `it keeps responding with another size, now ${outcome.size}`, null);
        return false;
      }
      this.#size = outcome.size;
    }
  }

  /**
   * It has cosigned a larger checkpoint: one of another process of this service, or of a database that was
   * rolled back since.
   */
  async #overtaken(size: number, target: PushTarget): Promise<false> {
    const latest = await target.latestSize();
    if (size > latest) {
      this.#fail('ahead', `it has cosigned ${size} blocks of this log, which has ${latest} here`, null);
    } else {
      this.#size = size;
    }
    return false;
  }

  #refuse(outcome: Exclude<Outcome, { readonly kind: 'cosigned' | 'other_size' }>): void {
    switch (outcome.kind) {
      case 'busy':
        this.#fail('busy', `it responds with status ${outcome.status}`, outcome.retryAfterMs);
        return;
      case 'refused':
        this.#fail('refused', `it responds with status ${outcome.status}: ${outcome.message}`, null);
        return;
      default:
        this.#fail(outcome.kind, outcome.message, null);
    }
  }

  #fail(code: CosigningProblem, message: string, requestedMs: number | null, cause?: unknown): void {
    // Half of the pause is random, so that members that became unreachable together are not retried together.
    const pause = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#retryAt = performance.now() + Math.max(pause, Math.min(requestedMs ?? 0, LONGEST_RETRY_AFTER_MS));
    const since = this.#problem?.code === code ? this.#problem.since : Date.now();
    this.#problem = { code, message, since, ...(cause === undefined ? {} : { cause }) };
  }
}

/** The outcome of one request to a witness (c2sp.org/tlog-witness). */
export type Outcome =
  | { readonly kind: 'cosigned'; readonly signature: NoteSignature }
  /** The latest checkpoint that it has cosigned has this size. */
  | { readonly kind: 'other_size'; readonly size: number }
  /** It refuses this checkpoint for good. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** It may accept the checkpoint later. */
  | { readonly kind: 'busy'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'unreachable'; readonly message: string }
  /** Its response violates the protocol: an invalid cosignature, or none. */
  | { readonly kind: 'wrong_answer'; readonly message: string };

/** A cosignature is some 150 bytes. */
const MAX_RESPONSE_LENGTH = 64 * 1024;

/** Sends one request. Never rejects: every failure is an outcome. */
async function addCheckpoint(
  { key, url }: Witness,
  request: AddCheckpoint,
  signal: AbortSignal,
): Promise<Outcome> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: formatAddCheckpoint(request),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      // A redirect would lead to a server that the operator has not named.
      redirect: 'error',
      signal,
    });
    body = utf8Decode(await readLimited(response.body, MAX_RESPONSE_LENGTH));
  } catch (error) {
    if (error instanceof ProofError || error instanceof TooLongError) {
      return { kind: 'wrong_answer', message: error.message };
    }
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return {
      kind: 'unreachable',
      message: `${error instanceof Error ? error.message : String(error)}${cause}`,
    };
  }
  return read(response, body, key, request.note);
}

function read({ status, headers }: Response, body: string, key: Witness['key'], checkpoint: string): Outcome {
  if (status === 200) return readCosignature(body, key, checkpoint);
  if (status === 409 && headers.get('content-type')?.split(';')[0]?.trim() === SIZE_MEDIA_TYPE) {
    const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(body)?.[1];
    return size === undefined || !Number.isSafeInteger(Number(size))
      ? { kind: 'wrong_answer', message: 'its response with status 409 holds no size' }
      : { kind: 'other_size', size: Number(size) };
  }
  if (status === 429 || status >= 500) return { kind: 'busy', status, retryAfterMs: retryAfterMs(headers) };
  return { kind: 'refused', status, message: body.trim().slice(0, 200) };
}

/** Lines of other keys are dropped. */
function readCosignature(body: string, key: Witness['key'], checkpoint: string): Outcome {
  try {
    const { text } = parseNote(checkpoint);
    const note = parseNote(`${text}\n${body}`);
    // A blank line in the response would change what is the text of the note.
    const state = note.text === text ? checkCosignature(note, key, NODE_VERIFIERS).state : 'bad';
    const signature = note.signatures.find(
      ({ name, keyId }) => name === key.name && keyId.every((byte, i) => byte === key.keyId[i]),
    );
    return state === 'good' && signature !== undefined
      ? { kind: 'cosigned', signature }
      : {
          kind: 'wrong_answer',
          message:
            state === 'absent'
              ? `its response holds no cosignature of ${key.name}`
              : 'its cosignature is invalid',
        };
  } catch (error) {
    if (error instanceof ProofError) return { kind: 'wrong_answer', message: error.message };
    throw error;
  }
}

/** RFC 9110 §10.2.3, as seconds; dates are ignored. */
function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after') ?? '';
  return /^[0-9]{1,6}$/.test(value) ? Number(value) * 1000 : null;
}
