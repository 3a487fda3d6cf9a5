import { Field, form, selection } from '../../components/form.js';
import { Loaded, problemLine } from '../../components/loaded.js';
import { announce, type Section } from '../../components/section.js';
import { type AccessEvent, accessLog, organizations, users } from '../../lib/api.js';
import { button, type Child, element, present } from '../../lib/dom.js';
import { counted, formatNumber, formatTime, midnight } from '../../lib/format.js';
import { session } from '../../lib/session.js';
import { type EventKind, messages } from '../../messages/account.js';

const PAGE = 50;

/** Kinds of events that are filtered together. */
export const EVENT_GROUPS = {
  sign_in: [
    'sign_in',
    'sign_in_failed',
    'sign_in_blocked',
    'sign_out',
    'session_ended',
    'organization_chosen',
    'refresh_token_reused',
    'password_set',
  ],
  users: ['invitation_made', 'invitation_accepted', 'user_added', 'user_removed', 'role_changed'],
  keys: ['key_created', 'key_revoked'],
  service: [
    'operator_created',
    'operator_changed',
    'person_disabled',
    'person_enabled',
    'organization_created',
    'organization_changed',
    'organization_disabled',
    'organization_enabled',
    'signing_key_rotated',
    'limit_hit',
  ],
  documents: ['details_published', 'details_withdrawn', 'details_read_by_operator', 'event_body_erased'],
} as const satisfies Readonly<Record<string, readonly EventKind[]>>;
type EventGroup = keyof typeof EVENT_GROUPS;

export interface Filter {
  readonly group: EventGroup | null;
  /** YYYY-MM-DD in the reader's time zone; empty: no limit. */
  readonly from: string;
  readonly to: string;
}

/** Query parameters for the API, from the start of the first day to the end of the last. */
export function eventQuery({ group, from, to }: Filter, cursor: string | null): Record<string, string> {
  return {
    limit: String(PAGE),
    ...(group === null ? {} : { kind: EVENT_GROUPS[group].join(',') }),
    ...(from === '' ? {} : { from: midnight(from, 0) }),
    ...(to === '' ? {} : { to: midnight(to, 1) }),
    ...(cursor === null ? {} : { cursor }),
  };
}

/** Known names by id. */
export type Names = ReadonlyMap<string, string>;

/** E-mail addresses of people, from the events themselves. */
function namesIn(events: readonly AccessEvent[]): Names {
  return new Map(
    events.flatMap(({ detail: { person, email } }): [string, string][] =>
      typeof person === 'string' && typeof email === 'string' ? [[person, email]] : [],
    ),
  );
}

/** One event with its time and facts. */
function eventRow(event: AccessEvent, names: Names): HTMLElement {
  const t = messages().log;
  const kinds: Readonly<Record<string, string>> = t.kinds;
  const alarming = ['sign_in_failed', 'sign_in_blocked', 'refresh_token_reused', 'details_read_by_operator'];
  return element(
    'li',
    { class: alarming.includes(event.kind) ? 'event is-alarming' : 'event' },
    element('time', { class: 'event-time', datetime: event.at }, formatTime(Date.parse(event.at))),
    element(
      'div',
      {},
      element('p', { class: 'event-kind' }, kinds[event.kind] ?? event.kind),
      element(
        'dl',
        { class: 'event-facts' },
        ...factsOf(event, names).map(([name, value]) => fact(name, value)),
      ),
    ),
  );
}

function factsOf(event: AccessEvent, names: Names): [string, Child][] {
  const t = messages().log;
  const { personId, keyId, organizationId, address, detail } = event;
  const labels: Readonly<Record<string, string>> = t.facts;
  const named = (id: string) => names.get(id) ?? element('code', {}, id);
  // Only an administrator's log is about several organizations.
  const organization = organizationId === null || !names.has(organizationId) ? null : named(organizationId);
  const details = Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]): [string, Child] => [labels[name] ?? name, factText(name, value ?? '', names)]);
  return [
    [
      t.facts.who,
      personId === null ? (keyId === null && address !== null ? t.nobody : null) : named(personId),
    ],
    [t.facts.key, keyId === null ? null : element('code', {}, keyId)],
    [t.facts.organization, organization],
    ...details,
    [t.facts.address, address ?? t.onTheServer],
  ].filter((pair): pair is [string, Child] => pair[1] !== null);
}

/** Facts whose values are codes of the service. */
const CODED: readonly string[] = ['during', 'reason', 'limit', 'of', 'scopes'];

function factText(name: string, value: string | number | boolean, names: Names): Child {
  const t = messages().log;
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  const roles: Readonly<Record<string, string>> = messages().roles;
  if (name === 'role') return roles[value] ?? value;
  const values: Readonly<Record<string, string>> = t.values;
  if (CODED.includes(name)) return values[value] ?? value;
  return names.get(value) ?? (/^[a-z]{3,4}_[a-z2-7]{20}$/.test(value) ? element('code', {}, value) : value);
}

function fact(name: string, value: Child): HTMLElement {
  return element('div', {}, element('dt', {}, name), element('dd', {}, element('bdi', {}, value)));
}

interface Shown {
  readonly events: readonly AccessEvent[];
  readonly next: string | null;
  readonly names: Names;
}

/** The access log, newest first. */
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
    const t = messages().log;
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
      // Focus the first new row.
      results.querySelectorAll<HTMLElement>('.event')[shown.events.length]?.focus();
    });
  };
  void found.load();
  return { element: own, show };
}

function countSentence(count: number): string {
  const t = messages().log;
  return count === 0 ? t.nothing : t.shown(counted(count));
}

function filterForm(filter: Filter, apply: (chosen: Filter) => Promise<void>): HTMLElement {
  const t = messages().log;
  const groups = Object.keys(EVENT_GROUPS) as EventGroup[];
  const group = selection<EventGroup | ''>(
    'group',
    t.what,
    [['', t.everything], ...groups.map((each) => [each, t.groups[each]] as const)],
    filter.group ?? '',
  );
  const day = (name: 'from' | 'to', label: string) =>
    new Field({ name, label, type: 'date', optional: 'quietly', value: filter[name] });
  const from = day('from', t.from);
  const to = day('to', t.to);
  return form({
    name: 'log-filter',
    fields: [from, to],
    content: [element('div', { class: 'field-row' }, group.element, from.element, to.element)],
    submit: t.filter,
    send: () =>
      apply({
        group: group.value === '' ? null : group.value,
        from: from.value,
        to: to.value,
      }),
  });
}

function eventList({ events, next, names }: Shown, older: () => void): HTMLElement {
  const t = messages().log;
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

/** Best effort: without a name, the id is shown. */
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
