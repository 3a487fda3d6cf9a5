import type { Connections } from '../connections.js';
import type { Take, Taken } from './rate-limits.js';
import { takePoints, type Held } from './take-points.js';

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
