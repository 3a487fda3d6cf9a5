import { createHmac } from 'node:crypto';
import { deriveKey } from '../crypto/secrets.js';
import type { PasswordReset, Person } from '../store/index.js';
import { eventOf } from './access-log.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import type { MailLimits } from './mail-limits.js';
import type { Passwords } from './passwords.js';
import { ANONYMOUS_PRINCIPAL } from './policy.js';
import { hashSecret, isSecret, networkOf, newId, normaliseEmail } from './values.js';

/** How long a link works. */
const LIFETIME_MS = 60 * 60_000;

/**
 * New passwords for people who have forgotten theirs, by a link that goes to their address. Whoever asks learns nothing
 * about who has an account. Passkeys stay: the link stands for the password alone.
 */
export class PasswordResets {
  readonly #parts: AccessParts;
  readonly #passwords: Passwords;
  readonly #limits: MailLimits;
  readonly #key: Uint8Array;

  constructor(parts: AccessParts, passwords: Passwords, limits: MailLimits, secret: Uint8Array) {
    this.#parts = parts;
    this.#passwords = passwords;
    this.#limits = limits;
    this.#key = deriveKey(secret, 'ingam access v1: password resets');
  }

  /** Whether e-mails are sent. */
  get isAvailable(): boolean {
    return this.#parts.onMail !== null;
  }

  /**
   * Has a link sent to the address if it is that of a person with a password. Does the same if it is not.
   * @param language of the e-mail; null: not known
   * @throws {AccessError} invalid_email, limit_exceeded, no_mail_server
   */
  async ask(email: string, language: PasswordReset['language'], client: Client): Promise<void> {
    const { store, clock, onMail } = this.#parts;
    if (onMail === null) {
      throw new AccessError(
        'no_mail_server',
        'this service sends no e-mails; an owner of your organization or the operator of this service can give you a link',
      );
    }
    const address = normaliseEmail(email);
    if (!(await this.#limits.allowReset(address, networkOf(client.address)))) return;
    const id = newId('pwr');
    const askedAt = clock();
    await store.addPasswordReset({
      ...{ id, email: address, language, secretHash: hashSecret(this.token(id)) },
      ...{ askedAt, expiresAt: askedAt + LIFETIME_MS },
    });
    onMail();
  }

  /** What the link has. It follows from the secret, so that nothing that opens it is kept. */
  token(id: string): string {
    return createHmac('sha256', this.#key).update(id).digest('base64url');
  }

  /**
   * Sets a new password, and ends all sessions of the person, who then signs in with it.
   * @throws {AccessError} invalid_reset_link, invalid_password, busy
   */
  async redeem(token: string, password: string, client: Client): Promise<Person> {
    const { store, clock } = this.#parts;
    const secretHash = hashSecret(token);
    if (!isSecret(token) || (await store.passwordReset(secretHash, clock())) === null) throw invalidLink();
    const passwordHash = await this.#passwords.hash(password, client);
    const now = clock();
    const person = await store.redeemPasswordReset({ secretHash, now, passwordHash }, ({ id }) => ({
      ...eventOf(ANONYMOUS_PRINCIPAL, client, now, 'password_set', { detail: { reason: 'email_link' } }),
      personId: id,
    }));
    if (person === null) throw invalidLink();
    return person;
  }
}

function invalidLink(): AccessError {
  return new AccessError(
    'invalid_reset_link',
    'the link has expired, has been used, or does not exist; ask for a new one',
  );
}
