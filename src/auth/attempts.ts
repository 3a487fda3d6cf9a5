import type { NewAccessEvent, Person, ThrottleRule } from '../store/index.js';
import { AccessError, type AccessParts, type Client } from './context.js';

/** After the failures that cost nothing, attempts wait 2, 4, 8 … seconds, up to 15 minutes. */
const GROWTH = { firstDelaySeconds: 2, maxDelaySeconds: 900, forgetAfterSeconds: 86_400 } as const;
/** For one person, from one device or network. */
export const PER_SOURCE: ThrottleRule = { free: 5, ...GROWTH };
/** For everybody in one network, such as an office. */
export const PER_NETWORK: ThrottleRule = { free: 20, ...GROWTH };
/** For one person, from all networks and devices that they have never signed in from. */
export const PER_ADDRESS: ThrottleRule = { free: 100, ...GROWTH };

/** How often a flood has its own rows removed, which housekeeping would do too late. */
const FAILURES_PER_EXPIRY = 100;
/** Failures in the access log. */
const LOGGED = { limit: 1000, windowSeconds: 3600 } as const;

export interface Throttle {
  readonly key: string;
  readonly rule: ThrottleRule;
}

export type Throttles = readonly [Throttle, ...Throttle[]];

/** Who tries to prove who they are. */
export interface Attempt {
  /** null: nobody is known by what was given. */
  readonly person: Pick<Person, 'id'> | null;
  /** The organization whose owners may read about it in the access log; null: none. */
  readonly organizationId: string | null;
  readonly during: 'sign_in' | 'password_change' | 'passkey_change' | 'invitation';
}

/** Slows down guessing, and puts failures into the access log. */
export class Attempts {
  readonly #parts: AccessParts;
  #failures = 0;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** @throws {AccessError} sign_in_blocked */
  async assertAllowed(throttles: Throttles, attempt: Attempt, client: Client): Promise<void> {
    const { rateLimits } = this.#parts;
    const seconds = await rateLimits.blockedFor(throttles.map(({ key }) => key));
    if (seconds === 0) return;
    // Only the first attempt rejected during this wait is worth an event.
    const window = { limit: 1, windowSeconds: seconds };
    if ((await rateLimits.consume(`${throttles[0].key}:logged`, 1, window)).granted) {
      await this.#record('sign_in_blocked', attempt, {}, client);
    }
    throw new AccessError('sign_in_blocked', `too many failed attempts; try again in ${seconds} s`, {
      retryAfterSeconds: seconds,
    });
  }

  /** The wider counters stay: otherwise one valid account would open its network to guessing at others. */
  async succeeded(throttles: Throttles): Promise<void> {
    await this.#parts.rateLimits.clearFailures(throttles[0].key);
  }

  /** @param detail what the access log says besides */
  async failed(
    throttles: Throttles,
    attempt: Attempt,
    client: Client,
    detail: NewAccessEvent['detail'] = {},
  ): Promise<void> {
    const { rateLimits, clock } = this.#parts;
    for (const { key, rule } of throttles) await rateLimits.recordFailure(key, rule);
    if (++this.#failures % FAILURES_PER_EXPIRY === 0) await rateLimits.expire(clock());
    await this.#record('sign_in_failed', attempt, detail, client);
  }

  /**
   * Without the address that was typed: people type passwords into that field. Up to a number an hour for each
   * person, and for all unknown addresses together: the log is never pruned, and a flood must not fill it.
   */
  async #record(
    kind: 'sign_in_failed' | 'sign_in_blocked',
    { person, organizationId, during }: Attempt,
    detail: NewAccessEvent['detail'],
    client: Client,
  ): Promise<void> {
    const logged = await this.#parts.rateLimits.consume(`sign-in:logged:${person?.id ?? ''}`, 1, LOGGED);
    if (!logged.granted) return;
    await this.#parts.store.appendEvent({
      at: this.#parts.clock(),
      kind,
      organizationId,
      personId: person?.id ?? null,
      keyId: null,
      address: client.address,
      detail: { during, ...detail },
    });
  }
}
