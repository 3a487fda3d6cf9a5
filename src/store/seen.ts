import { StoreError } from './errors.js';

/** How far a chain has grown. */
export interface Extent {
  /** The position after the last entry. */
  readonly nextPosition: number;
  /** The latest block; null: none. */
  readonly tip: { readonly height: number; readonly hash: Uint8Array } | null;
}

/**
 * The furthest that this process has seen of its chain. A database that holds less is an older copy, such as
 * a standby that took over without the last transactions: what is accepted there could never be sealed, and
 * positions would be assigned twice.
 *
 * Take `extent` before a statement is sent: what is seen while it runs may be missing in its snapshot.
 */
export class Seen {
  #extent: Extent = { nextPosition: 0, tip: null };

  get extent(): Extent {
    return this.#extent;
  }

  add({ nextPosition, tip }: Partial<Extent>): void {
    const before = this.#extent;
    this.#extent = {
      nextPosition: Math.max(before.nextPosition, nextPosition ?? 0),
      tip: tip != null && (before.tip === null || before.tip.height < tip.height) ? tip : before.tip,
    };
  }
}

/**
 * The condition, in a statement that updates `head`, that the database holds all that was seen.
 * @param position placeholder of the first of `extentValues`
 * @param hash placeholder of the second
 */
export function holdsExtent(position: string, hash: string): string {
  return `next_position >= ${position}::bigint
    AND (${hash}::bytea IS NULL OR EXISTS (SELECT FROM block WHERE block.hash = ${hash}::bytea))`;
}

export function extentValues({ nextPosition, tip }: Extent): unknown[] {
  return [nextPosition, tip?.hash ?? null];
}

/** @param now what the database holds; smaller than `before`, or with another block in its place */
export function rolledBack(before: Extent, now: Extent): StoreError {
  const size = ({ nextPosition, tip }: Extent) =>
    `${nextPosition} entries and ${tip === null ? 0 : tip.height + 1} blocks`;
  return new StoreError(
    'rolled_back',
    `the database has ${size(now)}, but this process has seen ${size(before)} in it: it is an older copy, or another ` +
      'history. Bring back the newest copy; docs/postgresql.md says what to do when it is lost',
  );
}
