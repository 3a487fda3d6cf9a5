import { button, element, present, uniqueId } from '../dom.js';
import { formatNumber } from '../format.js';
import { EVENT_GROUPS, logWords, type EventGroup } from '../messages/account-log.js';
import { session } from '../session/index.js';
import { accessLog, organizations, users, type AccessEvent } from './calls.js';
import { eventQuery, type Filter } from './event-query.js';
import { eventRow, namesIn, type Names } from './event-row.js';
import { Field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { Loaded } from '../parts/loaded.js';
import { problemLine } from '../parts/problem-line.js';
import { announce, type Section } from '../parts/section.js';

interface Shown {
  readonly events: readonly AccessEvent[];
  readonly next: string | null;
  readonly names: Names;
}

/** What happened, newest first. */
export function logSection(): Section {
  const own = element('div', { class: 'panels' });
  const results = element('div', { class: 'panels' });
  const problem = problemLine();
  let filter: Filter = { group: null, from: '', to: '' };
  const showResults = () => {
    results.replaceChildren(
      found.view((shown) => eventList(shown, () => void older(shown))),
      problem.element,
    );
  };
  const show = () => {
    const t = logWords();
    const user = session.current?.user;
    const lead = user?.operator === true ? t.leadWhole : t.leadOwn(user?.organization?.name ?? '');
    const apply = async (chosen: Filter) => {
      filter = chosen;
      await found.load();
      if (found.state.kind === 'here') announce(countSentence(found.state.value.events.length));
    };
    showResults();
    own.replaceChildren(element('p', { class: 'hint' }, lead), filterForm(filter, apply), results);
  };
  const found = new Loaded<Shown>(async () => {
    const [page, names] = await Promise.all([accessLog(eventQuery(filter, null)), knownNames()]);
    return { events: page.items, next: page.next, names };
  }, showResults);
  const older = async (shown: Shown) => {
    await problem.during(async () => {
      const page = await accessLog(eventQuery(filter, shown.next));
      found.change({ ...shown, events: [...shown.events, ...page.items], next: page.next });
      announce(countSentence(shown.events.length + page.items.length));
      // On to the first that was not there before.
      results.querySelectorAll<HTMLElement>('.event')[shown.events.length]?.focus();
    });
  };
  void found.load();
  return { element: own, show };
}

function countSentence(count: number): string {
  const t = logWords();
  return count === 0 ? t.nothing : t.shown(count, formatNumber(count));
}

function filterForm(filter: Filter, apply: (chosen: Filter) => Promise<void>): HTMLElement {
  const t = logWords();
  const groups = Object.keys(EVENT_GROUPS) as EventGroup[];
  const select = element(
    'select',
    { class: 'input', id: uniqueId('group'), name: 'group' },
    element('option', { value: '' }, t.everything),
    ...groups.map((group) => element('option', { value: group }, t.groups[group])),
  );
  select.value = filter.group ?? '';
  const day = (name: 'from' | 'to', label: string) =>
    new Field({ name, label, type: 'date', optional: 'quietly', value: filter[name] });
  const from = day('from', t.from);
  const to = day('to', t.to);
  return form({
    name: 'log-filter',
    fields: [from, to],
    content: [
      element(
        'div',
        { class: 'field-row' },
        element('div', { class: 'field' }, element('label', { for: select.id }, t.what), select),
        from.element,
        to.element,
      ),
    ],
    submit: t.filter,
    send: () =>
      apply({
        group: groups.find((group) => group === select.value) ?? null,
        from: from.value,
        to: to.value,
      }),
  });
}

function eventList({ events, next, names }: Shown, older: () => void): HTMLElement {
  const t = logWords();
  if (events.length === 0) return element('p', { class: 'panel is-empty' }, t.nothing);
  const known = new Map([...namesIn(events), ...names]);
  const rows = events.map((event) => {
    const row = eventRow(event, known);
    row.tabIndex = -1;
    return row;
  });
  return element(
    'div',
    { class: 'panels' },
    element('ol', { class: 'events panel is-list' }, ...rows),
    ...present([
      next === null
        ? element('p', { class: 'hint' }, t.complete)
        : element('div', {}, button(t.older, older)),
    ]),
  );
}

/** Best effort: without a name an id is shown. */
async function knownNames(): Promise<Names> {
  const user = session.current?.user;
  const [people, known] = await Promise.all([
    user?.role === 'owner' ? users().catch(() => []) : [],
    user?.operator === true
      ? organizations(null).then(
          ({ items }) => items,
          () => [],
        )
      : [],
  ]);
  return new Map([
    ...people.map(({ id, name }): [string, string] => [id, name]),
    ...known.map(({ id, name }): [string, string] => [id, name]),
    ...(user == null ? [] : [[user.id, user.name] as [string, string]]),
  ]);
}
