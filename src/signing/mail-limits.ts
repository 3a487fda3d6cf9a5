import { createHmac } from 'node:crypto';
import { AccessError } from '../auth/index.js';
import type { RateLimits } from '../store/index.js';

/** E-mails in 24 hours. Whoever makes requests, or holds a link, decides to whom the service writes. */
export const MAIL_LIMITS = {
  organization: 1000,
  /** Whichever organizations ask. */
  address: 20,
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

  /** Whether one more e-mail may go out, which counts. */
  async allow(organization: number, address: string): Promise<boolean> {
    try {
      await this.consume(organization, address, 1);
      return true;
    } catch (error) {
      if (error instanceof AccessError && error.code === 'limit_exceeded') return false;
      throw error;
    }
  }

  /** @throws {AccessError} limit_exceeded */
  async consume(organization: number, address: string, count: number): Promise<void> {
    const hash = createHmac('sha256', this.#secret)
      .update(`${PURPOSE}\n${address.toLowerCase()}\n`)
      .digest('base64url');
    const limits = [
      {
        key: `mails:organization:${organization}`,
        limit: MAIL_LIMITS.organization,
        of: 'from this organization',
      },
      { key: `mails:address:${hash}`, limit: MAIL_LIMITS.address, of: 'to this address' },
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
}
