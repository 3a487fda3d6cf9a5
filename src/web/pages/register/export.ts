import { signal } from '@preact/signals';
import { saveBlob } from '../../lib/files.js';
import { connection, UnreachableError } from '../../lib/request.js';
import { apiQuery, type Query } from './query.js';
import { ask } from './results.js';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** Counts the rows of a CSV file (RFC 4180) chunk by chunk. */
export class RowCounter {
  #lines = 0;
  #quoted = false;

  /** Complete rows so far, without the header. */
  get rows(): number {
    return Math.max(0, this.#lines - 1);
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // A doubled quote in a quoted field ends the field and begins it again.
      if (byte === QUOTE) this.#quoted = !this.#quoted;
      else if (byte === LINE_FEED && !this.#quoted) this.#lines += 1;
    }
  }
}

/** CSV is in the order of time: it is sorted where it is read. */
function byTime({ order }: Query): 'newest' | 'oldest' {
  return order === 'oldest' ? 'oldest' : 'newest';
}

/** ingam-register-2026-01-31.csv, in the reader's time zone. */
export function csvName(now: Date): string {
  const [year, month, day] = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `ingam-register-${year ?? ''}-${month ?? ''}-${day ?? ''}.csv`;
}

/**
 * Exports everything that matches as CSV. The browser keeps the blob outside of the page's memory.
 * @param onRows receives the number of rows so far
 */
async function csv(
  query: Query,
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<{ readonly content: Blob; readonly rows: number }> {
  const { body } = await ask({ ...apiQuery({ ...query, order: byTime(query) }), format: 'csv' }, signal);
  const counter = new RowCounter();
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      counter.add(chunk);
      onRows(counter.rows);
      controller.enqueue(chunk);
    },
  });
  try {
    const content = await new Response(body?.pipeThrough(counted)).blob();
    return { content, rows: counter.rows };
  } catch (error) {
    signal.throwIfAborted();
    // The service breaks off an export that it cannot finish, so that it does not look complete.
    connection.lost();
    throw new UnreachableError(error);
  }
}

/** Interval of progress updates. */
const SHOW_EVERY_MS = 200;

type ExportState =
  | { readonly kind: 'idle' | 'cancelled' }
  | { readonly kind: 'running'; readonly rows: number }
  | { readonly kind: 'done'; readonly rows: number; readonly name: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Exports everything that matches a query, beyond the rows on the page. */
export class Export {
  readonly #state = signal<ExportState>({ kind: 'idle' });
  #abort = new AbortController();

  get state(): ExportState {
    return this.#state.value;
  }

  /** What ended is no longer of interest: the query has changed. */
  forget(): void {
    if (this.#state.peek().kind !== 'running') this.#state.value = { kind: 'idle' };
  }

  readonly cancel = (): void => {
    this.#abort.abort();
  };

  async run(query: Query): Promise<void> {
    if (this.#state.peek().kind === 'running') return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#state.value = { kind: 'running', rows: 0 };
    let shownAt = 0;
    const onRows = (rows: number) => {
      if (performance.now() - shownAt < SHOW_EVERY_MS) return;
      shownAt = performance.now();
      this.#state.value = { kind: 'running', rows };
    };
    try {
      const { content, rows } = await csv(query, onRows, signal);
      const name = csvName(new Date());
      saveBlob(name, content);
      this.#state.value = { kind: 'done', rows, name };
    } catch (error) {
      this.#state.value = signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', error };
    }
  }
}
