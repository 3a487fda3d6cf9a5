import { createHmac } from 'node:crypto';
import type { RateLimits } from '../store/index.js';
import { AccessError } from './context.js';

/** E-mails in 24 hours. Whoever makes requests, or holds a link, decides to whom the service writes. */
export const MAIL_LIMITS = {
  organization: 1000,
  /** Whichever organizations ask. */
  address: 20,
} as const;

/** Links for a new password, which anybody can ask for. */
export const RESET_LIMITS = {
  address: { limit: 10, windowSeconds: 86_400 },
  network: { limit: 20, windowSeconds: 3600 },
} as const;

const WINDOW_SECONDS = 86_400;
const PURPOSE = 'ingam/mail-limit/v1';

/** Counts e-mails, exactly over all instances. Of addresses it keeps a keyed hash, for a day. */
export class MailLimits {
  readonly #rateLimits: Pick<RateLimits, 'consumeAll'>;
  readonly #secret: Uint8Array;

  constructor(rateLimits: Pick<RateLimits, 'consumeAll'>, secret: Uint8Array) {
    this.#rateLimits = rateLimits;
    this.#secret = secret;
  }

  /** Whether one more e-mail may go out, which counts. @param organization null: in nobody's name */
  async allow(organization: number | null, address: string): Promise<boolean> {
    try {
      await this.consume(organization, address, 1);
      return true;
    } catch (error) {
      if (error instanceof AccessError && error.code === 'limit_exceeded') return false;
      throw error;
    }
  }

  /** @throws {AccessError} limit_exceeded */
  async consume(organization: number | null, address: string, count: number): Promise<void> {
    const limits = [
      ...(organization === null
        ? []
        : [
            {
              key: `mails:organization:${organization}`,
              limit: MAIL_LIMITS.organization,
              of: 'from this organization',
            },
          ]),
      { key: `mails:address:${this.#hash(address)}`, limit: MAIL_LIMITS.address, of: 'to this address' },
    ];
    const consumed = await this.#rateLimits.consumeAll(
      limits.map(({ key, limit }) => ({
        key,
        tokens: count,
        rule: { limit, windowSeconds: WINDOW_SECONDS },
      })),
    );
    for (const [i, { limit, of }] of limits.entries()) {
      if (consumed[i]?.granted !== false) continue;
      throw new AccessError(
        'limit_exceeded',
        `the limit is ${limit} e-mails a day ${of}: send the link yourself`,
        {
          retryAfterSeconds: Math.max(1, consumed[i].resetSeconds),
        },
      );
    }
  }

  /**
   * Whether one more link for a new password may go to an address, which counts.
   * @param network of whoever asks
   * @throws {AccessError} limit_exceeded: too many were asked for from there, for whichever addresses
   */
  async allowReset(address: string, network: string): Promise<boolean> {
    const [ofNetwork, ofAddress] = await this.#rateLimits.consumeAll([
      { key: `resets:network:${network}`, tokens: 1, rule: RESET_LIMITS.network },
      { key: `resets:address:${this.#hash(address)}`, tokens: 1, rule: RESET_LIMITS.address },
    ]);
    if (ofNetwork?.granted === false) {
      throw new AccessError(
        'limit_exceeded',
        'too many links for new passwords were asked for from your network: try again later',
        { retryAfterSeconds: Math.max(1, ofNetwork.resetSeconds) },
      );
    }
    return ofAddress?.granted !== false;
  }

  #hash(address: string): string {
    return createHmac('sha256', this.#secret)
      .update(`${PURPOSE}\n${address.toLowerCase()}\n`)
      .digest('base64url');
  }
}
