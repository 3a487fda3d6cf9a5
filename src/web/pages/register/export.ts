import { errorSentence } from '../../components/loaded.js';
import { announce } from '../../components/section.js';
import { button, element, setText } from '../../lib/dom.js';
import { saveBlob } from '../../lib/files.js';
import { counted } from '../../lib/format.js';
import { connection, UnreachableError } from '../../lib/request.js';
import { messages } from '../../messages/register.js';
import { ask } from './results.js';
import { apiQuery, isEverything, type Query } from './search.js';

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
  const { body } = await ask({ ...apiQuery(query), format: 'csv' }, signal);
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

/** Exports everything that matches the query, beyond the rows on the page. */
export class Export {
  /** The button, and the message below it. */
  readonly action = element('div', { class: 'export' });
  readonly said = element('p', {});
  #query: Query;
  #running: AbortController | null = null;
  #rows = 0;
  #ended: { readonly kind: 'good' | 'plain' | 'bad'; readonly sentence: () => string } | null = null;

  constructor(query: Query) {
    this.#query = query;
  }

  /** Changes the query. The message of a finished export is removed; a running export continues. */
  open(query: Query): void {
    this.#query = query;
    if (this.#running === null) this.#ended = null;
    this.show();
  }

  show(): void {
    const t = messages();
    const hadFocus = this.action.contains(document.activeElement);
    const press =
      this.#running === null
        ? button(isEverything(this.#query) ? t.exportAll : t.exportFound, () => void this.#run())
        : button(t.cancelExport, () => {
            this.#running?.abort();
          });
    this.action.replaceChildren(press);
    if (hadFocus) press.focus();
    this.#showProgress();
  }

  #showProgress(): void {
    const [kind, sentence] =
      this.#running === null
        ? [this.#ended?.kind ?? 'plain', this.#ended?.sentence() ?? '']
        : ['plain' as const, messages().exporting(counted(this.#rows))];
    this.said.className = { good: 'export-said done', plain: 'export-said hint', bad: 'export-said problem' }[
      kind
    ];
    setText(this.said, sentence);
  }

  async #run(): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    this.#rows = 0;
    this.show();
    announce(messages().exportBegun);
    let shownAt = 0;
    const onRows = (rows: number) => {
      this.#rows = rows;
      if (performance.now() - shownAt < SHOW_EVERY_MS) return;
      shownAt = performance.now();
      this.#showProgress();
    };
    try {
      const { content, rows } = await csv(this.#query, onRows, running.signal);
      const name = csvName(new Date());
      saveBlob(name, content);
      this.#end('good', () => messages().exported(counted(rows), name));
    } catch (error) {
      if (running.signal.aborted) this.#end('plain', () => messages().exportCancelled);
      else this.#end('bad', () => failure(error));
    }
  }

  #end(kind: 'good' | 'plain' | 'bad', sentence: () => string): void {
    this.#running = null;
    this.#ended = { kind, sentence };
    this.show();
    announce(sentence());
  }
}

function failure(error: unknown): string {
  const t = messages();
  return error instanceof UnreachableError ? t.exportFailed : errorSentence(error, t.problems);
}
