import { button, element, setText } from '../dom.js';
import { words } from '../messages/register.js';
import { announce } from '../parts/section.js';
import { counted } from '../pictures/count.js';
import { errorSentence } from '../problem-view.js';
import { UnreachableError } from '../resources.js';
import { saveBlob } from '../save-file.js';
import { isEverything, type Query } from './address.js';
import { csv } from './calls.js';
import { csvName } from './csv-file.js';

/** Often enough to be seen to move. */
const SHOW_EVERY_MS = 200;

/** Exports all that the query matches, whether it is on the page or not. */
export class Export {
  readonly element = element('div', { class: 'export' });
  #query: Query;
  #running: AbortController | null = null;
  #rows = 0;
  #ended: { readonly kind: 'good' | 'plain' | 'bad'; readonly sentence: () => string } | null = null;
  readonly #progress = element('p', { class: 'hint' });

  constructor(query: Query) {
    this.#query = query;
  }

  /** Another query: what was said of the one before is over, what runs goes on. */
  open(query: Query): void {
    this.#query = query;
    if (this.#running === null) this.#ended = null;
    this.show();
  }

  show(): void {
    const t = words();
    const held = this.element.contains(document.activeElement);
    const press =
      this.#running === null
        ? button(isEverything(this.#query) ? t.exportAll : t.exportFound, () => void this.#run())
        : button(t.cancelExport, () => {
            this.#running?.abort();
          });
    this.element.replaceChildren(press, this.#said());
    if (held) press.focus();
  }

  #said(): HTMLElement {
    if (this.#running !== null) {
      this.#tell();
      return this.#progress;
    }
    if (this.#ended === null) return element('p', { class: 'hint', hidden: true });
    const { kind, sentence } = this.#ended;
    return element('p', { class: { good: 'done', plain: 'hint', bad: 'problem' }[kind] }, sentence());
  }

  #tell(): void {
    setText(this.#progress, words().exporting(counted(this.#rows)));
  }

  async #run(): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    this.#rows = 0;
    this.show();
    announce(words().exportBegun);
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
      this.#end('good', () => words().exported(counted(rows), name));
    } catch (error) {
      if (running.signal.aborted) this.#end('plain', () => words().exportCancelled);
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
  const t = words();
  return error instanceof UnreachableError ? t.exportFailed : errorSentence(error, t.problems);
}
