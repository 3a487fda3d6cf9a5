import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './context.js';
import { LimitError } from './limits.js';
import { isLoopback, networkOf } from './networks.js';
import type { Principal } from './policy.js';

/** What anonymous callers of one network may use of one process. */
export const ANONYMOUS_LIMITS = {
  verificationsPerMinute: 300,
  certificatesPerMinute: 60,
  /** Uploads are not rejected, but read no faster. */
  uploadBytesPerMinute: 4 * 2 ** 30,
  eventStreams: 256,
} as const;

const MINUTE_MS = 60_000;
/** When the oldest are dropped, with whatever they had used. */
const MAX_NETWORKS = 10_000;

/**
 * Keeps one network from using up what a process does for callers it does not know. People who sign in, API
 * keys and callers on the machine itself are not limited here. In memory, because a round trip to the
 * database would cost more than what is limited.
 */
export class AnonymousLimits {
  readonly #verifications: TokenBuckets;
  readonly #certificates: TokenBuckets;
  readonly #uploadBytes: TokenBuckets;
  readonly #eventStreams = new Map<string, number>();

  /** @param clock milliseconds */
  constructor(clock: () => number) {
    this.#verifications = new TokenBuckets(ANONYMOUS_LIMITS.verificationsPerMinute, clock);
    this.#certificates = new TokenBuckets(ANONYMOUS_LIMITS.certificatesPerMinute, clock);
    this.#uploadBytes = new TokenBuckets(ANONYMOUS_LIMITS.uploadBytesPerMinute, clock);
  }

  /** @throws {LimitError} */
  consumeVerification(principal: Principal, client: Client): void {
    takeFrom(
      this.#verifications,
      ANONYMOUS_LIMITS.verificationsPerMinute,
      'verifications',
      principal,
      client,
    );
  }

  /** @throws {LimitError} */
  consumeCertificate(principal: Principal, client: Client): void {
    takeFrom(this.#certificates, ANONYMOUS_LIMITS.certificatesPerMinute, 'certificates', principal, client);
  }

  /**
   * Counts an event stream until the returned function is called, once.
   * @throws {LimitError}
   */
  openEventStream(principal: Principal, client: Client): () => void {
    const network = limitedNetwork(principal, client);
    if (network === null) return () => undefined;
    const open = this.#eventStreams.get(network) ?? 0;
    if (open >= ANONYMOUS_LIMITS.eventStreams) {
      throw limitError(`${ANONYMOUS_LIMITS.eventStreams} event streams at once`, 60);
    }
    this.#eventStreams.set(network, open + 1);
    return () => {
      const left = (this.#eventStreams.get(network) ?? 1) - 1;
      if (left === 0) this.#eventStreams.delete(network);
      else this.#eventStreams.set(network, left);
    };
  }

  /** Passes an upload on, no faster than the network's share. */
  async *pace(
    principal: Principal,
    client: Client,
    upload: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const network = limitedNetwork(principal, client);
    for await (const chunk of upload) {
      const waitMs = network === null ? 0 : this.#uploadBytes.charge(network, chunk.length);
      if (waitMs > 0) await delay(waitMs, undefined, { ref: false });
      yield chunk;
    }
  }
}

function takeFrom(
  buckets: TokenBuckets,
  perMinute: number,
  what: string,
  principal: Principal,
  client: Client,
): void {
  const network = limitedNetwork(principal, client);
  const waitMs = network === null ? 0 : buckets.take(network);
  if (waitMs > 0) throw limitError(`${perMinute} ${what} a minute`, Math.ceil(waitMs / 1000));
}

function limitError(limit: string, retryAfterSeconds: number): LimitError {
  return new LimitError(`the limit is ${limit} for anonymous callers in your network`, retryAfterSeconds, []);
}

/** null: not limited. */
function limitedNetwork({ kind }: Principal, { address }: Client): string | null {
  return kind !== 'anonymous' || isLoopback(address) ? null : networkOf(address);
}

/** A bucket of tokens for each key, full at first and refilled continuously. */
class TokenBuckets {
  readonly #perMinute: number;
  readonly #clock: () => number;
  /** The least recently used first. */
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(perMinute: number, clock: () => number) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Takes one token, or answers in how many milliseconds there will be one. */
  take(key: string): number {
    const tokens = this.#tokensOf(key);
    if (tokens < 1) return this.#timeFor(1 - tokens);
    this.#set(key, tokens - 1);
    return 0;
  }

  /** Takes tokens in any case, and answers in how many milliseconds the bucket will not be overdrawn. */
  charge(key: string, count: number): number {
    const tokens = this.#tokensOf(key) - count;
    this.#set(key, tokens);
    return tokens < 0 ? this.#timeFor(-tokens) : 0;
  }

  #tokensOf(key: string): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#perMinute;
    const refilled = (Math.max(0, this.#clock() - bucket.at) * this.#perMinute) / MINUTE_MS;
    return Math.min(this.#perMinute, bucket.tokens + refilled);
  }

  #timeFor(tokens: number): number {
    return Math.ceil((tokens * MINUTE_MS) / this.#perMinute);
  }

  #set(key: string, tokens: number): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens, at: this.#clock() });
    if (this.#buckets.size <= MAX_NETWORKS) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
