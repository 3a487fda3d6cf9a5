import type { Person } from '../../store/index.js';
import type { Client } from '../client.js';
import { AccessError } from '../errors.js';
import { assertPassword, hashPassword, isPassword } from './passwords.js';
import type { AccessParts } from '../parts.js';
import { SignInThrottle } from './throttle.js';
import { Turns } from './turns.js';

/** Each takes 19 MiB and one of the four threads that Node keeps for such work: half of them stay for everything else. */
const AT_ONCE = 2;
const MAX_WAITING = 64;

/** As whom somebody tries to come in. */
export interface Claimed {
  /** Normalised. */
  readonly email: string;
  /** null: there is nobody of that address. */
  readonly person: Person | null;
  /** Whose owners may read of it; null: nobody's. */
  readonly accountId: string | null;
  readonly during: 'sign_in' | 'password_change' | 'invitation';
}

/** Checks and makes passwords, a few at a time. */
export class Credentials {
  readonly #parts: AccessParts;
  readonly #throttle: SignInThrottle;
  readonly #turns = new Turns(AT_ONCE, MAX_WAITING);

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#throttle = new SignInThrottle(parts.rateLimits);
  }

  /**
   * Resolves when the password is that person's. The same work, statement by statement, for people who are not there.
   * @throws {AccessError} invalid_credentials, sign_in_blocked, busy
   */
  async check(claimed: Claimed, password: string, client: Client): Promise<void> {
    const { email, person } = claimed;
    await this.#assertOpen(claimed, client);
    await this.#turns.take(async () => {
      // Once more: those who were waiting meanwhile have failed meanwhile.
      await this.#assertOpen(claimed, client);
      const hash = person?.disabledAt === null ? person.passwordHash : null;
      if (await isPassword(hash, password)) {
        await this.#throttle.succeeded(email);
        return;
      }
      await this.#throttle.failed(email, client);
      await this.#record('sign_in_failed', claimed, client);
      throw new AccessError('invalid_credentials', 'the e-mail address or the password is wrong');
    });
  }

  /**
   * What is to be kept of a new password.
   * @throws {AccessError} invalid_password, busy
   */
  async hash(password: string): Promise<string> {
    assertPassword(password);
    return this.#turns.take(() => hashPassword(password));
  }

  async #assertOpen(claimed: Claimed, client: Client): Promise<void> {
    try {
      await this.#throttle.assertOpen(claimed.email, client);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      if (await this.#throttle.isNews(claimed.email, client, error.retryAfterSeconds ?? 1)) {
        await this.#record('sign_in_blocked', claimed, client);
      }
      throw error;
    }
  }

  /** The address that was typed is not written down: people type passwords there. */
  async #record(
    kind: 'sign_in_failed' | 'sign_in_blocked',
    { person, accountId, during }: Claimed,
    client: Client,
  ): Promise<void> {
    await this.#parts.store.appendEvent({
      at: this.#parts.clock(),
      kind,
      accountId,
      personId: person?.id ?? null,
      keyId: null,
      address: client.address,
      detail: { during },
    });
  }
}
