import { form, selection } from '../../components/form.js';
import { problemLine } from '../../components/loaded.js';
import { keepFocus } from '../../components/picture.js';
import { announce, emptyState, table, tag } from '../../components/section.js';
import { button, type Child, element, icon, present } from '../../lib/dom.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { entryLink } from '../../lib/links.js';
import { chooseOrganization, session, type Session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { Export } from './export.js';
import { type Names, type Registered, SearchResults, type Shown } from './results.js';
import { EVERYTHING, isEverything, placeAddress, type Query, searchForm } from './search.js';

/** @returns null if the service does not disclose it */
export function submitterText(submittedBy: string | undefined, names: Names): string | null {
  const t = messages();
  if (submittedBy === undefined) return null;
  if (submittedBy === `person:${session.current?.user?.id ?? ''}`) return t.you;
  if (submittedBy === 'service:tsa') return t.timeStamps;
  const name = names.get(submittedBy);
  if (submittedBy.startsWith('key:')) return name === undefined ? t.someKey : t.keyNamed(name);
  return name ?? t.someone;
}

/** The status of a notarization. */
export function statusView({ block, cosigned, status }: Registered): HTMLElement {
  const t = messages();
  if (block === undefined) {
    return element('div', { class: 'seal-status is-pending' }, icon('clock'), element('p', {}, t.sealing));
  }
  const lines: Child[] = [
    element('p', {}, element('a', { href: entryLink(block) }, t.sealedIn(formatNumber(block.height)))),
  ];
  if (cosigned !== undefined) {
    const [signed, of, needed] = [cosigned.signed, cosigned.of, cosigned.needed].map(formatNumber) as [
      string,
      string,
      string,
    ];
    const enough = status === 'cosigned' || status === 'anchored';
    lines.push(
      element(
        'p',
        { class: 'hint' },
        enough ? common().cosigned(signed, of) : common().cosignedSoFar(signed, of, needed),
      ),
    );
  }
  if (status === 'anchored') lines.push(element('p', { class: 'hint' }, common().anchored));
  return element('div', { class: 'seal-status' }, icon('check'), element('div', {}, ...lines));
}

const SHORT_DIGITS = 16;

/** A document's name for headings and file names; without one, the first digits of its digest. */
export function documentName({ details, sha256 }: Registered): string {
  return details?.name ?? details?.title ?? sha256.slice(0, SHORT_DIGITS);
}

export function isNamed({ details }: Registered): boolean {
  return details?.name !== undefined || details?.title !== undefined;
}

/** A row of the register. @param query the list to return to */
function rowView(row: Registered, query: Query, names: Names): HTMLElement {
  const t = messages();
  const href = placeAddress({ kind: 'one', id: row.id, query });
  const short = `${row.sha256.slice(0, SHORT_DIGITS)}…`;
  const time = Date.parse(row.acceptedAt);
  const link = isNamed(row)
    ? element('a', { href }, element('bdi', {}, documentName(row)))
    : element(
        'a',
        { href, 'aria-label': t.unnamed(row.sha256.slice(0, SHORT_DIGITS)) },
        element('code', {}, short),
      );
  return element(
    'tr',
    { 'data-id': row.id, 'data-status': row.status },
    element(
      'th',
      { scope: 'row' },
      element('p', { class: 'entry-name' }, link, row.published === true ? tag(t.published) : null),
      isNamed(row) ? element('p', { class: 'hint' }, element('code', {}, short)) : null,
    ),
    element('td', { class: 'is-time' }, element('time', { datetime: row.acceptedAt }, formatTime(time))),
    element('td', { class: 'is-status' }, statusView(row)),
    element('td', { class: 'is-submitter' }, element('bdi', {}, submitterText(row.submittedBy, names) ?? '')),
  );
}

/** The choice of the current organization, for people with several; it applies to all pages. */
export function organizationChoice({ memberships, user }: Session): HTMLElement | null {
  const others = memberships.some(({ organization }) => organization.id !== user?.organization?.id);
  if (!others) return null;
  const t = messages();
  const names = memberships.map(({ organization }) => [organization.id, organization.name] as const);
  const select = selection(
    'organization',
    t.organization,
    names,
    user?.organization?.id ?? names[0]?.[0] ?? '',
  );
  return element(
    'div',
    { class: 'organization-choice' },
    form({
      name: 'organization',
      fields: [],
      content: [select.element],
      submit: t.chooseOrganization,
      secondary: user?.organization != null,
      send: async () => {
        const { user: now } = await chooseOrganization(select.value);
        announce(messages().chosen(now?.organization?.name ?? ''));
      },
    }),
  );
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
    const sorted = { scope: 'col', 'aria-sort': order === 'newest' ? 'descending' : 'ascending' };
    const rows = table(
      'register',
      [t.document, element('th', sorted, t.accepted), t.status, t.submittedBy],
      element('tbody', {}, ...shown.rows.map((row) => rowView(row, this.found.query, shown.names))),
    );
    rows.setAttribute('aria-label', t.listLabel);
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
      element('div', { class: 'panel is-list' }, rows),
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
