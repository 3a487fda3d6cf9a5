import { StoreError } from './errors.js';

/** Where a commit is when PostgreSQL confirms it: on disk and on a synchronous standby, or on disk only. */
export type Durability = 'replicated' | 'local';

/** An expression: the durability of the session's commits. Each role may read these settings. */
export const DURABILITY = `
  CASE WHEN current_setting('synchronous_standby_names') <> '' AND
    current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN 'replicated' ELSE 'local' END`;

/** How much of the chain is meant: entries before `nextPosition`, blocks below the height `blocks`. */
export interface Part {
  readonly nextPosition?: number;
  readonly blocks?: number;
}

/** The least number above all of these, such as positions or heights; 0: there is none. */
export function above(numbers: readonly (number | null)[]): number {
  return numbers.reduce<number>((least, each) => Math.max(least, (each ?? -1) + 1), 0);
}

/**
 * The part of the chain that is known to be as durable as the database makes it.
 *
 * What can be read need not be on the standby: PostgreSQL shows a commit whose wait for the standby was
 * cancelled, and after a crash also one that had not been answered. Such rows must not be shown as accepted
 * or published before a later commit is confirmed.
 */
export class Confirmed {
  #nextPosition = 0;
  #blocks = 0;
  readonly #confirm: () => Promise<void>;
  /** The confirmation that runs, and the one that follows it. */
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  /** @param confirm resolves when everything that was visible at the call is durable */
  constructor(confirm: () => Promise<void>) {
    this.#confirm = confirm;
  }

  /** Every position below it is known to be durable. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** Number of blocks that are known to be durable. */
  get blocks(): number {
    return this.#blocks;
  }

  covers({ nextPosition = 0, blocks = 0 }: Part): boolean {
    return nextPosition <= this.#nextPosition && blocks <= this.#blocks;
  }

  add({ nextPosition = 0, blocks = 0 }: Part): void {
    this.#nextPosition = Math.max(this.#nextPosition, nextPosition);
    this.#blocks = Math.max(this.#blocks, blocks);
  }

  /**
   * Resolves when the part, which the caller has just read, is durable. Callers share confirmations.
   * @throws {StoreError} unavailable
   */
  async require(part: Part): Promise<void> {
    if (this.covers(part)) return;
    // One that runs may have begun before the caller's rows were visible.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        this.#running = this.#confirm();
        return this.#running;
      });
    await this.#next;
    this.add(part);
  }
}

export function notReplicated(): StoreError {
  return new StoreError(
    'unavailable',
    'the database has no synchronous standby, which INGAM_REQUIRE_SYNC demands: set synchronous_standby_names in PostgreSQL, or have Patroni do it',
  );
}

export function standbyIsSilent(): StoreError {
  return new StoreError(
    'unavailable',
    'commits wait for a synchronous standby of PostgreSQL that does not respond',
  );
}
