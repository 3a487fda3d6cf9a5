import { element, type Child } from '../dom.js';
import { formatNumber, formatShortTime } from '../format.js';
import { words } from '../messages/account.js';
import { logWords, type EventFact } from '../messages/account-log.js';
import type { AccessEvent } from './calls.js';

/** Ids by what people call what they stand for, as far as it is known. */
export type Names = ReadonlyMap<string, string>;

/** What events themselves tell of people: their e-mail addresses. */
export function namesIn(events: readonly AccessEvent[]): Names {
  return new Map(
    events.flatMap(({ detail: { person, email } }): [string, string][] =>
      typeof person === 'string' && typeof email === 'string' ? [[person, email]] : [],
    ),
  );
}

/** One event: what, when, and the facts that are known of it. */
export function eventRow(event: AccessEvent, names: Names): HTMLElement {
  const t = logWords();
  const kinds: Readonly<Record<string, string>> = t.kinds;
  const alarming = ['sign_in_failed', 'sign_in_blocked', 'refresh_token_reused', 'details_read_by_operator'];
  return element(
    'li',
    { class: alarming.includes(event.kind) ? 'event is-alarming' : 'event' },
    element('time', { class: 'event-time', datetime: event.at }, formatShortTime(Date.parse(event.at))),
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
  const t = logWords();
  const { personId, keyId, organizationId, address, detail } = event;
  const labels: Readonly<Record<string, string>> = t.facts;
  const label = (fact: EventFact) => t.facts[fact];
  const named = (id: string) => names.get(id) ?? element('code', {}, id);
  // An operator's log is about many organizations; an owner's is about one.
  const organization = organizationId === null || !names.has(organizationId) ? null : named(organizationId);
  const told = Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]): [string, Child] => [labels[name] ?? name, factText(name, value ?? '', names)]);
  return [
    [label('who'), personId === null ? (keyId === null ? t.nobody : null) : named(personId)],
    [label('key'), keyId === null ? null : element('code', {}, keyId)],
    [label('organization'), organization],
    ...told,
    [label('address'), address ?? t.onTheMachine],
  ].filter((pair): pair is [string, Child] => pair[1] !== null);
}

/** Facts whose values are words of the service, and not what somebody has entered. */
const CODED: readonly string[] = ['during', 'reason', 'limit', 'of', 'scopes'];

function factText(name: string, value: string | number | boolean, names: Names): Child {
  const t = logWords();
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  const roles: Readonly<Record<string, string>> = words().roles;
  if (name === 'role') return roles[value] ?? value;
  if (CODED.includes(name)) return t.values[value] ?? value;
  return names.get(value) ?? (/^[a-z]{3,4}_[a-z2-7]{20}$/.test(value) ? element('code', {}, value) : value);
}

function fact(name: string, value: Child): HTMLElement {
  return element('div', {}, element('dt', {}, name), element('dd', {}, element('bdi', {}, value)));
}
