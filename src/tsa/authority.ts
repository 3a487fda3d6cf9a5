import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { nodeSha256 } from '../crypto/primitives.js';
import { IntakeError, type NewDocument } from '../intake/index.js';
import { toHex } from '../proof/index.js';
import {
  encodeGranted,
  encodeRejection,
  prepareToken,
  readRequest,
  unsigned,
  type Certificate,
  type PkiFailure,
  type TimeStampRequest,
} from '../proof/time/rfc3161.js';
import { StoreError } from '../store/index.js';
import type { ClockGuard, ClockProblem } from './clock-guard.js';
import type { TsaKey } from './key.js';

/** What the service's configuration says about its authority. */
export interface TsaSettings {
  /** The policy of all tokens, in dotted decimal. */
  readonly policy: string;
  /** The largest error of the clock, in milliseconds. Tokens state it. */
  readonly accuracyMs: number;
  readonly servers: readonly { readonly host: string; readonly port: number }[];
}

export interface AuthorityOptions {
  readonly settings: TsaSettings;
  readonly keys: KeySource;
  readonly guard: ClockGuard;
  /** The latest time in the chain. @throws {StoreError} */
  readonly newestTime: () => Promise<number>;
}

/** Where the key comes from, which may be replaced while the service runs. */
export interface KeySource {
  /** @throws {ProofError} malformed_key */
  current(): Promise<TsaKey>;
  /** Certificates of former keys. */
  former(): Promise<readonly Certificate[]>;
}

/**
 * Accepts the token as a document, at exactly this time. Resolves when it is durable.
 * @throws {IntakeError}, or what concerns the caller, such as a limit
 */
export type Notarize = (token: NewDocument, acceptedAt: number) => Promise<unknown>;

/** A TimeStampResp, and what it says. */
export interface Reply {
  readonly response: Uint8Array;
  readonly outcome: 'granted' | PkiFailure;
}

/** How long before its end the certificate is reported. */
const WARN_BEFORE_MS = 60 * 86_400_000;
/** Requests that may wait for their signature. */
const MAX_WAITING = 256;
/** Requests that get the same time, and are notarized together. */
const MAX_BATCH = 32;
/** Half of the threads in which Node signs, and reads files. */
const THREADS = 2;
/** RFC 3161 §2.4.2 wants serial numbers that are never used twice, also after a crash. */
const SERIAL_LENGTH = 16;

/** A time-stamping authority (RFC 3161) whose every token is in the chain before anybody has it. */
export class Authority {
  readonly #options: AuthorityOptions;
  readonly #waiting: Waiting[] = [];
  #isSigning = false;

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  get settings(): TsaSettings {
    return this.#options.settings;
  }

  get guard(): ClockGuard {
    return this.#options.guard;
  }

  get keys(): KeySource {
    return this.#options.keys;
  }

  /** Why the clock is not trusted; null: it is. @throws {StoreError} */
  async clockProblem(): Promise<ClockProblem | null> {
    return this.guard.problem(await this.#options.newestTime());
  }

  /** Why the certificate allows no tokens now, or soon will not; null: it does. */
  async certificateWarning(): Promise<string | null> {
    const key = await this.keys.current();
    const now = this.guard.now();
    const invalid = validityProblem(key, now);
    if (invalid !== null || key.notAfter - now > WARN_BEFORE_MS) return invalid;
    return `The certificate of this authority ends on ${new Date(key.notAfter).toISOString().slice(0, 10)}.`;
  }

  /**
   * Answers a TimeStampReq, for any bytes. A token is signed, then notarized, then handed out: one whose
   * notarization failed, or may have failed, is not.
   * @throws what `notarize` throws and is no failure of the service
   */
  async answer(request: Uint8Array, notarize: Notarize): Promise<Reply> {
    const reading = readRequest(request, [this.settings.policy]);
    if (!reading.accepted) return rejected(reading.failure, reading.message);
    try {
      const { token, time, serial } = await this.#sign(reading.request);
      const { digest, imprint, policy } = reading.request;
      const details = { imprint: `${digest.name}:${toHex(imprint)}`, name: `${serial}.tst`, policy, serial };
      await notarize({ sha256: nodeSha256(token), size: token.length, details }, time);
      return { response: encodeGranted(token), outcome: 'granted' };
    } catch (error) {
      return rejectionFor(error);
    }
  }

  /** @throws {NoToken}, {StoreError} */
  #sign(request: TimeStampRequest): Promise<Signed> {
    if (this.#waiting.length >= MAX_WAITING)
      throw new NoToken('systemFailure', 'Too many requests are waiting: ask again in some seconds.');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (!this.#isSigning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isSigning = true;
    // Requests that arrive in one turn of the event loop form one batch.
    await nextTurn();
    while (this.#waiting.length > 0) await this.#signBatch(this.#waiting.splice(0, MAX_BATCH));
    this.#isSigning = false;
  }

  async #signBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const key = await this.#options.keys.current();
      const newest = await this.#options.newestTime();
      const time = this.#time(key, newest);
      const left = [...batch];
      const work = async () => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          next.resolve(await this.#signOne(next.request, key, time));
        }
      };
      await Promise.all(Array.from({ length: THREADS }, work));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** @throws {NoToken} the clock is not trusted, or the certificate is not valid now */
  #time(key: TsaKey, newest: number): number {
    const { guard } = this.#options;
    const problem = guard.problem(newest);
    if (problem !== null) throw new NoToken('timeNotAvailable', problem.message);
    const time = guard.now();
    const validity = validityProblem(key, time);
    if (validity !== null) throw new NoToken('systemFailure', validity);
    return time;
  }

  async #signOne(request: TimeStampRequest, key: TsaKey, time: number): Promise<Signed> {
    const { policy, digest, imprint, nonce, certReq } = request;
    const number = unsigned(new Uint8Array(randomBytes(SERIAL_LENGTH)));
    const info = { policy, digest, imprint, nonce, serial: number, time, accuracy: this.settings.accuracyMs };
    const { toSign, finish } = prepareToken(info, key.issuer, certReq);
    return { token: finish(await key.sign(toSign)), time, serial: toHex(number) };
  }
}

interface Signed {
  readonly token: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The content of the INTEGER, in hexadecimal. */
  readonly serial: string;
}

interface Waiting {
  readonly request: TimeStampRequest;
  readonly resolve: (signed: Signed) => void;
  readonly reject: (error: unknown) => void;
}

/** Why no token is signed. The message is a sentence for the person who runs the client. */
class NoToken extends Error {
  override readonly name = 'NoToken';
  readonly failure: PkiFailure;

  constructor(failure: PkiFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** Why the certificate does not allow tokens at this time, as an English sentence; null: it does. */
function validityProblem({ notBefore, notAfter }: TsaKey, time: number): string | null {
  if (time < notBefore) return 'The certificate of this authority is not valid yet.';
  return time > notAfter ? 'The certificate of this authority has expired.' : null;
}

function rejected(failure: PkiFailure, message: string): Reply {
  return { response: encodeRejection(failure, message), outcome: failure };
}

function rejectionFor(error: unknown): Reply {
  if (error instanceof NoToken) return rejected(error.failure, error.message);
  if (error instanceof StoreError)
    return rejected('systemFailure', 'The database is unavailable: ask again in some seconds.');
  if (!(error instanceof IntakeError)) throw error;
  switch (error.code) {
    case 'clock_behind':
      return rejected(
        'timeNotAvailable',
        'The clock of this authority is behind the times that it has stated.',
      );
    case 'outcome_unknown':
      return rejected(
        'systemFailure',
        'The database became unavailable, so the token may not be in the log and is not given out: ask again.',
      );
    case 'unavailable':
    case 'queue_full':
    case 'stopping':
    case 'idempotency_mismatch':
    case 'erased':
      return rejected(
        'systemFailure',
        'The token could not be written to the log: ask again in some seconds.',
      );
  }
}
