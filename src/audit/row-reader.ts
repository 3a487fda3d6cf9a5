import type { ChainRows, ChainSnapshot, ChainTable, KeyRange } from '../store/index.js';

/**
 * Reads the rows of one table in key order, with a look-ahead of one row. The next page is requested while
 * the last one is processed, so that the database reads while this process hashes.
 */
export class RowReader<T extends ChainTable> {
  readonly #pages: AsyncIterator<ChainRows[T][]>;
  #page: readonly ChainRows[T][] = [];
  #at = 0;
  #nextPage: Promise<IteratorResult<ChainRows[T][]>> | null = null;
  #ended = false;

  constructor(snapshot: ChainSnapshot, table: T, pageSize: number, range?: KeyRange) {
    this.#pages = snapshot.rows(table, range, pageSize)[Symbol.asyncIterator]();
  }

  static async open<T extends ChainTable>(
    snapshot: ChainSnapshot,
    table: T,
    pageSize: number,
    range?: KeyRange,
  ): Promise<RowReader<T>> {
    const reader = new RowReader(snapshot, table, pageSize, range);
    await reader.fill();
    return reader;
  }

  /** The current row; null at the end. */
  get row(): ChainRows[T] | null {
    return this.#page[this.#at] ?? null;
  }

  /** The row after the current one; null when there is none. */
  get following(): ChainRows[T] | null {
    return this.#page[this.#at + 1] ?? null;
  }

  /** Goes to the next row. @returns false at the end of a page: await `fill` before reading on */
  step(): boolean {
    this.#at++;
    return this.#ended || this.#at + 1 < this.#page.length;
  }

  /** Goes to the next row. */
  async next(): Promise<void> {
    if (!this.step()) await this.fill();
  }

  /** Loads the next page after `step` has returned false. */
  async fill(): Promise<void> {
    while (!this.#ended && this.#page.length - this.#at < 2) {
      const page = await (this.#nextPage ?? this.#pages.next());
      if (page.done === true) {
        this.#ended = true;
        return;
      }
      this.#page = [...this.#page.slice(this.#at), ...page.value];
      this.#at = 0;
      this.#nextPage = this.#pages.next();
      // It is awaited later, or never if the audit ends before; the rejection is not unhandled then.
      this.#nextPage.catch(() => undefined);
    }
  }
}

/**
 * The same snapshot with queries one after the other: readers fetch ahead, and its one connection takes one
 * query at a time.
 */
export function inTurns(snapshot: ChainSnapshot): ChainSnapshot {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <R>(query: () => Promise<R>): Promise<R> => {
    const result = last.then(query);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    ...snapshot,
    rows: <T extends ChainTable>(table: T, range?: KeyRange, pageSize?: number) => ({
      [Symbol.asyncIterator]: () => {
        const pages = snapshot.rows(table, range, pageSize)[Symbol.asyncIterator]();
        return {
          next: () => inTurn(() => pages.next()),
          return: () => inTurn(() => pages.return?.() ?? Promise.resolve({ done: true, value: undefined })),
        };
      },
    }),
    registeredRuns: (after, limit) => inTurn(() => snapshot.registeredRuns(after, limit)),
    keyStatements: () => inTurn(() => snapshot.keyStatements()),
    taggedEntries: () => inTurn(() => snapshot.taggedEntries()),
    unregistered: (limit) => inTurn(() => snapshot.unregistered(limit)),
    // Read when the readers of the chain have ended.
    records: snapshot.records,
  };
}
