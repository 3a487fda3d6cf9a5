import { setTimeout as delay } from 'node:timers/promises';
import type { BackgroundTask } from '../background/index.js';
import {
  type Consumption,
  type Limits,
  type RateLimits,
  type Refund,
  StoreError,
  type StoreLog,
} from '../store/index.js';
import { eventOf } from './access-log.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import { ANONYMOUS_PRINCIPAL, type Principal } from './policy.js';
import { isLoopback, networkOf } from './values.js';

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

export type LimitName = 'requests' | 'digests' | 'bytes';

export interface Documents {
  readonly digests: number;
  readonly bytes: number;
}

/** The state of one limit. */
export interface LimitState {
  readonly name: LimitName;
  /** What the limit applies to. */
  readonly of: 'organization' | 'key';
  /** Requests, digests or bytes in one window. */
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** 0: the window begins with the next request. */
  readonly resetSeconds: number;
}

/** limit_exceeded, with the states of all limits that apply. */
export class LimitError extends AccessError {
  readonly states: readonly LimitState[];

  constructor(message: string, retryAfterSeconds: number | null, states: readonly LimitState[]) {
    super('limit_exceeded', message, retryAfterSeconds === null ? {} : { retryAfterSeconds });
    this.states = states;
  }
}

type Amounts = { readonly [K in LimitName]?: number };

interface Limited {
  readonly name: LimitName;
  readonly of: 'organization' | 'key';
  readonly key: string;
  readonly rule: { readonly limit: number; readonly windowSeconds: number };
}

const RULES = [
  { name: 'requests', of: 'requestsPerMinute', windowSeconds: MINUTE_SECONDS },
  { name: 'digests', of: 'digestsPerDay', windowSeconds: DAY_SECONDS },
  { name: 'bytes', of: 'bytesPerDay', windowSeconds: DAY_SECONDS },
] as const;

/** Limits of organizations and API keys, exact over all instances. Without limits nothing is counted. */
export class PrincipalLimits {
  readonly #parts: AccessParts;
  readonly #refunds: Refunds;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#refunds = new Refunds(parts);
  }

  /** Tries once more to return what rejected submissions had reserved. */
  async close(): Promise<void> {
    await this.#refunds.close();
  }

  /** @throws {LimitError} */
  consumeRequest(principal: Principal, client: Client): Promise<LimitState[]> {
    return this.#consumeStates(principal, { requests: 1 }, client);
  }

  /**
   * All of it or nothing.
   * @throws {LimitError}
   */
  consumeDocuments(principal: Principal, documents: Documents, client: Client): Promise<LimitState[]> {
    return this.#consumeStates(principal, documents, client);
  }

  /** The quota of one submission. */
  documentQuota(principal: Principal, documents: Documents, client: Client): DocumentQuota {
    return new DocumentQuota(() => this.#consume(principal, documents, client), this.#refunds);
  }

  /** null: no limit. */
  async bytesLeft(principal: Principal): Promise<number | null> {
    const limited = limitsOf(principal).filter(({ name }) => name === 'bytes');
    if (limited.length === 0) return null;
    const left = limited.map(({ key, rule }) => this.#parts.rateLimits.remaining(key, rule));
    return Math.min(...(await Promise.all(left)));
  }

  async #consumeStates(principal: Principal, amounts: Amounts, client: Client): Promise<LimitState[]> {
    return (await this.#consume(principal, amounts, client)).states;
  }

  async #consume(principal: Principal, amounts: Amounts, client: Client): Promise<Consumed> {
    const limited = limitsOf(principal).filter(({ name }) => amounts[name] !== undefined);
    if (limited.length === 0) return { states: [], refunds: [] };
    const requests = limited.map(({ name, key, rule }) => ({ key, tokens: amounts[name] ?? 0, rule }));
    const consumptions = await this.#parts.rateLimits.consumeAll(requests);
    const states = limited.map((each, i) => stateOf(each, consumptions[i]));
    const refused = limited.filter((_, i) => consumptions[i]?.granted !== true);
    if (refused.length === 0) {
      const refunds = requests.map(({ key, tokens }, i) => {
        return { key, tokens, windowEndsAt: consumptions[i]?.windowEndsAt ?? 0 };
      });
      return { states, refunds };
    }
    const hits = states.filter((_, i) => consumptions[i]?.granted !== true);
    for (const [i, hit] of hits.entries()) await this.#logOnce(principal, refused[i], hit, client);
    throw exceeded(hits, amounts, states);
  }

  /** Logged once in each window. */
  async #logOnce(
    principal: Principal,
    limited: Limited | undefined,
    hit: LimitState,
    client: Client,
  ): Promise<void> {
    if (limited === undefined) return;
    const { rateLimits, store, clock, logger } = this.#parts;
    try {
      const window = { limit: 1, windowSeconds: Math.max(1, hit.resetSeconds) };
      if (!(await rateLimits.consume(`logged:${limited.key}`, 1, window)).granted) return;
      const { name: limit, of, limit: most, windowSeconds } = hit;
      const detail = { limit, of, most, windowSeconds };
      await store.appendEvent(eventOf(principal, client, clock(), 'limit_hit', { detail }));
    } catch (err) {
      // The limit applies even if it cannot be logged.
      logger.warn({ err }, 'a limit that was reached could not be written to the access log');
    }
  }
}

interface Consumed {
  readonly states: LimitState[];
  /** Return all of it. */
  readonly refunds: readonly Refund[];
}

/** What one submission consumes of its submitter's limits. */
export class DocumentQuota {
  readonly #consume: () => Promise<Consumed>;
  readonly #refunds: Refunds;
  #owed: readonly Refund[] = [];
  /** The limits after `reserve`; empty when nothing is reserved. */
  states: readonly LimitState[] = [];

  constructor(consume: () => Promise<Consumed>, refunds: Refunds) {
    this.#consume = consume;
    this.#refunds = refunds;
  }

  /** Reserves all or nothing. @throws {LimitError} */
  async reserve(): Promise<void> {
    const { states, refunds } = await this.#consume();
    this.states = states;
    this.#owed = refunds;
  }

  /** Returns what was reserved. Never rejects: what cannot be returned now is returned later. */
  async release(): Promise<void> {
    const owed = this.#owed;
    this.#owed = [];
    this.states = [];
    if (owed.length > 0) await this.#refunds.giveBack(owed);
  }
}

function limitsOf(principal: Principal): Limited[] {
  if (principal.kind === 'anonymous') return [];
  const { organization } = principal;
  return [
    ...(principal.kind === 'key' ? limitedBy('key', principal.keyId, principal.limits) : []),
    ...(organization === null ? [] : limitedBy('organization', organization.id, organization.limits)),
  ];
}

function limitedBy(of: 'organization' | 'key', id: string, limits: Limits): Limited[] {
  return RULES.flatMap(({ name, of: which, windowSeconds }) => {
    const limit = limits[which];
    return limit === null ? [] : [{ name, of, key: `${name}:${of}:${id}`, rule: { limit, windowSeconds } }];
  });
}

function stateOf({ name, of, rule }: Limited, consumption: Consumption | undefined): LimitState {
  return {
    name,
    of,
    ...rule,
    remaining: consumption?.remaining ?? 0,
    resetSeconds: consumption?.resetSeconds ?? 0,
  };
}

function exceeded(hits: readonly LimitState[], amounts: Amounts, states: readonly LimitState[]): LimitError {
  // More than a whole window's worth does not fit into a later one either.
  const never = hits.some(({ name, limit }) => (amounts[name] ?? 0) > limit);
  const seconds = Math.max(1, ...hits.map(({ resetSeconds }) => resetSeconds));
  const which = hits.map(
    ({ name, of, limit, windowSeconds }) =>
      `${limit} ${name} ${windowSeconds === MINUTE_SECONDS ? 'a minute' : 'a day'} for this ${of}`,
  );
  return new LimitError(`the limit is ${which.join(' and ')}`, never ? null : seconds, states);
}

/** Returns tokens that were consumed for nothing, repeatedly until the database is available. */
class Refunds {
  readonly #rateLimits: RateLimits;
  readonly #logger: StoreLog;
  readonly #task: BackgroundTask;
  /** By key and window. */
  readonly #owed = new Map<string, Refund>();
  #paying: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ rateLimits, logger, background }: AccessParts) {
    this.#rateLimits = rateLimits;
    this.#logger = logger;
    this.#task = background.task('returning quota');
  }

  /** Resolves after the first attempt. */
  async giveBack(refunds: readonly Refund[]): Promise<void> {
    this.#owe(refunds);
    await this.#pay();
  }

  /** Tries once more. What is still owed then is lost, so the log says what. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pay();
    if (this.#owed.size === 0) return;
    const message =
      'quota of rejected submissions is lost, because the database is unavailable during the stop';
    this.#logger.error({ refunds: [...this.#owed.values()] }, message);
  }

  #pay(): Promise<void> {
    this.#paying = this.#paying.then(() => this.#payAll());
    return this.#paying;
  }

  async #payAll(): Promise<void> {
    clearTimeout(this.#retry);
    const owed = [...this.#owed.values()];
    this.#owed.clear();
    // A statement names each key once; windows of one key follow each other.
    for (let left = owed; left.length > 0;) {
      const byKey = new Map(left.map((refund) => [refund.key, refund]));
      left = left.filter((refund) => byKey.get(refund.key) !== refund);
      await this.#payOnce([...byKey.values()]);
    }
    if (this.#owed.size === 0 || this.#closed) return;
    this.#retry = setTimeout(() => void this.#pay(), this.#task.retryMs).unref();
  }

  async #payOnce(refunds: readonly Refund[]): Promise<void> {
    try {
      await this.#rateLimits.refund(refunds);
      this.#task.succeeded();
    } catch (error) {
      this.#task.failed(error);
      if (error instanceof StoreError && error.code === 'unavailable') this.#owe(refunds);
      // Repeating it could return the same tokens twice.
      else this.#logger.error({ refunds }, 'quota of rejected submissions may not have been returned');
    }
  }

  #owe(refunds: readonly Refund[]): void {
    for (const refund of refunds) {
      const id = `${refund.key} ${refund.windowEndsAt}`;
      const tokens = refund.tokens + (this.#owed.get(id)?.tokens ?? 0);
      this.#owed.set(id, { ...refund, tokens });
    }
  }
}

/** What anonymous callers of one network may use of one process. */
export const ANONYMOUS_LIMITS = {
  verificationsPerMinute: 300,
  certificatesPerMinute: 60,
  timeStampsPerMinute: 600,
  /** Of links to sign, a wrong one included. */
  signingCallsPerMinute: 120,
  /** Published records and their histories, those that are not there included. */
  publishedRecordsPerMinute: 120,
  /** Uploads are not rejected, but read no faster. */
  uploadBytesPerMinute: 4 * 2 ** 30,
  eventStreams: 256,
} as const;

const MINUTE_MS = 60_000;
/** When the oldest are dropped, with whatever they had used. */
const MAX_NETWORKS = 10_000;

/**
 * Keeps one network from exhausting what a process does for anonymous callers. People who sign in, API keys
 * and callers on the machine itself are not limited here. In memory, because a round trip to the database
 * would cost more than what is limited.
 */
export class AnonymousLimits {
  readonly #verifications: TokenBuckets;
  readonly #certificates: TokenBuckets;
  readonly #timeStamps: TokenBuckets;
  readonly #signingCalls: TokenBuckets;
  readonly #publishedRecords: TokenBuckets;
  readonly #uploadBytes: TokenBuckets;
  readonly #eventStreams = new Map<string, number>();

  /** @param clock milliseconds */
  constructor(clock: () => number) {
    this.#verifications = new TokenBuckets(ANONYMOUS_LIMITS.verificationsPerMinute, clock);
    this.#certificates = new TokenBuckets(ANONYMOUS_LIMITS.certificatesPerMinute, clock);
    this.#timeStamps = new TokenBuckets(ANONYMOUS_LIMITS.timeStampsPerMinute, clock);
    this.#signingCalls = new TokenBuckets(ANONYMOUS_LIMITS.signingCallsPerMinute, clock);
    this.#publishedRecords = new TokenBuckets(ANONYMOUS_LIMITS.publishedRecordsPerMinute, clock);
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

  /** @throws {LimitError} */
  consumeTimeStamp(principal: Principal, client: Client): void {
    takeFrom(this.#timeStamps, ANONYMOUS_LIMITS.timeStampsPerMinute, 'time-stamps', principal, client);
  }

  /** For whoever holds a link to sign. @throws {LimitError} */
  consumeSigningCall(client: Client): void {
    takeFrom(
      this.#signingCalls,
      ANONYMOUS_LIMITS.signingCallsPerMinute,
      'calls with links to sign',
      ANONYMOUS_PRINCIPAL,
      client,
    );
  }

  /** @throws {LimitError} */
  consumePublishedRecord(principal: Principal, client: Client): void {
    takeFrom(
      this.#publishedRecords,
      ANONYMOUS_LIMITS.publishedRecordsPerMinute,
      'requests for published records',
      principal,
      client,
    );
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
  pace(principal: Principal, client: Client, upload: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const network = limitedNetwork(principal, client);
    return network === null ? upload : this.#paced(network, upload);
  }

  async *#paced(network: string, upload: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of upload) {
      const waitMs = this.#uploadBytes.charge(network, chunk.length);
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

  /** Takes one token. @returns 0, or in how many milliseconds there will be one */
  take(key: string): number {
    const tokens = this.#tokensOf(key);
    if (tokens < 1) return this.#timeFor(1 - tokens);
    this.#set(key, tokens - 1);
    return 0;
  }

  /** Takes tokens in any case. @returns in how many milliseconds the bucket will not be overdrawn */
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
