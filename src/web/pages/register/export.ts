import { button, element, setText } from '../../lib/dom.js';
import { announce } from '../../components/section.js';
import { counted } from '../../lib/format.js';
import { errorSentence } from '../../components/problem.js';
import { UnreachableError } from '../../lib/request.js';
import { saveBlob } from '../../lib/files.js';
import { isEverything, type Query } from './query.js';
import { csv, csvName } from './api.js';
import { messages } from '../../messages/register.js';

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
    const held = this.action.contains(document.activeElement);
    const press =
      this.#running === null
        ? button(isEverything(this.#query) ? t.exportAll : t.exportFound, () => void this.#run())
        : button(t.cancelExport, () => {
            this.#running?.abort();
          });
    this.action.replaceChildren(press);
    if (held) press.focus();
    this.#tell();
  }

  #tell(): void {
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
      this.#tell();
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
