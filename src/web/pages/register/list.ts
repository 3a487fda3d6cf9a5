import { errorSentence, problemLine } from '../../components/loaded.js';
import { keepFocus } from '../../components/picture.js';
import { announce } from '../../components/section.js';
import { button, element, present, setText } from '../../lib/dom.js';
import { saveBlob } from '../../lib/files.js';
import { counted } from '../../lib/format.js';
import { UnreachableError } from '../../lib/request.js';
import { session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { csv, csvName, type Registered } from './api.js';
import { emptyState, organizationChoice } from './empty.js';
import { SearchResults, type Shown } from './results.js';
import { rowView } from './row.js';
import { EVERYTHING, isEverything, type Query, searchForm } from './search.js';

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

/** The search and its results. */
export class ListSection {
  readonly element = element('div', { class: 'page' });
  readonly found: SearchResults;
  readonly #go: (query: Query) => void;
  readonly #export: Export;
  readonly #form = element('div', {});
  readonly #results = element('div', { class: 'panels' });
  readonly #problem = problemLine(() => messages().problems);

  /** @param go navigates to another query */
  constructor(query: Query, go: (query: Query) => void) {
    this.#go = go;
    this.#export = new Export(query);
    this.found = new SearchResults(
      query,
      () => {
        this.#showResults();
      },
      () => {
        announce(messages().updated);
      },
    );
    void this.found.load();
  }

  /** Rebuilds the content in the current language. */
  show(): void {
    const t = messages();
    const { current } = session;
    this.#showForm();
    this.#export.show();
    this.#showResults();
    this.element.replaceChildren(
      ...present([
        element('h1', { tabindex: -1 }, common().register),
        element('p', { class: 'lead' }, t.lead(current?.user?.organization?.name ?? '')),
        current === null ? null : organizationChoice(current),
        this.#form,
        this.#results,
      ]),
    );
  }

  /** @param again reloads even if the query is unchanged */
  async open(query: Query, again: boolean): Promise<void> {
    if (JSON.stringify(query) !== JSON.stringify(this.found.query)) {
      const opened = this.found.open(query);
      this.#showForm();
      this.#export.open(query);
      this.#results.setAttribute('aria-busy', 'true');
      await opened;
    } else if (again || this.found.loaded.state.kind === 'failed') await this.found.load();
    else return;
    const { shown } = this.found;
    if (shown !== null) announce(this.#countSentence(shown));
  }

  #showForm(): void {
    const { activeElement } = document;
    const hadFocus = activeElement !== null && this.#form.contains(activeElement);
    const name = activeElement?.getAttribute('name') ?? 'words';
    this.#form.replaceChildren(
      searchForm(this.found.query, (query) => {
        this.#go(query);
      }),
    );
    if (hadFocus) this.#focus(name);
  }

  #focus(name: string): void {
    this.#form.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
  }

  #showResults(): void {
    this.#results.removeAttribute('aria-busy');
    const { shown, query } = this.found;
    // An empty register needs no search.
    this.#form.hidden = shown?.rows.length === 0 && isEverything(query);
    keepFocus(this.#results, () => {
      this.#results.replaceChildren(
        this.found.loaded.view((shown) => this.#list(shown)),
        this.#problem.element,
      );
    });
  }

  #list(shown: Shown): HTMLElement {
    const t = messages();
    if (shown.rows.length === 0) return this.#empty();
    const { order } = this.found.query;
    return element(
      'div',
      { class: 'panels' },
      element(
        'div',
        { class: 'list-head' },
        element('p', { class: 'summary' }, this.#countSentence(shown)),
        this.#orderChoice(),
        this.#export.action,
      ),
      this.#export.said,
      element(
        'div',
        { class: 'panel is-list' },
        element(
          'table',
          { class: 'data register', 'aria-label': t.listLabel },
          element(
            'thead',
            {},
            element(
              'tr',
              {},
              element('th', { scope: 'col' }, t.document),
              element(
                'th',
                { scope: 'col', 'aria-sort': order === 'newest' ? 'descending' : 'ascending' },
                t.accepted,
              ),
              element('th', { scope: 'col' }, t.status),
              element('th', { scope: 'col' }, t.submittedBy),
            ),
          ),
          element(
            'tbody',
            {},
            ...shown.rows.map((row: Registered) => rowView(row, this.found.query, shown.names)),
          ),
        ),
      ),
      element(
        'div',
        { class: 'list-foot' },
        shown.next === null ? null : button(t.more[order], () => void this.#more(), { id: 'more' }),
      ),
    );
  }

  #empty(): HTMLElement {
    const t = messages();
    if (!isEverything(this.found.query)) {
      const clear = button(t.clear, () => {
        // The focused button is about to be removed.
        this.#focus('words');
        this.#go({ ...EVERYTHING, order: this.found.query.order });
      });
      return emptyState(t.nothingHeading, t.nothingExplained, 'question', clear);
    }
    return session.current?.user?.role === 'auditor'
      ? emptyState(t.emptyHeading, t.emptyForAuditors, 'file')
      : emptyState(
          t.emptyHeading,
          t.emptyExplained,
          'file',
          element('a', { class: 'button is-primary', href: './' }, t.toNotarize),
        );
  }

  #orderChoice(): HTMLElement {
    const t = messages();
    const { query } = this.found;
    const choice = element(
      'select',
      {
        class: 'input order',
        id: 'order',
        'aria-label': t.order,
        onchange: () => {
          this.#go({ ...query, order: choice.value === 'oldest' ? 'oldest' : 'newest' });
        },
      },
      element('option', { value: 'newest' }, t.orders.newest),
      element('option', { value: 'oldest' }, t.orders.oldest),
    );
    choice.value = query.order;
    return choice;
  }

  #countSentence({ rows, next }: Shown): string {
    const t = messages();
    if (rows.length === 0) return t.nothingHeading;
    return (next === null ? t.shownAll : t.shownSome)[this.found.query.order](counted(rows.length));
  }

  async #more(): Promise<void> {
    await this.#problem.during(async () => {
      const before = await this.found.more();
      const { shown } = this.found;
      if (before === null || shown === null) return;
      announce(this.#countSentence(shown));
      // Focus the first new row.
      this.#results.querySelectorAll<HTMLElement>('tbody th a')[before]?.focus();
    });
  }
}
