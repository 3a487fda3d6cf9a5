import { button, element, present } from '../../lib/dom.js';
import { locale } from '../../lib/language.js';
import { problemLine } from '../../components/problem.js';
import { announce } from '../../components/section.js';
import { counted } from '../../lib/format.js';
import { keepFocus } from '../../components/picture.js';
import { session } from '../../lib/session.js';
import { emptyState, organizationChoice } from './empty.js';
import { EVERYTHING, isEverything, type Query } from './query.js';
import type { Registered } from './api.js';
import { Export } from './export.js';
import { SearchResults, type Shown } from './results.js';
import { rowView } from './row.js';
import { searchForm } from './search.js';
import { messages } from '../../messages/register.js';
import { common } from '../../messages/common.js';

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
    const held = activeElement !== null && this.#form.contains(activeElement);
    const name = activeElement?.getAttribute('name') ?? 'words';
    this.#form.replaceChildren(
      searchForm(this.found.query, (query) => {
        this.#go(query);
      }),
    );
    if (held) this.#focus(name);
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
