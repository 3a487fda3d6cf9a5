import { DATABASE_LIMITS } from '../../background/time-limits.js';
import { int8Array, textArray } from '../binary.js';
import type { Connections } from '../connections.js';
import { nothingWritten } from '../errors.js';
import type { PrismaAccess } from '../prisma-client.js';
import { safe } from '../rows.js';

export interface LimitRule {
  /** Tokens per window. */
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface TokenRequest {
  readonly key: string;
  readonly tokens: number;
  readonly rule: LimitRule;
}

export interface Consumption {
  readonly granted: boolean;
  /** Tokens left in the window. */
  readonly remaining: number;
  /** Until the window ends; 0: none has begun. */
  readonly resetSeconds: number;
  /** End of the window by the server's clock, in milliseconds: names the window for `refund`. */
  readonly windowEndsAt: number;
}

/** Tokens to give back to the window that they were consumed from. */
export interface Refund {
  readonly key: string;
  readonly tokens: number;
  /** `Consumption.windowEndsAt`. */
  readonly windowEndsAt: number;
}

export interface ThrottleRule {
  /** Failures without a delay. */
  readonly free: number;
  /** Delay after the first failure beyond those; each further failure doubles it. */
  readonly firstDelaySeconds: number;
  readonly maxDelaySeconds: number;
  /** After the last failure. */
  readonly forgetAfterSeconds: number;
}

/**
 * Limits that are exact over all instances of the service: they are stored in the database and follow its
 * clock. Windows are fixed; one begins with the first consumption after the end of the previous one. Rejects
 * with StoreErrors.
 */
export interface RateLimits {
  /** Consumes `tokens`, or none when fewer are left. Concurrent requests share one statement. */
  consume(key: string, tokens: number, rule: LimitRule): Promise<Consumption>;
  /**
   * Consumes from several limits (each key once): from all of them, or from none. In the order given; when
   * nothing was consumed, `granted` is false exactly for the limits that had too few tokens left.
   */
  consumeAll(requests: readonly TokenRequest[]): Promise<Consumption[]>;
  /**
   * Gives tokens back (each key once). Those of a window that has ended by now are not given to the next
   * one.
   */
  refund(refunds: readonly Refund[]): Promise<void>;
  /** Tokens left. Consumes none. */
  remaining(key: string, rule: LimitRule): Promise<number>;
  /** Counts a failure, and returns how long the next attempt is blocked. */
  recordFailure(key: string, rule: ThrottleRule): Promise<{ readonly blockedSeconds: number }>;
  /** How long the next attempt is blocked, by the longest delay of these keys, in seconds; 0: not blocked. */
  blockedFor(keys: readonly string[]): Promise<number>;
  clearFailures(key: string): Promise<void>;
  /**
   * Deletes windows and failures that have expired at `now`, in milliseconds, which changes no result; and of
   * the failures the least, so that at most `maxThrottles` keys have any. Returns how many.
   */
  expire(now: number, maxThrottles?: number): Promise<number>;
}

const NOW_MS = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** Failure number `count` blocks for first · 2^(count − free − 1), at most the longest delay. */
const delayMs = (count: string): string =>
  `CASE WHEN ${count} <= $2 THEN 0 ELSE LEAST($4, $3 * 2 ^ LEAST(${count} - $2 - 1, 62)) * 1000 END`;

const RECORD_FAILURE = `
INSERT INTO throttle AS known (key, failures, blocked_until, forgotten_at)
SELECT $1::text, 1, now.ms + ${delayMs('1')}, now.ms + $5::bigint * 1000 FROM (SELECT ${NOW_MS} AS ms) AS now
ON CONFLICT (key) DO UPDATE SET (failures, blocked_until, forgotten_at) = (
  SELECT counted.failures, counted.ms + ${delayMs('counted.failures')}, counted.ms + $5::bigint * 1000
  FROM (
    SELECT now.ms, CASE WHEN known.forgotten_at <= now.ms THEN 1 ELSE known.failures + 1 END AS failures
    FROM (SELECT ${NOW_MS} AS ms) AS now
  ) AS counted
)
RETURNING ceil(GREATEST(0, known.blocked_until - ${NOW_MS}) / 1000.0)::integer AS blocked`;

const BLOCKED = `
SELECT ceil(GREATEST(0, max(blocked_until) - ${NOW_MS}) / 1000.0)::integer AS blocked
FROM throttle WHERE key = ANY ($1::text[])`;

/**
 * Rows are locked in the order of their keys, as by consume_tokens: two callers never wait for each other.
 */
const REFUND = `
WITH held AS (SELECT key, resets_at FROM rate_limit WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE)
UPDATE rate_limit SET used = GREATEST(0, used - item.tokens)
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS item (key, tokens, window_ends_at)
JOIN held ON held.key = item.key AND held.resets_at = item.window_ends_at
WHERE rate_limit.key = item.key`;

/** Some 20 MB. A flood of sign-ins from many networks leaves a row for each network and each address. */
const MAX_THROTTLES = 100_000;

/**
 * Only what has expired by the server's clock, whatever the caller's says. Of too many failures, those that
 * stand alone go first: they delay nobody, and a flood consists of them.
 */
const EXPIRE = `
WITH now AS (SELECT LEAST($1::bigint, ${NOW_MS}) AS ms), windows AS (
  DELETE FROM rate_limit USING now WHERE resets_at <= now.ms RETURNING 1
), failures AS (
  DELETE FROM throttle USING now WHERE forgotten_at <= now.ms RETURNING 1
), excess AS (
  DELETE FROM throttle WHERE key IN (
    SELECT key FROM throttle, now WHERE forgotten_at > now.ms
    ORDER BY failures DESC, forgotten_at DESC OFFSET $2::integer
  ) RETURNING 1
)
SELECT FROM windows UNION ALL SELECT FROM failures UNION ALL SELECT FROM excess`;

/** In SQL where the server's clock decides, which Prisma cannot express. */
export function rateLimitRows(connections: Connections, prisma: PrismaAccess): RateLimits {
  const consumer = new TokenConsumer(connections);
  return {
    consume: async (key, tokens, rule) => {
      const [consumption] = await consumer.consume([{ key, tokens, rule }]);
      if (consumption === undefined) throw new TypeError('one request has one result');
      return consumption;
    },

    consumeAll: (requests) => consumer.consume(requests),

    refund: async (requests) => {
      if (requests.length === 0) return;
      await connections.write(
        (client) =>
          client.query(REFUND, [
            textArray(requests.map(({ key }) => key)),
            int8Array(requests.map(({ tokens }) => tokens)),
            int8Array(requests.map(({ windowEndsAt }) => windowEndsAt)),
          ]),
        (error) => nothingWritten(error, 'refunding tokens'),
      );
    },

    remaining: async (key, { limit }) => {
      const [row] = await connections.read<{ used: string }>(
        `SELECT used FROM rate_limit WHERE key = $1 AND resets_at > ${NOW_MS}`,
        [key],
      );
      return Math.max(0, limit - safe(row?.used ?? 0));
    },

    recordFailure: async (key, { free, firstDelaySeconds, maxDelaySeconds, forgetAfterSeconds }) => {
      const values = [key, free, firstDelaySeconds, maxDelaySeconds, forgetAfterSeconds];
      const { rows } = await connections.write(
        (client) => client.query<{ blocked: number }>(RECORD_FAILURE, values),
        (error) => nothingWritten(error, 'recording a failure'),
      );
      return { blockedSeconds: rows[0]?.blocked ?? 0 };
    },

    blockedFor: async (keys) => {
      const [row] = await connections.read<{ blocked: number | null }>(BLOCKED, [textArray(keys)]);
      return row?.blocked ?? 0;
    },

    clearFailures: async (key) => {
      await prisma.transaction('clearing failures', (tx) => tx.throttle.deleteMany({ where: { key } }));
    },

    expire: async (now, maxThrottles = MAX_THROTTLES) => {
      const { rowCount } = await connections.write(
        (client) => client.query(EXPIRE, [now, maxThrottles]),
        (error) => nothingWritten(error, 'removing expired limits'),
        DATABASE_LIMITS.statementMs + DATABASE_LIMITS.marginMs,
      );
      return rowCount ?? 0;
    },
  };
}

/** Requests of one caller, granted together or not at all. */
interface Group {
  readonly requests: readonly TokenRequest[];
  readonly resolve: (consumptions: Consumption[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Most groups in one statement. */
const MAX_GROUPS = 256;

/** The state of one limit in the database. */
interface LimitState {
  readonly used: number;
  readonly windowEndsAt: number;
  readonly resetsInMs: number;
}

const UNUSED: LimitState = { used: 0, windowEndsAt: 0, resetsInMs: 0 };

/**
 * Consumes tokens for many callers in one statement: while one statement runs, the next requests gather.
 * Under load a request costs a share of a statement, and the row of its limit is not written once for each.
 */
class TokenConsumer {
  readonly #connections: Connections;
  #queue: Group[] = [];
  #running = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** See `RateLimits.consumeAll`. */
  async consume(requests: readonly TokenRequest[]): Promise<Consumption[]> {
    requests.forEach(assertSound);
    if (new Set(requests.map(({ key }) => key)).size < requests.length) {
      throw new RangeError('each key may occur once');
    }
    if (requests.length === 0) return [];
    return new Promise((resolve, reject) => {
      this.#queue.push({ requests, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Requests that arrive in the same turn of the event loop go into one statement.
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      const groups = this.#queue.splice(0, countOfCompatible(this.#queue));
      try {
        await this.#consumeTogether(groups);
      } catch (error) {
        for (const { reject } of groups) reject(error);
      }
    }
    this.#running = false;
  }

  /**
   * When not all groups fit together, nothing was consumed, and the state that comes back tells which of them
   * fit one after the other: the rest is refused, and those that fit are requested again. Every round refuses
   * at least one, so this ends.
   */
  async #consumeTogether(groups: readonly Group[]): Promise<void> {
    for (let left = groups; left.length > 0;) {
      const { granted, states } = await consumeTokens(this.#connections, sumByKey(left));
      const stateOf = (key: string): LimitState => states.get(key) ?? UNUSED;
      left = left.filter(({ requests, resolve }) => {
        const fits = requests.map(
          ({ key, tokens, rule }) => granted || stateOf(key).used + tokens <= rule.limit,
        );
        if (!granted && fits.every(Boolean)) {
          for (const { key, tokens } of requests) {
            states.set(key, { ...stateOf(key), used: stateOf(key).used + tokens });
          }
          return true;
        }
        resolve(requests.map((request, i) => toConsumption(request, stateOf(request.key), fits[i] === true)));
        return false;
      });
    }
  }
}

/**
 * `remaining` is what is left after all that were granted with it: never more than what can still be
 * consumed.
 */
function toConsumption(
  { rule }: TokenRequest,
  { used, windowEndsAt, resetsInMs }: LimitState,
  granted: boolean,
): Consumption {
  return {
    granted,
    remaining: Math.max(0, rule.limit - used),
    resetSeconds: Math.ceil(resetsInMs / 1000),
    windowEndsAt,
  };
}

function assertSound({ tokens, rule: { limit, windowSeconds } }: TokenRequest): void {
  for (const value of [tokens, limit, windowSeconds * 1000]) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError('tokens, limit and window must be non-negative safe integers');
    }
  }
}

/** How many groups from the front can share a statement: those that name a key mean the same limit. */
function countOfCompatible(queue: readonly Group[]): number {
  const rules = new Map<string, TokenRequest['rule']>();
  const end = queue.findIndex(({ requests }, i) => {
    const differs = requests.some(({ key, rule: { limit, windowSeconds } }) => {
      const known = rules.get(key);
      return known !== undefined && (known.limit !== limit || known.windowSeconds !== windowSeconds);
    });
    if (differs || i === MAX_GROUPS) return true;
    for (const { key, rule } of requests) rules.set(key, rule);
    return false;
  });
  return end === -1 ? queue.length : end;
}

/** One request for each key, in the order of the keys. */
function sumByKey(groups: readonly Group[]): TokenRequest[] {
  const byKey = new Map<string, TokenRequest>();
  for (const request of groups.flatMap(({ requests }) => requests)) {
    const before = byKey.get(request.key)?.tokens ?? 0;
    byKey.set(request.key, { ...request, tokens: before + request.tokens });
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

interface Row {
  readonly granted: boolean;
  readonly now_ms: string;
  readonly used: string;
  readonly resets_at: string;
}

/**
 * Consumes all of these tokens or none.
 * @param requests in the order of their keys, each key once
 * @returns the state of each limit after that
 */
async function consumeTokens(
  connections: Connections,
  requests: readonly TokenRequest[],
): Promise<{ readonly granted: boolean; readonly states: Map<string, LimitState> }> {
  const { rows } = await connections.write(
    (client) =>
      client.query<Row>({
        name: 'consume_tokens',
        text: 'SELECT granted, now_ms, used, resets_at FROM consume_tokens($1, $2, $3, $4)',
        values: [
          textArray(requests.map(({ key }) => key)),
          int8Array(requests.map(({ tokens }) => tokens)),
          int8Array(requests.map(({ rule }) => rule.limit)),
          int8Array(requests.map(({ rule }) => rule.windowSeconds * 1000)),
        ],
      }),
    (error) => nothingWritten(error, 'consuming tokens'),
  );
  const states = new Map<string, LimitState>();
  for (const [i, row] of rows.entries()) {
    const windowEndsAt = safe(row.resets_at);
    states.set(requests[i]?.key ?? '', {
      used: safe(row.used),
      windowEndsAt,
      resetsInMs: Math.max(0, windowEndsAt - safe(row.now_ms)),
    });
  }
  return { granted: rows[0]?.granted === true, states };
}
