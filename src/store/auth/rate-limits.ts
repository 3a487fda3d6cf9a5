import { int8Array, textArray } from '../arrays.js';
import type { Connections } from '../connections.js';
import { nothingWritten } from '../errors.js';
import type { PrismaAccess } from '../prisma-client.js';
import { safe } from '../rows.js';

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

export function rateLimitsOver(connections: Connections, prisma: PrismaAccess): RateLimits {
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
      await prisma.transaction('forgetting failures', (tx) => tx.throttle.deleteMany({ where: { key } }));
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

interface Group {
  readonly takes: readonly Take[];
  readonly resolve: (taken: Taken[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Groups in one statement, at most. */
const MAX_GROUPS = 256;

const NOTHING: Held = { used: 0, resetsInMs: 0 };

/**
 * Takes of many requests at once: while one statement is on its way, the next gathers. Under load a limit costs a request
 * a share of a statement, and its row is not written once for each.
 */
export class Takings {
  readonly #connections: Connections;
  #queue: Group[] = [];
  #running = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** See `RateLimits.takeAll`. */
  async take(takes: readonly Take[]): Promise<Taken[]> {
    takes.forEach(assertSound);
    if (new Set(takes.map(({ key }) => key)).size < takes.length) {
      throw new RangeError('a key can be taken from once at a time');
    }
    if (takes.length === 0) return [];
    return new Promise((resolve, reject) => {
      this.#queue.push({ takes, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    // One turn of the event loop lets the requests that arrived together be taken together.
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      const groups = this.#queue.splice(0, togetherUpTo(this.#queue));
      try {
        await this.#takeTogether(groups);
      } catch (error) {
        for (const { reject } of groups) reject(error);
      }
    }
    this.#running = false;
  }

  /**
   * When they do not fit all together, the answer says what is held: those that do not fit beside it and those before them are
   * refused, and the others go again. Each round refuses somebody, so it comes to an end.
   */
  async #takeTogether(groups: readonly Group[]): Promise<void> {
    for (let left = groups; left.length > 0;) {
      const { taken, held } = await takePoints(this.#connections, sums(left));
      left = left.filter(({ takes, resolve }) => {
        const fits = takes.map(({ key, points, rule }) => taken || usedOf(held, key) + points <= rule.limit);
        if (!taken && fits.every(Boolean)) {
          for (const { key, points } of takes) {
            held.set(key, { ...(held.get(key) ?? NOTHING), used: usedOf(held, key) + points });
          }
          return true;
        }
        resolve(takes.map((take, i) => toTaken(take, held.get(take.key) ?? NOTHING, fits[i] === true)));
        return false;
      });
    }
  }
}

const usedOf = (held: ReadonlyMap<string, Held>, key: string): number => held.get(key)?.used ?? 0;

/** After what came together with it: never more than what is left. */
function toTaken({ rule }: Take, { used, resetsInMs }: Held, taken: boolean): Taken {
  return {
    taken,
    remaining: Math.max(0, rule.limit - used),
    resetSeconds: Math.ceil(resetsInMs / 1000),
  };
}

function assertSound({ points, rule: { limit, windowSeconds } }: Take): void {
  for (const value of [points, limit, windowSeconds * 1000]) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError('points, limit and window must be non-negative safe integers');
    }
  }
}

/** How many from the front can go together: those that name a key mean the same limit. */
function togetherUpTo(queue: readonly Group[]): number {
  const rules = new Map<string, Take['rule']>();
  const end = queue.findIndex(({ takes }, i) => {
    const differs = takes.some(({ key, rule: { limit, windowSeconds } }) => {
      const known = rules.get(key);
      return known !== undefined && (known.limit !== limit || known.windowSeconds !== windowSeconds);
    });
    if (differs || i === MAX_GROUPS) return true;
    for (const { key, rule } of takes) rules.set(key, rule);
    return false;
  });
  return end === -1 ? queue.length : end;
}

/** One take for each key, sorted. */
function sums(groups: readonly Group[]): Take[] {
  const byKey = new Map<string, Take>();
  for (const take of groups.flatMap(({ takes }) => takes)) {
    const before = byKey.get(take.key)?.points ?? 0;
    byKey.set(take.key, { ...take, points: before + take.points });
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** What stands in the database for one key. */
export interface Held {
  readonly used: number;
  readonly resetsInMs: number;
}

interface Row {
  readonly taken: boolean;
  readonly now_ms: string;
  readonly points: string;
  readonly resets_at: string;
}

/**
 * All of `wanted` or nothing, and what is held then.
 * @param wanted in the order of their keys, each key once
 */
export async function takePoints(
  connections: Connections,
  wanted: readonly Take[],
): Promise<{ readonly taken: boolean; readonly held: Map<string, Held> }> {
  const { rows } = await connections.write(
    (client) =>
      client.query<Row>({
        name: 'take_points',
        text: 'SELECT taken, now_ms, points, resets_at FROM take_points($1, $2, $3, $4)',
        values: [
          textArray(wanted.map(({ key }) => key)),
          int8Array(wanted.map(({ points }) => points)),
          int8Array(wanted.map(({ rule }) => rule.limit)),
          int8Array(wanted.map(({ rule }) => rule.windowSeconds * 1000)),
        ],
      }),
    (error) => nothingWritten(error, 'taking of a limit'),
  );
  const held = new Map<string, Held>();
  for (const [i, row] of rows.entries()) {
    const resetsInMs = Math.max(0, safe(row.resets_at) - safe(row.now_ms));
    held.set(wanted[i]?.key ?? '', { used: safe(row.points), resetsInMs });
  }
  return { taken: rows[0]?.taken === true, held };
}
