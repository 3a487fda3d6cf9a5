import { createHmac, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { deriveKey } from '../crypto/secrets.js';
import type { Person } from '../store/index.js';
import {
  type Attempt,
  type Attempts,
  PER_ADDRESS,
  PER_NETWORK,
  PER_SOURCE,
  type Throttle,
  type Throttles,
} from './attempts.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import { FairQueue } from './fair-queue.js';
import { networkOf, hashSecret, isId, sameBytes } from './values.js';

const MIN_PASSWORD_LENGTH = 12;
/** Argon2 compresses its input first, so a long password costs no more; without a limit, reading it would. */
const MAX_PASSWORD_LENGTH = 1024;
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
const QUEUE = { maxRunning: 2, maxWaiting: 64 } as const;

/** Who somebody claims to be, and where from. */
export interface PasswordAttempt extends Attempt {
  readonly person: Person | null;
  /** Normalised. */
  readonly email: string;
  /** What the client sends of `deviceToken`; others may have added to it. */
  readonly deviceTokens: readonly string[];
}

/** Checks and hashes passwords, a few at a time, and slows down guessing. */
export class Passwords {
  readonly #parts: AccessParts;
  readonly #deviceKey: Uint8Array;
  readonly #attempts: Attempts;
  readonly #queue = new FairQueue(QUEUE);

  constructor(parts: AccessParts, attempts: Attempts, secret: Uint8Array) {
    this.#parts = parts;
    this.#attempts = attempts;
    this.#deviceKey = deriveKey(secret, 'ingam access v1: device tokens');
  }

  /**
   * Proves to a later sign-in that somebody has signed in as that person on the same device, so that failures
   * elsewhere do not keep them out. It gives no access. A device is known by the session of its sign-in.
   */
  deviceToken(sessionId: string, personId: string): string {
    const mac = createHmac('sha256', this.#deviceKey).update(`${sessionId} ${personId}`).digest('base64url');
    return `${sessionId}.${mac}`;
  }

  /** The session of an earlier sign-in as that person; null: no token is one of this service for that person. */
  deviceOf(tokens: readonly string[], personId: string): string | null {
    for (const token of tokens) {
      const sessionId = token.slice(0, token.indexOf('.'));
      const isValid = sameBytes(Buffer.from(this.deviceToken(sessionId, personId)), Buffer.from(token));
      if (isValid && isId('ses', sessionId)) return sessionId;
    }
    return null;
  }

  /**
   * Resolves if the password is that person's. Does the same work, statement by statement, when there is no
   * such person.
   * @throws {AccessError} invalid_credentials, sign_in_blocked, busy
   */
  async check(attempt: PasswordAttempt, password: string, client: Client): Promise<void> {
    const { person } = attempt;
    const { throttles, isReserved } = await this.#throttlesOf(attempt, client);
    await this.#attempts.assertAllowed(throttles, attempt, client);
    await this.#queue.run(networkOf(client.address), isReserved, async () => {
      // Again: attempts that were checked while this one waited may have failed.
      await this.#attempts.assertAllowed(throttles, attempt, client);
      const hashed = person?.disabledAt === null ? person.passwordHash : null;
      if (await verifyPassword(hashed, password)) {
        await this.#attempts.succeeded(throttles);
        return;
      }
      await this.#attempts.failed(throttles, attempt, client);
      throw wrongCredentials();
    });
  }

  /**
   * A PHC string to store for a new password. For callers who have proved who they are.
   * @throws {AccessError} invalid_password, busy
   */
  async hash(password: string, { address }: Client): Promise<string> {
    assertPassword(password);
    return this.#queue.run(networkOf(address), true, () => hash(normalise(password), COST));
  }

  /** `isReserved`: from a device of the person, or a network that somebody has signed in from. */
  async #throttlesOf(
    { email, person, deviceTokens }: PasswordAttempt,
    { address }: Client,
  ): Promise<{ readonly throttles: Throttles; readonly isReserved: boolean }> {
    const personId = person?.id ?? '';
    const network = networkOf(address);
    // A hash: what was typed as an address may be long, and may be a secret.
    const account = Buffer.from(hashSecret(email)).toString('base64url');
    const { byPerson, byAnybody } = await this.#parts.store.signInsFrom(network, personId);
    const device = this.deviceOf(deviceTokens, personId);
    if (device !== null) {
      const throttle = { key: `sign-in:device:${account}:${device}`, rule: PER_SOURCE };
      return { throttles: [throttle], isReserved: true };
    }
    const throttles: [Throttle, ...Throttle[]] = [
      { key: `sign-in:address-network:${account}:${network}`, rule: PER_SOURCE },
      { key: `sign-in:network:${network}`, rule: PER_NETWORK },
    ];
    if (!byPerson) throttles.push({ key: `sign-in:address:${account}`, rule: PER_ADDRESS });
    return { throttles, isReserved: byAnybody };
  }
}

/** The same answer for an unknown address and for a wrong password. */
export function wrongCredentials(): AccessError {
  return new AccessError('invalid_credentials', 'the e-mail address or the password is wrong');
}

/**
 * The length is the only requirement: composition rules make passwords predictable (NIST SP 800-63B
 * §5.1.1.2).
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
