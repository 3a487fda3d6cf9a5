import { performance } from 'node:perf_hooks';
import {
  type AddCheckpoint,
  checkSignature,
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
  /** This service could not make the request or store the cosignature. */
  | 'internal';

export interface WitnessStatus {
  readonly name: string;
  /** Size of the checkpoint that it has cosigned last; 0: none. */
  readonly size: number;
  readonly problem: {
    readonly code: WitnessProblem;
    readonly message: string;
    readonly since: number;
    /** The error, of a problem in this service. */
    readonly cause?: unknown;
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
      this.#fail('internal', error instanceof Error ? error.message : String(error), null, error);
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

  #fail(code: WitnessProblem, message: string, askedMs: number | null, cause?: unknown): void {
    // Half of the pause is random: witnesses that went away together are not asked together.
    const pause = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#retryAt = performance.now() + Math.max(pause, Math.min(askedMs ?? 0, LONGEST_RETRY_AFTER_MS));
    const since = this.#problem?.code === code ? this.#problem.since : Date.now();
    this.#problem = { code, message, since, ...(cause === undefined ? {} : { cause }) };
  }
}

/** What became of one request to a witness (c2sp.org/tlog-witness). */
export type Answer =
  | { readonly kind: 'cosigned'; readonly signature: NoteSignature }
  /** It has cosigned a checkpoint of this size last. */
  | { readonly kind: 'other_size'; readonly size: number }
  /** It does not want this checkpoint, and will not want it later. */
  | { readonly kind: 'refused'; readonly status: number; readonly says: string }
  /** Not now. */
  | { readonly kind: 'busy'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'unreachable'; readonly says: string }
  /** It answered what no witness answers: a cosignature that does not hold, or no cosignature at all. */
  | { readonly kind: 'wrong_answer'; readonly says: string };

/** A cosignature is some 150 bytes. */
const MAX_ANSWER_LENGTH = 64 * 1024;

/** Asks once. Never rejects: whatever happens out there is an answer. */
export async function addCheckpoint(
  { key, url }: Witness,
  request: AddCheckpoint,
  signal: AbortSignal,
): Promise<Answer> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: formatAddCheckpoint(request),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      // A redirect would take the checkpoint to somebody whom nobody named.
      redirect: 'error',
      signal,
    });
    body = utf8Decode(await readLimited(response));
  } catch (error) {
    if (error instanceof ProofError) return { kind: 'wrong_answer', says: error.message };
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return { kind: 'unreachable', says: `${error instanceof Error ? error.message : String(error)}${cause}` };
  }
  return read(response, body, key, request.note);
}

function read({ status, headers }: Response, body: string, key: Witness['key'], asked: string): Answer {
  if (status === 200) return readCosignature(body, key, asked);
  if (status === 409 && headers.get('content-type')?.split(';')[0]?.trim() === SIZE_MEDIA_TYPE) {
    const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(body)?.[1];
    return size === undefined || !Number.isSafeInteger(Number(size))
      ? { kind: 'wrong_answer', says: 'it answers 409 with something that is not a size' }
      : { kind: 'other_size', size: Number(size) };
  }
  if (status === 429 || status >= 500) return { kind: 'busy', status, retryAfterMs: retryAfterMs(headers) };
  return { kind: 'refused', status, says: body.trim().slice(0, 200) };
}

/** Lines of keys that nobody asked for are dropped. */
function readCosignature(body: string, key: Witness['key'], asked: string): Answer {
  try {
    const { text } = parseNote(asked);
    const note = parseNote(`${text}\n${body}`);
    // A blank line in the answer would make another text of it.
    const state = note.text === text ? checkSignature(note, key).state : 'bad';
    const signature = note.signatures.find(
      ({ name, keyId }) => name === key.name && keyId.every((byte, i) => byte === key.keyId[i]),
    );
    return state === 'good' && signature !== undefined
      ? { kind: 'cosigned', signature }
      : {
          kind: 'wrong_answer',
          says:
            state === 'absent'
              ? `its answer holds no cosignature of ${key.name}`
              : 'its cosignature does not hold',
        };
  } catch (error) {
    if (error instanceof ProofError) return { kind: 'wrong_answer', says: error.message };
    throw error;
  }
}

/** RFC 9110 §10.2.3, as seconds; a date is for caches. */
function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after') ?? '';
  return /^[0-9]{1,6}$/.test(value) ? Number(value) * 1000 : null;
}

async function readLimited(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_ANSWER_LENGTH) throw new ProofError('malformed_note', 'its answer does not end');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
