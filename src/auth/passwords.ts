import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { AccessError } from './context.js';

export const MIN_PASSWORD_LENGTH = 12;
/** Argon2 hashes it down first, so length costs next to nothing; without any bound it would. */
export const MAX_PASSWORD_LENGTH = 1024;
/** UTF-16 units of what is looked at: decomposed Hangul has three for a character. */
const MAX_UNITS = 4 * MAX_PASSWORD_LENGTH;

/** OWASP's choice for argon2id: 19 MiB, two passes, one lane. Some 25 ms here. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A well-formed hash of which nobody knows a password: who checks against it does all the work for nothing. */
const NOBODYS = ['$argon2id$v=19$m=19456,t=2,p=1', unpadded(randomBytes(16)), unpadded(randomBytes(32))].join(
  '$',
);

/**
 * Its length is all that is asked of a password: rules of composition make people predictable.
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

/** @returns a PHC string of argon2id, with a salt of its own */
export function hashPassword(password: string): Promise<string> {
  return hash(normalise(password), COST);
}

/**
 * @param hashed null: nobody has such a password; finding that out takes the same work
 */
export async function isPassword(hashed: string | null, password: string): Promise<boolean> {
  // One that is too long cannot be anybody's, and must cost neither more nor less than others.
  const matches = await verify(hashed ?? NOBODYS, normalise(password.slice(0, MAX_UNITS)));
  return matches && hashed !== null && password.length <= MAX_UNITS;
}

/** Keyboards differ in how they compose characters; NFKC makes them alike. */
function normalise(password: string): string {
  return password.normalize('NFKC');
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

/** Lets a few do something costly at once, has some wait, and sends the rest away. */
export class Turns {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, maxWaiting: number) {
    this.#atOnce = atOnce;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws {AccessError} busy: nothing was begun */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) {
      this.#running++;
    } else {
      if (this.#waiting.length >= this.#maxWaiting) {
        throw new AccessError('busy', 'too many passwords are being checked; come again in a few seconds', {
          retryAfterSeconds: 5,
        });
      }
      // Whoever ends hands its place on, so the count stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
