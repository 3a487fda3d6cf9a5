import { textArray } from '../arrays.js';
import type { Connections } from '../connections.js';
import type { Everyday } from '../everyday.js';
import { nothingWritten } from '../pg-errors.js';
import { safe } from '../rows.js';
import { Takings } from './takings.js';

export interface LimitRule {
  /** Points in a window. */
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface Take {
  readonly key: string;
  readonly points: number;
  readonly rule: LimitRule;
}

export interface Taken {
  readonly taken: boolean;
  readonly remaining: number;
  /** When the window ends; 0: none has begun. */
  readonly resetSeconds: number;
}

export interface ThrottleRule {
  /** Failures that cost nothing. */
  readonly free: number;
  /** What the first failure after those costs; each further one costs twice as much as the one before. */
  readonly firstDelaySeconds: number;
  readonly maxDelaySeconds: number;
  /** After the last failure. */
  readonly forgetAfterSeconds: number;
}

/**
 * Limits that are exact over all instances of the service: they are kept in the database and go by its clock. Windows are fixed;
 * one begins with the first take after the last one's end. Rejects with StoreErrors.
 */
export interface RateLimits {
  /** Takes `points` of the limit, or nothing when fewer are left. Takes that come together share one statement. */
  take(key: string, points: number, rule: LimitRule): Promise<Taken>;
  /**
   * As `take`, of several limits at once (each key once): from all of them or from none. In the order given; where nothing
   * was taken, `taken` is false exactly for those that had too few left.
   */
  takeAll(takes: readonly Take[]): Promise<Taken[]>;
  /** How many points are left, without taking any. */
  remaining(key: string, rule: LimitRule): Promise<number>;
  /** Counts a failure; answers for how long the next attempt is to wait. */
  fail(key: string, rule: ThrottleRule): Promise<{ readonly blockedSeconds: number }>;
  /** The longest wait of any of them, in seconds; 0: none. */
  blockedFor(keys: readonly string[]): Promise<number>;
  /** Forgets failures. */
  forget(key: string): Promise<void>;
  /** Removes what was over at `now`, in milliseconds; answers how many. Changes no answer. */
  expire(now: number): Promise<number>;
}

const NOW_MS = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** Failure number `count` blocks for first · 2^(count − free − 1), at most the longest delay. */
const delayMs = (count: string): string =>
  `CASE WHEN ${count} <= $2 THEN 0 ELSE LEAST($4, $3 * 2 ^ LEAST(${count} - $2 - 1, 62)) * 1000 END`;

const FAIL = `
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

/** Never what is not over by the server's clock, whatever the caller's says. */
const EXPIRE = `
WITH now AS (SELECT LEAST($1::bigint, ${NOW_MS}) AS ms), windows AS (
  DELETE FROM rate_limit USING now WHERE resets_at <= now.ms RETURNING 1
), failures AS (
  DELETE FROM throttle USING now WHERE forgotten_at <= now.ms RETURNING 1
)
SELECT FROM windows UNION ALL SELECT FROM failures`;

export function rateLimitsOver(connections: Connections, everyday: Everyday): RateLimits {
  const takings = new Takings(connections);
  return {
    take: async (key, points, rule) => {
      const [taken] = await takings.take([{ key, points, rule }]);
      if (taken === undefined) throw new TypeError('one take has one answer');
      return taken;
    },
    takeAll: (takes) => takings.take(takes),
    remaining: async (key, { limit }) => {
      const [row] = await connections.read<{ points: string }>(
        `SELECT points FROM rate_limit WHERE key = $1 AND resets_at > ${NOW_MS}`,
        [key],
      );
      return Math.max(0, limit - safe(row?.points ?? 0));
    },
    fail: async (key, { free, firstDelaySeconds, maxDelaySeconds, forgetAfterSeconds }) => {
      const { rows } = await connections.write(
        (client) =>
          client.query<{ blocked: number }>(FAIL, [
            key,
            free,
            firstDelaySeconds,
            maxDelaySeconds,
            forgetAfterSeconds,
          ]),
        (error) => nothingWritten(error, 'counting a failure'),
      );
      return { blockedSeconds: rows[0]?.blocked ?? 0 };
    },
    blockedFor: async (keys) => {
      const [row] = await connections.read<{ blocked: number | null }>(BLOCKED, [textArray(keys)]);
      return row?.blocked ?? 0;
    },
    forget: async (key) => {
      await everyday.ask('forgetting failures', (prisma) => prisma.throttle.deleteMany({ where: { key } }));
    },
    expire: async (now) => {
      const { rowCount } = await connections.write(
        (client) => client.query(EXPIRE, [now]),
        (error) => nothingWritten(error, 'removing limits that are over'),
      );
      return rowCount ?? 0;
    },
  };
}
