import type { RateLimits } from '../../store/index.js';
import type { Client } from '../client.js';
import { AccessError } from '../errors.js';
import { networkOf } from '../networks.js';
import { hashSecret } from '../secrets.js';

const DAY_SECONDS = 86_400;
const GROWTH = { firstDelaySeconds: 2, maxDelaySeconds: 900, forgetAfterSeconds: DAY_SECONDS } as const;
const PER_ADDRESS = { free: 5, ...GROWTH } as const;
/** An office shares one network. */
const PER_NETWORK = { free: 20, ...GROWTH } as const;

/**
 * Failures cost waiting: 2, 4, 8 … seconds up to 15 minutes, counted for the e-mail address, be it anybody's or nobody's, and for the
 * network they come from, over all instances. Nobody is locked out for good, so nobody can lock others out for good.
 */
export class SignInThrottle {
  readonly #limits: RateLimits;

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** @throws {AccessError} sign_in_blocked, with the time to wait */
  async assertOpen(email: string, client: Client): Promise<void> {
    const seconds = await this.#limits.blockedFor([addressKey(email), networkKey(client)]);
    if (seconds > 0) {
      throw new AccessError(
        'sign_in_blocked',
        `too many failed attempts; the next one is possible in ${seconds} s`,
        {
          retryAfterSeconds: seconds,
        },
      );
    }
  }

  async failed(email: string, client: Client): Promise<void> {
    await this.#limits.fail(addressKey(email), PER_ADDRESS);
    await this.#limits.fail(networkKey(client), PER_NETWORK);
  }

  /** Of the network nothing is forgotten: else one good account would open it to guessing at others. */
  async succeeded(email: string): Promise<void> {
    await this.#limits.forget(addressKey(email));
  }

  /** Whether this is the first time that somebody is sent away in this wait: that is worth an event, the rest is noise. */
  async isNews(email: string, client: Client, seconds: number): Promise<boolean> {
    const key = `sign-in:told:${addressKey(email)}:${networkKey(client)}`;
    return (await this.#limits.take(key, 1, { limit: 1, windowSeconds: Math.max(1, seconds) })).taken;
  }
}

/** A hash: what is typed for an address is nobody's business, and can be long. */
function addressKey(email: string): string {
  return `sign-in:address:${Buffer.from(hashSecret(email)).toString('base64url')}`;
}

function networkKey(client: Client): string {
  return `sign-in:network:${networkOf(client.address)}`;
}
