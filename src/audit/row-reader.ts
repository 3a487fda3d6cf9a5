import type { ChainRows, ChainSnapshot, ChainTable, KeyRange } from '../store/index.js';

/**
 * The rows of one table, in key order, one at a time and with a look at the one after. The next page is asked for while
 * the last one is worked on, so that the database reads while this process hashes.
 */
export class RowReader<T extends ChainTable> {
  readonly #pages: AsyncIterator<ChainRows[T][]>;
  #page: readonly ChainRows[T][] = [];
  #at = 0;
  #coming: Promise<IteratorResult<ChainRows[T][]>> | null = null;
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

  /** Goes to the next row. False: the page is used up, and `fill` must be awaited before anything is read. */
  step(): boolean {
    this.#at++;
    return this.#ended || this.#at + 1 < this.#page.length;
  }

  /** Goes to the next row. */
  async next(): Promise<void> {
    if (!this.step()) await this.fill();
  }

  /** Makes `row` and `following` true again after `step` has said false. */
  async fill(): Promise<void> {
    while (!this.#ended && this.#page.length - this.#at < 2) {
      const page = await (this.#coming ?? this.#pages.next());
      if (page.done === true) {
        this.#ended = true;
        return;
      }
      this.#page = [...this.#page.slice(this.#at), ...page.value];
      this.#at = 0;
      this.#coming = this.#pages.next();
      // Its failure is told where it is awaited; the audit may end before that.
      this.#coming.catch(() => undefined);
    }
  }
}

/** The same view, asked one thing at a time however many readers fetch ahead: its one connection takes one query at a time. */
export function inTurns(snapshot: ChainSnapshot): ChainSnapshot {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <R>(ask: () => Promise<R>): Promise<R> => {
    const answer = last.then(ask);
    last = answer.catch(() => undefined);
    return answer;
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
  };
}
