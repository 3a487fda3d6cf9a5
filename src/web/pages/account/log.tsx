import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Field, FieldState, Form, Select } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Problem } from '../../components/problem.js';
import { ShowMore } from '../../components/show-more.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { saveBlob } from '../../lib/files.js';
import { counted, formatNumber } from '../../lib/format.js';
import { Resource } from '../../lib/resource.js';
import { session } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';
import { EVENT_GROUPS, type EventGroup, eventQuery, type Filter } from './events.js';

const PAGE = '50';
const EVERYTHING: Filter = { group: null, from: '', to: '' };

/** The access log, newest first. */
export function Log() {
  const filter = useSignal(EVERYTHING);
  const log = useMemo(
    () => new Resource(() => api.accessLog({ ...eventQuery(filter.peek()), limit: PAGE })),
    [],
  );
  const action = useMemo(() => new Action(), []);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => void log.load(), [log]);
  const t = messages().log;
  const user = session.current?.user;
  const apply = async (chosen: Filter) => {
    filter.value = chosen;
    await log.load();
    if (log.value !== null) announce(countSentence(log.value.events.length));
  };
  const older = async ({ events, names }: api.AccessLogPage, cursor: string) => {
    const page = await api.accessLog({ ...eventQuery(filter.value), limit: PAGE, cursor });
    return { events: [...events, ...page.events], names: { ...names, ...page.names }, next: page.next };
  };
  const save = () => {
    void action.run(async () => {
      saveBlob('ingam-access-log.csv', await api.accessLogCsv(eventQuery(filter.value)));
    });
  };
  return (
    <div class="panels">
      <p class="hint">{user?.operator === true ? t.leadWhole : t.leadOwn(user?.organization?.name ?? '')}</p>
      <FilterForm
        onApply={apply}
        beside={
          <Button icon="download" held={action.busy} onPress={save}>
            {t.csv}
          </Button>
        }
      />
      <Load of={log}>
        {(page) =>
          page.events.length === 0 ? (
            <p class="panel is-empty">{t.nothing}</p>
          ) : (
            <>
              <ol class="events panel is-list" ref={list}>
                {page.events.map((event) => (
                  <Event key={event.id} of={event} names={page.names} />
                ))}
              </ol>
              {page.next === null ? <p class="hint">{t.complete}</p> : null}
              <ShowMore of={log} list={list} label={common().showOlder} read={older} />
            </>
          )
        }
      </Load>
      <Problem error={action.error.value} />
    </div>
  );
}

function countSentence(count: number): string {
  const t = messages().log;
  return count === 0 ? t.nothing : t.countShown(counted(count));
}

interface FilterFormProps {
  readonly onApply: (chosen: Filter) => Promise<void>;
  readonly beside: ComponentChildren;
}

function FilterForm({ onApply, beside }: FilterFormProps) {
  const t = messages().log;
  const group = useSignal<EventGroup | ''>('');
  const from = useMemo(() => new FieldState({ name: 'from', optional: true }), []);
  const to = useMemo(() => new FieldState({ name: 'to', optional: true }), []);
  const groups = Object.keys(EVENT_GROUPS) as EventGroup[];
  return (
    <Form
      name="log-filter"
      fields={[from, to]}
      submit={t.filter}
      beside={beside}
      send={() => onApply({ group: group.value === '' ? null : group.value, from: from.value, to: to.value })}
    >
      <div class="field-row">
        <Select<EventGroup | ''>
          name="group"
          label={t.what}
          options={[['', t.everything], ...groups.map((each) => [each, t.groups[each]] as const)]}
          value={group.value}
          onChange={(chosen) => (group.value = chosen)}
        />
        <Field of={from} label={t.from} type="date" />
        <Field of={to} label={t.to} type="date" />
      </div>
    </Form>
  );
}

/** Known names by id. */
type Names = Readonly<Record<string, string>>;

const ALARMING: readonly string[] = [
  'sign_in_failed',
  'sign_in_blocked',
  'refresh_token_reused',
  'details_read_by_operator',
];

interface EventProps {
  readonly of: api.AccessEvent;
  readonly names: Names;
}

/** One event with its time and facts. */
export function Event({ of: event, names }: EventProps) {
  const kinds: Readonly<Record<string, string>> = messages().log.kinds;
  return (
    <li class={ALARMING.includes(event.kind) ? 'event is-alarming' : 'event'} tabIndex={-1}>
      <span class="event-time">
        <Time at={event.at} />
      </span>
      <div>
        <p class="event-kind">{kinds[event.kind] ?? event.kind}</p>
        <dl class="event-facts">
          {factsOf(event, names).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </li>
  );
}

function factsOf(event: api.AccessEvent, names: Names): readonly (readonly [string, ComponentChildren])[] {
  const t = messages().log;
  const { personId, keyId, organizationId, address, detail } = event;
  const isOther = organizationId !== null && organizationId !== session.current?.user?.organization?.id;
  const by = personId ?? (keyId === null && address !== null ? t.nobody : null);
  const facts: (readonly [string, ComponentChildren])[] = [
    ...(by === null ? [] : [[t.facts.who, named(by, names)] as const]),
    ...(keyId === null ? [] : [[t.facts.key, named(keyId, names)] as const]),
    ...(isOther ? [[t.facts.organization, named(organizationId, names)] as const] : []),
    ...Object.entries(detail)
      .filter(([, value]) => value !== null && value !== '')
      .map(([name, value]) => [labelOf(name), factText(name, value ?? '', names)] as const),
    [t.facts.address, address ?? t.onTheServer],
  ];
  return facts;
}

/** A fact that is called `key` is a signer’s; the key of the API is no fact. */
function labelOf(name: string): string {
  const labels: Readonly<Record<string, string>> = messages().log.facts;
  return labels[name === 'key' ? 'signer' : name] ?? name;
}

const ID = /^([a-z]{3,4}_[a-z2-7]{20}|[0-9a-f]{16})$/;

function named(id: string, names: Names): ComponentChildren {
  return names[id] ?? (ID.test(id) ? <code>{id}</code> : id);
}

const DIGEST = /^[0-9a-f]{64}$/;

function listOf(codes: string, words: Readonly<Record<string, string>>): string {
  return codes
    .split(' ')
    .map((code) => words[code] ?? code)
    .join(', ');
}

/** Facts whose values are codes of the service. */
const CODED: readonly string[] = ['during', 'reason', 'because', 'answer', 'limit', 'of', 'scopes'];

function factText(name: string, value: string | number | boolean, names: Names): ComponentChildren {
  const t = messages().log;
  if (name === 'signedAt') return <Time at={Number(value)} />;
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  const roles: Readonly<Record<string, string>> = messages().roles;
  if (name === 'role') return roles[value] ?? value;
  const values: Readonly<Record<string, string>> = t.values;
  if (CODED.includes(name)) return values[value] ?? value;
  if (name === 'shows') return listOf(value, t.shown);
  if (name === 'types') return listOf(value, messages().webhooks.typeNames);
  if (name === 'route' || DIGEST.test(value)) return <code>{value}</code>;
  return named(value, names);
}
