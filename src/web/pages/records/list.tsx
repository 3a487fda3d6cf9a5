import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { NextStep } from '../../../proof/records/state.js';
import { Button } from '../../components/button.js';
import { EmptyState } from '../../components/empty-state.js';
import { Field, FieldState, Select } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { ShowMore } from '../../components/show-more.js';
import { Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import { ownKeys } from '../../lib/record-keys.js';
import { Resource } from '../../lib/resource.js';
import { session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { recordMessages } from '../../messages/records.js';
import { messages as asksMessages } from '../../messages/records-asks.js';
import { messages } from '../../messages/records-page.js';
import { AWAITED } from './forms.js';
import { isOwn, KeyName } from './key-words.js';
import { EVERYTHING, go, type Kind, KINDS, MAX_WORDS_LENGTH, placeAddress, type Query } from './place.js';
import { records, recordsOfKeys, type RecordsPage, type RecordView } from './service.js';
import { MODELS } from './states.js';
import { titleOf } from './facts.js';
import { stepText } from './record-view.js';

/** The records of an organization: what waits for the reader first, then all that match. */
export function ListView({ query }: { readonly query: Query }) {
  const t = messages();
  const canBegin = session.current?.user?.role !== 'auditor';
  return (
    <div class="page records">
      <h1 tabIndex={-1}>{common().records}</h1>
      <p class="lead">{t.lead}</p>
      <div class="record-actions">
        {canBegin
          ? KINDS.map((kind) => (
              <a key={kind} class="button" href={placeAddress({ kind: 'new', of: kind })}>
                {t.begin[kind]}
              </a>
            ))
          : null}
        <a class="button is-quiet" href={placeAddress({ kind: 'keys' })}>
          {t.myKeys}
        </a>
        <a class="button is-quiet" href={placeAddress({ kind: 'asks', ask: 'contract', record: null })}>
          {asksMessages().heading}
        </a>
        <a class="button is-quiet" href={placeAddress({ kind: 'file' })}>
          {t.openEvent}
        </a>
      </div>
      <Waiting />
      <Search query={query} />
      <Found key={JSON.stringify(query)} query={query} />
    </div>
  );
}

/** A step that others wait for, of one of the reader's keys. */
export interface WaitingStep {
  readonly record: RecordView;
  readonly step: NextStep;
  /** By when; null: there is no such time. */
  readonly by: number | null;
}

/** What waits for these keys, the most urgent first. */
export function waitingFor(
  found: readonly RecordView[],
  isMine: (key: string) => boolean,
): readonly WaitingStep[] {
  return found
    .flatMap((record) =>
      record.next
        .filter(({ type, signers }) => AWAITED.has(type) && signers.some(isMine))
        .map((step) => ({ record, step, by: dueOf(record) })),
    )
    .sort((a, b) => (a.by ?? Infinity) - (b.by ?? Infinity));
}

function dueOf({ state }: RecordView): number | null {
  if (state.recovering !== null) return state.recovering.at;
  if (state.kind === 'contract') return state.deadline;
  return state.kind === 'item' ? (state.offer?.until ?? null) : null;
}

function Waiting() {
  const t = messages();
  const keys = ownKeys().map(({ verifierKey }) => verifierKey);
  const resource = useMemo(() => new Resource(() => recordsOfKeys(keys)), [keys.join(' ')]);
  useEffect(() => void resource.load(), [resource]);
  if (keys.length === 0) {
    return (
      <Panel heading={t.waitsHeading}>
        <p>
          {t.waitsNoKey} <a href={placeAddress({ kind: 'keys' })}>{t.makeKey}</a>
        </p>
      </Panel>
    );
  }
  return (
    <Panel heading={t.waitsHeading}>
      <Load of={resource}>
        {(found) => {
          const all = waitingFor(found, isOwn);
          if (all.length === 0) return <p>{t.waitsNothing}</p>;
          return (
            <ul class="record-waits">
              {all.map(({ record, step, by }) => (
                <li key={`${record.id} ${step.type} ${step.party ?? ''} ${step.condition ?? ''}`}>
                  <a href={placeAddress({ kind: 'one', id: record.id, step })}>
                    {`${stepText(step)}: ${titleOf(record)}`}
                  </a>
                  {by === null ? null : <span class="hint"> {t.by(<Time at={by} />)}</span>}
                </li>
              ))}
            </ul>
          );
        }}
      </Load>
    </Panel>
  );
}

function Search({ query }: { readonly query: Query }) {
  const t = messages();
  const shared = recordMessages();
  const words = useMemo(
    () =>
      new FieldState({
        name: 'words',
        optional: true,
        value: query.words,
        check: (value) => (value.length > MAX_WORDS_LENGTH ? common().tooLong : null),
      }),
    [query.words],
  );
  const list = (conditions: Partial<Query>) => {
    go({ kind: 'list', query: { ...query, words: words.value, ...conditions } });
  };
  const statuses = query.kind === null ? [] : MODELS[query.kind].stages.flat();
  return (
    <form
      class="search"
      role="search"
      noValidate
      data-form="search"
      onSubmit={(event) => {
        event.preventDefault();
        if (words.check()) list({});
        else words.input?.focus();
      }}
    >
      <Field of={words} label={t.search} hint={t.searchHint} type="search" />
      <div class="field-row">
        <Select<Kind | ''>
          name="kind"
          label={shared.kind}
          options={[['', t.anyKind], ...KINDS.map((kind) => [kind, shared.kinds[kind]] as const)]}
          value={query.kind ?? ''}
          onChange={(kind) => {
            list({ kind: kind === '' ? null : kind, status: '' });
          }}
        />
        {statuses.length === 0 ? null : (
          <Select<string>
            name="status"
            label={shared.status}
            options={[
              ['', t.anyStatus],
              ...statuses.map((status) => [status, shared.statuses[status]] as const),
            ]}
            value={query.status}
            onChange={(status) => {
              list({ status });
            }}
          />
        )}
      </div>
      <div class="form-actions">
        <Button submit tone="primary" name="search">
          {t.search}
        </Button>
        {placeAddress({ kind: 'list', query }) === '#' ? null : (
          <Button
            tone="quiet"
            onPress={() => {
              go({ kind: 'list', query: EVERYTHING });
            }}
          >
            {t.clear}
          </Button>
        )}
      </div>
    </form>
  );
}

function Found({ query }: { readonly query: Query }) {
  const t = messages();
  const shared = recordMessages();
  const found = useMemo(() => new Resource(() => records(query, null)), []);
  const list = useRef<HTMLTableSectionElement>(null);
  const isAll = placeAddress({ kind: 'list', query }) === '#';
  useEffect(() => void found.load(), [found]);
  const more = async (shown: RecordsPage, next: string) => {
    const page = await records(query, next);
    return { records: [...shown.records, ...page.records], next: page.next };
  };
  return (
    <Load of={found}>
      {(page) =>
        page.records.length === 0 ? (
          <EmptyState
            heading={isAll ? t.noneHeading : t.nothingHeading}
            message={isAll ? t.noneExplained : t.nothingExplained}
            icon="file"
          />
        ) : (
          <>
            <Table
              caption={common().records}
              class="records-table"
              keyOf={({ id }) => id}
              rows={page.records}
              list={list}
              columns={[
                {
                  id: 'title',
                  head: t.title,
                  names: true,
                  cell: (record) => (
                    <a href={placeAddress({ kind: 'one', id: record.id, step: null })}>
                      <bdi>{titleOf(record)}</bdi>
                    </a>
                  ),
                },
                { id: 'kind', head: shared.kind, cell: ({ kind }) => shared.kinds[kind] },
                { id: 'status', head: shared.status, cell: ({ status }) => shared.statuses[status] },
                { id: 'holder', head: shared.holder, cell: ({ holder }) => <KeyName of={holder} /> },
              ]}
            />
            <ShowMore of={found} list={list} label={common().showMore} read={more} />
          </>
        )
      }
    </Load>
  );
}
