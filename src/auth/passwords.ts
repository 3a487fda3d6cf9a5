import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Person, RateLimits } from '../store/index.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import { networkOf } from './networks.js';
import { hashSecret } from './values.js';

export const MIN_PASSWORD_LENGTH = 12;
/** Argon2 compresses its input first, so a long password costs no more; without a limit, reading it would. */
export const MAX_PASSWORD_LENGTH = 1024;
/** UTF-16 code units that are hashed: decomposed Hangul has three for one character. */
const MAX_UNITS = 4 * MAX_PASSWORD_LENGTH;

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A well-formed hash of no known password: checking against it takes as long as checking a real one. */
const DUMMY_HASH = [
  '$argon2id$v=19$m=19456,t=2,p=1',
  unpaddedBase64(randomBytes(16)),
  unpaddedBase64(randomBytes(32)),
].join('$');

/** A check takes 19 MiB and one of the four threads of Node's pool: half of them stay free for other work. */
const MAX_CONCURRENT = 2;
const MAX_WAITING = 64;

/** Who somebody claims to be. */
export interface PasswordAttempt {
  /** Normalised. */
  readonly email: string;
  /** null: nobody has this address. */
  readonly person: Person | null;
  /** The organization whose owners may read about it in the access log; null: none. */
  readonly organizationId: string | null;
  readonly during: 'sign_in' | 'password_change' | 'invitation';
}

/** Checks and hashes passwords, a few at a time, and slows down guessing. */
export class Passwords {
  readonly #parts: AccessParts;
  readonly #throttle: SignInThrottle;
  readonly #semaphore = new Semaphore(MAX_CONCURRENT, MAX_WAITING);

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#throttle = new SignInThrottle(parts.rateLimits);
  }

  /**
   * Resolves if the password is that person's. Does the same work, statement by statement, when there is no such person.
   * @throws {AccessError} invalid_credentials, sign_in_blocked, busy
   */
  async check(attempt: PasswordAttempt, password: string, client: Client): Promise<void> {
    const { email, person } = attempt;
    await this.#assertNotBlocked(attempt, client);
    await this.#semaphore.run(async () => {
      // Again: attempts that were checked while this one waited may have failed.
      await this.#assertNotBlocked(attempt, client);
      const hashed = person?.disabledAt === null ? person.passwordHash : null;
      if (await verifyPassword(hashed, password)) {
        await this.#throttle.succeeded(email);
        return;
      }
      await this.#throttle.failed(email, client);
      await this.#record('sign_in_failed', attempt, client);
      throw wrongCredentials();
    });
  }

  /**
   * A PHC string to store for a new password.
   * @throws {AccessError} invalid_password, busy
   */
  async hash(password: string): Promise<string> {
    assertPassword(password);
    return this.#semaphore.run(() => hash(normalise(password), COST));
  }

  async #assertNotBlocked(attempt: PasswordAttempt, client: Client): Promise<void> {
    const { email } = attempt;
    const seconds = await this.#throttle.blockedFor(email, client);
    if (seconds === 0) return;
    if (await this.#throttle.isNews(email, client, seconds)) {
      await this.#record('sign_in_blocked', attempt, client);
    }
    throw new AccessError('sign_in_blocked', `too many failed attempts; try again in ${seconds} s`, {
      retryAfterSeconds: seconds,
    });
  }

  /** Without the address that was typed: people type passwords into that field. */
  async #record(
    kind: 'sign_in_failed' | 'sign_in_blocked',
    { person, organizationId, during }: PasswordAttempt,
    client: Client,
  ): Promise<void> {
    await this.#parts.store.appendEvent({
      at: this.#parts.clock(),
      kind,
      organizationId,
      personId: person?.id ?? null,
      keyId: null,
      address: client.address,
      detail: { during },
    });
  }
}

/** The same answer for an unknown address and for a wrong password. */
export function wrongCredentials(): AccessError {
  return new AccessError('invalid_credentials', 'the e-mail address or the password is wrong');
}

/**
 * The length is the only requirement: composition rules make passwords predictable (NIST SP 800-63B §5.1.1.2).
 * @throws {AccessError} invalid_password
 */
export function assertPassword(password: string): void {
  const length = Array.from(normalise(password)).length;
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH) {
    throw new AccessError(
      'invalid_password',
      `a password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`,
    );
  }
}

/** @param hashed null: there is no such person or password; the check takes as long as any other */
async function verifyPassword(hashed: string | null, password: string): Promise<boolean> {
  // A password that is too long is nobody's, and checking it must take neither more nor less time.
  const matches = await verify(hashed ?? DUMMY_HASH, normalise(password.slice(0, MAX_UNITS)));
  return matches && hashed !== null && password.length <= MAX_UNITS;
}

/** Keyboards compose characters differently; NFKC makes them equal. */
function normalise(password: string): string {
  return password.normalize('NFKC');
}

function unpaddedBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

/** Limits how many tasks run at once and how many wait; rejects the rest. */
export class Semaphore {
  readonly #maxConcurrent: number;
  readonly #maxWaiting: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(maxConcurrent: number, maxWaiting: number) {
    this.#maxConcurrent = maxConcurrent;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws {AccessError} busy: `task` was not started */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#maxConcurrent) {
      this.#running++;
    } else {
      if (this.#waiting.length >= this.#maxWaiting) {
        throw new AccessError('busy', 'too many sign-ins in progress; try again in a few seconds', {
          retryAfterSeconds: 5,
        });
      }
      // A task that ends hands its slot to the next, so the count stays the same.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

const DAY_SECONDS = 86_400;
const GROWTH = { firstDelaySeconds: 2, maxDelaySeconds: 900, forgetAfterSeconds: DAY_SECONDS } as const;
const PER_ADDRESS = { free: 5, ...GROWTH } as const;
/** An office shares one network. */
const PER_NETWORK = { free: 20, ...GROWTH } as const;

class SignInThrottle {
  readonly #limits: RateLimits;

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** Seconds to wait before the next attempt; 0: none. */
  blockedFor(email: string, client: Client): Promise<number> {
    return this.#limits.blockedFor([addressKey(email), networkKey(client)]);
  }

  async failed(email: string, client: Client): Promise<void> {
    await this.#limits.recordFailure(addressKey(email), PER_ADDRESS);
    await this.#limits.recordFailure(networkKey(client), PER_NETWORK);
  }

  /** The network's failures stay: otherwise one valid account would open it to guessing at others. */
  async succeeded(email: string): Promise<void> {
    await this.#limits.clearFailures(addressKey(email));
  }

  /** Whether this is the first attempt rejected during this wait: only that one is worth an event. */
  async isNews(email: string, client: Client, seconds: number): Promise<boolean> {
    const key = `sign-in:told:${addressKey(email)}:${networkKey(client)}`;
    return (await this.#limits.consume(key, 1, { limit: 1, windowSeconds: Math.max(1, seconds) })).granted;
  }
}

/** A hash: what was typed as an address may be long, and may be a secret. */
function addressKey(email: string): string {
  return `sign-in:address:${Buffer.from(hashSecret(email)).toString('base64url')}`;
}

function networkKey(client: Client): string {
  return `sign-in:network:${networkOf(client.address)}`;
}
